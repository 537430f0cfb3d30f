//! The resume store of one node: replay buffers in memory, bounded in number and in bytes, for each account and for all
//! together. The oldest are dropped first. An event that many connections were shown is kept once, and counted once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;

use super::{KEPT, ReplayBuffer, ResumeStore};
use crate::wire::{ConnectionId, Frame, UserId};

/// Replay buffers that a node keeps at once.
const MAX_STORED: usize = 20_000;

/// Bytes of the events in them, on a node.
const BYTES: usize = 64 << 20;

/// Bytes of the replay buffers of one account, each counted by itself.
const BYTES_OF_ONE: usize = 8 << 20;

/// The resume store of a single node.
#[derive(Default)]
pub struct MemoryResumeStore {
    stored: Mutex<Stored>,
}

#[async_trait]
impl ResumeStore for MemoryResumeStore {
    async fn put(&self, parked: Vec<(ConnectionId, ReplayBuffer)>) {
        for (connection, replay) in parked {
            let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
            stored.put(connection, replay, Instant::now());
        }
    }

    async fn take(&self, connection: ConnectionId, user: UserId) -> Option<ReplayBuffer> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).take(connection, user, Instant::now())
    }
}

/// Connections in the order of their arrival; those that were taken stay listed until they are the oldest.
type Order = VecDeque<(Instant, ConnectionId)>;

#[derive(Default)]
struct Stored {
    replays: HashMap<ConnectionId, (Instant, ReplayBuffer)>,
    order: Order,
    accounts: HashMap<UserId, AccountShare>,
    frames: SharedFrames,
}

/// The replay buffers of one account.
#[derive(Default)]
struct AccountShare {
    order: Order,
    bytes: usize,
    count: usize,
}

impl Stored {
    fn put(&mut self, connection: ConnectionId, replay: ReplayBuffer, now: Instant) {
        self.remove(connection);
        let (user, account) = (replay.user, self.accounts.entry(replay.user).or_default());
        account.bytes += replay.bytes();
        account.count += 1;
        account.order.push_back((now, connection));
        self.frames.add(&replay);
        self.replays.insert(connection, (now, replay));
        self.order.push_back((now, connection));
        while let Some(oldest) = self.accounts.get_mut(&user).and_then(AccountShare::surplus) {
            self.forget(oldest);
        }
        while let Some((since, oldest)) = self.order.front().copied() {
            let fits = self.order.len() <= MAX_STORED && self.frames.bytes <= BYTES;
            if fits && now.duration_since(since) <= KEPT {
                break;
            }
            self.order.pop_front();
            self.forget((since, oldest));
        }
    }

    fn take(&mut self, connection: ConnectionId, user: UserId, now: Instant) -> Option<ReplayBuffer> {
        let (since, replay) = self.replays.get(&connection)?;
        if replay.user != user || now.duration_since(*since) > KEPT {
            return None;
        }
        self.remove(connection)
    }

    /// Removes a connection that was put there at `since`, unless it was taken meanwhile.
    fn forget(&mut self, (since, connection): (Instant, ConnectionId)) {
        if self.replays.get(&connection).is_some_and(|(put, _)| *put == since) {
            self.remove(connection);
        }
    }

    fn remove(&mut self, connection: ConnectionId) -> Option<ReplayBuffer> {
        let (_, replay) = self.replays.remove(&connection)?;
        self.frames.remove(&replay);
        if let Some(account) = self.accounts.get_mut(&replay.user) {
            account.bytes = account.bytes.saturating_sub(replay.bytes());
            account.count = account.count.saturating_sub(1);
            if account.count == 0 {
                self.accounts.remove(&replay.user);
            } else if account.order.len() > 2 * account.count + 8 {
                let replays = &self.replays;
                account.order.retain(|(_, connection)| replays.contains_key(connection));
            }
        }
        Some(replay)
    }
}

impl AccountShare {
    /// The oldest of its connections, if their replay buffers have too many bytes.
    fn surplus(&mut self) -> Option<(Instant, ConnectionId)> {
        if self.bytes > BYTES_OF_ONE { self.order.pop_front() } else { None }
    }
}

/// The events in the replay buffers.
#[derive(Default)]
struct SharedFrames {
    /// For each event, by its address in memory (unique while it is held), the number of replay buffers that hold it.
    frames: HashMap<usize, u32>,
    bytes: usize,
}

impl SharedFrames {
    fn add(&mut self, replay: &ReplayBuffer) {
        for frame in replay.ring() {
            let replays = self.frames.entry(place(frame)).or_default();
            *replays += 1;
            if *replays == 1 {
                self.bytes += frame.size();
            }
        }
    }

