//! The queue of durable tasks: how they come, are leased, and go. What operators see of it is in `dead_tasks`.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;
use uuid::Uuid;

use super::functions::now_ms;
use super::statement::prepared;
use super::{Conn, Query, schema::tasks};
use crate::wire::{Millis, OrgId};

/// Tasks to insert, by column.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewTasks {
    pub ids: Vec<Uuid>,
    pub kinds: Vec<&'static str>,
    pub payloads: Vec<Value>,
    pub org_ids: Vec<Option<OrgId>>,
    pub unique_keys: Vec<Option<String>>,
    /// `None` for tasks that are due at once.
    pub not_before: Vec<Option<Millis>>,
    /// The number of living tasks of the kind that the organisation may have; `None` for any.
    pub bounds: Vec<Option<i64>>,
}

/// A task that was leased.
#[derive(Debug, QueryableByName)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub org_id: Option<OrgId>,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
}

/// The lease of a task: who has it, and in which attempt. Another node that takes the task over has another lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Lease {
    pub id: Uuid,
    pub leased_by: Uuid,
    pub attempts: i32,
}

/// The tasks that a node asks for.
#[derive(Debug)]
pub struct Wanted {
    /// Kinds, the most urgent first.
    pub kinds: Vec<&'static str>,
    /// Tasks of each kind at most.
    pub limits: Vec<i64>,
    /// Tasks altogether at most.
    pub total: i64,
    /// The node.
    pub leased_by: Uuid,
    /// The duration of the lease, in milliseconds.
    pub lease: Millis,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Inserts tasks; answers the ids of those that were. One whose key a living task has is left out, and so is one
/// whose organisation has too many.
pub async fn insert(mut conn: &Conn, new: &NewTasks) -> Query<Vec<Uuid>> {
    let rows: Vec<Id> = prepared(
        "insert into tasks (id, kind, payload, org_id, unique_key, not_before)
         select id, kind, payload, org_id, unique_key, coalesce(not_before, now_ms())
         from unnest($1, $2, $3, $4, $5, $6, $7)
           as n (id, kind, payload, org_id, unique_key, not_before, bound)
         where bound is null or bound > (select count(*) from (
           select from tasks t where t.org_id = n.org_id and t.kind = n.kind and t.died_at = 0 limit n.bound) t)
         on conflict (kind, unique_key) where died_at = 0 and unique_key is not null do nothing
         returning id",
    )
    .bind::<Array<SqlUuid>, _>(&new.ids)
    .bind::<Array<Text>, _>(&new.kinds)
    .bind::<Array<Jsonb>, _>(&new.payloads)
    .bind::<Array<Nullable<SqlUuid>>, _>(&new.org_ids)
    .bind::<Array<Nullable<Text>>, _>(&new.unique_keys)
    .bind::<Array<Nullable<BigInt>>, _>(&new.not_before)
    .bind::<Array<Nullable<BigInt>>, _>(&new.bounds)
    .load(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Takes the key from a task that is being done, so that another one with the key can be inserted: what it has read
/// may have changed since.
pub async fn release_key(mut conn: &Conn, kind: &str, key: &str) -> Query<usize> {
    prepared(
        "update tasks set unique_key = null
         where kind = $1 and unique_key = $2 and died_at = 0 and leased_until > (select now_ms())",
    )
    .bind::<Text, _>(kind)
    .bind::<Text, _>(key)
    .execute(&mut conn)
    .await
}

/// Leases tasks that are due, of each kind the oldest, in a transaction of its own. The claim itself need not be on
/// disk: without it the task is only done again, or refused to whoever no longer has it. The plan goes by the index
/// however small the table was when it was made.
pub async fn claim(conn: &mut Conn, wanted: &Wanted) -> Query<Vec<Claimed>> {
    conn.batch_execute(
        "begin; set local synchronous_commit = off; set local enable_seqscan = off;
         set local enable_bitmapscan = off",
    )
    .await?;
    let shared = &*conn;
    let (claimed, committed) = tokio::join!(biased; lease_due(shared, wanted), super::pool::commit(shared));
    committed.and(claimed)
}

async fn lease_due(mut conn: &Conn, wanted: &Wanted) -> Query<Vec<Claimed>> {
    prepared(
        "with due as materialized (
           select t.id from unnest($1, $2) with ordinality as k (kind, free, rank)
           cross join lateral (
             select id from tasks
             where kind = k.kind and died_at = 0 and not_before <= (select now_ms())
               and leased_until <= (select now_ms())
             order by not_before, id limit k.free for update skip locked) t
           order by k.rank limit $3)
         update tasks t set leased_until = now_ms() + $4, leased_by = $5, attempts = attempts + 1
         from due where t.id = due.id
         returning t.id, t.kind, t.payload, t.org_id, t.attempts",
    )
    .bind::<Array<Text>, _>(&wanted.kinds)
    .bind::<Array<BigInt>, _>(&wanted.limits)
    .bind::<BigInt, _>(wanted.total)
    .bind::<BigInt, _>(wanted.lease)
    .bind::<SqlUuid, _>(wanted.leased_by)
    .load(&mut conn)
    .await
}

/// Renews the leases of tasks; answers those that `leased_by` still has and that no open transaction holds.
pub async fn renew(conn: &mut Conn, leased_by: Uuid, ids: &[Uuid], lease: Millis) -> Query<Vec<Uuid>> {
    let held: Vec<Id> = prepared(
        "with held as materialized (
           select id from tasks where id = any($1) and leased_by = $2 and died_at = 0 for update skip locked)
         update tasks t set leased_until = now_ms() + $3 from held where t.id = held.id returning t.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(leased_by)
    .bind::<BigInt, _>(lease)
    .load(conn)
    .await?;
    Ok(held.into_iter().map(|row| row.id).collect())
}

/// Removes tasks in the open transaction that does them; false if one of the leases is not valid any more. Nobody else
/// can take them before the end. The plan goes by the key, also where it was made when the table was nearly empty.
pub async fn take(conn: &Conn, leases: &[Lease]) -> Query<bool> {
    let (set, removed, reset) = tokio::join!(
        biased;
        prepare_plan(conn, "set local enable_seqscan = off"),
        remove_all(conn, leases),
        prepare_plan(conn, "set local enable_seqscan to default"),
    );
    Ok(set.and(reset).and(removed)? == leases.len())
}

async fn remove_all(mut conn: &Conn, leases: &[Lease]) -> Query<usize> {
    let ids: Vec<Uuid> = leases.iter().map(|lease| lease.id).collect();
    let holders: Vec<Uuid> = leases.iter().map(|lease| lease.leased_by).collect();
    let attempts: Vec<i32> = leases.iter().map(|lease| lease.attempts).collect();
    prepared(
        "delete from tasks t using unnest($1, $2, $3) as l (id, leased_by, attempts)
         where t.id = l.id and t.leased_by = l.leased_by and t.attempts = l.attempts and t.died_at = 0",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(holders)
    .bind::<Array<Integer>, _>(attempts)
    .execute(&mut conn)
    .await
}

async fn prepare_plan(mut conn: &Conn, setting: &'static str) -> Query<usize> {
    prepared(setting).execute(&mut conn).await
}

/// Removes a task that is done; false if the lease is not valid any more.
pub async fn remove(mut conn: &Conn, lease: Lease) -> Query<bool> {
    let rows =
        prepared("delete from tasks where id = $1 and leased_by = $2 and attempts = $3 and died_at = 0")
            .bind::<SqlUuid, _>(lease.id)
            .bind::<SqlUuid, _>(lease.leased_by)
            .bind::<Integer, _>(lease.attempts)
            .execute(&mut conn)
            .await?;
    Ok(rows == 1)
}

/// Locks a task in the open transaction that does it; false if the lease is not valid any more.
pub async fn hold(conn: &mut Conn, lease: Lease) -> Query<bool> {
    let held = tasks::table
        .find(lease.id)
        .filter(tasks::leased_by.eq(lease.leased_by).and(tasks::attempts.eq(lease.attempts)))
        .for_update()
        .select(tasks::id)
        .first::<Uuid>(conn)
        .await;
    Ok(held.optional()?.is_some())
}

/// Makes a task due again after `pause` milliseconds, as one that was never tried; false if the lease is not valid
/// any more.
pub async fn again(mut conn: &Conn, lease: Lease, pause: Millis) -> Query<bool> {
    let rows = prepared(
        "update tasks set not_before = now_ms() + $4, leased_until = 0, leased_by = null, attempts = 0,
           last_error = ''
         where id = $1 and leased_by = $2 and attempts = $3 and died_at = 0",
    )
    .bind::<SqlUuid, _>(lease.id)
    .bind::<SqlUuid, _>(lease.leased_by)
    .bind::<Integer, _>(lease.attempts)
    .bind::<BigInt, _>(pause)
    .execute(&mut conn)
    .await?;
    Ok(rows == 1)
}

/// Records a failed attempt: the task is due again after `pause` milliseconds, or dead without one.
pub async fn fail(conn: &mut Conn, lease: Lease, pause: Option<Millis>, error: &str) -> Query<bool> {
    let rows = prepared(
        "update tasks set not_before = case when $4 is null then not_before else now_ms() + $4 end,
           died_at = case when $4 is null then now_ms() else 0 end,
           leased_until = 0, leased_by = null, last_error = $5
         where id = $1 and leased_by = $2 and attempts = $3 and died_at = 0",
    )
    .bind::<SqlUuid, _>(lease.id)
    .bind::<SqlUuid, _>(lease.leased_by)
    .bind::<Integer, _>(lease.attempts)
    .bind::<Nullable<BigInt>, _>(pause)
    .bind::<Text, _>(error)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// Inserts the periodic tasks of `kinds` that are not there yet; one that is new is due at once.
pub async fn register(conn: &mut Conn, kinds: &[&str]) -> Query<usize> {
    let missing = kinds.iter().map(|kind| {
        (
            tasks::id.eq(Uuid::now_v7()),
            tasks::kind.eq(*kind),
            tasks::payload.eq(Value::Null),
            tasks::unique_key.eq(Some("")),
            tasks::not_before.eq(now_ms()),
        )
    });
    let missing: Vec<_> = missing.collect();
    diesel::insert_into(tasks::table).values(missing).on_conflict_do_nothing().execute(conn).await
}
