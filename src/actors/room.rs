//! A room: the relay of one topic on one node. It orders, repairs from the log, and fans out. Every connection in it
//! has a position of its own, so that a newcomer hears exactly what follows what it knows, and a connection that cannot
//! take more now gets it later, without holding up the others.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use indexmap::IndexMap;

use super::connection::{CloseReason, ConnectionHandle, SessionMessage};
use super::position::Position;
use super::report::{Report, Reports};
use super::room_member::RoomMember;
use super::sequence::Sequence;
use crate::error::Result;
use crate::services::channels::subscriptions::Subscription;
use crate::services::realtime::{Log, Page, REPLAY_PAGE};
use crate::wire::{ConnectionId, Frame, Topic};

/// How long a missing number may take to arrive by itself: commits of two threads may pass each other on the way here.
const GRACE: Duration = Duration::from_millis(20);

/// The pause before the log is read again after a failure.
const RETRY: Duration = Duration::from_millis(500);

/// Frames that are read from the log in one page for connections that are behind.
const PAGE: u8 = 200;

/// How often the room checks whether connections that are behind can take more.
const LOOK: Duration = Duration::from_millis(20);

/// Delivers a frame to everybody in the room.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Deliver(pub(super) Arc<Frame>);

/// Makes a connection a member of the room.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Join {
    pub(super) handle: Arc<ConnectionHandle>,
    pub(super) subscription: Subscription,
    /// The number of the join, by which the hub recognises the membership when it ends.
    pub(super) join_id: u64,
}

impl Join {
    /// The connection that joins.
    pub(super) fn connection(&self) -> ConnectionId {
        self.handle.connection
    }
}

/// Ends a connection's membership.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Leave(pub(super) ConnectionId);

/// Moves a connection back to a number. Its stream tells it where the frames after that number begin.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Rewind {
    pub(super) handle: Arc<ConnectionHandle>,
    pub(super) after: u64,
}

/// The number at which the topic's counter stands; a room that lacks frames up to it repairs itself from the log.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Head(pub(super) u64);

/// The relay of one topic.
pub(super) struct Room {
    topic: Topic,
    number: u64,
    log: Arc<dyn Log>,
    reports: Reports,
    /// By connection: joining and leaving cost the same, however many there are.
    members: IndexMap<ConnectionId, RoomMember>,
    sequence: Sequence,
    begun: bool,
    repairing: bool,
    /// Whether a check of the connections that are behind is scheduled.
    looking: bool,
    /// Whether the log is being read for one of them, and how often it was.
    reading: bool,
    turns: u64,
}

impl Room {
    /// The room `number` of the process, for `topic`.
    pub(super) fn new(topic: Topic, number: u64, log: Arc<dyn Log>, reports: Reports) -> Self {
        Self {
            topic,
            number,
            log,
            reports,
            members: IndexMap::new(),
            sequence: Sequence::default(),
            begun: false,
            repairing: false,
            looking: false,
            reading: false,
            turns: 0,
        }
    }

    /// Sends frames, which are in order, to every member that is level.
    fn fan_out(&mut self, frames: &[Arc<Frame>], ctx: &mut Context<Self>) {
        let mut behind = false;
        for frame in frames {
            let reports = &self.reports;
            self.members.retain(|_, member| {
                let stays = member.hear(frame, reports);
                behind |= stays && member.position.is_behind();
                stays
            });
        }
        if behind {
            self.look_later(ctx);
        }
    }

    /// Reads missing frames from the log; one read at a time.
    fn repair(&mut self, ctx: &mut Context<Self>) {
        if self.repairing {
            return;
        }
        self.repairing = true;
        let (log, topic, last) = (self.log.clone(), self.topic, self.sequence.last());
        let read = async move { log.after(topic, last, REPLAY_PAGE).await }.into_actor(self);
        ctx.spawn(read.map(|frames, room, ctx| room.repaired(frames, ctx)));
    }

