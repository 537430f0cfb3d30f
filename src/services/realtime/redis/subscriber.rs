//! The connection on which this node listens: to the nodes, and to the topics that have a listener here.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Client, ErrorKind, PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use super::link::RedisLink;
use super::{BackOff, Inbox, PATIENCE, node_message, patient};
use crate::supervisor::Pulse;
use crate::wire::Topic;

/// Channels that are subscribed to with one command.
const AT_ONCE: usize = 500;

/// How often it is checked whether this node still hears itself.
const LOOK: Duration = Duration::from_millis(500);

/// Listens for as long as the process lives.
pub(super) async fn run(client: Client, link: Arc<RedisLink>, inbox: Arc<Inbox>, pulse: Pulse) {
    let mut back_off = BackOff::new();
    loop {
        if let Err(error) = listen(&client, &link, &inbox, &pulse).await {
            tracing::debug!(%error, "other nodes cannot be heard");
        }
        pulse.beat();
        if inbox.frames.is_closed() {
            return;
        }
        back_off.wait().await;
    }
}

/// Listens on one connection, until it breaks or goes silent.
async fn listen(
    client: &Client,
    link: &Arc<RedisLink>,
    inbox: &Arc<Inbox>,
    pulse: &Pulse,
) -> RedisResult<()> {
    let ended = Arc::new(Notify::new());
    let config = patient(PATIENCE).set_push_sender(ear(link.clone(), inbox.clone(), ended.clone()));
    let mut conn = client.get_multiplexed_async_connection_with_config(&config).await?;
    let began = Instant::now();
    conn.subscribe(link.nodes_channel()).await?;
    follow(&mut conn, link, inbox, link.everything()).await?;
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = ended.notified() => return Err(broken("the connection ended")),
            () = link.changed() => {
                let (begun, over) = link.changes();
                for part in over.chunks(AT_ONCE) {
                    conn.unsubscribe(names(link, part)).await?;
                }
                follow(&mut conn, link, inbox, begun).await?;
            }
            _ = look.tick() => {
                pulse.beat();
                let silent = link.own_silence().is_none_or(|silence| silence > PATIENCE);
                if inbox.frames.is_closed() || (silent && began.elapsed() > PATIENCE) {
                    return Err(broken("nothing is heard"));
                }
            }
        }
    }
}

/// Subscribes to topics, and reports it: events committed before may have been missed.
async fn follow(
    conn: &mut MultiplexedConnection,
    link: &RedisLink,
    inbox: &Inbox,
    topics: Vec<Topic>,
) -> RedisResult<()> {
    for part in topics.chunks(AT_ONCE) {
        conn.subscribe(names(link, part)).await?;
        if inbox.following.send(part.to_vec()).await.is_err() {
            return Err(broken("nobody listens"));
        }
    }
    Ok(())
}

fn names(link: &RedisLink, topics: &[Topic]) -> Vec<String> {
    topics.iter().map(|topic| link.channel(*topic)).collect()
}

/// Handles the messages that Redis pushes. Runs within the connection, so it never waits.
fn ear(
    link: Arc<RedisLink>,
    inbox: Arc<Inbox>,
    ended: Arc<Notify>,
) -> impl Fn(PushInfo) -> Result<(), std::convert::Infallible> + Send + Sync + 'static {
    move |push| {
        if push.kind == PushKind::Disconnection {
            ended.notify_one();
        } else if push.kind == PushKind::Message
            && let [channel, Value::BulkString(bytes)] = push.data.as_slice()
        {
            hear(&link, &inbox, channel, bytes);
        }
        Ok(())
    }
}

/// Handles one message. A frame of this node itself is ignored: it was delivered here already.
fn hear(link: &RedisLink, inbox: &Inbox, channel: &Value, bytes: &[u8]) {
    let Some((from, rest)) = node_message::origin(bytes) else { return };
    let topic = text(channel).and_then(|name| link.topic(name));
    if let Some(topic) = topic {
        let frame = (from != link.node()).then(|| node_message::frame(topic, rest)).flatten();
        if let Some(frame) = frame {
            inbox.put(frame);
        }
    } else if let Some(signal) = node_message::signal(rest)
        && link.heard(from, signal)
    {
        inbox.lost.store(true, Ordering::Relaxed);
    }
}

fn text(value: &Value) -> Option<&str> {
    if let Value::BulkString(bytes) = value {
        return std::str::from_utf8(bytes).ok();
    }
    if let Value::SimpleString(text) = value { Some(text) } else { None }
}

fn broken(why: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, why))
}
