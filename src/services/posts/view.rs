//! Posts as their readers get them: with reactions and link previews, and in lists with the threads' roots.

use std::collections::{BTreeMap, BTreeSet};

use super::{Deleted, unknown, visible};
use crate::db::posts::{Page, Post as Row};
use crate::db::{self, Conn};
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::channels::append::{shape, undeleted};
use crate::services::channels::{self, attachments};
use crate::services::posts::{Core, emoji, previews};
use crate::wire::{FileInfo, Post, PostId, PostList, Reaction};

/// The most reactions of a list of posts: fifty emoji on each of two hundred posts.
pub const MAX_REACTIONS: i64 = 10_000;

/// The roots of threads that are read at once.
const ROOTS_AT_ONCE: usize = 20;

/// One post; a deleted one too, if deleted posts are shown.
pub async fn one(core: &Core, caller: &Caller, id: PostId, deleted: Deleted) -> Result<Post> {
    let mut conn = core.read().await?;
    if !deleted.are_shown() {
        let (row, _) = visible(&mut conn, caller, id).await?;
        return with_reactions(&mut conn, row).await;
    }
    let row = db::posts::find(&mut conn, caller.org, id).await?.ok_or_else(unknown)?;
    channels::visible(&mut conn, caller, row.channel_id).await?.content()?;
    only(shapes(&mut conn, vec![row], deleted).await?)
}

/// Converts a row to a post, with its reactions.
pub async fn with_reactions(conn: &mut Conn, row: Row) -> Result<Post> {
    only(shapes(conn, vec![row], Deleted::Hidden).await?)
}

fn only(mut posts: Vec<Post>) -> Result<Post> {
    posts.pop().ok_or_else(|| crate::error::Error::internal("a shape for each row"))
}

/// The files of a post.
pub async fn files(core: &Core, caller: &Caller, id: PostId) -> Result<Vec<FileInfo>> {
    let mut conn = core.read().await?;
    let (row, _) = visible(&mut conn, caller, id).await?;
    let files = attachments::of_posts(&conn, &[row]).await?;
    Ok(files.into_values().next().unwrap_or_default())
}

/// The posts of a list and the roots of the threads that its replies belong to, together limited in bytes.
pub(super) struct Gathered {
    rows: Vec<Row>,
    roots: Vec<Row>,
    /// Whether posts were left out because of the limit.
    is_cut: bool,
    /// The way in which deleted posts are shown.
    deleted: Deleted,
}

/// The beginning of a list, with the roots of its replies; posts at the end of the page are left out first. The caller
/// has checked that its posts may be seen; a thread lies in one channel, so its root may be too.
pub(super) async fn gather(conn: &mut Conn, page: Page, deleted: Deleted) -> Result<Gathered> {
    let Page { mut rows, mut is_cut, .. } = page;
    let (roots, all) = roots_of(conn, &rows, deleted).await?;
    if !all {
        let here: BTreeSet<PostId> = rows.iter().chain(&roots).map(|r| r.id).collect();
        let lacks = |row: &Row| row.root_id.is_some_and(|root| !here.contains(&root));
        if let Some(first) = rows.iter().position(lacks) {
            // At least one post is shown, if need be without its root, so that requests for the next page make
            // progress.
            rows.truncate(first.max(1));
            is_cut = true;
        }
    }
    Ok(Gathered { rows, roots, is_cut, deleted })
}

/// As [`gather`], for posts none of which may be left out: their roots are included as far as they fit.
pub(super) async fn gather_all(conn: &mut Conn, page: Page, deleted: Deleted) -> Result<Gathered> {
    let Page { rows, is_cut, .. } = page;
    let (roots, _) = roots_of(conn, &rows, deleted).await?;
    Ok(Gathered { rows, roots, is_cut, deleted })
}

