//! A connection's membership of a room: which frames it is sent, what their effects do to it, and when it is evicted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::{CloseReason, ConnectionHandle};
use super::position::{FrameOutcome, Position};
use super::report::{Report, Reports};
use crate::services::channels::subscriptions::Subscription;
use crate::wire::Frame;
use crate::wire::frame::Effect;

/// How long a connection that is behind may take nothing before it counts as slow.
const PATIENCE: Duration = Duration::from_secs(10);

/// A room's member: one connection and its position.
pub(super) struct RoomMember {
    pub(super) handle: Arc<ConnectionHandle>,
    pub(super) position: Position,
    /// The number of the join, by which the hub recognises the membership when it ends.
    pub(super) join_id: u64,
    /// The room's turn at which the log was last read for it.
    pub(super) turn: u64,
    /// Since when it has taken nothing although it is behind, and how many frames it had taken by then.
    stuck: Option<(Instant, u32)>,
}

impl RoomMember {
    pub(super) fn new(handle: Arc<ConnectionHandle>, position: Position, join_id: u64, turn: u64) -> Self {
        Self { handle, position, join_id, turn, stuck: None }
    }

    /// Notes that it is not behind.
    pub(super) fn is_level(&mut self) {
        self.stuck = None;
    }

    /// Sends it the next of these consecutive frames, as long as there is space. Answers whether it stays.
    pub(super) fn take(&mut self, frames: &[Arc<Frame>], reports: &Reports) -> bool {
        for frame in frames {
            if frame.seq > self.position.at() + 1 || !self.has_space() {
                return true;
            }
            let handle = &self.handle;
            let taken = self.position.read(frame, handle.user, || handle.send(frame));
            if !self.follow(taken, frame, reports) {
                return false;
            }
        }
        true
    }

    /// Sends it a new frame, unless it is behind. Answers whether it stays.
    pub(super) fn hear(&mut self, frame: &Arc<Frame>, reports: &Reports) -> bool {
        let handle = &self.handle;
        let taken = self.position.hear(frame, handle.user, || handle.send(frame));
        self.follow(taken, frame, reports)
    }

    /// Applies the effect of a frame that was sent. Answers whether the member stays.
    fn follow(&self, taken: FrameOutcome, frame: &Frame, reports: &Reports) -> bool {
        let connection = self.handle.connection;
        match taken {
            FrameOutcome::Passed => return true,
            // The connection's end is on the way to the reports, which keeps its entry until then.
            FrameOutcome::Gone => return false,
            FrameOutcome::Unsubscribed => {
                reports.do_send(Report::Left { connection, topic: frame.topic, join_id: self.join_id });
                return false;
            }
            FrameOutcome::Heard | FrameOutcome::HeardAgain => {}
        }
        match &frame.effect {
            Effect::Subscribe(topics) if taken == FrameOutcome::Heard => {
                let subscriptions =
                    topics.iter().map(|(topic, seq)| Subscription::at(*topic, *seq)).collect();
                reports.do_send(Report::Subscribed { connection, subscriptions });
            }
            Effect::Close(session) => {
                let ends = session.map_or(taken == FrameOutcome::Heard, |s| s == self.handle.session);
                if ends {
                    self.evict(reports, CloseReason::Ended);
                    return false;
                }
            }
            Effect::None | Effect::Subscribe(_) | Effect::Unsubscribe(_) | Effect::Erase => {}
        }
        true
    }

    /// Whether it can be sent frames that it missed, and still some new ones.
    pub(super) fn has_space(&self) -> bool {
        self.handle.state.queue.has_space()
    }

    /// Whether the connection still takes frames from time to time; one that does not is evicted as slow.
    pub(super) fn is_patient(&mut self, reports: &Reports) -> bool {
        let taken = self.handle.state.queue.taken();
        match self.stuck {
            Some((since, seen)) if seen == taken => {
                if since.elapsed() > PATIENCE {
                    self.evict(reports, CloseReason::Slow);
                    return false;
                }
            }
            _ => self.stuck = Some((Instant::now(), taken)),
        }
        true
    }

    pub(super) fn evict(&self, reports: &Reports, close: CloseReason) {
        reports.do_send(Report::Evicted { connection: self.handle.connection, close });
    }
}
