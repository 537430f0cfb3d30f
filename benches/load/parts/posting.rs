//! Posts a second in one channel, and what a post costs.

use super::writers::{Load, compare, load};
use crate::load::report::{Report, micros_each};
use crate::load::{Bench, Outcome};

const WRITERS: [usize; 3] = [1, 16, 64];

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("posting in one channel");
    let channel = bench.house.channel(&bench.server, "posting").await?;
    let mut acknowledged = 0;
    for count in WRITERS {
        let writers = bench.house.members(&bench.cluster, channel, count).await?;
        let load = Box::pin(load(bench, channel, &writers)).await?;
        acknowledged += load.acknowledged;
        tell(report, count, &load);
    }
    compare(bench, report, &[channel], acknowledged).await
}

fn tell(report: &mut Report, writers: usize, load: &Load) {
    report.fact(format!("posts/s, writers: {writers}"), format!("{:.0}", load.rate()));
    report.fact("  until acknowledged", load.latencies.describe());
    let (server, postgres) =
        (micros_each(load.cpu.server, load.count), micros_each(load.cpu.postgres, load.count));
    report.fact("  CPU a post: server, PostgreSQL", format!("{server:.0} µs, {postgres:.0} µs"));
}
