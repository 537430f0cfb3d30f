//! Teams and their members as they travel, and who sees what of them.

use crate::db::team_members::TeamMember as MemberRow;
use crate::db::teams::Team as Row;
use crate::services::teams::TeamSeat;
use crate::wire::{Team, TeamMember};

/// From where somebody looks at a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services) enum Sight {
    /// Not in it: no invitation.
    Outside,
    /// A member, who may invite: events show this much to all members.
    Member,
    /// An administrator: the founder's address too.
    Admin,
}

impl From<&TeamSeat> for Sight {
    fn from(seat: &TeamSeat) -> Self {
        if seat.is_admin() { Self::Admin } else { Self::Member }
    }
}

/// A team as somebody sees it.
pub(in crate::services) fn shape(row: Row, sight: Sight) -> Team {
    Team {
        id: row.id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: row.delete_at,
        display_name: row.display_name,
        name: row.name,
        description: row.description,
        email: if sight == Sight::Admin { row.email } else { String::new() },
        kind: row.kind,
        company_name: row.company_name,
        allowed_domains: row.allowed_domains,
        invite_id: if sight == Sight::Outside { String::new() } else { row.invite_id },
        allow_open_invite: row.allow_open_invite,
        last_team_icon_update: row.icon_at,
        scheme_id: None,
        group_constrained: None,
        policy_id: None,
    }
}

/// Somebody's place in a team.
pub(in crate::services) fn member(row: MemberRow) -> TeamMember {
    TeamMember {
        team_id: row.team_id,
        user_id: row.user_id,
        roles: if row.admin { "team_user team_admin" } else { "team_user" }.to_owned(),
        delete_at: 0,
        scheme_guest: false,
        scheme_user: true,
        scheme_admin: row.admin,
        explicit_roles: String::new(),
    }
}
