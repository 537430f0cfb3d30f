//! The hub: which rooms there are on this node, and who sits where. One per node; its death ends the process. What it is
//! told is in `messages`, how it looks after what rooms may have missed in `watch`.

mod messages;
mod place;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use actix::prelude::*;
use litemap::LiteMap;

use self::place::Place;
use super::outlet::{Close, Outlet, Word};
use super::room::{self, Join, Room};
use crate::services::realtime::{Link, Log, Parking, Trail};
use crate::wire::{ConnectionId, Topic};

pub use messages::{Connect, Disconnect, Following, PutBack, Rewind, Route, SendAway, Subscribe, TakeOver};
pub(super) use messages::{Evict, Gone};

/// How long new rooms are gathered before their counters are asked for together.
const GATHER: Duration = Duration::from_millis(5);

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

struct Connected {
    outlet: Arc<Outlet>,
    topics: LiteMap<Topic, Seated>,
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

    /// The place of a topic, and how its room is opened.
    fn place<'a>(
        &'a mut self,
        topic: Topic,
        ctx: &'a mut Context<Self>,
    ) -> (&'a mut Place, impl FnOnce() -> Addr<Room> + 'a) {
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
        let Self { rooms, means, arbiters, .. } = self;
        (rooms.entry(topic).or_default(), opener(topic, means, arbiters, ctx))
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
        let mut trail = outlet.state.track.take();
        if let Some(trail) = &mut trail {
            trail.keep(topics.iter().map(|(topic, seated)| (*topic, seated.after)));
        }
        for (topic, _) in topics {
            if let Some(place) = self.rooms.get_mut(&topic) {
                place.leave(connection);
            }
            self.unseat(topic);
        }
        Some((outlet, trail))
    }

    fn park(&self, name: ConnectionId, trail: Trail, ctx: &mut Context<Self>) {
        let parking = self.means.parking.clone();
        ctx.spawn(async move { parking.put(vec![(name, trail)]).await }.into_actor(self));
    }
}

/// How the room of a topic is opened: on the thread that the topic falls to.
fn opener<'a>(
    topic: Topic,
    means: &'a Means,
    arbiters: &'a [ArbiterHandle],
    ctx: &'a Context<Hub>,
) -> impl FnOnce() -> Addr<Room> + 'a {
    move || {
        let room = Room::new(topic, means.log.clone(), ctx.address());
        let shard = topic.uuid().as_u128() as usize % arbiters.len().max(1);
        match arbiters.get(shard) {
            Some(arbiter) => Room::start_in_arbiter(arbiter, move |_| room),
            None => room.start(),
        }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4096);
        ctx.run_interval(watch::CLOSE_WATCH, Self::watch);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        System::current().stop();
    }
}

impl Handler<Route> for Hub {
    type Result = ();

    fn handle(&mut self, Route(frames): Route, ctx: &mut Self::Context) {
        let Self { rooms, means, arbiters, .. } = self;
        for frame in frames {
            if let Some(place) = rooms.get_mut(&frame.topic) {
                let open = opener(frame.topic, means, arbiters, ctx);
                place.hear(frame, open);
            }
        }
    }
}

impl Handler<Connect> for Hub {
    type Result = ();

    fn handle(&mut self, Connect(outlet): Connect, _: &mut Self::Context) {
        self.names.insert(outlet.name, outlet.connection);
        self.connections.insert(outlet.connection, Connected { outlet, topics: LiteMap::new() });
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
            let (place, open) = self.place(claim.topic, ctx);
            place.seats += usize::from(before.is_none());
            place.join(Join { outlet, claim, ticket }, open);
        }
    }
}

impl Handler<Rewind> for Hub {
    type Result = ();

    fn handle(&mut self, ask: Rewind, ctx: &mut Self::Context) {
        let Self { connections, rooms, means, arbiters, .. } = self;
        let Some(connected) = connections.get_mut(&ask.connection) else { return };
        for (topic, after) in ask.positions {
            let outlet = connected.outlet.clone();
            match (connected.topics.get_mut(&topic), rooms.get_mut(&topic)) {
                (Some(seated), Some(place)) => {
                    seated.after = after;
                    let room = place.room(opener(topic, means, arbiters, ctx));
                    room.do_send(room::Rewind { outlet, after });
                }
                // It lost the seat a moment ago, and hears no more of it.
                _ => outlet.tell(Word::Rewound(topic)),
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
        outlet.tell(Word::End(close));
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
                outlet.tell(Word::End(Close::Replaced));
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
                outlet.tell(Word::End(Close::GoingAway));
            }
            outlets.len()
        };
        Box::pin(park.into_actor(self))
    }
}
