//! Where connections wait for their clients to come back. Their trails lie in this node's memory as they are; a
//! [`Record`] is what can be written down for other nodes, which read the events back from the log.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Log, Trail};
use crate::error::Result;
use crate::wire::frame::{Effect, Whom};
use crate::wire::{ConnectionId, Frame, Topic, UserId};

/// How long a connection that was cut can be resumed.
pub const KEPT: Duration = Duration::from_secs(5 * 60);

/// Connections that wait at once on a node. The oldest go first.
const SPACES: usize = 20_000;

/// Keeps the trails of connections that ended until their clients come back. May forget any of them: the client then
/// gets a new connection and fetches afresh.
#[async_trait]
pub trait Parking: Send + Sync {
    /// Keeps trails, each under the id that the client knows the connection by.
    async fn put(&self, parked: Vec<(ConnectionId, Trail)>);

    /// Gives it out, once and only to its user.
    async fn take(&self, connection: ConnectionId, user: UserId) -> Option<Trail>;
}

/// The parking of a single node.
#[derive(Default)]
pub struct MemoryParking {
    spaces: Mutex<Spaces>,
}

#[derive(Default)]
struct Spaces {
    trails: HashMap<ConnectionId, (Instant, Trail)>,
    /// In order of their coming; those that were taken stay listed until they are the oldest.
    order: VecDeque<(Instant, ConnectionId)>,
}

#[async_trait]
impl Parking for MemoryParking {
    async fn put(&self, parked: Vec<(ConnectionId, Trail)>) {
        let mut spaces = self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        for (connection, trail) in parked {
            spaces.put(connection, trail, Instant::now());
        }
    }

    async fn take(&self, connection: ConnectionId, user: UserId) -> Option<Trail> {
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner).take(connection, user, Instant::now())
    }
}

impl Spaces {
    fn put(&mut self, connection: ConnectionId, trail: Trail, now: Instant) {
        self.trails.insert(connection, (now, trail));
        self.order.push_back((now, connection));
        while let Some((since, oldest)) = self.order.front().copied() {
            if self.order.len() <= SPACES && now.duration_since(since) <= KEPT {
                break;
            }
            self.order.pop_front();
            if self.trails.get(&oldest).is_some_and(|(put, _)| *put == since) {
                self.trails.remove(&oldest);
            }
        }
    }

    fn take(&mut self, connection: ConnectionId, user: UserId, now: Instant) -> Option<Trail> {
        let (since, trail) = self.trails.get(&connection)?;
        if trail.user != user || now.duration_since(*since) > KEPT {
            return None;
        }
        self.trails.remove(&connection).map(|(_, trail)| trail)
    }
}

/// A trail as it is written down: durable events by their numbers, the others by their text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    user: UserId,
    next: u64,
    ring: Vec<Run>,
    positions: Vec<(String, u64)>,
}

/// Events that were shown one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Run {
    /// Of one topic's log, from a number to a number.
    #[serde(rename = "l")]
    Log(String, u64, u64),
    /// One that is in no log.
    #[serde(rename = "t")]
    Text(String, String),
}

impl Record {
    /// Whose connection it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// What is written down of a trail.
    pub fn of(trail: &Trail) -> Self {
        let mut ring: Vec<Run> = Vec::new();
        for frame in trail.ring() {
            let topic = frame.topic.to_string();
            match ring.last_mut() {
                Some(Run::Log(last, _, to)) if frame.seq == *to + 1 && *last == topic => *to += 1,
                _ if frame.seq > 0 => ring.push(Run::Log(topic, frame.seq, frame.seq)),
                _ => ring.push(Run::Text(topic, frame.body.to_string())),
            }
        }
        let positions = trail.positions().iter().map(|(t, seq)| (t.to_string(), *seq)).collect();
        Self { user: trail.user, next: trail.next(), ring, positions }
    }

    /// The trail again; `None` where the log has not all of it any more, or the record is not one of ours.
    pub async fn restore(self, log: &dyn Log) -> Result<Option<Trail>> {
        let mut ring = VecDeque::new();
        for run in &self.ring {
            match run {
                Run::Text(topic, body) => {
                    let Ok(topic) = topic.parse() else { return Ok(None) };
                    let body = body.as_str().into();
                    ring.push_back(Arc::new(Frame {
                        topic,
                        seq: 0,
                        effect: Effect::None,
                        omit: None,
                        whom: Whom::Everybody,
                        body,
                    }));
                }
                Run::Log(topic, from, to) => {
                    let Ok(topic) = topic.parse() else { return Ok(None) };
                    let Some(frames) = read(log, topic, *from, *to).await? else { return Ok(None) };
                    ring.extend(frames);
                }
            }
        }
        let positions = self.positions.iter().map(|(t, seq)| Some((t.parse().ok()?, *seq)));
        let positions: Option<BTreeMap<Topic, u64>> = positions.collect();
        Ok(positions.map(|positions| Trail::of(self.user, self.next, ring, positions)))
    }
}

