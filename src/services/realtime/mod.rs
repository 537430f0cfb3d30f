//! Where services end and delivery begins: the [`Bus`] that frames are handed to, the [`Feed`] that they come out of,
//! the log that missed ones are read from, who is connected, and what connections that were cut were shown. Nothing
//! here knows that actors exist.
//!
//! Alone, bus and feed are a queue in memory. With Redis they are bridged to those of other nodes; Redis is only a
//! bell, and whatever it loses is found in the log.

mod log;
mod memory;
mod memory_resume_store;
mod presence;
mod redis;
mod replay_buffer;
mod resume_store;
mod throttle;

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;
use crate::wire::{Frame, Topic};

pub use self::redis::{
    Bridge, RedisBus, RedisFeed, RedisLink, RedisResumeStore, RedisSharedRateLimit, forget, keep_registered,
};
pub use log::{Log, Page, PgLog, REPLAY_PAGE};
pub use memory::{MemoryBus, MemoryFeed, NoLink};
pub use memory_resume_store::MemoryResumeStore;
pub use presence::{Presence, Seen};
pub use replay_buffer::{REPLAY_BYTES, REPLAY_EVENTS, ReplayBuffer};
pub use resume_store::{KEPT, ResumeStore, StoredReplay};
pub use throttle::Throttle;

/// Carries frames to the rooms of this node, and of others where there are others. It may lose or double frames: the
/// numbers make that harmless.
pub trait Bus: Send + Sync {
    /// Hands over frames in the order of their numbers. Never waits, never fails.
    fn publish(&self, frames: Vec<Arc<Frame>>);
    /// Hands frames to the rooms of this node alone: other nodes make theirs themselves.
    fn publish_here(&self, frames: Vec<Arc<Frame>>);

    /// Something may be in the log that nobody was told of: rooms of this node should look.
    fn mark_possibly_lost(&self);
}

/// What comes out of the bus.
#[derive(Debug)]
pub enum BusMessage {
    /// Frames, of this node and of others; in any order, and perhaps again.
    Frames(Vec<Arc<Frame>>),
    /// From now on other nodes' frames of these topics come too. Those from before may have been missed.
    Following(Vec<Topic>),
}

/// The end of the bus that a node listens to.
#[async_trait]
pub trait Feed: Send {
    /// The next news; `None` when the bus is gone.
    async fn next(&mut self) -> Option<BusMessage>;
}

/// Where nodes add up what clients used.
#[async_trait]
pub trait SharedRateLimit: Send + Sync {
    /// Takes what each client used here out of its bucket, which fills at `per_second` up to `size`; what is left of
    /// each, in the same order.
    async fn take(&self, used: &[(String, f64)], per_second: f64, size: f64) -> Result<Vec<f64>>;
}

/// What ties a node to the others.
pub trait BridgeLink: Send + Sync {
    /// Whether the frames of every other node come by themselves. While they do not, the log has to be asked.
    fn is_whole(&self) -> bool;
    /// There is a listener for the topic on this node. Whether [`BusMessage::Following`] will tell when others are
    /// heard.
    fn follow(&self, topic: Topic) -> bool;
    /// There is none any more.
    fn unfollow(&self, topic: Topic);
}
