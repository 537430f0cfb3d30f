//! Where a room sends to: a connection, without naming the actor behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix::prelude::*;

use crate::wire::{ConnectionId, Frame, SessionId, UserId};

/// Messages that may wait for a connection; its mailbox is its outbound queue.
pub(super) const QUEUE: usize = 256;

/// A frame to show.
#[derive(Message, Clone)]
#[rtype(result = "()")]
pub struct Deliver(pub Arc<Frame>);

/// The connection has to end.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq)]
#[rtype(result = "()")]
pub enum Close {
    /// It does not read what it is sent.
    Slow,
    /// Its login is over, or its account switched off.
    Ended,
    /// The server stops; the client should come back, to whatever node.
    GoingAway,
}

/// One connection, as hub and rooms know it.
#[derive(Clone)]
pub struct Outlet {
    /// Which connection.
    pub connection: ConnectionId,
    /// Whose.
    pub user: UserId,
    /// In which login.
    pub session: SessionId,
    /// Takes frames; full when the client does not read.
    pub deliver: Recipient<Deliver>,
    /// Ends it.
    pub close: Recipient<Close>,
    /// Frames in its mailbox.
    pub depth: Arc<AtomicU32>,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// In the mailbox.
    Queued,
    /// Not for this connection, or dropped because it may be.
    Skipped,
    /// The mailbox is full.
    Full,
    /// The connection is gone.
    Gone,
}

impl Outlet {
    /// Queues a frame. Ephemeral ones are dropped when the queue is half full.
    pub fn send(&self, frame: &Arc<Frame>) -> Sent {
        let omitted = frame.omit == Some(self.user);
        let crowded = frame.seq == 0 && self.depth.load(Ordering::Relaxed) as usize > QUEUE / 2;
        if omitted || crowded || frame.body.is_empty() {
            return Sent::Skipped;
        }
        match self.deliver.try_send(Deliver(frame.clone())) {
            Ok(()) => {
                self.depth.fetch_add(1, Ordering::Relaxed);
                Sent::Queued
            }
            Err(SendError::Full(_)) => Sent::Full,
            Err(SendError::Closed(_)) => Sent::Gone,
        }
    }
}
