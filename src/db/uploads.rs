//! Resumable uploads: each belongs to a file that is not complete yet.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::files::File;
use super::fragment::fragment;
use super::functions::now_ms;
use super::statement::prepared;
use super::{Conn, Query, schema::files, schema::uploads};
use crate::wire::{FileId, Millis, OrgId, UserId};

/// An upload's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = uploads)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Upload {
    pub id: FileId,
    pub size: i64,
    pub aside: Option<Value>,
}

/// Inserts an upload for a file whose row exists already.
pub async fn insert(conn: &mut Conn, id: FileId, size: i64) -> Query<usize> {
    let row = (uploads::id.eq(id), uploads::size.eq(size));
    diesel::insert_into(uploads::table).values(row).execute(conn).await
}

/// The upload `id` of `user`, and its file.
pub async fn find(conn: &mut Conn, org: OrgId, user: UserId, id: FileId) -> Query<Option<(File, Upload)>> {
    files::table
        .inner_join(uploads::table)
        .filter(uploads::id.eq(id).and(files::org_id.eq(org)).and(files::user_id.eq(user)))
        .filter(files::is_ready.eq(false))
        .select((File::as_select(), Upload::as_select()))
        .first(conn)
        .await
        .optional()
}

/// The uploads of `user`, newest first.
pub async fn of_user(conn: &mut Conn, org: OrgId, user: UserId, limit: i64) -> Query<Vec<(File, Upload)>> {
    files::table
        .inner_join(uploads::table)
        .filter(files::org_id.eq(org).and(files::user_id.eq(user)).and(files::is_ready.eq(false)))
        .order(files::id.desc())
        .limit(limit)
        .select((File::as_select(), Upload::as_select()))
        .load(conn)
        .await
}

/// Takes an upload for `lease` milliseconds. `None` if another request holds it.
pub async fn take(conn: &mut Conn, id: FileId, lease: Millis) -> Query<Option<Upload>> {
    diesel::update(uploads::table.find(id).filter(uploads::taken_until.lt(now_ms())))
        .set(uploads::taken_until.eq(fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(lease)))
        .returning(Upload::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Extends the lease of an upload to `lease` milliseconds from now, if it is still held.
pub async fn renew(conn: &mut Conn, id: FileId, lease: Millis) -> Query<usize> {
    prepared("update uploads set taken_until = now_ms() + $2 where id = $1 and taken_until > now_ms()")
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(lease)
        .execute(conn)
        .await
}

/// Stores the progress of an upload.
pub async fn note(conn: &mut Conn, id: FileId, aside: &Value) -> Query<usize> {
    diesel::update(uploads::table.find(id)).set(uploads::aside.eq(aside)).execute(conn).await
}

/// Releases an upload, with the progress that was stored.
pub async fn let_go(conn: &mut Conn, id: FileId) -> Query<usize> {
    diesel::update(uploads::table.find(id)).set(uploads::taken_until.eq(0)).execute(conn).await
}

/// Removes an upload.
pub async fn delete(conn: &mut Conn, id: FileId) -> Query<usize> {
    diesel::delete(uploads::table.find(id)).execute(conn).await
}

/// The uploads of `ids` that have not ended.
pub async fn by_ids(conn: &mut Conn, ids: &[FileId]) -> Query<Vec<Upload>> {
    uploads::table.filter(uploads::id.eq_any(ids)).select(Upload::as_select()).load(conn).await
}
