//! A client that stops reading and one that reads a kilobyte a second, among clients that read: the others must not
//! notice, and what waits for the two must not grow.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use super::checker::{Verdict, judge, level};
use super::latency::Latencies;
use super::participants::{Crowd, Listening, Participants};
use super::poster::{Acknowledged, Desk, collect};
use super::{House, now, until};
use crate::support::Person;

const CROWD: Crowd = Crowd { channels: 1, people: 13, devices: 4, writers: 8 };

const PER_SECOND: usize = 80;

/// Bytes of every post. The kernel keeps some megabytes for a slow reader: in a short time it may keep everything, in a
/// longer one the node has to close it.
const POST: usize = 6 * 1024;

/// What the kernel may keep for a slow reader on its side.
const RECEIVE_BUFFER: u32 = 4 * 1024;

/// Bytes that the slower of the two reads a second.
const TRICKLE: usize = 1024;

/// What a node's memory may grow by while the two are slow.
const MEMORY: u64 = 64 * 1024 * 1024;

/// What the others' tail may be with the two, in milliseconds. What is aimed at, 1.2 times what it is without them, is
/// printed and not demanded: a busy machine does more to a tail than that.
const TAIL: u32 = 1_000;

const PATIENCE: Duration = Duration::from_secs(30);

/// How a slow reader ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The node closed it.
    Closed,
    /// It has everything.
    Level,
    /// Neither.
    Forgotten,
}

/// What the others noticed.
pub(crate) struct Noticed {
    without: Latencies,
    with: Latencies,
    fates: [Fate; 2],
    /// The node's memory before and while they were slow, in bytes.
    memory: (u64, u64),
    ends: usize,
    verdict: Verdict,
}

/// Measures for a time without the two, and for as long with them.
pub(crate) async fn slow_readers(window: Duration) -> Noticed {
    let house = House::start(1).await;
    let cast = Participants::of(&house, CROWD).await;
    let listening = cast.listens(&house, 1);
    until("everybody listens", PATIENCE, || listening.everybody()).await;
    let desk = Desk::new();
    let writing = cast.writes(&house, &desk, &".".repeat(POST));

    write(&desk, Duration::from_secs(1)).await;
    let without = write(&desk, window).await;
    let before = house.server().memory();
    let slow =
        [Pace::Never, Pace::Trickle].map(|pace| tokio::spawn(reads(cast.people[0].clone(), pace, window)));
    let with = write(&desk, window).await;
    let after = house.server().memory();
    level(&house, &cast, &listening).await;
    let acknowledged = collect(&desk, writing).await;
    let last = acknowledged.iter().max_by_key(|post| post.sent).unwrap().said.message();
    let mut fates = [Fate::Forgotten; 2];
    for (fate, slow) in fates.iter_mut().zip(slow) {
        *fate = slow.await.unwrap().fate(&last).await;
    }
    tell(&house, &cast, &listening, &acknowledged, (without, with), fates, (before, after))
}

fn tell(
    house: &House,
    cast: &Participants,
    listening: &Listening,
    acknowledged: &[Acknowledged],
    (without, with): (Range<u32>, Range<u32>),
    fates: [Fate; 2],
    memory: (u64, u64),
) -> Noticed {
    Noticed {
        without: Latencies::of(listening, acknowledged, without),
        with: Latencies::of(listening, acknowledged, with),
        fates,
        memory,
        ends: listening.audience.ends().values().sum(),
        verdict: judge(house, cast, listening, acknowledged),
    }
}

/// Has posts written for a time; when that was.
async fn write(desk: &Desk, window: Duration) -> Range<u32> {
    let (began, posts) = (now(), PER_SECOND * window.as_secs() as usize);
    let target = desk.acknowledged() + posts;
    desk.orders(posts, PER_SECOND).await;
    until("all is acknowledged", PATIENCE, || desk.acknowledged() == target).await;
    began..now()
}

/// How a slow reader reads.
#[derive(Debug, Clone, Copy)]
enum Pace {
    Never,
    Trickle,
}

/// A slow reader, and the end of what it has read.
struct Slow {
    stream: TcpStream,
    read: Vec<u8>,
    is_closed: bool,
}

/// Connects, and is slow for a time.
async fn reads(person: Person, pace: Pace, window: Duration) -> Slow {
    let address: SocketAddr = person.base.strip_prefix("http://").unwrap().parse().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let handshake = format!(
        "GET /api/v4/websocket HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        person.token
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut slow = Slow { stream, read: Vec::new(), is_closed: false };
    slow.reads(12).await;
    assert_eq!(slow.read, b"HTTP/1.1 101", "{pace:?}");
    for _ in 0..window.as_secs() {
        sleep(Duration::from_secs(1)).await;
        match pace {
            Pace::Never => {}
            Pace::Trickle => slow.reads(TRICKLE).await,
        }
    }
    slow
}

impl Slow {
    /// Reads so many bytes, if there are any.
    async fn reads(&mut self, bytes: usize) {
        let mut buffer = vec![0; bytes];
        match timeout(Duration::from_secs(1), self.stream.read(&mut buffer)).await {
            Ok(Ok(length)) if length > 0 => self.read.extend_from_slice(&buffer[..length]),
            Ok(_) => self.is_closed = true,
            // Nothing comes now.
            Err(_) => {}
        }
    }

    /// Reads all there is as fast as it comes.
    async fn fate(mut self, last: &str) -> Fate {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < deadline {
            if self.is_closed {
                return Fate::Closed;
            }
            if String::from_utf8_lossy(&self.read).contains(last) {
                return Fate::Level;
            }
            // A message may begin in one piece and end in the next.
            let surplus = self.read.len().saturating_sub(2 * POST);
            self.read.drain(..surplus);
            self.reads(POST).await;
        }
        Fate::Forgotten
    }
}

impl Noticed {
    pub(crate) fn is_good(&self) -> bool {
        let (before, after) = self.memory;
        self.verdict.is_good()
            && self.ends == 0
            && self.without.count() > 0
            && self.with.percentile(99) <= TAIL
            && !self.fates.contains(&Fate::Forgotten)
            && after.saturating_sub(before) < MEMORY
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { without, with, fates: [stopped, trickling], memory: (before, after), ends, verdict } =
            self;
        let ratio = f64::from(with.percentile(99)) / f64::from(without.percentile(99).max(1));
        let mib = |bytes: u64| bytes / (1024 * 1024);
        writeln!(f, "without slow readers: {without}")?;
        writeln!(f, "with two of them:     {with}: p99 {ratio:.2}×, aim 1.2×")?;
        writeln!(f, "  who stopped reading: {stopped:?}, who read {TRICKLE} bytes a second: {trickling:?}")?;
        writeln!(f, "  memory of the node {} MiB before, {} MiB with them", mib(*before), mib(*after))?;
        write!(f, "  others that ended {ends}, {verdict}")
    }
}
