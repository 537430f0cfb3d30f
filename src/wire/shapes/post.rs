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
    /// When it was posted: the database's clock.
    pub create_at: Millis,
    /// When it or what hangs on it (reactions, replies) last changed.
    pub update_at: Millis,
    /// When its text was last edited.
    pub edit_at: Millis,
    /// When it was deleted.
    pub delete_at: Millis,
    /// Whether it is pinned to its channel.
    pub is_pinned: bool,
    /// Who wrote it.
    pub user_id: UserId,
    /// Where.
    pub channel_id: ChannelId,
    /// The post that it answers; empty outside threads.
    #[serde(with = "or_empty")]
    pub root_id: Option<PostId>,
    /// The post that this is an old version of; always empty here.
    pub original_id: String,
    /// The text, Markdown.
    pub message: String,
    /// Empty for people's posts, `system_…` for notices.
    #[serde(rename = "type")]
    pub kind: String,
    /// Free-form facts.
    pub props: Object,
    /// The hashtags of the text, with spaces between.
    pub hashtags: String,
    /// Attached files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file_ids: Vec<FileId>,
    /// What the sender called it before it had an id.
    pub pending_post_id: String,
    /// Whether anybody reacted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_reactions: bool,
    /// Replies in its thread.
    pub reply_count: i64,
    /// When the last reply came.
    pub last_reply_at: Millis,
    /// Participants of the thread; filled for thread lists only.
    pub participants: Option<Vec<serde_json::Value>>,
    /// What the text refers to.
    pub metadata: PostMetadata,
}

/// What hangs on a post.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostMetadata {
    /// Its files, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileInfo>,
    /// What its first link leads to, or that it has attachments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub embeds: Vec<PostEmbed>,
    /// The custom emoji in its text and on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emojis: Vec<Emoji>,
    /// The sizes of pictures that it shows, by their addresses.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, PostImage>,
    /// Its reactions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

/// What a link of a post leads to.
#[derive(Debug, Clone, Serialize)]
pub struct PostEmbed {
    /// `opengraph`, `image`, `link` or `message_attachment`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What a page says of itself, of `opengraph`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// The size of a picture.
#[derive(Debug, Clone, Serialize)]
pub struct PostImage {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `png`, `jpeg`, `gif` or `webp`.
    pub format: String,
    /// Pictures in it, if it moves; otherwise 0.
    pub frame_count: u32,
}

/// Posts by id, and the order to show them in: newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PostList {
    /// Newest first.
    pub order: Vec<PostId>,
    /// The posts of the order, and the roots of the threads that they belong to.
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
    /// Nothing is hidden: 0.
    pub first_inaccessible_post_time: Millis,
}

/// What a search found.
#[derive(Debug, Clone, Serialize)]
pub struct PostSearchResults {
    /// The posts.
    #[serde(flatten)]
    pub list: PostList,
    /// The words that matched, by post; not told.
    pub matches: Option<Object>,
}

/// Somebody's emoji on a post.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reaction {
    /// Whose.
    pub user_id: UserId,
    /// On which post.
    pub post_id: PostId,
    /// The emoji's name, without colons.
    pub emoji_name: String,
    /// When.
    pub create_at: Millis,
    /// When again.
    pub update_at: Millis,
    /// When taken back.
    pub delete_at: Millis,
    /// From another server: never.
    pub remote_id: Option<String>,
    /// The post's channel.
    pub channel_id: ChannelId,
}
