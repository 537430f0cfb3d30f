//! Who is connected, to this node and to others, and when they last did something. Chosen statuses are rows
//! (`services::statuses`). Nothing of this is kept anywhere but in memory: nodes tell each other, and forget a node that
//! is dead.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::wire::{ChannelId, Millis, NodeId, UserId};

/// How long somebody does nothing before they count as away.
pub const AWAY_AFTER: Millis = 5 * 60 * 1000;

/// People of whom one letter to other nodes tells at most.
const LETTER: usize = 1000;

/// What is known of somebody's connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Open authenticated connections.
    pub connections: u32,
    /// When they last did something; 0 if never since the start.
    pub last_activity_at: Millis,
}

/// What a node tells others of its people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Whether those not named are not connected to it.
    all: bool,
    /// Who, with how many connections, last active when, and whether lookers want to know.
    people: Vec<(UserId, u32, Millis, bool)>,
}

/// Keeps count of connections.
#[derive(Default)]
pub struct Presence {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    here: HashMap<UserId, Seen>,
    elsewhere: HashMap<NodeId, HashMap<UserId, Seen>>,
    /// Whether there are other nodes to tell.
    bridged: bool,
    /// Of whom other nodes do not know the newest, and whether lookers want to.
    untold: HashMap<UserId, bool>,
    /// Whether other nodes want to know everything.
    tell_all: bool,
    /// Who came, went or woke since the lookers were last told, and when that was.
    changed: HashSet<UserId>,
    told_at: Millis,
    /// How many connections of this node look at each channel.
    looking: HashMap<ChannelId, u32>,
}

impl Presence {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection to this node was opened. True if it is the account's first, on all nodes.
    pub fn connected(&self, user: UserId, now: Millis) -> bool {
        let mut state = self.state();
        let first = state.seen(user).connections == 0;
        let seen = state.here.entry(user).or_default();
        seen.connections += 1;
        seen.last_activity_at = now;
        state.note(user, first);
        first
    }

    /// A connection to this node ended. True if it was the account's last, on all nodes.
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

    /// The account did something, on this node.
    pub fn active(&self, user: UserId, now: Millis) {
        let mut state = self.state();
        if let Some(seen) = state.here.get_mut(&user) {
            let woke = now - seen.last_activity_at > AWAY_AFTER;
            seen.last_activity_at = now;
            state.note(user, woke);
        }
    }

    /// What people chose for themselves changed: lookers are told with the next round.
    pub fn changed(&self, user: UserId) {
        self.state().note(user, true);
    }

    /// What is known of the account, on all nodes.
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

    /// A connection of this node looks at `to` now, and no longer at `from`.
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

    /// Who came, went, woke or has now been idle for long since this was last asked, and the channels that somebody on
    /// this node looks at.
    pub fn changes(&self, now: Millis) -> (Vec<UserId>, Vec<ChannelId>) {
        let mut state = self.state();
        let mut changed = std::mem::take(&mut state.changed);
        let idle = state.told_at - AWAY_AFTER..now - AWAY_AFTER;
        state.told_at = now;
        if state.looking.is_empty() {
            // Nobody to tell: nobody has to be looked through.
            return (changed.into_iter().collect(), Vec::new());
        }
        let people = state.elsewhere.values().flatten().chain(&state.here);
        changed
            .extend(people.filter(|(_, seen)| idle.contains(&seen.last_activity_at)).map(|(user, _)| *user));
        (changed.into_iter().collect(), state.looking.keys().copied().collect())
    }

    /// There are other nodes: what changes from now on is kept until they are told.
    pub(super) fn bridge(&self) {
        self.state().bridged = true;
    }

    /// Another node wants to know everybody.
    pub(super) fn tell_all(&self) {
        self.state().tell_all = true;
    }

    /// What other nodes have to be told since this was last asked.
    pub(super) fn outgoing(&self) -> Vec<Told> {
        let mut state = self.state();
        let all = std::mem::take(&mut state.tell_all);
        let untold = std::mem::take(&mut state.untold);
        let mut who: Vec<UserId> = untold.keys().copied().collect();
        if all {
            who.extend(state.here.keys().filter(|user| !untold.contains_key(user)));
        }
        let one = |user: &UserId| {
            let seen = state.here.get(user).copied().unwrap_or_default();
            let news = untold.get(user).copied().unwrap_or_default();
            (*user, seen.connections, seen.last_activity_at, news)
        };
        let mut letters: Vec<Told> = who
            .chunks(LETTER)
            .map(|part| Told { all: false, people: part.iter().map(one).collect() })
            .collect();
        if all {
            // The first replaces what was known, the others add to it.
            match letters.first_mut() {
                Some(first) => first.all = true,
                None => letters.push(Told { all: true, people: Vec::new() }),
            }
        }
        letters
    }

    /// Another node tells of its people.
    pub(super) fn hear(&self, node: NodeId, told: Told) {
        let mut state = self.state();
        let before =
            if told.all { state.elsewhere.remove(&node).unwrap_or_default() } else { HashMap::new() };
        let named: HashSet<UserId> = told.people.iter().map(|(user, ..)| *user).collect();
        let people = state.elsewhere.entry(node).or_default();
        let mut changed: Vec<UserId> = before.into_keys().filter(|user| !named.contains(user)).collect();
        for (user, connections, last_activity_at, news) in told.people {
            let there = if connections == 0 {
                people.remove(&user).is_some()
            } else {
                people.insert(user, Seen { connections, last_activity_at }).is_none()
            };
            if there || news {
                changed.push(user);
            }
        }
        state.changed.extend(changed);
    }

    /// Another node is gone, and so are its people unless they are elsewhere too.
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

    #[test]
    fn somebody_is_there_until_their_last_connection_ends() {
        let presence = Presence::default();
        let ann = UserId::new();
        assert!(presence.connected(ann, 1));
        assert!(!presence.connected(ann, 2));
        presence.active(ann, 3);
        assert_eq!(presence.seen(ann), Seen { connections: 2, last_activity_at: 3 });
        assert!(!presence.disconnected(ann));
        assert!(presence.disconnected(ann));
        assert_eq!(presence.seen(ann), Seen::default());
        assert!(presence.online().is_empty());
    }

    #[test]
    fn nodes_tell_each_other_and_a_dead_one_takes_its_people_along() {
        let (here, there) = (Presence::default(), Presence::default());
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
    fn telling_everything_corrects_what_was_missed() {
        let (here, there) = (Presence::default(), Presence::default());
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
        let presence = Presence::default();
        let (one, other) = (ChannelId::new(), ChannelId::new());
        presence.look(None, Some(one));
        presence.look(None, Some(one));
        presence.look(Some(one), Some(other));
        assert_eq!(presence.changes(0).1.len(), 2);
        presence.look(Some(one), None);
        assert_eq!(presence.changes(0).1, [other]);
    }
}
