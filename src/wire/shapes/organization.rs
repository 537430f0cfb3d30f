//! Organisations, as their operators and administrators see them. Ours: the protocol has none.

use serde::Serialize;

use crate::wire::{Millis, OrgId};

/// An organisation.
#[derive(Debug, Clone, Serialize)]
pub struct Organization {
    /// Its identifier.
    pub id: OrgId,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time since when it is suspended; 0 if it is not.
    pub suspended_at: Millis,
    /// Its name in URLs: `/o/<slug>`.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Its web address; empty if the settings do not give one.
    pub url: String,
    /// Whether it answers at addresses that belong to no other organisation.
    pub is_default: bool,
    /// Host names that lead to it.
    pub domains: Vec<String>,
    /// Who may sign up: `open`, `invitation`, `domain` or `closed`.
    pub sign_up_policy: &'static str,
    /// A sentence for administrators who set that policy; absent if there is nothing to say.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub sign_up_note: &'static str,
    /// The e-mail domains that may sign up under the policy `domain`.
    pub email_domains: Vec<String>,
    /// The limit of active accounts; 0 for no limit.
    pub max_users: i64,
    /// The limit of its files together, in bytes; 0 for no limit.
    pub max_storage_bytes: i64,
    /// The limit of one file, in bytes; 0 for the limit of the settings.
    pub max_file_bytes: i64,
    /// Days that posts are kept; 0 for ever.
    pub retention_days: i32,
    /// Whether password logins must have a second factor. The deployment may require it as well.
    pub enforce_second_factor: bool,
    /// The counts, if they were asked for.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub counts: Option<OrganizationCounts>,
    /// The secret with which its first account is created; only in the answer to its creation without an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_secret: Option<String>,
    /// The page on which the first account is created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_link: Option<String>,
}

/// The counts of an organisation.
#[derive(Debug, Clone, Serialize)]
pub struct OrganizationCounts {
    /// Active accounts.
    pub user_count: i64,
    /// Teams that are not archived.
    pub team_count: i64,
    /// Channels that are not archived, direct ones included.
    pub channel_count: i64,
}

/// A page of organisations.
#[derive(Debug, Clone, Serialize)]
pub struct OrganizationPage {
    /// The organisations of the page, ordered by slug.
    pub organizations: Vec<Organization>,
    /// The number of all organisations.
    pub total_count: i64,
}

/// The usage of an organisation.
#[derive(Debug, Clone, Serialize)]
pub struct OrganizationUsage {
    /// The organisation.
    pub id: OrgId,
    /// The counts.
    #[serde(flatten)]
    pub counts: OrganizationCounts,
    /// Posts that are not deleted.
    pub post_count: i64,
    /// Files that are not deleted.
    pub file_count: i64,
    /// Bytes of its files together.
    pub storage_bytes: i64,
    /// The limit of active accounts; 0 for no limit.
    pub max_users: i64,
    /// The limit of its files together, in bytes; 0 for no limit.
    pub max_storage_bytes: i64,
}
