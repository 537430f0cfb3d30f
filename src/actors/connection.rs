//! The connection handle: what hub and rooms hold of a connection and send to, without naming the actor behind it.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix::prelude::*;

use crate::services::realtime::ReplayBuffer;
use crate::wire::frame::{AudienceFilter, Effect};
use crate::wire::{ChannelId, ConnectionId, Frame, SessionId, Topic, UserId};

/// Messages that may wait for a connection; its mailbox is its outbound queue.
pub(super) const QUEUE: u32 = 256;

/// Queued messages above which ephemeral frames are dropped, and a connection that is behind is sent nothing more.
const CROWDED: u32 = QUEUE / 2;

/// Bytes that may wait for a connection. The frame that reaches this bound is still sent; the next one only after the
/// connection has taken some.
const BYTES: usize = 512 << 10;

/// A message from hub or room to a connection. One type for all kinds, because each type would need a recipient of its
/// own in every connection.
#[derive(Message)]
#[rtype(result = "()")]
pub enum SessionMessage {
    /// A frame to show.
    Show(Arc<Frame>),
    /// Marks the point in the stream after which frames of the topic follow the position that the client went back to.
    Rewound(Topic),
    /// The topic's room has died. Everything that it sent is before this; the connection asks for what follows.
    RoomLost(Topic),
    /// Tells the connection to end.
    End(CloseReason),
}

/// The reason why a connection has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client does not read what it is sent.
    Slow,
    /// The login has ended, or the account is deactivated.
    Ended,
    /// The server stops; the client should reconnect, to any node.
    GoingAway,
    /// The client resumed the connection on another socket.
    Replaced,
    /// The frames that the connection lacks are no longer in the log.
    TooOld,
    /// A part of the server died that served the connection; the client should resume it.
    Interrupted,
}

/// One connection, as hub and rooms know it.
pub struct ConnectionHandle {
    /// The identifier of the socket.
    pub connection: ConnectionId,
    /// The identifier by which the client knows the connection; resuming carries it from socket to socket.
    pub name: ConnectionId,
    /// The account that the connection belongs to.
    pub user: UserId,
    /// Whether the account is a guest. An account that becomes one, or ceases to be one, reconnects.
    pub guest: bool,
    /// The login that the connection uses.
    pub session: SessionId,
    /// The recipient of messages to the connection; full when the client does not read.
    pub recipient: Recipient<SessionMessage>,
    /// The state that the connection itself changes.
    pub state: Arc<State>,
}

/// The state that a connection shares with the hub and the rooms that send to it.
#[derive(Default)]
pub struct State {
    /// The frames in its mailbox.
    pub queue: QueueDepth,
    /// The replay buffer with the frames that it was shown.
    pub replay: ReplaySlot,
    /// The channel on its screen.
    pub viewed: ViewedChannel,
}

/// The channel that a connection has on its screen.
#[derive(Debug, Default)]
pub struct ViewedChannel(AtomicU64);

impl ViewedChannel {
    /// Sets the channel on the screen, or none.
    pub fn turn(&self, channel: Option<ChannelId>) {
        self.0.store(channel.map_or(0, mark), Ordering::Relaxed);
    }

    fn is_on(&self, topic: Topic) -> bool {
        matches!(topic, Topic::Channel(channel) if self.0.load(Ordering::Relaxed) == mark(channel))
    }
}

/// The random half of a channel's identifier, by which a channel is told apart from others.
fn mark(channel: ChannelId) -> u64 {
    channel.0.as_u64_pair().1
}

/// The outcome of sending a frame to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendOutcome {
    /// The frame is in the mailbox.
    Queued,
    /// The frame is not for this connection, or is ephemeral and was dropped.
    Skipped,
    /// The mailbox is full.
    Full,
    /// The connection is gone.
    Gone,
}

