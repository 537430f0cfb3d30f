//! One batch of posts, in three steps: facts are read, pending posts are judged, effects are written. Each step takes
//! one round trip to the database, however many statements it sends.

use std::collections::{BTreeMap, BTreeSet};

use super::MAX_MENTION_ALL;
use super::effects::Effects;
use super::shape::{row_of, shape};
use crate::db::channel_members::Called;
use crate::db::channels::Channel;
use crate::db::files::File;
use crate::db::posts::{Author, Post as Row};
use crate::db::{self, Query};
use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::{MemberRole, Membership, Permission};
use crate::services::channels::attachments;
use crate::services::channels::post_queue::{PendingPost, PostOrigin, PostOutcome};
use crate::services::platform::Tx;
use crate::wire::{ChannelId, FileId, FileInfo, PostId, UserId};

/// Posts `pending` in the open transaction, in order; the outcomes have the same order. The outer error is a failure of
/// the whole batch (the database).
pub async fn batch(tx: &mut Tx, pending: &[PendingPost]) -> Result<Vec<PostOutcome>> {
    let mut facts = Facts::read(tx, pending, Repeats::Unexpected).await?;
    let (answers, mut effects) = facts.judge_all(pending);
    effects.tell(tx, facts.channels());
    effects.write(tx, facts.channels()).await?;
    Ok(answers)
}

/// Whether pending posts may repeat earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    /// Repeats are not looked for; if there is one after all, writing fails with a conflict.
    Unexpected,
    /// Repeats are looked for.
    Expected,
}

/// The facts about a batch, read under the channels' locks.
pub(super) struct Facts {
    channels: BTreeMap<ChannelId, Channel>,
    authors: BTreeMap<(ChannelId, UserId), Author>,
    roots: BTreeMap<PostId, Row>,
    /// Posts that exist already, those of this batch too, by channel, author and pending id.
    made: BTreeMap<(ChannelId, UserId, String), Row>,
    /// The accounts that are mentioned by name and whether they are members, by channel and name.
    named: BTreeMap<(ChannelId, String), Called>,
    /// Members who are mentioned by a keyword.
    called: BTreeSet<(ChannelId, UserId)>,
    /// The accounts that a thread's replies mention by their own settings, by thread.
    followers: BTreeMap<PostId, Vec<UserId>>,
    /// The members of channels in which everybody is mentioned, unless they are too many, and whether they ignore such
    /// mentions.
    everybody: BTreeMap<ChannelId, BTreeMap<UserId, bool>>,
    /// Files that pending posts name and that are on no post yet.
    files: BTreeMap<FileId, File>,
    /// The files of posts that exist already.
    hanging: BTreeMap<PostId, Vec<FileInfo>>,
}

/// The parameters of the queries about pending posts.
struct BatchQuery {
    channels: Vec<ChannelId>,
    /// Each pair of channel and author once.
    places: Vec<ChannelId>,
    people: Vec<UserId>,
    roots: Vec<PostId>,
    /// Each sender with a pending id.
    senders: Vec<UserId>,
    pending_ids: Vec<String>,
    /// Each channel with a name that is mentioned there.
    name_places: Vec<ChannelId>,
    names: Vec<String>,
    /// Each channel with an account that is mentioned by a keyword there.
    called_places: Vec<ChannelId>,
    called: Vec<UserId>,
    files: Vec<FileId>,
}

impl BatchQuery {
    fn by(posts: &[PendingPost], repeats: Repeats) -> Self {
        let channels: BTreeSet<ChannelId> = posts.iter().map(|d| d.channel).collect();
        let authors: BTreeSet<_> = posts.iter().map(|d| (d.channel, d.author)).collect();
        let (places, people) = authors.into_iter().unzip();
        let sent = posts.iter().filter(|d| repeats == Repeats::Expected && !d.pending_id.is_empty());
        let (senders, pending_ids) = sent.map(|d| (d.author, d.pending_id.clone())).unzip();
        let said = || posts.iter().filter(|d| is_said(d));
        let names: BTreeSet<(ChannelId, &str)> = said()
            .flat_map(|d| d.reading.mentions.names().into_iter().map(|name| (d.channel, name)))
            .collect();
        let called: BTreeSet<_> =
            said().flat_map(|d| d.reading.called.iter().map(|user| (d.channel, *user))).collect();
        let (name_places, names) =
            names.into_iter().map(|(channel, name)| (channel, name.to_owned())).unzip();
        let (called_places, called) = called.into_iter().unzip();
        Self {
            channels: channels.into_iter().collect(),
            places,
            people,
            roots: posts.iter().filter_map(|d| d.root).collect(),
            senders,
            pending_ids,
            name_places,
            names,
            called_places,
            called,
            files: posts.iter().flat_map(|d| d.files.iter().copied()).collect(),
        }
    }
}

