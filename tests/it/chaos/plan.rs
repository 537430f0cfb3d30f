//! What breaks, in which order and for how long: drawn from a seed before anything runs.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::random::Random;

/// Something that breaks, and is mended after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A node is killed, and started again.
    NodeKilled,
    /// A node is told to stop, and started again when it has.
    NodeRestarted,
    /// A node is stopped as it is, and goes on.
    NodeStopped,
    /// Redis is killed, and started again with nothing.
    RedisKilled,
    /// A node cannot reach Redis.
    RedisCut,
    /// No node can reach Redis.
    RedisCutForAll,
    /// What a node and Redis say to each other does not arrive, until it does.
    RedisStalled,
    /// The process behind one connection to PostgreSQL is killed, and PostgreSQL recovers.
    BackendKilled,
    /// PostgreSQL ends at once and is started again.
    PostgresCrashed,
    /// A node cannot reach PostgreSQL.
    PostgresCut,
    /// What a node and PostgreSQL say to each other does not arrive, until it does.
    PostgresStalled,
}

/// One fault of a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlannedFault {
    pub(crate) fault: Fault,
    /// Which node, where the fault is one node's.
    pub(crate) node: usize,
    /// How long before it is mended.
    pub(crate) hold: Duration,
}

/// The faults are dealt from these decks by turns, each shuffled anew: the first one alone kills every kind of process.
const DECKS: [&[Fault]; 2] = [
    &[
        Fault::NodeKilled,
        Fault::NodeRestarted,
        Fault::NodeStopped,
        Fault::RedisKilled,
        Fault::BackendKilled,
        Fault::PostgresCut,
    ],
    &[
        Fault::RedisCut,
        Fault::RedisCutForAll,
        Fault::RedisStalled,
        Fault::PostgresCrashed,
        Fault::PostgresStalled,
        Fault::NodeKilled,
    ],
];

/// `count` faults among `nodes`, each held for some milliseconds within `hold`.
pub(crate) fn plan(seed: u64, count: usize, nodes: usize, hold: Range<u64>) -> Vec<PlannedFault> {
    let mut random = Random::of(seed);
    let mut plan = Vec::new();
    for deck in DECKS.iter().cycle() {
        let mut deck = deck.to_vec();
        random.shuffle(&mut deck);
        for fault in deck {
            let hold = Duration::from_millis(random.within(hold.clone()));
            plan.push(PlannedFault { fault, node: random.index(nodes), hold });
        }
        if plan.len() >= count {
            break;
        }
    }
    plan.truncate(count);
    plan
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (node, hold) = (self.node, self.hold);
        match self.fault {
            Fault::NodeKilled => write!(f, "node {node} is killed, away for {hold:?}"),
            Fault::NodeRestarted => write!(f, "node {node} is told to stop, and started again"),
            Fault::NodeStopped => write!(f, "node {node} is stopped for {hold:?}"),
            Fault::RedisKilled => write!(f, "Redis is killed, away for {hold:?}"),
            Fault::RedisCut => write!(f, "node {node} is cut off from Redis for {hold:?}"),
            Fault::RedisCutForAll => write!(f, "all nodes are cut off from Redis for {hold:?}"),
            Fault::RedisStalled => write!(f, "the link of node {node} to Redis stalls for {hold:?}"),
            Fault::BackendKilled => write!(f, "a backend of PostgreSQL is killed"),
            Fault::PostgresCrashed => write!(f, "PostgreSQL crashes"),
            Fault::PostgresCut => write!(f, "node {node} is cut off from PostgreSQL for {hold:?}"),
            Fault::PostgresStalled => write!(f, "the link of node {node} to PostgreSQL stalls for {hold:?}"),
        }
    }
}
