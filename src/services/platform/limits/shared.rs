//! Adding up with other nodes: several times a second, the amounts taken here are sent, and the levels come back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Limits, Who};
use crate::error::Result;

/// A shared counter in which nodes add up the requests of clients.
#[async_trait]
pub trait SharedRateLimit: Send + Sync {
    /// Takes the amount that each client used on this node out of its bucket, which fills at `per_second` up to `size`;
    /// answers what is left in each, in the same order.
    async fn take(&self, used: &[(String, f64)], per_second: f64, size: f64) -> Result<Vec<f64>>;
}

/// The pause between rounds. Nodes can let through too much within this time.
const ROUND: Duration = Duration::from_millis(100);

/// Clients of one round at most; others follow in the next.
const AT_ONCE: usize = 2_000;

/// The pause after a failed round.
const AWAY: Duration = Duration::from_secs(1);

/// Adds up, for ever. While that fails, this node's own count holds.
pub async fn share(limits: Arc<Limits>, shared: Arc<dyn SharedRateLimit>) {
    let mut is_away = false;
    loop {
        tokio::time::sleep(if is_away { AWAY } else { ROUND }).await;
        let used = limits.drain();
        if used.is_empty() {
            continue;
        }
        let keys: Vec<(String, f64)> = used.iter().map(|(who, n)| (who.key(), *n)).collect();
        let (per_second, size) = (limits.measure.per_second, limits.measure.size);
        match shared.take(&keys, per_second, size).await {
            Ok(levels) => {
                limits.settled(used, &levels, Instant::now());
                is_away = false;
            }
            Err(error) if is_away => tracing::debug!(%error, "requests are still counted on this node alone"),
            Err(error) => {
                tracing::warn!(%error, "requests are counted on this node alone");
                is_away = true;
            }
        }
    }
}

impl Limits {
    /// The amounts that were taken since the last round, of at most one round's clients.
    pub(super) fn drain(&self) -> Vec<(Who, f64)> {
        let mut buckets = self.lock();
        let used = buckets.iter_mut().filter_map(|(who, bucket)| Some((*who, bucket.drain()?)));
        used.take(AT_ONCE).collect()
    }

    /// Sets the levels that are left, in the order of `used`.
    pub(super) fn settled(&self, used: Vec<(Who, f64)>, levels: &[f64], now: Instant) {
        let mut buckets = self.lock();
        for ((who, _), level) in used.into_iter().zip(levels) {
            if let Some(bucket) = buckets.get_mut(&who) {
                bucket.settle(*level, self.measure, now);
            }
        }
    }
}
