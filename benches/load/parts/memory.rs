//! What one ordinary account can make the server hold: connections that come and go after many large events,
//! preferences, lists of large posts. Memory before and after each, and at most while it went on.

use rustchat::wire::ChannelId;

use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::report::Report;
use crate::load::socket::Socket;
use crate::load::{Bench, Outcome};

/// Large posts, and bytes of each.
const POSTS: usize = 250;
const FAT: usize = 800_000 - 100;

/// Connections that are shown all of them.
const CONNECTIONS: usize = 3;

/// Requests for all of them at once.
const AT_ONCE: usize = 8;

/// Preferences of one request, how often it is sent, and characters of each.
const PREFERENCES: (usize, usize, usize) = (40, 250, 20_000);

/// What the server may need at most for any of it.
const ALLOWED: u64 = 400 << 20;

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("memory that one account takes");
    let channel = bench.house.channel(&bench.server, "memory").await?;
    let people = bench.house.members(&bench.cluster, channel, 1).await?;
    let ann = people.first().ok_or("nobody")?;
    let meter = Meter::begin(bench)?;
    connections(bench, channel, ann).await?;
    meter.end(bench, report, "connections that come and go")?;
    let meter = Meter::begin(bench)?;
    preferences(bench, ann).await?;
    meter.end(bench, report, "preferences")?;
    let meter = Meter::begin(bench)?;
    lists(bench, channel, ann).await?;
    meter.end(bench, report, "posts?since=1")
}

/// The peak from here on.
struct Meter {
    before: u64,
}

impl Meter {
    fn begin(bench: &Bench) -> Outcome<Self> {
        bench.server.forget_peak()?;
        Ok(Self { before: bench.server.memory()? })
    }

    fn end(self, bench: &Bench, report: &mut Report, what: &str) -> Outcome<()> {
        let (peak, after) = (bench.server.peak()?, bench.server.memory()?);
        let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
        report.fact(format!("{what}: before"), mib(self.before));
        report.must(format!("{what}: at most"), mib(peak), peak.saturating_sub(self.before) < ALLOWED);
        report.fact(format!("{what}: afterwards"), mib(after));
        Ok(())
    }
}

/// Each connection is shown all posts and then closed. It waits five minutes for its client to come back.
async fn connections(bench: &Bench, channel: ChannelId, ann: &Person) -> Outcome<()> {
    let address = bench.server.address();
    let mut http = Http::open(address, &ann.token).await?;
    let fat = "x".repeat(FAT);
    for _ in 0..CONNECTIONS {
        let mut socket = Socket::open(address, &ann.token).await?;
        for _ in 0..POSTS / CONNECTIONS {
            let post = format!(r#"{{"channel_id":"{channel}","message":"fat","props":{{"fat":"{fat}"}}}}"#);
            http.expect(201, "POST", "/posts", &post).await?;
            while !socket.next().await?.contains("\"posted\"") {}
        }
    }
    Ok(())
}

/// As many as are taken, and then all are read.
async fn preferences(bench: &Bench, ann: &Person) -> Outcome<()> {
    let mut http = Http::open(bench.server.address(), &ann.token).await?;
    let (each, times, characters) = PREFERENCES;
    let value = "x".repeat(characters);
    for round in 0..times {
        let one = |n: usize| {
            let id = ann.id;
            format!(r#"{{"user_id":"{id}","category":"bulk","name":"{round}-{n}","value":"{value}"}}"#)
        };
        let some: Vec<String> = (0..each).map(one).collect();
        // Refused, once the bound is reached.
        http.ask("PUT", "/users/me/preferences", &format!("[{}]", some.join(","))).await?;
    }
    http.expect(200, "GET", "/users/me/preferences", "").await?;
    Ok(())
}

/// Everything that changed, several times at once.
async fn lists(bench: &Bench, channel: ChannelId, ann: &Person) -> Outcome<()> {
    let path = format!("/channels/{channel}/posts?since=1");
    let asks = (0..AT_ONCE).map(|_| async {
        let mut http = Http::open(bench.server.address(), &ann.token).await?;
        http.ask("GET", &path, "").await.map(|answer| answer.status)
    });
    for answer in futures_util::future::join_all(asks).await {
        let status = answer?;
        if ![200, 429, 503].contains(&status) {
            return Err(format!("GET {path}: {status}").into());
        }
    }
    Ok(())
}
