//! Lists of posts: pages, the surroundings of a post, changes, threads. Always newest first; a place in a channel is a
//! number, not a time.

use std::collections::BTreeMap;

use super::{Deleted, Gathered, gather, gather_all, list_of, unknown, visible};
use crate::db::posts::{Page, Walk};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::channels;
use crate::services::posts::Core;
use crate::wire::{ChannelId, Millis, PageRange, PostId, PostList, TeamId, UserId};

/// The most changed posts of one answer.
const MAX_CHANGED: i64 = 1000;

/// The most posts of a thread in one answer.
const MAX_THREAD: i64 = 1000;

/// The most posts of a list without pages.
const MAX_LIST: i64 = 200;

/// The side of a post that a list shows.
#[derive(Debug, Clone, Copy)]
pub enum Around {
    /// Posts older than it.
    Before(PostId),
    /// Posts newer than it.
    After(PostId),
}

/// A part of a list, counted from its beginning.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Slice {
    pub offset: i64,
    pub limit: i64,
}

impl Slice {
    fn first(limit: i64) -> Self {
        Self { offset: 0, limit }
    }
}

/// The beginning and the length of a page of a thread.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The post after (or before) which the page begins; `None` for the thread's beginning (or end).
    pub from: Option<PostId>,
    /// The direction: towards newer posts, or older ones.
    pub walk: Walk,
    /// The most replies.
    pub limit: i64,
}

/// A page of a channel, counted from its newest post.
pub async fn page(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    slice: Slice,
    deleted: Deleted,
) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let gathered = beyond(&mut conn, channel, (Walk::Older, i64::MAX), slice, deleted).await?;
    with_neighbours(&mut conn, channel, gathered, deleted).await
}

/// Posts on one side of a post, those nearest to it.
pub async fn around(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    at: Around,
    slice: Slice,
    deleted: Deleted,
) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let (id, walk) = match at {
        Around::Before(id) => (id, Walk::Older),
        Around::After(id) => (id, Walk::Newer),
    };
    // Clients request the next page from a post that may be deleted by now; one of another channel counts as absent.
    let post = db::posts::find(&mut conn, caller.org, id).await?.filter(|p| p.channel_id == channel);
    let Some(post) = post else { return list_of(&mut conn, Page::default()).await };
    let gathered = beyond(&mut conn, channel, (walk, post.seq), slice, deleted).await?.newest_first();
    with_neighbours(&mut conn, channel, gathered, deleted).await
}

/// Posts beyond a place in a channel, nearest first.
async fn beyond(
    conn: &mut Conn,
    channel: ChannelId,
    place: (Walk, i64),
    Slice { offset, limit }: Slice,
    deleted: Deleted,
) -> Result<Gathered> {
    let page = db::posts::beyond(conn, channel, deleted.which(), place, offset, limit).await?;
    gather(conn, page, deleted).await
}

/// Posts that changed after `since`, deleted ones included: without their contents, unless those are asked for. If they
/// are too many for one answer, those that changed first, with a mark that there are more: asking again since the
/// newest change in it gets the next ones.
pub async fn since(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    since: Millis,
    deleted: Deleted,
) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let changed = db::posts::changed_since(&mut conn, channel, deleted.which(), since, MAX_CHANGED).await?;
    let is_cut = changed.last().is_some_and(|last| last.is_last);
    let rows = changed.into_iter().map(|changed| changed.post).collect();
    let page = Page { rows, is_cut, ..Page::default() };
    gather_all(&mut conn, page, deleted).await?.newest_first().list(&mut conn).await
}

/// The surroundings of the first post that `user` has not read: `before` older posts, and `after` newer ones from it
/// on. If everything is read, the newest `before` posts.
pub async fn unread_window(
    core: &Core,
    caller: &Caller,
    user: UserId,
    channel: ChannelId,
    (before, after): (i64, i64),
) -> Result<PostList> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let member = db::channel_members::find(&mut conn, channel, user).await?.ok_or_else(Error::forbidden)?;
    let first = db::posts::first_after(&mut conn, channel, member.last_viewed_at).await?;
    let from = first.as_ref().map_or(i64::MAX, |p| p.seq);
    let deleted = Deleted::Hidden;
    let mut found = beyond(&mut conn, channel, (Walk::Older, from), Slice::first(before), deleted).await?;
    if let Some(first) = first {
        let from = (Walk::Newer, first.seq - 1);
        found = beyond(&mut conn, channel, from, Slice::first(after), deleted).await?.and(found);
    }
    with_neighbours(&mut conn, channel, found.newest_first(), deleted).await
}

