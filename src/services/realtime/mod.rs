//! The border between services and delivery: the bus (`platform::Bus`) that frames are handed to, the [`Feed`] that they
//! come out of, the log that missed ones are read from, presence, and the replay buffers of ended connections. Nothing here
//! knows that actors exist.
//!
//! Without Redis, bus and feed are a queue in memory. With Redis they are bridged to those of other nodes; Redis only
//! forwards, and whatever it loses is found in the log.

mod core;
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

use crate::wire::{Frame, Topic};

pub use self::redis::{
    Bridge, RedisBus, RedisFeed, RedisLink, RedisResumeStore, RedisSharedRateLimit, forget, keep_registered,
};
pub use core::Core;
pub use core::Parts;
pub use log::Log;
pub use log::Page;
pub use log::PgLog;
pub use log::REPLAY_PAGE;
pub use log::read as read_logged;
pub use memory::{MemoryBus, MemoryFeed, NoLink};
pub use memory_resume_store::MemoryResumeStore;
pub use presence::{Presence, Seen};
pub use replay_buffer::{REPLAY_BYTES, REPLAY_EVENTS, ReplayBuffer};
pub use resume_store::{KEPT, ResumeStore, StoredReplay};
pub use throttle::Throttle;

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
