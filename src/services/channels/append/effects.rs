//! The effects of a batch beside its own rows, collected while it is numbered and written with one statement for each
//! kind of change: the channels' counters, the authors' reading positions, mentions by name, threads. And its events.

use std::collections::BTreeMap;

use super::{counts, shape};
use crate::db::channel_members::{KeptUp, Positions};
use crate::db::channels::{Channel, Counts};
use crate::db::posts::Post as Row;
use crate::db::{self, Query};
use crate::error::{Error, Kind, Result};
use crate::services::channels::post_queue::{PendingPost, PostOrigin};
use crate::services::platform::Tx;
use crate::services::platform::tasks::{self, ExternalTask, PostRef, Task};
use crate::wire::event::PostedIn;
use crate::wire::{ChannelId, Event, FileInfo, Millis, OrgId, Post, PostId, UserId};

/// The collected effects of a batch.
#[derive(Default)]
pub(super) struct Effects {
    rows: Vec<Row>,
    told: Vec<Told>,
    /// The newest own post of each author in each channel, with the channel's counts at that post.
    viewed: BTreeMap<(ChannelId, UserId), ReadPosition>,
    /// The authors of notices, which count as read for them.
    kept_up: BTreeMap<(ChannelId, UserId), KeepUp>,
    /// Mentions by name: all, and those outside threads.
    mentioned: BTreeMap<(ChannelId, UserId), (i64, i64)>,
    replies: BTreeMap<PostId, i64>,
    /// Posts whose links are to be looked at.
    linked: Vec<(PostId, ChannelId)>,
    last: Millis,
}

/// A post whose event is to be emitted.
struct Told {
    post: Post,
    sender_name: String,
    mentions: Vec<UserId>,
    set_online: bool,
}

/// The channel's message count before somebody's notices and after them, and the time of the last.
#[derive(Clone, Copy)]
struct KeepUp {
    before: i64,
    after: i64,
    at: Millis,
}

#[derive(Clone, Copy)]
struct ReadPosition {
    at: Millis,
    total: i64,
    total_root: i64,
    all: i64,
    all_root: i64,
}

impl Effects {
    /// Counts one post in its channel.
    pub(super) fn count(&mut self, channel: &mut Channel, pending: &PendingPost, row: &Row) {
        let before = channel.total_msg_count;
        let one = i64::from(counts(&row.kind));
        let root = i64::from(row.root_id.is_none());
        let all = i64::from(row.mentions_all);
        channel.post_seq = row.seq;
        channel.last_post_at = row.create_at;
        channel.total_msg_count += one;
        channel.total_msg_count_root += one * root;
        channel.mention_all_count += all;
        channel.mention_all_count_root += all * root;
        if row.root_id.is_none() {
            channel.last_root_post_at = row.create_at;
        }
        self.last = self.last.max(row.create_at);
        match pending.origin {
            PostOrigin::Author => {
                self.viewed.insert((channel.id, row.user_id), position(channel, row.create_at));
                self.kept_up.remove(&(channel.id, row.user_id));
            }
            PostOrigin::Notice if one == 1 => {
                let first = KeepUp { before, after: before, at: 0 };
                let kept = self.kept_up.entry((channel.id, row.user_id)).or_insert(first);
                // Posts of others in between are unread.
                if kept.after == before {
                    (kept.after, kept.at) = (channel.total_msg_count, row.create_at);
                }
            }
            PostOrigin::Notice => {}
        }
        for user in &row.mentions {
            let times = self.mentioned.entry((channel.id, *user)).or_default();
            times.0 += 1;
            times.1 += root;
        }
    }

    /// Has the links of a post looked at.
    pub(super) fn follow_links(&mut self, row: &Row) {
        self.linked.push((row.id, row.channel_id));
    }

    /// Counts a reply in its thread.
    pub(super) fn reply(&mut self, root: PostId) {
        *self.replies.entry(root).or_default() += 1;
    }

    /// Adds a finished row; answers the post.
    pub(super) fn post(
        &mut self,
        row: Row,
        files: Vec<FileInfo>,
        mentions: Vec<UserId>,
        sender_name: String,
        set_online: bool,
    ) -> Post {
        let mut post = shape(row.clone());
        post.metadata.files = files;
        self.told.push(Told { post: post.clone(), sender_name, mentions, set_online });
        self.rows.push(row);
        post
    }

