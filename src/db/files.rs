//! Files that are attached to posts, or will be. Files that are incomplete or deleted are found only by queries that
//! ask for them.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::fragment::fragment;
use super::functions::now_ms;
use super::statement::prepared;
use super::{
    Conn, Query,
    schema::{files, orgs},
};
use crate::wire::{ChannelId, FileId, Millis, OrgId, PostId, UserId};

/// A file's row, without the text that it is found by.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = files)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct File {
    pub id: FileId,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub channel_id: Option<ChannelId>,
    pub post_id: Option<PostId>,
    pub is_ready: bool,
    pub name: String,
    pub extension: String,
    pub mime_type: String,
    pub size: i64,
    pub width: i32,
    pub height: i32,
    pub thumbnail_type: String,
    pub preview_type: String,
    pub mini_preview: Option<Vec<u8>>,
    pub create_at: Millis,
    pub update_at: Millis,
    pub delete_at: Millis,
    pub link_key: Option<Uuid>,
}

/// A file to insert, of which no bytes were received yet.
#[derive(Debug, Insertable)]
#[diesel(table_name = files)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewFile<'a> {
    pub id: FileId,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub channel_id: Option<ChannelId>,
    pub name: &'a str,
    pub extension: &'a str,
}

/// The facts of a file that are known when it is complete.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = files)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Whole {
    pub channel_id: Option<ChannelId>,
    pub mime_type: String,
    pub size: i64,
    pub width: i32,
    pub height: i32,
    pub thumbnail_type: String,
    pub preview_type: String,
    pub mini_preview: Option<Vec<u8>>,
    pub content: String,
}

/// Inserts a file whose bytes are still to come.
pub async fn insert(conn: &mut Conn, new: &NewFile<'_>) -> Query<usize> {
    diesel::insert_into(files::table).values(new).execute(conn).await
}

