//! Many sockets lose their node and come back at once, each saying what it holds: how long until every one of them has
//! heard what it missed, and what that asks of the database.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustchat::wire::{ChannelId, Topic};
use tokio::time::{sleep, timeout};

use super::writers::{TEXT, post};
use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::report::{Latencies, Report, millis};
use crate::load::socket::Socket;
use crate::load::{Bench, Outcome, statements};

/// Posts that each of them missed.
const MISSED: usize = 10;

/// Sockets that are opened at the same time while nothing is measured.
const AT_ONCE: usize = 64;

/// The pause before a socket tries again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long they may take altogether.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long the database's log may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(1);

/// What is lost and found again.
struct Crowd {
    channel: ChannelId,
    people: Vec<Person>,
    writer: Person,
    posts: usize,
}

/// How coming back went.
struct Return {
    all: Duration,
    each: Latencies,
    attempts: usize,
}

pub(crate) async fn run(bench: &mut Bench, report: &mut Report) -> Outcome<()> {
    let count = bench.options.returning();
    let channel = bench.house.channel(&bench.server, "reconnect").await?;
    let people = bench.house.members(&bench.cluster, channel, count).await?;
    let writer = bench.house.members(&bench.cluster, channel, 1).await?.pop().ok_or("nobody")?;
    let mut crowd = Crowd { channel, people, writer, posts: 0 };
    report.title(format!("{count} sockets come back at once, each having missed {MISSED} posts"));
    let went = Box::pin(crowd.comes_back(bench)).await?;
    report.fact("until all had resumed", millis(went.all));
    report.fact("  each of them", went.each.describe());
    report.fact("  attempts that failed", went.attempts.to_string());

    // Logging them takes time too, so this is another round.
    bench.cluster.execute("alter database rustchat set log_statement = 'all'").await?;
    let before = statements::seen();
    Box::pin(crowd.comes_back(bench)).await?;
    sleep(ARRIVAL).await;
    let seen = statements::seen() - before;
    bench.cluster.execute("alter database rustchat reset log_statement").await?;
    let each = seen as f64 / count.max(1) as f64;
    report.fact("statements to PostgreSQL, a socket", format!("{seen}, {each:.2}"));
    bench.server.kill_and_start(&bench.cluster)
}

impl Crowd {
    /// Everybody is there, the node dies, and everybody comes back.
    async fn comes_back(&mut self, bench: &mut Bench) -> Outcome<Return> {
        let mut sockets = Vec::with_capacity(self.people.len());
        for some in self.people.chunks(AT_ONCE) {
            let opening = some.iter().map(|person| Socket::open(bench.server.address(), &person.token));
            sockets.extend(futures_util::future::try_join_all(opening).await?);
        }
        let head = format!("select seq as n from topics where id = '{}'", self.channel.0);
        let position = bench.cluster.number(&head).await?;
        let mut http = Http::open(bench.server.address(), &self.writer.token).await?;
        for _ in 0..MISSED {
            http.expect(201, "POST", "/posts", &post(self.channel, &self.writer, self.posts, TEXT)).await?;
            self.posts += 1;
        }
        bench.server.kill_and_start(&bench.cluster)?;
        drop(sockets);
        self.resumes(bench.server.address(), position).await
    }

    async fn resumes(&self, address: SocketAddr, position: i64) -> Outcome<Return> {
        let topic = Topic::Channel(self.channel);
        let ask = format!(r#"{{"seq":1,"action":"resume","data":{{"positions":{{"{topic}":{position}}}}}}}"#);
        let began = Instant::now();
        let clients: Vec<_> = self
            .people
            .iter()
            .map(|person| tokio::spawn(timeout(PATIENCE, client(address, person.clone(), ask.clone()))))
            .collect();
        let (mut each, mut attempts, mut open) = (Vec::new(), 0, Vec::new());
        for client in clients {
            let (socket, failed, at) = client.await?.map_err(|_elapsed| "a socket did not come back")?;
            each.push(at - began);
            attempts += failed;
            // Those who are back stay, while others still come.
            open.push(socket);
        }
        let all = each.iter().max().copied().unwrap_or_default();
        Ok(Return { all, each: Latencies::new(each), attempts })
    }
}

/// Tries until it has heard what it missed: the socket, how often it failed, and when it was done.
async fn client(address: SocketAddr, person: Person, ask: String) -> (Socket, usize, Instant) {
    let mut failed = 0;
    loop {
        match resume(address, &person, &ask).await {
            Ok(socket) => return (socket, failed, Instant::now()),
            Err(_) => failed += 1,
        }
        sleep(PAUSE).await;
    }
}

async fn resume(address: SocketAddr, person: &Person, ask: &str) -> Outcome<Socket> {
    let mut socket = Socket::open(address, &person.token).await?;
    socket.say(ask).await?;
    while !socket.next().await?.contains(r#""resumed":["c:"#) {}
    let mut heard = 0;
    while heard < MISSED {
        heard += usize::from(socket.next().await?.contains(r#""event":"posted""#));
    }
    Ok(socket)
}
