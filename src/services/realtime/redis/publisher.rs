//! The connection on which this node publishes. Waiting messages are sent together, in one round trip.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{Client, Pipeline, RedisResult};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{MissedTickBehavior, interval};

use super::link::RedisLink;
use super::node_message::NodeMessage;
use super::{BATCH, BATCH_BYTES, BackOff, PATIENCE, patient};
use crate::supervisor::Pulse;

/// How often the node sends a beat, and the changes of its presence.
const BEAT: Duration = Duration::from_millis(200);

/// What publishing takes. It outlives a task that dies: what waits is sent by the next one.
#[derive(Clone)]
pub(super) struct Publisher {
    client: Client,
    link: Arc<RedisLink>,
    queue: Arc<Mutex<mpsc::Receiver<NodeMessage>>>,
}

impl Publisher {
    pub(super) fn new(client: Client, link: Arc<RedisLink>, queue: mpsc::Receiver<NodeMessage>) -> Self {
        Self { client, link, queue: Arc::new(Mutex::new(queue)) }
    }

    /// Publishes messages until the queue is closed.
    pub(super) async fn run(self, pulse: Pulse) {
        let mut queue = self.queue.lock().await;
        let (mut back_off, mut is_first) = (BackOff::new(), !pulse.is_restart());
        loop {
            match self.speak(&mut queue, &pulse, is_first).await {
                Ok(()) => return,
                Err(error) if back_off.is_new() => {
                    tracing::warn!(%error, "the bridge to other nodes is broken");
                }
                Err(error) => tracing::debug!(%error, "the bridge to other nodes is still broken"),
            }
            is_first = false;
            pulse.beat();
            back_off.wait().await;
        }
    }

    /// Publishes on one connection, until it breaks.
    async fn speak(
        &self,
        queue: &mut mpsc::Receiver<NodeMessage>,
        pulse: &Pulse,
        is_first: bool,
    ) -> RedisResult<()> {
        let mut conn = self.client.get_multiplexed_async_connection_with_config(&patient(PATIENCE)).await?;
        if !is_first {
            // Messages that the previous connection took may not have arrived.
            self.link.send(NodeMessage::Lost);
            self.link.send(NodeMessage::Ask);
        }
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut messages = Vec::new();
            tokio::select! {
                first = queue.recv() => match first {
                    Some(first) => take(queue, &self.link, first, &mut messages),
                    None => return Ok(()),
                },
                _ = beat.tick() => {
                    messages.push(NodeMessage::Beat);
                    messages.extend(self.link.tell_presence());
                }
            }
            if self.link.has_dropped() {
                messages.push(NodeMessage::Lost);
            }
            let mut pipeline = Pipeline::with_capacity(messages.len());
            for message in &messages {
                address(&mut pipeline, &self.link, message);
            }
            pipeline.query_async::<()>(&mut conn).await?;
            pulse.beat();
        }
    }
}

/// Takes the waiting messages that are sent together.
fn take(
    queue: &mut mpsc::Receiver<NodeMessage>,
    link: &RedisLink,
    first: NodeMessage,
    messages: &mut Vec<NodeMessage>,
) {
    let (mut next, mut bytes) = (Some(first), 0);
    while let Some(message) = next {
        bytes += message.size();
        link.took(&message);
        messages.push(message);
        let more = messages.len() < BATCH && bytes < BATCH_BYTES;
        next = if more { queue.try_recv().ok() } else { None };
    }
}

fn address(pipeline: &mut Pipeline, link: &RedisLink, message: &NodeMessage) {
    let channel = match message {
        NodeMessage::Frame(frame) => link.channel(frame.topic),
        NodeMessage::Beat
        | NodeMessage::Lost
        | NodeMessage::Bye
        | NodeMessage::Ask
        | NodeMessage::Present(_) => link.nodes_channel(),
    };
    pipeline.publish(channel, message.encode(link.node())).ignore();
}
