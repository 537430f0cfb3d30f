//! The watch over the log's counters: they are read often while frames may have been missed, and now and then in any
//! case.

use std::collections::HashMap;
use std::ops::Bound::{self, Excluded, Unbounded};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::{Following, Hub, opener};
use crate::error::Error;
use crate::wire::Topic;

/// How often the counters of all rooms are read while frames may be missing.
pub(super) const CLOSE_WATCH: Duration = Duration::from_millis(500);

/// How often they are read in any case, so that a lost last event cannot stay lost.
const ANTI_ENTROPY: Duration = Duration::from_secs(15);

/// Counters read in one statement. A database connection keeps buffers as large as the largest statement needed.
const HEADS: usize = 256;

impl Hub {
    /// Reads the counters of all rooms' topics from the log, when it is time.
    pub(super) fn watch(&mut self, ctx: &mut Context<Self>) {
        let whole = self.deps.link.is_whole();
        if whole != self.was_whole {
            tracing::info!(whole, "the bridge to other nodes changed");
        }
        // One more check after the link has healed: that closes every gap.
        let doubtful = !(whole && self.was_whole);
        let overdue = self.asked_at.elapsed() >= ANTI_ENTROPY;
        if self.asking
            || self.rooms.is_empty()
            || !(doubtful || overdue || self.deps.lost.load(Ordering::Relaxed))
        {
            return;
        }
        self.was_whole = whole;
        self.deps.lost.store(false, Ordering::Relaxed);
        (self.asking, self.asked_at) = (true, Instant::now());
        self.round(Unbounded, ctx);
    }

    /// Reads the counters of the rooms' topics from `from` on, page by page: the hub does other work between them.
    fn round(&mut self, from: Bound<Topic>, ctx: &mut Context<Self>) {
        let topics: Vec<Topic> =
            self.rooms.range((from, Unbounded)).map(|(topic, _)| *topic).take(HEADS).collect();
        let Some(last) = topics.last().copied() else {
            self.asking = false;
            return;
        };
        let page = self.page(topics).map(move |read, hub: &mut Self, ctx| match read {
            true => hub.round(Excluded(last), ctx),
            false => hub.asking = false,
        });
        ctx.spawn(page);
    }

    /// Reads the counters of `topics` from the log, page by page, and tells their rooms.
    pub(super) fn ask(&mut self, mut topics: Vec<Topic>, ctx: &mut Context<Self>) {
        let rest = topics.split_off(topics.len().min(HEADS));
        let page = self.page(topics).map(move |read, hub: &mut Self, ctx| {
            if read && !rest.is_empty() {
                hub.ask(rest, ctx);
            }
        });
        ctx.spawn(page);
    }

    /// Reads the counters of a page of topics and tells their rooms. Answers whether they could be read; after a
    /// failure all are read at the next tick.
    fn page(&self, topics: Vec<Topic>) -> impl ActorFuture<Self, Output = bool> + 'static {
        let log = self.deps.log.clone();
        let ask = async move {
            let heads = log.heads(&topics).await?;
            Ok::<_, Error>((topics, heads.into_iter().collect()))
        };
        ask.into_actor(self).map(|answer, hub: &mut Self, ctx| match answer {
            Ok((topics, heads)) => {
                hub.tell_heads(&topics, &heads, ctx);
                true
            }
            Err(error) => {
                hub.deps.lost.store(true, Ordering::Relaxed);
                tracing::warn!(error = %error, "the counters of the log could not be read");
                false
            }
        })
    }

    fn tell_heads(&mut self, topics: &[Topic], heads: &HashMap<uuid::Uuid, u64>, ctx: &Context<Self>) {
        let Self { rooms, deps, arbiters, .. } = self;
        for topic in topics {
            if let (Some(slot), Some(head)) = (rooms.get_mut(topic), heads.get(&topic.uuid())) {
                slot.stands_at(*head, opener(*topic, deps, arbiters, ctx));
            }
        }
    }
}

impl Handler<Following> for Hub {
    type Result = ();

    fn handle(&mut self, Following(topics): Following, ctx: &mut Self::Context) {
        self.ask(topics, ctx);
    }
}
