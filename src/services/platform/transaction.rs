//! The way in which a service writes: begin, work, emit, commit. An event is numbered and written in the same transaction
//! as the change that it reports, and handed to the bus after the commit.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use super::bus::Bus;
use crate::db::{self, Conn, Pool, Pooled, Query};
use crate::error::{Error, Result};
use crate::wire::{Event, Frame, Topic};

/// An open transaction and the events that it will publish. Dropping it rolls back and publishes nothing.
pub struct Tx {
    conn: Option<Pooled>,
    events: Vec<Event>,
    bus: Arc<dyn Bus>,
    tasks_due: Arc<Notify>,
    has_tasks: bool,
}

impl Tx {
    /// A transaction on a connection of `pool`, which [`Tx::open`] begins.
    pub(super) async fn on(pool: &Pool, bus: Arc<dyn Bus>, tasks_due: Arc<Notify>) -> Result<Self> {
        Ok(Self { conn: Some(pool.get().await?), events: Vec::new(), bus, tasks_due, has_tasks: false })
    }

    /// Adds an event, which is published when, and only if, the transaction commits. Events of one topic are delivered
    /// in the order in which they were emitted.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Says that tasks are enqueued in this transaction: the node's runner is woken after the commit.
    pub fn wakes_runner(&mut self) {
        self.has_tasks = true;
    }

    /// Begins the transaction. Statements that only read may be sent at the same time; one that writes only after this
    /// has succeeded.
    pub async fn open(&self) -> Result<()> {
        Ok(db::pool::begin(self).await?)
    }

    /// Takes the numbers of the emitted events, and locks their topics until the end. May be sent together with the
    /// last statements, but after them: nothing may be locked later.
    pub async fn number(&self) -> Result<Numbers> {
        let encode = async { self.events.iter().map(Event::to_json).collect() };
        let (base, texts) = tokio::join!(biased; take_numbers(self, &self.events), encode);
        Ok(Numbers { base: base?, texts })
    }

    /// Numbers the emitted events, writes them to the log, commits, and hands their frames to the bus.
    pub async fn commit(self) -> Result<()> {
        let numbers = self.number().await?;
        self.commit_as(numbers).await
    }

    /// Commits under numbers that were taken before. Runs to its end even if nobody waits for it any more: a client
    /// that hangs up must not come between a commit and the publishing of its events.
    pub async fn commit_as(self, numbers: Numbers) -> Result<()> {
        let finished = tokio::spawn(self.finish(numbers));
        finished.await.map_err(|e| Error::internal(format!("commit: {e}")))?
    }

    async fn finish(mut self, numbers: Numbers) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        if events.len() != numbers.texts.len() {
            return Err(Error::internal("an event was emitted after the numbers were taken"));
        }
        let frames = numbers.frames(&events)?;
        let conn = self.conn.take().ok_or_else(|| Error::internal("transaction without connection"))?;
        let (logged, noted, committed) = tokio::join!(
            biased;
            write_log(&conn, &frames),
            note_posts(&conn, &events, &frames),
            db::pool::commit(&conn),
        );
        drop(conn);
        if let Err(error) = logged.and(noted).and(committed) {
            // A commit that was not acknowledged may be on disk all the same.
            self.bus.mark_possibly_lost();
            return Err(error.into());
        }
        if !frames.is_empty() {
            self.bus.publish(frames);
        }
        if self.has_tasks {
            self.tasks_due.notify_one();
        }
        Ok(())
    }
}

/// The numbers that a transaction took for its events: for each topic that has one of them, or to which one of them
/// subscribes an account, the number after which they begin. The topic's counter is locked: commits of others to the
/// topic have lower numbers if earlier, and higher ones if later.
#[derive(Debug)]
pub struct Numbers {
    base: BTreeMap<Topic, u64>,
    /// For each event the part of its frame that does not depend on the number: made while the database takes the
    /// number.
    texts: Vec<String>,
}

impl Numbers {
    /// The frames of the events that the numbers were taken for, numbered from each topic's base.
    fn frames(self, events: &[Event]) -> Result<Vec<Arc<Frame>>> {
        if events.iter().flat_map(Event::subscribes_to).any(|topic| !self.base.contains_key(topic)) {
            // A base of 0 would let a newcomer hear everything that was said before.
            return Err(Error::internal(
                "a subscription to a topic of which it is not known where it stands",
            ));
        }
        let mut next = self.base.clone();
        let mut frames = Vec::with_capacity(events.len());
        for (event, text) in events.iter().zip(self.texts) {
            let seq = if event.is_durable() {
                let last = next.entry(event.audience()).or_default();
                *last += 1;
                *last
            } else {
                0
            };
            let base = |topic| self.base.get(&topic).copied().unwrap_or(u64::MAX);
            frames.push(Arc::new(event.frame(text, seq, base)));
        }
        Ok(frames)
    }
}

/// Statements run on the transaction as on any connection.
impl Deref for Tx {
    type Target = Conn;
    #[expect(
        clippy::expect_used,
        reason = "the connection is there until commit, which takes the transaction itself"
    )]
    fn deref(&self) -> &Conn {
        self.conn.as_deref().expect("an open transaction has a connection")
    }
}

impl DerefMut for Tx {
    #[expect(
        clippy::expect_used,
        reason = "the connection is there until commit, which takes the transaction itself"
    )]
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn.as_deref_mut().expect("an open transaction has a connection")
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        // A connection must not go back to the pool with the transaction open; outside a runtime it is closed.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if db::pool::rollback(&conn).await.is_err() {
                        drop(Pooled::take(conn));
                    }
                });
            }
            Err(_) => drop(Pooled::take(conn)),
        }
    }
}

