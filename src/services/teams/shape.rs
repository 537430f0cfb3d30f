//! Teams and their members in the protocol's form, and the details that each viewer may see.

use crate::db::team_members::TeamMember as MemberRow;
use crate::db::teams::Team as Row;
use crate::services::auth::accounts;
use crate::services::auth::permissions::{Permission, Permissions};
use crate::services::teams::TeamAccess;
use crate::wire::{Team, TeamMember};

/// The detail in which a team is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::services) enum TeamDetail {
    /// For non-members: without the invite code.
    Outside,
    /// For members who may not invite. Events have this detail, since all receivers get the same text.
    Inside,
    /// For members who may invite.
    Member,
    /// For administrators: with the founder's address, too.
    Admin,
}

impl From<&TeamAccess> for TeamDetail {
    fn from(access: &TeamAccess) -> Self {
        Self::of(access.permissions())
    }
}

impl TeamDetail {
    /// The detail for an account with these permissions in the team.
    pub(super) fn of(held: Permissions) -> Self {
        match () {
            () if held.has(Permission::ManageTeam) => Self::Admin,
            () if held.has(Permission::InviteUser) => Self::Member,
            () if held.has(Permission::ViewTeam) => Self::Inside,
            () => Self::Outside,
        }
    }
}

/// A team in the protocol's form, in the detail `sight`.
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

/// A team membership in the protocol's form.
pub(in crate::services) fn member(row: MemberRow) -> TeamMember {
    accounts::team_member(row)
}
