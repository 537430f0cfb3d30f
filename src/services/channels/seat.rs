//! What a caller may do in a channel, as values: who holds a [`Seat`] or a [`View`] was let in.

use crate::db::Conn;
use crate::db::channel_members::ChannelMember;
use crate::db::channels::{self, Channel};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::wire::ChannelId;

/// Proof that the caller belongs in a channel: its member, or an administrator of the organisation.
#[derive(Debug)]
pub struct Seat {
    channel: Channel,
    member: Option<ChannelMember>,
    admin: bool,
}

impl Seat {
    /// The channel, archived or not.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The caller's place; none for an administrator of the organisation who is not in it.
    pub fn member(&self) -> Option<&ChannelMember> {
        self.member.as_ref()
    }

    /// Whether the caller administrates the channel, its team or the organisation.
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// The channel's identifier.
    pub fn id(&self) -> ChannelId {
        self.channel.id
    }
}

/// Proof that the caller may look at a channel: who has a seat, and for a public channel everybody of its team.
#[derive(Debug)]
pub struct View {
    channel: Channel,
    member: Option<ChannelMember>,
    in_team: bool,
}

impl View {
    /// The channel, archived or not.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The caller's place, if they are in it.
    pub fn member(&self) -> Option<&ChannelMember> {
        self.member.as_ref()
    }

    /// Whether the caller is in the channel's team.
    pub fn in_team(&self) -> bool {
        self.in_team
    }
}

/// The caller's seat in a channel. Administrators of the organisation have one in every channel of a team; what two or
/// a few people say among themselves is nobody else's.
pub async fn seat(conn: &mut Conn, caller: &Caller, id: ChannelId) -> Result<Seat> {
    let place = channels::place(conn, caller.org, id, caller.id).await?;
    let (channel, member, team_admin) = place.ok_or_else(unknown)?;
    let chief = caller.is_admin() && !channel.is_direct();
    if member.is_none() && !chief {
        return Err(Error::forbidden());
    }
    let admin = chief || team_admin == Some(true) || member.as_ref().is_some_and(|m| m.admin);
    Ok(Seat { channel, member, admin })
}

/// What the caller may look at: their own channels, and the public ones of their teams.
pub async fn visible(conn: &mut Conn, caller: &Caller, id: ChannelId) -> Result<View> {
    let place = channels::place(conn, caller.org, id, caller.id).await?;
    view(caller, place.ok_or_else(unknown)?)
}

/// Judges a place that was found otherwise than by the channel's identifier.
pub(super) fn view(caller: &Caller, (channel, member, in_team): channels::Place) -> Result<View> {
    let public = channel.kind == "O" && in_team.is_some();
    let chief = caller.is_admin() && !channel.is_direct();
    if member.is_none() && !public && !chief {
        return Err(Error::forbidden());
    }
    Ok(View { channel, member, in_team: in_team.is_some() })
}

/// No such channel in the caller's organisation.
pub(super) fn unknown() -> Error {
    Error::not_found("app.channel.get.existing.app_error", "Unable to find the existing channel.")
}
