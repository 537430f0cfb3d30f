//! The bridge between nodes: frames travel over Redis channels, one for each topic, to the nodes that have a listener
//! there. Each node publishes on one connection (`publisher`) and listens on another (`subscriber`); `link` knows
//! the other nodes and whether they are heard; `node_message` is the format.
//!
//! Nothing here may delay or fail a post: a full queue and a broken connection lose messages, and say so.

mod link;
mod node_message;
mod publisher;
mod registry;
mod resume_store;
mod shared_rate_limit;
mod subscriber;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::{AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion, RedisError};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{BusMessage, Feed, MemoryBus, MemoryFeed, Presence};
use crate::error::{Error, Result};
use crate::services::platform::Bus;
use crate::supervisor::{Spec, Supervisor};
use crate::wire::{Frame, NodeId, Topic};
use node_message::NodeMessage;

pub use link::RedisLink;
pub use registry::{forget, keep_registered};
pub use resume_store::RedisResumeStore;
pub use shared_rate_limit::RedisSharedRateLimit;

/// Messages that may wait to be sent, and frames that may wait to be taken. Those beyond are lost and reported as lost.
const QUEUE: usize = 8192;

/// Bytes that may wait in each of these queues.
const QUEUE_BYTES: usize = 64 << 20;

/// Frames that are handed on together, and their bytes; the frame that reaches those is the last.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 4 << 20;

/// Time limit for connecting, and for an answer of Redis.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the tasks of the bridge may give no sign of life: longer than some answers of Redis that do not come.
const SILENT: Duration = Duration::from_secs(30);

/// The first and the longest pause before reconnecting.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// After a connection that lasted so long, the pauses begin anew.
const GOOD: Duration = Duration::from_secs(4);

/// A bridged bus, its feed, and the link of this node to the others.
pub struct Bridge {
    /// The bus for this node's frames.
    pub bus: RedisBus,
    /// The feed of all nodes' frames.
    pub feed: RedisFeed,
    /// The link, which tells whether all frames arrive.
    pub link: Arc<RedisLink>,
}

/// The sending end: frames go to this node's rooms at once, and to other nodes through Redis.
pub struct RedisBus {
    local: MemoryBus,
    link: Arc<RedisLink>,
}

/// The receiving end.
pub struct RedisFeed {
    local: MemoryFeed,
    frames: mpsc::Receiver<Arc<Frame>>,
    waiting: Arc<AtomicUsize>,
    following: mpsc::Receiver<Vec<Topic>>,
}

/// The queues that the listening connection fills.
struct Inbox {
    frames: mpsc::Sender<Arc<Frame>>,
    /// Bytes of the frames in the queue.
    waiting: Arc<AtomicUsize>,
    following: mpsc::Sender<Vec<Topic>>,
    /// Set when frames were lost.
    lost: Arc<AtomicBool>,
}

impl Bridge {
    /// Bridges the bus of this node to those of others over the Redis at `url`. Starts two supervised tasks, which
    /// connect and reconnect for as long as the process lives; must be called within a runtime.
    pub fn open(
        url: &str,
        prefix: &str,
        (local, subscription): (MemoryBus, MemoryFeed),
        presence: Arc<Presence>,
        supervisor: &Supervisor,
    ) -> Result<Self> {
        let client = client(url).map_err(refused)?;
        presence.bridge();
        let (messages, queue) = mpsc::channel(QUEUE);
        let (frames, heard) = mpsc::channel(QUEUE);
        let (following, followed) = mpsc::channel(16);
        let link = Arc::new(RedisLink::new(NodeId::new(), prefix, messages, presence));
        let waiting = Arc::new(AtomicUsize::new(0));
        let inbox =
            Arc::new(Inbox { frames, waiting: waiting.clone(), following, lost: subscription.lost() });
        let publisher = publisher::Publisher::new(client.clone(), link.clone(), queue);
        supervisor.start(Spec::task("bridge_publisher").silent_for(SILENT), move |pulse| {
            publisher.clone().run(pulse)
        });
        let listening = link.clone();
        supervisor.start(Spec::task("bridge_subscriber").silent_for(SILENT), move |pulse| {
            subscriber::run(client.clone(), listening.clone(), inbox.clone(), pulse)
        });
        let feed = RedisFeed { local: subscription, frames: heard, waiting, following: followed };
        Ok(Self { bus: RedisBus { local, link: link.clone() }, feed, link })
    }
}

