//! Writers: each an account of its own that posts in a loop on one connection, the next when the last is acknowledged.
//! And others that ask for something else in the same way.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustchat::wire::ChannelId;
use tokio::time::sleep_until;

use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::process::Cpu;
use crate::load::report::{Latencies, Report};
use crate::load::server::Server;
use crate::load::{Bench, Outcome};

/// What every post says beside its number: as long as people's messages usually are.
pub(crate) const TEXT: &str =
    "Shall we meet at noon, as usual, or is the earlier train the better one for you?";

/// What a load did within its window.
pub(super) struct Load {
    /// Requests that were answered.
    pub(super) count: usize,
    pub(super) seconds: f64,
    pub(super) latencies: Latencies,
    pub(super) cpu: Cpu,
    /// All that were acknowledged, before and after the window too.
    pub(super) acknowledged: usize,
}

impl Load {
    pub(super) fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
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
    measure(bench, nodes, writers, |address, writer, end| write(address, channel, writer, end)).await
}

/// What one of a load did: when each request was answered, and how long that took.
type Done = Vec<(Instant, Duration)>;

/// Has each of `people` do something until the window ends.
pub(super) async fn measure<F>(
    bench: &Bench,
    nodes: &[&Server],
    people: &[Person],
    act: impl Fn(SocketAddr, Person, Instant) -> F,
) -> Outcome<Load>
where
    F: Future<Output = Outcome<Done>> + Send + 'static,
{
    let begin = Instant::now() + bench.options.warm_up();
    let end = begin + bench.options.window();
    let addresses = nodes.iter().cycle().map(|node| node.address());
    let acts = people.iter().zip(addresses).map(|(person, address)| act(address, person.clone(), end));
    let tasks: Vec<_> = acts.map(tokio::spawn).collect();
    sleep_until(begin.into()).await;
    let (before, begin) = (cpu_of(bench, nodes)?, Instant::now());
    sleep_until(end.into()).await;
    let (after, end) = (cpu_of(bench, nodes)?, Instant::now());
    let mut done = Vec::new();
    for task in tasks {
        done.extend(task.await??);
    }
    let acknowledged = done.len();
    let within: Vec<_> =
        done.into_iter().filter(|(at, _)| (begin..end).contains(at)).map(|(_, took)| took).collect();
    Ok(Load {
        count: within.len(),
        seconds: (end - begin).as_secs_f64(),
        latencies: Latencies::new(within),
        cpu: after - before,
        acknowledged,
    })
}

/// Posts until `end`.
async fn write(address: SocketAddr, channel: ChannelId, writer: Person, end: Instant) -> Outcome<Done> {
    let new = |number| post(channel, &writer, number, TEXT);
    ask(address, &writer, (201, "POST", "/posts"), new, end).await
}

/// Asks for the same until `end`, with a body for each request.
pub(super) async fn ask(
    address: SocketAddr,
    person: &Person,
    (expected, method, path): (u16, &str, &str),
    body: impl Fn(usize) -> String,
    end: Instant,
) -> Outcome<Done> {
    let mut http = Http::open(address, &person.token).await?;
    let mut done = Vec::new();
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok(done);
        }
        http.expect(expected, method, path, &body(done.len())).await?;
        done.push((Instant::now(), sent.elapsed()));
    }
}

/// Each acknowledged post is a row of these channels, and there is no other.
pub(super) async fn compare(
    bench: &Bench,
    report: &mut Report,
    channels: &[ChannelId],
    acknowledged: usize,
) -> Outcome<()> {
    let channels: Vec<_> = channels.iter().map(|channel| format!("'{}'", channel.0)).collect();
    let channels = channels.join(", ");
    let rows = format!("select count(*) as n from posts where kind = '' and channel_id in ({channels})");
    let rows = bench.cluster.number(&rows).await?;
    let holds = i64::try_from(acknowledged)? == rows;
    report.must("acknowledged posts, rows", format!("{acknowledged}, {rows}"), holds);
    Ok(())
}
