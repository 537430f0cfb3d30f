//! The topics that a connection subscribes to: its account's own, its organisation's, its teams' and its channels'; and
//! the number from which each is heard when a client resumes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::channels::Core;
use crate::services::realtime::read_logged;
use crate::wire::frame::Effect;
use crate::wire::{Frame, Topic, UserId};

/// Events that subscribed an account which are examined. A client that was subscribed more often in the days that the
/// log keeps must fetch its state again.
const MAX_RENEWALS: i64 = 1000;

/// The body of an event that was shown once and cannot be read any more.
const UNREADABLE: &str = r#"{"event":"unreadable","data":{},"broadcast":{"omit_users":null,"user_id":"","channel_id":"","team_id":"","connection_id":"","omit_connection_id":""}"#;

/// Topics, each with a position in its log.
pub type Positions = BTreeMap<Topic, u64>;

/// A subscription of a connection to a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// The topic.
    pub topic: Topic,
    /// The number after which the connection wants to hear.
    pub after: u64,
    /// The number at which the account was last subscribed: an event up to it that unsubscribes is without effect, and
    /// the connection hears what follows it.
    pub renewed: u64,
    /// The topic's counter when the subscription was read: the effects of its events up to there are in the
    /// subscription already.
    pub head: u64,
}

impl Subscription {
    /// A subscription whose client knows everything up to `seq`.
    pub fn at(topic: Topic, seq: u64) -> Self {
        Self { topic, after: seq, renewed: seq, head: seq }
    }

    /// Whether it has nothing to catch up on.
    pub fn is_level(&self) -> bool {
        self.after >= self.head
    }
}

/// The topics of the caller, each with its counter, in one snapshot of the database: a connection that joins after
/// these numbers misses nothing and hears nothing twice, whatever is committed meanwhile.
pub async fn of(core: &Core, caller: &Caller) -> Result<Vec<Subscription>> {
    let heard = heard(&mut *core.read().await?, caller).await?;
    Ok(heard.into_iter().map(|(topic, head)| Subscription::at(topic, head)).collect())
}

/// The subscriptions of a connection that is resumed at `positions`: in topics that it may still hear, it gets the
/// events after them. `None` if those cannot be determined exactly.
pub async fn resumed(
    core: &Core,
    caller: &Caller,
    positions: &Positions,
) -> Result<Option<Vec<Subscription>>> {
    let mut conn = core.read().await?;
    let heard = heard(&mut conn, caller).await?;
    let own = Topic::User(caller.id);
    let renewals = match (positions.get(&own), heard.get(&own)) {
        (Some(at), Some(head)) if at < head => {
            if ended(&mut conn, caller.id, *at).await? {
                return Ok(None);
            }
            renewals(&mut conn, caller.id, *at).await?
        }
        _ => Some(Positions::new()),
    };
    let Some(renewals) = renewals else { return Ok(None) };
    let subscription = |(topic, head): (&Topic, &u64)| {
        let renewed = renewals.get(topic).copied();
        match positions.get(topic) {
            Some(after) => {
                Subscription { topic: *topic, after: *after, renewed: renewed.unwrap_or(*after), head: *head }
            }
            // New since the connection was lost: heard from the event that subscribed it.
            None => Subscription { head: *head, ..Subscription::at(*topic, renewed.unwrap_or(*head)) },
        }
    };
    // Positions beyond the end: they come from another database, or from one that was restored to an earlier state.
    let known = positions.iter().all(|(topic, at)| heard.get(topic).is_none_or(|head| at <= head));
    Ok(known.then(|| heard.iter().map(subscription).collect()))
}

/// Events that were shown before, as the log has them now: the text of a deleted post was removed from it since. `None`
/// if the log no longer has all of those that show posts.
pub async fn afresh(core: &Core, mut frames: Vec<Arc<Frame>>) -> Result<Option<Vec<Arc<Frame>>>> {
    let shown = || frames.iter().filter(|frame| frame.shows_post());
    let topics: Vec<_> = shown().map(|frame| frame.topic.uuid()).collect();
    let seqs: Vec<_> = shown().map(|frame| i64::try_from(frame.seq).unwrap_or(i64::MAX)).collect();
    if topics.is_empty() {
        return Ok(Some(frames));
    }
    let logged = db::post_events::at(&mut *core.read().await?, &topics, &seqs).await?;
    let rows: BTreeMap<_, _> = logged.into_iter().map(|row| ((row.topic, row.seq), row.frame)).collect();
    for frame in frames.iter_mut().filter(|frame| frame.shows_post()) {
        let place = (frame.topic.uuid(), i64::try_from(frame.seq).unwrap_or(i64::MAX));
        let Some(row) = rows.get(&place) else { return Ok(None) };
        *frame = Arc::new(shown_again(frame, row));
    }
    Ok(Some(frames))
}

