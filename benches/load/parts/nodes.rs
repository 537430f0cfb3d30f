//! Two nodes and a Redis between them, against one node: posts a second, and what the way between nodes costs.

use std::time::{Duration, Instant};

use rustchat::wire::ChannelId;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::writers::{Load, load_at, post};
use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::report::{Latencies, Report, micros_each};
use crate::load::server::Server;
use crate::load::shared::redis::Redis;
use crate::load::socket::Socket;
use crate::load::stream::number_after;
use crate::load::{Bench, Outcome};

const WRITERS: [usize; 2] = [16, 64];

/// Sockets at each node that measure how long posts take to them.
const READERS: usize = 50;

/// How long nodes may take to hear of each other, which they do several times a second.
const ACQUAINTANCE: Duration = Duration::from_secs(2);

/// How long the last post may take to be heard.
const REST: Duration = Duration::from_secs(2);

pub(crate) async fn run(bench: &mut Bench, report: &mut Report) -> Outcome<()> {
    report.title("two nodes and a Redis against one node, a reader at each");
    let channel = bench.house.channel(&bench.server, "nodes").await?;
    let mut alone = Vec::new();
    for count in WRITERS {
        alone.push(Box::pin(round(bench, &[&bench.server], channel, count)).await?);
    }
    bench.server.kill()?;
    let redis = Redis::start();
    let pair = [Server::node(&bench.cluster, &redis)?, Server::node(&bench.cluster, &redis)?];
    sleep(ACQUAINTANCE).await;
    let [first, second] = &pair;
    for (count, alone) in WRITERS.into_iter().zip(alone) {
        let together = Box::pin(round(bench, &[first, second], channel, count)).await?;
        tell(report, count, &alone, &together);
    }
    Box::pin(bridge(bench, report, channel, (first, second))).await?;
    Box::pin(deliver(bench, report, channel, (first, second))).await?;
    drop(pair);
    bench.server.kill_and_start(&bench.cluster)
}

/// Posts at these nodes, each of which has a reader.
async fn round(bench: &Bench, nodes: &[&Server], channel: ChannelId, writers: usize) -> Outcome<Load> {
    let mut readers = Vec::new();
    for node in nodes {
        readers.extend(read(bench, node, channel, 1, Instant::now()).await?);
    }
    let writers = bench.house.members(&bench.cluster, channel, writers).await?;
    let load = Box::pin(load_at(bench, nodes, channel, &writers)).await?;
    readers.iter().for_each(JoinHandle::abort);
    Ok(load)
}

fn tell(report: &mut Report, writers: usize, alone: &Load, together: &Load) {
    report.fact(
        format!("posts/s, writers: {writers}; at one node | at two"),
        format!("{:.0} | {:.0}", alone.rate(), together.rate()),
    );
    report.fact("  until acknowledged, at one node", alone.latencies.describe());
    report.fact("  until acknowledged, at two", together.latencies.describe());
    let cost = |load: &Load| micros_each(load.cpu.server, load.count);
    let both = format!("{:.0} µs | {:.0} µs", cost(alone), cost(together));
    report.fact("  CPU a post, of the node | of both nodes", both);
}

/// What an event costs the node that it is brought to: all posts come by the first, and one socket hears at the second.
async fn bridge(
    bench: &Bench,
    report: &mut Report,
    channel: ChannelId,
    (first, second): (&Server, &Server),
) -> Outcome<()> {
    let readers = read(bench, second, channel, 1, Instant::now()).await?;
    let (idle, began) = (second.cpu()?, Instant::now());
    sleep(REST).await;
    let idle = (second.cpu()? - idle) / began.elapsed().as_secs_f64();

    let writers = bench.house.members(&bench.cluster, channel, WRITERS[0]).await?;
    let (before, began) = (second.cpu()?, Instant::now());
    let load = Box::pin(load_at(bench, &[first], channel, &writers)).await?;
    let used = second.cpu()? - before - idle * began.elapsed().as_secs_f64();
    readers.iter().for_each(JoinHandle::abort);
    let each = micros_each(used.max(0.0), load.acknowledged);
    report.fact("CPU of a bridged event, with one delivery", format!("{each:.1} µs"));
    report.fact("  events a second meanwhile", format!("{:.0}", load.rate()));
    Ok(())
}

/// How long posts take to sockets at the node that they come by, and at the other.
async fn deliver(
    bench: &Bench,
    report: &mut Report,
    channel: ChannelId,
    (first, second): (&Server, &Server),
) -> Outcome<()> {
    let origin = Instant::now();
    let here = read(bench, first, channel, READERS, origin).await?;
    let there = read(bench, second, channel, READERS, origin).await?;
    let writer = bench.house.members(&bench.cluster, channel, 1).await?.pop().ok_or("nobody")?;
    let posts = speak(bench, first, channel, &writer, origin).await?;
    sleep(REST).await;
    for (what, readers) in [("at the same node", here), ("at the other node", there)] {
        let heard = collect(readers).await?;
        let complete = heard.len() == posts * READERS;
        report.must(
            format!("posts heard {what}, of"),
            format!("{}, {}", heard.len(), posts * READERS),
            complete,
        );
        report.fact("  from sending to hearing", Latencies::new(heard).describe());
    }
    Ok(())
}

/// Posts for the window at the rate that the options say. Each post says when it was sent.
async fn speak(
    bench: &Bench,
    node: &Server,
    channel: ChannelId,
    writer: &Person,
    origin: Instant,
) -> Outcome<usize> {
    let mut http = Http::open(node.address(), &writer.token).await?;
    let mut tick = interval(Duration::from_secs(1) / bench.options.rate());
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (end, mut number) = (Instant::now() + bench.options.window(), 0);
    while Instant::now() < end {
        tick.tick().await;
        let message = format!("{SENT}{} us", origin.elapsed().as_micros());
        http.expect(201, "POST", "/posts", &post(channel, writer, number, &message)).await?;
        number += 1;
    }
    Ok(number)
}

/// Stands before the time in a post.
const SENT: &str = "sent at ";

/// A reader at work. It ends, with what it heard, some time after the last post that says when it was sent.
type Reading = JoinHandle<Vec<Duration>>;

/// New members of the channel listen at a node.
async fn read(
    bench: &Bench,
    node: &Server,
    channel: ChannelId,
    count: usize,
    origin: Instant,
) -> Outcome<Vec<Reading>> {
    let people = bench.house.members(&bench.cluster, channel, count).await?;
    let mut readers = Vec::with_capacity(count);
    for person in people {
        let socket = Socket::open(node.address(), &person.token).await?;
        readers.push(tokio::spawn(hear(socket, origin)));
    }
    Ok(readers)
}

async fn hear(mut socket: Socket, origin: Instant) -> Vec<Duration> {
    let mut heard = Vec::new();
    // Before the first post it waits as long as it takes to begin.
    let mut patience = Duration::from_secs(30);
    while let Ok(Ok(text)) = tokio::time::timeout(patience, socket.next()).await {
        if let Some(micros) = number_after(text, SENT) {
            heard.push(origin.elapsed().saturating_sub(Duration::from_micros(micros)));
            patience = REST;
        }
    }
    heard
}

async fn collect(readers: Vec<Reading>) -> Outcome<Vec<Duration>> {
    let mut all = Vec::new();
    for reader in readers {
        all.extend(reader.await?);
    }
    Ok(all)
}
