//! Presence, and the limits of the server.

use serde::{Deserialize, Serialize};

use crate::wire::{Millis, PresenceStatus, UserId};

/// The presence of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// The account.
    pub user_id: UserId,
    /// The status itself.
    pub status: PresenceStatus,
    /// Whether they set it by hand.
    pub manual: bool,
    /// The time of their last activity.
    pub last_activity_at: Millis,
    /// The end of do-not-disturb, in seconds since 1970; 0 for never.
    pub dnd_end_time: i64,
}

/// Limits on accounts; 0 is none.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct ServerLimits {
    pub max_users_limit: i64,
    pub max_users_hard_limit: i64,
    pub active_user_count: i64,
    pub single_channel_guest_count: i64,
    pub single_channel_guest_limit: i64,
    pub post_history_limit: i64,
    pub last_accessible_post_time: Millis,
}
