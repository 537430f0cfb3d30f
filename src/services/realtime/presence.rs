//! Presence: which accounts are connected, to this node and to others, and when they were last active. Statuses that
//! people set are rows (`services::statuses`). Presence is kept in memory only: nodes tell each other, and forget a
//! node that is dead.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::wire::{ChannelId, Millis, NodeId, UserId};

/// Activity within this fraction of the away time after the last is not recorded, since other nodes are told of each
/// that is.
const PARTS: Millis = 30;

/// Accounts in one message to other nodes, at most.
const LETTER: usize = 1000;

/// The connections of an account and its last activity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Open authenticated connections.
    pub connections: u32,
    /// The time of the last activity; 0 if there was none since the start.
    pub last_activity_at: Millis,
}

/// A node's message to others about its accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Whether accounts that are not named have no connection to the node.
    all: bool,
    /// Each account with its number of connections, its last activity, and whether viewers are to be told of a change.
    people: Vec<(UserId, u32, Millis, bool)>,
}

/// Keeps count of connections and activity.
pub struct Presence {
    away_after: Millis,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    here: HashMap<UserId, Seen>,
    elsewhere: HashMap<NodeId, HashMap<UserId, Seen>>,
    /// Whether there are other nodes to tell.
    bridged: bool,
    /// Accounts of which other nodes do not have the newest, and whether viewers are to be told.
    untold: HashMap<UserId, bool>,
    /// Whether other nodes are to be told of every account.
    tell_all: bool,
    /// Accounts whose presence changed since the viewers were last told, and the time of that.
    changed: HashSet<UserId>,
    told_at: Millis,
    /// The number of this node's connections that have each channel on screen.
    looking: HashMap<ChannelId, u32>,
}

impl Presence {
    /// Creates it without connections. A connected account is away after `away_seconds` without activity.
    pub fn new(away_seconds: u32) -> Self {
        Self { away_after: Millis::from(away_seconds) * 1000, state: Mutex::default() }
    }

