//! Changing teams: names and settings, the archive, the invite code, the roles of members.

use serde::Deserialize;

use super::access::{TeamAccess, access};
use super::rules::{NewTeam, TeamPatch};
use super::shape::{self, TeamDetail};
use super::team_list::no_member;
use crate::db::teams::{Team as Row, TeamChanges};
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::{MemberRole, Permission};
use crate::services::auth::{Caller, audits};
use crate::services::platform::Tx;
use crate::services::teams::Core;
use crate::wire::{Event, Team, TeamId, UserId};

/// A member's role, as three switches. A guest's account is a guest in every team, and a guest is never an
/// administrator.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's roles")]
pub struct SchemeRoles {
    pub scheme_admin: bool,
    pub scheme_user: bool,
    pub scheme_guest: bool,
}

impl SchemeRoles {
    /// The role that the switches stand for; fails if they contradict each other.
    pub(in crate::services) fn rank(&self) -> Result<MemberRole> {
        match (self.scheme_user, self.scheme_guest, self.scheme_admin) {
            (true, false, true) => Ok(MemberRole::Admin),
            (true, false, false) => Ok(MemberRole::User),
            (false, true, false) => Ok(MemberRole::Guest),
            (_, true, _) => Err(Error::body("scheme_guest")),
            (false, false, _) => Err(Error::body("scheme_user")),
        }
    }

    /// Reads the switches from the names of roles, those of a team or of a channel.
    pub(in crate::services) fn named(roles: &str, [user, admin, guest]: [&str; 3]) -> Result<Self> {
        let names: Vec<&str> = roles.split_whitespace().collect();
        if !names.iter().all(|name| [user, admin, guest].contains(name)) {
            return Err(Error::body("roles"));
        }
        let is_guest = names.contains(&guest);
        Ok(Self { scheme_admin: names.contains(&admin), scheme_user: !is_guest, scheme_guest: is_guest })
    }

    /// Fails if it would make a guest a user or a user a guest, since that is a change of the account, not of a
    /// membership. Returns whether the member becomes an administrator.
    pub(in crate::services) fn check(&self, guest: bool) -> Result<bool> {
        let rank = self.rank()?;
        if (rank == MemberRole::Guest) != guest {
            return Err(Error::body(if guest { "scheme_user" } else { "scheme_guest" }));
        }
        Ok(rank == MemberRole::Admin)
    }
}

/// A whole team, as older clients send it. Its identifier has to equal the one in the path; its name does not change.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the protocol's team")]
pub struct FullTeam {
    pub id: TeamId,
    #[serde(flatten)]
    pub fields: NewTeam,
}

/// Changes names and settings of a team.
pub async fn patch(core: &Core, caller: &Caller, id: TeamId, patch: TeamPatch) -> Result<Team> {
    patch.check()?;
    let changes = TeamChanges {
        display_name: patch.display_name,
        description: patch.description,
        company_name: patch.company_name,
        allowed_domains: patch.allowed_domains,
        allow_open_invite: patch.allow_open_invite,
        ..TeamChanges::default()
    };
    change(core, caller, id, &changes, "/api/v4/teams/patch").await
}

/// Replaces names and settings of a team.
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

/// Replaces the invite code; the old one is invalid from now on.
pub async fn regenerate_invite(core: &Core, caller: &Caller, id: TeamId) -> Result<Team> {
    let changes = TeamChanges { invite_id: Some(new_invite()), ..TeamChanges::default() };
    change(core, caller, id, &changes, "/api/v4/teams/regenerate_invite_id").await
}

/// Sets whether everybody may join a team: `O` (open) or `I` (by invitation).
pub async fn set_privacy(core: &Core, caller: &Caller, id: TeamId, privacy: &str) -> Result<Team> {
    if !matches!(privacy, "O" | "I") {
        return Err(Error::body("privacy"));
    }
    let changes = TeamChanges {
        kind: Some(privacy.to_owned()),
        allow_open_invite: Some(privacy == "O"),
        ..TeamChanges::default()
    };
    change(core, caller, id, &changes, "/api/v4/teams/privacy").await
}

