//! The link of this node to the others: which of them are heard, and which topics this node wants.
//!
//! Every node sends a beat on the nodes' channel, and hears its own. A node that is not heard for a moment, this one
//! included, may have committed something that nobody here was told of.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};

use super::QUEUE_BYTES;
use super::node_message::{NodeMessage, NodeSignal};
use crate::services::realtime::{BridgeLink, Presence};
use crate::wire::{NodeId, Topic};

/// Silence after which messages of a node may have been missed: several beats.
const SILENCE: Duration = Duration::from_millis(800);

/// The link of this node to the others.
pub struct RedisLink {
    node: NodeId,
    prefix: String,
    messages: mpsc::Sender<NodeMessage>,
    /// Bytes of the messages that wait to be sent.
    waiting: AtomicUsize,
    /// Whether a message found the queue full.
    dropped: AtomicBool,
    presence: Arc<Presence>,
    /// The time at which each node was last heard.
    heard: Mutex<HashMap<NodeId, Instant>>,
    /// The nodes that are alive according to the database.
    alive: Mutex<HashSet<NodeId>>,
    interest: Mutex<Interest>,
    changed: Notify,
}

/// The topics that have a listener on this node.
#[derive(Default)]
struct Interest {
    wanted: HashSet<Topic>,
    /// The changes since the subscribing connection last asked: true for begun, false for ended.
    changes: HashMap<Topic, bool>,
}

