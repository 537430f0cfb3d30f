//! The shape of a post on the wire, and its row.

use serde_json::Value;

use crate::db::posts::Post as Row;
use crate::services::channels::post_queue::PendingPost;
use crate::wire::{Object, Post, PostMetadata};

/// The wire shape of a row, without metadata from other tables. A deleted post is blanked.
pub fn shape(row: Row) -> Post {
    let post = undeleted(row);
    if post.delete_at == 0 { post } else { post.blank() }
}

/// The wire shape of a row with the text of a deleted post, for those who may see it.
pub fn undeleted(row: Row) -> Post {
    Post {
        id: row.id,
        create_at: row.create_at,
        update_at: row.update_at,
        edit_at: row.edit_at,
        delete_at: row.delete_at,
        is_pinned: row.is_pinned,
        user_id: row.user_id,
        channel_id: row.channel_id,
        root_id: row.root_id,
        original_id: String::new(),
        message: row.message,
        kind: row.kind,
        props: object(row.props),
        hashtags: row.hashtags,
        file_ids: row.file_ids,
        pending_post_id: row.pending_post_id,
        has_reactions: row.has_reactions,
        reply_count: row.reply_count,
        last_reply_at: row.last_reply_at,
        participants: None,
        metadata: PostMetadata::default(),
    }
}

/// The row of a pending post, without number, time and mentions.
pub(super) fn row_of(pending: &PendingPost) -> Row {
    Row {
        id: pending.id,
        channel_id: pending.channel,
        seq: 0,
        user_id: pending.author,
        root_id: pending.root,
        kind: pending.kind.clone(),
        message: pending.message.clone(),
        props: Value::Object(pending.props.clone()),
        hashtags: pending.reading.hashtags.clone(),
        pending_post_id: pending.pending_id.clone(),
        mentions_all: false,
        mentions: Vec::new(),
        is_pinned: false,
        has_reactions: false,
        reply_count: 0,
        last_reply_at: 0,
        create_at: 0,
        update_at: 0,
        edit_at: 0,
        delete_at: 0,
        file_ids: Vec::new(),
    }
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Object::new(),
    }
}

/// The shape of a pending post that is shown but never stored.
pub fn unposted(pending: &PendingPost, now: crate::wire::Millis) -> Post {
    let mut post = shape(row_of(pending));
    (post.create_at, post.update_at) = (now, now);
    post
}
