//! Editing, pinning, deleting.

use serde::Deserialize;
use serde_json::Value;

use super::{check_message, check_props, erasure, links, lock, props, with_reactions};
use crate::db;
use crate::db::posts::{Change, Post as Row};
use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, audits};
use crate::services::channels::{ChannelAccess, append, attachments};
use crate::services::platform::Tx;
use crate::services::platform::tasks::PostRef;
use crate::services::platform::texts::hashtags;
use crate::services::posts::Core;
use crate::wire::{Event, FileId, Object, Post, PostId};

/// The fields that an edit changes; an absent field stays.
#[derive(Debug, Default, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct PostPatch {
    pub message: Option<String>,
    pub props: Option<Object>,
    pub is_pinned: Option<bool>,
    pub file_ids: Option<Vec<String>>,
}

/// Edits a post: the caller's own, or another's with the permission to.
pub async fn patch(core: &Core, caller: &Caller, id: PostId, patch: PostPatch) -> Result<Post> {
    if let Some(message) = &patch.message {
        check_message(message)?;
    }
    if let Some(props) = &patch.props {
        check_props(props)?;
    }
    let mut tx = core.begin().await?;
    let (row, access) = lock(&mut tx, caller, id).await?;
    let needed = if row.user_id == caller.id { Permission::EditPost } else { Permission::EditOthersPosts };
    access.require(needed)?;
    access.require(Permission::CreatePost)?;
    check_editable(&row, &access)?;
    let files = rehang(&mut tx, caller, (&row, &access), patch.file_ids.as_deref()).await?;
    if row.user_id != caller.id {
        audits::note(&mut tx, caller, "/api/v4/posts/patch", id, &format!("of user_id={}", row.user_id))
            .await?;
    }
    let change = change(&mut tx, &row, patch, files).await?;
    if let Some(message) = &change.message {
        links::follow(core, &mut tx, PostRef { org: caller.org, post: id }, message).await?;
    }
    finish(tx, id, &change).await
}

/// Replaces a post: a field that the body lacks becomes empty.
pub async fn update(
    core: &Core,
    caller: &Caller,
    id: PostId,
    body_id: Option<PostId>,
    body: PostPatch,
) -> Result<Post> {
    if body_id != Some(id) {
        return Err(Error::body("id"));
    }
    let whole = PostPatch { message: Some(body.message.unwrap_or_default()), ..body };
    patch(core, caller, id, whole).await
}

/// Pins a post to its channel, or unpins it; no error if that is its state already.
pub async fn set_pinned(core: &Core, caller: &Caller, id: PostId, pinned: bool) -> Result<()> {
    let mut tx = core.begin().await?;
    let (row, access) = lock(&mut tx, caller, id).await?;
    access.require(Permission::CreatePost)?;
    check_open(&access, EDIT_ARCHIVED)?;
    if row.is_pinned == pinned {
        return Ok(());
    }
    finish(tx, id, &Change { is_pinned: Some(pinned), ..Change::default() }).await?;
    Ok(())
}

/// Deletes a post with its replies: the caller's own, or another's with the permission to.
pub async fn delete(core: &Core, caller: &Caller, id: PostId) -> Result<()> {
    let mut tx = core.begin().await?;
    // Locked in the order that everybody uses: the channel, the thread's root, the post.
    let known = db::posts::find(&mut tx, caller.org, id).await?;
    if let Some(known) = &known {
        db::channels::lock(&tx, &[known.channel_id]).await?;
    }
    let root = known.and_then(|p| p.root_id);
    if let Some(root) = root {
        db::posts::lock(&mut tx, caller.org, root).await?;
    }
    let (row, access) = lock(&mut tx, caller, id).await?;
    let needed =
        if row.user_id == caller.id { Permission::DeletePost } else { Permission::DeleteOthersPosts };
    access.require(needed)?;
    check_open(&access, DELETE_ARCHIVED)?;
    db::files::delete_with_post(&mut tx, id).await?;
    db::posts::pass(&mut tx, row.channel_id, id, append::UNCOUNTED).await?;
    let deleted = db::posts::delete(&mut tx, id).await?;
    erasure::from_log(&mut tx, row.channel_id, &deleted).await?;
    if row.user_id != caller.id {
        audits::note(&mut tx, caller, "/api/v4/posts/delete", id, &format!("of user_id={}", row.user_id))
            .await?;
    }
    let gone = db::posts::find(&mut tx, caller.org, id).await?.unwrap_or(row);
    tx.emit(Event::PostDeleted { post: Box::new(crate::services::channels::append::shape(gone)) });
    if let Some(root) = root
        && let Some(root) = db::posts::unreplied(&mut tx, root).await?
    {
        let root = with_reactions(&mut tx, root).await?;
        tx.emit(Event::PostEdited { post: Box::new(root) });
    }
    tx.commit().await
}

