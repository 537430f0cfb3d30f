//! What operators see of the queue of tasks: how much waits, and the dead letters.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::fragment::fragment;
use super::statement::prepared;
use super::{Conn, Query, schema::tasks};
use crate::wire::{Millis, OrgId};

/// The number of tasks of a kind, by what becomes of them.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Counts {
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Due, and done by nobody yet.
    #[diesel(sql_type = BigInt)]
    pub due: i64,
    /// Not due yet.
    #[diesel(sql_type = BigInt)]
    pub later: i64,
    #[diesel(sql_type = BigInt)]
    pub leased: i64,
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    /// For how long the oldest of those that are due has been due, in milliseconds.
    #[diesel(sql_type = BigInt)]
    pub delay: Millis,
}

/// A dead letter, without its payload.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct DeadTask {
    pub id: Uuid,
    pub kind: String,
    pub org_id: Option<OrgId>,
    pub attempts: i32,
    pub last_error: String,
    pub create_at: Millis,
    pub died_at: Millis,
}

/// The constraint that a dead letter breaks when it is to live again beside a task with its key.
pub const UNIQUE_KEY: &str = "tasks_unique_key";

/// The number of tasks of each kind that there is one of.
pub async fn counts(conn: &mut Conn) -> Query<Vec<Counts>> {
    prepared(
        "select kind,
           count(*) filter (where died_at = 0 and leased_until <= now and not_before <= now) as due,
           count(*) filter (where died_at = 0 and leased_until <= now and not_before > now) as later,
           count(*) filter (where died_at = 0 and leased_until > now) as leased,
           count(*) filter (where died_at > 0) as dead,
           greatest(0, coalesce(max(now - not_before)
             filter (where died_at = 0 and leased_until <= now), 0)) as delay
         from tasks, (select now_ms()) n (now) group by kind order by kind",
    )
    .load(conn)
    .await
}

/// A page of the dead letters, the newest first.
pub async fn list(conn: &mut Conn, offset: i64, limit: i64) -> Query<Vec<DeadTask>> {
    tasks::table
        .filter(tasks::died_at.gt(0))
        .order((tasks::died_at.desc(), tasks::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(DeadTask::as_select())
        .load(conn)
        .await
}

/// Lets a dead letter (all without one) live again, due at once and as if never tried. Answers how many.
pub async fn revive(conn: &mut Conn, id: Option<Uuid>) -> Query<usize> {
    prepared(
        "update tasks set died_at = 0, attempts = 0, not_before = now_ms()
         where died_at > 0 and ($1 is null or id = $1)",
    )
    .bind::<Nullable<diesel::sql_types::Uuid>, _>(id)
    .execute(conn)
    .await
}

/// Removes a dead letter (all without one). Answers how many.
pub async fn remove(conn: &mut Conn, id: Option<Uuid>) -> Query<usize> {
    prepared("delete from tasks where died_at > 0 and ($1 is null or id = $1)")
        .bind::<Nullable<diesel::sql_types::Uuid>, _>(id)
        .execute(conn)
        .await
}

/// Removes dead letters older than `age` milliseconds, at most `limit`. Answers how many.
pub async fn forget(conn: &mut Conn, age: Millis, limit: i64) -> Query<usize> {
    let old = fragment::<BigInt>("now_ms() - ").bind::<BigInt, _>(age);
    let gone = tasks::table
        .filter(tasks::died_at.gt(0).and(tasks::died_at.lt(old)))
        .order((tasks::died_at, tasks::id))
        .limit(limit)
        .select(tasks::id);
    let gone: Vec<Uuid> = gone.load(conn).await?;
    diesel::delete(tasks::table.filter(tasks::id.eq_any(gone))).execute(conn).await
}
