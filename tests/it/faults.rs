//! Nothing is lost, whatever breaks: the short form of `make chaos`, and what must hold while one part is away or one
//! client is slow. Each of these stories has the machine to itself.

use std::time::Duration;

use crate::chaos::participants::Crowd;
use crate::chaos::redis_cut::cut_redis;
use crate::chaos::scenario::{Size, run};
use crate::chaos::slow_readers::slow_readers;
use crate::support::server::alone;

/// Draws one fault of each process and one of a link.
const SEED: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_misordered_whatever_breaks() {
    let _machine = alone().await;
    let size = Size {
        posts: 5_000,
        faults: 6,
        nodes: 2,
        crowd: Crowd { channels: 4, people: 15, devices: 4, writers: 16 },
        per_second: 200,
        hold: 1_000..2_000,
    };
    let outcome = run(&size, SEED).await;
    println!("{outcome}");
    assert!(outcome.verdict.acknowledged >= size.posts && outcome.verdict.is_good(), "{outcome}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_away_nobody_notices() {
    let _machine = alone().await;
    let noticed = cut_redis(Duration::from_secs(6)).await;
    println!("{noticed}");
    assert!(noticed.is_good(Duration::from_secs(2)), "{noticed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_costs_its_neighbours_nothing() {
    let _machine = alone().await;
    let noticed = slow_readers(Duration::from_secs(8)).await;
    println!("{noticed}");
    assert!(noticed.is_good(), "{noticed}");
}
