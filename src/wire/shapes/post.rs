//! Posts, lists of posts, reactions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wire::id::or_empty;
use crate::wire::{ChannelId, Emoji, FileId, FileInfo, Millis, Object, PostId, UserId};

/// A message, a reply, or a notice of the system.
#[derive(Debug, Clone, Serialize)]
pub struct Post {
    /// Its identifier.
    pub id: PostId,
    /// The time of posting, by the database's clock.
    pub create_at: Millis,
    /// The time of the last change of the post, its reactions or its replies.
    pub update_at: Millis,
    /// The time of the last edit of its text.
    pub edit_at: Millis,
    /// The time of its deletion; 0 if it is not deleted.
    pub delete_at: Millis,
    /// Whether it is pinned to its channel.
    pub is_pinned: bool,
    /// The author.
    pub user_id: UserId,
    /// The channel.
    pub channel_id: ChannelId,
    /// The first post of its thread; empty outside threads.
    #[serde(with = "or_empty")]
    pub root_id: Option<PostId>,
    /// The post that this is an old version of; always empty here.
    pub original_id: String,
    /// The text, Markdown.
    pub message: String,
    /// The type: empty for people's posts, `system_…` for notices.
    #[serde(rename = "type")]
    pub kind: String,
    /// Free-form properties.
    pub props: Object,
    /// The hashtags of the text, separated by spaces.
    pub hashtags: String,
    /// Attached files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_ids: Vec<FileId>,
    /// The sender's own identifier of the post.
    pub pending_post_id: String,
    /// Whether it has reactions.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_reactions: bool,
    /// Replies in its thread.
    pub reply_count: i64,
    /// The time of the last reply.
    pub last_reply_at: Millis,
    /// Participants of the thread; filled for thread lists only.
    pub participants: Option<Vec<serde_json::Value>>,
    /// The files, previews, emoji and reactions of the post.
    pub metadata: PostMetadata,
}

/// The metadata of a post.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostMetadata {
    /// Its files, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileInfo>,
    /// A preview of its first link, or a mark that it has attachments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub embeds: Vec<PostEmbed>,
    /// The custom emoji in its text and its reactions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emojis: Vec<Emoji>,
    /// The sizes of pictures that it shows, by their addresses.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, PostImage>,
    /// Its reactions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// The preview of a link.
#[derive(Debug, Clone, Serialize)]
pub struct PostEmbed {
    /// `opengraph`, `image`, `link` or `message_attachment`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The page's own description; only for `opengraph`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// The size of a picture.
#[derive(Debug, Clone, Serialize)]
pub struct PostImage {
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// `png`, `jpeg`, `gif` or `webp`.
    pub format: String,
    /// The number of frames of an animation; otherwise 0.
    pub frame_count: u32,
}

/// Posts by id, and the order to show them in: newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostList {
    /// Newest first.
    pub order: Vec<PostId>,
    /// The posts of the order, and the first posts of their threads.
    pub posts: BTreeMap<String, Post>,
    /// The next newer post, if there is one.
    #[serde(with = "or_empty")]
    pub next_post_id: Option<PostId>,
    /// The next older post, if there is one.
    #[serde(with = "or_empty")]
    pub prev_post_id: Option<PostId>,
    /// Whether a thread has more than this page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_next: Option<bool>,
    /// Always 0: no post is hidden.
    pub first_inaccessible_post_time: Millis,
}

/// The result of a post search.
#[derive(Debug, Clone, Serialize)]
pub struct PostSearchResults {
    /// The posts.
    #[serde(flatten)]
    pub list: PostList,
    /// The words that matched, by post; not supported.
    pub matches: Option<Object>,
}

/// A reaction: an account's emoji on a post.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reaction {
    /// The account that reacted.
    pub user_id: UserId,
    /// The post.
    pub post_id: PostId,
    /// The emoji's name, without colons.
    pub emoji_name: String,
    /// The time of the reaction.
    pub create_at: Millis,
    /// The time of the reaction, again.
    pub update_at: Millis,
    /// The time at which it was removed; 0 if it was not.
    pub delete_at: Millis,
    /// Never set: there are no reactions of other servers.
    pub remote_id: Option<String>,
    /// The post's channel.
    pub channel_id: ChannelId,
}
