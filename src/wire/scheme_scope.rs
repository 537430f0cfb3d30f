//! The scopes of schemes in the protocol.

use serde::Serialize;

use super::words::words;

/// What may be put under a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum SchemeScope {
    /// Teams, with their channels.
    #[serde(rename = "team")]
    Team,
    /// Single channels.
    #[serde(rename = "channel")]
    Channel,
}

words! { SchemeScope { Team => "team", Channel => "channel" } }