/// Whether the text of a pending post is the author's own.
fn is_said(pending: &PendingPost) -> bool {
    pending.origin == PostOrigin::Author && !pending.kind.starts_with("system_")
}

/// The result of a query about `asked`, which is not sent if that is empty.
async fn some<A, T>(asked: &[A], answer: impl Future<Output = Query<Vec<T>>>) -> Query<Vec<T>> {
    if asked.is_empty() { Ok(Vec::new()) } else { answer.await }
}

/// The verdict on a pending post.
enum Verdict {
    New,
    /// A repeat: the post that was made when it was first sent.
    Again(Box<Row>),
    Refused(Error),
}

impl Facts {
    /// Locks the channels and reads all facts about `pending`.
    pub(super) async fn read(tx: &Tx, pending: &[PendingPost], repeats: Repeats) -> Result<Self> {
        let asked = BatchQuery::by(pending, repeats);
        let (locked, authors, roots, made, named, called, files, followers) = tokio::join!(
            biased;
            db::channels::lock(tx, &asked.channels),
            db::posts::authors(tx, &asked.places, &asked.people),
            some(&asked.roots, db::posts::by_ids(tx, &asked.roots)),
            some(&asked.pending_ids, db::posts::pending(tx, &asked.senders, &asked.pending_ids)),
            some(&asked.names, db::channel_members::named(tx, &asked.name_places, &asked.names)),
            some(&asked.called, db::channel_members::of_pairs(tx, &asked.called_places, &asked.called)),
            some(&asked.files, db::files::lock_unposted(tx, &asked.files)),
            some(&asked.roots, db::posts::followers(tx, &asked.roots)),
        );
        let (locked, authors, roots) = (locked?, authors?, roots?);
        let (made, named, called, files) = (made?, named?, called?, files?);
        let mut followers_of: BTreeMap<PostId, Vec<UserId>> = BTreeMap::new();
        for (root, user) in followers? {
            followers_of.entry(root).or_default().push(user);
        }
        let hanging =
            if made.is_empty() { BTreeMap::new() } else { attachments::of_posts(tx, &made).await? };
        let made = made.into_iter().map(|p| ((p.channel_id, p.user_id, p.pending_post_id.clone()), p));
        let mut facts = Self {
            channels: locked.into_iter().map(|c| (c.id, c)).collect(),
            authors: authors.into_iter().map(|a| ((a.channel_id, a.user_id), a)).collect(),
            roots: roots.into_iter().map(|p| (p.id, p)).collect(),
            made: made.collect(),
            named: named.into_iter().map(|n| ((n.channel_id, n.username.clone()), n)).collect(),
            called: called.into_iter().collect(),
            followers: followers_of,
            everybody: BTreeMap::new(),
            files: files.into_iter().map(|f| (f.id, f)).collect(),
            hanging,
        };
        facts.read_everybody(tx, pending).await?;
        Ok(facts)
    }

    async fn read_everybody(&mut self, tx: &Tx, pending: &[PendingPost]) -> Result<()> {
        let may = |d: &&PendingPost| {
            let says_so = d.reading.mentions.may_mean_all();
            is_said(d) && (self.is_direct(d) || (says_so && self.may(d, Permission::UseChannelMentions)))
        };
        let all: BTreeSet<ChannelId> = pending.iter().filter(may).map(|d| d.channel).collect();
        if !all.is_empty() {
            let ids: Vec<ChannelId> = all.into_iter().collect();
            self.everybody = everybody(tx, &ids).await?;
        }
        Ok(())
    }

    /// The channels, with their counts after all posts judged so far.
    pub(super) fn channels(&self) -> &BTreeMap<ChannelId, Channel> {
        &self.channels
    }

