//! The hub: which rooms there are on this node, and who sits where. One per node; its death ends the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::outlet::{Close, Deliver, Outlet, Rewound};
use super::room::{self, Head, Join, Leave, Room};
use crate::services::realtime::{Link, Log, Parking, Trail};
use crate::services::seats::Claim;
use crate::wire::{ConnectionId, Frame, Topic, UserId};

/// How often the counters of all rooms are asked for while frames may be missing.
const CLOSE_WATCH: Duration = Duration::from_millis(500);

/// How often they are asked for in any case, so that a lost last event cannot stay lost.
const ANTI_ENTROPY: Duration = Duration::from_secs(15);

/// How long new rooms are gathered before their counters are asked for together.
const GATHER: Duration = Duration::from_millis(5);

/// Counters asked for in one statement.
const HEADS: usize = 5000;

/// Frames of other nodes come for these topics from now on: what was committed before may have passed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Following(pub Vec<Topic>);

/// Frames for whatever rooms there are.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Route(pub Vec<Arc<Frame>>);

/// A connection is there; it sits nowhere yet.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Connect(pub Arc<Outlet>);

/// A connection takes seats. When the answer comes, whatever is routed later reaches it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Subscribe {
    /// Which connection.
    pub connection: ConnectionId,
    /// Where, and from where on.
    pub claims: Vec<Claim>,
}

/// A connection wants to hear topics again from positions on. It is told in the stream where each of them begins.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rewind {
    /// Which connection.
    pub connection: ConnectionId,
    /// The numbers after which it wants to hear.
    pub positions: Vec<(Topic, u64)>,
}

/// A socket is gone. Its connection waits for the client to come back.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Disconnect(pub ConnectionId);

/// A client comes back and asks for its connection. What looks like living on another socket is taken from there.
#[derive(Message)]
#[rtype(result = "Option<Trail>")]
pub struct TakeOver {
    /// The connection, by the name that the client knows.
    pub name: ConnectionId,
    /// Who asks: nobody gets the connection of somebody else.
    pub user: UserId,
}

/// A trail that was taken and not used after all: it waits on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct PutBack {
    /// The connection, by the name that the client knows.
    pub name: ConnectionId,
    /// What it was shown.
    pub trail: Trail,
}

/// A connection has to end. If it can go on later, it waits for the client to come back.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Evict {
    pub(super) connection: ConnectionId,
    pub(super) close: Close,
}

/// A room has taken a connection's seat away.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Gone {
    pub(super) connection: ConnectionId,
    pub(super) topic: Topic,
    /// Which of its seats: it may have taken another since.
    pub(super) ticket: u64,
}

/// The server stops: every connection is told to go. Answers how many there are.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct SendAway;

/// How many connections there are.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct Count;

/// How the hub is reached.
pub type HubAddress = Addr<Hub>;

/// What delivery works with.
pub struct Means {
    /// What rooms repair themselves from.
    pub log: Arc<dyn Log>,
    /// Where connections wait for their clients to come back.
    pub parking: Arc<dyn Parking>,
    /// Up while the bus has lost frames.
    pub lost: Arc<AtomicBool>,
    /// What ties this node to others: while it is not whole, the log is watched all the time.
    pub link: Arc<dyn Link>,
}

/// Who sits where.
pub struct Hub {
    means: Means,
    arbiters: Vec<ArbiterHandle>,
    rooms: HashMap<Topic, Place>,
    connections: HashMap<ConnectionId, Connected>,
    /// The sockets of the connections, by the names that clients know.
    names: HashMap<ConnectionId, ConnectionId>,
    /// Whether the link was whole when it was last looked at.
    was_whole: bool,
    asked_at: Instant,
    /// Whether the counters of all rooms are being asked for.
    asking: bool,
    tickets: u64,
    /// Rooms just opened, whose counters are to be asked for.
    fresh: Vec<Topic>,
}

struct Place {
    room: Addr<Room>,
    seats: usize,
}

struct Connected {
    outlet: Arc<Outlet>,
    topics: BTreeMap<Topic, Seated>,
}

/// A seat as the hub knows it.
struct Seated {
    /// The number of its ticket.
    ticket: u64,
    /// The number after which it was to hear when it was taken.
    after: u64,
}

impl Hub {
    /// A hub whose rooms live on `arbiters`.
    pub fn new(means: Means, arbiters: Vec<ArbiterHandle>) -> Self {
        Self {
            means,
            arbiters,
            rooms: HashMap::new(),
            connections: HashMap::new(),
            names: HashMap::new(),
            was_whole: true,
            asked_at: Instant::now(),
            asking: false,
            tickets: 0,
            fresh: Vec::new(),
        }
    }

