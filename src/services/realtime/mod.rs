//! Where services end and delivery begins: the [`Bus`] that frames are handed to, the log that missed ones are read
//! from, who is connected, and what connections that were cut were shown. Nothing here knows that actors exist.

mod log;
mod memory;
mod parking;
mod presence;
mod trail;

use std::sync::Arc;

use crate::wire::Frame;

pub use log::{Log, PgLog, REPLAY_PAGE};
pub use memory::{MemoryBus, Subscription};
pub use parking::{KEPT, MemoryParking, Parking, Record};
pub use presence::{LocalPresence, Presence, Seen};
pub use trail::{RING, Trail};

/// Carries frames to the rooms of this node, and of others where there are others. It may lose or double frames: the
/// numbers make that harmless.
pub trait Bus: Send + Sync {
    /// Hands over frames in the order of their numbers. Never waits, never fails.
    fn publish(&self, frames: Vec<Arc<Frame>>);
}
