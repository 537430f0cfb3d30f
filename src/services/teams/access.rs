//! The access of a caller to a team, as a value: holding a [`TeamAccess`] proves that it was checked.

use crate::db::Conn;
use crate::db::teams::{self, Team};
use crate::error::{Error, Result};
use crate::services::auth::permissions::{MemberRole, Membership, Permission, Permissions};
use crate::services::auth::{Account, Caller, Permit};
use crate::wire::TeamId;

/// Proof that the caller may view a team: a member, or an account that may view every team.
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

    /// The team's identifier.
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

    /// Whether the caller has a permission here, by their account or as a member.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// All permissions that the caller has here.
    pub(super) fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Fails unless the caller has a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        self.permissions.require(permission)
    }

    /// A permission as a value, for functions that take the proof.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        Permit::of(self.permissions, permission)
    }

    /// The same access, if the caller may change the team; fails otherwise.
    pub fn admin(self) -> Result<Self> {
        self.with(Permission::ManageTeam)
    }

    /// The same access, if the caller has a permission; fails otherwise.
    pub fn with(self, permission: Permission) -> Result<Self> {
        self.require(permission).map(|()| self)
    }

    /// The same access, if the team is not archived; fails otherwise.
    pub fn living(self) -> Result<Self> {
        if self.team.delete_at == 0 { Ok(self) } else { Err(unknown()) }
    }
}

/// Checks the caller's access to a team of their organisation.
pub async fn access(conn: &mut Conn, caller: &Caller, id: TeamId) -> Result<TeamAccess> {
    access_of(conn, &Account::from(caller), id).await
}

/// Checks an account's access to a team of its organisation.
pub async fn access_of(conn: &mut Conn, account: &Account, id: TeamId) -> Result<TeamAccess> {
    let (team, flags) = teams::place(conn, account.org, id, account.id).await?.ok_or_else(unknown)?;
    let rank = flags.map(|(admin, guest)| MemberRole::of(admin, guest));
    let place = Membership { team: rank, team_scheme: team.scheme_id, ..Membership::default() };
    let permissions = account.rights.in_team(place);
    permissions.require(Permission::ViewTeam)?;
    Ok(TeamAccess { team, rank, permissions })
}

/// The error for a team that the caller's organisation does not have.
pub(in crate::services) fn unknown() -> Error {
    Error::not_found("app.team.get.find.app_error", "Unable to find the existing team.")
}
