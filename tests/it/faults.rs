//! Nothing is lost, whatever breaks: the short form of `make chaos`, and what must hold while one part is away or one
//! client is slow. Each of these stories has the machine to itself.

use crate::chaos::cast::Crowd;
use crate::chaos::ordeal::{Size, endure};
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
    let outcome = endure(&size, SEED).await;
    println!("{outcome}");
    assert!(outcome.verdict.acknowledged >= size.posts && outcome.verdict.is_good(), "{outcome}");
}
