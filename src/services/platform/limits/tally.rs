//! A tally of events that happen too often to be written down each time: the first of a kind are, and of the others
//! only their number. Its memory is bounded, however many kinds somebody makes up.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::wire::{OrgId, UserId};

/// The window in which events are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// Events of one kind that are written down in a window.
const EACH: u32 = 5;

/// Events of all kinds that are written down in a window.
const ALL: u32 = 300;

/// Kinds that are counted separately in a window; later ones are counted as one.
const KINDS: usize = 200;

/// A failed authentication.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failure {
    /// The organisation.
    pub org: OrgId,
    /// The account that was meant, if there is such an account.
    pub user: Option<UserId>,
    /// The path of the operation.
    pub action: &'static str,
    /// The client's address; for IPv6 its network.
    pub household: String,
}

/// Counts events by kind.
pub struct Tally<K> {
    window: Mutex<Window<K>>,
}

struct Window<K> {
    begun: Instant,
    written: u32,
    kinds: HashMap<K, Count>,
}

#[derive(Default)]
struct Count {
    written: u32,
    more: u64,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        let window = Window { begun: Instant::now(), written: 0, kinds: HashMap::new() };
        Self { window: Mutex::new(window) }
    }
}

impl<K: Eq + Hash> Tally<K> {
    /// Counts an event; answers whether it is to be written down. `otherwise` is the kind that it is counted as when
    /// there are too many kinds.
    pub fn note(&self, kind: K, otherwise: K) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let kind =
            if window.kinds.len() < KINDS || window.kinds.contains_key(&kind) { kind } else { otherwise };
        let has_room = window.written < ALL;
        let count = window.kinds.entry(kind).or_default();
        let is_written = has_room && count.written < EACH;
        if is_written {
            count.written += 1;
            window.written += 1;
        } else {
            count.more += 1;
        }
        is_written
    }

    /// The number of events of each kind that were not written down, once the window is over; empty before.
    pub fn over(&self, now: Instant) -> Vec<(K, u64)> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(window.begun) < WINDOW {
            return Vec::new();
        }
        window.begun = now;
        window.written = 0;
        let kinds = std::mem::take(&mut window.kinds);
        kinds
            .into_iter()
            .filter(|(_, count)| count.more > 0)
            .map(|(kind, count)| (kind, count.more))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_written_down_and_the_others_are_counted() {
        let tally = Tally::default();
        let written = (0..1000).filter(|_| tally.note("ann", "others")).count();
        assert_eq!(written, 5);
        assert!(tally.note("bob", "others"));
        let now = Instant::now();
        assert_eq!(tally.over(now), []);
        assert_eq!(tally.over(now + WINDOW), [("ann", 995)]);
        assert_eq!(tally.over(now + WINDOW * 2), []);
        assert!(tally.note("ann", "others"), "a new window");
    }

    #[test]
    fn nothing_is_lost_and_nothing_grows_however_many_kinds_there_are() {
        let tally = Tally::default();
        let written = (0..100_000_u32).filter(|n| tally.note(n % 50_000, u32::MAX)).count() as u64;
        assert!(written <= 300, "{written}");
        let over = tally.over(Instant::now() + WINDOW);
        assert!(over.len() <= KINDS + 1, "{}", over.len());
        assert_eq!(over.iter().map(|(_, more)| more).sum::<u64>() + written, 100_000);
    }
}
