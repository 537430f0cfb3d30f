//! Accounts, sessions, audits, roles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wire::{AuditId, Millis, Object, SchemeId, SessionId, TeamMember, TokenId, UserId};

/// A map of strings to strings, as notify settings and time zones travel.
pub type StringMap = BTreeMap<String, String>;

/// An account. Fields that only its owner or an administrator may see are left out for others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// When it was made.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// When it was deactivated.
    pub delete_at: Millis,
    /// Unique in its organisation.
    pub username: String,
    /// Always empty: no foreign login.
    pub auth_data: String,
    /// Where they log in; empty for password accounts, and for others' eyes.
    pub auth_service: String,
    /// Unique in its organisation.
    pub email: String,
    /// Whether its owner has proven it; the owner's alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email_verified: bool,
    /// Whether a second factor is asked for; the owner's alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa_active: bool,
    /// What friends call them.
    pub nickname: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Job title.
    pub position: String,
    /// Role names with spaces between.
    pub roles: String,
    /// Free-form properties, for example the custom status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub props: StringMap,
    /// What notifies them; the owner's alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_props: Option<StringMap>,
    /// When the password changed; the owner's alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_password_update: Option<Millis>,
    /// Wrong passwords before this login.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed_attempts: i64,
    /// When the picture changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_picture_update: Millis,
    /// Language, for example `en`.
    pub locale: String,
    /// Automatic and manual time zone.
    pub timezone: StringMap,
    /// Whether a program stands behind it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bot: bool,
    /// What the bot is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bot_description: String,
    /// Whether no mail greeted them.
    pub disable_welcome_email: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// A login, without its secret.
#[derive(Debug, Clone, Serialize)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Always empty in lists.
    pub token: &'static str,
    /// When it began.
    pub create_at: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// When it was last used, to the minute.
    pub last_activity_at: Millis,
    /// Whose it is.
    pub user_id: UserId,
    /// The phone's push identifier.
    pub device_id: String,
    /// The account's roles.
    pub roles: String,
    /// Whether an OAuth application holds it.
    pub is_oauth: bool,
    /// Whether its owner was told that it ended.
    pub expired_notify: bool,
    /// Browser, platform and what else identifies the client.
    pub props: Object,
    /// The account's team memberships.
    pub team_members: Vec<TeamMember>,
    /// Whether it came over a local socket.
    pub local: bool,
}

/// A personal access token.
#[derive(Debug, Clone, Serialize)]
pub struct AccessToken {
    /// Its identifier, which opens nothing.
    pub id: TokenId,
    /// The secret; only in the answer to who made it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// Whose requests it makes.
    pub user_id: UserId,
    /// What it is for.
    pub description: String,
    /// Whether it may be used.
    pub is_active: bool,
    /// When it ends; 0 for never.
    pub expires_at: Millis,
}

/// An account behind which a program stands.
#[derive(Debug, Clone, Serialize)]
pub struct Bot {
    /// Its account.
    pub user_id: UserId,
    /// Unique among all accounts of its organisation.
    pub username: String,
    /// The name that people see.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who answers for it.
    #[serde(with = "crate::wire::id::or_empty")]
    pub owner_id: Option<UserId>,
    /// When it was made.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// When it was switched off.
    pub delete_at: Millis,
}

/// An entry of the audit log.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// Its identifier.
    pub id: AuditId,
    /// When it happened.
    pub create_at: Millis,
    /// Who did it; where nobody knows, the account on which it was tried.
    #[serde(with = "crate::wire::id::or_empty")]
    pub user_id: Option<UserId>,
    /// What was done, as the path of the operation.
    pub action: String,
    /// More about it, for people.
    pub extra_info: String,
    /// From where.
    pub ip_address: String,
    /// In which session, if in one.
    #[serde(with = "crate::wire::id::or_empty")]
    pub session_id: Option<SessionId>,
    /// What kind of thing it was done to, for example `team`; ours, as what follows.
    pub subject_kind: String,
    /// To which one.
    pub subject_id: String,
    /// `success`, `fail` or `refused`.
    pub outcome: String,
    /// What the client calls itself.
    pub user_agent: String,
}

/// A role: a name for a set of permissions.
#[derive(Debug, Clone, Serialize)]
pub struct Role {
    /// Its identifier.
    pub id: String,
    /// Its name, for example `channel_admin`.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// When it was made.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// When it was removed.
    pub delete_at: Millis,
    /// What it permits.
    pub permissions: Vec<&'static str>,
    /// Whether a scheme manages it.
    pub scheme_managed: bool,
    /// Whether it came with the server.
    pub built_in: bool,
    /// The scheme that it belongs to.
    pub scheme_id: Option<SchemeId>,
}

/// Numbers of accounts.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct UsersStats {
    /// Active accounts of the organisation.
    pub total_users_count: i64,
}

/// Accounts that a prefix may mean.
#[derive(Debug, Clone, Serialize)]
pub struct UserAutocomplete {
    /// Those in the channel (or team) asked for.
    pub users: Vec<User>,
    /// Those of the team who are not in the channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_channel: Option<Vec<User>>,
}
