//! A room: the relay of one topic on one node. It orders, repairs from the log, and fans out. Every connection in it
//! has a position of its own, so that whoever joins hears exactly what follows what they know, and whoever cannot take
//! more now gets it later, without holding up the others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::hub::{Evict, Gone, Hub, Subscribe};
use super::outlet::{CROWDED, Close, Deliver, Outlet, Rewound};
use super::position::{Position, Taken};
use super::sequence::Sequence;
use crate::error::Result;
use crate::services::realtime::{Log, REPLAY_PAGE};
use crate::services::seats::Claim;
use crate::wire::frame::Effect;
use crate::wire::{ConnectionId, Frame, Topic};

/// How long a missing number may take to come by itself: commits of two threads may pass each other on the way here.
const GRACE: Duration = Duration::from_millis(20);

/// The pause before the log is asked again after it could not be read.
const RETRY: Duration = Duration::from_millis(500);

/// Frames that are read for one seat at once.
const PAGE: u8 = 64;

/// How often it is looked whether those who are behind can take more.
const LOOK: Duration = Duration::from_millis(20);

/// How long a connection that is behind may take nothing before it counts as slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection takes a seat.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Join {
    pub(super) outlet: Arc<Outlet>,
    pub(super) claim: Claim,
    /// The seat's number, by which the hub knows it when it is given up.
    pub(super) ticket: u64,
}

/// A connection gives up its seat.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Leave(pub(super) ConnectionId);

/// A connection wants to hear again what follows a number. It is told where that begins in what it is sent.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Rewind {
    pub(super) outlet: Arc<Outlet>,
    pub(super) after: u64,
}

/// The topic's counter stands at this number: whoever does not know the frames up to it has missed some.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Head(pub(super) u64);

/// The relay of one topic.
pub(super) struct Room {
    topic: Topic,
    log: Arc<dyn Log>,
    hub: Addr<Hub>,
    seats: Vec<Seat>,
    sequence: Sequence,
    begun: bool,
    repairing: bool,
    looking: bool,
}

struct Seat {
    outlet: Arc<Outlet>,
    position: Position,
    ticket: u64,
    /// Whether the log is being read for it.
    reading: bool,
    /// Since when it has taken nothing although it is behind, and how many frames it had taken by then.
    stuck: Option<(Instant, u32)>,
}

impl Room {
    pub(super) fn new(topic: Topic, log: Arc<dyn Log>, hub: Addr<Hub>) -> Self {
        Self {
            topic,
            log,
            hub,
            seats: Vec::new(),
            sequence: Sequence::default(),
            begun: false,
            repairing: false,
            looking: false,
        }
    }

    /// Sends frames, which are in order, to everybody who is up to date.
    fn fan_out(&mut self, frames: &[Arc<Frame>], ctx: &mut Context<Self>) {
        let mut behind = false;
        for frame in frames {
            let hub = &self.hub;
            self.seats.retain_mut(|seat| {
                let stays = seat.hear(frame, hub);
                behind |= stays && seat.position.is_behind();
                stays
            });
        }
        if behind {
            self.look_later(ctx);
        }
    }

    /// Asks the log for what is missing, once at a time.
    fn repair(&mut self, ctx: &mut Context<Self>) {
        if self.repairing {
            return;
        }
        self.repairing = true;
        let (log, topic, last) = (self.log.clone(), self.topic, self.sequence.last());
        let read = async move { log.after(topic, last, REPLAY_PAGE).await }.into_actor(self);
        ctx.spawn(read.map(|frames, room, ctx| room.repaired(frames, ctx)));
    }

    fn repaired(&mut self, frames: Result<Vec<Frame>>, ctx: &mut Context<Self>) {
        match frames {
            Ok(frames) => {
                self.repairing = false;
                let full = i64::try_from(frames.len()) == Ok(REPLAY_PAGE);
                let found = !frames.is_empty();
                for frame in frames {
                    let ready = self.sequence.offer(Arc::new(frame));
                    self.fan_out(&ready, ctx);
                }
                // The log may have more than a page. Nothing found although something waits: the number before it is
                // not committed yet, and its frame will come.
                if full || (found && self.sequence.has_gap()) {
                    self.repair(ctx);
                }
            }
            Err(error) => {
                tracing::warn!(topic = %self.topic, error = %error, "a room could not read the log");
                ctx.run_later(RETRY, |room, ctx| {
                    room.repairing = false;
                    room.repair(ctx);
                });
            }
        }
    }

