//! Preferences.

use serde::{Deserialize, Serialize};

use crate::wire::UserId;

/// One preference of one account: a value under a category and a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preference {
    /// The account.
    pub user_id: UserId,
    /// Its group, for example `display_settings`.
    pub category: String,
    /// Its name in the group.
    pub name: String,
    /// Its value, of at most 20,000 characters.
    #[serde(default)]
    pub value: String,
}
