//! The order of one topic on one node: which frames may be shown now, and which wait for earlier ones. Pure: no actor,
//! no clock, no database.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::wire::Frame;
use crate::wire::frame::Effect;

/// Frames that may wait for a gap to close. Those dropped beyond are in the log.
const MAX_WAITING: usize = 1024;

/// Frames kept for connections that join a little late.
const RECENT: usize = 64;

/// Frames kept while a member is behind, so that not every such member has to read the log.
const RECENT_WHILE_BEHIND: usize = 1024;

/// Bytes of the frames that are kept for connections that join late, and while a member is behind.
const RECENT_BYTES: usize = 256 << 10;
const RECENT_BYTES_WHILE_BEHIND: usize = 4 << 20;

/// Bytes of the frames that wait for a gap to close.
const WAITING_BYTES: usize = 4 << 20;

/// Bytes of the frames that all rooms of this process keep, waiting or recent. Rooms that find this reached keep none:
/// the frames are in the log.
const ALL_BYTES: usize = 64 << 20;

/// Bytes of the frames that they keep now.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// The numbers that were delivered, and frames that arrived too early.
#[derive(Default)]
pub(super) struct Sequence {
    last: u64,
    waiting: BTreeMap<u64, Arc<Frame>>,
    recent: VecDeque<Arc<Frame>>,
    waiting_bytes: Bytes,
    recent_bytes: Bytes,
    somebody_is_behind: bool,
}

impl Sequence {
    /// The number of the newest frame that was delivered.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Counts everything up to `seq` as delivered: a room begins at the head that its first connection knows.
    pub(super) fn begin(&mut self, seq: u64) {
        self.last = self.last.max(seq);
    }

    /// Takes a durable frame. Answers the frames that are now in order: none if it is a duplicate or arrived too early.
    pub(super) fn offer(&mut self, frame: Arc<Frame>) -> Vec<Arc<Frame>> {
        if frame.seq <= self.last {
            return Vec::new();
        }
        if frame.seq > self.last + 1 {
            self.wait(frame);
            return Vec::new();
        }
        let mut ready = vec![frame];
        self.last += 1;
        while let Some(next) = self.waiting.remove(&(self.last + 1)) {
            self.last += 1;
            self.waiting_bytes.remove(&next);
            ready.push(next);
        }
        while let Some(passed) = self.waiting.first_entry().filter(|first| *first.key() <= self.last) {
            self.waiting_bytes.remove(&passed.remove());
        }
        self.remember(&ready);
        ready
    }

    /// Whether frames wait for earlier ones that have not arrived.
    pub(super) fn has_gap(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Sets whether a member is behind and will ask for older frames than usual.
    pub(super) fn behind(&mut self, somebody: bool) {
        self.somebody_is_behind = somebody;
    }

    /// The remembered frames after `seq`, oldest first, at most `limit`; `None` if the next one is not remembered any
    /// more.
    pub(super) fn recent_after(&self, seq: u64, limit: usize) -> Option<Vec<Arc<Frame>>> {
        let oldest = self.recent.front().map_or(self.last + 1, |f| f.seq);
        let known = usize::try_from((seq + 1).checked_sub(oldest)?).ok()?;
        Some(self.recent.iter().skip(known).take(limit).cloned().collect())
    }

    /// Keeps a frame until those before it have arrived, if there is space.
    fn wait(&mut self, frame: Arc<Frame>) {
        let fits = self.waiting_bytes.0 + frame.size() <= WAITING_BYTES && Bytes::of_all() <= ALL_BYTES;
        // At least one is kept: by it the room knows that something is missing.
        if self.waiting.is_empty() || (self.waiting.len() < MAX_WAITING && fits) {
            self.waiting_bytes.add(&frame);
            if let Some(before) = self.waiting.insert(frame.seq, frame) {
                self.waiting_bytes.remove(&before);
            }
        }
    }

    fn forget(&mut self) {
        for frame in self.recent.drain(..) {
            self.recent_bytes.remove(&frame);
        }
    }

    /// Keeps frames for late joiners. An erasing frame drops the earlier ones: the log has the blanked versions.
    fn remember(&mut self, frames: &[Arc<Frame>]) {
        let (kept, bytes) = if self.somebody_is_behind {
            (RECENT_WHILE_BEHIND, RECENT_BYTES_WHILE_BEHIND)
        } else {
            (RECENT, RECENT_BYTES)
        };
        for frame in frames {
            if frame.effect == Effect::Erase {
                self.forget();
            }
            self.recent_bytes.add(frame);
            self.recent.push_back(frame.clone());
        }
        while self.recent.len() > kept || self.recent_bytes.0 > bytes || Bytes::of_all() > ALL_BYTES {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.recent_bytes.remove(&oldest);
        }
    }
}

/// Bytes of some of the frames that a room keeps; they are counted in the total of all rooms too.
#[derive(Default)]
struct Bytes(usize);

impl Bytes {
    fn add(&mut self, frame: &Frame) {
        self.0 += frame.size();
        KEPT.fetch_add(frame.size(), Ordering::Relaxed);
    }

