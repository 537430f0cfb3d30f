//! Who is connected to this node, and when they last did something. Chosen statuses are rows (`services::statuses`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::wire::{Millis, UserId};

/// What is known of somebody's connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Open authenticated connections.
    pub connections: u32,
    /// When they last did something; 0 if never since the start.
    pub last_activity_at: Millis,
}

/// Keeps count of connections.
pub trait Presence: Send + Sync {
    /// A connection was opened. True if it is the account's first.
    fn connected(&self, user: UserId, now: Millis) -> bool;
    /// A connection ended. True if it was the account's last.
    fn disconnected(&self, user: UserId) -> bool;
    /// The account did something.
    fn active(&self, user: UserId, now: Millis);
    /// What is known of the account.
    fn seen(&self, user: UserId) -> Seen;
    /// Accounts with a connection.
    fn online(&self) -> Vec<UserId>;
}

/// The presence of a single node: a map in memory.
#[derive(Default)]
pub struct LocalPresence {
    seen: Mutex<HashMap<UserId, Seen>>,
}

impl LocalPresence {
    fn change<T>(&self, user: UserId, change: impl FnOnce(&mut Seen) -> T) -> T {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        change(seen.entry(user).or_default())
    }
}

impl Presence for LocalPresence {
    fn connected(&self, user: UserId, now: Millis) -> bool {
        self.change(user, |seen| {
            seen.connections += 1;
            seen.last_activity_at = now;
            seen.connections == 1
        })
    }

    fn disconnected(&self, user: UserId) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = seen.get_mut(&user) else { return false };
        entry.connections = entry.connections.saturating_sub(1);
        let last = entry.connections == 0;
        if last {
            seen.remove(&user);
        }
        last
    }

    fn active(&self, user: UserId, now: Millis) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.get_mut(&user) {
            entry.last_activity_at = now;
        }
    }

    fn seen(&self, user: UserId) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&user).copied().unwrap_or_default()
    }

    fn online(&self) -> Vec<UserId> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_there_until_their_last_connection_ends() {
        let presence = LocalPresence::default();
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
}