    /// Milliseconds without activity after which an account counts as away.
    pub fn away_after(&self) -> Millis {
        self.away_after
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a new connection to this node. True if it is the account's first, on all nodes.
    pub fn connected(&self, user: UserId, now: Millis) -> bool {
        let mut state = self.state();
        let first = state.seen(user).connections == 0;
        let seen = state.here.entry(user).or_default();
        seen.connections += 1;
        seen.last_activity_at = now;
        state.note(user, first);
        first
    }

    /// Removes a connection to this node. True if it was the account's last, on all nodes.
    pub fn disconnected(&self, user: UserId) -> bool {
        let mut state = self.state();
        let Some(seen) = state.here.get_mut(&user) else { return false };
        seen.connections = seen.connections.saturating_sub(1);
        if seen.connections == 0 {
            state.here.remove(&user);
        }
        let last = state.seen(user).connections == 0;
        state.note(user, last);
        last
    }

    /// Records activity of an account on this node; its connections may be to others. True if it was away.
    pub fn active(&self, user: UserId, now: Millis) -> bool {
        let mut state = self.state();
        let seen = state.seen(user);
        let idle = now - seen.last_activity_at;
        if seen.connections == 0 || idle < self.away_after / PARTS {
            return false;
        }
        let woke = idle > self.away_after;
        state.act(user, now);
        state.note(user, woke);
        woke
    }

    /// Notes that an account's own status changed: viewers are told in the next round.
    pub fn changed(&self, user: UserId) {
        self.state().note(user, true);
    }

    /// The presence of the account, on all nodes.
    pub fn seen(&self, user: UserId) -> Seen {
        self.state().seen(user)
    }

    /// Accounts with a connection to any node.
    pub fn online(&self) -> Vec<UserId> {
        let state = self.state();
        let elsewhere = state.elsewhere.values().flat_map(HashMap::keys);
        let all: HashSet<UserId> = state.here.keys().chain(elsewhere).copied().collect();
        all.into_iter().collect()
    }

    /// Notes that a connection of this node shows channel `to` now, and no longer `from`.
    pub fn look(&self, from: Option<ChannelId>, to: Option<ChannelId>) {
        let mut state = self.state();
        if let Some(channel) = from
            && let Some(count) = state.looking.get_mut(&channel)
        {
            *count -= 1;
            if *count == 0 {
                state.looking.remove(&channel);
            }
        }
        if let Some(channel) = to {
            *state.looking.entry(channel).or_default() += 1;
        }
    }

    /// The accounts that connected, disconnected, became active or became idle since the last call, and the channels
    /// that connections of this node have on screen.
    pub fn changes(&self, now: Millis) -> (Vec<UserId>, Vec<ChannelId>) {
        let mut state = self.state();
        let mut changed = std::mem::take(&mut state.changed);
        let idle = state.told_at - self.away_after..now - self.away_after;
        state.told_at = now;
        if state.looking.is_empty() {
            // Without viewers, no account has to be examined.
            return (changed.into_iter().collect(), Vec::new());
        }
        let people = state.elsewhere.values().flatten().chain(&state.here);
        changed
            .extend(people.filter(|(_, seen)| idle.contains(&seen.last_activity_at)).map(|(user, _)| *user));
        (changed.into_iter().collect(), state.looking.keys().copied().collect())
    }

    /// Turns on the bridge to other nodes: changes are collected from now on until they are told.
    pub(super) fn bridge(&self) {
        self.state().bridged = true;
    }

    /// Notes that another node wants to know every account.
    pub(super) fn tell_all(&self) {
        self.state().tell_all = true;
    }

    /// The messages for other nodes about changes since the last call.
    pub(super) fn outgoing(&self) -> Vec<Told> {
        let mut state = self.state();
        let all = std::mem::take(&mut state.tell_all);
        let untold = std::mem::take(&mut state.untold);
        let mut who: Vec<UserId> = untold.keys().copied().collect();
        if all {
            who.extend(state.here.keys().filter(|user| !untold.contains_key(user)));
        }
        let one = |user: &UserId| {
            let connections = state.here.get(user).map_or(0, |seen| seen.connections);
            let news = untold.get(user).copied().unwrap_or_default();
            (*user, connections, state.seen(*user).last_activity_at, news)
        };
        let mut messages: Vec<Told> = who
            .chunks(LETTER)
            .map(|part| Told { all: false, people: part.iter().map(one).collect() })
            .collect();
        if all {
            // The first message replaces what other nodes knew, the others add to it.
            match messages.first_mut() {
                Some(first) => first.all = true,
                None => messages.push(Told { all: true, people: Vec::new() }),
            }
        }
        messages
    }

    /// Applies a message of another node.
    pub(super) fn hear(&self, node: NodeId, told: Told) {
        let mut state = self.state();
        let before =
            if told.all { state.elsewhere.remove(&node).unwrap_or_default() } else { HashMap::new() };
        let named: HashSet<UserId> = told.people.iter().map(|(user, ..)| *user).collect();
        let mut changed: Vec<UserId> = before.into_keys().filter(|user| !named.contains(user)).collect();
        for (user, connections, last_activity_at, news) in told.people {
            let people = state.elsewhere.entry(node).or_default();
            let there = if connections == 0 {
                people.remove(&user).is_some()
            } else {
                people.insert(user, Seen { connections, last_activity_at }).is_none()
            };
            // Activity on another node counts for the account's connections here.
            state.act(user, last_activity_at);
            if there || news {
                changed.push(user);
            }
        }
        state.changed.extend(changed);
    }

    /// Forgets another node and the connections to it.
    pub(super) fn forget(&self, node: NodeId) {
        let mut state = self.state();
        let people = state.elsewhere.remove(&node).unwrap_or_default();
        state.changed.extend(people.into_keys());
    }
}

impl State {
    fn seen(&self, user: UserId) -> Seen {
        let everywhere = self.elsewhere.values().filter_map(|people| people.get(&user));
        everywhere.chain(self.here.get(&user)).fold(Seen::default(), |sum, seen| Seen {
            connections: sum.connections + seen.connections,
            last_activity_at: sum.last_activity_at.max(seen.last_activity_at),
        })
    }

    /// Records activity of an account at `at`, for all of its connections.
    fn act(&mut self, user: UserId, at: Millis) {
        let everywhere = self.elsewhere.values_mut().chain([&mut self.here]);
        for seen in everywhere.filter_map(|people| people.get_mut(&user)) {
            seen.last_activity_at = seen.last_activity_at.max(at);
        }
    }

