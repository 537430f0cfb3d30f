//! The bus, where services end: they hand over frames, and know nothing of who delivers them.

use std::sync::Arc;

use crate::wire::Frame;

/// Carries frames to the rooms of this node, and of other nodes if there are any. It may lose or duplicate frames: the
/// numbers make that harmless.
pub trait Bus: Send + Sync {
    /// Hands over frames in the order of their numbers. Never waits, never fails.
    fn publish(&self, frames: Vec<Arc<Frame>>);
    /// Hands frames to the rooms of this node only: other nodes produce theirs themselves.
    fn publish_here(&self, frames: Vec<Arc<Frame>>);

    /// Notes that the log may have events that no room was told of: rooms of this node should check.
    fn mark_possibly_lost(&self);
}
