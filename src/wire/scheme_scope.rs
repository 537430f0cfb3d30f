//! The scopes of schemes in the protocol.

use serde::Serialize;

use super::words::words;

/// The scope of a scheme: the places that may be put under it.
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