    fn note(&mut self, user: UserId, news: bool) {
        if self.bridged {
            *self.untold.entry(user).or_default() |= news;
        }
        if news {
            self.changed.insert(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY_AFTER: Millis = 300_000;

    fn presence() -> Presence {
        Presence::new(300)
    }

    #[test]
    fn somebody_is_there_until_their_last_connection_ends() {
        let presence = presence();
        let ann = UserId::new();
        assert!(presence.connected(ann, 1));
        assert!(!presence.connected(ann, 2));
        assert_eq!(presence.seen(ann), Seen { connections: 2, last_activity_at: 2 });
        assert!(!presence.disconnected(ann));
        assert!(presence.disconnected(ann));
        assert_eq!(presence.seen(ann), Seen::default());
        assert!(presence.online().is_empty());
    }

    #[test]
    fn nodes_tell_each_other_and_a_dead_one_takes_its_people_along() {
        let (here, there) = (presence(), presence());
        let (node, ann, bob) = (NodeId::new(), UserId::new(), UserId::new());
        there.bridge();
        let tell = || there.outgoing().into_iter().for_each(|told| here.hear(node, told));
        there.connected(ann, 5);
        there.connected(bob, 6);
        tell();
        assert_eq!(here.seen(ann), Seen { connections: 1, last_activity_at: 5 });
        assert!(!here.connected(bob, 7), "bob is connected to the other node already");
        assert_eq!(here.seen(bob), Seen { connections: 2, last_activity_at: 7 });
        there.disconnected(ann);
        tell();
        assert_eq!(here.seen(ann).connections, 0);
        here.changes(10);
        here.forget(node);
        assert_eq!(here.seen(bob).connections, 1);
        assert_eq!(here.changes(11).0, [bob]);
    }

    #[test]
    fn what_is_done_at_one_node_wakes_the_connections_to_another() {
        let (here, there) = (presence(), presence());
        let (ann, noon) = (UserId::new(), 10 * AWAY_AFTER);
        here.bridge();
        there.bridge();
        let (one, other) = (NodeId::new(), NodeId::new());
        let tell = || {
            here.outgoing().into_iter().for_each(|told| there.hear(one, told));
            there.outgoing().into_iter().for_each(|told| here.hear(other, told));
        };
        assert!(!here.active(ann, noon), "nobody is connected");
        here.connected(ann, noon);
        tell();
        assert!(!there.active(ann, noon + AWAY_AFTER), "not yet away");
        tell();
        assert_eq!(here.seen(ann), Seen { connections: 1, last_activity_at: noon + AWAY_AFTER });
        let later = noon + 3 * AWAY_AFTER;
        assert!(there.active(ann, later));
        assert!(!there.active(ann, later + 1), "awake already");
        here.changes(noon);
        tell();
        assert_eq!(here.seen(ann), Seen { connections: 1, last_activity_at: later });
        assert_eq!(here.changes(later).0, [ann]);
        assert_eq!(there.seen(ann).connections, 1);
    }

    #[test]
    fn telling_everything_corrects_what_was_missed() {
        let (here, there) = (presence(), presence());
        let (node, ann, bob) = (NodeId::new(), UserId::new(), UserId::new());
        there.bridge();
        there.connected(ann, 1);
        there.outgoing().into_iter().for_each(|told| here.hear(node, told));
        there.disconnected(ann);
        there.connected(bob, 2);
        drop(there.outgoing());
        there.tell_all();
        there.outgoing().into_iter().for_each(|told| here.hear(node, told));
        assert_eq!((here.seen(ann).connections, here.seen(bob).connections), (0, 1));
        there.disconnected(bob);
        drop(there.outgoing());
        there.tell_all();
        there.outgoing().into_iter().for_each(|told| here.hear(node, told));
        assert_eq!(here.online(), []);
    }

    #[test]
    fn channels_are_looked_at_while_somebody_does() {
        let presence = presence();
        let (one, other) = (ChannelId::new(), ChannelId::new());
        presence.look(None, Some(one));
        presence.look(None, Some(one));
        presence.look(Some(one), Some(other));
        assert_eq!(presence.changes(0).1.len(), 2);
        presence.look(Some(one), None);
        assert_eq!(presence.changes(0).1, [other]);
    }
}
