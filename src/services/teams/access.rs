//! What a caller may do in a team, as a value: who holds a [`TeamAccess`] was let in.

use crate::db::Conn;
use crate::db::teams::{self, Team};
use crate::error::{Error, Result};
use crate::services::auth::{Account, Caller, Permit};
use crate::services::permissions::{MemberRole, Membership, Permission, Permissions};
use crate::wire::TeamId;

/// Proof that the caller belongs in a team: its member, or somebody whose account may look into every team.
#[derive(Debug)]
pub struct TeamAccess {
    team: Team,
    rank: Option<MemberRole>,
    permissions: Permissions,
}

impl TeamAccess {
    /// The team, archived or not.
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// Its identifier.
    pub fn id(&self) -> TeamId {
        self.team.id
    }

    /// Whether the caller is a member.
    pub fn is_member(&self) -> bool {
        self.rank.is_some()
    }

    /// Whether the caller is a guest in the team.
    pub fn is_guest(&self) -> bool {
        self.rank == Some(MemberRole::Guest)
    }

    /// Whether the caller may change the team itself.
    pub fn is_admin(&self) -> bool {
        self.may(Permission::ManageTeam)
    }

    /// Whether the caller has a permission here: by their account, or as a member.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// All that they may do here.
    pub(super) fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Refuses whoever lacks a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::forbidden()) }
    }

    /// A permission as a value, for what asks for the proof.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        Permit::of(self.permissions, permission)
    }

    /// The same proof where only those who may change the team will do.
    pub fn admin(self) -> Result<Self> {
        self.with(Permission::ManageTeam)
    }

    /// The same proof where a permission is needed.
    pub fn with(self, permission: Permission) -> Result<Self> {
        if self.may(permission) { Ok(self) } else { Err(Error::forbidden()) }
    }

    /// The same proof where the team must not be archived.
    pub fn living(self) -> Result<Self> {
        if self.team.delete_at == 0 { Ok(self) } else { Err(unknown()) }
    }
}

/// The caller's access in a team of their organisation.
pub async fn access(conn: &mut Conn, caller: &Caller, id: TeamId) -> Result<TeamAccess> {
    access_of(conn, &Account::from(caller), id).await
}

/// The access of an account in a team of its organisation.
pub async fn access_of(conn: &mut Conn, account: &Account, id: TeamId) -> Result<TeamAccess> {
    let (team, flags) = teams::place(conn, account.org, id, account.id).await?.ok_or_else(unknown)?;
    let rank = flags.map(|(admin, guest)| MemberRole::of(admin, guest));
    let place = Membership { team: rank, team_scheme: team.scheme_id, ..Membership::default() };
    let permissions = account.rights.in_team(place);
    if permissions.has(Permission::ViewTeam) {
        Ok(TeamAccess { team, rank, permissions })
    } else {
        Err(Error::forbidden())
    }
}

/// No such team in the caller's organisation.
pub(in crate::services) fn unknown() -> Error {
    Error::not_found("app.team.get.find.app_error", "Unable to find the existing team.")
}