/// Writes the rows of the durable frames, in one statement.
async fn write_log(conn: &Conn, frames: &[Arc<Frame>]) -> Query<()> {
    let rows = || frames.iter().filter(|f| f.seq > 0);
    let topics: Vec<Uuid> = rows().map(|f| f.topic.uuid()).collect();
    if topics.is_empty() {
        return Ok(());
    }
    let seqs: Vec<i64> = rows().map(|f| i64::try_from(f.seq).unwrap_or(i64::MAX)).collect();
    let texts: Vec<String> = rows().map(|f| f.to_row()).collect();
    db::events::append(conn, &topics, &seqs, &texts).await.map(drop)
}

/// Records where the log shows posts again, so that those rows are found when a post is deleted: one statement if there
/// are any. The row of the first posting is found without it.
async fn note_posts(conn: &Conn, events: &[Event], frames: &[Arc<Frame>]) -> Query<()> {
    let again = events.iter().zip(frames).filter_map(|(event, frame)| {
        Some((event.shows_again()?, i64::try_from(frame.seq).unwrap_or(i64::MAX)))
    });
    let (posts, seqs): (Vec<_>, Vec<_>) = again.unzip();
    if posts.is_empty() { Ok(()) } else { db::post_events::note(conn, &posts, &seqs).await.map(drop) }
}

/// How many numbers to take for each topic: one for each durable event, and none for a topic to which an event
/// subscribes an account, whose counter is read all the same.
fn amounts(events: &[Event]) -> BTreeMap<Uuid, (Topic, i64)> {
    let mut amounts = BTreeMap::new();
    for topic in events.iter().filter(|e| e.is_durable()).map(Event::audience) {
        amounts.entry(topic.uuid()).or_insert((topic, 0)).1 += 1;
    }
    for topic in events.iter().flat_map(Event::subscribes_to) {
        amounts.entry(topic.uuid()).or_insert((*topic, 0));
    }
    amounts
}

/// For each topic of `events`, the number after which their numbers begin.
async fn take_numbers(conn: &Conn, events: &[Event]) -> Query<BTreeMap<Topic, u64>> {
    let wanted = amounts(events);
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<Uuid> = wanted.keys().copied().collect();
    let amounts: Vec<i64> = wanted.values().map(|(_, n)| *n).collect();
    let counters = db::topics::take(conn, &ids, &amounts).await?;
    let bases = counters.into_iter().filter_map(|c| {
        let (topic, n) = wanted.get(&c.id)?;
        Some((*topic, u64::try_from(c.seq - n).ok()?))
    });
    Ok(bases.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::frame::Effect;
    use crate::wire::{ChannelId, OrgId, PresenceStatus, TeamId, UserId};

    /// Topics of every kind, few enough to be repeated often.
    fn topic(n: u8) -> Topic {
        let id = Uuid::from_u128(n.into());
        match n % 4 {
            0 => Topic::Org(OrgId(id)),
            1 => Topic::Team(TeamId(id)),
            2 => Topic::Channel(ChannelId(id)),
            _ => Topic::User(UserId(id)),
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        let user_id = UserId(Uuid::from_u128(3));
        let subscriptions = proptest::collection::vec((0..12u8).prop_map(topic), 0..4);
        prop_oneof![
            (0..12u8).prop_map(move |n| Event::Unsubscribed { topic: topic(n), user_id }),
            subscriptions.prop_map(move |topics| Event::Subscribed { user_id, topics }),
            Just(Event::StatusChange { user_id, status: PresenceStatus::Away }),
        ]
    }

    /// Commits `events` to a log; `counters` holds each topic's counter.
    fn commit(counters: &mut BTreeMap<Topic, u64>, events: &[Event]) -> Vec<Arc<Frame>> {
        let mut base = BTreeMap::new();
        for (topic, n) in amounts(events).into_values() {
            let counter = counters.entry(topic).or_default();
            base.insert(topic, *counter);
            *counter += u64::try_from(n).expect("an amount");
        }
        let texts = events.iter().map(Event::to_json).collect();
        Numbers { base, texts }.frames(events).expect("all numbers were taken")
    }

    proptest! {
        /// A subscribed account hears what is committed with its subscription and after it, and nothing from before.
        #[test]
        fn a_subscription_begins_where_its_topic_stands_and_numbers_have_no_gaps(
            story in proptest::collection::vec(proptest::collection::vec(event(), 0..6), 0..20),
        ) {
            let mut counters = BTreeMap::new();
            let mut last: BTreeMap<Topic, u64> = BTreeMap::new();
            for events in story {
                let before = counters.clone();
                for frame in commit(&mut counters, &events) {
                    if frame.seq > 0 {
                        let last = last.entry(frame.topic).or_default();
                        prop_assert_eq!(frame.seq, *last + 1);
                        *last = frame.seq;
                    }
                    if let Effect::Subscribe(subscriptions) = &frame.effect {
                        for (topic, after) in subscriptions {
                            prop_assert_eq!(*after, before.get(topic).copied().unwrap_or(0));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_subscription_of_which_no_number_was_taken_is_refused() {
        let subscribed = Event::Subscribed { user_id: UserId::new(), topics: vec![topic(1)] };
        let base = BTreeMap::from([(subscribed.audience(), 7)]);
        assert!(Numbers { base, texts: vec![subscribed.to_json()] }.frames(&[subscribed]).is_err());
    }
}
