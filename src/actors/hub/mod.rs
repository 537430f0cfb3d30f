//! The hub: the rooms of this node, and the connections in each. One per node; its death ends the process. Its messages
//! are in `messages`; `watch` checks for frames that rooms may have missed; `reopening` replaces rooms that died.

mod messages;
mod reopening;
mod topic_slot;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::*;
use litemap::LiteMap;

use self::topic_slot::{OpenRoom, TopicSlot};
use super::connection::{CloseReason, ConnectionHandle, SessionMessage};
use super::report::Report;
use super::room::{self, Join, Room};
use crate::services::channels::subscriptions::Subscription;
use crate::services::realtime::{BridgeLink, Log, ReplayBuffer, ResumeStore};
use crate::wire::{ConnectionId, Topic};

pub use messages::{
    Connect, Disconnect, Following, Ping, PutBack, Rejoin, Rewind, Route, SendAway, Subscribe, TakeOver,
};

/// How long new rooms are gathered before their counters are read from the log together.
const GATHER: Duration = Duration::from_millis(5);

/// The address of the hub's actor.
pub type HubAddress = Addr<Hub>;

/// The services that delivery works with.
pub struct DeliveryDeps {
    /// The log, from which rooms repair gaps.
    pub log: Arc<dyn Log>,
    /// The store of replay buffers of ended connections.
    pub resume_store: Arc<dyn ResumeStore>,
    /// Set while the bus has lost frames.
    pub lost: Arc<AtomicBool>,
    /// The link to other nodes: while it is not whole, the log is checked all the time.
    pub link: Arc<dyn BridgeLink>,
}

/// The rooms of this node and the connections in them.
pub struct Hub {
    deps: DeliveryDeps,
    arbiters: Vec<ArbiterHandle>,
    /// In the order of their topics, so that a round over all of them can be made in pages.
    rooms: BTreeMap<Topic, TopicSlot>,
    connections: HashMap<ConnectionId, Connected>,
    /// The sockets of the connections, by the identifiers that clients know.
    names: HashMap<ConnectionId, ConnectionId>,
    /// Whether the link was whole at the last check.
    was_whole: bool,
    asked_at: Instant,
    /// Whether a query for the counters of all rooms is under way.
    asking: bool,
    join_ids: u64,
    /// Rooms just opened, whose counters are not read yet.
    fresh: Vec<Topic>,
}

struct Connected {
    handle: Arc<ConnectionHandle>,
    topics: LiteMap<Topic, RoomMembership>,
}

/// A connection's membership of a room, as the hub knows it.
struct RoomMembership {
    /// The number of its newest join; [`LOST`] while its room is dead and it is in no other.
    join_id: u64,
    /// The sequence number after which it wanted to hear when it joined.
    after: u64,
    /// The newest number at which it was subscribed.
    renewed: u64,
}

/// The join of a connection whose room has died.
const LOST: u64 = 0;

impl Hub {
    /// Creates a hub whose rooms run on `arbiters`.
    pub fn new(deps: DeliveryDeps, arbiters: Vec<ArbiterHandle>) -> Self {
        Self {
            deps,
            arbiters,
            rooms: BTreeMap::new(),
            connections: HashMap::new(),
            names: HashMap::new(),
            was_whole: true,
            asked_at: Instant::now(),
            asking: false,
            join_ids: 0,
            fresh: Vec::new(),
        }
    }

