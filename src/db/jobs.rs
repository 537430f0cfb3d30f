//! Periodic jobs: the time when each is due, and the lock that lets one node run it. Also questions about the database
//! itself.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::functions::now_ms;
use super::statement::prepared;
use super::{Conn, Query, schema::jobs};
use crate::wire::Millis;

/// Registers jobs; one that is new is due at once.
pub async fn register(conn: &mut Conn, names: &[&str]) -> Query<usize> {
    prepared("insert into jobs (name) select unnest($1) on conflict do nothing")
        .bind::<Array<Text>, _>(names)
        .execute(conn)
        .await
}

/// The names of the jobs that are due.
pub async fn due(conn: &mut Conn) -> Query<Vec<String>> {
    jobs::table.filter(jobs::next_at.le(now_ms())).order(jobs::next_at).select(jobs::name).load(conn).await
}

/// Takes a job until the transaction ends. False if it is not due any more, or another node runs it now.
pub async fn take(conn: &mut Conn, name: &str) -> Query<bool> {
    let found = jobs::table
        .find(name)
        .filter(jobs::next_at.le(now_ms()))
        .for_update()
        .skip_locked()
        .select(jobs::name)
        .first::<String>(conn)
        .await;
    Ok(found.optional()?.is_some())
}

/// Makes a job due again after `pause` milliseconds. The caller holds it.
pub async fn put_off(conn: &mut Conn, name: &str, pause: Millis) -> Query<usize> {
    prepared("update jobs set next_at = now_ms() + $2 where name = $1")
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(pause)
        .execute(conn)
        .await
}

/// Whether the database answers.
pub async fn ping(conn: &mut Conn) -> Query<()> {
    conn.batch_execute("select 1").await
}

/// The time of the database's clock, in milliseconds since 1970.
pub async fn now(conn: &mut Conn) -> Query<Millis> {
    diesel::select(now_ms()).get_result(conn).await
}