    /// Judges `pending` in order: the outcomes in the same order, and the effects to write and publish.
    pub(super) fn judge_all(&mut self, pending: &[PendingPost]) -> (Vec<PostOutcome>, Effects) {
        let mut effects = Effects::default();
        let mut answers = Vec::with_capacity(pending.len());
        for pending in pending {
            answers.push(match self.judge(pending) {
                Verdict::New => Ok(self.post(pending, &mut effects)),
                Verdict::Again(post) => Ok(self.again(*post)),
                Verdict::Refused(error) => Err(error),
            });
        }
        (answers, effects)
    }

    /// Whether a pending post goes to a direct or group channel.
    fn is_direct(&self, pending: &PendingPost) -> bool {
        self.channels.get(&pending.channel).is_some_and(Channel::is_direct)
    }

    /// Whether the author of a pending post has a permission in its channel now.
    fn may(&self, pending: &PendingPost, permission: Permission) -> bool {
        let author = self.authors.get(&(pending.channel, pending.author));
        let (Some(channel), Some(author)) = (self.channels.get(&pending.channel), author) else {
            return false;
        };
        let membership = Membership {
            team: author.in_team.then(|| MemberRole::of(author.team_admin, author.guest)),
            channel: author.is_member.then(|| MemberRole::of(author.admin, author.guest)),
            team_scheme: channel.team_scheme_id,
            channel_scheme: channel.scheme_id,
        };
        pending.rights.in_channel(membership).has(permission)
    }

    fn judge(&self, pending: &PendingPost) -> Verdict {
        if let Some(post) = self.made.get(&(pending.channel, pending.author, pending.pending_id.clone())) {
            return Verdict::Again(Box::new(post.clone()));
        }
        let author = self.authors.get(&(pending.channel, pending.author));
        let (Some(channel), Some(author)) = (self.channels.get(&pending.channel), author) else {
            return Verdict::Refused(Error::forbidden());
        };
        if pending.origin == PostOrigin::Notice {
            return Verdict::New;
        }
        if !author.is_member || !self.may(pending, Permission::CreatePost) {
            return Verdict::Refused(Error::forbidden());
        }
        if channel.is_archived() {
            return Verdict::Refused(archived());
        }
        match pending.root.map(|root| self.roots.get(&root)) {
            None => Verdict::New,
            // A root in another channel counts as none, so that its existence is not revealed.
            Some(Some(root)) if root.channel_id == pending.channel && root.root_id.is_none() => Verdict::New,
            Some(_) => Verdict::Refused(no_root()),
        }
    }

    /// Numbers and timestamps a pending post. Its number follows from the channel's counter, which is locked; its time
    /// never goes back within a channel, whatever the clock does.
    fn post(&mut self, pending: &PendingPost, effects: &mut Effects) -> crate::wire::Post {
        let mut row = row_of(pending);
        let files = self.claim(pending);
        row.file_ids = files.iter().map(|f| f.id).collect();
        let (names, all) = self.meant(pending);
        row.mentions = names;
        row.mentions_all = all;
        let author = self.authors.get(&(pending.channel, pending.author));
        let now = author.map_or(0, |a| a.now);
        if let Some(channel) = self.channels.get_mut(&pending.channel) {
            row.seq = channel.post_seq + 1;
            row.create_at = now.max(channel.last_post_at);
            row.update_at = row.create_at;
            effects.count(channel, pending, &row);
        }
        if let Some(root) = pending.root.and_then(|root| self.roots.get_mut(&root)) {
            root.reply_count += 1;
            root.last_reply_at = row.create_at;
            // A reply carries its thread's reply count, as lists show it.
            row.reply_count = root.reply_count;
            effects.reply(root.id);
        }
        if pending.has_links {
            effects.follow_links(&row);
        }
        let heard = self.heard(&row);
        let sender = author_name(self.authors.get(&(row.channel_id, row.user_id)), pending.origin);
        if !row.pending_post_id.is_empty() {
            self.made.insert((row.channel_id, row.user_id, row.pending_post_id.clone()), row.clone());
            if !files.is_empty() {
                self.hanging.insert(row.id, files.clone());
            }
        }
        effects.post(row, files, heard, sender, pending.set_online)
    }

