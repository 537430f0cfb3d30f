//! Posts: making, reading, editing, deleting. How a post gets its number and who hears of it is in `append`.

mod create;
mod edit;
mod erasure;
mod links;
mod list;
mod props;
mod retention;
mod view;

use crate::db::posts::Post as Row;
use crate::db::{self, Conn};
use crate::error::{Error, Kind, Result};
use crate::services::auth::{Caller, Permit};
use crate::services::channels::{self, Seat, View};
use crate::services::permissions::Permission;
use crate::wire::PostId;

pub use crate::db::posts::Walk;
pub use create::{Ephemeral, NewPost, announce_ephemeral, create};
pub use edit::{PostPatch, delete, patch, set_pinned, update};
pub use list::{Around, Slice, Window, around, by_ids, flagged, page, pinned, since, thread, unread_window};
pub use retention::retain;
pub use view::{files, list_of, one, reaction, with_reactions};

/// Characters that a message may have.
const MAX_MESSAGE: usize = 16_383;

/// Bytes that a post's properties may have as JSON.
const MAX_PROPS: usize = 800_000;

/// Whether deleted posts are shown, with what they said.
#[derive(Debug, Clone, Copy)]
pub enum Deleted {
    /// They are not, or only as what is left of them.
    Hidden,
    /// They are, to somebody who may manage the system.
    Shown(Permit),
}

impl Deleted {
    /// What the caller asks for, if they may.
    pub fn asked(caller: &Caller, shown: bool) -> Result<Self> {
        if shown { caller.permit(Permission::ManageSystem).map(Self::Shown) } else { Ok(Self::Hidden) }
    }

    fn are_shown(self) -> bool {
        matches!(self, Self::Shown(_))
    }
}

/// A living post that the caller may see, and the proof.
pub async fn visible(conn: &mut Conn, caller: &Caller, id: PostId) -> Result<(Row, View)> {
    let post =
        db::posts::find(conn, caller.org, id).await?.filter(|p| p.delete_at == 0).ok_or_else(unknown)?;
    let view = channels::visible(conn, caller, post.channel_id).await.map_err(hidden)?;
    Ok((post, view.content()?))
}

/// A living post in a channel where the caller has a seat; its row is locked until the transaction ends.
pub async fn lock(conn: &mut Conn, caller: &Caller, id: PostId) -> Result<(Row, Seat)> {
    let post =
        db::posts::lock(conn, caller.org, id).await?.filter(|p| p.delete_at == 0).ok_or_else(unknown)?;
    let seat = channels::seat(conn, caller, post.channel_id).await.map_err(hidden)?;
    Ok((post, seat))
}

/// A post of another organisation's channel looks like one that does not exist.
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

fn check_props(props: &crate::wire::Object) -> Result<()> {
    if crate::wire::to_text(props).len() > MAX_PROPS {
        return Err(Error::invalid("model.post.is_valid.props.app_error", "Invalid props."));
    }
    Ok(())
}