    /// The slot of a topic, and a function that opens its room.
    fn slot<'a>(
        &'a mut self,
        topic: Topic,
        ctx: &'a mut Context<Self>,
    ) -> (&'a mut TopicSlot, impl FnOnce() -> OpenRoom + 'a) {
        // Frames may have passed between the position that the first connection knows and now. A bridge that reports
        // when it begins to follow a topic has the counter read at that time instead.
        if !self.rooms.contains_key(&topic) && !self.deps.link.follow(topic) {
            self.check_soon(topic, ctx);
        }
        let Self { rooms, deps, arbiters, .. } = self;
        (rooms.entry(topic).or_default(), opener(topic, deps, arbiters, ctx))
    }

    /// Reads the topic's counter within some milliseconds, together with those of others.
    fn check_soon(&mut self, topic: Topic, ctx: &mut Context<Self>) {
        if self.fresh.is_empty() {
            ctx.run_later(GATHER, |hub, ctx| {
                let fresh = std::mem::take(&mut hub.fresh);
                hub.ask(fresh, ctx);
            });
        }
        // Members of a room that died come back one after the other.
        if self.fresh.last() != Some(&topic) {
            self.fresh.push(topic);
        }
    }

    /// Counts one member less. An empty room ends, because nobody holds its address any more.
    fn member_left(&mut self, topic: Topic) {
        if let Some(slot) = self.rooms.get_mut(&topic) {
            slot.members = slot.members.saturating_sub(1);
            if slot.members == 0 {
                self.rooms.remove(&topic);
                self.deps.link.unfollow(topic);
            }
        }
    }

    /// Removes a connection and takes its replay buffer from the socket, which shows nothing from here on.
    fn remove(&mut self, connection: ConnectionId) -> Option<(Arc<ConnectionHandle>, Option<ReplayBuffer>)> {
        let Connected { handle, topics } = self.connections.remove(&connection)?;
        if self.names.get(&handle.name) == Some(&connection) {
            self.names.remove(&handle.name);
        }
        let mut replay = handle.state.replay.take();
        if let Some(replay) = &mut replay {
            replay.keep(topics.iter().map(|(topic, membership)| (*topic, membership.after)));
        }
        for (topic, _) in topics {
            if let Some(slot) = self.rooms.get_mut(&topic) {
                slot.leave(connection);
            }
            self.member_left(topic);
        }
        Some((handle, replay))
    }

    /// Puts a connection into the rooms of topics.
    fn subscribe(
        &mut self,
        connection: ConnectionId,
        subscriptions: Vec<Subscription>,
        ctx: &mut Context<Self>,
    ) {
        for subscription in subscriptions {
            // The connection may have ended meanwhile, and then joins nothing.
            let Some(connected) = self.connections.get_mut(&connection) else { return };
            let topics = &mut connected.topics;
            if let Some(lost) = topics.get_mut(&subscription.topic).filter(|m| m.join_id == LOST) {
                // It goes on where it was as soon as it is in a room again.
                lost.renewed = lost.renewed.max(subscription.renewed);
                continue;
            }
            self.join_ids += 1;
            let (handle, join_id) = (connected.handle.clone(), self.join_ids);
            let (is_new, membership) =
                RoomMembership::again(topics.get(&subscription.topic), &subscription, join_id);
            topics.insert(subscription.topic, membership);
            let (slot, open) = self.slot(subscription.topic, ctx);
            slot.members += usize::from(is_new);
            slot.join(Join { handle, subscription, join_id }, open);
        }
    }

    /// A room ended a connection's membership. Nothing is done if the connection has joined again since.
    fn left(&mut self, connection: ConnectionId, topic: Topic, join_id: u64) {
        let Some(connected) = self.connections.get_mut(&connection) else { return };
        if connected.topics.get(&topic).is_some_and(|membership| membership.join_id == join_id) {
            connected.topics.remove(&topic);
            self.member_left(topic);
        }
    }

    /// Ends a connection. If it can go on later, it waits for its client to come back.
    fn evict(&mut self, connection: ConnectionId, close: CloseReason, ctx: &mut Context<Self>) {
        let Some((handle, replay)) = self.remove(connection) else { return };
        tracing::info!(user = %handle.user, ?close, "a connection was ended");
        handle.tell(SessionMessage::End(close));
        let resumable = !matches!(close, CloseReason::Ended | CloseReason::TooOld);
        if let Some(replay) = replay.filter(|_| resumable) {
            self.store_replay(handle.name, replay, ctx);
        }
    }

    fn store_replay(&self, name: ConnectionId, replay: ReplayBuffer, ctx: &mut Context<Self>) {
        let resume_store = self.deps.resume_store.clone();
        ctx.spawn(async move { resume_store.put(vec![(name, replay)]).await }.into_actor(self));
    }
}

/// A function that opens the room of a topic, on the thread that the topic's identifier selects.
fn opener<'a>(
    topic: Topic,
    deps: &'a DeliveryDeps,
    arbiters: &'a [ArbiterHandle],
    ctx: &'a Context<Hub>,
) -> impl FnOnce() -> OpenRoom + 'a {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    move || {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let room = Room::new(topic, number, deps.log.clone(), ctx.address().recipient());
        let shard = topic.uuid().as_u128() as usize % arbiters.len().max(1);
        let address = match arbiters.get(shard) {
            Some(arbiter) => Room::start_in_arbiter(arbiter, move |_| room),
            None => room.start(),
        };
        OpenRoom { address, number }
    }
}

impl Actor for Hub {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4096);
        ctx.run_interval(watch::CLOSE_WATCH, Self::watch);
        #[cfg(debug_assertions)]
        super::faults::heed("hub".to_owned(), ctx);
    }
}

impl Handler<Ping> for Hub {
    type Result = ();

    fn handle(&mut self, _: Ping, _: &mut Self::Context) {}
}