    /// Claims the files that a pending post may have; others that it names are ignored, as in the protocol.
    fn claim(&mut self, pending: &PendingPost) -> Vec<FileInfo> {
        let is_its_own = |f: &&File| f.user_id == pending.author && f.channel_id == Some(pending.channel);
        let mut claimed = Vec::new();
        for id in &pending.files {
            if self.files.get(id).filter(is_its_own).is_some() {
                claimed.extend(self.files.remove(id));
            }
        }
        let on_post = |file: File| attachments::info(File { post_id: Some(pending.id), ..file });
        claimed.into_iter().map(on_post).collect()
    }

    /// The post that an earlier sending made.
    fn again(&self, row: Row) -> crate::wire::Post {
        let mut post = shape(row);
        post.metadata.files = self.hanging.get(&post.id).cloned().unwrap_or_default();
        post
    }

    /// The accounts that a pending post mentions by name or keyword, and whether it mentions everybody: always in
    /// direct and group channels, elsewhere if it says so and its author may.
    fn meant(&self, pending: &PendingPost) -> (Vec<UserId>, bool) {
        if !is_said(pending) {
            return (added(pending).into_iter().collect(), false);
        }
        let known = |name: &str| self.named.get(&(pending.channel, name.to_owned()));
        let named = pending.reading.mentions.resolve(|name| known(name).map(|n| (n.user_id, n.is_member)));
        let means_all = self.is_direct(pending)
            || (!named.everybody.is_empty() && self.may(pending, Permission::UseChannelMentions));
        let everybody = self.everybody.get(&pending.channel).filter(|_| means_all);
        let members = named.people.into_iter().filter(|(_, is_member)| *is_member).map(|(user, _)| user);
        let called = pending.reading.called.iter().copied();
        let called = called.filter(|user| self.called.contains(&(pending.channel, *user)));
        let following =
            pending.root.and_then(|root| self.followers.get(&root)).into_iter().flatten().copied();
        let meant = members.chain(called).chain(following);
        // An account that is mentioned with everybody is not counted a second time by name.
        let counted = |user: &UserId| everybody.and_then(|all| all.get(user)) == Some(&false);
        let names: BTreeSet<UserId> =
            meant.filter(|user| *user != pending.author && !counted(user)).collect();
        (names.into_iter().collect(), everybody.is_some())
    }

    /// The accounts that a post's event names as mentioned.
    fn heard(&self, row: &Row) -> Vec<UserId> {
        let mut heard: BTreeSet<UserId> = row.mentions.iter().copied().collect();
        if row.mentions_all {
            let everybody = self.everybody.get(&row.channel_id).into_iter().flatten();
            let listening = everybody.filter(|(user, deaf)| !**deaf && **user != row.user_id);
            heard.extend(listening.map(|(user, _)| *user));
        }
        heard.into_iter().collect()
    }
}

/// The account that a notice says was added to a channel; the notice mentions it.
fn added(pending: &PendingPost) -> Option<UserId> {
    let told = (pending.kind == "system_add_to_channel").then(|| pending.props.get("addedUserId"));
    told.flatten()?.as_str()?.parse().ok()
}

/// The members of those channels that are small enough to mention everybody.
async fn everybody(tx: &Tx, channels: &[ChannelId]) -> Result<BTreeMap<ChannelId, BTreeMap<UserId, bool>>> {
    let mut members: BTreeMap<ChannelId, BTreeMap<UserId, bool>> = BTreeMap::new();
    for member in db::channel_members::some_of_each(tx, channels, MAX_MENTION_ALL + 1).await? {
        members.entry(member.channel_id).or_default().insert(member.user_id, member.deaf);
    }
    let limit = usize::try_from(MAX_MENTION_ALL).unwrap_or(usize::MAX);
    members.retain(|_, users| users.len() <= limit);
    Ok(members)
}

fn author_name(author: Option<&Author>, origin: PostOrigin) -> String {
    match origin {
        PostOrigin::Author => format!("@{}", author.map(|a| a.username.as_str()).unwrap_or_default()),
        PostOrigin::Notice => "System".to_owned(),
    }
}

/// The error for a post into an archived channel.
pub(crate) fn archived() -> Error {
    Error::invalid("api.post.create_post.can_not_post_to_deleted.error", "Can not post to deleted channel.")
}

fn no_root() -> Error {
    Error::new(Kind::Invalid, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.")
}
