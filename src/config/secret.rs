//! Text that must not be printed.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A setting that is never shown. Digits alone are text too: a password of digits must not become a number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is not set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is too short or too uniform to sign with.
    pub fn is_weak(&self) -> bool {
        let distinct: std::collections::BTreeSet<char> = self.0.chars().collect();
        self.0.len() < 32 || distinct.len() < 8
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "unset" } else { "set" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Secret;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret(text.to_owned()))
            }
            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Secret, E> {
                Ok(Secret(n.to_string()))
            }
            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Secret, E> {
                Ok(Secret(n.to_string()))
            }
        }
        d.deserialize_any(Text)
    }
}