    fn remove(&mut self, replay: &ReplayBuffer) {
        for frame in replay.ring() {
            let Some(replays) = self.frames.get_mut(&place(frame)) else { continue };
            *replays -= 1;
            if *replays == 0 {
                self.frames.remove(&place(frame));
                self.bytes = self.bytes.saturating_sub(frame.size());
            }
        }
    }
}

fn place(frame: &Arc<Frame>) -> usize {
    Arc::as_ptr(frame).addr()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wire::frame::{AudienceFilter, Effect};
    use crate::wire::{ChannelId, Topic};

    fn fat(bytes: usize) -> Arc<Frame> {
        let topic = Topic::Channel(ChannelId::new());
        let body = "x".repeat(bytes).into();
        Arc::new(Frame {
            topic,
            seq: 1,
            effect: Effect::None,
            omit: None,
            filter: AudienceFilter::Everybody,
            body,
        })
    }

    fn trail_of(user: UserId, frames: &[Arc<Frame>]) -> ReplayBuffer {
        let mut replay = ReplayBuffer::new(user);
        for frame in frames {
            replay.record(frame);
        }
        replay
    }

    /// How many of `ids` are still kept.
    fn kept(stored: &Stored, ids: &[ConnectionId]) -> usize {
        ids.iter().filter(|id| stored.replays.contains_key(id)).count()
    }

    #[test]
    fn one_account_has_a_share_of_the_bytes_and_its_oldest_go_first() {
        let (ann, bob, now) = (UserId::new(), UserId::new(), Instant::now());
        let mut stored = Stored::default();
        let other = ConnectionId::new();
        stored.put(other, trail_of(bob, &[fat(1_500_000)]), now);
        let ids: Vec<ConnectionId> = (0..40).map(|_| ConnectionId::new()).collect();
        for id in &ids {
            stored.put(*id, trail_of(ann, &[fat(1_500_000)]), now);
            assert!(stored.frames.bytes <= BYTES_OF_ONE + 1_600_000, "{}", stored.frames.bytes);
        }
        assert_eq!(kept(&stored, &ids), 5, "of one and a half million bytes each");
        assert!(stored.take(ids[39], ann, now).is_some() && stored.take(other, bob, now).is_some());
        for id in &ids {
            stored.take(*id, ann, now);
        }
        assert_eq!((stored.frames.bytes, stored.frames.frames.len(), stored.accounts.len()), (0, 0, 0));
    }

    #[test]
    fn all_together_are_bounded_in_bytes_and_what_is_shared_counts_once() {
        let now = Instant::now();
        let mut stored = Stored::default();
        let shared = [fat(1_000_000), fat(500_000)];
        let listeners: Vec<ConnectionId> = (0..1000).map(|_| ConnectionId::new()).collect();
        for id in &listeners {
            stored.put(*id, trail_of(UserId::new(), &shared), now);
        }
        assert_eq!(kept(&stored, &listeners), 1000, "what all were frames is there once");
        assert!(stored.frames.bytes < 2_000_000);
        let others: Vec<ConnectionId> = (0..100).map(|_| ConnectionId::new()).collect();
        for id in &others {
            stored.put(*id, trail_of(UserId::new(), &[fat(1_000_000)]), now);
        }
        assert!(stored.frames.bytes <= BYTES, "{}", stored.frames.bytes);
        assert_eq!((kept(&stored, &listeners), kept(&stored, &others)), (0, 67));
    }

    #[test]
    fn a_parked_connection_waits_for_its_user_once_and_not_for_ever() {
        let (ann, bob, now) = (UserId::new(), UserId::new(), Instant::now());
        let [first, second] = [(); 2].map(|()| ConnectionId::new());
        let mut stored = Stored::default();
        stored.put(first, ReplayBuffer::new(ann), now);
        stored.put(second, ReplayBuffer::new(ann), now);
        assert!(stored.take(first, bob, now).is_none(), "not his");
        assert!(stored.take(first, ann, now + KEPT).is_some(), "his failure changed nothing");
        assert!(stored.take(first, ann, now).is_none(), "once");
        assert!(stored.take(second, ann, now + KEPT + Duration::from_millis(1)).is_none(), "too late");
        stored.put(first, ReplayBuffer::new(ann), now + KEPT + Duration::from_millis(1));
        assert_eq!((stored.replays.len(), stored.order.len()), (1, 1), "the old are gone");
    }

    #[test]
    fn the_oldest_make_room() {
        let (ann, now) = (UserId::new(), Instant::now());
        let ids: Vec<ConnectionId> = (0..=MAX_STORED).map(|_| ConnectionId::new()).collect();
        let mut stored = Stored::default();
        for id in &ids {
            stored.put(*id, ReplayBuffer::new(ann), now);
        }
        assert_eq!(stored.replays.len(), MAX_STORED);
        assert!(stored.take(ids[0], ann, now).is_none());
        assert!(stored.take(ids[MAX_STORED], ann, now).is_some());
    }
}
