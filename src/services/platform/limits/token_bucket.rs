//! The token bucket: a stock that is taken from at once and fills again steadily.

use std::time::Instant;

/// The size of a bucket, and the rate at which it fills.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Tokens that it gets in a second.
    pub per_second: f64,
    /// Tokens that it holds.
    pub size: f64,
}

/// A token bucket, without its measure: many buckets share one.
#[derive(Debug)]
pub struct TokenBucket {
    level: f64,
    filled_at: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub fn full(measure: Measure, now: Instant) -> Self {
        Self { level: measure.size, filled_at: now }
    }

    /// Adds the tokens of the time since it was filled last.
    pub fn fill(&mut self, measure: Measure, now: Instant) {
        let seconds = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.level = (self.level + seconds * measure.per_second).min(measure.size);
        self.filled_at = now.max(self.filled_at);
    }

    /// The tokens in it, as it was filled last; fewer than none if other nodes took more than there were.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Whether it has so many tokens.
    pub fn has(&self, tokens: f64) -> bool {
        self.level >= tokens
    }

    /// Takes tokens, whether it has them or not.
    pub fn take(&mut self, tokens: f64) {
        self.level -= tokens;
    }

    /// Sets the level.
    pub(super) fn set(&mut self, level: f64) {
        self.level = level;
    }
}
