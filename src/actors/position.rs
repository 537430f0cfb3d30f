//! The position of one connection in one topic: which frames are for it, in which order, and when it is unsubscribed.
//! Pure: no actor, no clock, no database.

use super::connection::SendOutcome;
use crate::services::channels::subscriptions::Subscription;
use crate::wire::frame::Effect;
use crate::wire::{Frame, UserId};

/// A position in a topic's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The number of the last frame that the connection was sent, or knew when it joined.
    at: u64,
    /// The newest number whose effect was applied, on an account's own topic.
    felt: u64,
    /// The newest number at which it was subscribed. An earlier event that unsubscribes it is ignored.
    renewed: u64,
    /// Whether frames after `at` have to be read for it. Until it is level again it is sent no others.
    behind: bool,
}

/// The outcome of offering a frame to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameOutcome {
    /// The frame is not for the connection, or not now. Nothing is lost by that.
    Passed,
    /// The frame was sent, for the first time.
    Heard,
    /// The frame was sent again, after the connection went back: its effect was applied before.
    HeardAgain,
    /// The connection hears no more of this topic.
    Unsubscribed,
    /// The connection's actor is gone.
    Gone,
}

impl Position {
    pub(super) fn new(subscription: &Subscription) -> Self {
        Self { at: subscription.after, felt: subscription.head, renewed: subscription.renewed, behind: false }
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn is_behind(&self) -> bool {
        self.behind
    }

    /// Notes a new subscription. The position stays, so that nothing is sent twice and nothing left out.
    pub(super) fn renew(&mut self, renewed: u64) {
        self.renewed = self.renewed.max(renewed);
    }

    /// Moves to a number, back or forward; the frames after it have to be read.
    pub(super) fn rewind(&mut self, at: u64) {
        (self.at, self.behind) = (at, true);
    }

    /// Compares with the room's newest number: the position is behind, or level.
    pub(super) fn measure(&mut self, last: u64) {
        self.behind = self.at < last;
    }

    /// Offers a new frame. A position that is behind passes over it and reads it later.
    pub(super) fn hear(
        &mut self,
        frame: &Frame,
        user: UserId,
        send: impl FnOnce() -> SendOutcome,
    ) -> FrameOutcome {
        if self.behind { FrameOutcome::Passed } else { self.read(frame, user, send) }
    }

    /// Offers a frame in its order. If it cannot be sent now, the position is behind, and the frame is read again
    /// later.
    pub(super) fn read(
        &mut self,
        frame: &Frame,
        user: UserId,
        send: impl FnOnce() -> SendOutcome,
    ) -> FrameOutcome {
        if frame.seq == 0 {
            return if send() == SendOutcome::Gone { FrameOutcome::Gone } else { FrameOutcome::Passed };
        }
        if frame.seq <= self.at {
            return FrameOutcome::Passed;
        }
        let sent = if frame.seq == self.at + 1 { send() } else { SendOutcome::Full };
        match sent {
            SendOutcome::Gone => FrameOutcome::Gone,
            SendOutcome::Full => {
                self.behind = true;
                FrameOutcome::Passed
            }
            SendOutcome::Queued | SendOutcome::Skipped => self.pass(frame, user),
        }
    }

    fn pass(&mut self, frame: &Frame, user: UserId) -> FrameOutcome {
        self.at = frame.seq;
        if frame.effect == Effect::Unsubscribe(user) {
            if frame.seq > self.renewed {
                return FrameOutcome::Unsubscribed;
            }
            // Frames between being unsubscribed and subscribed again are not for the account.
            self.at = self.renewed;
        }
        let again = frame.seq <= self.felt;
        self.felt = self.felt.max(frame.seq);
        if again { FrameOutcome::HeardAgain } else { FrameOutcome::Heard }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::sequence::Sequence;
    use super::*;
    use crate::wire::frame::AudienceFilter;
    use crate::wire::{ChannelId, Topic};

    /// Events in the log.
    const ALL: u64 = 60;
    /// The event that unsubscribes the listener, and the number after which they were subscribed again.
    const LOST: u64 = 20;
    const FOUND: u64 = 25;
    /// Frames that may wait for a listener.
    const SPACE: usize = 4;

    fn user() -> UserId {
        UserId(uuid::Uuid::from_u128(1))
    }

    fn topic() -> Topic {
        Topic::Channel(ChannelId(uuid::Uuid::nil()))
    }

    fn frame(seq: u64) -> Arc<Frame> {
        let effect = if seq == LOST { Effect::Unsubscribe(user()) } else { Effect::None };
        Arc::new(Frame {
            topic: topic(),
            seq,
            effect,
            omit: None,
            filter: AudienceFilter::Everybody,
            body: "{".into(),
        })
    }

    /// The subscription of a listener, renewed after [`FOUND`], who resumes after `seq` when the topic stands at
    /// `head`.
    fn subscription(seq: u64, head: u64) -> Subscription {
        let renewed = if head >= FOUND { FOUND } else { seq };
        let after = if (LOST..FOUND).contains(&seq) { renewed } else { seq };
        Subscription { topic: topic(), after, renewed, head }
    }

    /// The numbers that a listener hears who joins after `seq`.
    fn expected(seq: u64) -> Vec<u64> {
        (seq + 1..=ALL).filter(|n| !(LOST + 1..=FOUND).contains(n)).collect()
    }

    struct Listener {
        position: Position,
        waiting: VecDeque<u64>,
        began: u64,
        shown: Vec<u64>,
    }

    impl Listener {
        fn take(&mut self, count: usize) {
            let count = count.min(self.waiting.len());
            self.shown.extend(self.waiting.drain(..count));
        }

        fn offer(&mut self, frame: &Arc<Frame>, live: bool) {
            let waiting = &mut self.waiting;
            let send = || {
                if waiting.len() >= SPACE {
                    return SendOutcome::Full;
                }
                waiting.push_back(frame.seq);
                SendOutcome::Queued
            };
            let position = &mut self.position;
            let taken =
                if live { position.hear(frame, user(), send) } else { position.read(frame, user(), send) };
            assert!(
                matches!(taken, FrameOutcome::Passed | FrameOutcome::Heard | FrameOutcome::HeardAgain),
                "{taken:?}"
            );
        }
    }

    /// A room and its log, without the actor.
    #[derive(Default)]
    struct Scene {
        sequence: Sequence,
        committed: u64,
        listeners: Vec<Listener>,
    }

    #[derive(Debug, Clone)]
    enum Step {
        Arrive(u64),
        Join(u64),
        Rewind(usize, u64),
        Take(usize, usize),
        CatchUp(usize, usize),
    }

    impl Scene {
        fn arrive(&mut self, seq: u64) {
            // Unsubscribed and subscribed again at once: the subscription is renewed before the room knows of the loss.
            let committed = if (LOST..FOUND).contains(&seq) { FOUND } else { seq };
            self.committed = self.committed.max(committed);
            if self.committed >= FOUND {
                self.listeners.iter_mut().for_each(|listener| listener.position.renew(FOUND));
            }
            for frame in self.sequence.offer(frame(seq)) {
                self.listeners.iter_mut().for_each(|listener| listener.offer(&frame, true));
            }
        }

        fn join(&mut self, seq: u64) {
            let subscription = subscription(seq.min(self.committed), self.committed);
            if self.listeners.is_empty() {
                self.sequence.begin(subscription.head);
            }
            let mut position = Position::new(&subscription);
            position.measure(self.sequence.last());
            let (waiting, shown) = (VecDeque::new(), Vec::new());
            self.listeners.push(Listener { position, waiting, began: subscription.after, shown });
        }

        fn rewind(&mut self, who: usize, seq: u64) {
            let committed = self.committed;
            let Some(listener) = self.pick(who) else { return };
            let seq = seq.min(committed);
            if (LOST..FOUND).contains(&seq) {
                return;
            }
            listener.position.rewind(seq);
            listener.waiting.clear();
            listener.shown.clear();
            listener.began = seq;
        }

        fn catch_up(&mut self, who: usize, limit: usize) {
            let (last, committed) = (self.sequence.last(), self.committed);
            let Some(at) = self.pick(who).map(|listener| {
                listener.position.measure(last);
                listener.position.at()
            }) else {
                return;
            };
            let read = || (at + 1..=committed).take(limit).map(frame).collect();
            let frames: Vec<_> = self.sequence.recent_after(at, limit).unwrap_or_else(read);
            let Some(listener) = self.pick(who).filter(|listener| listener.position.is_behind()) else {
                return;
            };
            frames.iter().for_each(|frame| listener.offer(frame, false));
        }

        fn pick(&mut self, who: usize) -> Option<&mut Listener> {
            let count = self.listeners.len().max(1);
            self.listeners.get_mut(who % count)
        }

        fn step(&mut self, step: Step) {
            match step {
                Step::Arrive(seq) => self.arrive(seq),
                Step::Join(seq) => self.join(seq),
                Step::Rewind(who, seq) => self.rewind(who, seq),
                Step::Take(who, count) => self.pick(who).into_iter().for_each(|l| l.take(count)),
                Step::CatchUp(who, limit) => self.catch_up(who, limit),
            }
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (1..=ALL).prop_map(Step::Arrive),
            1 => (0..=ALL).prop_map(Step::Join),
            1 => (0..6usize, 0..=ALL).prop_map(|(who, seq)| Step::Rewind(who, seq)),
            4 => (0..6usize, 1..6usize).prop_map(|(who, count)| Step::Take(who, count)),
            4 => (0..6usize, 1..6usize).prop_map(|(who, limit)| Step::CatchUp(who, limit)),
        ]
    }

    /// Arrivals nearly in order, as buses deliver, mixed with all other steps in any order.
    fn story() -> impl Strategy<Value = Vec<Step>> {
        (proptest::collection::vec(step(), 0..200), proptest::collection::vec(0..12u64, ALL as usize))
            .prop_map(|(mut steps, delays)| {
                let mut order: Vec<(u64, u64)> = (1..=ALL).zip(delays).map(|(n, d)| (n + d, n)).collect();
                order.sort_unstable();
                let gap = steps.len() / order.len() + 1;
                for (at, (_, seq)) in order.into_iter().enumerate() {
                    steps.insert((at * (gap + 1)).min(steps.len()), Step::Arrive(seq));
                }
                steps
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn whoever_joins_falls_behind_or_goes_back_hears_each_event_once_in_order(steps in story()) {
            let mut scene = Scene::default();
            scene.join(0);
            steps.into_iter().for_each(|step| scene.step(step));
            // Frames that never arrived are repaired from the log.
            for seq in scene.sequence.last() + 1..=ALL {
                scene.arrive(seq);
            }
            prop_assert_eq!(scene.sequence.last(), ALL);
            for who in 0..scene.listeners.len() {
                for _ in 0..ALL {
                    scene.catch_up(who, 3);
                    scene.listeners[who].take(SPACE);
                }
                let listener = &scene.listeners[who];
                prop_assert_eq!(&listener.shown, &expected(listener.began));
            }
        }
    }

    #[test]
    fn an_event_that_unsubscribes_ends_it_unless_it_is_older_than_the_subscription() {
        let mut position = Position::new(&Subscription::at(topic(), LOST - 1));
        let unsubscribe = frame(LOST);
        assert_eq!(
            position.read(&unsubscribe, UserId::new(), || SendOutcome::Queued),
            FrameOutcome::Heard,
            "somebody else"
        );
        let mut position = Position::new(&Subscription::at(topic(), LOST - 1));
        assert_eq!(
            position.read(&unsubscribe, user(), || SendOutcome::Full),
            FrameOutcome::Passed,
            "not before it was sent"
        );
        assert_eq!(position.read(&unsubscribe, user(), || SendOutcome::Queued), FrameOutcome::Unsubscribed);
        let mut position = Position::new(&Subscription::at(topic(), LOST - 1));
        position.renew(FOUND);
        assert_eq!(position.read(&unsubscribe, user(), || SendOutcome::Queued), FrameOutcome::Heard);
        assert_eq!(position.at(), FOUND);
    }

    #[test]
    fn what_is_heard_again_is_known_as_such() {
        let mut position = Position::new(&Subscription::at(topic(), 1));
        assert_eq!(position.read(&frame(2), user(), || SendOutcome::Queued), FrameOutcome::Heard);
        position.rewind(0);
        assert_eq!(position.hear(&frame(3), user(), || SendOutcome::Queued), FrameOutcome::Passed);
        for seq in 1..=2 {
            assert_eq!(position.read(&frame(seq), user(), || SendOutcome::Queued), FrameOutcome::HeardAgain);
        }
        assert_eq!(position.read(&frame(3), user(), || SendOutcome::Queued), FrameOutcome::Heard);
    }
}
