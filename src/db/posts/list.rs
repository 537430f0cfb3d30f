//! Pages of posts.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Post;
use crate::db::{Conn, Query, schema::posts};
use crate::wire::{ChannelId, Millis, PostId, TeamId, UserId};

/// Which way to walk from a place in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Towards older posts.
    Older,
    /// Towards newer posts.
    Newer,
}

/// Which posts are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are not deleted.
    Living,
    /// Deleted ones too.
    All,
}

/// At most `limit` posts beyond the number `from`, nearest first, after skipping `skip`.
pub async fn beyond(
    conn: &mut Conn,
    channel: ChannelId,
    which: Which,
    (walk, from): (Walk, i64),
    skip: i64,
    limit: i64,
) -> Query<Vec<Post>> {
    let all = posts::table
        .filter(posts::channel_id.eq(channel))
        .select(Post::as_select())
        .offset(skip)
        .limit(limit)
        .into_boxed();
    let base = match which {
        Which::Living => all.filter(posts::delete_at.eq(0)),
        Which::All => all,
    };
    match walk {
        Walk::Older => base.filter(posts::seq.lt(from)).order(posts::seq.desc()).load(conn).await,
        Walk::Newer => base.filter(posts::seq.gt(from)).order(posts::seq.asc()).load(conn).await,
    }
}

/// The oldest post of a channel that was made after `time`.
pub async fn first_after(conn: &mut Conn, channel: ChannelId, time: Millis) -> Query<Option<Post>> {
    posts::table
        .filter(posts::channel_id.eq(channel).and(posts::create_at.gt(time)).and(posts::delete_at.eq(0)))
        .order((posts::create_at, posts::seq))
        .select(Post::as_select())
        .first(conn)
        .await
        .optional()
}

/// Posts of a channel that changed after `since`, deleted ones too, at most `limit`, newest first.
pub async fn changed_since(
    conn: &mut Conn,
    channel: ChannelId,
    since: Millis,
    limit: i64,
) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::channel_id.eq(channel).and(posts::update_at.gt(since)))
        .order(posts::seq.desc())
        .limit(limit)
        .select(Post::as_select())
        .load(conn)
        .await
}

/// Replies of a thread after the number `from`, oldest first.
pub async fn replies(conn: &mut Conn, root: PostId, from: i64, limit: i64) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::root_id.eq(root).and(posts::delete_at.eq(0)).and(posts::seq.gt(from)))
        .order(posts::seq.asc())
        .limit(limit)
        .select(Post::as_select())
        .load(conn)
        .await
}

/// Replies of a thread before the number `from`, newest first.
pub async fn replies_before(conn: &mut Conn, root: PostId, from: i64, limit: i64) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::root_id.eq(root).and(posts::delete_at.eq(0)).and(posts::seq.lt(from)))
        .order(posts::seq.desc())
        .limit(limit)
        .select(Post::as_select())
        .load(conn)
        .await
}

/// Pinned posts of a channel, newest first.
pub async fn pinned(conn: &mut Conn, channel: ChannelId, limit: i64) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::channel_id.eq(channel).and(posts::is_pinned).and(posts::delete_at.eq(0)))
        .order(posts::seq.desc())
        .limit(limit)
        .select(Post::as_select())
        .load(conn)
        .await
}

/// Posts that `user` has flagged (a preference each), of channels that they are in, newest first.
pub async fn flagged(
    conn: &mut Conn,
    user: UserId,
    team: Option<TeamId>,
    channel: Option<ChannelId>,
    offset: i64,
    limit: i64,
) -> Query<Vec<Post>> {
    use crate::db::schema::{channel_members, channels, preferences};
    let names: Vec<String> = preferences::table
        .filter(
            preferences::user_id
                .eq(user)
                .and(preferences::category.eq("flagged_post"))
                .and(preferences::value.eq("true")),
        )
        .select(preferences::name)
        .limit(10_000)
        .load(conn)
        .await?;
    let ids: Vec<PostId> = names.iter().filter_map(|n| n.parse().ok()).collect();
    let mine =
        channel_members::table.filter(channel_members::user_id.eq(user)).select(channel_members::channel_id);
    let mut found = posts::table
        .inner_join(channels::table)
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)).and(posts::channel_id.eq_any(mine)))
        .select(Post::as_select())
        .order((posts::create_at.desc(), posts::seq.desc()))
        .offset(offset)
        .limit(limit)
        .into_boxed();
    if let Some(team) = team {
        found = found.filter(channels::team_id.eq(team).or(channels::team_id.is_null()));
    }
    if let Some(channel) = channel {
        found = found.filter(posts::channel_id.eq(channel));
    }
    found.load(conn).await
}

// What reading positions and channels ask of posts.

/// How many posts of a channel are pinned.
pub async fn count_pinned(conn: &mut Conn, channel: ChannelId) -> Query<i64> {
    posts::table
        .filter(posts::channel_id.eq(channel).and(posts::is_pinned).and(posts::delete_at.eq(0)))
        .count()
        .get_result(conn)
        .await
}
