//! Many sockets in one channel. Each belongs to an account of its own; each must show every post once, in order.

use std::time::{Duration, Instant};

use rustchat::wire::{ChannelId, Topic};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::writers::{TEXT, cpu, post};
use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::process::Cpu;
use crate::load::report::{Latencies, Report, micros_each};
use crate::load::socket::Socket;
use crate::load::stream::number_after;
use crate::load::{Bench, Outcome};

/// Sockets that are opened before memory is looked at: what the first ones cost once is no cost of a socket.
const WARM_UP: usize = 50;

/// Sockets that are opened at the same time.
const AT_ONCE: usize = 16;

/// How long whatever was opened or sent may take to come to rest.
const REST: Duration = Duration::from_secs(2);

/// Accounts that take turns in posting.
const WRITERS: usize = 20;

const SOCKET_AIM: f64 = 16.0;
const DELIVERY_AIM: f64 = 12.0;

/// What one socket heard.
#[derive(Default)]
struct Heard {
    /// The posts' own numbers, in the order in which they came.
    posts: Vec<u32>,
    latencies: Vec<Duration>,
    /// Numbers of the socket or of the topic that did not follow the one before.
    gaps: usize,
    ended: bool,
}

/// What was wrong with what sockets heard, summed up.
#[derive(Default)]
struct Wrong {
    lost: usize,
    doubled: usize,
    misordered: usize,
    gaps: usize,
    ended: usize,
}

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let count = bench.options.sockets();
    let channel = bench.house.channel(&bench.server, "fanout").await?;
    let writers = bench.house.members(&bench.cluster, channel, WRITERS).await?;
    let alone = speak(bench, channel, &writers, 0, Instant::now()).await?;

    let people = bench.house.members(&bench.cluster, channel, WARM_UP + count).await?;
    let (first, rest) = people.split_at(WARM_UP);
    let warm = open(bench, first).await?;
    sleep(REST).await;
    let empty = bench.server.memory()?;
    let sockets = open(bench, rest).await?;
    drop(warm);
    sleep(REST).await;
    let full = bench.server.memory()?;
    let idle = rest_cpu(bench).await?;

    let origin = Instant::now();
    let (stop, stopped) = watch::channel(false);
    let topic = Topic::Channel(channel);
    let listeners: Vec<_> =
        sockets.into_iter().map(|s| tokio::spawn(listen(s, topic, origin, stopped.clone()))).collect();
    let spoken = speak(bench, channel, &writers, alone.numbers, origin).await?;
    sleep(REST).await;
    stop.send(true)?;
    let heard = collect(listeners).await?;

    let per_second = bench.options.rate();
    report.title(format!(
        "{count} sockets in one channel, {per_second} posts/s for {} s",
        bench.options.fanout().as_secs()
    ));
    let said = said(bench, channel, alone.numbers).await?;
    judge(report, &heard, &said, spoken.numbers - alone.numbers);
    let memory = (full.saturating_sub(empty)) as f64 / 1024.0 / count as f64;
    report.aim(
        "memory of an idle socket",
        format!("{memory:.1} KiB"),
        format!("< {SOCKET_AIM} KiB"),
        memory < SOCKET_AIM,
    );
    report.fact("CPU of the server, all idle", format!("{:.1} % of a core", 100.0 * idle));
    cost(report, &heard, &spoken, &alone);
    Ok(())
}

/// What was posted, and what that cost.
struct Spoken {
    /// Posts so far, of this round and those before.
    numbers: u32,
    posts: u32,
    cpu: Cpu,
}

/// Posts at the rate and for the time that the options say, by turns. Each post says its number and its time.
async fn speak(
    bench: &Bench,
    channel: ChannelId,
    writers: &[Person],
    from: u32,
    origin: Instant,
) -> Outcome<Spoken> {
    let mut lines = Vec::new();
    for writer in writers {
        lines.push((writer, Http::open(bench.server.address(), &writer.token).await?));
    }
    let rate = bench.options.rate();
    let posts = u32::try_from(bench.options.fanout().as_secs())? * rate;
    let mut tick = interval(Duration::from_secs(1) / rate);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let before = cpu(bench)?;
    for number in from..from + posts {
        tick.tick().await;
        let turn = usize::try_from(number)? % lines.len();
        let Some((writer, http)) = lines.get_mut(turn) else { continue };
        let message = format!("bench {number} at {} end. {TEXT}", origin.elapsed().as_micros());
        http.expect(201, "POST", "/posts", &post(channel, writer, usize::try_from(number)?, &message))
            .await?;
    }
    // Deliveries go on after the last acknowledgement.
    sleep(Duration::from_millis(200)).await;
    Ok(Spoken { numbers: from + posts, posts, cpu: cpu(bench)? - before })
}

async fn open(bench: &Bench, people: &[Person]) -> Outcome<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(people.len());
    for some in people.chunks(AT_ONCE) {
        let opening = some.iter().map(|person| Socket::open(bench.server.address(), &person.token));
        sockets.extend(futures_util::future::try_join_all(opening).await?);
    }
    Ok(sockets)
}

/// The share of a core that the server uses while nothing happens.
async fn rest_cpu(bench: &Bench) -> Outcome<f64> {
    let before = bench.server.cpu()?;
    sleep(REST).await;
    Ok((bench.server.cpu()? - before) / REST.as_secs_f64())
}

