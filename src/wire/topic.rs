//! A topic: the audience of an event, with a log and a counter of its own (see `docs/ARCHITECTURE.md`).

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::id::{ChannelId, NotAnId, OrgId, TeamId, UserId, decode, encode};

/// The audience of an event. Its identifier is that of the organisation, team, channel or account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// All members of an organisation.
    Org(OrgId),
    /// The members of a team.
    Team(TeamId),
    /// The members of a channel.
    Channel(ChannelId),
    /// One account, on all its connections.
    User(UserId),
}

impl Topic {
    /// The identifier under which its counter and its log are kept.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Org(OrgId(id))
            | Self::Team(TeamId(id))
            | Self::Channel(ChannelId(id))
            | Self::User(UserId(id)) => id,
        }
    }

    /// The topic of the kind that a letter stands for; `None` for any other text.
    pub fn of(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "o" => Some(Self::Org(OrgId(id))),
            "t" => Some(Self::Team(TeamId(id))),
            "c" => Some(Self::Channel(ChannelId(id))),
            "u" => Some(Self::User(UserId(id))),
            _ => None,
        }
    }

    /// The letter that stands for its kind.
    fn letter(self) -> char {
        match self {
            Self::Org(_) => 'o',
            Self::Team(_) => 't',
            Self::Channel(_) => 'c',
            Self::User(_) => 'u',
        }
    }
}

/// `c:<id>` for a channel, `t:` a team, `u:` an account, `o:` an organisation.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.letter(), encode(self.uuid()))
    }
}

impl FromStr for Topic {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (kind, id) = text.split_once(':').ok_or(NotAnId)?;
        Self::of(kind, decode(id)?).ok_or(NotAnId)
    }
}