    fn repaired(&mut self, page: Result<Page>, ctx: &mut Context<Self>) {
        match page {
            Ok(Page { frames, more }) => {
                self.repairing = false;
                let found = !frames.is_empty();
                for frame in frames {
                    let ready = self.sequence.offer(Arc::new(frame));
                    self.fan_out(&ready, ctx);
                }
                // The log may have more than a page. If nothing was found although a frame waits, the number before it
                // is not committed yet, and its frame will come.
                if more || (found && self.sequence.has_gap()) {
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

    /// Serves the members that are behind, until none is. They get the frames that the room remembers at once. Older
    /// ones are read from the log, for one member after the other, and each page serves all members near that position:
    /// the cost of a burst depends on its pages, not on the number of listeners.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let mut members = std::mem::take(&mut self.members);
        members.retain(|_, member| !member.position.is_behind() || self.advance(member));
        self.members = members;
        let behind = self.members.values().any(|member| member.position.is_behind());
        self.sequence.behind(behind);
        if behind {
            self.read(ctx);
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

    /// Sends a member as many of the remembered frames as it can take. Answers whether it stays.
    fn advance(&self, member: &mut RoomMember) -> bool {
        loop {
            member.position.measure(self.sequence.last());
            if !member.position.is_behind() {
                member.is_level();
                return true;
            }
            if !member.has_space() {
                return member.is_patient(&self.reports);
            }
            let at = member.position.at();
            let Some(frames) = self.sequence.recent_after(at, PAGE.into()) else { return true };
            if !member.take(&frames, &self.reports) {
                return false;
            }
            if member.position.at() == at {
                return true;
            }
        }
    }

    /// Reads frames that the room does not remember from the log, for the member that has waited longest.
    fn read(&mut self, ctx: &mut Context<Self>) {
        if self.reading {
            return;
        }
        let sequence = &self.sequence;
        let needs = |member: &&mut RoomMember| {
            let position = &member.position;
            position.is_behind() && member.has_space() && sequence.recent_after(position.at(), 0).is_none()
        };
        let Some(member) = self.members.values_mut().filter(needs).min_by_key(|member| member.turn) else {
            return;
        };
        self.reading = true;
        self.turns += 1;
        member.turn = self.turns;
        let (at, connection) = (member.position.at(), member.handle.connection);
        let (log, topic) = (self.log.clone(), self.topic);
        let read = async move { log.after(topic, at, PAGE.into()).await }.into_actor(self);
        ctx.spawn(read.map(move |frames, room, ctx| match frames {
            Ok(page) => room.was_read(connection, at, page.frames, ctx),
            Err(error) => {
                tracing::warn!(topic = %room.topic, error = %error, "a room could not read the log");
                ctx.run_later(RETRY, |room, _| room.reading = false);
            }
        }));
    }

    /// Sends frames after `at`, read for a member, which may have left or gone back meanwhile.
    fn was_read(&mut self, connection: ConnectionId, at: u64, frames: Vec<Frame>, ctx: &mut Context<Self>) {
        self.reading = false;
        let lost = frames.first().is_none_or(|first| first.seq != at + 1);
        let frames: Vec<Arc<Frame>> = frames.into_iter().map(Arc::new).collect();
        let reports = &self.reports;
        self.members.retain(|_, member| {
            if lost && member.handle.connection == connection && member.position.at() == at {
                member.evict(reports, CloseReason::TooOld);
                return false;
            }
            !member.position.is_behind() || member.take(&frames, reports)
        });
        self.look(ctx);
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Only the hub sends here, with `do_send`, which is never refused.
        ctx.set_mailbox_capacity(1024);
        #[cfg(debug_assertions)]
        super::faults::heed(format!("room-{}", self.topic), ctx);
    }
}

/// However a room ends, by a panic too, it says so: the hub has members to bring into another one, unless it let the
/// room go.
impl Drop for Room {
    fn drop(&mut self) {
        self.reports.do_send(Report::Closed { topic: self.topic, number: self.number });
    }
}

impl Handler<Join> for Room {
    type Result = ();

    fn handle(&mut self, Join { handle, subscription, join_id }: Join, ctx: &mut Self::Context) {
        if !self.begun {
            self.begun = true;
            self.sequence.begin(subscription.head);
        }
        if let Some(member) = self.members.get_mut(&handle.connection) {
            member.position.renew(subscription.renewed);
            member.join_id = join_id;
            return;
        }
        let position = Position::new(&subscription);
        let mut member = RoomMember::new(handle, position, join_id, self.turns);
        if !self.advance(&mut member) {
            return;
        }
        let behind = member.position.is_behind();
        if self.members.is_empty() {
            // Most rooms are an account's own, and have one member.
            self.members.reserve_exact(1);
        }
        self.members.insert(member.handle.connection, member);
        if behind {
            self.read(ctx);
            self.look_later(ctx);
        }
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        self.members.swap_remove(&leave.0);
    }
}

impl Handler<Rewind> for Room {
    type Result = ();

    fn handle(&mut self, Rewind { handle, after }: Rewind, ctx: &mut Self::Context) {
        // Sent also if the membership has ended: the connection waits for it.
        handle.tell(SessionMessage::Rewound(self.topic));
        if let Some(member) = self.members.get_mut(&handle.connection) {
            member.position.rewind(after);
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
        if !self.begun {
            // Nobody is here yet, and whoever comes reads what is older than they are from the log.
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
