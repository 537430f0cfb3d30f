//! Pages of posts, each bounded in bytes.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Post;
use super::page::{BYTES, Page, within};
use crate::db::fragment::fragment;
use crate::db::statement::prepared;
use crate::db::{Conn, Query, schema::posts};
use crate::wire::{ChannelId, Millis, OrgId, PageRange, PostId, TeamId, UserId};

/// The direction in which to walk from a place in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Towards older posts.
    Older,
    /// Towards newer posts.
    Newer,
}

/// The posts that a query includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Posts that are not deleted.
    Living,
    /// All posts, deleted ones too.
    All,
}

impl Which {
    /// Narrows a query to these posts.
    fn of<S>(self, query: posts::BoxedQuery<'_, Pg, S>) -> posts::BoxedQuery<'_, Pg, S> {
        match self {
            Self::Living => query.filter(posts::delete_at.eq(0)),
            Self::All => query,
        }
    }
}

/// At most `limit` posts beyond the number `from`, nearest first, after skipping `skip`.
pub async fn beyond(
    conn: &mut Conn,
    channel: ChannelId,
    which: Which,
    (walk, from): (Walk, i64),
    skip: i64,
    limit: i64,
) -> Query<Page> {
    let base = posts::table
        .filter(posts::channel_id.eq(channel))
        .select(Post::as_select())
        .offset(skip)
        .limit(limit)
        .into_boxed::<Pg>();
    let base = which.of(base);
    match walk {
        Walk::Older => within(conn, base.filter(posts::seq.lt(from)).order(posts::seq.desc()), BYTES).await,
        Walk::Newer => within(conn, base.filter(posts::seq.gt(from)).order(posts::seq.asc()), BYTES).await,
    }
}

/// The post next to the number `from`.
pub async fn neighbour(
    conn: &mut Conn,
    channel: ChannelId,
    which: Which,
    (walk, from): (Walk, i64),
) -> Query<Option<PostId>> {
    let base = posts::table.filter(posts::channel_id.eq(channel)).select(posts::id).into_boxed::<Pg>();
    let base = which.of(base);
    let nearest = match walk {
        Walk::Older => base.filter(posts::seq.lt(from)).order(posts::seq.desc()),
        Walk::Newer => base.filter(posts::seq.gt(from)).order(posts::seq.asc()),
    };
    nearest.first(conn).await.optional()
}

/// The posts of `ids` that are of `org` and not deleted, newest first.
pub async fn of_org(conn: &mut Conn, org: OrgId, ids: &[PostId]) -> Query<Page> {
    let found = posts::table
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)).and(posts::org_id.eq(org)))
        .order((posts::create_at.desc(), posts::seq.desc()))
        .select(Post::as_select());
    within(conn, found, BYTES).await
}

