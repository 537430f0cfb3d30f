//! The rate limit of requests: a bucket for each client, which fills steadily. This node decides at once and by itself;
//! what was taken is added up with other nodes' in the background (`shared`), and comes back as a lower level. So no
//! request ever waits for another machine, and without one the node's own count goes on. Nodes that get requests within
//! the same tenth of a second can together let through what each of them alone would.

mod bucket;
mod budget;
mod shared;
mod shares;
mod tally;
mod token_bucket;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::wire::UserId;
use bucket::Bucket;

pub use budget::{Budget, HeldBytes};

pub use shared::{SharedRateLimit, share};
pub use shares::{Share, Shares};
pub use tally::{Failure, Tally};
pub use token_bucket::{Measure, TokenBucket};

/// Clients remembered at most. When there are more, those whose bucket is full are forgotten, and if that is not
/// enough, all: an attacker who makes up addresses must not fill the memory.
const CAPACITY: usize = 200_000;

/// The client whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// An account.
    Account(UserId),
    /// An address, for requests without an account.
    Address(Option<IpAddr>),
}

impl Who {
    /// The key of the client's shared bucket.
    fn key(&self) -> String {
        match self {
            Self::Account(id) => format!("u:{id}"),
            Self::Address(Some(address)) => format!("a:{address}"),
            Self::Address(None) => "a:".to_owned(),
        }
    }
}

/// The verdict on a request, and the state of its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateDecision {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// Requests that a full bucket holds.
    pub limit: u32,
    /// Requests that are left.
    pub remaining: u32,
    /// Seconds until the next request is allowed or, if one is left, until the bucket is full.
    pub reset: u32,
}

/// The buckets of this node.
pub struct Limits {
    measure: Measure,
    buckets: Mutex<HashMap<Who, Bucket>>,
}

impl Limits {
    /// Creates buckets that fill with `requests_per_second` and hold `burst`.
    pub fn new(requests_per_second: u32, burst: u32) -> Self {
        let measure = Measure { per_second: requests_per_second.max(1).into(), size: burst.max(1).into() };
        Self { measure, buckets: Mutex::default() }
    }

    /// Takes a request out of the bucket of `who`, if one is left.
    pub fn take(&self, who: Who, now: Instant) -> RateDecision {
        let mut buckets = self.lock();
        if buckets.len() >= CAPACITY && !buckets.contains_key(&who) {
            self.make_room(&mut buckets, now);
        }
        let bucket = buckets.entry(who).or_insert_with(|| Bucket::full(self.measure, now));
        bucket.take(self.measure, now)
    }

    /// Forgets clients whose bucket is full.
    pub fn sweep(&self, now: Instant) {
        self.lock().retain(|_, bucket| !bucket.is_idle(self.measure, now));
    }

    fn make_room(&self, buckets: &mut HashMap<Who, Bucket>, now: Instant) {
        buckets.retain(|_, bucket| !bucket.is_idle(self.measure, now));
        if buckets.len() >= CAPACITY {
            buckets.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Who, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The network of an address: an IPv6 client usually has the whole /64, 2^64 addresses.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(last: u8) -> Who {
        Who::Address(Some(IpAddr::from([10, 0, 0, last])))
    }

    #[test]
    fn a_burst_is_let_through_and_then_only_what_the_time_brings() {
        let (limits, begin) = (Limits::new(2, 5), Instant::now());
        let allowed = |now| (0..20).filter(|_| limits.take(address(1), now).allowed).count();
        assert_eq!(allowed(begin), 5);
        assert_eq!(allowed(begin), 0);
        assert_eq!(allowed(begin + Duration::from_secs(1)), 2);
        assert_eq!(allowed(begin + Duration::from_secs(60)), 5);
        assert!(limits.take(address(2), begin).allowed);
    }

    #[test]
    fn an_answer_says_what_is_left_and_when_there_is_more() {
        let (limits, now) = (Limits::new(1, 3), Instant::now());
        let first = limits.take(address(1), now);
        assert_eq!(first, RateDecision { allowed: true, limit: 3, remaining: 2, reset: 1 });
        limits.take(address(1), now);
        limits.take(address(1), now);
        let refused = limits.take(address(1), now);
        assert_eq!(refused, RateDecision { allowed: false, limit: 3, remaining: 0, reset: 1 });
    }

    #[test]
    fn whoever_was_quiet_is_forgotten() {
        let (limits, now) = (Limits::new(10, 10), Instant::now());
        limits.take(address(1), now);
        limits.sweep(now);
        assert_eq!(limits.lock().len(), 1);
        limits.settled(limits.drain(), &[9.0], now);
        limits.sweep(now + Duration::from_secs(2));
        assert_eq!(limits.lock().len(), 0);
    }

    #[test]
    fn what_other_nodes_took_is_missing_here() {
        let (limits, now) = (Limits::new(1, 10), Instant::now());
        limits.take(address(1), now);
        let used = limits.drain();
        limits.take(address(1), now);
        // Together nine were taken before the one that is not settled yet.
        limits.settled(used, &[1.0], now);
        let taken = limits.take(address(1), now);
        assert_eq!((taken.allowed, taken.remaining), (false, 0));
        assert!(limits.drain().len() == 1 && limits.drain().is_empty());
    }

    #[test]
    fn neighbours_in_one_network_of_version_6_are_one() {
        let of = |text: &str| household(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
