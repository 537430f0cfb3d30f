//! A topic's slot on this node: its room or, until something happens in the topic, the list of who will sit there. Most
//! topics that have a listener are an account's own, and nothing is said in them for hours; an actor for each of those
//! would be a good part of what an idle connection costs.

use std::sync::Arc;

use actix::prelude::*;

use crate::actors::room::{Deliver, Head, Join, Leave, Room};
use crate::wire::{ConnectionId, Frame};

/// Who sits in a topic.
#[derive(Default)]
pub(super) struct TopicSlot {
    room: Option<Addr<Room>>,
    /// Who will sit in the room once there is one. Nothing happened since the first of them came, who knows all that
    /// did before.
    waiting: Vec<Join>,
    /// Connections in it. An empty slot is given up.
    pub(super) members: usize,
}

impl TopicSlot {
    /// A connection joins. If it has something to hear, or is here already, the room is opened.
    pub(super) fn join(&mut self, join: Join, open: impl FnOnce() -> Addr<Room>) {
        let waits = self.waiting.iter().any(|other| other.connection() == join.connection());
        if self.room.is_some() || waits || !join.subscription.is_level() {
            self.room(open).do_send(join);
            return;
        }
        if self.waiting.is_empty() {
            // An account's own topic has one connection, mostly.
            self.waiting.reserve_exact(1);
        }
        self.waiting.push(join);
    }

    /// A connection leaves.
    pub(super) fn leave(&mut self, connection: ConnectionId) {
        match &self.room {
            Some(room) => room.do_send(Leave(connection)),
            None => self.waiting.retain(|join| join.connection() != connection),
        }
    }

    /// A frame for everybody here. One without a number, to one connection, is no reason to open a room: it needs no
    /// order.
    pub(super) fn hear(&mut self, frame: Arc<Frame>, open: impl FnOnce() -> Addr<Room>) {
        match (&self.room, self.waiting.as_slice()) {
            (None, [only]) if frame.seq == 0 => {
                only.handle.send(&frame);
            }
            _ => self.room(open).do_send(Deliver(frame)),
        }
    }

    /// The topic's counter stands at `head`: whoever is here may have missed something.
    pub(super) fn stands_at(&mut self, head: u64, open: impl FnOnce() -> Addr<Room>) {
        let known = self.waiting.first().map_or(0, |first| first.subscription.head);
        if self.room.is_some() || known < head {
            self.room(open).do_send(Head(head));
        }
    }

    /// The room, opened for those who wait if there is none yet.
    pub(super) fn room(&mut self, open: impl FnOnce() -> Addr<Room>) -> &Addr<Room> {
        let Self { room, waiting, .. } = self;
        room.get_or_insert_with(|| {
            let room = open();
            for join in std::mem::take(waiting) {
                room.do_send(join);
            }
            room
        })
    }
}
