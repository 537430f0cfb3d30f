//! Organisations, as their operators and administrators see them: ours, the protocol knows none.

use serde::Serialize;

use crate::wire::{Millis, OrgId};

/// An organisation.
#[derive(Debug, Clone, Serialize)]
pub struct Organization {
    /// Which.
    pub id: OrgId,
    /// When it was made.
    pub create_at: Millis,
    /// When something of it was changed last.
    pub update_at: Millis,
    /// Since when it is suspended; 0 if it is not.
    pub suspended_at: Millis,
    /// Its name in addresses: `/o/<slug>`.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Where people find it; empty if the settings do not tell.
    pub url: String,
    /// Whether it answers where no address leads elsewhere.
    pub is_default: bool,
    /// Host names that lead to it.
    pub domains: Vec<String>,
    /// Who may make accounts by themselves: `open`, `invitation`, `domain` or `closed`.
    pub sign_up_policy: &'static str,
    /// What whoever sets that must know, in a sentence; absent where there is nothing.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub sign_up_note: &'static str,
    /// The e-mail domains that may where the policy is `domain`.
    pub email_domains: Vec<String>,
    /// Active accounts that it may have; 0 for no limit.
    pub max_users: i64,
    /// Bytes of files that it may have; 0 for no limit.
    pub max_storage_bytes: i64,
    /// Bytes that one file may have; 0: what the settings allow each.
    pub max_file_bytes: i64,
    /// Days that posts are kept; 0 for ever.
    pub retention_days: i32,
    /// Whether everybody who logs in with a password must have a second factor. The deployment may demand it besides.
    pub enforce_second_factor: bool,
    /// How much is in it, where that was asked for.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub counts: Option<OrganizationCounts>,
    /// What its first account is made with, told once to whoever made it without an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_secret: Option<String>,
    /// The page on which that is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup_link: Option<String>,
}

/// How much is in an organisation.
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
    /// Those of the page, in the order of their slugs.
    pub organizations: Vec<Organization>,
    /// How many there are altogether.
    pub total_count: i64,
}

/// How much an organisation uses.
#[derive(Debug, Clone, Serialize)]
pub struct OrganizationUsage {
    /// Which.
    pub id: OrgId,
    /// How much is in it.
    #[serde(flatten)]
    pub counts: OrganizationCounts,
    /// Posts that are not deleted.
    pub post_count: i64,
    /// Files that are not deleted.
    pub file_count: i64,
    /// Bytes that its files have together.
    pub storage_bytes: i64,
    /// Active accounts that it may have; 0 for no limit.
    pub max_users: i64,
    /// Bytes of files that it may have; 0 for no limit.
    pub max_storage_bytes: i64,
}
