//! Where one connection stands in one topic: which frames are for it, in which order, and when it has lost its seat.
//! Pure: no actor, no clock, no database.

use super::outlet::Sent;
use crate::services::seats::Claim;
use crate::wire::frame::Effect;
use crate::wire::{Frame, UserId};

/// A position in a topic's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The number of the last frame that it was sent, or knew when it came.
    at: u64,
    /// The newest number of which it has felt the effect, on an account's own topic.
    felt: u64,
    /// The newest number at which it was seated. Whatever took the seat away before was overruled by that.
    renewed: u64,
    /// Whether frames after `at` have to be read for it. Until it is level again it is sent no others.
    behind: bool,
}

/// What came of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is not for it, or not now. Nothing is lost by that.
    Passed,
    /// It was sent, and is the first of its number.
    Heard,
    /// It was sent, after the connection went back: its effect was felt before.
    HeardAgain,
    /// The connection hears no more of this topic.
    Unseated,
    /// There is nobody behind the outlet any more.
    Gone,
}

impl Position {
    pub(super) fn new(claim: &Claim) -> Self {
        Self { at: claim.after, felt: claim.head, renewed: claim.renewed, behind: false }
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn is_behind(&self) -> bool {
        self.behind
    }

    /// Seated again: it stays where it is, so that nothing is sent twice and nothing left out.
    pub(super) fn renew(&mut self, renewed: u64) {
        self.renewed = self.renewed.max(renewed);
    }

    /// Goes back (or on) to a number: what follows it has to be read.
    pub(super) fn rewind(&mut self, at: u64) {
        (self.at, self.behind) = (at, true);
    }

    /// Compares with the newest number of the room: behind, or level.
    pub(super) fn measure(&mut self, last: u64) {
        self.behind = self.at < last;
    }

    /// A frame comes by as it happens.
    pub(super) fn hear(&mut self, frame: &Frame, user: UserId, send: impl FnOnce() -> Sent) -> Taken {
        if self.behind { Taken::Passed } else { self.read(frame, user, send) }
    }

    /// A frame that was read for it, or that it is level with. What cannot be sent now stays to be read: it is behind.
    pub(super) fn read(&mut self, frame: &Frame, user: UserId, send: impl FnOnce() -> Sent) -> Taken {
        if frame.seq == 0 {
            return if send() == Sent::Gone { Taken::Gone } else { Taken::Passed };
        }
        if frame.seq <= self.at {
            return Taken::Passed;
        }
        let sent = if frame.seq == self.at + 1 { send() } else { Sent::Full };
        match sent {
            Sent::Gone => Taken::Gone,
            Sent::Full => {
                self.behind = true;
                Taken::Passed
            }
            Sent::Queued | Sent::Skipped => self.pass(frame, user),
        }
    }

    fn pass(&mut self, frame: &Frame, user: UserId) -> Taken {
        self.at = frame.seq;
        if frame.effect == Effect::Unseat(user) {
            if frame.seq > self.renewed {
                return Taken::Unseated;
            }
            // What lies between losing the seat and getting it back is not for them.
            self.at = self.renewed;
        }
        let again = frame.seq <= self.felt;
        self.felt = self.felt.max(frame.seq);
        if again { Taken::HeardAgain } else { Taken::Heard }
    }
}
