//! Posts.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::functions::now_ms;
use super::statement::fixed;
use super::{
    Conn, Query,
    schema::{channels, posts},
};
use crate::wire::{ChannelId, FileId, Millis, OrgId, PostId, TeamId, UserId};

/// A post's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = posts)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Post {
    pub id: PostId,
    pub channel_id: ChannelId,
    pub seq: i64,
    pub user_id: UserId,
    pub root_id: Option<PostId>,
    pub kind: String,
    pub message: String,
    pub props: Value,
    pub hashtags: String,
    pub pending_post_id: String,
    pub mentions_all: bool,
    pub mentions: Vec<UserId>,
    pub is_pinned: bool,
    pub has_reactions: bool,
    pub reply_count: i64,
    pub last_reply_at: Millis,
    pub create_at: Millis,
    pub update_at: Millis,
    pub edit_at: Millis,
    pub delete_at: Millis,
    pub file_ids: Vec<FileId>,
}

/// An author, as a batch of posts needs them.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Author {
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: ChannelId,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = Bool)]
    pub is_member: bool,
    #[diesel(sql_type = Bool)]
    pub admin: bool,
    #[diesel(sql_type = Bool)]
    pub guest: bool,
    #[diesel(sql_type = Bool)]
    pub in_team: bool,
    #[diesel(sql_type = Bool)]
    pub team_admin: bool,
    #[diesel(sql_type = BigInt)]
    pub now: Millis,
}

/// Names and memberships of the authors `users[i]` in `channels[i]` of `teams[i]`, and the database's clock.
pub async fn authors(
    conn: &mut Conn,
    channels: &[ChannelId],
    users: &[UserId],
    teams: &[Option<TeamId>],
) -> Query<Vec<Author>> {
    fixed(
        "select n.channel_id, u.id as user_id, u.username, m.user_id is not null as is_member,
           coalesce(m.admin, false) as admin, coalesce(m.guest, false) as guest,
           t.user_id is not null as in_team, coalesce(t.admin, false) as team_admin, now_ms() as now
         from (select distinct * from unnest($1, $2, $3) as n (channel_id, user_id, team_id)) n
         join users u on u.id = n.user_id and u.delete_at = 0
         left join channel_members m on m.channel_id = n.channel_id and m.user_id = n.user_id
         left join team_members t on t.team_id = n.team_id and t.user_id = n.user_id",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<Array<SqlUuid>, _>(users)
    .bind::<Array<Nullable<SqlUuid>>, _>(teams)
    .load(conn)
    .await
}

/// Posts that were already made, in whatever channel: by `users[i]` under `pending[i]`. Asked for row by row through the
/// index that makes a second one impossible, and by nothing that another index knows.
///
/// A plan that is kept from when the table was small reads all of it for ever after, so this statement alone is planned
/// each time; and the `offset 0` keeps the planner from making one join of it, for which it would read every post.
pub async fn pending(conn: &mut Conn, users: &[UserId], pending: &[String]) -> Query<Vec<Post>> {
    let found: Vec<Made> = diesel::sql_query(
        "select p.id from unnest($1, $2) as n (user_id, pending)
         cross join lateral (select id from posts where user_id = n.user_id
           and pending_post_id = n.pending and pending_post_id <> '' offset 0) p",
    )
    .bind::<Array<SqlUuid>, _>(users)
    .bind::<Array<Text>, _>(pending)
    .load(conn)
    .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<PostId> = found.into_iter().map(|m| m.id).collect();
    posts::table.filter(posts::id.eq_any(ids)).select(Post::as_select()).load(conn).await
}

/// A post that exists already.
#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = SqlUuid)]
    id: PostId,
}

/// Inserts rows that the caller has numbered under the channels' locks: one statement for all.
pub async fn insert(conn: &mut Conn, rows: &[Post]) -> Query<usize> {
    fixed(
        "insert into posts (id, channel_id, seq, user_id, root_id, kind, message, props, hashtags, pending_post_id,
           mentions_all, mentions, create_at, update_at, reply_count)
         select id, channel_id, seq, user_id, root_id, kind, message, props, hashtags, pending, al,
           named::uuid[], at, at, 0
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           as n (id, channel_id, seq, user_id, root_id, kind, message, props, hashtags, pending, al, named, at)",
    )
    .bind::<Array<SqlUuid>, _>(column(rows, |p| p.id))
    .bind::<Array<SqlUuid>, _>(column(rows, |p| p.channel_id))
    .bind::<Array<BigInt>, _>(column(rows, |p| p.seq))
    .bind::<Array<SqlUuid>, _>(column(rows, |p| p.user_id))
    .bind::<Array<Nullable<SqlUuid>>, _>(column(rows, |p| p.root_id))
    .bind::<Array<Text>, _>(column(rows, |p| p.kind.as_str()))
    .bind::<Array<Text>, _>(column(rows, |p| p.message.as_str()))
    .bind::<Array<Jsonb>, _>(column(rows, |p| &p.props))
    .bind::<Array<Text>, _>(column(rows, |p| p.hashtags.as_str()))
    .bind::<Array<Text>, _>(column(rows, |p| p.pending_post_id.as_str()))
    .bind::<Array<Bool>, _>(column(rows, |p| p.mentions_all))
    // Arrays of arrays must be rectangular, so each list travels as the text of an array.
    .bind::<Array<Text>, _>(column(rows, |p| array(p.mentions.iter().map(|id| id.0))))
    .bind::<Array<BigInt>, _>(column(rows, |p| p.create_at))
    .execute(conn)
    .await
}

