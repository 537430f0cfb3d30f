//! Custom emoji: small pictures with a name, unique in the organisation. Members may create them and delete their own,
//! administrators anybody's. Reactions keep the name of a deleted emoji.

mod posts;
mod standard;

use bytes::Bytes;
use pictures::Format;
use serde::Deserialize;

use crate::db::emoji::{Emoji as Row, NewEmoji as NewRow, Part};
use crate::db::{self, Conn};
use crate::error::{Error, Kind, Result};
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Permit};
use crate::services::platform::storage::Key;
use crate::services::posts::Core;
use crate::wire::{Emoji, EmojiId, Event, OrgId, UserId};

pub use crate::db::emoji::Order;
pub use posts::fill;
use standard::is_everywhere;

/// Bytes of an uploaded picture at most.
pub const MOST_UPLOADED: usize = 512 << 10;

/// Bytes of a stored picture at most: animated ones may grow when they are encoded again.
const MOST_KEPT: usize = 8 << 20;

/// The most pixels of a side.
const SIDE: u32 = 128;

/// Characters of a name at most.
const LONGEST: usize = 64;

/// Names in one request at most.
const MOST_NAMES: usize = 200;

/// Results of a search or a completion at most.
const MOST_FOUND: i64 = 100;

/// A new emoji.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct NewEmoji {
    pub creator_id: UserId,
    pub name: String,
}

/// A search for emoji.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct EmojiSearch {
    pub term: String,
    #[serde(default)]
    pub prefix_only: bool,
}

/// A picture that was found, but not yet read.
#[derive(Debug)]
pub struct Picture {
    /// The entity tag, which changes with the picture.
    pub etag: String,
    /// The media type.
    pub mime: &'static str,
    key: Key,
}

impl Picture {
    /// Reads the file.
    pub async fn read(self, core: &Core) -> Result<Bytes> {
        core.storage.read(&self.key, MOST_KEPT).await?.ok_or_else(|| {
            Error::not_found("app.emoji.get_image.read.app_error", "Unable to read the emoji's picture.")
        })
    }
}

/// Creates an emoji from a picture.
pub async fn create(core: &Core, caller: &Caller, new: NewEmoji, file: Bytes) -> Result<Emoji> {
    if new.creator_id != caller.id {
        return Err(Error::forbidden());
    }
    let permit = caller.permit(Permission::CreateEmojis)?;
    check_name(&new.name)?;
    if file.len() > MOST_UPLOADED {
        return Err(too_large());
    }
    let made = core.pictures.icon(file, SIDE).await;
    let made =
        made.map_err(|refusal| Error::unusable_picture("api.emoji.upload.image.app_error", refusal))?;
    let id = EmojiId::new();
    core.storage.put(key(caller.org, id), made.bytes.into()).await?;
    let row =
        NewRow { id, org_id: caller.org, creator_id: caller.id, name: &new.name, mime: made.format.mime() };
    let kept = keep(core, &permit, row).await;
    if kept.is_err() {
        forget(core, caller.org, id).await;
    }
    kept
}

async fn keep(core: &Core, _: &Permit, new: NewRow<'_>) -> Result<Emoji> {
    let mut tx = core.begin().await?;
    let inserted = db::emoji::insert(&mut tx, &new).await;
    let row = inserted.map_err(|e| db::translate(e, &[("emoji_name_key", taken)]))?;
    let emoji = shape(row);
    tx.emit(Event::EmojiAdded { org_id: new.org_id, emoji: emoji.clone() });
    tx.commit().await?;
    Ok(emoji)
}