/// The events of `topic` from a number to a number, if the log has them all.
async fn read(log: &dyn Log, topic: Topic, from: u64, to: u64) -> Result<Option<Vec<Arc<Frame>>>> {
    let mut frames: Vec<Arc<Frame>> = Vec::new();
    let mut next = from;
    while next <= to {
        let before = next;
        let limit = i64::try_from(to - next + 1).unwrap_or(1).min(super::REPLAY_PAGE);
        for frame in log.after(topic, next.saturating_sub(1), limit).await? {
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
    use super::*;
    use crate::wire::ChannelId;

    fn frame(topic: Topic, seq: u64) -> Frame {
        let body = format!("{{\"event\":\"{topic} {seq}\"").into();
        Frame { topic, seq, effect: Effect::None, omit: None, whom: Whom::Everybody, body }
    }

    fn trail(user: UserId, frames: &[Frame]) -> Trail {
        let mut trail = Trail::new(user);
        for frame in frames {
            trail.record(&Arc::new(frame.clone()));
        }
        trail
    }

    #[test]
    fn a_parked_connection_waits_for_its_user_once_and_not_for_ever() {
        let (ann, bob, now) = (UserId::new(), UserId::new(), Instant::now());
        let [first, second] = [(); 2].map(|()| ConnectionId::new());
        let mut spaces = Spaces::default();
        spaces.put(first, Trail::new(ann), now);
        spaces.put(second, Trail::new(ann), now);
        assert!(spaces.take(first, bob, now).is_none(), "not his");
        assert!(spaces.take(first, ann, now + KEPT).is_some(), "his failure changed nothing");
        assert!(spaces.take(first, ann, now).is_none(), "once");
        assert!(spaces.take(second, ann, now + KEPT + Duration::from_millis(1)).is_none(), "too late");
        spaces.put(first, Trail::new(ann), now + KEPT + Duration::from_millis(1));
        assert_eq!((spaces.trails.len(), spaces.order.len()), (1, 1), "the old are gone");
    }

    #[test]
    fn the_oldest_make_room() {
        let (ann, now) = (UserId::new(), Instant::now());
        let ids: Vec<ConnectionId> = (0..=SPACES).map(|_| ConnectionId::new()).collect();
        let mut spaces = Spaces::default();
        for id in &ids {
            spaces.put(*id, Trail::new(ann), now);
        }
        assert_eq!(spaces.trails.len(), SPACES);
        assert!(spaces.take(ids[0], ann, now).is_none());
        assert!(spaces.take(ids[SPACES], ann, now).is_some());
    }

    /// A log that holds what it was given, and answers two at a time.
    struct Shelf(Vec<Frame>);

    #[async_trait]
    impl Log for Shelf {
        async fn after(&self, topic: Topic, seq: u64, limit: i64) -> Result<Vec<Frame>> {
            let found = self.0.iter().filter(|f| f.topic == topic && f.seq > seq);
            Ok(found.take(usize::try_from(limit).unwrap().min(2)).cloned().collect())
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
        let trail = trail(UserId::new(), &shown);
        let record = Record::of(&trail);
        assert_eq!(record.ring.len(), 5, "{record:?}");
        let text = serde_json::to_string(&record).unwrap();
        let read = || serde_json::from_str::<Record>(&text).unwrap();
        let back = read().restore(&Shelf(log.clone())).await.unwrap().unwrap();
        let bodies = |t: &Trail| t.ring().map(|f| (f.seq, f.body.clone())).collect::<Vec<_>>();
        assert_eq!(bodies(&back), bodies(&trail));
        assert_eq!((back.next(), back.positions()), (trail.next(), trail.positions()));
        for lost in [(a, 3), (a, 4), (a, 5), (b, 9), (a, 8)] {
            let rest = log.iter().filter(|f| (f.topic, f.seq) != lost).cloned().collect();
            assert!(read().restore(&Shelf(rest)).await.unwrap().is_none(), "{lost:?}");
        }
    }
}