/// The thread of a post: its root and the replies of the window.
pub async fn thread(core: &Core, caller: &Caller, id: PostId, window: Window) -> Result<PostList> {
    let mut conn = core.read().await?;
    let (post, _) = visible(&mut conn, caller, id).await?;
    let root = match post.root_id {
        Some(root) => db::posts::find(&mut conn, caller.org, root).await?.ok_or_else(unknown)?,
        None => post,
    };
    let limit = window.limit.clamp(1, MAX_THREAD);
    let from = match window.from {
        Some(from) => Some(
            db::posts::find(&mut conn, caller.org, from)
                .await?
                .filter(|p| p.channel_id == root.channel_id)
                .ok_or_else(unknown)?
                .seq,
        ),
        None => None,
    };
    let mut page = match window.walk {
        Walk::Newer => db::posts::replies(&mut conn, root.id, from.unwrap_or(0), limit + 1).await?,
        Walk::Older => {
            db::posts::replies_before(&mut conn, root.id, from.unwrap_or(i64::MAX), limit + 1).await?
        }
    };
    let more = page.is_cut || i64::try_from(page.rows.len()).unwrap_or(i64::MAX) > limit;
    page.rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    page.rows.push(root);
    let mut list = gather(&mut conn, page, Deleted::Hidden).await?.newest_first().list(&mut conn).await?;
    list.has_next = Some(more);
    Ok(list)
}

/// The pinned posts of a channel, newest first; only a `part` of them if it is given.
pub async fn pinned(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    part: Option<PageRange>,
) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let page =
        db::posts::pinned(&mut conn, channel, part.unwrap_or(PageRange { offset: 0, limit: MAX_LIST }))
            .await?;
    list_of(&mut conn, page).await
}

/// Those of `ids` that the caller may see, newest first.
pub async fn by_ids(core: &Core, caller: &Caller, ids: &[PostId]) -> Result<PostList> {
    if ids.len() > 200 {
        return Err(Error::body("post_ids"));
    }
    let mut conn = core.read().await?;
    let page = seen(&mut conn, caller, ids).await?;
    list_of(&mut conn, page).await
}

/// Posts that `user` has flagged, of channels that they are in and may read; of one team or channel if given.
pub async fn flagged(
    core: &Core,
    caller: &Caller,
    user: UserId,
    (team, channel): (Option<TeamId>, Option<ChannelId>),
    part: PageRange,
) -> Result<PostList> {
    if caller.id != user {
        return Err(Error::forbidden());
    }
    let mut conn = core.read().await?;
    let page = db::posts::flagged(&mut conn, user, team, channel, part).await?;
    let page = read(&mut conn, caller, page).await?;
    list_of(&mut conn, page).await
}

/// The channels of those posts among `ids` that are not deleted and in channels that the caller is in and may read.
pub async fn places(conn: &mut Conn, caller: &Caller, ids: &[PostId]) -> Result<BTreeMap<PostId, ChannelId>> {
    let mut places = db::posts::places(conn, caller.org, ids).await?;
    let readable = channels::readable(conn, caller, places.iter().map(|(_, channel)| *channel)).await?;
    places.retain(|(_, channel)| readable.contains(channel));
    Ok(places.into_iter().collect())
}

/// Those of `ids` that are not deleted and in channels that the caller is in and may read, newest first.
async fn seen(conn: &mut Conn, caller: &Caller, ids: &[PostId]) -> Result<Page> {
    let page = db::posts::of_org(conn, caller.org, ids).await?;
    read(conn, caller, page).await
}

/// The posts of a page that the caller may read.
pub(in crate::services) async fn read(conn: &mut Conn, caller: &Caller, mut page: Page) -> Result<Page> {
    let readable = channels::readable(conn, caller, page.rows.iter().map(|row| row.channel_id)).await?;
    page.rows.retain(|row| readable.contains(&row.channel_id));
    Ok(page)
}

/// The list of consecutive posts, and the posts next to it on either side: clients see by these where posts were left
/// out, and continue from them.
async fn with_neighbours(
    conn: &mut Conn,
    channel: ChannelId,
    gathered: Gathered,
    deleted: Deleted,
) -> Result<PostList> {
    let rows = gathered.rows();
    let (newest, oldest) = (rows.first().map(|r| r.seq), rows.last().map(|r| r.seq));
    let mut list = PostList { has_next: None, ..gathered.list(conn).await? };
    if let (Some(newest), Some(oldest)) = (newest, oldest) {
        let which = deleted.which();
        list.next_post_id = db::posts::neighbour(conn, channel, which, (Walk::Newer, newest)).await?;
        list.prev_post_id = db::posts::neighbour(conn, channel, which, (Walk::Older, oldest)).await?;
    }
    Ok(list)
}
