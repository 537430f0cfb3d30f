//! The types of channels in the protocol.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// The error for a text that names no type of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAChannelKind;

impl ChannelKind {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Public, Self::Private, Self::Direct, Self::Group];

    /// Its letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "O",
            Self::Private => "P",
            Self::Direct => "D",
            Self::Group => "G",
        }
    }

    /// Whether it is a conversation of named accounts, which belongs to no team.
    pub fn is_direct(self) -> bool {
        match self {
            Self::Direct | Self::Group => true,
            Self::Public | Self::Private => false,
        }
    }
}

impl FromStr for ChannelKind {
    type Err = NotAChannelKind;

    fn from_str(text: &str) -> Result<Self, NotAChannelKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(NotAChannelKind)
    }
}

impl std::fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for NotAChannelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no type of channel")
    }
}

impl std::error::Error for NotAChannelKind {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_is_the_same_everywhere() {
        for kind in ChannelKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!("X".parse::<ChannelKind>(), Err(NotAChannelKind));
    }
}