    /// The room of a topic, opened if there is none.
    fn room(&mut self, topic: Topic, ctx: &mut Context<Self>) -> &mut Place {
        // Frames may have passed between the moment that the first connection knows of and now. A bridge that says
        // when it begins to follow has the topic asked for then.
        if !self.rooms.contains_key(&topic) && !self.means.link.follow(topic) {
            if self.fresh.is_empty() {
                ctx.run_later(GATHER, |hub, ctx| {
                    let fresh = std::mem::take(&mut hub.fresh);
                    ctx.spawn(hub.ask(fresh));
                });
            }
            self.fresh.push(topic);
        }
        let (log, hub, arbiters) = (&self.means.log, ctx.address(), &self.arbiters);
        self.rooms.entry(topic).or_insert_with(|| {
            let room = Room::new(topic, log.clone(), hub);
            let shard = topic.uuid().as_u128() as usize % arbiters.len().max(1);
            let room = match arbiters.get(shard) {
                Some(arbiter) => Room::start_in_arbiter(arbiter, move |_| room),
                None => room.start(),
            };
            Place { room, seats: 0 }
        })
    }

    /// A seat less. An empty room ends, because nobody holds its address any more.
    fn unseat(&mut self, topic: Topic) {
        if let Some(place) = self.rooms.get_mut(&topic) {
            place.seats = place.seats.saturating_sub(1);
            if place.seats == 0 {
                self.rooms.remove(&topic);
                self.means.link.unfollow(topic);
            }
        }
    }

    /// Forgets a connection and takes from its socket what it was shown: it shows nothing from here on.
    fn remove(&mut self, connection: ConnectionId) -> Option<(Arc<Outlet>, Option<Trail>)> {
        let Connected { outlet, topics } = self.connections.remove(&connection)?;
        if self.names.get(&outlet.name) == Some(&connection) {
            self.names.remove(&outlet.name);
        }
        let mut trail = outlet.track.take();
        if let Some(trail) = &mut trail {
            trail.keep(topics.iter().map(|(topic, seated)| (*topic, seated.after)));
        }
        for topic in topics.into_keys() {
            if let Some(place) = self.rooms.get(&topic) {
                place.room.do_send(Leave(connection));
            }
            self.unseat(topic);
        }
        Some((outlet, trail))
    }

    fn park(&self, name: ConnectionId, trail: Trail, ctx: &mut Context<Self>) {
        let parking = self.means.parking.clone();
        ctx.spawn(async move { parking.put(vec![(name, trail)]).await }.into_actor(self));
    }

    /// Asks the log where the topics of all rooms stand, when it is time.
    fn watch(&mut self, ctx: &mut Context<Self>) {
        let whole = self.means.link.is_whole();
        if whole != self.was_whole {
            tracing::info!(whole, "the bridge to other nodes changed");
        }
        // One round more when it has healed: that closes every gap.
        let doubtful = !(whole && self.was_whole);
        let overdue = self.asked_at.elapsed() >= ANTI_ENTROPY;
        if self.asking
            || self.rooms.is_empty()
            || !(doubtful || overdue || self.means.lost.load(Ordering::Relaxed))
        {
            return;
        }
        self.was_whole = whole;
        self.means.lost.store(false, Ordering::Relaxed);
        (self.asking, self.asked_at) = (true, Instant::now());
        let topics = self.rooms.keys().copied().collect();
        let told = self.ask(topics).map(|(), hub, _| hub.asking = false);
        ctx.spawn(told);
    }

    /// Asks the log where `topics` stand and tells their rooms. What could not be asked is asked for at the next tick.
    fn ask(&self, topics: Vec<Topic>) -> impl ActorFuture<Self, Output = ()> + 'static {
        let log = self.means.log.clone();
        let ask = async move {
            let mut heads = HashMap::new();
            for part in topics.chunks(HEADS) {
                heads.extend(log.heads(part).await?);
            }
            Ok::<_, crate::error::Error>((topics, heads))
        };
        ask.into_actor(self).map(|answer, hub: &mut Self, _| match answer {
            Ok((topics, heads)) => hub.tell_heads(&topics, &heads),
            Err(error) => {
                hub.means.lost.store(true, Ordering::Relaxed);
                tracing::warn!(error = %error, "the counters of the log could not be read");
            }
        })
    }

    fn tell_heads(&self, topics: &[Topic], heads: &HashMap<uuid::Uuid, u64>) {
        for topic in topics {
            if let (Some(place), Some(head)) = (self.rooms.get(topic), heads.get(&topic.uuid())) {
                place.room.do_send(Head(*head));
            }
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4096);
        ctx.run_interval(CLOSE_WATCH, Self::watch);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        System::current().stop();
    }
}

impl Handler<Route> for Hub {
    type Result = ();

    fn handle(&mut self, Route(frames): Route, _: &mut Self::Context) {
        for frame in frames {
            if let Some(place) = self.rooms.get(&frame.topic) {
                place.room.do_send(Deliver(frame));
            }
        }
    }
}

impl Handler<Following> for Hub {
    type Result = ();

    fn handle(&mut self, Following(topics): Following, ctx: &mut Self::Context) {
        ctx.spawn(self.ask(topics));
    }
}

impl Handler<Connect> for Hub {
    type Result = ();

