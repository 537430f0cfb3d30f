//! What it costs to answer what clients ask for most.

use rustchat::wire::ChannelId;

use super::writers::{ask, measure};
use crate::load::report::{Report, micros_each};
use crate::load::{Bench, Outcome};

/// How many ask at once.
const PEOPLE: usize = 32;

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title(format!("requests of {PEOPLE} people at once"));
    let channel = bench.house.channel(&bench.server, "requests").await?;
    let people = bench.house.members(&bench.cluster, channel, PEOPLE).await?;
    let nodes = [&bench.server];
    for path in paths(channel) {
        let asking = measure(bench, &nodes, &people, |address, person, end| {
            let path = path.clone();
            async move { ask(address, &person, (200, "GET", &path), |_| String::new(), end).await }
        });
        let load = Box::pin(asking).await?;
        report.fact(
            format!("GET {}, a second", path.replace(&channel.to_string(), "{id}")),
            format!("{:.0}", load.rate()),
        );
        report.fact("  until answered", load.latencies.describe());
        let (server, postgres) =
            (micros_each(load.cpu.server, load.count), micros_each(load.cpu.postgres, load.count));
        report.fact("  CPU a request: server, PostgreSQL", format!("{server:.0} µs, {postgres:.0} µs"));
    }
    Ok(())
}

fn paths(channel: ChannelId) -> Vec<String> {
    let mut paths: Vec<String> = ["/system/ping", "/users/me", "/users/me/teams"].map(str::to_owned).into();
    paths.push(format!("/channels/{channel}"));
    paths.push(format!("/channels/{channel}/posts"));
    paths
}
