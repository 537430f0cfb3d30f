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
use std::time::{SystemTime, UNIX_EPOCH};

use chaos::cast::Crowd;
use chaos::ordeal::{Size, endure};

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
    let is_good = runtime.block_on(async {
        let outcome = endure(&size, seed).await;
        println!("{outcome}");
        outcome.verdict.is_good() && outcome.verdict.acknowledged == size.posts
    });
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The number that a variable gives.
fn asked(name: &str) -> Option<u64> {
    let name = format!("RUSTCHAT_CHAOS_{name}");
    let value = std::env::var(&name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}
