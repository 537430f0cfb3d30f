//! The long proof that nothing is lost: `make chaos`. Not part of `cargo test`, which tells the short form
//! (`tests/it/faults.rs`); both are made of the same parts, `tests/it/chaos`.
//!
//! ```text
//! make chaos                                   # 100,000 posts, 60 faults, some eight minutes
//! RUSTCHAT_CHAOS_SEED=7 make chaos             # the same faults again
//! RUSTCHAT_CHAOS_POSTS=20000 RUSTCHAT_CHAOS_FAULTS=12 make chaos
//! ```
//!
//! The seed gives the faults, their order and their length. What happens between them is up to the machine, so the same
//! seed need not find the same mistake twice; it is where to begin to look.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "it/chaos/mod.rs"]
mod chaos;
#[expect(dead_code, unused_imports, reason = "the stories of `it` need more of it")]
#[path = "it/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chaos::participants::Crowd;
use chaos::redis_cut::cut_redis;
use chaos::scenario::{Size, run};
use chaos::slow_readers::slow_readers;
use chaos::storage_cut::cut_storage;

/// How long a post may take to every node while Redis is away.
const DELIVERY: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let seed =
        asked("SEED").unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
    let size = Size {
        posts: asked("POSTS").unwrap_or(100_000) as usize,
        faults: asked("FAULTS").unwrap_or(60) as usize,
        nodes: asked("NODES").unwrap_or(3) as usize,
        crowd: Crowd { channels: 8, people: asked("PEOPLE").unwrap_or(75) as usize, devices: 4, writers: 32 },
        per_second: asked("RATE").unwrap_or(300) as usize,
        hold: 1_000..5_000,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if runtime.block_on(tell(&size, seed)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tells the stories, the long one last; whether all ended well.
async fn tell(size: &Size, seed: u64) -> bool {
    let cut = cut_redis(Duration::from_secs(asked("REDIS_AWAY").unwrap_or(60))).await;
    println!("{cut}\n");
    let storage = cut_storage(Duration::from_secs(asked("STORAGE_AWAY").unwrap_or(60))).await;
    println!("{storage}\n");
    let slow = slow_readers(Duration::from_secs(20)).await;
    println!("{slow}\n");
    let outcome = run(size, seed).await;
    println!("{outcome}");
    cut.is_good(DELIVERY)
        && storage.is_good(DELIVERY)
        && slow.is_good()
        && outcome.verdict.is_good()
        && outcome.verdict.acknowledged == size.posts
}

/// The number that a variable gives.
fn asked(name: &str) -> Option<u64> {
    let name = format!("RUSTCHAT_CHAOS_{name}");
    let value = std::env::var(&name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}
