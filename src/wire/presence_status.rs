//! The statuses of accounts in the protocol.

use serde::{Deserialize, Serialize};

use super::words::words;

/// The status of an account: chosen, or what its activity shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PresenceStatus {
    /// Active.
    #[serde(rename = "online")]
    Online,
    /// Connected, but not active for a while; or chosen.
    #[serde(rename = "away")]
    Away,
    /// Does not want to be disturbed.
    #[serde(rename = "dnd")]
    Dnd,
    /// Not connected; or chosen, to look so.
    #[serde(rename = "offline")]
    Offline,
}

words! { PresenceStatus { Online => "online", Away => "away", Dnd => "dnd", Offline => "offline" } }
