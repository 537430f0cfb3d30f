//! Custom emoji.

use serde::Serialize;

use crate::wire::id::or_empty;
use crate::wire::{EmojiId, Millis, UserId};

/// A custom emoji: a picture with a name.
#[derive(Debug, Clone, Serialize)]
pub struct Emoji {
    /// Its identifier.
    pub id: EmojiId,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// Always 0: a deleted emoji is removed altogether.
    pub delete_at: Millis,
    /// The account that created it; empty if that account is gone.
    #[serde(with = "or_empty")]
    pub creator_id: Option<UserId>,
    /// Its name, without colons.
    pub name: String,
}