/// The roots of replies that are not among `rows` themselves, within the limit of a page, and whether these are all.
async fn roots_of(conn: &mut Conn, rows: &[Row], deleted: Deleted) -> Result<(Vec<Row>, bool)> {
    let here: BTreeSet<PostId> = rows.iter().map(|r| r.id).collect();
    let mut missing: Vec<PostId> = Vec::new();
    for root in rows.iter().filter_map(|r| r.root_id).filter(|r| !here.contains(r)) {
        if !missing.contains(&root) {
            missing.push(root);
        }
    }
    let (mut roots, mut left) = (Vec::new(), db::posts::BYTES);
    for some in missing.chunks(ROOTS_AT_ONCE) {
        let found = db::posts::roots(conn, some, deleted.which(), left).await?;
        left -= found.bytes;
        roots.extend(found.rows);
        if left <= 0 {
            return Ok((roots, false));
        }
    }
    Ok((roots, true))
}

impl Gathered {
    /// Appends another list.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        self.roots.extend(other.roots);
        self.is_cut |= other.is_cut;
        self
    }

    /// Sorts the posts, newest first.
    pub(super) fn newest_first(mut self) -> Self {
        self.rows.sort_by_key(|r| std::cmp::Reverse(r.seq));
        self
    }

    /// The posts, in their order.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The list for clients. Where posts were left out it is marked as having more.
    pub(super) async fn list(self, conn: &mut Conn) -> Result<PostList> {
        let order: Vec<PostId> = self.rows.iter().map(|r| r.id).collect();
        let all = [self.rows, self.roots].concat();
        let posts = shapes(conn, all, self.deleted).await?;
        let posts = posts.into_iter().map(|p| (p.id.to_string(), p)).collect();
        Ok(PostList { order, posts, has_next: self.is_cut.then_some(true), ..PostList::default() })
    }
}

/// The list of a page, in the page's order.
pub async fn list_of(conn: &mut Conn, page: Page) -> Result<PostList> {
    gather(conn, page, Deleted::Hidden).await?.list(conn).await
}

/// Converts rows to posts with their files and reactions, and replies with their threads' counts, with at most one
/// statement for each.
async fn shapes(conn: &mut Conn, rows: Vec<Row>, deleted: Deleted) -> Result<Vec<Post>> {
    let threads = thread_numbers(conn, &rows).await?;
    let mut files = attachments::of_posts(conn, &rows).await?;
    let reacted = rows.iter().filter(|r| r.has_reactions && r.delete_at == 0);
    let reacted: Vec<PostId> = reacted.map(|r| r.id).collect();
    let mut reactions: BTreeMap<PostId, Vec<Reaction>> = BTreeMap::new();
    if !reacted.is_empty() {
        let channels: BTreeMap<_, _> = rows.iter().map(|r| (r.id, r.channel_id)).collect();
        for row in db::reactions::of_posts(conn, &reacted, MAX_REACTIONS).await? {
            if let Some(channel) = channels.get(&row.post_id) {
                reactions.entry(row.post_id).or_default().push(reaction(row, *channel));
            }
        }
    }
    let complete = |row: Row| {
        let mut post = if deleted.are_shown() { undeleted(row) } else { shape(row) };
        if let Some(count) = post.root_id.and_then(|root| threads.get(&root)) {
            post.reply_count = *count;
        }
        post.metadata.files = files.remove(&post.id).unwrap_or_default();
        post.metadata.reactions = reactions.remove(&post.id).unwrap_or_default();
        post
    };
    let mut posts: Vec<Post> = rows.into_iter().map(complete).collect();
    previews::fill(conn, &mut posts).await?;
    emoji::fill(conn, &mut posts).await?;
    Ok(posts)
}

/// The reply counts of the threads of `rows`.
async fn thread_numbers(conn: &mut Conn, rows: &[Row]) -> Result<BTreeMap<PostId, i64>> {
    let roots: BTreeSet<PostId> = rows.iter().filter_map(|r| r.root_id).collect();
    if roots.is_empty() {
        return Ok(BTreeMap::new());
    }
    let roots: Vec<PostId> = roots.into_iter().collect();
    Ok(db::posts::reply_counts(conn, &roots).await?.into_iter().collect())
}

/// Converts the row of a reaction to a post of `channel_id`.
pub fn reaction(row: db::reactions::Reaction, channel_id: crate::wire::ChannelId) -> Reaction {
    Reaction {
        user_id: row.user_id,
        post_id: row.post_id,
        emoji_name: row.emoji_name,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: 0,
        remote_id: Some(String::new()),
        channel_id,
    }
}
