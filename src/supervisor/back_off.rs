//! The pause before a part is started again: it doubles with each death, within bounds, and begins anew once the part
//! has lived for a while.

use std::time::Duration;

/// The shortest and the longest pause.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(15));

/// The life after which the pauses begin anew.
const GOOD: Duration = Duration::from_secs(60);

/// The pauses of one part.
pub(super) struct BackOff {
    next: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self { next: PAUSES.0 }
    }
}

impl BackOff {
    /// The pause after a life that lasted so long, with up to a quarter more by chance: parts of several nodes that
    /// die of the same cause do not come back at the same moment.
    pub(super) fn next(&mut self, lived: Duration) -> Duration {
        if lived >= GOOD {
            self.next = PAUSES.0;
        }
        let pause = self.next;
        self.next = (pause * 2).min(PAUSES.1);
        pause + pause * u32::from(chance()) / 1024
    }
}

/// A random byte.
fn chance() -> u8 {
    uuid::Uuid::new_v4().as_bytes().last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_within_bounds_and_begin_anew() {
        let mut back_off = BackOff::default();
        let mut before = Duration::ZERO;
        for _ in 0..20 {
            let pause = back_off.next(Duration::ZERO);
            assert!(pause >= before.min(PAUSES.1) && pause <= PAUSES.1 * 5 / 4, "{pause:?} after {before:?}");
            before = pause;
        }
        assert!(before >= PAUSES.1);
        assert!(back_off.next(GOOD) <= PAUSES.0 * 5 / 4);
    }
}
