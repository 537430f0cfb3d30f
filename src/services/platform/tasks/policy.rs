//! The policies: attempts, pauses, time limits and places of each kind of task.

use std::time::Duration;

use super::Kind;
use crate::wire::Millis;

const SECOND: Millis = 1000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;

/// The policy of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The smaller, the more urgent: while not all that waits has a place, these are done first.
    pub priority: u8,
    /// Attempts until a task is a dead letter; `None` for work that is tried for ever.
    pub attempts: Option<i32>,
    /// The pause after the first failed attempt, in milliseconds; each is twice the one before.
    pub pause: Millis,
    /// The longest pause.
    pub longest_pause: Millis,
    /// The longest duration of an attempt.
    pub time_limit: Duration,
    /// Tasks of the kind that a node does at a time.
    pub at_once: usize,
    /// Transactional tasks of the kind that share a transaction at most.
    pub batch: usize,
    /// Tasks of the kind that may wait for one organisation; `None` where nobody causes more than a few.
    pub waiting: Option<i64>,
}

/// Periodic work: tried for ever, one turn at a time.
const PERIODIC: Policy = Policy {
    priority: 4,
    attempts: None,
    pause: MINUTE,
    longest_pause: 15 * MINUTE,
    time_limit: Duration::from_secs(120),
    at_once: 1,
    batch: 1,
    waiting: None,
};

impl Kind {
    /// Its policy.
    pub fn policy(self) -> Policy {
        match self {
            // Some eight hours from the first attempt to the last. A conversation with a mail server has a dozen steps
            // that may each take ten seconds.
            Self::Mail => Policy {
                priority: 1,
                attempts: Some(10),
                pause: MINUTE,
                longest_pause: 5 * HOUR,
                time_limit: Duration::from_secs(150),
                at_once: 4,
                batch: 1,
                waiting: Some(10_000),
            },
            // Somebody waits for it at their screen. What has not worked for ten minutes is asked for again by then.
            Self::PasswordReset | Self::Verification => Policy {
                priority: 0,
                attempts: Some(8),
                pause: 5 * SECOND,
                longest_pause: 5 * MINUTE,
                time_limit: Duration::from_secs(30),
                at_once: 64,
                batch: 8,
                waiting: Some(1000),
            },
            // Seven links that may each take eight seconds, and the pictures of their pages. A site that does not answer
            // is no failure: that is known of it then.
            Self::Preview => Policy {
                priority: 2,
                attempts: Some(5),
                pause: 5 * SECOND,
                longest_pause: 5 * MINUTE,
                time_limit: Duration::from_secs(150),
                at_once: 16,
                batch: 1,
                waiting: Some(10_000),
            },
            // Some hours in which the storage may be away. The process that reads a document ends after ten seconds.
            Self::Document => Policy {
                priority: 3,
                attempts: Some(8),
                pause: MINUTE,
                longest_pause: 2 * HOUR,
                time_limit: Duration::from_secs(120),
                at_once: 2,
                batch: 1,
                waiting: Some(10_000),
            },
            Self::Unfinished => {
                Policy { longest_pause: HOUR, time_limit: Duration::from_secs(600), ..PERIODIC }
            }
            Self::Job(_) => PERIODIC,
        }
    }
}
