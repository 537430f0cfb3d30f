//! The subscriber: takes messages from the bus's feed and hands them to the hub, no faster than the hub takes them. It
//! is a supervised task and no actor: nobody sends it anything but the feed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix::prelude::*;
use tokio::sync::Mutex;

use super::hub::{Following, Hub, Route};
use crate::services::realtime::{BusMessage, Feed};
use crate::supervisor::Pulse;

/// What the subscriber works with. It outlives a subscriber that dies.
#[derive(Clone)]
pub struct Subscriber {
    /// The receiving end of the bus.
    pub feed: Arc<Mutex<Box<dyn Feed>>>,
    /// The hub.
    pub hub: Addr<Hub>,
    /// Set while rooms may lack frames, which they then read from the log.
    pub lost: Arc<AtomicBool>,
}

impl Subscriber {
    /// Hands on messages until the bus or the hub is gone.
    pub async fn run(self, pulse: Pulse) {
        let mut feed = self.feed.lock().await;
        if pulse.is_restart() {
            // The one before had taken messages that it did not hand on.
            self.lost.store(true, Ordering::Relaxed);
        }
        while let Some(news) = pulse.during(feed.next()).await {
            let taken = match news {
                BusMessage::Frames(frames) => self.hub.send(Route(frames)).await,
                BusMessage::Following(topics) => self.hub.send(Following(topics)).await,
            };
            if taken.is_err() {
                return;
            }
        }
    }
}
