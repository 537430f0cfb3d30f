//! Teams and their members as they travel, and who sees what of them.

use crate::db::team_members::TeamMember as MemberRow;
use crate::db::teams::Team as Row;
use crate::services::permissions::{Permission, Permissions};
use crate::services::teams::TeamAccess;
use crate::services::users;
use crate::wire::{Team, TeamMember};

/// From where somebody looks at a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services) enum TeamDetail {
    /// Not in it: no invitation.
    Outside,
    /// A member who may not invite. Events show this much to everybody: they are one text for all who hear them.
    Inside,
    /// A member, who may invite.
    Member,
    /// An administrator: the founder's address too.
    Admin,
}

impl From<&TeamAccess> for TeamDetail {
    fn from(access: &TeamAccess) -> Self {
        Self::of(access.permissions())
    }
}

impl TeamDetail {
    /// That of somebody who has these permissions in the team.
    pub(super) fn of(held: Permissions) -> Self {
        match () {
            () if held.has(Permission::ManageTeam) => Self::Admin,
            () if held.has(Permission::InviteUser) => Self::Member,
            () if held.has(Permission::ViewTeam) => Self::Inside,
            () => Self::Outside,
        }
    }
}

/// A team as somebody sees it.
pub(in crate::services) fn shape(row: Row, sight: TeamDetail) -> Team {
    Team {
        id: row.id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: row.delete_at,
        display_name: row.display_name,
        name: row.name,
        description: row.description,
        email: if sight == TeamDetail::Admin { row.email } else { String::new() },
        kind: row.kind,
        company_name: row.company_name,
        allowed_domains: row.allowed_domains,
        invite_id: if matches!(sight, TeamDetail::Member | TeamDetail::Admin) {
            row.invite_id
        } else {
            String::new()
        },
        allow_open_invite: row.allow_open_invite,
        last_team_icon_update: row.icon_at,
        scheme_id: row.scheme_id,
        group_constrained: None,
        policy_id: None,
    }
}

/// Somebody's place in a team.
pub(in crate::services) fn member(row: MemberRow) -> TeamMember {
    users::team_member(row)
}
