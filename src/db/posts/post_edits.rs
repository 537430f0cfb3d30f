//! Edits and deletions, by people and by retention.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::Post;
use crate::db::fragment::{SqlFragment, fragment};
use crate::db::functions::now_ms;
use crate::db::statement::prepared;
use crate::db::{Conn, Query, schema::posts};
use crate::wire::{ChannelId, FileId, Millis, PostId};

/// The columns that an edit replaces; `None` leaves a column as it is.
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

/// Applies an edit and sets its time, later than every change before.
pub async fn change(conn: &mut Conn, id: PostId, change: &Change) -> Query<Post> {
    diesel::update(posts::table.find(id))
        .set((change, posts::update_at.eq(later())))
        .returning(Post::as_returning())
        .get_result(conn)
        .await
}

/// A post that was just deleted.
#[derive(Debug, Clone, Copy, Queryable)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Gone {
    pub id: PostId,
    pub create_at: Millis,
    pub delete_at: Millis,
}

/// Deletes a post and its replies. Answers the posts that were deleted.
pub async fn delete(conn: &mut Conn, id: PostId) -> Query<Vec<Gone>> {
    let now = || now_ms();
    diesel::update(
        posts::table.filter(posts::id.eq(id).or(posts::root_id.eq(id)).and(posts::delete_at.eq(0))),
    )
    .set((posts::delete_at.eq(now()), posts::update_at.eq(later()), posts::is_pinned.eq(false)))
    .returning((posts::id, posts::create_at, posts::delete_at))
    .get_results(conn)
    .await
}

/// Locks posts that begin threads whose newest post is older than their organisation keeps posts, at most `limit`.
pub async fn outdated(conn: &mut Conn, limit: i64) -> Query<Vec<(ChannelId, PostId)>> {
    #[derive(QueryableByName)]
    struct Outdated {
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        id: PostId,
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        channel_id: ChannelId,
    }
    let rows: Vec<Outdated> = prepared(
        "select p.id, p.channel_id from posts p where p.id in (
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
    Ok(rows.into_iter().map(|o| (o.channel_id, o.id)).collect())
}

/// Removes the contents of a deleted post and its replies. Answers the post without its contents.
pub async fn erase(conn: &mut Conn, id: PostId) -> Query<Option<Post>> {
    let left: Vec<Post> = diesel::update(posts::table.filter(posts::id.eq(id).or(posts::root_id.eq(id))))
        .set((posts::message.eq(""), posts::props.eq(serde_json::json!({})), posts::hashtags.eq("")))
        .returning(Post::as_returning())
        .load(conn)
        .await?;
    Ok(left.into_iter().find(|post| post.id == id))
}

/// Removes the contents of deleted posts that are older than their organisation keeps posts, at most `limit`. Answers
/// their number.
pub async fn erase_deleted(conn: &mut Conn, limit: i64) -> Query<usize> {
    prepared(
        "update posts p set message = '', props = '{}', hashtags = '' where p.id in (
           select o.id from orgs g join channels c on c.org_id = g.id cross join lateral (
             select q.id from posts q where q.channel_id = c.id and q.delete_at <> 0
             and q.create_at < now_ms() - g.retention_days * 86400000::bigint
             and (q.message <> '' or q.props <> '{}') limit $1) o
           where g.retention_days > 0 and g.delete_at = 0 limit $1)",
    )
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await
}

/// Subtracts one reply from a thread.
pub async fn unreplied(conn: &mut Conn, root: PostId) -> Query<Option<Post>> {
    diesel::update(posts::table.find(root))
        .set((
            posts::reply_count.eq(fragment::<BigInt>("greatest(reply_count - 1, 0)")),
            posts::update_at.eq(later()),
        ))
        .returning(Post::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Sets whether a post has reactions.
pub async fn set_has_reactions(conn: &mut Conn, id: PostId, has: bool) -> Query<usize> {
    diesel::update(posts::table.find(id))
        .set((posts::has_reactions.eq(has), posts::update_at.eq(later())))
        .execute(conn)
        .await
}

/// A time of change that is later than the one before it, even within a millisecond: clients ask for changes "since" a
/// time.
fn later() -> SqlFragment<'static, BigInt> {
    fragment::<BigInt>("greatest(now_ms(), update_at + 1)")
}