/// Those of `ids` that `which` includes, in the order of `ids`, as many as fit into `bytes` together.
pub async fn roots(conn: &mut Conn, ids: &[PostId], which: Which, bytes: i64) -> Query<Page> {
    let place = fragment::<Integer>("array_position(").bind::<Array<SqlUuid>, _>(ids).sql(", posts.id)");
    let found =
        posts::table.filter(posts::id.eq_any(ids)).order(place).select(Post::as_select()).into_boxed::<Pg>();
    within(conn, which.of(found), bytes).await
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

/// Posts of a channel that changed after `since`, in the order of their changes, deleted ones too (without their
/// contents unless all posts are asked for): at most `limit` and [`BYTES`], but always all that changed at the same
/// time as the last of them. A client that continues from that time thus misses none.
pub async fn changed_since(
    conn: &mut Conn,
    channel: ChannelId,
    which: Which,
    since: Millis,
    limit: i64,
) -> Query<Vec<Changed>> {
    prepared(
        "select id, channel_id, seq, user_id, root_id, kind,
           case when delete_at = 0 or $5 then message else '' end as message,
           case when delete_at = 0 or $5 then props else '{}' end as props,
           case when delete_at = 0 or $5 then hashtags else '' end as hashtags,
           case when delete_at = 0 or $5 then file_ids else '{}' end as file_ids,
           pending_post_id, mentions_all, mentions, is_pinned, has_reactions and delete_at = 0 as has_reactions,
           reply_count, last_reply_at, create_at, update_at, edit_at, delete_at,
           sum >= $4 or count >= $3 as is_last
         from (
           select p.*, sum(size) over upto as sum, count(*) over upto as count,
             sum(size) over before as sum_before, count(*) over before as count_before
           from (
             select *, case when delete_at <> 0 and not $5 then 0 else octet_length(message)
               + case when pg_column_compression(props) is null
                 then pg_column_size(props) else octet_length(props::text) end end as size
             from posts where channel_id = $1 and update_at > $2
             order by update_at fetch first $3 rows with ties) p
           window upto as (order by update_at groups unbounded preceding),
             before as (order by update_at groups between unbounded preceding and 1 preceding)) s
         where coalesce(sum_before, 0) < $4 and count_before < $3
         order by update_at, seq",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<BigInt, _>(since)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(BYTES)
    .bind::<Bool, _>(which == Which::All)
    .load(conn)
    .await
}

/// A post that changed.
#[derive(Debug, Clone, QueryableByName)]
pub struct Changed {
    /// The post.
    #[diesel(embed)]
    pub post: Post,
    /// Whether a bound was reached with this post: others may have changed after it.
    #[diesel(sql_type = Bool)]
    pub is_last: bool,
}

/// Replies of a thread after the number `from`, oldest first.
pub async fn replies(conn: &mut Conn, root: PostId, from: i64, limit: i64) -> Query<Page> {
    let found = posts::table
        .filter(posts::root_id.eq(root).and(posts::delete_at.eq(0)).and(posts::seq.gt(from)))
        .order(posts::seq.asc())
        .limit(limit)
        .select(Post::as_select());
    within(conn, found, BYTES).await
}

/// Replies of a thread before the number `from`, newest first.
pub async fn replies_before(conn: &mut Conn, root: PostId, from: i64, limit: i64) -> Query<Page> {
    let found = posts::table
        .filter(posts::root_id.eq(root).and(posts::delete_at.eq(0)).and(posts::seq.lt(from)))
        .order(posts::seq.desc())
        .limit(limit)
        .select(Post::as_select());
    within(conn, found, BYTES).await
}

/// Pinned posts of a channel, newest first.
pub async fn pinned(
    conn: &mut Conn,
    channel: ChannelId,
    PageRange { offset, limit }: PageRange,
) -> Query<Page> {
    let found = posts::table
        .filter(posts::channel_id.eq(channel).and(posts::is_pinned).and(posts::delete_at.eq(0)))
        .order(posts::seq.desc())
        .offset(offset)
        .limit(limit)
        .select(Post::as_select());
    within(conn, found, BYTES).await
}

/// Posts that `user` has flagged (a preference each), of channels that they are in, newest first.
pub async fn flagged(
    conn: &mut Conn,
    user: UserId,
    team: Option<TeamId>,
    channel: Option<ChannelId>,
    PageRange { offset, limit }: PageRange,
) -> Query<Page> {
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
        .into_boxed::<Pg>();
    if let Some(team) = team {
        found = found.filter(channels::team_id.eq(team).or(channels::team_id.is_null()));
    }
    if let Some(channel) = channel {
        found = found.filter(posts::channel_id.eq(channel));
    }
    within(conn, found, BYTES).await
}

// Queries for reading positions and channels.

/// Counts the pinned posts of a channel.
pub async fn count_pinned(conn: &mut Conn, channel: ChannelId) -> Query<i64> {
    posts::table
        .filter(posts::channel_id.eq(channel).and(posts::is_pinned).and(posts::delete_at.eq(0)))
        .count()
        .get_result(conn)
        .await
}