    /// Looks after those who are behind, until nobody is.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let mut seats = std::mem::take(&mut self.seats);
        seats.retain_mut(|seat| !seat.position.is_behind() || self.advance(seat, ctx));
        self.seats = seats;
        let behind = self.seats.iter().any(|seat| seat.position.is_behind());
        self.sequence.behind(behind);
        if behind {
            self.look_later(ctx);
        }
    }

    fn look_later(&mut self, ctx: &mut Context<Self>) {
        if self.looking {
            return;
        }
        self.looking = true;
        self.sequence.behind(true);
        ctx.run_later(LOOK, |room, ctx| {
            room.looking = false;
            room.look(ctx);
        });
    }

    /// Sends a seat that is behind as much as it can take, from memory or from the log. Answers whether it stays.
    fn advance(&mut self, seat: &mut Seat, ctx: &mut Context<Self>) -> bool {
        while !seat.reading {
            seat.position.measure(self.sequence.last());
            if !seat.position.is_behind() {
                seat.stuck = None;
                return true;
            }
            if !seat.has_space() {
                return seat.is_patient(&self.hub);
            }
            match self.sequence.recent_after(seat.position.at(), PAGE.into()) {
                Some(frames) => {
                    if !frames.iter().all(|frame| seat.read(frame, &self.hub)) {
                        return false;
                    }
                }
                None => self.read(seat, ctx),
            }
        }
        true
    }

    /// Reads for one seat what the room does not remember.
    fn read(&self, seat: &mut Seat, ctx: &mut Context<Self>) {
        seat.reading = true;
        let (log, topic) = (self.log.clone(), self.topic);
        let (at, connection) = (seat.position.at(), seat.outlet.connection);
        let read = async move { log.after(topic, at, PAGE.into()).await }.into_actor(self);
        ctx.spawn(read.map(move |frames, room, ctx| match frames {
            Ok(frames) => room.was_read(connection, at, frames, ctx),
            Err(_) => {
                ctx.run_later(RETRY, move |room, ctx| room.read_again(connection, ctx));
            }
        }));
    }

    fn read_again(&mut self, connection: ConnectionId, ctx: &mut Context<Self>) {
        if let Some(seat) = self.seats.iter_mut().find(|s| s.outlet.connection == connection) {
            seat.reading = false;
            self.look_later(ctx);
        }
    }

    /// Frames after `at` were read for a seat, which may have gone, or gone back, meanwhile.
    fn was_read(&mut self, connection: ConnectionId, at: u64, frames: Vec<Frame>, ctx: &mut Context<Self>) {
        let Some(index) = self.seats.iter().position(|s| s.outlet.connection == connection) else { return };
        let mut seat = self.seats.swap_remove(index);
        seat.reading = false;
        let next = frames.first().map(|f| f.seq);
        if seat.position.at() == at && next != Some(at + 1) {
            seat.evict(&self.hub, Close::TooOld);
            return;
        }
        if frames.into_iter().all(|frame| seat.read(&Arc::new(frame), &self.hub)) {
            self.settle(seat, ctx);
        }
    }

    /// Lets a seat take what it can, and keeps it.
    fn settle(&mut self, mut seat: Seat, ctx: &mut Context<Self>) {
        if !self.advance(&mut seat, ctx) {
            return;
        }
        if seat.position.is_behind() {
            self.look_later(ctx);
        }
        self.seats.push(seat);
    }
}

impl Seat {
    fn hear(&mut self, frame: &Arc<Frame>, hub: &Addr<Hub>) -> bool {
        let outlet = &self.outlet;
        let taken = self.position.hear(frame, outlet.user, || outlet.send(frame));
        self.follow(taken, frame, hub)
    }

    fn read(&mut self, frame: &Arc<Frame>, hub: &Addr<Hub>) -> bool {
        let outlet = &self.outlet;
        let taken = self.position.read(frame, outlet.user, || outlet.send(frame));
        self.follow(taken, frame, hub)
    }

