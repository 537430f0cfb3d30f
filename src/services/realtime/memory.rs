//! The bus of a single node: a bounded queue within the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{BridgeLink, BusMessage, Feed};
use crate::services::platform::Bus;
use crate::wire::{Frame, Topic};

/// Batches that may wait. A full queue drops the batch and sets the flag for lost frames: rooms then read the log.
const CAPACITY: usize = 8192;

/// Bytes that may wait.
const BYTES: usize = 64 << 20;

/// The sending end of the queue.
pub struct MemoryBus {
    queue: mpsc::Sender<Vec<Arc<Frame>>>,
    waiting: Arc<AtomicUsize>,
    lost: Arc<AtomicBool>,
}

/// The receiving end; the subscriber owns it.
pub struct MemoryFeed {
    queue: mpsc::Receiver<Vec<Arc<Frame>>>,
    waiting: Arc<AtomicUsize>,
    lost: Arc<AtomicBool>,
}

impl MemoryBus {
    /// Creates a bus and its one feed.
    pub fn new() -> (Self, MemoryFeed) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let lost = Arc::new(AtomicBool::new(false));
        let waiting = Arc::new(AtomicUsize::new(0));
        let bus = Self { queue: sender, waiting: waiting.clone(), lost: lost.clone() };
        (bus, MemoryFeed { queue: receiver, waiting, lost })
    }
}

impl Bus for MemoryBus {
    fn publish(&self, frames: Vec<Arc<Frame>>) {
        let bytes = size(&frames);
        let waiting = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        let fits = waiting == 0 || waiting + bytes <= BYTES;
        if !fits || self.queue.try_send(frames).is_err() {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            self.mark_possibly_lost();
        }
    }

    fn publish_here(&self, frames: Vec<Arc<Frame>>) {
        self.publish(frames);
    }

    fn mark_possibly_lost(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }
}

impl MemoryFeed {
    /// A flag that is set when batches are lost; its reader clears it.
    pub fn lost(&self) -> Arc<AtomicBool> {
        self.lost.clone()
    }

    /// The next batch; `None` when the bus is gone.
    pub(super) async fn batch(&mut self) -> Option<Vec<Arc<Frame>>> {
        let frames = self.queue.recv().await?;
        self.waiting.fetch_sub(size(&frames), Ordering::Relaxed);
        Some(frames)
    }
}

/// Bytes of the frames in memory.
fn size(frames: &[Arc<Frame>]) -> usize {
    frames.iter().map(|frame| frame.size()).sum()
}

#[async_trait]
impl Feed for MemoryFeed {
    async fn next(&mut self) -> Option<BusMessage> {
        self.batch().await.map(BusMessage::Frames)
    }
}

/// The link of a node that has no bridge.
#[derive(Debug, Clone, Copy)]
pub struct NoLink {
    /// Whether other nodes may write to the same database all the same.
    pub shared_database: bool,
}

impl BridgeLink for NoLink {
    fn is_whole(&self) -> bool {
        !self.shared_database
    }

    fn follow(&self, _: Topic) -> bool {
        false
    }

    fn unfollow(&self, _: Topic) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ChannelId;
    use crate::wire::frame::{AudienceFilter, Effect};

    #[tokio::test]
    async fn what_waits_is_bounded_in_bytes_and_what_does_not_fit_is_said_to_be_lost() {
        let topic = Topic::Channel(ChannelId::new());
        let (effect, body) = (Effect::None, "x".repeat(1 << 20).into());
        let fat =
            Arc::new(Frame { topic, seq: 1, effect, omit: None, filter: AudienceFilter::Everybody, body });
        let (bus, mut subscription) = MemoryBus::new();
        let lost = subscription.lost();
        for _ in 0..63 {
            bus.publish(vec![fat.clone()]);
        }
        assert!(!lost.load(Ordering::Relaxed));
        bus.publish(vec![fat.clone()]);
        assert!(lost.swap(false, Ordering::Relaxed), "one too many");
        assert!(subscription.batch().await.is_some());
        bus.publish(vec![fat]);
        assert!(!lost.load(Ordering::Relaxed), "there is space again");
        let mut left = 0;
        drop(bus);
        while subscription.batch().await.is_some() {
            left += 1;
        }
        assert_eq!((left, subscription.waiting.load(Ordering::Relaxed)), (63, 0));
    }
}
