//! Settings that must not be printed.

use std::fmt;

use serde::Deserialize;

/// A secret setting. Its `Debug` output hides the text.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
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
