//! The bucket of one client.

use std::time::Instant;

use super::RateDecision;
use super::token_bucket::{Measure, TokenBucket};

/// A token bucket, and how much was taken from it that other nodes do not know of yet.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: TokenBucket,
    unsettled: f64,
}

impl Bucket {
    pub(super) fn full(measure: Measure, now: Instant) -> Self {
        Self { tokens: TokenBucket::full(measure, now), unsettled: 0.0 }
    }

    pub(super) fn take(&mut self, measure: Measure, now: Instant) -> RateDecision {
        self.tokens.fill(measure, now);
        let allowed = self.tokens.has(1.0);
        if allowed {
            self.tokens.take(1.0);
            self.unsettled += 1.0;
        }
        let level = self.tokens.level();
        let missing = if allowed { measure.size - level } else { 1.0 - level };
        RateDecision {
            allowed,
            limit: whole(measure.size),
            remaining: whole(level),
            reset: whole((missing / measure.per_second).ceil()).max(1),
        }
    }

    /// The amount that was taken since the last call; none if nothing was.
    pub(super) fn drain(&mut self) -> Option<f64> {
        let used = std::mem::take(&mut self.unsettled);
        (used > 0.0).then_some(used)
    }

    /// Sets the level that all nodes together have left, less what was taken here meanwhile.
    pub(super) fn settle(&mut self, level: f64, measure: Measure, now: Instant) {
        self.tokens.fill(measure, now);
        self.tokens.set(level.min(measure.size) - self.unsettled);
    }

    /// Whether it is full and settled, so that forgetting it changes nothing.
    pub(super) fn is_idle(&mut self, measure: Measure, now: Instant) -> bool {
        self.tokens.fill(measure, now);
        self.unsettled <= 0.0 && self.tokens.has(measure.size)
    }
}

/// A number as a whole one, rounded down, between 0 and a billion.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded from both sides")]
fn whole(number: f64) -> u32 {
    number.clamp(0.0, 1e9) as u32
}