impl Handler<Route> for Hub {
    type Result = ();

    fn handle(&mut self, Route(frames): Route, ctx: &mut Self::Context) {
        let Self { rooms, deps, arbiters, .. } = self;
        for frame in frames {
            if let Some(slot) = rooms.get_mut(&frame.topic) {
                let open = opener(frame.topic, deps, arbiters, ctx);
                slot.hear(frame, open);
            }
        }
    }
}

impl Handler<Connect> for Hub {
    type Result = ();

    fn handle(&mut self, Connect(handle): Connect, _: &mut Self::Context) {
        self.names.insert(handle.name, handle.connection);
        self.connections.insert(handle.connection, Connected { handle, topics: LiteMap::new() });
    }
}

impl Handler<Subscribe> for Hub {
    type Result = ();

    fn handle(&mut self, ask: Subscribe, ctx: &mut Self::Context) {
        self.subscribe(ask.connection, ask.subscriptions, ctx);
    }
}

impl Handler<Rewind> for Hub {
    type Result = ();

    fn handle(&mut self, ask: Rewind, ctx: &mut Self::Context) {
        let Self { connections, rooms, deps, arbiters, .. } = self;
        let Some(connected) = connections.get_mut(&ask.connection) else { return };
        for (topic, after) in ask.positions {
            let handle = connected.handle.clone();
            match (connected.topics.get_mut(&topic), rooms.get_mut(&topic)) {
                // It ends, and comes back, when it is told that its room has died.
                (Some(membership), Some(_)) if membership.join_id == LOST => {}
                (Some(membership), Some(slot)) => {
                    membership.after = after;
                    let room = slot.room(opener(topic, deps, arbiters, ctx));
                    room.do_send(room::Rewind { handle, after });
                }
                // The connection was unsubscribed a moment ago, and hears no more of the topic.
                _ => handle.tell(SessionMessage::Rewound(topic)),
            }
        }
    }
}

impl Handler<Report> for Hub {
    type Result = ();

    fn handle(&mut self, report: Report, ctx: &mut Self::Context) {
        match report {
            Report::Subscribed { connection, subscriptions } => {
                self.subscribe(connection, subscriptions, ctx)
            }
            Report::Left { connection, topic, join_id } => self.left(connection, topic, join_id),
            Report::Evicted { connection, close } => self.evict(connection, close, ctx),
            Report::Closed { topic, number } => self.room_closed(topic, number, ctx),
        }
    }
}

impl Handler<Disconnect> for Hub {
    type Result = ();

    fn handle(&mut self, Disconnect(connection): Disconnect, ctx: &mut Self::Context) {
        if let Some((handle, Some(replay))) = self.remove(connection) {
            self.store_replay(handle.name, replay, ctx);
        }
    }
}

impl Handler<TakeOver> for Hub {
    type Result = ResponseActFuture<Self, Option<ReplayBuffer>>;

    fn handle(&mut self, TakeOver { name, user }: TakeOver, _: &mut Self::Context) -> Self::Result {
        let alive = self.names.get(&name).copied();
        if let Some(connection) =
            alive.filter(|c| self.connections.get(c).is_some_and(|c| c.handle.user == user))
        {
            let removed = self.remove(connection);
            let replay = removed.and_then(|(handle, replay)| {
                handle.tell(SessionMessage::End(CloseReason::Replaced));
                replay
            });
            return Box::pin(actix::fut::ready(replay));
        }
        let resume_store = self.deps.resume_store.clone();
        Box::pin(async move { resume_store.take(name, user).await }.into_actor(self))
    }
}

impl Handler<PutBack> for Hub {
    type Result = ();

    fn handle(&mut self, PutBack { name, replay }: PutBack, ctx: &mut Self::Context) {
        self.store_replay(name, replay, ctx);
    }
}

impl Handler<SendAway> for Hub {
    type Result = ResponseActFuture<Self, usize>;

    /// Replay buffers are stored before clients are told to go: one that reconnects to another node at once finds its
    /// own.
    fn handle(&mut self, _: SendAway, _: &mut Self::Context) -> Self::Result {
        let connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        let mut parked = Vec::new();
        let mut handles = Vec::new();
        for (handle, replay) in connections.into_iter().filter_map(|connection| self.remove(connection)) {
            parked.extend(replay.map(|replay| (handle.name, replay)));
            handles.push(handle);
        }
        let resume_store = self.deps.resume_store.clone();
        let park = async move {
            resume_store.put(parked).await;
            for handle in &handles {
                handle.tell(SessionMessage::End(CloseReason::GoingAway));
            }
            handles.len()
        };
        Box::pin(park.into_actor(self))
    }
}
