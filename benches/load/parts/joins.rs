//! Very many connections that join one channel's topic, hear two events, and leave: what each costs, and how long the
//! hub does not answer anybody else meanwhile. Hub and room are those of the server, in this process; the connections
//! have no sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::*;
use async_trait::async_trait;
use rustchat::actors::hub::{Connect, DeliveryDeps, Disconnect, Hub, HubAddress, Ping, Route, Subscribe};
use rustchat::actors::{ConnectionHandle, SessionMessage};
use rustchat::services::channels::subscriptions::Subscription;
use rustchat::services::realtime::{Log, MemoryResumeStore, NoLink, Page};
use rustchat::wire::frame::{AudienceFilter, Effect};
use rustchat::wire::{ChannelId, ConnectionId, Frame, SessionId, Topic, UserId};
use uuid::Uuid;

use crate::load::report::{Report, micros_each, millis};
use crate::load::{Bench, Outcome};

/// The number at which the topic stands when the first connection joins.
const HEAD: u64 = 10;

/// Connections that come, or go, at the same moment.
const AT_ONCE: usize = 50;

/// The longest time for which the hub may keep others waiting.
const AIM: Duration = Duration::from_millis(10);

/// The measured times.
struct Measured {
    joined: Duration,
    heard: Duration,
    left: Duration,
    longest: Duration,
}

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let count = bench.options.joining();
    report.title(format!("{count} connections in one channel's topic, without sockets"));
    let measured = tokio::task::spawn_blocking(move || System::new().block_on(measure(count))).await??;
    let each = |took: Duration| format!("{:.2} us each", micros_each(took.as_secs_f64(), count));
    report.fact("joining, until everybody has heard an event", each(measured.joined));
    report.fact("an event, until everybody has heard it", millis(measured.heard));
    report.fact("leaving, until the room is gone", each(measured.left));
    let is_short = measured.longest < AIM;
    report.aim("the longest wait for the hub meanwhile", millis(measured.longest), "10 ms", is_short);
    Ok(())
}

async fn measure(count: usize) -> Outcome<Measured> {
    let log: Arc<dyn Log> = Arc::new(Silent);
    let hub = hub(log.clone());
    let longest = watch(hub.clone());
    let heard = Arc::new(AtomicUsize::new(0));
    let ears = Ears { heard: heard.clone() }.start();
    let topic = Topic::Channel(ChannelId::new());
    let connections: Vec<ConnectionId> = (0..count).map(|_| ConnectionId(Uuid::new_v4())).collect();

    let begun = Instant::now();
    for (n, connection) in connections.iter().enumerate() {
        take_turns(&hub, n).await?;
        hub.do_send(Connect(Arc::new(handle(*connection, &ears))));
        let subscriptions = vec![Subscription::at(topic, HEAD)];
        hub.do_send(Subscribe { connection: *connection, subscriptions });
    }
    hub.do_send(Route(vec![frame(topic, HEAD + 1)]));
    until(|| heard.load(Ordering::Relaxed) == count).await?;
    let joined = begun.elapsed();

    let begun = Instant::now();
    hub.do_send(Route(vec![frame(topic, HEAD + 2)]));
    until(|| heard.load(Ordering::Relaxed) == 2 * count).await?;
    let fanned_out = begun.elapsed();

    let begun = Instant::now();
    for (n, connection) in connections.iter().enumerate() {
        take_turns(&hub, n).await?;
        hub.do_send(Disconnect(*connection));
    }
    // The room holds the log until it ends; the hub does, and so do we.
    until(|| Arc::strong_count(&log) == 2).await?;
    let left = begun.elapsed();
    let longest = Duration::from_micros(longest.load(Ordering::Relaxed));
    Ok(Measured { joined, heard: fanned_out, left, longest })
}

/// Waits for the hub after each few messages, as sessions do: what is measured is its work, not a queue of our making.
async fn take_turns(hub: &HubAddress, n: usize) -> Outcome<()> {
    if n.is_multiple_of(AT_ONCE) {
        hub.send(Ping).await?;
    }
    Ok(())
}

/// The hub of a node of its own, whose rooms have one thread.
fn hub(log: Arc<dyn Log>) -> HubAddress {
    let deps = DeliveryDeps {
        log,
        resume_store: Arc::new(MemoryResumeStore::default()),
        lost: Arc::new(AtomicBool::new(false)),
        link: Arc::new(NoLink { shared_database: false }),
    };
    let rooms = vec![Arbiter::new().handle()];
    Hub::start_in_arbiter(&Arbiter::new().handle(), move |_| Hub::new(deps, rooms))
}

/// Asks the hub again and again, from a thread of its own; the microseconds of the longest answer.
fn watch(hub: HubAddress) -> Arc<AtomicU64> {
    let longest = Arc::new(AtomicU64::new(0));
    let measured = longest.clone();
    Arbiter::new().spawn(async move {
        loop {
            let begun = Instant::now();
            if hub.send(Ping).await.is_err() {
                return;
            }
            let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            measured.fetch_max(took, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    });
    longest
}

async fn until(holds: impl Fn() -> bool) -> Outcome<()> {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds() {
        if Instant::now() > deadline {
            return Err("connections did not hear what they should".into());
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    Ok(())
}

fn handle(connection: ConnectionId, ears: &Addr<Ears>) -> ConnectionHandle {
    ConnectionHandle {
        connection,
        name: connection,
        user: UserId::new(),
        guest: false,
        session: SessionId::new(),
        recipient: ears.clone().recipient(),
        state: Arc::default(),
    }
}

fn frame(topic: Topic, seq: u64) -> Arc<Frame> {
    let (effect, filter) = (Effect::None, AudienceFilter::Everybody);
    Arc::new(Frame { topic, seq, effect, omit: None, filter, body: r#"{"event":"posted""#.into() })
}

/// Takes what all connections are sent, and counts it.
struct Ears {
    heard: Arc<AtomicUsize>,
}

impl Actor for Ears {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1 << 20);
    }
}

impl Handler<SessionMessage> for Ears {
    type Result = ();

    fn handle(&mut self, _: SessionMessage, _: &mut Self::Context) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }
}

/// A log in which nothing has happened that is not told.
struct Silent;

#[async_trait]
impl Log for Silent {
    async fn after(&self, _: Topic, _: u64, _: i64) -> rustchat::error::Result<Page> {
        Ok(Page::default())
    }

    async fn heads(&self, _: &[Topic]) -> rustchat::error::Result<Vec<(Uuid, u64)>> {
        Ok(Vec::new())
    }
}
