//! Lists of posts: pages, what lies around a post, what changed, threads. Newest first, always; a place in a channel
//! is a number, not a time.

use super::{list_of, unknown, visible};
use crate::db::posts::{Post as Row, Walk};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::channels;
use crate::services::core::Core;
use crate::wire::{ChannelId, Millis, PostId, PostList, TeamId, UserId};

/// Changed posts that one answer carries at most.
const MAX_CHANGED: i64 = 1000;

/// Posts of a thread that one answer carries at most.
const MAX_THREAD: i64 = 1000;

/// Posts that a list without pages carries at most.
const MAX_LIST: i64 = 200;

/// Which way from a post.
#[derive(Debug, Clone, Copy)]
pub enum Around {
    /// Those older than it.
    Before(PostId),
    /// Those newer than it.
    After(PostId),
}

/// Where in a thread a page begins, and how long it is.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The post after (or before) which it begins; the thread's beginning (or end) without one.
    pub from: Option<PostId>,
    /// Towards newer posts, or towards older ones.
    pub walk: Walk,
    /// Replies at most.
    pub limit: i64,
}

/// A page of a channel, counted from its newest post.
pub async fn page(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    offset: i64,
    limit: i64,
) -> Result<PostList> {
    let mut conn = core.read().await?;
    let view = channels::visible(&mut conn, caller, channel).await?.content()?;
    let rows = db::posts::beyond(&mut conn, view.channel().id, Walk::Older, i64::MAX, offset, limit).await?;
    with_neighbours(&mut conn, channel, rows).await
}

/// Posts on one side of a post, nearest to it.
pub async fn around(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    at: Around,
    offset: i64,
    limit: i64,
) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let (id, walk) = match at {
        Around::Before(id) => (id, Walk::Older),
        Around::After(id) => (id, Walk::Newer),
    };
    // Clients page on from a post that may be gone by now; what is of another channel is as gone.
    let post = db::posts::find(&mut conn, caller.org, id).await?.filter(|p| p.channel_id == channel);
    let Some(post) = post else { return list_of(&mut conn, Vec::new()).await };
    let mut rows = db::posts::beyond(&mut conn, channel, walk, post.seq, offset, limit).await?;
    if walk == Walk::Newer {
        rows.reverse();
    }
    with_neighbours(&mut conn, channel, rows).await
}

/// Posts that changed after `since`, deleted ones among them.
pub async fn since(core: &Core, caller: &Caller, channel: ChannelId, since: Millis) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let rows = db::posts::changed_since(&mut conn, channel, since, MAX_CHANGED).await?;
    list_of(&mut conn, rows).await
}

/// What surrounds the first post that `user` has not read: `before` older ones, and from it on `after` newer ones. If
/// everything is read, the newest `before` posts.
pub async fn unread_window(
    core: &Core,
    caller: &Caller,
    user: UserId,
    channel: ChannelId,
    (before, after): (i64, i64),
) -> Result<PostList> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    channels::seat(&mut conn, caller, channel).await?;
    let member = db::channel_members::find(&mut conn, channel, user).await?.ok_or_else(Error::forbidden)?;
    let first = db::posts::first_after(&mut conn, channel, member.last_viewed_at).await?;
    let from = first.as_ref().map_or(i64::MAX, |p| p.seq);
    let older = db::posts::beyond(&mut conn, channel, Walk::Older, from, 0, before).await?;
    let mut rows = match first {
        Some(first) => db::posts::beyond(&mut conn, channel, Walk::Newer, first.seq - 1, 0, after).await?,
        None => Vec::new(),
    };
    rows.reverse();
    rows.extend(older);
    with_neighbours(&mut conn, channel, rows).await
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
    let mut rows = match window.walk {
        Walk::Newer => db::posts::replies(&mut conn, root.id, from.unwrap_or(0), limit + 1).await?,
        Walk::Older => {
            db::posts::replies_before(&mut conn, root.id, from.unwrap_or(i64::MAX), limit + 1).await?
        }
    };
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows.push(root);
    rows.sort_by_key(|r| std::cmp::Reverse(r.seq));
    let mut list = list_of(&mut conn, rows).await?;
    list.has_next = Some(more);
    Ok(list)
}

/// The pinned posts of a channel.
pub async fn pinned(core: &Core, caller: &Caller, channel: ChannelId) -> Result<PostList> {
    let mut conn = core.read().await?;
    channels::visible(&mut conn, caller, channel).await?.content()?;
    let rows = db::posts::pinned(&mut conn, channel, MAX_LIST).await?;
    list_of(&mut conn, rows).await
}

/// Those of `ids` that the caller may see, in the order of the ids.
pub async fn by_ids(core: &Core, caller: &Caller, ids: &[PostId]) -> Result<PostList> {
    if ids.len() > 200 {
        return Err(Error::body("post_ids"));
    }
    let mut conn = core.read().await?;
    let rows = seen(&mut conn, caller, ids).await?;
    list_of(&mut conn, rows).await
}

/// Posts that `user` has flagged, of channels that they are in; of one team or channel if named.
pub async fn flagged(
    core: &Core,
    caller: &Caller,
    user: UserId,
    (team, channel): (Option<TeamId>, Option<ChannelId>),
    (offset, limit): (i64, i64),
) -> Result<PostList> {
    if caller.id != user {
        return Err(Error::forbidden());
    }
    let mut conn = core.read().await?;
    let rows = db::posts::flagged(&mut conn, user, team, channel, offset, limit).await?;
    list_of(&mut conn, rows).await
}

/// The living posts of `ids` in channels that the caller is in, newest first.
async fn seen(conn: &mut Conn, caller: &Caller, ids: &[PostId]) -> Result<Vec<Row>> {
    let mut rows = db::posts::of_org(conn, caller.org, ids).await?;
    let channels: Vec<ChannelId> = rows.iter().map(|r| r.channel_id).collect();
    let mine = db::channel_members::among(conn, &channels, &[caller.id]).await?;
    rows.retain(|r| mine.iter().any(|(channel, _)| *channel == r.channel_id));
    rows.sort_by_key(|r| std::cmp::Reverse((r.create_at, r.seq)));
    Ok(rows)
}

/// The list of rows that lie next to each other, and the posts on either side of it.
async fn with_neighbours(conn: &mut Conn, channel: ChannelId, rows: Vec<Row>) -> Result<PostList> {
    let (newest, oldest) = (rows.first().map(|r| r.seq), rows.last().map(|r| r.seq));
    let mut list = list_of(conn, rows).await?;
    if let (Some(newest), Some(oldest)) = (newest, oldest) {
        let neighbour = |rows: Vec<Row>| rows.first().map(|r| r.id);
        list.next_post_id = neighbour(db::posts::beyond(conn, channel, Walk::Newer, newest, 0, 1).await?);
        list.prev_post_id = neighbour(db::posts::beyond(conn, channel, Walk::Older, oldest, 0, 1).await?);
    }
    Ok(list)
}