/// Lists a page of the organisation's emoji.
pub async fn list(core: &Core, caller: &Caller, order: Order, offset: i64, limit: i64) -> Result<Vec<Emoji>> {
    let mut conn = core.read().await?;
    let rows = db::emoji::list(&mut conn, caller.org, order, offset, limit).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// The emoji `id`.
pub async fn get(core: &Core, caller: &Caller, id: EmojiId) -> Result<Emoji> {
    Ok(shape(find(core, caller, id).await?))
}

/// The emoji with the name `name`.
pub async fn by_name(core: &Core, caller: &Caller, name: &str) -> Result<Emoji> {
    let found = by_names(core, caller, &[name.to_owned()]).await?.pop();
    found.ok_or_else(no_such_name)
}

fn no_such_name() -> Error {
    Error::not_found("app.emoji.get_by_name.no_result", "We could not find the emoji by name.")
}

/// The emoji with the names `names`; unknown ones are left out.
pub async fn by_names(core: &Core, caller: &Caller, names: &[String]) -> Result<Vec<Emoji>> {
    if names.len() > MOST_NAMES {
        let message = format!("Too many names: at most {MOST_NAMES} at a time.");
        return Err(Error::invalid("api.emoji.get_multiple_by_name_too_many.request_error", message));
    }
    let mut conn = core.read().await?;
    let rows = db::emoji::by_names(&mut conn, caller.org, names).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// Finds emoji by a part of their name.
pub async fn search(core: &Core, caller: &Caller, search: &EmojiSearch) -> Result<Vec<Emoji>> {
    if search.term.is_empty() {
        return Err(Error::body("term"));
    }
    let part = if search.prefix_only { Part::Beginning } else { Part::Any };
    found(core, caller, &search.term, part).await
}

/// Completes the name of an emoji.
pub async fn autocomplete(core: &Core, caller: &Caller, name: &str) -> Result<Vec<Emoji>> {
    if name.is_empty() {
        return Err(Error::param("name"));
    }
    found(core, caller, name, Part::Beginning).await
}

async fn found(core: &Core, caller: &Caller, term: &str, part: Part) -> Result<Vec<Emoji>> {
    let mut conn = core.read().await?;
    let rows = db::emoji::search(&mut conn, caller.org, term, part, MOST_FOUND).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// Deletes an emoji; its creator may, and administrators.
pub async fn delete(core: &Core, caller: &Caller, id: EmojiId) -> Result<()> {
    let row = find(core, caller, id).await?;
    let is_own = row.creator_id == Some(caller.id);
    let needed = if is_own { Permission::DeleteEmojis } else { Permission::DeleteOthersEmojis };
    take_out(core, caller, &row, &caller.permit(needed)?).await?;
    forget(core, caller.org, id).await;
    Ok(())
}

async fn take_out(core: &Core, caller: &Caller, row: &Row, _: &Permit) -> Result<()> {
    let mut tx = core.begin().await?;
    if !db::emoji::delete(&mut tx, caller.org, row.id).await? {
        return Err(missing());
    }
    if row.creator_id != Some(caller.id) {
        audits::note(&mut tx, caller, "/api/v4/emoji/delete", Subject::of("emoji", row.id.0), &row.name)
            .await?;
    }
    tx.commit().await
}

/// The picture of an emoji.
pub async fn picture(core: &Core, caller: &Caller, id: EmojiId) -> Result<Picture> {
    let row = find(core, caller, id).await?;
    let mime = if row.mime == Format::Gif.mime() { Format::Gif.mime() } else { Format::Png.mime() };
    Ok(Picture { etag: format!("emoji.{id}"), mime, key: key(caller.org, id) })
}

async fn find(core: &Core, caller: &Caller, id: EmojiId) -> Result<Row> {
    db::emoji::find(&mut *core.read().await?, caller.org, id).await?.ok_or_else(missing)
}

async fn forget(core: &Core, org: OrgId, id: EmojiId) {
    if let Err(error) = core.storage.delete(&key(org, id)).await {
        tracing::warn!(%error, "the picture of an emoji that is gone stays in the storage");
    }
}

fn key(org: OrgId, id: EmojiId) -> Key {
    Key::new(org, "emoji", id.0)
}

fn shape(row: Row) -> Emoji {
    Emoji {
        id: row.id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: 0,
        creator_id: row.creator_id,
        name: row.name,
    }
}

/// Validates a name: letters, digits, `+`, `-` and `_`, and not the name of a standard emoji.
fn check_name(name: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"+-_".contains(&b);
    if name.is_empty() || name.len() > LONGEST || !name.bytes().all(fits) {
        let message = "The name of an emoji has 1 to 64 letters, digits, +, - and _.";
        return Err(Error::invalid("model.emoji.name.app_error", message));
    }
    if is_everywhere(name) {
        let message = "This is the name of an emoji that everybody has already.";
        return Err(Error::invalid("model.emoji.system_emoji_name.app_error", message));
    }
    Ok(())
}

/// All names of an emoji, first the one that reactions are stored under.
pub(crate) fn names(name: &str) -> Vec<&str> {
    let known = standard::names(name);
    if known.is_empty() { vec![name] } else { known.iter().map(String::as_str).collect() }
}

/// Fails unless the name is that of a standard emoji or of one of the organisation's.
pub(crate) async fn check_known(conn: &mut Conn, org: OrgId, name: &str) -> Result<()> {
    let known = is_everywhere(name) || !db::emoji::by_names(conn, org, &[name.to_owned()]).await?.is_empty();
    if known { Ok(()) } else { Err(no_such_name()) }
}

/// The error for a picture of more than [`MOST_UPLOADED`] bytes.
pub fn too_large() -> Error {
    let message = "The picture of an emoji must be smaller than 512 KiB.";
    Error::new(Kind::TooLarge, "api.emoji.create.too_large.app_error", message)
}

fn taken() -> Error {
    Error::conflict("api.emoji.create.duplicate.app_error", "Another emoji has this name already.")
}

fn missing() -> Error {
    Error::not_found("app.emoji.get.no_result", "We could not find the emoji.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_and_new() {
        for name in ["party_ferris", "UP", "a+b-c_1"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let long = "a".repeat(65);
        for name in ["", "two words", "ünder", "a:b", "../x", "<b>", "smile", "+1", &long] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
