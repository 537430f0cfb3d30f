//! The limits on one client: how many sockets an address may have, and how many messages and bytes one of them may
//! send.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::services::platform::limits::{Measure, TokenBucket, household};

/// The seconds' worth of messages and bytes that may come at once.
const BURST_SECONDS: f64 = 5.0;

/// Counts the open sockets of each address. Cloning shares it.
#[derive(Clone, Default)]
pub struct ConnectionQuota {
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

/// A place in the quota, given back when it is dropped.
pub struct QuotaSlot {
    quota: ConnectionQuota,
    from: Option<IpAddr>,
}

impl ConnectionQuota {
    /// Admits a socket; `TooMany` if its address has `limit` of them already. 0 is no limit.
    pub fn enter(&self, from: Option<IpAddr>, limit: u32) -> Result<QuotaSlot> {
        let from = from.filter(|_| limit > 0).map(household);
        if let Some(from) = from {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let count = open.entry(from).or_default();
            if *count >= limit {
                return Err(Error::new(
                    Kind::TooMany { retry_after: 10 },
                    "api.web_socket.connect.too_many.app_error",
                    "Too many connections from this address are open.",
                ));
            }
            *count += 1;
        }
        Ok(QuotaSlot { quota: self.clone(), from })
    }
}

impl Drop for QuotaSlot {
    fn drop(&mut self) {
        let Some(from) = self.from else { return };
        let mut open = self.quota.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                open.remove(&from);
            }
        }
    }
}

/// The verdict on a message of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The message is accepted.
    Heard,
    /// The message is refused: the client sent too many, or too many bytes.
    TooMuch,
    /// The connection is to be closed: too many of its messages were refused.
    Enough,
}

/// The rate limit of a connection's messages and bytes.
pub(super) struct Rate {
    messages: Bucket,
    bytes: Bucket,
    /// Messages refused since both buckets were last full.
    refused: f64,
}

impl Rate {
    pub(super) fn new(messages_per_second: u32, bytes_per_second: u32, now: Instant) -> Self {
        let bucket = |per_second| Bucket::new(f64::from(per_second), now);
        Self { messages: bucket(messages_per_second), bytes: bucket(bytes_per_second), refused: 0.0 }
    }

    /// Judges a message of so many bytes, and takes it from the buckets if it is accepted.
    pub(super) fn judge(&mut self, bytes: usize, now: Instant) -> Verdict {
        self.messages.fill(now);
        self.bytes.fill(now);
        if self.messages.is_full() && self.bytes.is_full() {
            self.refused = 0.0;
        }
        let bytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.messages.tokens.has(1.0) && self.bytes.tokens.has(bytes) {
            self.messages.tokens.take(1.0);
            self.bytes.tokens.take(bytes);
            return Verdict::Heard;
        }
        self.refused += 1.0;
        if self.refused > self.messages.measure.size { Verdict::Enough } else { Verdict::TooMuch }
    }
}

/// A token bucket with its measure.
struct Bucket {
    measure: Measure,
    tokens: TokenBucket,
}

impl Bucket {
    fn new(per_second: f64, now: Instant) -> Self {
        let measure = Measure { per_second, size: per_second * BURST_SECONDS };
        Self { measure, tokens: TokenBucket::full(measure, now) }
    }

    fn fill(&mut self, now: Instant) {
        self.tokens.fill(self.measure, now);
    }

    fn is_full(&self) -> bool {
        self.tokens.has(self.measure.size)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_client_may_speak_at_its_rate_and_is_sent_away_when_it_goes_on_above() {
        let began = Instant::now();
        let at = |millis| began + Duration::from_millis(millis);
        let mut rate = Rate::new(2, 10_000, began);
        let mut say = |bytes, millis| rate.judge(bytes, at(millis));
        assert!((0..10).all(|_| say(10, 0) == Verdict::Heard), "five seconds' worth at once");
        assert_eq!(say(10, 0), Verdict::TooMuch);
        assert_eq!(say(10, 500), Verdict::Heard);
        assert!((0..9).all(|_| say(10, 500) == Verdict::TooMuch));
        assert_eq!(say(10, 500), Verdict::Enough);
        assert_eq!(say(10, 6000), Verdict::Heard, "after a pause all is forgotten");
        assert_eq!(say(10, 6000), Verdict::Heard);
        assert_eq!(say(50_000, 6000), Verdict::TooMuch, "bytes count too");
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let quota = ConnectionQuota::default();
        let from = |text: &str| Some(text.parse().expect("an address"));
        let first = quota.enter(from("2001:db8::1"), 2).ok();
        let _second = quota.enter(from("2001:db8::2"), 2).ok();
        assert!(quota.enter(from("2001:db8::3"), 2).is_err(), "the same household");
        assert!(quota.enter(from("192.0.2.1"), 2).is_ok());
        assert!(quota.enter(from("2001:db8::3"), 0).is_ok(), "no limit");
        drop(first);
        assert!(quota.enter(from("2001:db8::3"), 2).is_ok());
        assert_eq!(quota.open.lock().expect("no panic").len(), 1, "who has none is forgotten");
    }
}