/// `{id,id}`, as PostgreSQL writes an array.
fn array(ids: impl Iterator<Item = uuid::Uuid>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

fn column<'a, T>(rows: &'a [Post], value: impl Fn(&'a Post) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Notes which files hang on the posts `ids[i]`, in their order.
pub async fn set_files(conn: &mut Conn, ids: &[PostId], files: &[Vec<FileId>]) -> Query<usize> {
    let lists = files.iter().map(|list| array(list.iter().map(|id| id.0)));
    fixed(
        "update posts p set file_ids = n.files::uuid[] from unnest($1, $2) as n (id, files) where p.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(lists.collect::<Vec<_>>())
    .execute(conn)
    .await
}

/// Counts `times[i]` new replies on the thread `roots[i]`.
pub async fn replied(conn: &mut Conn, roots: &[PostId], times: &[i64], at: Millis) -> Query<usize> {
    fixed(
        "update posts p set reply_count = p.reply_count + n.times, last_reply_at = $3, update_at = greatest(p.update_at, $3)
         from unnest($1, $2) as n (id, times) where p.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(roots)
    .bind::<Array<BigInt>, _>(times)
    .bind::<BigInt, _>(at)
    .execute(conn)
    .await
}

/// Whether a post is in a channel of `org`. Asked for with the post itself: what is another organisation's must not take
/// longer to refuse than what is not there, nor be locked.
#[diesel::dsl::auto_type]
fn is_of(org: OrgId) -> _ {
    exists(channels::table.filter(channels::id.eq(posts::channel_id).and(channels::org_id.eq(org))))
}

/// The post `id` of `org`, deleted or not.
pub async fn find(conn: &mut Conn, org: OrgId, id: PostId) -> Query<Option<Post>> {
    posts::table.find(id).filter(is_of(org)).select(Post::as_select()).first(conn).await.optional()
}

/// The posts of `ids` in channels of `org` that are not deleted.
pub async fn of_org(conn: &mut Conn, org: OrgId, ids: &[PostId]) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)).and(is_of(org)))
        .select(Post::as_select())
        .load(conn)
        .await
}

/// The posts of `ids` that are not deleted.
pub async fn by_ids(conn: &mut Conn, ids: &[PostId]) -> Query<Vec<Post>> {
    posts::table
        .filter(posts::id.eq_any(ids).and(posts::delete_at.eq(0)))
        .select(Post::as_select())
        .load(conn)
        .await
}

/// The post `id` of `org`, deleted or not, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, org: OrgId, id: PostId) -> Query<Option<Post>> {
    let post = posts::table.find(id).filter(is_of(org)).select(Post::as_select());
    post.for_no_key_update().first(conn).await.optional()
}

/// Which way to walk from a place in a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Towards older posts.
    Older,
    /// Towards newer posts.
    Newer,
}

/// At most `limit` posts beyond the number `from`, nearest first, after skipping `skip`.
pub async fn beyond(
    conn: &mut Conn,
    channel: ChannelId,
    walk: Walk,
    from: i64,
    skip: i64,
    limit: i64,
) -> Query<Vec<Post>> {
    let base = posts::table
        .filter(posts::channel_id.eq(channel).and(posts::delete_at.eq(0)))
        .select(Post::as_select())
        .offset(skip)
        .limit(limit)
        .into_boxed();
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

/// What an edit sets; what is `None` stays.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = posts)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Change {
    pub message: Option<String>,
    pub hashtags: Option<String>,
    pub props: Option<Value>,
    pub is_pinned: Option<bool>,
    pub edit_at: Option<Millis>,
    pub file_ids: Option<Vec<FileId>>,
}

/// Applies an edit and stamps it, later than every change before.
pub async fn change(conn: &mut Conn, id: PostId, change: &Change) -> Query<Post> {
    diesel::update(posts::table.find(id))
        .set((change, posts::update_at.eq(later())))
        .returning(Post::as_returning())
        .get_result(conn)
        .await
}

