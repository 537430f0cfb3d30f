//! What a batch changes beside its own rows, gathered while it is numbered and written with one statement for each
//! table: the channels' counters, the authors' reading positions, mentions by name, threads. Then what is told.

use std::collections::BTreeMap;

use super::{counts, shape};
use crate::db::channel_members::Positions;
use crate::db::channels::{Channel, Counts};
use crate::db::posts::Post as Row;
use crate::db::{self};
use crate::error::Result;
use crate::services::core::Tx;
use crate::services::drafts::{Draft, Voice};
use crate::wire::event::PostedIn;
use crate::wire::{ChannelId, Event, FileInfo, Millis, OrgId, Post, PostId, UserId};

/// The sum of a batch.
#[derive(Default)]
pub(super) struct Effects {
    rows: Vec<Row>,
    told: Vec<Told>,
    /// Who posted last where, with the channel's counts at that post.
    viewed: BTreeMap<(ChannelId, UserId), Position>,
    /// Notices that their authors need not read: the channel's total before and after.
    kept_up: Vec<(ChannelId, UserId, i64, i64)>,
    /// Mentions by name: all, and outside threads.
    mentioned: BTreeMap<(ChannelId, UserId), (i64, i64)>,
    replies: BTreeMap<PostId, i64>,
    last: Millis,
}

/// A post that is to be told of.
struct Told {
    post: Post,
    sender_name: String,
    mentions: Vec<UserId>,
    set_online: bool,
}

#[derive(Clone, Copy)]
struct Position {
    at: Millis,
    total: i64,
    total_root: i64,
    all: i64,
    all_root: i64,
}

impl Effects {
    /// Moves the channel's counters for one post.
    pub(super) fn count(&mut self, channel: &mut Channel, draft: &Draft, row: &Row) {
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
        match draft.voice {
            Voice::Author => {
                self.viewed.insert((channel.id, row.user_id), position(channel, row.create_at));
            }
            Voice::Notice if one == 1 => {
                self.kept_up.push((channel.id, row.user_id, before, channel.total_msg_count));
            }
            Voice::Notice => {}
        }
        for user in &row.mentions {
            let times = self.mentioned.entry((channel.id, *user)).or_default();
            times.0 += 1;
            times.1 += root;
        }
    }

    /// Counts a reply on its thread.
    pub(super) fn reply(&mut self, root: PostId) {
        *self.replies.entry(root).or_default() += 1;
    }

    /// Takes a finished row; answers its shape.
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

    /// Writes everything: at most six statements, and two more where posts have files.
    pub(super) async fn write(&self, tx: &mut Tx, channels: &BTreeMap<ChannelId, Channel>) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let orgs: Vec<OrgId> =
            self.rows.iter().filter_map(|row| channels.get(&row.channel_id).map(|c| c.org_id)).collect();
        db::posts::insert(tx, &self.rows, &orgs).await?;
        self.write_files(tx).await?;
        db::channels::count(tx, &self.channel_counts(channels)).await?;
        self.write_mentions(tx).await?;
        if !self.viewed.is_empty() {
            db::channel_members::view(tx, &self.positions()).await?;
        }
        for (channel, user, before, after) in &self.kept_up {
            db::channel_members::keep_up(tx, *channel, *user, *before, *after).await?;
        }
        if !self.replies.is_empty() {
            let (roots, times): (Vec<_>, Vec<_>) = self.replies.iter().map(|(r, n)| (*r, *n)).unzip();
            db::posts::replied(tx, &roots, &times, self.last).await?;
        }
        Ok(())
    }

    async fn write_files(&self, tx: &mut Tx) -> Result<()> {
        let having: Vec<&Row> = self.rows.iter().filter(|r| !r.file_ids.is_empty()).collect();
        if having.is_empty() {
            return Ok(());
        }
        let each = having.iter().flat_map(|r| r.file_ids.iter().map(|file| (*file, r.id)));
        let (files, posts): (Vec<_>, Vec<_>) = each.unzip();
        db::files::attach(tx, &files, &posts).await?;
        let (ids, lists): (Vec<_>, Vec<_>) = having.iter().map(|r| (r.id, r.file_ids.clone())).unzip();
        db::posts::set_files(tx, &ids, &lists).await?;
        Ok(())
    }

    async fn write_mentions(&self, tx: &mut Tx) -> Result<()> {
        if self.mentioned.is_empty() {
            return Ok(());
        }
        let (channels, users): (Vec<_>, Vec<_>) = self.mentioned.keys().copied().unzip();
        let (times, roots): (Vec<_>, Vec<_>) = self.mentioned.values().copied().unzip();
        db::channel_members::mention(tx, &channels, &users, &times, &roots).await?;
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

    /// Emits the posts in their order, then that their authors have read that far.
    pub(super) fn tell(self, tx: &mut Tx, channels: &BTreeMap<ChannelId, Channel>) {
        for told in self.told {
            let Some(channel) = channels.get(&told.post.channel_id).map(facts) else { continue };
            let Told { post, sender_name, mentions, set_online } = told;
            tx.emit(Event::Posted { post: Box::new(post), channel, sender_name, mentions, set_online });
        }
        for (channel_id, user_id) in self.viewed.into_keys() {
            tx.emit(Event::ReadByPosting { user_id, channel_id });
        }
    }
}

fn position(channel: &Channel, at: Millis) -> Position {
    Position {
        at,
        total: channel.total_msg_count,
        total_root: channel.total_msg_count_root,
        all: channel.mention_all_count,
        all_root: channel.mention_all_count_root,
    }
}

/// What clients are told of the channel with each of its posts.
fn facts(channel: &Channel) -> PostedIn {
    PostedIn {
        kind: channel.kind.clone(),
        display_name: channel.display_name.clone(),
        name: channel.name.clone(),
        team_id: channel.team_id,
    }
}
