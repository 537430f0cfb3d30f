//! Schemes.

use serde::Serialize;

use crate::wire::{Millis, SchemeId, SchemeScope};

/// A scheme: the names of the roles that hold for teams or channels under it.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct Scheme {
    pub id: SchemeId,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub create_at: Millis,
    pub update_at: Millis,
    pub delete_at: Millis,
    pub scope: SchemeScope,
    pub default_team_admin_role: String,
    pub default_team_user_role: String,
    pub default_channel_admin_role: String,
    pub default_channel_user_role: String,
    pub default_team_guest_role: String,
    pub default_channel_guest_role: String,
    pub default_playbook_admin_role: &'static str,
    pub default_playbook_member_role: &'static str,
    pub default_run_admin_role: &'static str,
    pub default_run_member_role: &'static str,
}
