//! A connection's seat in a room: what it is sent, what an event does to it, and when it is lost patience with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::hub::{Evict, Gone, Hub, Subscribe};
use super::outlet::{Close, Outlet};
use super::position::{Position, Taken};
use crate::services::seats::Claim;
use crate::wire::Frame;
use crate::wire::frame::Effect;

/// How long a connection that is behind may take nothing before it counts as slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// The seat of one connection.
pub(super) struct Seat {
    pub(super) outlet: Arc<Outlet>,
    pub(super) position: Position,
    /// The number by which the hub knows it when it is given up.
    pub(super) ticket: u64,
    /// When the log was last read for it, in turns.
    pub(super) turn: u64,
    /// Since when it has taken nothing although it is behind, and how many frames it had taken by then.
    stuck: Option<(Instant, u32)>,
}

impl Seat {
    pub(super) fn new(outlet: Arc<Outlet>, position: Position, ticket: u64, turn: u64) -> Self {
        Self { outlet, position, ticket, turn, stuck: None }
    }

    /// It lacks nothing.
    pub(super) fn is_level(&mut self) {
        self.stuck = None;
    }

    /// Takes of frames that lie one after the other what comes next for it, as long as there is space. Answers
    /// whether it stays.
    pub(super) fn take(&mut self, frames: &[Arc<Frame>], hub: &Addr<Hub>) -> bool {
        for frame in frames {
            if frame.seq > self.position.at() + 1 || !self.has_space() {
                return true;
            }
            let outlet = &self.outlet;
            let taken = self.position.read(frame, outlet.user, || outlet.send(frame));
            if !self.follow(taken, frame, hub) {
                return false;
            }
        }
        true
    }

    /// Takes a frame as it happens, if it lacks nothing. Answers whether it stays.
    pub(super) fn hear(&mut self, frame: &Arc<Frame>, hub: &Addr<Hub>) -> bool {
        let outlet = &self.outlet;
        let taken = self.position.hear(frame, outlet.user, || outlet.send(frame));
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
            Effect::None | Effect::Seat(_) | Effect::Unseat(_) | Effect::Erase => {}
        }
        true
    }

    /// Whether it can be sent more of what it missed, and still something of what happens now.
    pub(super) fn has_space(&self) -> bool {
        self.outlet.state.gauge.has_space()
    }

    /// Whether the connection takes something from time to time. One that does not is ended.
    pub(super) fn is_patient(&mut self, hub: &Addr<Hub>) -> bool {
        let taken = self.outlet.state.gauge.taken();
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

    pub(super) fn evict(&self, hub: &Addr<Hub>, close: Close) {
        hub.do_send(Evict { connection: self.outlet.connection, close });
    }
}
