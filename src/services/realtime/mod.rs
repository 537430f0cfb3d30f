//! Where services end and delivery begins: the [`Bus`] that frames are handed to, the log that missed ones are read
//! from, and who is connected. Nothing here knows that actors exist.

mod log;
mod memory;
mod presence;
mod throttle;

use std::sync::Arc;

use crate::wire::Frame;

pub use log::{Log, PgLog, REPLAY_PAGE};
pub use memory::{MemoryBus, Subscription};
pub use presence::{LocalPresence, Presence, Seen};
pub use throttle::Throttle;

/// Carries frames to the rooms of this node, and of others where there are others. It may lose or double frames: the
/// numbers make that harmless.
pub trait Bus: Send + Sync {
    /// Hands over frames in the order of their numbers. Never waits, never fails.
    fn publish(&self, frames: Vec<Arc<Frame>>);

    /// Something may be in the log that nobody was told of: rooms of this node should look.
    fn doubt(&self);
}
