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
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time of its deactivation; 0 if it is active.
    pub delete_at: Millis,
    /// Unique in its organisation.
    pub username: String,
    /// Always empty: the identifier at a sign-in provider is not shown.
    pub auth_data: String,
    /// The service that the account logs in with; empty for password accounts, and in what others see.
    pub auth_service: String,
    /// Unique in its organisation.
    pub email: String,
    /// Whether the address is verified; only its owner sees this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub email_verified: bool,
    /// Whether a second factor is required at login; only its owner sees this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa_active: bool,
    /// The nickname.
    pub nickname: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Job title.
    pub position: String,
    /// Role names, separated by spaces.
    pub roles: String,
    /// Free-form properties, for example the custom status.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub props: StringMap,
    /// The notification settings; only its owner sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_props: Option<StringMap>,
    /// The time of the last password change; only its owner sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_password_update: Option<Millis>,
    /// Wrong passwords before this login.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed_attempts: i64,
    /// The time of the last change of the picture.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_picture_update: Millis,
    /// Language, for example `en`.
    pub locale: String,
    /// Automatic and manual time zone.
    pub timezone: StringMap,
    /// Whether the account is a bot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bot: bool,
    /// The purpose of the bot.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bot_description: String,
    /// Whether no welcome mail was sent.
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
    /// The time of the login.
    pub create_at: Millis,
    /// The time at which it expires.
    pub expires_at: Millis,
    /// The time of its last use, to the minute.
    pub last_activity_at: Millis,
    /// The account that the session belongs to.
    pub user_id: UserId,
    /// The phone's push identifier.
    pub device_id: String,
    /// The account's roles.
    pub roles: String,
    /// Whether an OAuth application holds it.
    pub is_oauth: bool,
    /// Whether its owner was notified that it expired.
    pub expired_notify: bool,
    /// Browser, platform and other facts that identify the client.
    pub props: Object,
    /// The account's team memberships.
    pub team_members: Vec<TeamMember>,
    /// Whether the login came over a local socket.
    pub local: bool,
}

/// A personal access token.
#[derive(Debug, Clone, Serialize)]
pub struct AccessToken {
    /// Its identifier, which is not the secret.
    pub id: TokenId,
    /// The secret; only in the answer to its creation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// The account that it authenticates.
    pub user_id: UserId,
    /// Its purpose, in words.
    pub description: String,
    /// Whether it may be used.
    pub is_active: bool,
    /// The time at which it expires; 0 for never.
    pub expires_at: Millis,
}

/// A bot account.
#[derive(Debug, Clone, Serialize)]
pub struct Bot {
    /// Its account.
    pub user_id: UserId,
    /// Unique among all accounts of its organisation.
    pub username: String,
    /// The name that people see.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// Its purpose, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The account that is responsible for it.
    #[serde(with = "crate::wire::id::or_empty")]
    pub owner_id: Option<UserId>,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time at which it was disabled; 0 if it is enabled.
    pub delete_at: Millis,
}

/// An entry of the audit log.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// Its identifier.
    pub id: AuditId,
    /// The time of the act.
    pub create_at: Millis,
    /// The account that acted; if it is unknown, the account that the act was tried on.
    #[serde(with = "crate::wire::id::or_empty")]
    pub user_id: Option<UserId>,
    /// The act, as the path of the operation.
    pub action: String,
    /// More about it, for people.
    pub extra_info: String,
    /// The network address of the client.
    pub ip_address: String,
    /// The session, if there was one.
    #[serde(with = "crate::wire::id::or_empty")]
    pub session_id: Option<SessionId>,
    /// The kind of thing that was acted on, for example `team`. This and the following fields are ours.
    pub subject_kind: String,
    /// The identifier of the thing that was acted on.
    pub subject_id: String,
    /// `success`, `fail` or `refused`.
    pub outcome: String,
    /// The client's user agent.
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
    /// Its purpose, in words.
    pub description: String,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time of its removal; 0 if it is not removed.
    pub delete_at: Millis,
    /// The names of the permissions that it holds.
    pub permissions: Vec<&'static str>,
    /// Whether a scheme manages it.
    pub scheme_managed: bool,
    /// Whether it came with the server.
    pub built_in: bool,
    /// The scheme that it belongs to.
    pub scheme_id: Option<SchemeId>,
}

/// The counts of accounts.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct UsersStats {
    /// Active accounts of the organisation.
    pub total_users_count: i64,
}

/// Accounts that match a prefix.
#[derive(Debug, Clone, Serialize)]
pub struct UserAutocomplete {
    /// Those in the channel (or team) asked for.
    pub users: Vec<User>,
    /// Those of the team who are not in the channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_channel: Option<Vec<User>>,
}
