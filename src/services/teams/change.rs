//! Changing teams: names and rules, the archive, invitations, the roles of members.

use serde::Deserialize;

use super::read::no_member;
use super::rules::{NewTeam, TeamPatch};
use super::seat::{TeamSeat, seat};
use super::shape::{self, Sight};
use crate::db::teams::Changes;
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::audits;
use crate::services::auth::Caller;
use crate::services::core::{Core, Tx};
use crate::wire::{Event, Team, TeamId, UserId};

/// A member's role, as two switches and one that cannot be on: there are no guests.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's roles")]
pub struct SchemeRoles {
    pub scheme_admin: bool,
    pub scheme_user: bool,
    pub scheme_guest: bool,
}

impl SchemeRoles {
    /// Whether an administrator; refuses everybody who is no member.
    pub(in crate::services) fn admin(&self) -> Result<bool> {
        match (self.scheme_user, self.scheme_guest) {
            (true, false) => Ok(self.scheme_admin),
            (_, true) => Err(Error::body("scheme_guest")),
            (false, false) => Err(Error::body("scheme_user")),
        }
    }
}

/// A whole team, as older clients send it; its identifier must be the path's, its name stays.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the protocol's team")]
pub struct FullTeam {
    pub id: TeamId,
    #[serde(flatten)]
    pub fields: NewTeam,
}

/// Changes names and rules of a team.
pub async fn patch(core: &Core, caller: &Caller, id: TeamId, patch: TeamPatch) -> Result<Team> {
    patch.check()?;
    let changes = Changes {
        display_name: patch.display_name,
        description: patch.description,
        company_name: patch.company_name,
        allowed_domains: patch.allowed_domains,
        allow_open_invite: patch.allow_open_invite,
        ..Changes::default()
    };
    change(core, caller, id, &changes, "/api/v4/teams/patch").await
}

/// Replaces names and rules of a team.
pub async fn replace(core: &Core, caller: &Caller, id: TeamId, team: FullTeam) -> Result<Team> {
    if team.id != id {
        return Err(Error::body("id"));
    }
    let fields = team.fields;
    let new = TeamPatch {
        display_name: Some(fields.display_name),
        description: Some(fields.description),
        company_name: Some(fields.company_name),
        allowed_domains: Some(fields.allowed_domains),
        allow_open_invite: Some(fields.allow_open_invite),
    };
    patch(core, caller, id, new).await
}

/// Makes a new invitation; the old one leads nowhere from now on.
pub async fn regenerate_invite(core: &Core, caller: &Caller, id: TeamId) -> Result<Team> {
    let changes = Changes { invite_id: Some(new_invite()), ..Changes::default() };
    change(core, caller, id, &changes, "/api/v4/teams/regenerate_invite_id").await
}

/// Whether a team is open to everybody: `O` or `I`.
pub async fn set_privacy(core: &Core, caller: &Caller, id: TeamId, privacy: &str) -> Result<Team> {
    if !matches!(privacy, "O" | "I") {
        return Err(Error::body("privacy"));
    }
    let changes = Changes {
        kind: Some(privacy.to_owned()),
        allow_open_invite: Some(privacy == "O"),
        ..Changes::default()
    };
    change(core, caller, id, &changes, "/api/v4/teams/privacy").await
}

/// What an invitation link carries: not to be guessed.
pub(in crate::services) fn new_invite() -> String {
    crate::wire::id::encode(uuid::Uuid::new_v4())
}

async fn change(
    core: &Core,
    caller: &Caller,
    id: TeamId,
    changes: &Changes,
    action: &'static str,
) -> Result<Team> {
    let mut tx = core.begin().await?;
    let seat = seat(&mut tx, caller, id).await?.admin()?;
    let row = db::teams::update(&mut tx, seat.id(), changes).await?;
    tx.emit(Event::UpdateTeam { team: Box::new(shape::shape(row.clone(), Sight::Member)) });
    audits::note(&mut tx, caller, action, id, "").await?;
    tx.commit().await?;
    Ok(shape::shape(row, Sight::Admin))
}

/// Archives a team: it leaves all lists, and comes back with [`restore`]. Doing it twice changes nothing.
pub async fn archive(core: &Core, caller: &Caller, id: TeamId) -> Result<()> {
    let mut tx = core.begin().await?;
    let seat = seat(&mut tx, caller, id).await?.admin()?;
    if let Some(row) = db::teams::archive(&mut tx, seat.id()).await? {
        tx.emit(Event::DeleteTeam { team: Box::new(shape::shape(row, Sight::Member)) });
        audits::note(&mut tx, caller, "/api/v4/teams/archive", id, "").await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Brings a team back from the archive.
pub async fn restore(core: &Core, caller: &Caller, id: TeamId) -> Result<Team> {
    let mut tx = core.begin().await?;
    let seat = seat(&mut tx, caller, id).await?.admin()?;
    let row = db::teams::restore(&mut tx, seat.id()).await?;
    let Some(row) = row else { return Ok(shape::shape(seat.team().clone(), Sight::Admin)) };
    tx.emit(Event::RestoreTeam { team: Box::new(shape::shape(row.clone(), Sight::Member)) });
    audits::note(&mut tx, caller, "/api/v4/teams/restore", id, "").await?;
    tx.commit().await?;
    Ok(shape::shape(row, Sight::Admin))
}

/// Makes a member an administrator of the team, or no longer one.
pub async fn set_scheme_roles(
    core: &Core,
    caller: &Caller,
    id: TeamId,
    user: UserId,
    roles: &SchemeRoles,
) -> Result<()> {
    let admin = roles.admin()?;
    let mut tx = core.begin().await?;
    let seat = seat(&mut tx, caller, id).await?.admin()?;
    set_admin(&mut tx, &seat, user, admin).await?;
    let extra = format!("user_id={user} scheme_admin={admin}");
    audits::note(&mut tx, caller, "/api/v4/teams/members/roles", id, &extra).await?;
    tx.commit().await
}

/// The same by the names of roles.
pub async fn set_roles(core: &Core, caller: &Caller, id: TeamId, user: UserId, roles: &str) -> Result<()> {
    let admin = roles.split_whitespace().any(|r| r == "team_admin");
    let known = roles.split_whitespace().all(|r| matches!(r, "team_user" | "team_admin"));
    if !known {
        return Err(Error::body("roles"));
    }
    let roles = SchemeRoles { scheme_admin: admin, scheme_user: true, scheme_guest: false };
    set_scheme_roles(core, caller, id, user, &roles).await
}

async fn set_admin(tx: &mut Tx, seat: &TeamSeat, user: UserId, admin: bool) -> Result<()> {
    let row = db::team_members::set_admin(tx, seat.id(), user, admin).await?.ok_or_else(no_member)?;
    tx.emit(Event::MemberroleUpdated { member: shape::member(row) });
    Ok(())
}

/// Nothing is ever deleted for good over the network.
pub fn delete_for_good() -> Error {
    Error::new(
        Kind::NotBuilt,
        "api.user.delete_team.not_enabled.app_error",
        "Permanent team deletion feature is not enabled. Please contact your System Administrator.",
    )
}
