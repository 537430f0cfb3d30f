//! Identifiers: one type per kind, UUIDv7 inside, 26 characters of z-base-32 on the wire.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The alphabet of the wire form, five bits a character.
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// Characters of an identifier on the wire.
pub const LENGTH: usize = 26;

/// The error for a text that cannot be an identifier: not 26 letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct NotAnId;

/// The wire form of 16 bytes.
pub fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..LENGTH)
        .map(|i| {
            let shift = 123_i32 - 5 * i32::try_from(i).unwrap_or(0);
            let digit = if shift >= 0 { bits >> shift } else { bits << -shift } & 31;
            char::from(ALPHABET.get(usize::try_from(digit).unwrap_or(0)).copied().unwrap_or(b'y'))
        })
        .collect()
}

/// The 16 bytes of a wire form. Text of the right form that decodes to nothing (other servers make such ids) becomes
/// the nil UUID, which no row has: it is well formed, and never found.
pub fn decode(text: &str) -> Result<Uuid, NotAnId> {
    if text.len() != LENGTH || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(NotAnId);
    }
    let digits =
        text.bytes().map(|b| ALPHABET.iter().position(|a| *a == b).and_then(|d| u128::try_from(d).ok()));
    let Some(digits) = digits.collect::<Option<Vec<u128>>>() else { return Ok(Uuid::nil()) };
    let (last, head) = digits.split_last().ok_or(NotAnId)?;
    if last & 0b11 != 0 {
        return Ok(Uuid::nil());
    }
    Ok(Uuid::from_u128(head.iter().fold(0, |bits, d| bits << 5 | d) << 3 | last >> 2))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, ordered after those made before on this machine.
            #[expect(clippy::new_without_default, reason = "a fresh identifier is not a default value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                decode(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&encode(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(|NotAnId| de::Error::custom("not an identifier"))
            }
        }
    )*};
}

ids! {
    /// An organisation.
    OrgId,
    /// An account.
    UserId,
    /// A login of an account.
    SessionId,
    /// A team.
    TeamId,
    /// A channel of any type.
    ChannelId,
    /// A post.
    PostId,
    /// An entry of an account's audit trail.
    AuditId,
    /// A custom emoji.
    EmojiId,
    /// A scheme: a set of roles for teams or channels.
    SchemeId,
    /// A personal access token, without its secret.
    TokenId,
    /// One WebSocket connection.
    ConnectionId,
    /// One process of this server, from its start to its end.
    NodeId,
    /// A file.
    FileId,
}

/// Serialises an absent id as the empty string, as the protocol has it.
pub mod or_empty {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    /// Writes the id, or `""`.
    pub fn serialize<T: Serialize, S: Serializer>(id: &Option<T>, s: S) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => id.serialize(s),
            None => s.serialize_str(""),
        }
    }

    /// Reads an id; `""` and `null` are none.
    pub fn deserialize<'de, T: std::str::FromStr, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
        match Option::<std::borrow::Cow<'de, str>>::deserialize(d)? {
            None => Ok(None),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) => text.parse().ok().map(Some).ok_or_else(|| de::Error::custom("not an identifier")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_wire() {
        for _ in 0..1000 {
            let id = UserId::new();
            assert_eq!(id.to_string().len(), LENGTH);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn ids_sort_on_the_wire_no_matter_how_but_decode_exactly() {
        assert_eq!(decode("y".repeat(26).as_str()), Ok(Uuid::nil()));
        assert_eq!(encode(Uuid::max()), "9".repeat(25) + "h");
    }

    #[test]
    fn what_encodes_nothing_is_well_formed_and_nobody() {
        assert_eq!(decode("abcdefghijkmnopqrstuvwxyza"), Ok(Uuid::nil()));
        assert_eq!(decode(&("9".repeat(25) + "9")), Ok(Uuid::nil()));
        assert_eq!(decode("short"), Err(NotAnId));
        assert_eq!(decode("abcdefghijkmnopqrstuvwxy!a"), Err(NotAnId));
    }
}
