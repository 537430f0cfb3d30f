//! A room: the relay of one topic on one node. It orders, repairs from the log, and fans out. Every connection in it
//! has a position of its own, so that whoever joins hears exactly what follows what they know, and whoever cannot take
//! more now gets it later, without holding up the others.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::connection::{CloseReason, ConnectionHandle, SessionMessage};
use super::hub::Hub;
use super::position::Position;
use super::room_member::RoomMember;
use super::sequence::Sequence;
use crate::error::Result;
use crate::services::realtime::{Log, Page, REPLAY_PAGE};
use crate::services::subscriptions::Subscription;
use crate::wire::{ConnectionId, Frame, Topic};

/// How long a missing number may take to come by itself: commits of two threads may pass each other on the way here.
const GRACE: Duration = Duration::from_millis(20);

/// The pause before the log is asked again after it could not be read.
const RETRY: Duration = Duration::from_millis(500);

/// Frames that are read at once for those who are behind.
const PAGE: u8 = 200;

/// How often it is looked whether those who are behind can take more.
const LOOK: Duration = Duration::from_millis(20);

/// A frame for everybody here.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Deliver(pub(super) Arc<Frame>);

/// A connection takes a member.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Join {
    pub(super) handle: Arc<ConnectionHandle>,
    pub(super) subscription: Subscription,
    /// The member's number, by which the hub knows it when it is given up.
    pub(super) join_id: u64,
}

impl Join {
    /// Whose member it is.
    pub(super) fn connection(&self) -> ConnectionId {
        self.handle.connection
    }
}

/// A connection gives up its member.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Leave(pub(super) ConnectionId);

/// A connection wants to hear again what follows a number. It is told where that begins in what it is sent.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Rewind {
    pub(super) handle: Arc<ConnectionHandle>,
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
    members: Vec<RoomMember>,
    sequence: Sequence,
    begun: bool,
    repairing: bool,
    /// Whether a look after those who are behind is due.
    looking: bool,
    /// Whether the log is being read for one of them, and how often it was.
    reading: bool,
    turns: u64,
}

impl Room {
    pub(super) fn new(topic: Topic, log: Arc<dyn Log>, hub: Addr<Hub>) -> Self {
        Self {
            topic,
            log,
            hub,
            members: Vec::new(),
            sequence: Sequence::default(),
            begun: false,
            repairing: false,
            looking: false,
            reading: false,
            turns: 0,
        }
    }

    /// Sends frames, which are in order, to everybody who is up to date.
    fn fan_out(&mut self, frames: &[Arc<Frame>], ctx: &mut Context<Self>) {
        let mut behind = false;
        for frame in frames {
            let hub = &self.hub;
            self.members.retain_mut(|member| {
                let stays = member.hear(frame, hub);
                behind |= stays && member.position.is_behind();
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

    fn repaired(&mut self, page: Result<Page>, ctx: &mut Context<Self>) {
        match page {
            Ok(Page { frames, more }) => {
                self.repairing = false;
                let found = !frames.is_empty();
                for frame in frames {
                    let ready = self.sequence.offer(Arc::new(frame));
                    self.fan_out(&ready, ctx);
                }
                // The log may have more than a page. Nothing found although something waits: the number before it is
                // not committed yet, and its frame will come.
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

    /// Looks after those who are behind, until nobody is. What the room remembers they get at once. The rest is read
    /// from the log, for one after the other, and serves all who stand near: a burst costs its pages, not its
    /// listeners.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let mut members = std::mem::take(&mut self.members);
        members.retain_mut(|member| !member.position.is_behind() || self.advance(member));
        self.members = members;
        let behind = self.members.iter().any(|member| member.position.is_behind());
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

    /// Sends a member what it can take of what the room remembers. Answers whether it stays.
    fn advance(&self, member: &mut RoomMember) -> bool {
        loop {
            member.position.measure(self.sequence.last());
            if !member.position.is_behind() {
                member.is_level();
                return true;
            }
            if !member.has_space() {
                return member.is_patient(&self.hub);
            }
            let at = member.position.at();
            let Some(frames) = self.sequence.recent_after(at, PAGE.into()) else { return true };
            if !member.take(&frames, &self.hub) {
                return false;
            }
            if member.position.at() == at {
                return true;
            }
        }
    }

    /// Reads what the room does not remember, for the one who has waited longest.
    fn read(&mut self, ctx: &mut Context<Self>) {
        if self.reading {
            return;
        }
        let sequence = &self.sequence;
        let needs = |member: &&mut RoomMember| {
            let position = &member.position;
            position.is_behind() && member.has_space() && sequence.recent_after(position.at(), 0).is_none()
        };
        let Some(member) = self.members.iter_mut().filter(needs).min_by_key(|member| member.turn) else {
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

    /// Frames after `at` were read for a member, which may have gone, or gone back, meanwhile.
    fn was_read(&mut self, connection: ConnectionId, at: u64, frames: Vec<Frame>, ctx: &mut Context<Self>) {
        self.reading = false;
        let lost = frames.first().is_none_or(|first| first.seq != at + 1);
        let frames: Vec<Arc<Frame>> = frames.into_iter().map(Arc::new).collect();
        let hub = &self.hub;
        self.members.retain_mut(|member| {
            if lost && member.handle.connection == connection && member.position.at() == at {
                member.evict(hub, CloseReason::TooOld);
                return false;
            }
            !member.position.is_behind() || member.take(&frames, hub)
        });
        self.look(ctx);
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

    fn handle(&mut self, Join { handle, subscription, join_id }: Join, ctx: &mut Self::Context) {
        if !self.begun {
            self.begun = true;
            self.sequence.begin(subscription.head);
        }
        let joined = self.members.iter_mut().find(|s| s.handle.connection == handle.connection);
        if let Some(member) = joined {
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
        self.members.push(member);
        if behind {
            self.read(ctx);
            self.look_later(ctx);
        }
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        self.members.retain(|s| s.handle.connection != leave.0);
    }
}

impl Handler<Rewind> for Room {
    type Result = ();

    fn handle(&mut self, Rewind { handle, after }: Rewind, ctx: &mut Self::Context) {
        // Also where the member is gone: the connection waits for it.
        handle.tell(SessionMessage::Rewound(self.topic));
        let joined = self.members.iter_mut().find(|s| s.handle.connection == handle.connection);
        if let Some(member) = joined {
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