/// Marks a file as complete. `None` if it was deleted meanwhile.
pub async fn complete(conn: &mut Conn, id: FileId, whole: &Whole) -> Query<Option<File>> {
    diesel::update(files::table.find(id).filter(files::is_ready.eq(false).and(files::delete_at.eq(0))))
        .set((whole, files::is_ready.eq(true), files::create_at.eq(now_ms()), files::update_at.eq(now_ms())))
        .returning(File::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// The complete file `id` of an organisation, if it is not deleted.
pub async fn find(conn: &mut Conn, org: OrgId, id: FileId) -> Query<Option<File>> {
    files::table
        .find(id)
        .filter(files::org_id.eq(org).and(files::is_ready).and(files::delete_at.eq(0)))
        .select(File::as_select())
        .first(conn)
        .await
        .optional()
}

/// The complete file `id` of any organisation, if it has a public link and the organisation is not suspended or
/// deleted.
pub async fn public(conn: &mut Conn, id: FileId) -> Query<Option<File>> {
    let living = orgs::suspended_at.eq(0).and(orgs::delete_at.eq(0));
    files::table
        .inner_join(orgs::table.on(orgs::id.eq(files::org_id)))
        .filter(files::id.eq(id).and(living))
        .filter(files::is_ready.and(files::delete_at.eq(0)).and(files::link_key.is_not_null()))
        .select(File::as_select())
        .first(conn)
        .await
        .optional()
}

/// Gives a file the key of its public links, unless it has one. Answers the key.
pub async fn give_link_key(conn: &mut Conn, id: FileId, key: Uuid) -> Query<Option<Uuid>> {
    diesel::update(files::table.find(id))
        .set(
            files::link_key.eq(fragment::<diesel::sql_types::Nullable<SqlUuid>>("coalesce(link_key, ")
                .bind::<SqlUuid, _>(key)
                .sql(")")),
        )
        .returning(files::link_key)
        .get_result(conn)
        .await
}

/// Removes the key of a file's public links. Answers whether it had one.
pub async fn drop_link_key(conn: &mut Conn, id: FileId) -> Query<bool> {
    let had = diesel::update(files::table.find(id).filter(files::link_key.is_not_null()))
        .set(files::link_key.eq(None::<Uuid>))
        .execute(conn)
        .await?;
    Ok(had > 0)
}

/// Those of `ids` that are complete and not yet attached to a post, locked until the transaction ends.
pub async fn lock_unposted(mut conn: &Conn, ids: &[FileId]) -> Query<Vec<File>> {
    files::table
        .filter(
            files::id
                .eq_any(ids)
                .and(files::is_ready)
                .and(files::post_id.is_null())
                .and(files::delete_at.eq(0)),
        )
        .order(files::id)
        .select(File::as_select())
        .for_no_key_update()
        .load(&mut conn)
        .await
}

/// Attaches the files `ids[i]` to `posts[i]`. The caller holds the files' locks.
pub async fn attach(mut conn: &Conn, ids: &[FileId], posts: &[PostId]) -> Query<usize> {
    prepared(
        "update files f set post_id = n.post_id from unnest($1, $2) as n (id, post_id)
         where f.id = n.id and f.post_id is null",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(posts)
    .execute(&mut conn)
    .await
}

/// The files of posts that are not deleted.
pub async fn of_posts(mut conn: &Conn, posts: &[PostId], limit: i64) -> Query<Vec<File>> {
    files::table
        .filter(files::post_id.eq_any(posts).and(files::delete_at.eq(0)))
        .limit(limit)
        .select(File::as_select())
        .load(&mut conn)
        .await
}

/// Counts the files of a channel's posts.
pub async fn count(conn: &mut Conn, channel: ChannelId) -> Query<i64> {
    files::table
        .filter(files::channel_id.eq(channel).and(files::post_id.is_not_null()).and(files::delete_at.eq(0)))
        .count()
        .get_result(conn)
        .await
}

/// Deletes the files of a post and of its replies.
pub async fn delete_with_post(conn: &mut Conn, post: PostId) -> Query<usize> {
    prepared(
        "update files set delete_at = now_ms(), update_at = now_ms(), link_key = null
         where delete_at = 0 and post_id in (select id from posts where id = $1 or root_id = $1)",
    )
    .bind::<SqlUuid, _>(post)
    .execute(conn)
    .await
}

/// Deletes files that were removed from a post.
pub async fn delete(conn: &mut Conn, ids: &[FileId]) -> Query<usize> {
    diesel::update(files::table.filter(files::id.eq_any(ids).and(files::delete_at.eq(0))))
        .set((files::delete_at.eq(now_ms()), files::update_at.eq(now_ms()), files::link_key.eq(None::<Uuid>)))
        .execute(conn)
        .await
}

/// Files to be removed, locked: deleted before `deleted`, or never posted and begun before `begun`, or of a channel
/// that is gone. Files that another node has locked are left out.
pub async fn to_forget(conn: &mut Conn, deleted: Millis, begun: Millis, limit: i64) -> Query<Vec<File>> {
    let is_over = files::delete_at.gt(0).and(files::delete_at.lt(deleted));
    let is_orphan = files::post_id.is_null().and(files::create_at.lt(begun));
    let is_homeless = files::channel_id.is_null().and(files::is_ready);
    files::table
        .filter(is_over.or(is_orphan).or(is_homeless))
        .order(files::id)
        .limit(limit)
        .select(File::as_select())
        .for_update()
        .skip_locked()
        .load(conn)
        .await
}

/// Removes the rows of files whose bytes are gone.
pub async fn forget(conn: &mut Conn, ids: &[FileId]) -> Query<usize> {
    diesel::delete(files::table.filter(files::id.eq_any(ids))).execute(conn).await
}

/// Removes the rows of files that never became complete.
pub async fn forget_unready(conn: &mut Conn, ids: &[FileId]) -> Query<usize> {
    diesel::delete(files::table.filter(files::id.eq_any(ids).and(files::is_ready.eq(false))))
        .execute(conn)
        .await
}

/// Sets the text that a file is found by.
pub async fn set_content(conn: &mut Conn, id: FileId, content: &str) -> Query<usize> {
    diesel::update(files::table.find(id)).set(files::content.eq(content)).execute(conn).await
}

/// Adds bytes to an organisation's usage, unless it would exceed `quota` (0: no limit). Answers whether they were
/// added. The counter's row is locked until the transaction ends, so that two uploads cannot both get the last byte.
pub async fn take_space(conn: &mut Conn, org: OrgId, bytes: i64, quota: i64) -> Query<bool> {
    let taken = prepared(
        "insert into file_usage as u (org_id, bytes) select $1, $2 where $3 = 0 or $2 <= $3
         on conflict (org_id) do update set bytes = u.bytes + excluded.bytes
           where $3 = 0 or u.bytes + excluded.bytes <= $3",
    )
    .bind::<SqlUuid, _>(org)
    .bind::<BigInt, _>(bytes)
    .bind::<BigInt, _>(quota)
    .execute(conn)
    .await?;
    Ok(taken > 0)
}

/// Subtracts bytes from an organisation's usage.
pub async fn give_space(conn: &mut Conn, org: OrgId, bytes: i64) -> Query<usize> {
    prepared("update file_usage set bytes = greatest(bytes - $2, 0) where org_id = $1")
        .bind::<SqlUuid, _>(org)
        .bind::<BigInt, _>(bytes)
        .execute(conn)
        .await
}

/// The bytes of all files of an organisation.
pub async fn usage(conn: &mut Conn, org: OrgId) -> Query<i64> {
    use super::schema::file_usage;
    let found = file_usage::table.find(org).select(file_usage::bytes).first(conn).await.optional()?;
    Ok(found.unwrap_or(0))
}
