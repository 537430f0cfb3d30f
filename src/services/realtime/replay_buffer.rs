//! The replay buffer of a connection: its event counter, its newest events, and its position in every topic. With it
//! the connection can be resumed on another socket exactly where its client lost it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::wire::{Frame, Topic, UserId};

/// Events that can be sent again. A client that was cut off lacks the events in flight, and no more.
pub const REPLAY_EVENTS: usize = 1024;

/// Bytes of these events. Beyond them the oldest are dropped.
pub const REPLAY_BYTES: usize = 2 << 20;

/// The replay buffer of one connection.
#[derive(Debug, Clone)]
pub struct ReplayBuffer {
    /// The account of the connection: nobody else may resume it.
    pub user: UserId,
    /// The number of the next event.
    next: u64,
    /// The newest events, the last of which has the number before `next`.
    ring: VecDeque<Arc<Frame>>,
    /// Bytes of these events.
    bytes: usize,
    /// For each topic the number in its log after which the connection hears it.
    positions: BTreeMap<Topic, u64>,
}

impl ReplayBuffer {
    /// The replay buffer of a new connection.
    pub fn new(user: UserId) -> Self {
        Self::of(user, 0, VecDeque::new(), BTreeMap::new())
    }

    pub(super) fn of(
        user: UserId,
        next: u64,
        ring: VecDeque<Arc<Frame>>,
        positions: BTreeMap<Topic, u64>,
    ) -> Self {
        let bytes = ring.iter().map(|frame| frame.size()).sum();
        Self { user, next, ring, bytes, positions }
    }

    /// Counts `hello`: it has a number like every event, but is not kept. A client that did not get it does not know
    /// the connection's identifier, and so cannot resume it.
    pub fn greet(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Records that an event is shown. Answers its number on this connection.
    pub fn record(&mut self, frame: &Arc<Frame>) -> u64 {
        self.ring.push_back(frame.clone());
        self.bytes += frame.size();
        while self.ring.len() > REPLAY_EVENTS || self.bytes > REPLAY_BYTES {
            let Some(oldest) = self.ring.pop_front() else { break };
            self.bytes -= oldest.size();
        }
        if frame.seq > 0 {
            self.positions.insert(frame.topic, frame.seq);
        }
        self.next += 1;
        self.next - 1
    }

    /// The number of the next event.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The events from number `from` on; `None` unless all of them are still here.
    pub fn since(&self, from: u64) -> Option<impl Iterator<Item = &Arc<Frame>>> {
        let missed = usize::try_from(self.next.checked_sub(from)?).ok()?;
        Some(self.ring.iter().skip(self.ring.len().checked_sub(missed)?))
    }

    /// For each topic the number after which the connection hears it.
    pub fn positions(&self) -> &BTreeMap<Topic, u64> {
        &self.positions
    }

    /// Sets the positions that the client goes to, back or forward.
    pub fn rewind(&mut self, positions: &[(Topic, u64)]) {
        self.positions.extend(positions.iter().copied());
    }

    /// Drops every topic but those that the connection is subscribed to, each with the number at which that began: if
    /// nothing was shown since, that is its position.
    pub fn keep(&mut self, subscriptions: impl Iterator<Item = (Topic, u64)>) {
        let shown = std::mem::take(&mut self.positions);
        let position = |(topic, after): (Topic, u64)| {
            let shown = shown.get(&topic).copied().unwrap_or(0);
            (topic, shown.max(after))
        };
        self.positions = subscriptions.map(position).collect();
    }

    /// Bytes of the events that can be sent again.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn ring(&self) -> impl Iterator<Item = &Arc<Frame>> {
        self.ring.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ChannelId;
    use crate::wire::frame::{AudienceFilter, Effect};

    fn frame(topic: Topic, seq: u64) -> Arc<Frame> {
        Arc::new(Frame {
            topic,
            seq,
            effect: Effect::None,
            omit: None,
            filter: AudienceFilter::Everybody,
            body: "{".into(),
        })
    }

    #[test]
    fn the_newest_events_can_be_had_again_from_any_number_that_is_still_there() {
        let topic = Topic::Channel(ChannelId::new());
        let mut replay = ReplayBuffer::new(UserId::new());
        let shown = REPLAY_EVENTS as u64 + 10;
        for seq in 1..=shown {
            assert_eq!(replay.record(&frame(topic, seq)), seq - 1);
        }
        let from = |n| replay.since(n).map(|frames| frames.map(|f| f.seq).collect::<Vec<_>>());
        assert_eq!(from(shown), Some(vec![]));
        assert_eq!(from(shown - 2), Some(vec![shown - 1, shown]));
        assert_eq!(from(10).map(|all| all.len()), Some(REPLAY_EVENTS));
        assert_eq!(from(9), None, "too old");
        assert_eq!(from(shown + 1), None, "never sent");
    }

    #[test]
    fn a_trail_is_bounded_in_bytes() {
        let topic = Topic::Channel(ChannelId::new());
        let mut replay = ReplayBuffer::new(UserId::new());
        let fat = |seq, bytes: usize| {
            let body = "x".repeat(bytes).into();
            Arc::new(Frame {
                topic,
                seq,
                effect: Effect::None,
                omit: None,
                filter: AudienceFilter::Everybody,
                body,
            })
        };
        for seq in 1..=250 {
            replay.record(&fat(seq, 800_000));
            assert!(replay.bytes() <= REPLAY_BYTES, "{}", replay.bytes());
        }
        let from = |replay: &ReplayBuffer, n| {
            replay.since(n).map(|frames| frames.map(|f| f.seq).collect::<Vec<_>>())
        };
        assert_eq!(from(&replay, 248), Some(vec![249, 250]));
        assert_eq!(from(&replay, 247), None, "the oldest went first");
        replay.record(&fat(251, REPLAY_BYTES));
        assert_eq!(
            (from(&replay, 251), from(&replay, 250)),
            (Some(vec![]), None),
            "what is too large is not kept"
        );
        assert_eq!(replay.bytes(), 0);
        replay.record(&frame(topic, 252));
        assert_eq!(from(&replay, 251), Some(vec![252]));
    }

    #[test]
    fn hello_has_a_number_and_cannot_be_had_again() {
        let mut replay = ReplayBuffer::new(UserId::new());
        assert_eq!(replay.greet(), 0);
        assert_eq!(replay.record(&frame(Topic::Channel(ChannelId::new()), 1)), 1);
        assert_eq!(replay.since(1).map(Iterator::count), Some(1));
        assert!(replay.since(0).is_none());
    }

    #[test]
    fn a_position_is_what_was_shown_last_or_where_the_subscription_began() {
        let [heard, silent, left] = [(); 3].map(|()| Topic::Channel(ChannelId::new()));
        let mut replay = ReplayBuffer::new(UserId::new());
        replay.record(&frame(heard, 7));
        replay.record(&frame(left, 9));
        replay.record(&frame(heard, 0));
        replay.keep([(heard, 3), (silent, 5)].into_iter());
        assert_eq!(replay.positions(), &BTreeMap::from([(heard, 7), (silent, 5)]));
    }
}
