//! Writers: each an account of its own that posts in a loop on one connection, the next when the last is acknowledged.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustchat::wire::ChannelId;
use tokio::time::sleep_until;

use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::process::Cpu;
use crate::load::report::Latencies;
use crate::load::server::Server;
use crate::load::{Bench, Outcome};

/// What every post says beside its number: as long as people's messages usually are.
pub(crate) const TEXT: &str =
    "Shall we meet at noon, as usual, or is the earlier train the better one for you?";

/// What a load did within its window.
pub(super) struct Load {
    pub(super) posts: usize,
    pub(super) seconds: f64,
    pub(super) latencies: Latencies,
    pub(super) cpu: Cpu,
    /// All that were acknowledged, before and after the window too.
    pub(super) acknowledged: usize,
}

impl Load {
    pub(super) fn rate(&self) -> f64 {
        self.posts as f64 / self.seconds
    }
}

/// The body of a post. The pending id makes sending it twice harmless.
pub(super) fn post(channel: ChannelId, writer: &Person, number: usize, message: &str) -> String {
    let pending = pending(writer, number);
    format!(r#"{{"channel_id":"{channel}","message":"{message}","pending_post_id":"{pending}"}}"#)
}

pub(super) fn pending(writer: &Person, number: usize) -> String {
    format!("{}:{number}", writer.id)
}

/// Processor time used so far.
pub(super) fn cpu(bench: &Bench) -> Outcome<Cpu> {
    cpu_of(bench, &[&bench.server])
}

fn cpu_of(bench: &Bench, nodes: &[&Server]) -> Outcome<Cpu> {
    let each = nodes.iter().map(|node| node.cpu()).collect::<Outcome<Vec<_>>>()?;
    Ok(Cpu { server: each.iter().sum(), postgres: bench.cluster.cpu()? })
}

/// Lets `writers` post for the window that the options say, after a warm-up.
pub(super) async fn load(bench: &Bench, channel: ChannelId, writers: &[Person]) -> Outcome<Load> {
    load_at(bench, &[&bench.server], channel, writers).await
}

/// The same at several nodes by turns.
pub(super) async fn load_at(
    bench: &Bench,
    nodes: &[&Server],
    channel: ChannelId,
    writers: &[Person],
) -> Outcome<Load> {
    let begin = Instant::now() + bench.options.warm_up();
    let end = begin + bench.options.window();
    let addresses = nodes.iter().cycle().map(|node| node.address());
    let tasks: Vec<_> = writers
        .iter()
        .zip(addresses)
        .map(|(writer, address)| tokio::spawn(write(address, channel, writer.clone(), end)))
        .collect();
    sleep_until(begin.into()).await;
    let (before, begin) = (cpu_of(bench, nodes)?, Instant::now());
    sleep_until(end.into()).await;
    let (after, end) = (cpu_of(bench, nodes)?, Instant::now());
    let mut posts = Vec::new();
    for task in tasks {
        posts.extend(task.await??);
    }
    let acknowledged = posts.len();
    let within: Vec<_> =
        posts.into_iter().filter(|(done, _)| (begin..end).contains(done)).map(|(_, took)| took).collect();
    Ok(Load {
        posts: within.len(),
        seconds: (end - begin).as_secs_f64(),
        latencies: Latencies::new(within),
        cpu: after - before,
        acknowledged,
    })
}

/// Posts until `end`; the answer is when each post was acknowledged, and how long that took.
async fn write(
    address: SocketAddr,
    channel: ChannelId,
    writer: Person,
    end: Instant,
) -> Outcome<Vec<(Instant, Duration)>> {
    let mut http = Http::open(address, &writer.token).await?;
    let mut done = Vec::new();
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok(done);
        }
        http.expect(201, "POST", "/posts", &post(channel, &writer, done.len(), TEXT)).await?;
        done.push((Instant::now(), sent.elapsed()));
    }
}