    /// Writes everything: one statement for each kind of change that there is, all sent together.
    pub(super) async fn write(&self, tx: &Tx, channels: &BTreeMap<ChannelId, Channel>) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let org = |row: &Row| channels.get(&row.channel_id).map(|c| c.org_id);
        let orgs: Vec<OrgId> = self.rows.iter().filter_map(org).collect();
        let counts = self.channel_counts(channels);
        let written = tokio::join!(
            biased;
            db::posts::insert(tx, &self.rows, &orgs),
            self.write_files(tx),
            db::channels::count(tx, &counts),
            self.write_mentions(tx),
            self.write_positions(tx),
            self.write_kept_up(tx),
            self.write_replies(tx),
            self.write_tasks(tx, channels),
        );
        let (rows, files, counts, mentions, positions, kept_up, replies, tasks) = written;
        rows.map_err(|e| db::translate(e, &[(db::posts::PENDING_KEY, sent_before)]))?;
        files.and(counts).and(mentions).and(positions).and(kept_up).and(replies)?;
        tasks
    }

    async fn write_files(&self, tx: &Tx) -> Query<usize> {
        let having: Vec<&Row> = self.rows.iter().filter(|r| !r.file_ids.is_empty()).collect();
        if having.is_empty() {
            return Ok(0);
        }
        let each = having.iter().flat_map(|r| r.file_ids.iter().map(|file| (*file, r.id)));
        let (files, posts): (Vec<_>, Vec<_>) = each.unzip();
        let (ids, lists): (Vec<_>, Vec<_>) = having.iter().map(|r| (r.id, r.file_ids.clone())).unzip();
        let attach = db::files::attach(tx, &files, &posts);
        let (attached, set) = tokio::join!(biased; attach, db::posts::set_files(tx, &ids, &lists));
        attached.and(set)
    }

    async fn write_mentions(&self, tx: &Tx) -> Query<usize> {
        if self.mentioned.is_empty() {
            return Ok(0);
        }
        let (channels, users): (Vec<_>, Vec<_>) = self.mentioned.keys().copied().unzip();
        let (times, roots): (Vec<_>, Vec<_>) = self.mentioned.values().copied().unzip();
        db::channel_members::mention(tx, &channels, &users, &times, &roots).await
    }

    async fn write_positions(&self, tx: &Tx) -> Query<usize> {
        if self.viewed.is_empty() {
            return Ok(0);
        }
        db::channel_members::view(tx, &self.positions()).await
    }

    async fn write_kept_up(&self, tx: &Tx) -> Query<usize> {
        let mut kept = KeptUp::default();
        for ((channel, user), own) in &self.kept_up {
            kept.channels.push(*channel);
            kept.users.push(*user);
            kept.before.push(own.before);
            kept.after.push(own.after);
            kept.at.push(own.at);
        }
        if kept.users.is_empty() { Ok(0) } else { db::channel_members::keep_up(tx, &kept).await }
    }

    async fn write_replies(&self, tx: &Tx) -> Query<usize> {
        if self.replies.is_empty() {
            return Ok(0);
        }
        let (roots, times): (Vec<_>, Vec<_>) = self.replies.iter().map(|(r, n)| (*r, *n)).unzip();
        db::posts::replied(tx, &roots, &times, self.last).await
    }

    async fn write_tasks(&self, tx: &Tx, channels: &BTreeMap<ChannelId, Channel>) -> Result<()> {
        if self.linked.is_empty() {
            return Ok(());
        }
        let task = |(post, channel): &(PostId, ChannelId)| {
            let org = channels.get(channel)?.org_id;
            Some(Task::External(ExternalTask::Preview(PostRef { org, post: *post })))
        };
        let tasks: Vec<Task> = self.linked.iter().filter_map(task).collect();
        db::tasks::insert(tx, &tasks::rows(&tasks)?).await?;
        Ok(())
    }

    fn channel_counts(&self, channels: &BTreeMap<ChannelId, Channel>) -> Counts {
        let mut counts = Counts::default();
        for channel in channels.values() {
            counts.ids.push(channel.id);
            counts.post_seq.push(channel.post_seq);
            counts.last_post_at.push(channel.last_post_at);
            counts.last_root_post_at.push(channel.last_root_post_at);
            counts.total.push(channel.total_msg_count);
            counts.total_root.push(channel.total_msg_count_root);
            counts.all.push(channel.mention_all_count);
            counts.all_root.push(channel.mention_all_count_root);
        }
        counts
    }

    fn positions(&self) -> Positions {
        let mut positions = Positions::default();
        for ((channel, user), at) in &self.viewed {
            positions.channels.push(*channel);
            positions.users.push(*user);
            positions.viewed_at.push(at.at);
            positions.msg_count.push(at.total);
            positions.msg_count_root.push(at.total_root);
            positions.all_seen.push(at.all);
            positions.all_seen_root.push(at.all_root);
        }
        positions
    }

    /// Emits the posts in order, then that their authors have read that far.
    pub(super) fn tell(&mut self, tx: &mut Tx, channels: &BTreeMap<ChannelId, Channel>) {
        for told in self.told.drain(..) {
            let Some(channel) = channels.get(&told.post.channel_id).map(facts) else { continue };
            let Told { post, sender_name, mentions, set_online } = told;
            tx.emit(Event::Posted { post: Box::new(post), channel, sender_name, mentions, set_online });
        }
        for (channel_id, user_id) in self.viewed.keys().copied() {
            tx.emit(Event::ReadByPosting { user_id, channel_id });
        }
        if !self.linked.is_empty() {
            tx.wakes_runner();
        }
    }
}

/// The error for a pending post that is, or may be, a repeat.
pub(super) fn sent_before() -> Error {
    Error::new(Kind::Conflict, "api.post.create_post.sent_before", "This was posted before.")
}

fn position(channel: &Channel, at: Millis) -> ReadPosition {
    ReadPosition {
        at,
        total: channel.total_msg_count,
        total_root: channel.total_msg_count_root,
        all: channel.mention_all_count,
        all_root: channel.mention_all_count_root,
    }
}

/// The facts of a channel that travel with its posts.
fn facts(channel: &Channel) -> PostedIn {
    PostedIn {
        kind: channel.kind,
        display_name: channel.display_name.clone(),
        name: channel.name.clone(),
        team_id: channel.team_id,
    }
}
