//! The bus of a single node: a bounded queue within the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Bus, Feed, Link, News};
use crate::wire::{Frame, Topic};

/// Batches that may wait. A full queue drops the batch and says so: rooms then read what they miss from the log.
const CAPACITY: usize = 8192;

/// The sending end.
pub struct MemoryBus {
    queue: mpsc::Sender<Vec<Arc<Frame>>>,
    lost: Arc<AtomicBool>,
}

/// The receiving end; the subscriber owns it.
pub struct Subscription {
    queue: mpsc::Receiver<Vec<Arc<Frame>>>,
    lost: Arc<AtomicBool>,
}

impl MemoryBus {
    /// A bus and its one subscription.
    pub fn new() -> (Self, Subscription) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let lost = Arc::new(AtomicBool::new(false));
        (Self { queue: sender, lost: lost.clone() }, Subscription { queue: receiver, lost })
    }
}

impl Bus for MemoryBus {
    fn publish(&self, frames: Vec<Arc<Frame>>) {
        if self.queue.try_send(frames).is_err() {
            self.doubt();
        }
    }

    fn publish_here(&self, frames: Vec<Arc<Frame>>) {
        self.publish(frames);
    }

    fn doubt(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }
}

impl Subscription {
    /// A flag that is up while batches were lost since somebody last took it down.
    pub fn lost(&self) -> Arc<AtomicBool> {
        self.lost.clone()
    }

    /// The next batch; `None` when the bus is gone.
    pub(super) async fn batch(&mut self) -> Option<Vec<Arc<Frame>>> {
        self.queue.recv().await
    }
}

#[async_trait]
impl Feed for Subscription {
    async fn next(&mut self) -> Option<News> {
        self.batch().await.map(News::Frames)
    }
}

/// No tie to other nodes.
#[derive(Debug, Clone, Copy)]
pub struct NoLink {
    /// Whether there may be others all the same, which write to the same database.
    pub shared_database: bool,
}

impl Link for NoLink {
    fn is_whole(&self) -> bool {
        !self.shared_database
    }

    fn follow(&self, _: Topic) -> bool {
        false
    }

    fn unfollow(&self, _: Topic) {}
}
