//! What this node knows of the others, and which topics it wants to hear of.
//!
//! Every node says four times a second that it is there, and hears itself say so. Whoever is not heard for a moment,
//! itself included, may have committed something that nobody here was told of.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};

use super::QUEUE_BYTES;
use super::node_message::{NodeMessage, NodeSignal};
use crate::services::realtime::{BridgeLink, Presence};
use crate::wire::{NodeId, Topic};

/// Silence after which a node may have been missed: some beats.
const SILENCE: Duration = Duration::from_millis(800);

/// The tie of this node to the others.
pub struct RedisLink {
    node: NodeId,
    prefix: String,
    messages: mpsc::Sender<NodeMessage>,
    /// Bytes of those that wait to be sent.
    waiting: AtomicUsize,
    /// Whether a message found the queue full.
    dropped: AtomicBool,
    presence: Arc<Presence>,
    /// When each node was last heard.
    heard: Mutex<HashMap<NodeId, Instant>>,
    /// Those that the database knows to be alive.
    alive: Mutex<HashSet<NodeId>>,
    interest: Mutex<Interest>,
    changed: Notify,
}

/// The topics that somebody on this node listens to.
#[derive(Default)]
struct Interest {
    wanted: HashSet<Topic>,
    /// What changed since the connection was last told: begun or ended.
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

    /// This node.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Tells the others that this node ends.
    pub fn leave(&self) {
        self.send(NodeMessage::Bye);
    }

    /// Puts a message into the queue, or loses it.
    pub(super) fn send(&self, message: NodeMessage) {
        let bytes = message.size();
        let fits = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes <= QUEUE_BYTES;
        if !fits || self.messages.try_send(message).is_err() {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            self.dropped.store(true, Ordering::Relaxed);
        }
    }

    /// A message waits no longer.
    pub(super) fn took(&self, message: &NodeMessage) {
        self.waiting.fetch_sub(message.size(), Ordering::Relaxed);
    }

    /// Whether messages were lost since this was last asked.
    pub(super) fn has_dropped(&self) -> bool {
        self.dropped.swap(false, Ordering::Relaxed)
    }

    /// The channel of the nodes.
    pub(super) fn nodes_channel(&self) -> String {
        format!("{}:nodes", self.prefix)
    }

    /// The channel of a topic.
    pub(super) fn channel(&self, topic: Topic) -> String {
        format!("{}:{topic}", self.prefix)
    }

    /// The topic of a channel; `None` for the channel of the nodes.
    pub(super) fn topic(&self, channel: &str) -> Option<Topic> {
        channel.strip_prefix(&self.prefix)?.strip_prefix(':')?.parse().ok()
    }

    /// How long this node has not heard itself.
    pub(super) fn own_silence(&self) -> Option<Duration> {
        lock(&self.heard).get(&self.node).map(Instant::elapsed)
    }

    /// A node said something on the channel of the nodes. Answers whether messages of that node were lost.
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
                // What it wrote last may not have come through.
                true
            }
        }
    }

    /// Those of the database's nodes that are alive. The others are forgotten.
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

    /// What the presence of this node's people has to say since it was last asked.
    pub(super) fn tell_presence(&self) -> Vec<NodeMessage> {
        self.presence.outgoing().into_iter().map(NodeMessage::Present).collect()
    }

    /// Waits until the wanted topics change.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What changed since this or [`RedisLink::everything`] was last asked: topics that are wanted now, and no longer.
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
