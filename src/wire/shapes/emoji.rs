//! Custom emoji.

use serde::Serialize;

use crate::wire::id::or_empty;
use crate::wire::{EmojiId, Millis, UserId};

/// A picture with a name.
#[derive(Debug, Clone, Serialize)]
pub struct Emoji {
    /// Its identifier.
    pub id: EmojiId,
    /// When it was made.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// Always 0: what is deleted is gone.
    pub delete_at: Millis,
    /// Who made it; empty if that account is gone.
    #[serde(with = "or_empty")]
    pub creator_id: Option<UserId>,
    /// Its name, without colons.
    pub name: String,
}