impl Bus for RedisBus {
    fn publish(&self, frames: Vec<Arc<Frame>>) {
        for frame in &frames {
            self.link.send(NodeMessage::Frame(frame.clone()));
        }
        self.local.publish(frames);
    }

    fn publish_here(&self, frames: Vec<Arc<Frame>>) {
        self.local.publish(frames);
    }

    fn mark_possibly_lost(&self) {
        self.link.send(NodeMessage::Lost);
        self.local.mark_possibly_lost();
    }
}

#[async_trait]
impl Feed for RedisFeed {
    async fn next(&mut self) -> Option<BusMessage> {
        let mut batch = Vec::new();
        tokio::select! {
            frames = self.local.batch() => frames.map(BusMessage::Frames),
            count = self.frames.recv_many(&mut batch, BATCH) => {
                let bytes = batch.iter().map(|frame| frame.size()).sum();
                self.waiting.fetch_sub(bytes, Ordering::Relaxed);
                (count > 0).then_some(BusMessage::Frames(batch))
            }
            topics = self.following.recv() => topics.map(BusMessage::Following),
        }
    }
}

impl Inbox {
    /// Queues a frame; a full queue drops it and sets `lost`.
    fn put(&self, frame: Frame) {
        let bytes = frame.size();
        let fits = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes <= QUEUE_BYTES;
        if !fits || self.frames.try_send(Arc::new(frame)).is_err() {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

/// A client that speaks RESP3, in which subscribed messages arrive beside the answers.
fn client(url: &str) -> std::result::Result<Client, RedisError> {
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings))
}

/// The configuration of a connection with this time limit for connecting and for answers.
fn patient(patience: Duration) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(Some(patience)).set_response_timeout(Some(patience))
}

/// The error for a Redis that is misconfigured.
fn refused(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("settings: redis.url: {error}"))
}

/// The pauses between attempts to connect, which grow while none of them succeeds.
struct BackOff {
    pause: Duration,
    began: Instant,
}

impl BackOff {
    fn new() -> Self {
        Self { pause: PAUSES.0, began: Instant::now() }
    }

    /// Whether the connection that just broke was the first after a good one.
    fn is_new(&self) -> bool {
        self.pause == PAUSES.0 || self.began.elapsed() > GOOD
    }

    /// Waits before the next attempt.
    async fn wait(&mut self) {
        if self.began.elapsed() > GOOD {
            self.pause = PAUSES.0;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSES.1);
        self.began = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ChannelId;
    use crate::wire::frame::{AudienceFilter, Effect};

    fn frame(bytes: usize) -> Frame {
        let topic = Topic::Channel(ChannelId::new());
        let (effect, filter) = (Effect::None, AudienceFilter::Everybody);
        Frame { topic, seq: 1, effect, omit: None, filter, body: "x".repeat(bytes).into() }
    }

    #[tokio::test]
    async fn what_waits_to_be_taken_is_bounded_and_said_to_be_lost() {
        let (frames, mut heard) = mpsc::channel(QUEUE);
        let (following, _followed) = mpsc::channel(1);
        let lost = Arc::new(AtomicBool::new(false));
        let inbox = Inbox { frames, waiting: Arc::default(), following, lost: lost.clone() };
        for _ in 0..63 {
            inbox.put(frame(1 << 20));
        }
        assert!(!lost.load(Ordering::Relaxed));
        inbox.put(frame(1 << 20));
        assert!(lost.swap(false, Ordering::Relaxed), "the bytes are too many");
        while let Ok(frame) = heard.try_recv() {
            inbox.waiting.fetch_sub(frame.size(), Ordering::Relaxed);
        }
        assert_eq!(inbox.waiting.load(Ordering::Relaxed), 0);
        for _ in 0..QUEUE {
            inbox.put(frame(1));
        }
        assert!(!lost.load(Ordering::Relaxed));
        inbox.put(frame(1));
        assert!(lost.load(Ordering::Relaxed), "the frames are too many");
    }
}
