//! Teams and their members.

use serde::Serialize;

use crate::wire::{Millis, SchemeId, TeamId, UserId};

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// A team.
#[derive(Debug, Clone, Serialize)]
pub struct Team {
    /// Its identifier.
    pub id: TeamId,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time of its archiving; 0 if it is not archived.
    pub delete_at: Millis,
    /// Its name for people.
    pub display_name: String,
    /// Its name in URLs, unique in the organisation.
    pub name: String,
    /// Its purpose, in words.
    pub description: String,
    /// Its founder's e-mail address; only administrators see it.
    pub email: String,
    /// `O` open or `I` by invitation.
    #[serde(rename = "type")]
    pub kind: String,
    /// Kept for older clients.
    pub company_name: String,
    /// E-mail domains whose owners may join.
    pub allowed_domains: String,
    /// The identifier in invitation links; only members who may invite see it.
    pub invite_id: String,
    /// Whether everybody of the organisation may find and join it.
    pub allow_open_invite: bool,
    /// The time of the last change of its icon.
    #[serde(skip_serializing_if = "is_zero")]
    pub last_team_icon_update: Millis,
    /// The scheme that it is under.
    pub scheme_id: Option<SchemeId>,
    /// Never set: teams are not bound to directory groups.
    pub group_constrained: Option<bool>,
    /// Never set: teams have no retention policy of their own.
    pub policy_id: Option<String>,
}

/// The membership of an account in a team.
#[derive(Debug, Clone, Serialize)]
pub struct TeamMember {
    /// The team.
    pub team_id: TeamId,
    /// The member.
    pub user_id: UserId,
    /// Effective role names.
    pub roles: String,
    /// The time at which they left; 0 if they did not.
    pub delete_at: Millis,
    /// Whether the member is a guest.
    pub scheme_guest: bool,
    /// Whether the member is an ordinary member.
    pub scheme_user: bool,
    /// Whether the member is an administrator of the team.
    pub scheme_admin: bool,
    /// Roles beyond the scheme's.
    pub explicit_roles: String,
}

/// Head counts of a team.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct TeamStats {
    /// The team.
    pub team_id: TeamId,
    /// All members.
    pub total_member_count: i64,
    /// Those whose account is active.
    pub active_member_count: i64,
}

/// The unread counts of an account in a team.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct TeamUnread {
    /// The team.
    pub team_id: TeamId,
    /// Unread messages.
    pub msg_count: i64,
    /// Unread mentions.
    pub mention_count: i64,
    /// Unread mentions outside threads.
    pub mention_count_root: i64,
    /// Unread messages outside threads.
    pub msg_count_root: i64,
    /// Unread threads.
    pub thread_count: i64,
    /// Mentions in threads.
    pub thread_mention_count: i64,
    /// Urgent mentions in threads.
    pub thread_urgent_mention_count: i64,
}

/// The facts of a team that an invitation shows before it is accepted.
#[derive(Debug, Clone, Serialize)]
pub struct TeamInvite {
    /// The team.
    pub id: TeamId,
    /// Its name in URLs.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// Its purpose, in words.
    pub description: String,
}

/// The answer to whether a name is taken.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Exists {
    /// Whether it is taken.
    pub exists: bool,
}
