//! The store in which replay buffers wait for their clients. They are kept in a node's memory as they are
//! (`memory_resume_store`); a [`StoredReplay`] is the record for other nodes, which read the events back from the log.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Log, ReplayBuffer};
use crate::error::Result;
use crate::wire::frame::{AudienceFilter, Effect};
use crate::wire::{ConnectionId, Frame, Topic, UserId};

/// How long a connection that ended can be resumed.
pub const KEPT: Duration = Duration::from_secs(5 * 60);

/// Keeps the replay buffers of connections that ended until their clients come back. May drop any of them: the client
/// then gets a new connection and fetches its state again.
#[async_trait]
pub trait ResumeStore: Send + Sync {
    /// Stores replay buffers, each under the identifier that the client knows the connection by.
    async fn put(&self, parked: Vec<(ConnectionId, ReplayBuffer)>);

    /// Takes a replay buffer out, once and only for its own account.
    async fn take(&self, connection: ConnectionId, user: UserId) -> Option<ReplayBuffer>;
}

/// A replay buffer in serialised form: durable events by their numbers, the others by their text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredReplay {
    user: UserId,
    next: u64,
    ring: Vec<FrameRun>,
    positions: Vec<(String, u64)>,
}

/// Consecutive events of a replay buffer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum FrameRun {
    /// Events of one topic's log, from a number to a number.
    #[serde(rename = "l")]
    Log(String, u64, u64),
    /// An ephemeral event, which is in no log.
    #[serde(rename = "t")]
    Text(String, String),
}

impl StoredReplay {
    /// The account of the connection.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The record of a replay buffer.
    pub fn of(replay: &ReplayBuffer) -> Self {
        let mut ring: Vec<FrameRun> = Vec::new();
        for frame in replay.ring() {
            let topic = frame.topic.to_string();
            match ring.last_mut() {
                Some(FrameRun::Log(last, _, to)) if frame.seq == *to + 1 && *last == topic => *to += 1,
                _ if frame.seq > 0 => ring.push(FrameRun::Log(topic, frame.seq, frame.seq)),
                _ => ring.push(FrameRun::Text(topic, frame.body.to_string())),
            }
        }
        let positions = replay.positions().iter().map(|(t, seq)| (t.to_string(), *seq)).collect();
        Self { user: replay.user, next: replay.next(), ring, positions }
    }

    /// Restores the replay buffer; `None` if the log no longer has all of its events, or the record is malformed.
    pub async fn restore(self, log: &dyn Log) -> Result<Option<ReplayBuffer>> {
        let mut ring = VecDeque::new();
        for run in &self.ring {
            match run {
                FrameRun::Text(topic, body) => {
                    let Ok(topic) = topic.parse() else { return Ok(None) };
                    let body = body.as_str().into();
                    ring.push_back(Arc::new(Frame {
                        topic,
                        seq: 0,
                        effect: Effect::None,
                        omit: None,
                        filter: AudienceFilter::Everybody,
                        body,
                    }));
                }
                FrameRun::Log(topic, from, to) => {
                    let Ok(topic) = topic.parse() else { return Ok(None) };
                    let Some(frames) = read(log, topic, *from, *to).await? else { return Ok(None) };
                    ring.extend(frames);
                }
            }
        }
        let positions = self.positions.iter().map(|(t, seq)| Some((t.parse().ok()?, *seq)));
        let positions: Option<BTreeMap<Topic, u64>> = positions.collect();
        Ok(positions.map(|positions| ReplayBuffer::of(self.user, self.next, ring, positions)))
    }
}

/// The events of `topic` from a number to a number; `None` unless the log has them all.
async fn read(log: &dyn Log, topic: Topic, from: u64, to: u64) -> Result<Option<Vec<Arc<Frame>>>> {
    let mut frames: Vec<Arc<Frame>> = Vec::new();
    let mut next = from;
    while next <= to {
        let before = next;
        let limit = i64::try_from(to - next + 1).unwrap_or(1).min(super::REPLAY_PAGE);
        for frame in log.after(topic, next.saturating_sub(1), limit).await?.frames {
            if frame.seq != next {
                return Ok(None);
            }
            next += 1;
            frames.push(Arc::new(frame));
        }
        if next == before {
            return Ok(None);
        }
    }
    Ok(Some(frames))
}

#[cfg(test)]
mod tests {
    use super::super::Page;
    use super::*;
    use crate::wire::ChannelId;

    fn frame(topic: Topic, seq: u64) -> Frame {
        let body = format!("{{\"event\":\"{topic} {seq}\"").into();
        Frame { topic, seq, effect: Effect::None, omit: None, filter: AudienceFilter::Everybody, body }
    }

    fn replay(user: UserId, frames: &[Frame]) -> ReplayBuffer {
        let mut replay = ReplayBuffer::new(user);
        for frame in frames {
            replay.record(&Arc::new(frame.clone()));
        }
        replay
    }

    /// A log that holds the given frames, and answers two at a time.
    struct Shelf(Vec<Frame>);

    #[async_trait]
    impl Log for Shelf {
        async fn after(&self, topic: Topic, seq: u64, limit: i64) -> Result<Page> {
            let found = self.0.iter().filter(|f| f.topic == topic && f.seq > seq);
            let frames = found.take(usize::try_from(limit).unwrap().min(2)).cloned().collect();
            Ok(Page { frames, more: true })
        }

        async fn heads(&self, _: &[Topic]) -> Result<Vec<(uuid::Uuid, u64)>> {
            Ok(Vec::new())
        }
    }

    #[tokio::test]
    async fn a_record_is_read_back_from_the_log_or_not_at_all() {
        let [a, b] = [(); 2].map(|()| Topic::Channel(ChannelId::new()));
        let log: Vec<Frame> = (1..=9).flat_map(|seq| [frame(a, seq), frame(b, seq)]).collect();
        let shown: Vec<Frame> = [(a, 0), (a, 3), (a, 4), (a, 5), (b, 9), (a, 6), (a, 8)]
            .into_iter()
            .map(|(topic, seq)| frame(topic, seq))
            .collect();
        let replay = replay(UserId::new(), &shown);
        let record = StoredReplay::of(&replay);
        assert_eq!(record.ring.len(), 5, "{record:?}");
        let text = serde_json::to_string(&record).unwrap();
        let read = || serde_json::from_str::<StoredReplay>(&text).unwrap();
        let back = read().restore(&Shelf(log.clone())).await.unwrap().unwrap();
        let bodies = |t: &ReplayBuffer| t.ring().map(|f| (f.seq, f.body.clone())).collect::<Vec<_>>();
        assert_eq!(bodies(&back), bodies(&replay));
        assert_eq!((back.next(), back.positions()), (replay.next(), replay.positions()));
        for lost in [(a, 3), (a, 4), (a, 5), (b, 9), (a, 8)] {
            let rest = log.iter().filter(|f| (f.topic, f.seq) != lost).cloned().collect();
            assert!(read().restore(&Shelf(rest)).await.unwrap().is_none(), "{lost:?}");
        }
    }
}
