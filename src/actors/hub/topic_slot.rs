//! A topic's slot on this node: its room or, until something happens in the topic, the list of connections that will
//! join it. Most topics with a listener are an account's own, and are silent for hours; an actor for each of those
//! would be a good part of what an idle connection costs.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use crate::actors::room::{Deliver, Head, Join, Leave, Room};
use crate::wire::{ConnectionId, Frame};

/// Connections that wait for a room at most. They are searched at each join, so there are few.
const MOST_WAITING: usize = 16;

/// The pause before the members of a room that died are brought into another. It doubles with each death, up to some
/// seconds: a topic in which rooms die again and again must not take all of a node.
const REOPENING: Duration = Duration::from_millis(50);
const MAX_DOUBLINGS: u8 = 7;

/// An open room.
pub(super) struct OpenRoom {
    pub(super) address: Addr<Room>,
    /// The number of this room, by which its death is told from that of an earlier one.
    pub(super) number: u64,
}

/// The room of a topic, or the connections that wait for it to open.
#[derive(Default)]
pub(super) struct TopicSlot {
    room: Option<OpenRoom>,
    /// Connections that will join the room once it is open. Nothing has happened in the topic since the first of them
    /// came, and that one knows everything before.
    waiting: Vec<Join>,
    /// Connections in the topic, those of a room that died included. An empty slot is removed.
    pub(super) members: usize,
    /// Rooms that died here.
    deaths: u8,
}

impl TopicSlot {
    /// Gives up the room `number`, which died. Answers the pause before another is opened; `None` if that room is not
    /// the open one.
    pub(super) fn lose(&mut self, number: u64) -> Option<Duration> {
        self.room.take_if(|room| room.number == number)?;
        let pause = REOPENING * (1 << self.deaths.min(MAX_DOUBLINGS));
        self.deaths = self.deaths.saturating_add(1);
        Some(pause)
    }

    /// Joins a connection. If it has something to catch up on, or is here already, the room is opened.
    pub(super) fn join(&mut self, join: Join, open: impl FnOnce() -> OpenRoom) {
        let waits = self.waiting.iter().any(|other| other.connection() == join.connection());
        if self.room.is_some() || waits || self.waiting.len() >= MOST_WAITING || !join.subscription.is_level()
        {
            self.room(open).do_send(join);
            return;
        }
        if self.waiting.is_empty() {
            // An account's own topic mostly has one connection.
            self.waiting.reserve_exact(1);
        }
        self.waiting.push(join);
    }

    /// Removes a connection.
    pub(super) fn leave(&mut self, connection: ConnectionId) {
        match &self.room {
            Some(room) => room.address.do_send(Leave(connection)),
            None => self.waiting.retain(|join| join.connection() != connection),
        }
    }

    /// Delivers a frame to everybody here. An ephemeral frame to a single connection does not open a room: it needs no
    /// order. While nobody is here, because the room died, nothing is delivered: those who come back read the log.
    pub(super) fn hear(&mut self, frame: Arc<Frame>, open: impl FnOnce() -> OpenRoom) {
        match (&self.room, self.waiting.as_slice()) {
            (None, [only]) if frame.seq == 0 => {
                only.handle.send(&frame);
            }
            (None, []) => {}
            _ => self.room(open).do_send(Deliver(frame)),
        }
    }

    /// Takes note that the topic's counter stands at `head`: the connections here may have missed something.
    pub(super) fn stands_at(&mut self, head: u64, open: impl FnOnce() -> OpenRoom) {
        let is_behind = |first: &Join| first.subscription.head < head;
        if self.room.is_some() || self.waiting.first().is_some_and(is_behind) {
            self.room(open).do_send(Head(head));
        }
    }

    /// The room; if there is none yet, it is opened and the waiting connections join it.
    pub(super) fn room(&mut self, open: impl FnOnce() -> OpenRoom) -> &Addr<Room> {
        let Self { room, waiting, .. } = self;
        let room = room.get_or_insert_with(|| {
            let room = open();
            for join in std::mem::take(waiting) {
                room.address.do_send(join);
            }
            room
        });
        &room.address
    }
}
