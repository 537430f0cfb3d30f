//! Where a room sends to: a connection, without naming the actor behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use actix::prelude::*;

use crate::wire::{ChannelId, ConnectionId, Frame, SessionId, Topic, UserId};

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
    /// Which channel is on its screen.
    pub gaze: Arc<Gaze>,
}

/// The channel that a connection looks at.
#[derive(Debug, Default)]
pub struct Gaze(AtomicU64);

impl Gaze {
    /// From now on it looks at `channel`, or at none.
    pub fn turn(&self, channel: Option<ChannelId>) {
        self.0.store(channel.map_or(0, mark), Ordering::Relaxed);
    }

    fn is_on(&self, topic: Topic) -> bool {
        matches!(topic, Topic::Channel(channel) if self.0.load(Ordering::Relaxed) == mark(channel))
    }
}

/// What tells a channel apart from those around it: the half of its identifier that is random.
fn mark(channel: ChannelId) -> u64 {
    channel.0.as_u64_pair().1
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
        let omitted = frame.omit == Some(self.user) || (frame.for_lookers && !self.gaze.is_on(frame.topic));
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
