//! Where a room sends to: a connection, without naming the actor behind it.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix::prelude::*;

use crate::services::realtime::ReplayBuffer;
use crate::wire::frame::{AudienceFilter, Effect};
use crate::wire::{ChannelId, ConnectionId, Frame, SessionId, Topic, UserId};

/// Messages that may wait for a connection; its mailbox is its outbound queue.
pub(super) const QUEUE: u32 = 256;

/// Above this, what may be lost is dropped, and who is behind has to wait.
const CROWDED: u32 = QUEUE / 2;

/// Bytes that may wait for a connection; the frame with which they are reached is the last that it is sent until it has
/// taken some.
const BYTES: usize = 512 << 10;

/// What a connection is told. One message for all, because each kind would cost every connection another way in.
#[derive(Message)]
#[rtype(result = "()")]
pub enum SessionMessage {
    /// A frame to show.
    Show(Arc<Frame>),
    /// What follows of this topic begins after the position that the client went back to.
    Rewound(Topic),
    /// It has to end.
    End(CloseReason),
}

/// Why a connection has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It does not read what it is sent.
    Slow,
    /// Its login is over, or its account switched off.
    Ended,
    /// The server stops; the client should come back, to whatever node.
    GoingAway,
    /// Its client came back on another socket.
    Replaced,
    /// What it should hear next is no longer in the log.
    TooOld,
}

/// One connection, as hub and rooms know it.
pub struct ConnectionHandle {
    /// Which socket.
    pub connection: ConnectionId,
    /// What the client knows the connection by; it goes from socket to socket by resuming.
    pub name: ConnectionId,
    /// Whose.
    pub user: UserId,
    /// Whether they are a guest. Who becomes one, or is none any more, connects anew.
    pub guest: bool,
    /// In which login.
    pub session: SessionId,
    /// The way to it; full when the client does not read.
    pub recipient: Recipient<SessionMessage>,
    /// What the connection itself changes.
    pub state: Arc<State>,
}

/// What a connection shares with those who send to it.
#[derive(Default)]
pub struct State {
    /// Frames in its mailbox.
    pub queue: QueueDepth,
    /// What it was shown.
    pub replay: ReplaySlot,
    /// Which channel is on its screen.
    pub viewed: ViewedChannel,
}

/// The channel that a connection looks at.
#[derive(Debug, Default)]
pub struct ViewedChannel(AtomicU64);

impl ViewedChannel {
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
pub enum SendOutcome {
    /// In the mailbox.
    Queued,
    /// Not for this connection, or dropped because it may be.
    Skipped,
    /// The mailbox is full.
    Full,
    /// The connection is gone.
    Gone,
}

impl ConnectionHandle {
    /// Queues a frame. Ephemeral ones are dropped when the queue is half full.
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

    /// Says what has to be heard, however full the queue is.
    pub(super) fn tell(&self, word: SessionMessage) {
        self.recipient.do_send(word);
    }

    /// Whether the connection is one of those that a frame is for. Who is unsubscribed always hears why.
    fn is_meant(&self, frame: &Frame) -> bool {
        match frame.filter {
            AudienceFilter::Everybody => true,
            AudienceFilter::Viewers => self.state.viewed.is_on(frame.topic),
            AudienceFilter::Members => !self.guest || frame.effect == Effect::Unsubscribe(self.user),
            AudienceFilter::Guests => self.guest,
        }
    }
}

/// How many frames a connection took, and how many of them, of how many bytes, are still in its mailbox.
#[derive(Default)]
pub struct QueueDepth {
    queued: AtomicU32,
    taken: AtomicU32,
    bytes: AtomicUsize,
}

impl QueueDepth {
    /// A frame comes into the mailbox.
    fn put(&self, frame: &Frame) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(frame.size(), Ordering::Relaxed);
    }

    /// It did not after all.
    fn put_back(&self, frame: &Frame) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(frame.size(), Ordering::Relaxed);
    }

    /// A frame left the mailbox.
    pub fn take(&self, frame: &Frame) {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_sub(frame.size(), Ordering::Relaxed);
    }

    /// Whether the connection has space for more of what it missed, and still for something of what happens now.
    pub(super) fn has_space(&self) -> bool {
        self.depth() < CROWDED && !self.is_heavy()
    }

    /// Whether what is in the mailbox has as many bytes as may be.
    fn is_heavy(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= BYTES
    }

    /// Frames that left the mailbox so far, counted in a circle: whoever reads moves it.
    pub fn taken(&self) -> u32 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Frames in the mailbox.
    pub fn depth(&self) -> u32 {
        let depth = self.queued.load(Ordering::Relaxed).wrapping_sub(self.taken());
        // The two are not read at one moment.
        if depth > u32::MAX / 2 { 0 } else { depth }
    }
}

/// The replay buffer of a living connection. Whoever takes it away (because the client came back elsewhere, or may hear
/// no more) thereby keeps the socket from showing anything, however long its actor is stuck. Until it is put there,
/// nothing is shown either.
#[derive(Default)]
pub struct ReplaySlot(Mutex<Option<ReplayBuffer>>);

impl ReplaySlot {
    /// Begins, or goes on, with a replay buffer.
    pub fn put(&self, replay: Option<ReplayBuffer>) {
        *self.lock() = replay;
    }

    /// Takes the replay buffer away, once.
    pub fn take(&self) -> Option<ReplayBuffer> {
        self.lock().take()
    }

    /// Does something with the replay buffer if it is there.
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
