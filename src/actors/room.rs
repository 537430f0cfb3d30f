//! A room: the relay of one topic on one node. It orders, repairs from the log, and fans out. Every connection in it
//! has a position of its own, so that whoever joins hears exactly what follows what they know.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::hub::{Gone, Hub, Subscribe};
use super::outlet::{Close, Deliver, Outlet, Sent};
use super::sequence::Sequence;
use crate::services::realtime::{Log, REPLAY_PAGE};
use crate::wire::frame::Effect;
use crate::wire::{ConnectionId, Frame, Topic};

/// How long a missing number may take to come by itself: commits of two threads may pass each other on the way here.
const GRACE: Duration = Duration::from_millis(20);

/// The pause before the log is asked again after it could not be read.
const RETRY: Duration = Duration::from_millis(500);

/// A connection takes a seat and hears what follows the number.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Join {
    pub(super) outlet: Outlet,
    pub(super) after: u64,
    /// The seat's number, by which the hub knows it when it is given up.
    pub(super) ticket: u64,
}

/// A connection gives up its seat.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Leave(pub(super) ConnectionId);

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
}

struct Seat {
    outlet: Outlet,
    /// The number of the last frame that it was sent, or knew when it came.
    at: u64,
    /// Whether frames between its position and the room's are being read for it. Until then it is sent no others.
    behind: bool,
    ticket: u64,
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
        }
    }

    /// Sends frames, which are in order, to everybody who is up to date.
    fn fan_out(&mut self, frames: &[Arc<Frame>]) {
        for frame in frames {
            let hub = &self.hub;
            self.seats.retain_mut(|seat| seat.behind || stays(seat, frame, hub));
        }
    }

    /// Asks the log for what is missing, once at a time.
    fn repair(&mut self, ctx: &mut Context<Self>) {
        if self.repairing {
            return;
        }
        self.repairing = true;
        let (log, topic, last) = (self.log.clone(), self.topic, self.sequence.last());
        let read = async move { log.after(topic, last).await }.into_actor(self);
        ctx.spawn(read.map(|frames, room, ctx| room.repaired(frames, ctx)));
    }

    fn repaired(&mut self, frames: crate::error::Result<Vec<Frame>>, ctx: &mut Context<Self>) {
        match frames {
            Ok(frames) => {
                self.repairing = false;
                let full = i64::try_from(frames.len()) == Ok(REPLAY_PAGE);
                let found = !frames.is_empty();
                for frame in frames {
                    let ready = self.sequence.offer(Arc::new(frame));
                    self.fan_out(&ready);
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

    /// Reads the frames between a late seat's position and the room's, and sends them to it alone.
    fn catch_up(&mut self, connection: ConnectionId, ctx: &mut Context<Self>) {
        let Some(seat) = self.seats.iter().find(|s| s.outlet.connection == connection) else { return };
        let (log, topic, at) = (self.log.clone(), self.topic, seat.at);
        let read = async move { log.after(topic, at).await }.into_actor(self);
        ctx.spawn(read.map(move |frames, room, ctx| room.caught_up(connection, frames, ctx)));
    }

    fn caught_up(
        &mut self,
        connection: ConnectionId,
        frames: crate::error::Result<Vec<Frame>>,
        ctx: &mut Context<Self>,
    ) {
        let Ok(frames) = frames else {
            ctx.run_later(RETRY, move |room, ctx| room.catch_up(connection, ctx));
            return;
        };
        let Some(index) = self.seats.iter().position(|s| s.outlet.connection == connection) else { return };
        let Some(seat) = self.seats.get_mut(index) else { return };
        let nothing_more = frames.is_empty();
        for frame in frames {
            if !stays(seat, &Arc::new(frame), &self.hub) {
                self.seats.swap_remove(index);
                return;
            }
        }
        if nothing_more || seat.at >= self.sequence.last() {
            seat.behind = false;
        } else {
            self.catch_up(connection, ctx);
        }
    }
}

/// Sends a frame to a seat and does to the seat what the event says. Answers whether the seat stays.
fn stays(seat: &mut Seat, frame: &Arc<Frame>, hub: &Addr<Hub>) -> bool {
    if frame.seq > 0 {
        if frame.seq <= seat.at {
            return true;
        }
        seat.at = frame.seq;
    }
    let outlet = &seat.outlet;
    let connection = outlet.connection;
    let kept = match outlet.send(frame) {
        Sent::Queued | Sent::Skipped => true,
        Sent::Full => {
            outlet.close.do_send(Close::Slow);
            false
        }
        Sent::Gone => false,
    };
    let kept = kept
        && match &frame.effect {
            Effect::None => true,
            Effect::Seat(topics) => {
                hub.do_send(Subscribe { connection, topics: topics.clone() });
                true
            }
            Effect::Unseat(user) => *user != outlet.user,
            Effect::Close(session) => {
                let ends = session.is_none_or(|s| s == outlet.session);
                if ends {
                    outlet.close.do_send(Close::Ended);
                }
                !ends
            }
        };
    if !kept {
        hub.do_send(Gone { connection, topic: frame.topic, ticket: seat.ticket });
    }
    kept
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

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) {
        if !self.begun {
            self.begun = true;
            self.sequence.begin(join.after);
        }
        let connection = join.outlet.connection;
        // Who sits here already stays where they are: nothing is shown twice.
        let before = self.seats.iter().position(|s| s.outlet.connection == connection);
        let at = before.map(|index| self.seats.swap_remove(index).at).unwrap_or(0).max(join.after);
        let mut seat = Seat { outlet: join.outlet, at, behind: false, ticket: join.ticket };
        if seat.at >= self.sequence.last() {
            self.seats.push(seat);
            return;
        }
        match self.sequence.recent_after(seat.at) {
            Some(frames) => {
                if frames.iter().all(|frame| stays(&mut seat, frame, &self.hub)) {
                    self.seats.push(seat);
                }
            }
            None => {
                seat.behind = true;
                self.seats.push(seat);
                self.catch_up(connection, ctx);
            }
        }
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        self.seats.retain(|s| s.outlet.connection != leave.0);
    }
}

impl Handler<Deliver> for Room {
    type Result = ();

    fn handle(&mut self, Deliver(frame): Deliver, ctx: &mut Self::Context) {
        if frame.seq == 0 {
            self.fan_out(&[frame]);
            return;
        }
        let ready = self.sequence.offer(frame);
        self.fan_out(&ready);
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
