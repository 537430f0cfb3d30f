//! The log of events.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use super::statement::prepared;
use super::{Conn, Query, schema::events};

/// The most rows outside of any day's partition that one run removes.
const ROWS: u32 = 10_000;

/// Appends frames under their numbers, in one statement.
pub async fn append(mut conn: &Conn, topics: &[Uuid], seqs: &[i64], frames: &[String]) -> Query<usize> {
    prepared("insert into events (topic, seq, frame) select * from unnest($1, $2, $3)")
        .bind::<Array<SqlUuid>, _>(topics)
        .bind::<Array<BigInt>, _>(seqs)
        .bind::<Array<Text>, _>(frames)
        .execute(&mut conn)
        .await
}

/// Events of `topic` after `seq`, oldest first, at most `limit`, up to a bound on their bytes. Their sizes are known
/// without reading them.
pub async fn after(
    conn: &mut Conn,
    topic: Uuid,
    seq: i64,
    (limit, bytes): (i64, i64),
) -> Query<Vec<(i64, String)>> {
    let rows: Vec<Logged> = prepared(
        "select seq, frame from (
           select seq, frame, sum(octet_length(frame)) over (order by seq rows unbounded preceding) as sum
           from (select seq, frame from events where topic = $1 and seq > $2 order by seq limit $3) e) s
         where sum - octet_length(frame) < $4 order by seq",
    )
    .bind::<SqlUuid, _>(topic)
    .bind::<BigInt, _>(seq)
    .bind::<BigInt, _>(limit)
    .bind::<BigInt, _>(bytes)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.seq, row.frame)).collect())
}

/// An event under its number.
#[derive(QueryableByName)]
struct Logged {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    frame: String,
}

/// Events of `topic` after `seq` whose text begins with `prefix`, oldest first, at most `limit`.
pub async fn beginning_with(
    conn: &mut Conn,
    topic: Uuid,
    seq: i64,
    prefix: &str,
    limit: i64,
) -> Query<Vec<(i64, String)>> {
    events::table
        .filter(events::topic.eq(topic).and(events::seq.gt(seq)))
        .filter(events::frame.like(format!("{prefix}%")))
        .order(events::seq)
        .limit(limit)
        .select((events::seq, events::frame))
        .load(conn)
        .await
}

/// The topics of those events `(topics[i], seqs[i])` that the log still holds.
pub async fn kept(conn: &mut Conn, topics: &[Uuid], seqs: &[i64]) -> Query<Vec<LoggedTopic>> {
    prepared(
        "select n.topic from unnest($1, $2) as n (topic, seq)
         where exists (select 1 from events e where e.topic = n.topic and e.seq = n.seq)",
    )
    .bind::<Array<SqlUuid>, _>(topics)
    .bind::<Array<BigInt>, _>(seqs)
    .load(conn)
    .await
}

/// The topic of an event that is in the log.
#[derive(Debug, QueryableByName)]
pub struct LoggedTopic {
    /// The topic.
    #[diesel(sql_type = SqlUuid)]
    pub topic: Uuid,
}

/// Creates the partitions of today and the next three days and drops those that are more than `kept` days old. Safe to
/// run at any time and by any number of nodes: a lock admits one at a time. It needs the whole table for a moment and
/// every writer waits behind it, so it does not wait long itself.
pub async fn rotate(conn: &mut Conn, kept: u32) -> Query<()> {
    conn.batch_execute(&format!(
        "do $$
         declare day date; part record;
         begin
           perform set_config('lock_timeout', '2s', true);
           if not pg_try_advisory_xact_lock(7244093251) then return; end if;
           for i in 0..3 loop
             day := (now() at time zone 'utc')::date + i;
             begin
               execute format('create table if not exists %I partition of events for values from (%L) to (%L)',
                 'events_' || to_char(day, 'YYYYMMDD'), day || ' 00:00+00', day + 1 || ' 00:00+00');
             exception when check_violation then null; -- the default partition holds rows of that day: it keeps them
             end;
           end loop;
           for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                       where i.inhparent = 'events'::regclass and c.relname ~ '^events_[0-9]{{8}}$' loop
             if to_date(right(part.relname, 8), 'YYYYMMDD') < (now() at time zone 'utc')::date - {kept} then
               execute format('drop table %I', part.relname);
             end if;
           end loop;
           delete from events_default where ctid = any (array(
             select ctid from events_default where created_at < now() - interval '{kept} days' limit {ROWS}));
         end $$"
    ))
    .await
}
