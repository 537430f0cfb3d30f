//! The border between services and delivery: the [`Bus`] that frames are handed to, the [`Feed`] that they come out of,
//! the log that missed ones are read from, presence, and the replay buffers of ended connections. Nothing here knows
//! that actors exist.
//!
//! Without Redis, bus and feed are a queue in memory. With Redis they are bridged to those of other nodes; Redis only
//! forwards, and whatever it loses is found in the log.

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
pub use log::{Log, Page, PgLog, REPLAY_PAGE, read as read_logged};
pub use memory::{MemoryBus, MemoryFeed, NoLink};
pub use memory_resume_store::MemoryResumeStore;
pub use presence::{Presence, Seen};
pub use replay_buffer::{REPLAY_BYTES, REPLAY_EVENTS, ReplayBuffer};
pub use resume_store::{KEPT, ResumeStore, StoredReplay};
pub use throttle::Throttle;

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

/// A message of the feed.
#[derive(Debug)]
pub enum BusMessage {
    /// Frames of this node and of others; in any order, and perhaps repeated.
    Frames(Vec<Arc<Frame>>),
    /// Other nodes' frames of these topics arrive from now on. Earlier ones may have been missed.
    Following(Vec<Topic>),
}

/// The receiving end of a node's bus.
#[async_trait]
pub trait Feed: Send {
    /// The next message; `None` when the bus is gone.
    async fn next(&mut self) -> Option<BusMessage>;
}

/// A shared counter in which nodes add up the requests of clients.
#[async_trait]
pub trait SharedRateLimit: Send + Sync {
    /// Takes the amount that each client used on this node out of its bucket, which fills at `per_second` up to `size`;
    /// answers what is left in each, in the same order.
    async fn take(&self, used: &[(String, f64)], per_second: f64, size: f64) -> Result<Vec<f64>>;
}

/// The link of a node to the others.
pub trait BridgeLink: Send + Sync {
    /// Whether the frames of every other node arrive. While they do not, the log has to be checked.
    fn is_whole(&self) -> bool;
    /// Notes that the topic has a listener on this node. Answers whether [`BusMessage::Following`] will tell when other
    /// nodes' frames of it arrive.
    fn follow(&self, topic: Topic) -> bool;
    /// Notes that the topic has no listener any more.
    fn unfollow(&self, topic: Topic);
}