impl RedisLink {
    pub(super) fn new(
        node: NodeId,
        prefix: &str,
        messages: mpsc::Sender<NodeMessage>,
        presence: Arc<Presence>,
    ) -> Self {
        Self {
            node,
            prefix: prefix.to_owned(),
            messages,
            waiting: AtomicUsize::new(0),
            dropped: AtomicBool::new(false),
            presence,
            heard: Mutex::default(),
            alive: Mutex::default(),
            interest: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// The identifier of this node.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Tells the others that this node shuts down.
    pub fn leave(&self) {
        self.send(NodeMessage::Bye);
    }

    /// Queues a message; a full queue drops it and sets `dropped`.
    pub(super) fn send(&self, message: NodeMessage) {
        let bytes = message.size();
        let fits = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes <= QUEUE_BYTES;
        if !fits || self.messages.try_send(message).is_err() {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            self.dropped.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a message that left the queue.
    pub(super) fn took(&self, message: &NodeMessage) {
        self.waiting.fetch_sub(message.size(), Ordering::Relaxed);
    }

    /// Whether messages were dropped since the last call.
    pub(super) fn has_dropped(&self) -> bool {
        self.dropped.swap(false, Ordering::Relaxed)
    }

    /// The Redis channel on which nodes talk about themselves.
    pub(super) fn nodes_channel(&self) -> String {
        format!("{}:nodes", self.prefix)
    }

    /// The Redis channel of a topic.
    pub(super) fn channel(&self, topic: Topic) -> String {
        format!("{}:{topic}", self.prefix)
    }

    /// The topic of a Redis channel; `None` for the channel of the nodes.
    pub(super) fn topic(&self, channel: &str) -> Option<Topic> {
        channel.strip_prefix(&self.prefix)?.strip_prefix(':')?.parse().ok()
    }

    /// How long this node has not heard itself; `None` if it never did.
    pub(super) fn own_silence(&self) -> Option<Duration> {
        lock(&self.heard).get(&self.node).map(Instant::elapsed)
    }

    /// Whether what this node sends through Redis comes back to it.
    pub fn hears_itself(&self) -> bool {
        self.own_silence().is_some_and(|silence| silence < SILENCE)
    }

    /// Handles a signal of a node. Answers whether messages of that node were lost.
    pub(super) fn heard(&self, from: NodeId, signal: NodeSignal) -> bool {
        let known = lock(&self.heard).insert(from, Instant::now()).is_some();
        if from == self.node {
            return false;
        }
        if !known {
            tracing::info!(node = %from, "another node is there");
            self.send(NodeMessage::Ask);
        }
        match signal {
            NodeSignal::Beat => false,
            NodeSignal::Lost => true,
            NodeSignal::Ask => {
                self.presence.tell_all();
                false
            }
            NodeSignal::Present(told) => {
                self.presence.hear(from, told);
                false
            }
            NodeSignal::Bye => {
                tracing::info!(node = %from, "another node has ended");
                lock(&self.heard).remove(&from);
                lock(&self.alive).remove(&from);
                self.presence.forget(from);
                // Its last messages may not have arrived.
                true
            }
        }
    }

    /// Sets the nodes that are alive by the database; silent others are forgotten.
    pub(super) fn set_alive(&self, alive: HashSet<NodeId>) {
        let mut heard = lock(&self.heard);
        let silent = |at: &Instant| at.elapsed() > SILENCE;
        heard.retain(|node, at| {
            let stays = *node == self.node || alive.contains(node) || !silent(at);
            if !stays {
                tracing::warn!(node = %node, "another node is dead");
                self.presence.forget(*node);
            }
            stays
        });
        *lock(&self.alive) = alive;
    }

    /// The messages about this node's presence since the last call.
    pub(super) fn tell_presence(&self) -> Vec<NodeMessage> {
        self.presence.outgoing().into_iter().map(NodeMessage::Present).collect()
    }

    /// Waits until the wanted topics change.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The topics that are wanted, and those that are not any more, since the last call of this or
    /// [`RedisLink::everything`].
    pub(super) fn changes(&self) -> (Vec<Topic>, Vec<Topic>) {
        let changes = std::mem::take(&mut lock(&self.interest).changes);
        let (begun, ended): (Vec<_>, Vec<_>) = changes.into_iter().partition(|(_, begun)| *begun);
        (begun.into_iter().map(|(t, _)| t).collect(), ended.into_iter().map(|(t, _)| t).collect())
    }

    /// All topics that are wanted.
    pub(super) fn everything(&self) -> Vec<Topic> {
        let mut interest = lock(&self.interest);
        interest.changes.clear();
        interest.wanted.iter().copied().collect()
    }
}

impl BridgeLink for RedisLink {
    fn is_whole(&self) -> bool {
        let heard = lock(&self.heard);
        let is_heard = |node: &NodeId| heard.get(node).is_some_and(|at| at.elapsed() < SILENCE);
        is_heard(&self.node) && heard.keys().all(is_heard) && lock(&self.alive).iter().all(is_heard)
    }

    fn follow(&self, topic: Topic) -> bool {
        let mut interest = lock(&self.interest);
        interest.wanted.insert(topic);
        interest.changes.insert(topic, true);
        self.changed.notify_one();
        true
    }

    fn unfollow(&self, topic: Topic) {
        let mut interest = lock(&self.interest);
        interest.wanted.remove(&topic);
        interest.changes.insert(topic, false);
        self.changed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::QUEUE;
    use super::*;
    use crate::wire::frame::{AudienceFilter, Effect};
    use crate::wire::{ChannelId, Frame};

    fn fat() -> NodeMessage {
        let topic = Topic::Channel(ChannelId::new());
        let (effect, filter, body) = (Effect::None, AudienceFilter::Everybody, "x".repeat(1 << 20).into());
        NodeMessage::Frame(Arc::new(Frame { topic, seq: 1, effect, omit: None, filter, body }))
    }

    #[tokio::test]
    async fn what_waits_to_be_sent_is_bounded_and_said_to_be_lost() {
        let (sender, mut queue) = mpsc::channel(QUEUE);
        let link = RedisLink::new(NodeId::new(), "test", sender, Arc::new(Presence::new(300)));
        for _ in 0..63 {
            link.send(fat());
        }
        assert!(!link.has_dropped());
        link.send(fat());
        assert!(link.has_dropped(), "the bytes are too many");
        while let Ok(message) = queue.try_recv() {
            link.took(&message);
        }
        assert_eq!(link.waiting.load(Ordering::Relaxed), 0);
        for _ in 0..QUEUE {
            link.send(NodeMessage::Beat);
        }
        assert!(!link.has_dropped());
        link.send(NodeMessage::Beat);
        assert!(link.has_dropped(), "the messages are too many");
    }
}