/// Replaces a post's files by those that stay and new ones of the caller's. Files that are removed are deleted. `None`
/// where nothing changes.
async fn rehang(
    tx: &mut Tx,
    caller: &Caller,
    (row, access): (&Row, &ChannelAccess),
    wanted: Option<&[String]>,
) -> Result<Option<Vec<FileId>>> {
    let Some(wanted) = wanted else { return Ok(None) };
    let mut ids = attachments::named(wanted)?;
    let new: Vec<FileId> = ids.iter().copied().filter(|id| !row.file_ids.contains(id)).collect();
    if !new.is_empty() {
        access.require(Permission::UploadFile)?;
    }
    let mut free = if new.is_empty() { Vec::new() } else { db::files::lock_unposted(tx, &new).await? };
    free.retain(|f| f.user_id == caller.id && f.channel_id == Some(row.channel_id));
    ids.retain(|id| row.file_ids.contains(id) || free.iter().any(|f| f.id == *id));
    if ids == row.file_ids {
        return Ok(None);
    }
    let (free, posts): (Vec<_>, Vec<_>) = free.iter().map(|f| (f.id, row.id)).unzip();
    db::files::attach(tx, &free, &posts).await?;
    let gone: Vec<FileId> = row.file_ids.iter().copied().filter(|id| !ids.contains(id)).collect();
    db::files::delete(tx, &gone).await?;
    Ok(Some(ids))
}

async fn change(tx: &mut Tx, row: &Row, patch: PostPatch, files: Option<Vec<FileId>>) -> Result<Change> {
    let text = patch.message.filter(|m| *m != row.message);
    let edit_at = if text.is_some() || files.is_some() { Some(db::clock::now(tx).await?) } else { None };
    Ok(Change {
        hashtags: text.as_deref().map(hashtags),
        message: text,
        props: patch.props.map(|new| Value::Object(props::edited(new, &row.props))),
        is_pinned: patch.is_pinned,
        edit_at,
        file_ids: files,
    })
}

async fn finish(mut tx: Tx, id: PostId, change: &Change) -> Result<Post> {
    let row = db::posts::change(&mut tx, id, change).await?;
    let post = with_reactions(&mut tx, row).await?;
    tx.emit(Event::PostEdited { post: Box::new(post.clone()) });
    tx.commit().await?;
    Ok(post)
}

fn check_editable(row: &Row, access: &ChannelAccess) -> Result<()> {
    if row.kind.starts_with("system_") {
        return Err(Error::invalid(
            "api.post.update_post.system_message.app_error",
            "Unable to update system message.",
        ));
    }
    check_open(access, EDIT_ARCHIVED)
}

/// The error for editing a post in an archived channel: its identifier and message.
const EDIT_ARCHIVED: (&str, &str) = (
    "api.post.update_post.can_not_update_post_in_deleted.error",
    "Can not update a post in a deleted channel.",
);

/// The error for deleting a post in an archived channel.
const DELETE_ARCHIVED: (&str, &str) = (
    "api.post.delete_post.can_not_delete_post_in_deleted.error",
    "Can not delete a post in a deleted channel.",
);

fn check_open(access: &ChannelAccess, (id, message): (&'static str, &'static str)) -> Result<()> {
    if !access.channel().is_archived() { Ok(()) } else { Err(Error::new(Kind::Invalid, id, message)) }
}
