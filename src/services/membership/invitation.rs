//! Invitations to a team: its invite code, which anybody may pass on, and invitations that are mailed to one address
//! and work once. A mailed one gives no more than its sender may give: that is checked when it is sent, and again when
//! it is used. `invite` sends invitations, `accept` accepts them.

use std::sync::Arc;

use crate::db::Conn;
use crate::db::team_invitations::{self, Invitation as Mailed};
use crate::db::teams::{self as rows, Team};
use crate::error::{Error, Result};
use crate::services::auth::Account;
use crate::services::auth::permissions::{Permission, RoleSet};
use crate::services::channels;
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::platform::keys::Purpose;
use crate::services::teams::{self, TeamAccess};
use crate::services::users::Way;
use crate::wire::{self, ChannelId, OrgId, TeamId, TeamInvite};

/// The secret by which an invitation is found.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// The invite code of a team.
    Code(&'a str),
    /// The token of a mailed invitation.
    Token(&'a str),
}

/// A valid invitation.
#[derive(Debug)]
pub(super) enum Invitation {
    /// The invite code of a team.
    Open(Team),
    /// A mailed invitation, with those of its channels to which its sender may still add people.
    Mailed(Team, Mailed),
}

impl Invitation {
    /// The team that it leads to.
    pub(super) fn team(&self) -> &Team {
        match self {
            Self::Open(team) | Self::Mailed(team, _) => team,
        }
    }

    /// The channels that it leads to besides the team's first ones.
    pub(super) fn channels(&self) -> &[ChannelId] {
        match self {
            Self::Open(_) => &[],
            Self::Mailed(_, mailed) => &mailed.channel_ids,
        }
    }

    /// The way in which it makes an account.
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Open(_) => Way::Invited,
            Self::Mailed(..) => Way::Mailed,
        }
    }

    /// Fails if it was mailed to another address.
    pub(super) fn check_address(&self, email: &str) -> Result<()> {
        match self {
            Self::Mailed(_, mailed) if mailed.email != email.trim().to_lowercase() => Err(Error::invalid(
                "api.user.create_user.bad_token_email_data.app_error",
                "The invitation was mailed to another address. It is for that one alone.",
            )),
            Self::Open(_) | Self::Mailed(..) => Ok(()),
        }
    }

    /// Its description in the audit log.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Open(team) => format!("by the link of team_id={}", team.id),
            Self::Mailed(_, mailed) => format!("invited_by={}", mailed.invited_by),
        }
    }

    /// Uses up a mailed invitation. If two people use it at once, one is refused.
    pub(super) async fn use_up(&self, tx: &mut Tx) -> Result<()> {
        match self {
            Self::Open(_) => Ok(()),
            Self::Mailed(_, mailed) => {
                let ours = team_invitations::consume(tx, &mailed.digest).await?;
                if ours { Ok(()) } else { Err(dead()) }
            }
        }
    }
}

/// The team that the invitation `key` of `org` leads to. Needs no account: knowing the key is enough.
pub async fn look_at(core: &Core, org: OrgId, key: &str) -> Result<TeamInvite> {
    let role_set = core.role_sets.of(&core.pool, org).await?;
    let mut conn = core.read().await?;
    // A code is an identifier, and a token is longer.
    let key = if key.len() > wire::id::LENGTH { Key::Token(key) } else { Key::Code(key) };
    let team = find(core, &mut conn, &role_set, org, key).await?.team().clone();
    Ok(TeamInvite {
        id: team.id,
        name: team.name,
        display_name: team.display_name,
        description: team.description,
    })
}

/// Finds the invitation of `org` by its key, without using it up.
pub(super) async fn find(
    core: &Core,
    conn: &mut Conn,
    role_set: &Arc<RoleSet>,
    org: OrgId,
    key: Key<'_>,
) -> Result<Invitation> {
    match key {
        Key::Code(code) => {
            let team = rows::by_invite(conn, org, code).await?;
            team.map(Invitation::Open).ok_or_else(no_such_code)
        }
        Key::Token(token) => {
            let digest = core.keys.digest(Purpose::Invitation, token);
            let found = team_invitations::find(conn, org, &digest).await?;
            let (team, mailed) = found.ok_or_else(dead)?;
            judged(conn, role_set, team, mailed).await
        }
    }
}

/// Reduces a mailed invitation to what its sender may do now.
async fn judged(
    conn: &mut Conn,
    role_set: &Arc<RoleSet>,
    team: Team,
    mut mailed: Mailed,
) -> Result<Invitation> {
    let by = Account::find(conn, role_set, team.org_id, mailed.invited_by).await?.ok_or_else(dead)?;
    may_invite(conn, &by, team.id, mailed.guest).await.map_err(or_dead)?;
    let mut open = Vec::with_capacity(mailed.channel_ids.len());
    for id in mailed.channel_ids {
        match may_lead_into(conn, &by, team.id, id).await {
            Ok(()) => open.push(id),
            Err(error) if error.is_ours() => return Err(error),
            Err(_) => {}
        }
    }
    if mailed.guest && open.is_empty() {
        return Err(dead());
    }
    mailed.channel_ids = open;
    Ok(Invitation::Mailed(team, mailed))
}

/// Checks that an account may invite users, or guests, to a team.
pub(super) async fn may_invite(
    conn: &mut Conn,
    by: &Account,
    team: TeamId,
    guest: bool,
) -> Result<TeamAccess> {
    let access = teams::access_of(conn, by, team).await?.living()?;
    if guest {
        access.with(Permission::InviteGuest)
    } else {
        access.with(Permission::InviteUser)?.with(Permission::AddUserToTeam)
    }
}

/// Checks that an account may add people to a channel of the team.
pub(super) async fn may_lead_into(conn: &mut Conn, by: &Account, team: TeamId, id: ChannelId) -> Result<()> {
    let access = channels::access_of(conn, by, id).await?;
    if access.channel().team_id != Some(team) || access.channel().is_archived() {
        return Err(Error::invalid(
            "api.team.invite_guests.channel_in_invalid_team.app_error",
            "An invitation leads into channels of its team that are not archived.",
        ));
    }
    access.require_by_kind(Permission::ManagePublicChannelMembers, Permission::ManagePrivateChannelMembers)
}

fn or_dead(error: Error) -> Error {
    if error.is_ours() { error } else { dead() }
}

fn no_such_code() -> Error {
    Error::not_found("app.team.get_by_invite_id.finding.app_error", "Unable to find the existing team.")
}

/// The error for an unknown, used, expired or withdrawn token, which does not tell these apart.
fn dead() -> Error {
    Error::invalid(
        "api.user.create_user.signup_link_invalid.app_error",
        "The signup link does not appear to be valid. It works once, and for two days.",
    )
}