impl ConnectionHandle {
    /// Queues a frame. Ephemeral frames are dropped when the queue is half full.
    pub fn send(&self, frame: &Arc<Frame>) -> SendOutcome {
        let omitted = frame.omit == Some(self.user) || !self.is_meant(frame);
        let queue = &self.state.queue;
        let crowded = frame.seq == 0 && (queue.depth() > CROWDED || queue.is_heavy());
        if omitted || crowded || frame.body.is_empty() {
            return SendOutcome::Skipped;
        }
        if queue.is_heavy() {
            return SendOutcome::Full;
        }
        queue.put(frame);
        let refused = match self.recipient.try_send(SessionMessage::Show(frame.clone())) {
            Ok(()) => return SendOutcome::Queued,
            Err(SendError::Full(_)) => SendOutcome::Full,
            Err(SendError::Closed(_)) => SendOutcome::Gone,
        };
        queue.put_back(frame);
        refused
    }

    /// Sends a message that must arrive, however full the queue is.
    pub(super) fn tell(&self, word: SessionMessage) {
        self.recipient.do_send(word);
    }

    /// Whether the frame's audience filter includes the connection. An account that is unsubscribed always gets that
    /// frame.
    fn is_meant(&self, frame: &Frame) -> bool {
        match frame.filter {
            AudienceFilter::Everybody => true,
            AudienceFilter::Viewers => self.state.viewed.is_on(frame.topic),
            AudienceFilter::Members => !self.guest || frame.effect == Effect::Unsubscribe(self.user),
            AudienceFilter::Guests => self.guest,
        }
    }
}

/// Counters of the frames that a connection was sent and took, and the bytes that are still in its mailbox.
#[derive(Default)]
pub struct QueueDepth {
    queued: AtomicU32,
    taken: AtomicU32,
    bytes: AtomicUsize,
}

impl QueueDepth {
    /// Counts a frame that is put into the mailbox.
    fn put(&self, frame: &Frame) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(frame.size(), Ordering::Relaxed);
    }

    /// Undoes `put` for a frame that the mailbox refused.
    fn put_back(&self, frame: &Frame) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(frame.size(), Ordering::Relaxed);
    }

    /// Counts a frame that left the mailbox.
    pub fn take(&self, frame: &Frame) {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_sub(frame.size(), Ordering::Relaxed);
    }

    /// Whether the mailbox has space for frames that the connection missed, and still for some new ones.
    pub(super) fn has_space(&self) -> bool {
        self.depth() < CROWDED && !self.is_heavy()
    }

    /// Whether the mailbox holds as many bytes as it may.
    fn is_heavy(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= BYTES
    }

    /// Frames that left the mailbox so far, wrapping at `u32::MAX`: it changes as long as the client reads.
    pub fn taken(&self) -> u32 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Frames in the mailbox.
    pub fn depth(&self) -> u32 {
        let depth = self.queued.load(Ordering::Relaxed).wrapping_sub(self.taken());
        // The two counters are not read at the same moment.
        if depth > u32::MAX / 2 { 0 } else { depth }
    }
}

/// The replay buffer of a living connection. Taking it away (because the client resumed on another socket, or may hear
/// no more) keeps the socket from showing anything, however long its actor is stuck. Nothing is shown before it is put
/// there either.
#[derive(Default)]
pub struct ReplaySlot(Mutex<Option<ReplayBuffer>>);

impl ReplaySlot {
    /// Puts a replay buffer here, a new one or one that is resumed.
    pub fn put(&self, replay: Option<ReplayBuffer>) {
        *self.lock() = replay;
    }

    /// Takes the replay buffer away; `None` if it was taken before.
    pub fn take(&self) -> Option<ReplayBuffer> {
        self.lock().take()
    }

    /// Calls `work` with the replay buffer if it is there.
    pub fn with<T>(&self, work: impl FnOnce(&mut ReplayBuffer) -> T) -> Option<T> {
        self.lock().as_mut().map(work)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ReplayBuffer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_connection_is_bounded_in_bytes() {
        let topic = Topic::Channel(ChannelId::new());
        let (effect, body) = (Effect::None, "x".repeat(200_000).into());
        let fat = Frame { topic, seq: 1, effect, omit: None, filter: AudienceFilter::Everybody, body };
        let queue = QueueDepth::default();
        for _ in 0..3 {
            assert!(queue.has_space());
            queue.put(&fat);
        }
        assert!(queue.is_heavy() && !queue.has_space());
        queue.put(&fat);
        queue.put_back(&fat);
        queue.take(&fat);
        assert!(queue.has_space() && queue.depth() == 2);
    }
}
