//! What a caller may do in a team, as a value: who holds a [`TeamSeat`] was let in.

use crate::db::Conn;
use crate::db::teams::{self, Team};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::wire::TeamId;

/// Proof that the caller belongs in a team: its member, or an administrator of the organisation.
#[derive(Debug)]
pub struct TeamSeat {
    team: Team,
    member: bool,
    admin: bool,
}

impl TeamSeat {
    /// The team, archived or not.
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// Its identifier.
    pub fn id(&self) -> TeamId {
        self.team.id
    }

    /// Whether the caller is a member, and not only an administrator of the organisation.
    pub fn is_member(&self) -> bool {
        self.member
    }

    /// Whether the caller administrates the team or the organisation.
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// The same proof where only administrators of the team will do.
    pub fn admin(self) -> Result<Self> {
        if self.admin { Ok(self) } else { Err(Error::forbidden()) }
    }

    /// The same proof where the team must not be archived.
    pub fn living(self) -> Result<Self> {
        if self.team.delete_at == 0 { Ok(self) } else { Err(unknown()) }
    }
}

/// The caller's seat in a team of their organisation.
pub async fn seat(conn: &mut Conn, caller: &Caller, id: TeamId) -> Result<TeamSeat> {
    let (team, place) = teams::place(conn, caller.org, id, caller.id).await?.ok_or_else(unknown)?;
    if place.is_none() && !caller.is_admin() {
        return Err(Error::forbidden());
    }
    let admin = caller.is_admin() || place == Some(true);
    Ok(TeamSeat { team, member: place.is_some(), admin })
}

/// No such team in the caller's organisation.
pub(super) fn unknown() -> Error {
    Error::not_found("app.team.get.find.app_error", "Unable to find the existing team.")
}