/// Generates an invite code: random, since it must not be guessed.
pub(in crate::services) fn new_invite() -> String {
    crate::wire::id::encode(uuid::Uuid::new_v4())
}

async fn change(
    core: &Core,
    caller: &Caller,
    id: TeamId,
    changes: &TeamChanges,
    action: &'static str,
) -> Result<Team> {
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?.admin()?.living()?;
    let row = db::teams::update(&mut tx, access.id(), changes).await?;
    tell(&mut tx, &row, |team| Event::UpdateTeam { team });
    audits::note(&mut tx, caller, action, id, "").await?;
    tx.commit().await?;
    Ok(shape::shape(row, TeamDetail::Admin))
}

/// Emits an event with the team to its members, with the fields that all of them may see.
pub(in crate::services) fn tell(tx: &mut Tx, row: &Row, event: fn(Box<Team>) -> Event) {
    tx.emit(event(Box::new(shape::shape(row.clone(), TeamDetail::Inside))));
}

/// Archives a team: it leaves all lists and accepts no posts until [`restore`]. Archiving it again changes nothing.
pub async fn archive(core: &Core, caller: &Caller, id: TeamId) -> Result<()> {
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?.admin()?;
    if let Some(row) = db::teams::archive(&mut tx, access.id()).await? {
        db::channels::follow_team(&mut tx, row.id).await?;
        tell(&mut tx, &row, |team| Event::DeleteTeam { team });
        audits::note(&mut tx, caller, "/api/v4/teams/archive", id, "").await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Restores a team from the archive.
pub async fn restore(core: &Core, caller: &Caller, id: TeamId) -> Result<Team> {
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?.admin()?;
    let row = db::teams::restore(&mut tx, access.id()).await?;
    let Some(row) = row else { return Ok(shape::shape(access.team().clone(), TeamDetail::Admin)) };
    db::channels::follow_team(&mut tx, row.id).await?;
    tell(&mut tx, &row, |team| Event::RestoreTeam { team });
    audits::note(&mut tx, caller, "/api/v4/teams/restore", id, "").await?;
    tx.commit().await?;
    Ok(shape::shape(row, TeamDetail::Admin))
}

/// Makes a member an administrator of the team, or no longer one.
pub async fn set_scheme_roles(
    core: &Core,
    caller: &Caller,
    id: TeamId,
    user: UserId,
    roles: &SchemeRoles,
) -> Result<()> {
    roles.rank()?;
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?.with(Permission::ManageTeamRoles)?.living()?;
    let member = db::team_members::find(&mut tx, access.id(), user).await?.ok_or_else(no_member)?;
    let admin = roles.check(member.guest)?;
    set_admin(&mut tx, &access, user, admin).await?;
    let extra = format!("user_id={user} scheme_admin={admin}");
    audits::note(&mut tx, caller, "/api/v4/teams/members/roles", id, &extra).await?;
    tx.commit().await
}

/// Makes a member an administrator of the team, or no longer one, by the names of roles.
pub async fn set_roles(core: &Core, caller: &Caller, id: TeamId, user: UserId, roles: &str) -> Result<()> {
    let roles = SchemeRoles::named(roles, ["team_user", "team_admin", "team_guest"])?;
    set_scheme_roles(core, caller, id, user, &roles).await
}

async fn set_admin(tx: &mut Tx, access: &TeamAccess, user: UserId, admin: bool) -> Result<()> {
    let row = db::team_members::set_admin(tx, access.id(), user, admin).await?.ok_or_else(no_member)?;
    tx.emit(Event::MemberroleUpdated { member: shape::member(row) });
    Ok(())
}

/// The error for a permanent deletion, which the API does not offer.
pub fn delete_for_good() -> Error {
    Error::new(
        Kind::NotBuilt,
        "api.user.delete_team.not_enabled.app_error",
        "Permanent team deletion feature is not enabled. Please contact your System Administrator.",
    )
}