/// The frame of a row of the log that was shown before. One that cannot be read any more is replaced by an event that
/// no client knows: the client counts on.
fn shown_again(frame: &Frame, row: &str) -> Frame {
    let now = read_logged(frame.topic, frame.seq, row);
    if now.body.is_empty() { Frame { body: UNREADABLE.into(), ..now } } else { now }
}

/// The answer to a client that names positions.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct RewindAnswer {
    /// Topics that continue exactly after their position.
    pub resumed: BTreeSet<TopicName>,
    /// Topics whose log lacks events after the position, with their counters: to be fetched again.
    pub too_old: BTreeMap<TopicName, u64>,
    /// Topics that the caller does not hear.
    pub gone: BTreeSet<TopicName>,
    /// Topics that the caller hears and did not name, with their counters.
    pub others: BTreeMap<TopicName, u64>,
}

/// A topic by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopicName(pub Topic);

impl Serialize for TopicName {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

/// Decides which of `wanted` can continue exactly after their positions.
pub async fn rewind(core: &Core, caller: &Caller, wanted: &Positions) -> Result<RewindAnswer> {
    let mut conn = core.read().await?;
    let heard = heard(&mut conn, caller).await?;
    let behind = heard.iter().filter_map(|(topic, head)| {
        let at = wanted.get(topic).filter(|at| *at < head)?;
        Some((*topic, *at))
    });
    let whole = whole(&mut conn, caller, behind.collect()).await?;
    let mut answer = RewindAnswer::default();
    for (topic, head) in &heard {
        let name = TopicName(*topic);
        match wanted.get(topic) {
            None => drop(answer.others.insert(name, *head)),
            Some(at) if at == head || whole.contains(topic) => drop(answer.resumed.insert(name)),
            Some(_) => drop(answer.too_old.insert(name, *head)),
        }
    }
    answer.gone = wanted.keys().filter(|t| !heard.contains_key(t)).map(|t| TopicName(*t)).collect();
    Ok(answer)
}

/// Those of `behind` whose log has everything after the position, in all of which the caller was subscribed.
async fn whole(conn: &mut Conn, caller: &Caller, behind: Positions) -> Result<BTreeSet<Topic>> {
    if behind.is_empty() {
        return Ok(BTreeSet::new());
    }
    let Some(renewals) = renewals(conn, caller.id, 0).await? else { return Ok(BTreeSet::new()) };
    let ids: Vec<_> = behind.keys().map(|t| t.uuid()).collect();
    let next: Vec<_> = behind.values().map(|at| i64::try_from(at + 1).unwrap_or(i64::MAX)).collect();
    let kept: BTreeSet<_> = db::events::kept(conn, &ids, &next).await?.into_iter().map(|k| k.topic).collect();
    let whole = |(topic, at): &(Topic, u64)| {
        kept.contains(&topic.uuid()) && renewals.get(topic).is_none_or(|renewed| renewed <= at)
    };
    Ok(behind.into_iter().filter(whole).map(|(topic, _)| topic).collect())
}

/// The numbers after which `user` was last subscribed to topics, by the events of their log after `own`; `None` if
/// there are too many.
async fn renewals(conn: &mut Conn, user: UserId, own: u64) -> Result<Option<Positions>> {
    let (topic, own) = (Topic::User(user), i64::try_from(own).unwrap_or(i64::MAX));
    let rows = db::events::beginning_with(conn, topic.uuid(), own, Frame::SUBSCRIBES, MAX_RENEWALS).await?;
    if i64::try_from(rows.len()) == Ok(MAX_RENEWALS) {
        return Ok(None);
    }
    let mut renewals = Positions::new();
    for (seq, row) in rows {
        let frame = read_logged(topic, u64::try_from(seq).unwrap_or(0), &row);
        // What it subscribed to is not known: the client fetches its state again.
        let Effect::Subscribe(topics) = frame.effect else { return Ok(None) };
        renewals.extend(topics);
    }
    Ok(Some(renewals))
}

/// Whether all connections of `user` were ended after `own`, a number of their own log; then one that was cut would
/// have been ended too. An account that was a guest until then, for example, must not get now what was not for guests.
async fn ended(conn: &mut Conn, user: UserId, own: u64) -> Result<bool> {
    let (topic, own) = (Topic::User(user), i64::try_from(own).unwrap_or(i64::MAX));
    Ok(!db::events::beginning_with(conn, topic.uuid(), own, Frame::ENDS, 1).await?.is_empty())
}

/// The topics of the caller with their counters; unauthenticated if the session has ended in the same snapshot. If it
/// ends later, an event says so.
async fn heard(conn: &mut Conn, caller: &Caller) -> Result<Positions> {
    let heard = db::topics::heard_by(conn, caller.org, caller.id, caller.session).await?;
    if heard.is_empty() {
        return Err(Error::unauthenticated());
    }
    Ok(heard.into_iter().map(|(topic, seq)| (topic, u64::try_from(seq).unwrap_or(0))).collect())
}
