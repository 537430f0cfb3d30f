//! The access of a caller to a channel, as values: a [`ChannelAccess`] or a [`ReadAccess`] proves that it was checked.

use std::collections::HashSet;

use crate::db::Conn;
use crate::db::channel_members::ChannelMember;
use crate::db::channels::{self, Channel};
use crate::error::{Error, Result};
use crate::services::auth::permissions::{MemberRole, Membership, Permission, Permissions, Rights};
use crate::services::auth::{Account, Caller, Permit};
use crate::wire::{ChannelId, ChannelKind};

/// Proof that the caller has access to a channel: a member, or an account that may read every channel of a team.
#[derive(Debug)]
pub struct ChannelAccess {
    channel: Channel,
    member: Option<ChannelMember>,
    permissions: Permissions,
}

impl ChannelAccess {
    /// The channel, archived or not.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The caller's membership; `None` if they are not a member.
    pub fn member(&self) -> Option<&ChannelMember> {
        self.member.as_ref()
    }

    /// Whether the caller may administrate the channel, by their account, in its team or as a member.
    pub fn is_admin(&self) -> bool {
        self.may(Permission::ManageChannelRoles)
    }

    /// The channel's identifier.
    pub fn id(&self) -> ChannelId {
        self.channel.id
    }

    /// Whether the caller has a permission here: by their account, in the team, or as a member.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// Fails unless the caller has a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        self.permissions.require(permission)
    }

    /// A permission as a value, for functions that take the proof.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        Permit::of(self.permissions, permission)
    }

    /// Fails unless the caller has `public` in a public channel, or `private` in a private one. In direct and group
    /// channels neither is needed.
    pub fn require_by_kind(&self, public: Permission, private: Permission) -> Result<()> {
        match self.channel.kind {
            ChannelKind::Public => self.require(public),
            ChannelKind::Private => self.require(private),
            ChannelKind::Direct | ChannelKind::Group => Ok(()),
        }
    }
}

/// Proof that the caller may see a channel: they have access to it, or it is public and they may view it as a member of
/// its team.
#[derive(Debug)]
pub struct ReadAccess {
    channel: Channel,
    member: Option<ChannelMember>,
    in_team: bool,
    permissions: Permissions,
}

impl ReadAccess {
    /// The channel, archived or not.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The caller's membership; `None` if they are not a member.
    pub fn member(&self) -> Option<&ChannelMember> {
        self.member.as_ref()
    }

    /// Whether the caller is a member of the channel's team.
    pub fn in_team(&self) -> bool {
        self.in_team
    }

    /// Whether the caller has a permission here.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// Fails unless the caller has a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        self.permissions.require(permission)
    }

    /// A permission as a value, for functions that take the proof.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        Permit::of(self.permissions, permission)
    }

    /// The same proof, if the caller may also read the channel's posts; fails otherwise.
    pub fn content(self) -> Result<Self> {
        let public = self.channel.kind == ChannelKind::Public && self.may(Permission::ReadPublicChannel);
        if public || self.may(Permission::ReadChannelContent) { Ok(self) } else { Err(Error::forbidden()) }
    }
}

/// Checks the caller's access to a channel. Accounts that may read channels have access to every channel of a team,
/// but not to direct and group channels of others.
pub async fn access(conn: &mut Conn, caller: &Caller, id: ChannelId) -> Result<ChannelAccess> {
    access_of(conn, &Account::from(caller), id).await
}

/// Checks an account's access to a channel.
pub async fn access_of(conn: &mut Conn, account: &Account, id: ChannelId) -> Result<ChannelAccess> {
    let place = channels::place(conn, account.org, id, account.id).await?;
    let place = place.ok_or_else(unknown)?;
    let permissions = permissions(&account.rights, &place);
    let (channel, member, _) = place;
    let chief = account.rights.account().has(Permission::ReadChannel) && !channel.is_direct();
    if (member.is_some() && permissions.has(Permission::ReadChannel)) || chief {
        Ok(ChannelAccess { channel, member, permissions })
    } else {
        Err(Error::forbidden())
    }
}

/// Checks that the caller may see a channel: one of their own, or a public one of their teams.
pub async fn visible(conn: &mut Conn, caller: &Caller, id: ChannelId) -> Result<ReadAccess> {
    let place = channels::place(conn, caller.org, id, caller.id).await?;
    view(caller, place.ok_or_else(unknown)?)
}

/// The channels among `ids`, a page of them at most, that the caller is a member of and may read.
pub(in crate::services) async fn readable(
    conn: &mut Conn,
    caller: &Caller,
    ids: impl Iterator<Item = ChannelId>,
) -> Result<HashSet<ChannelId>> {
    let ids: Vec<ChannelId> = ids.collect::<HashSet<_>>().into_iter().collect();
    let places = channels::places(conn, caller.org, &ids, caller.id).await?;
    let read = |place: channels::ChannelWithMember| {
        let view = view(caller, place).and_then(ReadAccess::content).ok()?;
        view.member().map(|_| view.channel().id)
    };
    Ok(places.into_iter().filter_map(read).collect())
}

/// Checks that the caller may see a channel whose row was found in another way than by its identifier.
pub(super) fn view(caller: &Caller, place: channels::ChannelWithMember) -> Result<ReadAccess> {
    let permissions = permissions(&caller.rights(), &place);
    let (channel, member, flags) = place;
    let in_team = flags.is_some();
    let public = channel.kind == ChannelKind::Public && permissions.has(Permission::ReadPublicChannel);
    let chief = caller.may(Permission::ReadChannel) && !channel.is_direct();
    if (member.is_some() && permissions.has(Permission::ReadChannel)) || public || chief {
        Ok(ReadAccess { channel, member, in_team, permissions })
    } else {
        Err(Error::forbidden())
    }
}

fn permissions(rights: &Rights, (channel, member, team): &channels::ChannelWithMember) -> Permissions {
    let membership = Membership {
        team: team.map(|(admin, guest)| MemberRole::of(admin, guest)),
        channel: member.as_ref().map(|m| MemberRole::of(m.admin, m.guest)),
        team_scheme: channel.team_scheme_id,
        channel_scheme: channel.scheme_id,
    };
    rights.in_channel(membership)
}

/// The error for a channel that the caller's organisation does not have.
pub(super) fn unknown() -> Error {
    Error::not_found("app.channel.get.existing.app_error", "Unable to find the existing channel.")
}
