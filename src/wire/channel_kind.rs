//! The types of channels in the protocol.

use serde::{Deserialize, Serialize};

use super::words::words;

/// The type of a channel: one letter on the wire and in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChannelKind {
    /// Open to every member of its team.
    #[serde(rename = "O")]
    Public,
    /// Of a team, for invited members.
    #[serde(rename = "P")]
    Private,
    /// Between two accounts, or an account and itself; of no team.
    #[serde(rename = "D")]
    Direct,
    /// Between three to eight accounts; of no team.
    #[serde(rename = "G")]
    Group,
}

words! { ChannelKind { Public => "O", Private => "P", Direct => "D", Group => "G" } }

impl ChannelKind {
    /// Whether it is a conversation of named accounts, which belongs to no team.
    pub fn is_direct(self) -> bool {
        match self {
            Self::Direct | Self::Group => true,
            Self::Public | Self::Private => false,
        }
    }
}
