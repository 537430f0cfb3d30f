//! The pause after a failed attempt.

use uuid::Uuid;

use super::Policy;
use crate::wire::Millis;

/// A number from 0 to 255 that differs each time.
pub(super) fn chance() -> u8 {
    Uuid::new_v4().as_bytes().first().copied().unwrap_or(0)
}

/// The pause after `attempts` failed attempts, in milliseconds; `None` if that was the last. It doubles with each
/// attempt up to the policy's longest, and `chance` takes up to a quarter of it away, so that what failed together is
/// not tried again together.
pub(super) fn pause(policy: &Policy, attempts: i32, chance: u8) -> Option<Millis> {
    if policy.attempts.is_some_and(|most| attempts >= most) {
        return None;
    }
    let doublings = u32::try_from(attempts.clamp(1, 32) - 1).unwrap_or(0);
    let full = policy.pause.saturating_mul(1 << doublings).min(policy.longest_pause);
    Some(full - full / 4 * Millis::from(chance) / Millis::from(u8::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::services::platform::tasks::Kind;

    proptest! {
        #[test]
        fn a_pause_is_within_its_bounds(attempts in 1..40_i32, chance: u8, at in 0..usize::MAX) {
            let kinds: Vec<Kind> = Kind::all().collect();
            let policy = kinds[at % kinds.len()].policy();
            match pause(&policy, attempts, chance) {
                None => prop_assert!(attempts >= policy.attempts.expect("it ends")),
                Some(pause) => {
                    let full = (0..attempts - 1).fold(policy.pause, |p, _| (p * 2).min(policy.longest_pause));
                    prop_assert!(pause <= full && pause >= full - full / 4, "{pause} of {full}");
                }
            }
        }
    }

    #[test]
    fn chance_spreads_what_failed_together() {
        let policy = Kind::Mail.policy();
        assert_eq!(pause(&policy, 1, 0), Some(60_000));
        assert_eq!(pause(&policy, 1, u8::MAX), Some(45_000));
        assert_eq!(pause(&policy, 3, 0), Some(240_000));
        let pauses: std::collections::BTreeSet<_> = (0..50).map(|_| pause(&policy, 1, chance())).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn a_mail_is_tried_for_some_hours_and_then_no_more() {
        let policy = Kind::Mail.policy();
        let total: Millis = (1..10).filter_map(|attempts| pause(&policy, attempts, 0)).sum();
        assert!((8..9).contains(&(total / 3_600_000)), "{total}");
        assert_eq!(pause(&policy, 10, 0), None);
    }
}
