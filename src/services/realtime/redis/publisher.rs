//! The connection on which this node publishes. Waiting messages are sent together, in one round trip.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{Client, Pipeline, RedisResult};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::link::RedisLink;
use super::node_message::NodeMessage;
use super::{BATCH, BATCH_BYTES, BackOff, PATIENCE, patient};

/// How often the node sends a beat, and the changes of its presence.
const BEAT: Duration = Duration::from_millis(200);

/// Publishes messages until the queue is closed.
pub(super) async fn run(client: Client, link: Arc<RedisLink>, mut queue: mpsc::Receiver<NodeMessage>) {
    let (mut back_off, mut first) = (BackOff::new(), true);
    loop {
        match speak(&client, &link, &mut queue, first).await {
            Ok(()) => return,
            Err(error) if back_off.is_new() => tracing::warn!(%error, "the bridge to other nodes is broken"),
            Err(error) => tracing::debug!(%error, "the bridge to other nodes is still broken"),
        }
        first = false;
        back_off.wait().await;
    }
}

/// Publishes on one connection, until it breaks.
async fn speak(
    client: &Client,
    link: &RedisLink,
    queue: &mut mpsc::Receiver<NodeMessage>,
    first: bool,
) -> RedisResult<()> {
    let mut conn = client.get_multiplexed_async_connection_with_config(&patient(PATIENCE)).await?;
    if !first {
        // Messages that the previous connection took may not have arrived.
        link.send(NodeMessage::Lost);
        link.send(NodeMessage::Ask);
    }
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut messages = Vec::new();
        tokio::select! {
            first = queue.recv() => match first {
                Some(first) => take(queue, link, first, &mut messages),
                None => return Ok(()),
            },
            _ = beat.tick() => {
                messages.push(NodeMessage::Beat);
                messages.extend(link.tell_presence());
            }
        }
        if link.has_dropped() {
            messages.push(NodeMessage::Lost);
        }
        let mut pipeline = Pipeline::with_capacity(messages.len());
        for message in &messages {
            address(&mut pipeline, link, message);
        }
        pipeline.query_async::<()>(&mut conn).await?;
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