    fn handle(&mut self, Connect(outlet): Connect, _: &mut Self::Context) {
        self.names.insert(outlet.name, outlet.connection);
        self.connections.insert(outlet.connection, Connected { outlet, topics: BTreeMap::new() });
    }
}

impl Handler<Subscribe> for Hub {
    type Result = ();

    fn handle(&mut self, ask: Subscribe, ctx: &mut Self::Context) {
        for claim in ask.claims {
            // Whoever has left since is seated no more.
            let Some(connected) = self.connections.get_mut(&ask.connection) else { return };
            self.tickets += 1;
            let (outlet, ticket) = (connected.outlet.clone(), self.tickets);
            let before = connected.topics.get(&claim.topic).map(|seated| seated.after);
            let after = claim.after.max(before.unwrap_or(0));
            connected.topics.insert(claim.topic, Seated { ticket, after });
            let place = self.room(claim.topic, ctx);
            place.seats += usize::from(before.is_none());
            place.room.do_send(Join { outlet, claim, ticket });
        }
    }
}

impl Handler<Rewind> for Hub {
    type Result = ();

    fn handle(&mut self, ask: Rewind, _: &mut Self::Context) {
        let Some(connected) = self.connections.get_mut(&ask.connection) else { return };
        for (topic, after) in ask.positions {
            let outlet = connected.outlet.clone();
            match (connected.topics.get_mut(&topic), self.rooms.get(&topic)) {
                (Some(seated), Some(place)) => {
                    seated.after = after;
                    place.room.do_send(room::Rewind { outlet, after });
                }
                // It lost the seat a moment ago, and hears no more of it.
                _ => outlet.rewound.do_send(Rewound(topic)),
            }
        }
    }
}

impl Handler<Gone> for Hub {
    type Result = ();

    fn handle(&mut self, gone: Gone, _: &mut Self::Context) {
        let Some(connected) = self.connections.get_mut(&gone.connection) else { return };
        if connected.topics.get(&gone.topic).is_some_and(|seated| seated.ticket == gone.ticket) {
            connected.topics.remove(&gone.topic);
            self.unseat(gone.topic);
        }
    }
}

impl Handler<Disconnect> for Hub {
    type Result = ();

    fn handle(&mut self, Disconnect(connection): Disconnect, ctx: &mut Self::Context) {
        if let Some((outlet, Some(trail))) = self.remove(connection) {
            self.park(outlet.name, trail, ctx);
        }
    }
}

impl Handler<Evict> for Hub {
    type Result = ();

    fn handle(&mut self, Evict { connection, close }: Evict, ctx: &mut Self::Context) {
        let Some((outlet, trail)) = self.remove(connection) else { return };
        tracing::info!(user = %outlet.user, ?close, "a connection was ended");
        outlet.close.do_send(close);
        let resumable = !matches!(close, Close::Ended | Close::TooOld);
        if let Some(trail) = trail.filter(|_| resumable) {
            self.park(outlet.name, trail, ctx);
        }
    }
}

impl Handler<TakeOver> for Hub {
    type Result = ResponseActFuture<Self, Option<Trail>>;

    fn handle(&mut self, TakeOver { name, user }: TakeOver, _: &mut Self::Context) -> Self::Result {
        let alive = self.names.get(&name).copied();
        if let Some(connection) =
            alive.filter(|c| self.connections.get(c).is_some_and(|c| c.outlet.user == user))
        {
            let removed = self.remove(connection);
            let trail = removed.and_then(|(outlet, trail)| {
                outlet.close.do_send(Close::Replaced);
                trail
            });
            return Box::pin(actix::fut::ready(trail));
        }
        let parking = self.means.parking.clone();
        Box::pin(async move { parking.take(name, user).await }.into_actor(self))
    }
}

impl Handler<PutBack> for Hub {
    type Result = ();

    fn handle(&mut self, PutBack { name, trail }: PutBack, ctx: &mut Self::Context) {
        self.park(name, trail, ctx);
    }
}

impl Handler<SendAway> for Hub {
    type Result = ResponseActFuture<Self, usize>;

    /// Connections are parked before their clients are told: whoever comes back at once, to another node, finds them.
    fn handle(&mut self, _: SendAway, _: &mut Self::Context) -> Self::Result {
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        let mut parked = Vec::new();
        let mut outlets = Vec::new();
        for (outlet, trail) in connections.into_iter().filter_map(|connection| self.remove(connection)) {
            parked.extend(trail.map(|trail| (outlet.name, trail)));
            outlets.push(outlet);
        }
        let parking = self.means.parking.clone();
        let park = async move {
            parking.put(parked).await;
            for outlet in &outlets {
                outlet.close.do_send(Close::GoingAway);
            }
            outlets.len()
        };
        Box::pin(park.into_actor(self))
    }
}

impl Handler<Count> for Hub {
    type Result = usize;

    fn handle(&mut self, _: Count, _: &mut Self::Context) -> usize {
        self.connections.len()
    }
}
