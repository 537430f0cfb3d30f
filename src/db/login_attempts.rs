//! Counts of consecutive failed logins.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Integer};
use diesel_async::RunQueryDsl;

use super::statement::prepared;
use super::{Conn, Query, schema::login_attempts};
use crate::wire::Millis;

/// The number of attempts before the one that begins now.
#[derive(Debug, QueryableByName)]
struct Before {
    #[diesel(sql_type = Integer)]
    before: i32,
}

/// Counts an attempt; `None` if there were `most` already within `window` milliseconds. The row's lock makes attempts
/// at the same time, from any node, follow each other.
pub async fn begin(conn: &mut Conn, whose: &[u8], most: i32, window: Millis) -> Query<Option<i32>> {
    let begun: Option<Before> = prepared(
        "insert into login_attempts as a (whose, count, since) values ($1, 1, now_ms())
         on conflict (whose) do update set
           count = case when a.since <= now_ms() - $3 then 1 else a.count + 1 end,
           since = case when a.since <= now_ms() - $3 then now_ms() else a.since end
         where a.count < $2 or a.since <= now_ms() - $3
         returning count - 1 as before",
    )
    .bind::<Bytea, _>(whose)
    .bind::<Integer, _>(most)
    .bind::<BigInt, _>(window)
    .get_result(conn)
    .await
    .optional()?;
    Ok(begun.map(|b| b.before))
}

/// Takes back the count of an attempt that was not made.
pub async fn give_back(conn: &mut Conn, whose: &[u8]) -> Query<usize> {
    diesel::update(login_attempts::table.find(whose).filter(login_attempts::count.gt(0)))
        .set(login_attempts::count.eq(login_attempts::count - 1))
        .execute(conn)
        .await
}

/// Resets the count.
pub async fn forget(conn: &mut Conn, whose: &[u8]) -> Query<usize> {
    diesel::delete(login_attempts::table.find(whose)).execute(conn).await
}

/// Removes counts that are older than `window` milliseconds, at most `limit`; answers their number.
pub async fn sweep(conn: &mut Conn, window: Millis, limit: i64) -> Query<usize> {
    prepared(
        "delete from login_attempts where whose in (
           select whose from login_attempts where since <= now_ms() - $1 limit $2 for update skip locked)",
    )
    .bind::<BigInt, _>(window)
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await
}
