//! `kill -9` of the server while writers post, and a start on the same database. Whatever was acknowledged must be
//! there, once; a writer whose post was under way sends it again under the same pending id.

use std::cell::Cell;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustchat::wire::ChannelId;
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::sleep;

use super::writers::{TEXT, post};
use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::report::{Report, millis};
use crate::load::socket::Socket;
use crate::load::stream::text_after;
use crate::load::{Bench, Failure, Outcome};

const WRITERS: usize = 16;

/// How long a writer tries to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one writer was promised.
#[derive(Default)]
struct Promised {
    ids: Vec<String>,
    /// How often an attempt brought no acknowledgement.
    failures: usize,
}

/// What a reader holds of the channel: what its socket told, and what it fetched after it came back.
#[derive(Default)]
struct Held {
    heard: Vec<String>,
    fetched: HashSet<String>,
    doubled: usize,
}

pub(crate) async fn run(bench: &mut Bench, report: &mut Report) -> Outcome<()> {
    LocalSet::new().run_until(crash(bench, report)).await
}

async fn crash(bench: &mut Bench, report: &mut Report) -> Outcome<()> {
    let channel = bench.house.channel(&bench.server, "crash").await?;
    let writers = bench.house.members(&bench.cluster, channel, WRITERS).await?;
    let reader = bench.house.members(&bench.cluster, channel, 1).await?.pop().ok_or("nobody")?;
    let (address, ends) = (bench.server.address(), Rc::new(Cell::new(false)));
    let socket = Socket::open(address, &reader.token).await?;
    let reading = spawn_local(hear(socket));
    let writing: Vec<_> = writers
        .iter()
        .map(|writer| spawn_local(write(address, channel, writer.clone(), ends.clone())))
        .collect();

    sleep(bench.options.window() / 2).await;
    let killed = Instant::now();
    bench.server.kill_and_start(&bench.cluster)?;
    let down = killed.elapsed();
    sleep(bench.options.window() / 4).await;
    ends.set(true);

    let promised = collect(writing).await?;
    let held = fetch(address, channel, &reader, reading.await?).await?;
    tell(bench, report, channel, &promised, &held, down).await?;
    let missing = ask_for_each(address, &reader, &promised.ids).await?;
    report.must("acknowledged posts that GET does not find", missing.to_string(), missing == 0);
    Ok(())
}

async fn collect(writing: Vec<JoinHandle<Outcome<Promised>>>) -> Outcome<Promised> {
    let mut all = Promised::default();
    for writer in writing {
        let promised = writer.await??;
        all.ids.extend(promised.ids);
        all.failures += promised.failures;
    }
    Ok(all)
}

/// Posts until told to end, and keeps the ids that were acknowledged.
async fn write(
    address: SocketAddr,
    channel: ChannelId,
    writer: Person,
    ends: Rc<Cell<bool>>,
) -> Outcome<Promised> {
    let mut promised = Promised::default();
    let mut http = None;
    while !ends.get() {
        let body = post(channel, &writer, promised.ids.len(), TEXT);
        let deadline = Instant::now() + PATIENCE;
        let id = loop {
            match send(&mut http, address, &writer, &body).await {
                Ok(id) => break id,
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => promised.failures += 1,
            }
            http = None;
            sleep(Duration::from_millis(20)).await;
        };
        promised.ids.push(id);
    }
    Ok(promised)
}

/// One attempt; the id of the post, if it was acknowledged.
async fn send(http: &mut Option<Http>, address: SocketAddr, writer: &Person, body: &str) -> Outcome<String> {
    let http = match http {
        Some(http) => http,
        None => http.insert(Http::open(address, &writer.token).await?),
    };
    let answer = http.expect(201, "POST", "/posts", body).await?;
    Ok(text_after(answer.body, r#""id":""#).ok_or("a post without id")?.to_owned())
}

/// The posts that a socket tells of until it ends.
async fn hear(mut socket: Socket) -> Vec<String> {
    let mut heard = Vec::new();
    while let Ok(text) = socket.next().await {
        if text.contains("\"event\":\"posted\"") {
            heard.extend(
                text_after(text, r#"{\"id\":\""#)
                    .or_else(|| text_after(text, r#"\"id\":\""#))
                    .map(str::to_owned),
            );
        }
    }
    heard
}

/// The reader comes back, and reads the channel page by page.
async fn fetch(
    address: SocketAddr,
    channel: ChannelId,
    reader: &Person,
    heard: Vec<String>,
) -> Outcome<Held> {
    // It listens again first, so that it would miss nothing between.
    let _socket = Socket::open(address, &reader.token).await?;
    let mut held = Held { heard, ..Held::default() };
    let mut http = Http::open(address, &reader.token).await?;
    for page in 0.. {
        let path = format!("/channels/{channel}/posts?page={page}&per_page=200");
        let answer = http.expect(200, "GET", &path, "").await?;
        let list: serde_json::Value = serde_json::from_str(answer.body)?;
        let order = list.get("order").and_then(|order| order.as_array()).ok_or("a list without order")?;
        if order.is_empty() {
            break;
        }
        for id in order.iter().filter_map(|id| id.as_str()) {
            held.doubled += usize::from(!held.fetched.insert(id.to_owned()));
        }
    }
    Ok(held)
}

/// How many of `ids` are not found one by one.
async fn ask_for_each(address: SocketAddr, reader: &Person, ids: &[String]) -> Outcome<usize> {
    let mut asking = Vec::new();
    for some in ids.chunks(ids.len().div_ceil(WRITERS).max(1)) {
        let (some, token) = (some.to_vec(), reader.token.clone());
        asking.push(spawn_local(async move {
            let mut http = Http::open(address, &token).await?;
            let mut missing = 0;
            for id in &some {
                let answer = http.ask("GET", &format!("/posts/{id}"), "").await?;
                missing +=
                    usize::from(answer.status != 200 || text_after(answer.body, r#""id":""#) != Some(id));
            }
            Ok::<usize, Failure>(missing)
        }));
    }
    let mut missing = 0;
    for asked in asking {
        missing += asked.await??;
    }
    Ok(missing)
}

async fn tell(
    bench: &Bench,
    report: &mut Report,
    channel: ChannelId,
    promised: &Promised,
    held: &Held,
    down: Duration,
) -> Outcome<()> {
    report.title(format!("kill -9 of the server under {WRITERS} writers"));
    report.fact("killed, and listening again after", millis(down));
    report.fact(
        "posts acknowledged, attempts that failed",
        format!("{}, {}", promised.ids.len(), promised.failures),
    );
    let missed = promised.ids.iter().filter(|id| !held.fetched.contains(*id)).count();
    report.must("acknowledged, not in the list of the one who came back", missed.to_string(), missed == 0);
    let unsaid = held.heard.iter().filter(|id| !held.fetched.contains(*id)).count();
    report.must("heard before, not in the list", format!("{unsaid} of {}", held.heard.len()), unsaid == 0);
    let count = |what: &str| {
        format!("select count({what}) as n from posts where kind = '' and channel_id = '{}'", channel.0)
    };
    let rows = bench.cluster.number(&count("*")).await?;
    let pending = bench.cluster.number(&count("distinct pending_post_id")).await?;
    let once = rows == pending && rows == i64::try_from(promised.ids.len())? && held.doubled == 0;
    report.must(
        "rows, pending ids, doubled in the list",
        format!("{rows}, {pending}, {}", held.doubled),
        once,
    );
    Ok(())
}
