//! Posts a second in one channel, and what a post costs.

use rustchat::wire::ChannelId;

use super::writers::{Load, load};
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
    compare(bench, report, channel, acknowledged).await
}

fn tell(report: &mut Report, writers: usize, load: &Load) {
    let rate = format!("{:.0}", load.rate());
    let what = format!("posts/s, writers: {writers}");
    match report.yardstick.filter(|_| Some(&writers) == WRITERS.last()) {
        Some(yardstick) => report.aim(
            what,
            rate,
            format!("> {yardstick:.0} (pgbench, table like that of posts)"),
            load.rate() > yardstick,
        ),
        None => report.fact(what, rate),
    }
    report.fact("  until acknowledged", load.latencies.describe());
    let (server, postgres) =
        (micros_each(load.cpu.server, load.count), micros_each(load.cpu.postgres, load.count));
    report.fact("  CPU a post: server, PostgreSQL", format!("{server:.0} µs, {postgres:.0} µs"));
}

/// Each acknowledged post is a row, and there is no other.
async fn compare(bench: &Bench, report: &mut Report, channel: ChannelId, acknowledged: usize) -> Outcome<()> {
    let rows = format!("select count(*) as n from posts where kind = '' and channel_id = '{}'", channel.0);
    let rows = bench.cluster.number(&rows).await?;
    let holds = i64::try_from(acknowledged)? == rows;
    report.must("acknowledged posts, rows", format!("{acknowledged}, {rows}"), holds);
    Ok(())
}