    fn remove(&mut self, frame: &Frame) {
        self.0 -= frame.size();
        KEPT.fetch_sub(frame.size(), Ordering::Relaxed);
    }

    /// Bytes that all rooms keep.
    fn of_all() -> usize {
        KEPT.load(Ordering::Relaxed)
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        KEPT.fetch_sub(self.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::frame::AudienceFilter;
    use crate::wire::{ChannelId, Topic};

    fn frame(seq: u64) -> Arc<Frame> {
        let topic = Topic::Channel(ChannelId(uuid::Uuid::nil()));
        Arc::new(Frame {
            topic,
            seq,
            effect: Effect::None,
            omit: None,
            filter: AudienceFilter::Everybody,
            body: "".into(),
        })
    }

    fn offer(sequence: &mut Sequence, seq: u64) -> Vec<u64> {
        sequence.offer(frame(seq)).iter().map(|f| f.seq).collect()
    }

    #[test]
    fn what_comes_early_waits_and_what_comes_twice_is_dropped() {
        let mut sequence = Sequence::default();
        sequence.begin(10);
        assert!(offer(&mut sequence, 10).is_empty());
        assert!(offer(&mut sequence, 12).is_empty());
        assert!(sequence.has_gap());
        assert_eq!(offer(&mut sequence, 11), [11, 12]);
        assert!(offer(&mut sequence, 12).is_empty());
        assert!(!sequence.has_gap());
    }

    #[test]
    fn recent_frames_are_remembered_or_known_to_be_forgotten() {
        let mut sequence = Sequence::default();
        for seq in 1..=100 {
            offer(&mut sequence, seq);
        }
        let after = |sequence: &Sequence, seq| {
            sequence.recent_after(seq, 2).map(|f| f.iter().map(|f| f.seq).collect::<Vec<_>>())
        };
        assert_eq!(after(&sequence, 98), Some(vec![99, 100]));
        assert_eq!(after(&sequence, 100), Some(vec![]));
        assert_eq!(after(&sequence, 40), Some(vec![41, 42]), "no more than was asked for");
        assert_eq!(after(&sequence, 10), None);
        sequence.behind(true);
        for seq in 101..=200 {
            offer(&mut sequence, seq);
        }
        assert_eq!(after(&sequence, 37), Some(vec![38, 39]), "more is kept while it is needed");
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let fat = |seq| Arc::new(Frame { body: "x".repeat(800_000).into(), ..(*frame(seq)).clone() });
        let mut sequence = Sequence::default();
        for seq in 1..=50 {
            assert_eq!(sequence.offer(fat(seq)).len(), 1, "all are delivered");
            assert!(sequence.recent_bytes.0 <= RECENT_BYTES);
        }
        assert!(sequence.recent_after(49, 1).is_none(), "and read from the log by whoever lacks them");
        sequence.behind(true);
        for seq in 51..=100 {
            sequence.offer(fat(seq));
            assert!(sequence.recent_bytes.0 <= RECENT_BYTES_WHILE_BEHIND);
        }
        assert_eq!(sequence.recent_after(98, 9).map(|frames| frames.len()), Some(2));
        for seq in 102..=150 {
            sequence.offer(fat(seq));
            assert!(sequence.waiting_bytes.0 <= WAITING_BYTES);
        }
        assert_eq!(sequence.offer(fat(101)).len(), 6, "those that wait come with the one that was missing");
        assert_eq!((sequence.waiting_bytes.0, sequence.last()), (0, 106));
    }

    #[test]
    fn what_an_event_makes_blank_is_remembered_no_longer() {
        let mut sequence = Sequence::default();
        for seq in 1..=3 {
            offer(&mut sequence, seq);
        }
        let erase = Frame { effect: Effect::Erase, ..(*frame(5)).clone() };
        assert!(sequence.offer(Arc::new(erase)).is_empty());
        assert_eq!(offer(&mut sequence, 4), [4, 5], "shown to those who are level");
        for seq in 0..4 {
            assert!(sequence.recent_after(seq, 9).is_none(), "{seq}: to be read of the log");
        }
        assert_eq!(sequence.recent_after(4, 9).map(|f| f.len()), Some(1));
    }

    proptest! {
        #[test]
        fn any_order_with_duplicates_gives_each_once_in_order(
            order in Just((1..=60u64).collect::<Vec<_>>()).prop_shuffle(),
            again in proptest::collection::vec(1..=60u64, 0..60),
        ) {
            let mut sequence = Sequence::default();
            let mut seen = Vec::new();
            for (i, seq) in order.iter().enumerate() {
                seen.extend(offer(&mut sequence, *seq));
                if let Some(seq) = again.get(i) {
                    seen.extend(offer(&mut sequence, *seq));
                }
            }
            for seq in 1..=60 {
                seen.extend(offer(&mut sequence, seq));
            }
            prop_assert_eq!(seen, (1..=60).collect::<Vec<_>>());
            prop_assert!(!sequence.has_gap());
        }
    }
}
