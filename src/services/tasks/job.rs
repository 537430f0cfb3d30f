//! Periodic work: tasks without a payload, one of each kind, which are due again when they are done. Work is here if it
//! needs no node's memory; caches and rate limits are swept by each node itself.

use crate::wire::Millis;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// Periodic work on the database, each turn in one transaction with the time of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Job {
    /// Removes old dead letters of the queue of tasks.
    DeadTasks,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::DeadTasks];

    /// The name in the database and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeadTasks => "dead_tasks",
        }
    }

    /// Milliseconds between two turns.
    pub fn period(self) -> Millis {
        match self {
            Self::DeadTasks => HOUR,
        }
    }
}