/// Deletes a post and the thread that hangs on it. Answers how many posts went.
pub async fn delete(conn: &mut Conn, id: PostId) -> Query<usize> {
    let now = || now_ms();
    diesel::update(
        posts::table.filter(posts::id.eq(id).or(posts::root_id.eq(id)).and(posts::delete_at.eq(0))),
    )
    .set((posts::delete_at.eq(now()), posts::update_at.eq(later()), posts::is_pinned.eq(false)))
    .execute(conn)
    .await
}

/// Locks posts that begin threads in which nothing was said for longer than their organisation keeps posts, at most
/// `limit`.
pub async fn outdated(conn: &mut Conn, limit: i64) -> Query<Vec<PostId>> {
    #[derive(QueryableByName)]
    struct Outdated {
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        id: PostId,
    }
    let rows: Vec<Outdated> = fixed(
        "select p.id from posts p where p.id in (
           select o.id from orgs g join channels c on c.org_id = g.id cross join lateral (
             select q.id from posts q where q.channel_id = c.id and q.root_id is null and q.delete_at = 0
             and q.create_at < now_ms() - g.retention_days * 86400000::bigint
             and q.last_reply_at < now_ms() - g.retention_days * 86400000::bigint limit $1) o
           where g.retention_days > 0 and g.delete_at = 0 limit $1)
         for no key update skip locked",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|o| o.id).collect())
}

/// Takes what was written out of a deleted post and its thread. The answer is what is left of the post.
pub async fn erase(conn: &mut Conn, id: PostId) -> Query<Option<Post>> {
    let left: Vec<Post> = diesel::update(posts::table.filter(posts::id.eq(id).or(posts::root_id.eq(id))))
        .set((posts::message.eq(""), posts::props.eq(serde_json::json!({})), posts::hashtags.eq("")))
        .returning(Post::as_returning())
        .load(conn)
        .await?;
    Ok(left.into_iter().find(|post| post.id == id))
}

/// Takes one reply off a thread.
pub async fn unreplied(conn: &mut Conn, root: PostId) -> Query<Option<Post>> {
    diesel::update(posts::table.find(root))
        .set((
            posts::reply_count.eq(diesel::dsl::sql::<BigInt>("greatest(reply_count - 1, 0)")),
            posts::update_at.eq(later()),
        ))
        .returning(Post::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Notes whether anybody reacts to a post.
pub async fn set_has_reactions(conn: &mut Conn, id: PostId, has: bool) -> Query<usize> {
    diesel::update(posts::table.find(id))
        .set((posts::has_reactions.eq(has), posts::update_at.eq(later())))
        .execute(conn)
        .await
}

/// A time of change that is later than the one before it, even within a millisecond: clients ask for what changed
/// "since".
fn later() -> diesel::expression::SqlLiteral<BigInt> {
    diesel::dsl::sql::<BigInt>("greatest(now_ms(), update_at + 1)")
}

/// Posts that `user` has flagged (a preference each), of channels that they are in, newest first.
pub async fn flagged(
    conn: &mut Conn,
    user: UserId,
    team: Option<crate::wire::TeamId>,
    channel: Option<ChannelId>,
    offset: i64,
    limit: i64,
) -> Query<Vec<Post>> {
    use super::schema::{channel_members, channels, preferences};
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

/// What stands in a channel from a post on, as one member counts it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Rest {
    /// Posts that count as unread, the member's own too.
    #[diesel(sql_type = BigInt)]
    pub posts: i64,
    /// Those of them outside threads.
    #[diesel(sql_type = BigInt)]
    pub posts_root: i64,
    /// Posts of others that mention the member by name.
    #[diesel(sql_type = BigInt)]
    pub named: i64,
    /// Those of them outside threads.
    #[diesel(sql_type = BigInt)]
    pub named_root: i64,
    /// Posts of others that mention everybody.
    #[diesel(sql_type = BigInt)]
    pub everybody: i64,
    /// Those of them outside threads.
    #[diesel(sql_type = BigInt)]
    pub everybody_root: i64,
}

/// What stands in `channel` from the number `seq` on, as `user` counts it. Posts of the types `uncounted` are never
/// unread; deleted ones still count as posts, since the channel's total has them, but mention nobody.
pub async fn rest(
    conn: &mut Conn,
    channel: ChannelId,
    seq: i64,
    user: UserId,
    uncounted: &[&str],
) -> Query<Rest> {
    fixed(
        "select count(*) filter (where counted) as posts,
           count(*) filter (where counted and root_id is null) as posts_root,
           count(*) filter (where heard and named) as named,
           count(*) filter (where heard and named and root_id is null) as named_root,
           count(*) filter (where heard and mentions_all) as everybody,
           count(*) filter (where heard and mentions_all and root_id is null) as everybody_root
         from (
           select root_id, mentions_all, $3 = any(mentions) as named, not kind = any($4) as counted,
             user_id <> $3 and delete_at = 0 as heard
           from posts where channel_id = $1 and seq >= $2) p",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<BigInt, _>(seq)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Text>, _>(uncounted)
    .get_result(conn)
    .await
}