    /// Does what a frame that was taken says. Answers whether the seat stays.
    fn follow(&self, taken: Taken, frame: &Frame, hub: &Addr<Hub>) -> bool {
        let connection = self.outlet.connection;
        match taken {
            Taken::Passed => return true,
            // Its end is on the way to the hub, which keeps what it knows of it until then.
            Taken::Gone => return false,
            Taken::Unseated => {
                hub.do_send(Gone { connection, topic: frame.topic, ticket: self.ticket });
                return false;
            }
            Taken::Heard | Taken::HeardAgain => {}
        }
        match &frame.effect {
            Effect::Seat(topics) if taken == Taken::Heard => {
                let claims = topics.iter().map(|(topic, seq)| Claim::at(*topic, *seq)).collect();
                hub.do_send(Subscribe { connection, claims });
            }
            Effect::Close(session) => {
                let ends = session.map_or(taken == Taken::Heard, |s| s == self.outlet.session);
                if ends {
                    self.evict(hub, Close::Ended);
                    return false;
                }
            }
            Effect::None | Effect::Seat(_) | Effect::Unseat(_) => {}
        }
        true
    }

    /// Whether it can be sent more of what it missed, and still something of what happens now.
    fn has_space(&self) -> bool {
        self.outlet.gauge.depth() < CROWDED
    }

    /// Whether the connection takes something from time to time. One that does not is ended.
    fn is_patient(&mut self, hub: &Addr<Hub>) -> bool {
        let taken = self.outlet.gauge.taken();
        match self.stuck {
            Some((since, seen)) if seen == taken => {
                if since.elapsed() > PATIENCE {
                    self.evict(hub, Close::Slow);
                    return false;
                }
            }
            _ => self.stuck = Some((Instant::now(), taken)),
        }
        true
    }

    fn evict(&self, hub: &Addr<Hub>, close: Close) {
        hub.do_send(Evict { connection: self.outlet.connection, close });
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Only the hub writes here, and it is never refused.
        ctx.set_mailbox_capacity(1024);
    }
}

impl Handler<Join> for Room {
    type Result = ();

    fn handle(&mut self, Join { outlet, claim, ticket }: Join, ctx: &mut Self::Context) {
        if !self.begun {
            self.begun = true;
            self.sequence.begin(claim.head);
        }
        let seated = self.seats.iter_mut().find(|s| s.outlet.connection == outlet.connection);
        if let Some(seat) = seated {
            seat.position.renew(claim.renewed);
            seat.ticket = ticket;
            return;
        }
        let position = Position::new(&claim);
        self.settle(Seat { outlet, position, ticket, reading: false, stuck: None }, ctx);
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        self.seats.retain(|s| s.outlet.connection != leave.0);
    }
}

impl Handler<Rewind> for Room {
    type Result = ();

    fn handle(&mut self, Rewind { outlet, after }: Rewind, ctx: &mut Self::Context) {
        // Also where the seat is gone: the connection waits for it.
        outlet.rewound.do_send(Rewound(self.topic));
        let seated = self.seats.iter_mut().find(|s| s.outlet.connection == outlet.connection);
        if let Some(seat) = seated {
            seat.position.rewind(after);
            self.look(ctx);
        }
    }
}

impl Handler<Deliver> for Room {
    type Result = ();

    fn handle(&mut self, Deliver(frame): Deliver, ctx: &mut Self::Context) {
        if frame.seq == 0 {
            self.fan_out(&[frame], ctx);
            return;
        }
        let ready = self.sequence.offer(frame);
        self.fan_out(&ready, ctx);
        if self.sequence.has_gap() && !self.repairing {
            ctx.run_later(GRACE, |room, ctx| {
                if room.sequence.has_gap() {
                    room.repair(ctx);
                }
            });
        }
    }
}

impl Handler<Head> for Room {
    type Result = ();

    fn handle(&mut self, head: Head, ctx: &mut Self::Context) {
        if self.begun && head.0 > self.sequence.last() {
            self.repair(ctx);
        }
    }
}
