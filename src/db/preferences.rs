//! Preferences.

use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::{Conn, Query, schema::preferences};
use crate::wire::UserId;

/// A preference's row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = preferences)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Preference {
    pub user_id: UserId,
    pub category: String,
    pub name: String,
    pub value: String,
}

/// The preferences of an account, at most `limit`; with a category, those of it.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    category: Option<&str>,
    limit: i64,
) -> Query<Vec<Preference>> {
    let mut query = preferences::table.filter(preferences::user_id.eq(user)).into_boxed();
    if let Some(category) = category {
        query = query.filter(preferences::category.eq(category));
    }
    query
        .order((preferences::category, preferences::name))
        .limit(limit)
        .select(Preference::as_select())
        .load(conn)
        .await
}

/// How many preferences an account has.
pub async fn count(conn: &mut Conn, user: UserId) -> Query<i64> {
    preferences::table.filter(preferences::user_id.eq(user)).count().get_result(conn).await
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

/// Sets preferences, each at most once: one statement for all.
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
