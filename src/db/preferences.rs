//! Preferences.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::statement::prepared;
use super::{Conn, Query, schema::preferences};
use crate::wire::UserId;

/// A preference's row.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = preferences)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Preference {
    pub user_id: UserId,
    pub category: String,
    pub name: String,
    pub value: String,
}

/// The preferences of an account, at most `limit` and `bytes` of values; with a category, only those of it.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    category: Option<&str>,
    (limit, bytes): (i64, i64),
) -> Query<Vec<Preference>> {
    prepared(
        "select user_id, category, name, value from (
           select *, sum(octet_length(value)) over (order by category, name rows unbounded preceding) as sum
           from preferences where user_id = $1 and ($2 is null or category = $2)) p
         where sum <= $4 order by category, name limit $3",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<Nullable<Text>, _>(category)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(bytes)
    .load(conn)
    .await
}

/// The size of an account's preferences.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Sum {
    /// Their number.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// Bytes of their categories, names and values.
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
}

/// The size of an account's preferences. A caller that checks it before a change must hold them ([`hold`]).
pub async fn sum(conn: &mut Conn, user: UserId) -> Query<Sum> {
    prepared(
        "select count(*) as count,
           coalesce(sum(octet_length(category) + octet_length(name) + octet_length(value)), 0)::bigint as bytes
         from preferences where user_id = $1",
    )
    .bind::<SqlUuid, _>(user)
    .get_result(conn)
    .await
}

/// Locks an account's preferences until the transaction ends, so that of concurrent changes each counts those before
/// it.
pub async fn hold(conn: &mut Conn, user: UserId) -> Query<usize> {
    prepared("select pg_advisory_xact_lock(hashtextextended($1::text, 7244093252))")
        .bind::<SqlUuid, _>(user)
        .execute(conn)
        .await
}

/// One preference.
pub async fn find(conn: &mut Conn, user: UserId, category: &str, name: &str) -> Query<Option<Preference>> {
    preferences::table
        .find((user, category, name))
        .select(Preference::as_select())
        .first(conn)
        .await
        .optional()
}

/// Sets preferences, each at most once, in one statement.
pub async fn set(conn: &mut Conn, rows: &[Preference]) -> Query<usize> {
    diesel::insert_into(preferences::table)
        .values(rows)
        .on_conflict((preferences::user_id, preferences::category, preferences::name))
        .do_update()
        .set(preferences::value.eq(excluded(preferences::value)))
        .execute(conn)
        .await
}

/// Removes one preference.
pub async fn delete(conn: &mut Conn, user: UserId, category: &str, name: &str) -> Query<usize> {
    diesel::delete(preferences::table.find((user, category, name))).execute(conn).await
}
