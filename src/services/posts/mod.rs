//! Posts: creating, reading, editing, deleting. How a post gets its number and its audience is in `append`.

mod create;
mod edit;
pub mod emoji;
mod erasure;
mod links;
mod list;
pub mod previews;
mod props;
pub mod reactions;
mod retention;
pub mod search;
mod view;

use crate::db::posts::{Post as Row, Which};
use crate::db::{self, Conn};
use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Permit};
use crate::services::channels::{self, ChannelAccess, ReadAccess};
use crate::wire::PostId;

pub use crate::db::posts::Walk;
pub use crate::services::files::Core;
pub use create::{Ephemeral, NewPost, announce_ephemeral, create};
pub use edit::{PostPatch, delete, patch, set_pinned, update};
pub use links::preview;
pub(in crate::services) use list::read;
pub use list::{
    Around, Slice, Window, around, by_ids, flagged, page, pinned, places, since, thread, unread_window,
};
pub use retention::retain;
use view::{Gathered, gather, gather_all};
pub use view::{MAX_REACTIONS, files, list_of, one, reaction, with_reactions};

/// The most characters of a message.
const MAX_MESSAGE: usize = 16_383;

/// The most bytes of a post's properties as JSON.
const MAX_PROPS: usize = 800_000;

/// The most values in a post's properties, at all depths.
const MAX_VALUES: usize = 10_000;

/// Whether deleted posts are shown with their contents.
#[derive(Debug, Clone, Copy)]
pub enum Deleted {
    /// Deleted posts are left out, or shown without their contents.
    Hidden,
    /// Deleted posts are shown, to a caller who may manage the system.
    Shown(Permit),
}

impl Deleted {
    /// The mode that the caller asks for; an error if they lack the permission.
    pub fn asked(caller: &Caller, shown: bool) -> Result<Self> {
        if shown { caller.permit(Permission::ManageSystem).map(Self::Shown) } else { Ok(Self::Hidden) }
    }

    fn are_shown(self) -> bool {
        matches!(self, Self::Shown(_))
    }

    /// The posts that a query includes.
    fn which(self) -> Which {
        if self.are_shown() { Which::All } else { Which::Living }
    }
}

/// A post that is not deleted and that the caller may see, and the proof of access.
pub async fn visible(conn: &mut Conn, caller: &Caller, id: PostId) -> Result<(Row, ReadAccess)> {
    let post =
        db::posts::find(conn, caller.org, id).await?.filter(|p| p.delete_at == 0).ok_or_else(unknown)?;
    let view = channels::visible(conn, caller, post.channel_id).await.map_err(hidden)?;
    Ok((post, view.content()?))
}

/// A post that is not deleted, in a channel to which the caller has access; its row is locked until the transaction
/// ends.
pub async fn lock(conn: &mut Conn, caller: &Caller, id: PostId) -> Result<(Row, ChannelAccess)> {
    let post =
        db::posts::lock(conn, caller.org, id).await?.filter(|p| p.delete_at == 0).ok_or_else(unknown)?;
    let access = channels::access(conn, caller, post.channel_id).await.map_err(hidden)?;
    Ok((post, access))
}

/// Makes a post of another organisation's channel look like one that does not exist.
fn hidden(error: Error) -> Error {
    if error.kind == Kind::NotFound { unknown() } else { error }
}

fn unknown() -> Error {
    Error::not_found("app.post.get.app_error", "Unable to get the post.")
}

fn check_message(message: &str) -> Result<()> {
    if message.chars().count() > MAX_MESSAGE {
        return Err(Error::invalid("model.post.is_valid.msg.app_error", "Invalid message."));
    }
    Ok(())
}

/// The bytes of properties as JSON; an error if they are too many. Small values take far more memory than bytes, so
/// they are counted too.
fn check_props(props: &crate::wire::Object) -> Result<usize> {
    let bytes = if props.is_empty() { 2 } else { crate::wire::to_text(props).len() };
    let mut left = MAX_VALUES;
    if bytes > MAX_PROPS || !props.values().all(|value| spend(value, &mut left)) {
        return Err(Error::invalid("model.post.is_valid.props.app_error", "Invalid props."));
    }
    Ok(bytes)
}

/// Subtracts the number of values in `value` from `left`; false if there were too many. The parser limits the depth.
fn spend(value: &serde_json::Value, left: &mut usize) -> bool {
    use serde_json::Value;
    let Some(rest) = left.checked_sub(1) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| spend(item, left)),
        Value::Object(fields) => fields.values().all(|field| spend(field, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
