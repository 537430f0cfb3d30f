//! The proof that nothing is lost. Writers post through several nodes and listeners hear, while a seeded plan kills
//! and stops processes and cuts links; then a checker compares what was acknowledged with what every listener holds.
//!
//! `tests/it/faults.rs` tells the short form of it, `tests/chaos.rs` the long one (`make chaos`). In the order of
//! reading: `house` is what runs and `plan` what breaks; `cast` is who lives there, `poster` and `listener` what they
//! do, `wire` a listener's connection and `ear` what a listener holds of one channel; `checker` judges; `scenario` is
//! the whole of it. `redis_cut` and `slow_readers` are two more stories with the same people, `storage_cut` one with
//! files.

pub(crate) mod checker;
pub(crate) mod ear;
pub(crate) mod house;
pub(crate) mod latency;
pub(crate) mod listener;
pub(crate) mod participants;
pub(crate) mod plan;
pub(crate) mod poster;
pub(crate) mod random;
pub(crate) mod redis_cut;
pub(crate) mod scenario;
pub(crate) mod slow_readers;
pub(crate) mod storage_cut;
pub(crate) mod wire;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

pub(crate) use house::House;

/// A post, as its message names it: who wrote it, and which of theirs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Said {
    pub(crate) writer: u16,
    pub(crate) number: u32,
}

/// Stands before the name of a post in its message, and nowhere else.
const MARK: &str = "chaos-";

impl Said {
    /// The message of the post, as long as people's messages usually are.
    pub(crate) fn message(self) -> String {
        format!(
            "{MARK}{}-{}. Shall we meet at noon, as usual, or is the earlier train better?",
            self.writer, self.number
        )
    }

    /// The post whose message is somewhere in a text.
    pub(crate) fn within(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(MARK)?;
        let (writer, rest) = rest.split_once('-')?;
        let (number, _) = rest.split_once('.')?;
        Some(Self { writer: writer.parse().ok()?, number: number.parse().ok()? })
    }
}

/// Milliseconds since the first time that somebody asked.
pub(crate) fn now() -> u32 {
    static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    ORIGIN.elapsed().as_millis() as u32
}

/// Waits until something holds; how long may be told what it was when it did not.
pub(crate) async fn until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + within;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
