//! The queries that check a batch of posts, and those that write its rows.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Post;
use crate::db::statement::prepared;
use crate::db::{Conn, Query, schema::posts};
use crate::wire::{ChannelId, FileId, Millis, OrgId, PostId, UserId};

/// The facts of an author that a batch of posts needs.
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

/// Names and memberships of the authors `users[i]` in `channels[i]`, and the database's clock. The pairs must be
/// distinct.
pub async fn authors(mut conn: &Conn, channels: &[ChannelId], users: &[UserId]) -> Query<Vec<Author>> {
    prepared(
        "select n.channel_id, u.id as user_id, u.username, m.user_id is not null as is_member,
           coalesce(m.admin, false) as admin, coalesce(m.guest, false) as guest,
           t.user_id is not null as in_team, coalesce(t.admin, false) as team_admin, now_ms() as now
         from unnest($1, $2) as n (channel_id, user_id)
         join channels c on c.id = n.channel_id
         join users u on u.id = n.user_id and u.delete_at = 0
         left join channel_members m on m.channel_id = n.channel_id and m.user_id = n.user_id
         left join team_members t on t.team_id = c.team_id and t.user_id = n.user_id",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<Array<SqlUuid>, _>(users)
    .load(&mut conn)
    .await
}

/// The posts that `users[i]` already made under `pending[i]`, in any channel. Looked up row by row in the index that
/// makes duplicates impossible, with no condition that another index could serve.
///
/// A plan that was made when the table was small would read the whole table for ever after, so this statement alone is
/// planned each time; and the `offset 0` keeps the planner from making one join of it, for which it would read every
/// post.
pub async fn pending(mut conn: &Conn, users: &[UserId], pending: &[String]) -> Query<Vec<Post>> {
    let found: Vec<Made> = diesel::sql_query(
        "select p.id from unnest($1, $2) as n (user_id, pending)
         cross join lateral (select id from posts where user_id = n.user_id
           and pending_post_id = n.pending and pending_post_id <> '' offset 0) p",
    )
    .bind::<Array<SqlUuid>, _>(users)
    .bind::<Array<Text>, _>(pending)
    .load(&mut conn)
    .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<PostId> = found.into_iter().map(|m| m.id).collect();
    posts::table.filter(posts::id.eq_any(ids)).select(Post::as_select()).load(&mut conn).await
}

/// The index that makes a second post of one sender under one pending id impossible.
pub const PENDING_KEY: &str = "posts_sender_pending_key";

/// A post that exists already.
#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = SqlUuid)]
    id: PostId,
}

/// Inserts rows that the caller has numbered under the channels' locks, each of the organisation `orgs[i]`, in one
/// statement.
pub async fn insert(mut conn: &Conn, rows: &[Post], orgs: &[OrgId]) -> Query<usize> {
    prepared(
        "insert into posts (id, channel_id, seq, user_id, root_id, kind, message, props, hashtags, pending_post_id,
           mentions_all, mentions, create_at, update_at, reply_count, org_id)
         select id, channel_id, seq, user_id, root_id, kind, message, props, hashtags, pending, al,
           named::uuid[], at, at, 0, org_id
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           as n (id, channel_id, seq, user_id, root_id, kind, message, props, hashtags, pending, al, named, at, org_id)",
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
    .bind::<Array<SqlUuid>, _>(orgs)
    .execute(&mut conn)
    .await
}

/// The identifiers as `{id,id}`, the text format of a PostgreSQL array.
fn array(ids: impl Iterator<Item = uuid::Uuid>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

fn column<'a, T>(rows: &'a [Post], value: impl Fn(&'a Post) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Sets the file lists of the posts `ids[i]`, in their order.
pub async fn set_files(mut conn: &Conn, ids: &[PostId], files: &[Vec<FileId>]) -> Query<usize> {
    let lists = files.iter().map(|list| array(list.iter().map(|id| id.0)));
    prepared(
        "update posts p set file_ids = n.files::uuid[] from unnest($1, $2) as n (id, files) where p.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(lists.collect::<Vec<_>>())
    .execute(&mut conn)
    .await
}

/// Adds `times[i]` to the reply count of the thread `roots[i]`.
pub async fn replied(mut conn: &Conn, roots: &[PostId], times: &[i64], at: Millis) -> Query<usize> {
    prepared(
        "update posts p set reply_count = p.reply_count + n.times, last_reply_at = $3, update_at = greatest(p.update_at, $3)
         from unnest($1, $2) as n (id, times) where p.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(roots)
    .bind::<Array<BigInt>, _>(times)
    .bind::<BigInt, _>(at)
    .execute(&mut conn)
    .await
}

/// The accounts that replies to the threads `roots` mention: members of the channel whose settings (`comments`) ask for
/// it, in threads that they began (`root`), or took part in lately (`any`).
pub async fn followers(mut conn: &Conn, roots: &[PostId]) -> Query<Vec<(PostId, UserId)>> {
    let found: Vec<Follower> = prepared(
        "select r.id as root_id, u.id as user_id
         from posts r
         cross join lateral (
           select r.user_id
           union select n.user_id from (
             select p.user_id from posts p where p.root_id = r.id and p.delete_at = 0 order by p.seq desc limit 200) n
         ) a
         join users u on u.id = a.user_id and u.delete_at = 0
           and (u.notify_props ->> 'comments' = 'any' or u.notify_props ->> 'comments' = 'root' and u.id = r.user_id)
         join channel_members m on m.channel_id = r.channel_id and m.user_id = u.id
         where r.id = any ($1) and r.delete_at = 0",
    )
    .bind::<Array<SqlUuid>, _>(roots)
    .load(&mut conn)
    .await?;
    Ok(found.into_iter().map(|f| (f.root_id, f.user_id)).collect())
}

/// An account that replies to a thread mention.
#[derive(QueryableByName)]
struct Follower {
    #[diesel(sql_type = SqlUuid)]
    root_id: PostId,
    #[diesel(sql_type = SqlUuid)]
    user_id: UserId,
}
