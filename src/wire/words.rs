//! Enums whose variants are words of the protocol, the same on the wire and in the database.

/// The error for a text that is none of the words of its enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord(pub &'static str);

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no word of {}", self.0)
    }
}

impl std::error::Error for UnknownWord {}

/// Gives an enum `ALL`, `as_str`, and the conversions from and to text.
macro_rules! words {
    ($kind:ident { $($variant:ident => $word:literal),* $(,)? }) => {
        impl $kind {
            /// Every variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::wire::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
                known.ok_or($crate::wire::words::UnknownWord(stringify!($kind)))
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(super) use words;

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::str::FromStr;

    use serde::Serialize;

    use super::UnknownWord;
    use crate::wire::{ChannelKind, PresenceStatus, SchemeScope};

    fn is_the_same_everywhere<T>(all: &[T], as_str: fn(T) -> &'static str)
    where
        T: Copy + Debug + PartialEq + Serialize + FromStr<Err = UnknownWord>,
    {
        for kind in all {
            assert_eq!(as_str(*kind).parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), as_str(*kind));
        }
        assert!("X".parse::<T>().is_err());
    }

    #[test]
    fn a_word_is_the_same_everywhere() {
        is_the_same_everywhere(ChannelKind::ALL, ChannelKind::as_str);
        is_the_same_everywhere(SchemeScope::ALL, SchemeScope::as_str);
        is_the_same_everywhere(PresenceStatus::ALL, PresenceStatus::as_str);
    }
}