/// Hears until told to stop.
async fn listen(mut socket: Socket, topic: Topic, origin: Instant, mut stop: watch::Receiver<bool>) -> Heard {
    let mut heard = Heard::default();
    let of_channel = format!("\"topic\":\"{topic}\"");
    let (mut next, mut last) = (None, None);
    let stopped = stop.wait_for(|stop| *stop);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            text = socket.next() => match text {
                Ok(text) => heard.note(text, &of_channel, origin, (&mut next, &mut last)),
                Err(_) => {
                    heard.ended = true;
                    return heard;
                }
            },
            _ = &mut stopped => return heard,
        }
    }
}

impl Heard {
    /// Takes an event. `next` is the socket's number that must come, `last` the topic's that came.
    fn note(
        &mut self,
        text: &str,
        of_channel: &str,
        origin: Instant,
        (next, last): (&mut Option<u64>, &mut Option<u64>),
    ) {
        // Its own number stands at the end of every event.
        if let Some(seq) = text.rfind("\"seq\":").and_then(|at| number_after(text.get(at..)?, "\"seq\":")) {
            self.gaps += usize::from(next.is_some_and(|next| next != seq));
            *next = Some(seq + 1);
        }
        if !text.contains(of_channel) {
            return;
        }
        if let Some(seq) = number_after(text, "\"topic_seq\":") {
            self.gaps += usize::from(last.is_some_and(|last| last + 1 != seq));
            *last = Some(seq);
        }
        let Some((_, said)) = text.split_once("bench ") else { return };
        let Some(number) = number_after(said, "").and_then(|n| u32::try_from(n).ok()) else { return };
        self.posts.push(number);
        if let Some(at) = number_after(said, " at ") {
            self.latencies.push(origin.elapsed().saturating_sub(Duration::from_micros(at)));
        }
    }
}

async fn collect(listeners: Vec<JoinHandle<Heard>>) -> Outcome<Vec<Heard>> {
    let mut all = Vec::with_capacity(listeners.len());
    for listener in listeners {
        all.push(listener.await?);
    }
    Ok(all)
}

/// The numbers of the posts from `from` on, in the order that the channel has them.
async fn said(bench: &Bench, channel: ChannelId, from: u32) -> Outcome<Vec<u32>> {
    let texts = format!("select message as t from posts where channel_id = '{}' order by seq", channel.0);
    let texts = bench.cluster.texts(&texts).await?;
    let numbers = texts.iter().filter_map(|text| number_after(text, "bench ")).map(u32::try_from);
    Ok(numbers.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|number| *number >= from).collect())
}

fn judge(report: &mut Report, heard: &[Heard], said: &[u32], acknowledged: u32) {
    let rows = said.len();
    report.must(
        "acknowledged posts, rows",
        format!("{acknowledged}, {rows}"),
        usize::try_from(acknowledged) == Ok(rows),
    );
    // A number is sent when the one before is acknowledged: the channel has them in that order, and so has every
    // socket.
    let mut wrong = Wrong { misordered: falls(said), ..Wrong::default() };
    for heard in heard {
        wrong.add(heard, said);
    }
    let Wrong { lost, doubled, misordered, gaps, ended } = wrong;
    report.must(
        "lost, doubled, misordered",
        format!("{lost}, {doubled}, {misordered}"),
        lost + doubled + misordered == 0,
    );
    report.must("gaps in numbers, sockets that ended", format!("{gaps}, {ended}"), gaps + ended == 0);
}

/// How often a number is followed by a lower one.
fn falls(numbers: &[u32]) -> usize {
    numbers.windows(2).filter(|pair| pair.first() > pair.last()).count()
}

impl Wrong {
    fn add(&mut self, heard: &Heard, said: &[u32]) {
        let mut once = heard.posts.clone();
        once.sort_unstable();
        once.dedup();
        self.lost += said.iter().filter(|number| once.binary_search(number).is_err()).count();
        self.doubled += heard.posts.len() - once.len();
        self.misordered += falls(&heard.posts);
        self.gaps += heard.gaps;
        self.ended += usize::from(heard.ended);
    }
}

fn cost(report: &mut Report, heard: &[Heard], spoken: &Spoken, alone: &Spoken) {
    let deliveries: usize = heard.iter().map(|heard| heard.posts.len()).sum();
    let latencies = Latencies::new(heard.iter().flat_map(|heard| heard.latencies.iter().copied()).collect());
    report.fact("deliveries", deliveries.to_string());
    report.fact("from sending to hearing", latencies.describe());
    let gross = micros_each(spoken.cpu.server, deliveries);
    let posting = alone.cpu.server / f64::from(alone.posts.max(1)) * f64::from(spoken.posts);
    let net = micros_each((spoken.cpu.server - posting).max(0.0), deliveries);
    let text = format!("{net:.1} µs");
    report.aim("CPU of the server, a delivery", text, format!("< {DELIVERY_AIM} µs"), net < DELIVERY_AIM);
    report.fact("  with the cost of posting", format!("{gross:.1} µs"));
    let posts = usize::try_from(alone.posts).unwrap_or(usize::MAX);
    report.fact("CPU of a post without sockets", format!("{:.0} µs", micros_each(alone.cpu.server, posts)));
}
