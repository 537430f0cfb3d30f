//! The parking of one node: trails as they are, in memory, bounded in number and in bytes, of all accounts together and of
//! each. The oldest go first. An event that many connections were shown is there once, and is counted once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;

use super::{KEPT, Parking, Trail};
use crate::wire::{ConnectionId, Frame, UserId};

/// Connections that wait at once on a node.
const SPACES: usize = 20_000;

/// Bytes of the events that they were shown, on a node.
const BYTES: usize = 64 << 20;

/// Bytes of the trails of one account, each counted by itself.
const BYTES_OF_ONE: usize = 8 << 20;

/// The parking of a single node.
#[derive(Default)]
pub struct MemoryParking {
    spaces: Mutex<Spaces>,
}

#[async_trait]
impl Parking for MemoryParking {
    async fn put(&self, parked: Vec<(ConnectionId, Trail)>) {
        for (connection, trail) in parked {
            let mut spaces = self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
            spaces.put(connection, trail, Instant::now());
        }
    }

    async fn take(&self, connection: ConnectionId, user: UserId) -> Option<Trail> {
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner).take(connection, user, Instant::now())
    }
}

/// In order of their coming; those that were taken stay listed until they are the oldest.
type Order = VecDeque<(Instant, ConnectionId)>;

#[derive(Default)]
struct Spaces {
    trails: HashMap<ConnectionId, (Instant, Trail)>,
    order: Order,
    accounts: HashMap<UserId, Account>,
    shown: Shown,
}

/// What is parked of one account.
#[derive(Default)]
struct Account {
    order: Order,
    bytes: usize,
    count: usize,
}

impl Spaces {
    fn put(&mut self, connection: ConnectionId, trail: Trail, now: Instant) {
        self.remove(connection);
        let (user, account) = (trail.user, self.accounts.entry(trail.user).or_default());
        account.bytes += trail.bytes();
        account.count += 1;
        account.order.push_back((now, connection));
        self.shown.add(&trail);
        self.trails.insert(connection, (now, trail));
        self.order.push_back((now, connection));
        while let Some(oldest) = self.accounts.get_mut(&user).and_then(Account::surplus) {
            self.forget(oldest);
        }
        while let Some((since, oldest)) = self.order.front().copied() {
            let fits = self.order.len() <= SPACES && self.shown.bytes <= BYTES;
            if fits && now.duration_since(since) <= KEPT {
                break;
            }
            self.order.pop_front();
            self.forget((since, oldest));
        }
    }

    fn take(&mut self, connection: ConnectionId, user: UserId, now: Instant) -> Option<Trail> {
        let (since, trail) = self.trails.get(&connection)?;
        if trail.user != user || now.duration_since(*since) > KEPT {
            return None;
        }
        self.remove(connection)
    }

    /// Removes a connection that was put there then, and not taken since.
    fn forget(&mut self, (since, connection): (Instant, ConnectionId)) {
        if self.trails.get(&connection).is_some_and(|(put, _)| *put == since) {
            self.remove(connection);
        }
    }

    fn remove(&mut self, connection: ConnectionId) -> Option<Trail> {
        let (_, trail) = self.trails.remove(&connection)?;
        self.shown.remove(&trail);
        if let Some(account) = self.accounts.get_mut(&trail.user) {
            account.bytes = account.bytes.saturating_sub(trail.bytes());
            account.count = account.count.saturating_sub(1);
            if account.count == 0 {
                self.accounts.remove(&trail.user);
            } else if account.order.len() > 2 * account.count + 8 {
                let trails = &self.trails;
                account.order.retain(|(_, connection)| trails.contains_key(connection));
            }
        }
        Some(trail)
    }
}

impl Account {
    /// The oldest of its connections, where their trails have too many bytes.
    fn surplus(&mut self) -> Option<(Instant, ConnectionId)> {
        if self.bytes > BYTES_OF_ONE { self.order.pop_front() } else { None }
    }
}

/// The events that parked connections were shown.
#[derive(Default)]
struct Shown {
    /// By where they lie in memory, which is theirs for as long as a trail has them: how many have.
    frames: HashMap<usize, u32>,
    bytes: usize,
}

impl Shown {
    fn add(&mut self, trail: &Trail) {
        for frame in trail.ring() {
            let trails = self.frames.entry(place(frame)).or_default();
            *trails += 1;
            if *trails == 1 {
                self.bytes += frame.size();
            }
        }
    }

    fn remove(&mut self, trail: &Trail) {
        for frame in trail.ring() {
            let Some(trails) = self.frames.get_mut(&place(frame)) else { continue };
            *trails -= 1;
            if *trails == 0 {
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
    use crate::wire::frame::{Effect, Whom};
    use crate::wire::{ChannelId, Topic};

    fn fat(bytes: usize) -> Arc<Frame> {
        let topic = Topic::Channel(ChannelId::new());
        let body = "x".repeat(bytes).into();
        Arc::new(Frame { topic, seq: 1, effect: Effect::None, omit: None, whom: Whom::Everybody, body })
    }

    fn trail_of(user: UserId, frames: &[Arc<Frame>]) -> Trail {
        let mut trail = Trail::new(user);
        for frame in frames {
            trail.record(frame);
        }
        trail
    }

    /// Those of `ids` that are still there.
    fn kept(spaces: &Spaces, ids: &[ConnectionId]) -> usize {
        ids.iter().filter(|id| spaces.trails.contains_key(id)).count()
    }

    #[test]
    fn one_account_has_a_share_of_the_bytes_and_its_oldest_go_first() {
        let (ann, bob, now) = (UserId::new(), UserId::new(), Instant::now());
        let mut spaces = Spaces::default();
        let other = ConnectionId::new();
        spaces.put(other, trail_of(bob, &[fat(1_500_000)]), now);
        let ids: Vec<ConnectionId> = (0..40).map(|_| ConnectionId::new()).collect();
        for id in &ids {
            spaces.put(*id, trail_of(ann, &[fat(1_500_000)]), now);
            assert!(spaces.shown.bytes <= BYTES_OF_ONE + 1_600_000, "{}", spaces.shown.bytes);
        }
        assert_eq!(kept(&spaces, &ids), 5, "of one and a half million bytes each");
        assert!(spaces.take(ids[39], ann, now).is_some() && spaces.take(other, bob, now).is_some());
        for id in &ids {
            spaces.take(*id, ann, now);
        }
        assert_eq!((spaces.shown.bytes, spaces.shown.frames.len(), spaces.accounts.len()), (0, 0, 0));
    }

    #[test]
    fn all_together_are_bounded_in_bytes_and_what_is_shared_counts_once() {
        let now = Instant::now();
        let mut spaces = Spaces::default();
        let shared = [fat(1_000_000), fat(500_000)];
        let listeners: Vec<ConnectionId> = (0..1000).map(|_| ConnectionId::new()).collect();
        for id in &listeners {
            spaces.put(*id, trail_of(UserId::new(), &shared), now);
        }
        assert_eq!(kept(&spaces, &listeners), 1000, "what all were shown is there once");
        assert!(spaces.shown.bytes < 2_000_000);
        let others: Vec<ConnectionId> = (0..100).map(|_| ConnectionId::new()).collect();
        for id in &others {
            spaces.put(*id, trail_of(UserId::new(), &[fat(1_000_000)]), now);
        }
        assert!(spaces.shown.bytes <= BYTES, "{}", spaces.shown.bytes);
        assert_eq!((kept(&spaces, &listeners), kept(&spaces, &others)), (0, 67));
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
}
