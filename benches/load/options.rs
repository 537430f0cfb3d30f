//! The command line: which parts, how long, how many.

use std::time::Duration;

use clap::{Parser, ValueEnum};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// One-row transactions, by turns with posts of 64 writers
    Pgbench,
    /// Posts a second at 1, 16 and 64 writers
    Posting,
    /// The cost of a post at 10 and at 2,000 members
    Members,
    /// What one account can make the server hold
    Memory,
    /// What clients ask for most
    Requests,
    /// Many sockets in one channel
    Fanout,
    /// Two nodes against one
    Nodes,
    /// Large files, and many at once
    Files,
    /// Many connections that join one topic and leave it
    Joins,
    /// Many sockets that come back at once
    Reconnect,
    /// kill -9 under load
    Crash,
    /// Whether the time of a login tells that a name is somebody's
    Logins,
    /// Right logins beside a flood of wrong ones from another address
    Flood,
    /// Bodies that would become large, or never end: memory and time
    Bodies,
    /// Whether the time of a refusal tells that something is there
    Strangers,
    /// Texts that are made to be dear
    Texts,
    /// Lists of 20,000 accounts
    People,
    /// Durable tasks on two nodes, of which one is killed
    Tasks,
}

/// Measures load and limits of the server on this machine
#[derive(Debug, Parser)]
#[command(name = "load")]
pub(super) struct Options {
    /// What to measure; everything if nothing is named
    parts: Vec<Part>,
    /// A short round: two seconds a measurement, 200 sockets, five seconds of fan-out
    #[arg(long)]
    quick: bool,
    /// Seconds of a measurement [default: 8], and of the fan-out [default: 30]
    #[arg(long)]
    seconds: Option<u64>,
    /// Sockets of the fan-out [default: 1000]
    #[arg(long)]
    sockets: Option<usize>,
    /// Sockets that come back at once [default: 5000]
    #[arg(long)]
    returning: Option<usize>,
    /// Connections that join one topic [default: 15000]
    #[arg(long)]
    joining: Option<usize>,
    /// Posts a second of the fan-out
    #[arg(long, default_value_t = 20)]
    rate: u32,
    /// Works as a node of the part `tasks`, on the database at this URL
    #[arg(long, hide = true)]
    task_node: Option<String>,
    /// Given by cargo bench
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// The database on which this process is a node of the part `tasks`.
    pub(super) fn task_node(&self) -> Option<&str> {
        self.task_node.as_deref()
    }

    pub(super) fn is_bench(&self) -> bool {
        self.bench
    }

    pub(super) fn parts(&self) -> Vec<Part> {
        if self.parts.is_empty() { Part::value_variants().to_vec() } else { self.parts.clone() }
    }

    /// How long one measurement takes.
    pub(super) fn window(&self) -> Duration {
        self.length(2, 8)
    }

    /// Requests that are timed, of each kind.
    pub(super) fn timings(&self) -> usize {
        if self.quick { 500 } else { 10_000 }
    }

    /// How long the fan-out takes.
    pub(super) fn fanout(&self) -> Duration {
        self.length(5, 30)
    }

    /// How long a load runs before it is measured.
    pub(super) fn warm_up(&self) -> Duration {
        Duration::from_millis(if self.quick { 300 } else { 1000 })
    }

    pub(super) fn sockets(&self) -> usize {
        self.sockets.unwrap_or(if self.quick { 200 } else { 1000 })
    }

    pub(super) fn returning(&self) -> usize {
        self.returning.unwrap_or(if self.quick { 500 } else { 5000 })
    }

    pub(super) fn joining(&self) -> usize {
        self.joining.unwrap_or(if self.quick { 1000 } else { 15_000 })
    }

    pub(super) fn rate(&self) -> u32 {
        self.rate.max(1)
    }

    fn length(&self, quick: u64, full: u64) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.quick { quick } else { full }))
    }
}
