//! What leads into a team: its own code, which anybody may pass on, and what was mailed to one address and works once.
//! A mailed one is good for no more than its sender may still do themselves: it is judged when it is sent, and again
//! when it is used. Sending is in `invite`, coming in by one in `accept`.

use std::sync::Arc;

use crate::db::Conn;
use crate::db::team_invitations::{self, Invitation as Mailed};
use crate::db::teams::{self as rows, Team};
use crate::error::{Error, Result};
use crate::services::auth::Account;
use crate::services::channels;
use crate::services::core::{Core, Tx};
use crate::services::credentials::Purpose;
use crate::services::permissions::{Permission, RoleSet};
use crate::services::teams::{self, TeamAccess};
use crate::services::users::Way;
use crate::wire::{self, ChannelId, OrgId, TeamId, TeamInvite};

/// What somebody presents who wants to come in.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// A team's own code.
    Code(&'a str),
    /// What was mailed.
    Token(&'a str),
}

/// An invitation that leads somewhere.
#[derive(Debug)]
pub(super) enum Invitation {
    /// A team's own.
    Open(Team),
    /// One that was mailed, with the channels that its sender may still let somebody into.
    Mailed(Team, Mailed),
}

impl Invitation {
    /// Where it leads.
    pub(super) fn team(&self) -> &Team {
        match self {
            Self::Open(team) | Self::Mailed(team, _) => team,
        }
    }

    /// The channels that it leads into besides a team's first ones.
    pub(super) fn channels(&self) -> &[ChannelId] {
        match self {
            Self::Open(_) => &[],
            Self::Mailed(_, mailed) => &mailed.channel_ids,
        }
    }

    /// How somebody comes to an account by it.
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Open(_) => Way::Invited,
            Self::Mailed(..) => Way::Mailed,
        }
    }

    /// Refuses whoever has another address than the one that it was mailed to.
    pub(super) fn check_address(&self, email: &str) -> Result<()> {
        match self {
            Self::Mailed(_, mailed) if mailed.email != email.trim().to_lowercase() => Err(Error::invalid(
                "api.user.create_user.bad_token_email_data.app_error",
                "The invitation was mailed to another address. It is for that one alone.",
            )),
            Self::Open(_) | Self::Mailed(..) => Ok(()),
        }
    }

    /// What the audit log says of it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Open(team) => format!("by the link of team_id={}", team.id),
            Self::Mailed(_, mailed) => format!("invited_by={}", mailed.invited_by),
        }
    }

    /// Uses it up, if it works once. Of two who come by the same at once one is refused.
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

/// What the invitation `key` of `org` leads to. The invitation is the proof: it is shown before somebody has an
/// account.
pub async fn look_at(core: &Core, org: OrgId, key: &str) -> Result<TeamInvite> {
    let role_set = core.role_sets.of(&core.pool, org).await?;
    let mut conn = core.read().await?;
    // A code is an identifier, and what is mailed is longer.
    let key = if key.len() > wire::id::LENGTH { Key::Token(key) } else { Key::Code(key) };
    let team = find(core, &mut conn, &role_set, org, key).await?.team().clone();
    Ok(TeamInvite {
        id: team.id,
        name: team.name,
        display_name: team.display_name,
        description: team.description,
    })
}

/// The invitation of `org` that `key` stands for. It stays.
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

/// What is left of a mailed invitation by what its sender may do today.
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

/// Proof that an account may invite users, or guests, into a team.
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

/// Whether an account may let somebody into a channel of the team.
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

/// One that never was, was used, is over, or was withdrawn: nobody is told which.
fn dead() -> Error {
    Error::invalid(
        "api.user.create_user.signup_link_invalid.app_error",
        "The signup link does not appear to be valid. It works once, and for two days.",
    )
}
