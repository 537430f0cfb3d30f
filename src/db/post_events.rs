//! Events of the log that show a post: their places, and their replacement once the post is deleted. The first one,
//! that the post was made, is found by the order of posts, so that posting writes nothing for it; those that show the
//! post again have rows here.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::statement::prepared;
use super::{Conn, Query};
use crate::wire::{ChannelId, PostId};

/// An event of a topic's log.
#[derive(Debug, QueryableByName)]
pub struct Logged {
    /// The event's topic.
    #[diesel(sql_type = SqlUuid)]
    pub topic: Uuid,
    /// The event's number.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// The event's row, as [`crate::wire::Frame::to_row`] wrote it.
    #[diesel(sql_type = Text)]
    pub frame: String,
}

/// Notes that the events `seqs[i]` of their channels' logs show the posts `posts[i]` again.
pub async fn note(mut conn: &Conn, posts: &[PostId], seqs: &[i64]) -> Query<usize> {
    prepared("insert into post_events (post_id, seq) select * from unnest($1, $2)")
        .bind::<Array<SqlUuid>, _>(posts)
        .bind::<Array<BigInt>, _>(seqs)
        .execute(&mut conn)
        .await
}

/// The events of a channel that announce the posts `names[i]`, made at the times `made[i]`, as far as the log still
/// holds them; some may announce other posts, which a reader of the frames notices.
///
/// Times of posts never go back within a channel, and its log has them in their order. So the place is found by
/// bisection, for all posts at once: about twenty lookups in the log's key for each, however long the log is.
pub async fn posted(
    conn: &mut Conn,
    channel: ChannelId,
    names: &[String],
    made: &[i64],
) -> Query<Vec<Logged>> {
    prepared(
        r#"with recursive span as (
             select e.seq - 1 as low, t.seq as high, (extract(epoch from e.created_at) * 1000)::bigint as since
             from topics t
             cross join lateral (select seq, created_at from events where topic = t.id order by seq limit 1) e
             where t.id = $1
           ), search (name, made, low, high) as (
             select n.name, n.made, s.low, s.high
             from span s cross join unnest($2, $3) as n (name, made) where n.made > s.since - 3600000
             union all
             select s.name, s.made, case when e.made < s.made then e.seq else s.low end,
               case when e.made < s.made then s.high else (s.low + s.high) / 2 end
             from search s left join lateral (
               select seq,
                 (((split_part(frame, E'\n', 2) || '}')::json #>> '{data,post}')::json ->> 'create_at')::bigint as made
               from events where topic = $1 and seq > (s.low + s.high) / 2 and seq <= s.high
                 and frame like E'%\n{"event":"posted",%' order by seq limit 1) e on true
             where s.low < s.high
           )
           select $1 as topic, f.seq, f.frame from search s cross join lateral (
             select v.seq, v.frame from (
               select seq, frame from events
               where topic = $1 and seq > s.low and frame like E'%\n{"event":"posted",%' order by seq limit 1000) v
             where position(s.name in v.frame) > 0 order by v.seq limit 1) f
           where s.low = s.high"#,
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<Array<Text>, _>(names)
    .bind::<Array<BigInt>, _>(made)
    .load(conn)
    .await
}

/// The events of a channel after `seq` that show any of `posts` again, oldest first, at most `limit`.
pub async fn shown_again(
    conn: &mut Conn,
    channel: ChannelId,
    posts: &[PostId],
    seq: i64,
    limit: i64,
) -> Query<Vec<Logged>> {
    prepared(
        "select topic, seq, frame from events where topic = $1 and seq = any(array(
           select seq from post_events where post_id = any($2) and seq > $3 order by seq limit $4)) order by seq",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<Array<SqlUuid>, _>(posts)
    .bind::<BigInt, _>(seq)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
}

/// The events `(topics[i], seqs[i])`, as far as the log still holds them.
pub async fn at(conn: &mut Conn, topics: &[Uuid], seqs: &[i64]) -> Query<Vec<Logged>> {
    prepared(
        "select e.topic, e.seq, e.frame from unnest($1, $2) as n (topic, seq)
         cross join lateral (select * from events where topic = n.topic and seq = n.seq offset 0) e",
    )
    .bind::<Array<SqlUuid>, _>(topics)
    .bind::<Array<BigInt>, _>(seqs)
    .load(conn)
    .await
}

/// Replaces the frames of the events `seqs[i]` of a channel. Not as a join: whatever size the planner assumes for a
/// topic, it looks the numbers up by the key.
pub async fn replace(conn: &mut Conn, channel: ChannelId, seqs: &[i64], frames: &[String]) -> Query<usize> {
    prepared("update events set frame = ($3)[array_position($2, seq)] where topic = $1 and seq = any($2)")
        .bind::<SqlUuid, _>(channel)
        .bind::<Array<BigInt>, _>(seqs)
        .bind::<Array<Text>, _>(frames)
        .execute(conn)
        .await
}

/// Removes at most `limit` rows of events that are more than `days` days old.
pub async fn forget(conn: &mut Conn, days: i32, limit: i64) -> Query<usize> {
    prepared(
        "delete from post_events where ctid = any (array(
           select ctid from post_events where created_at < now() - make_interval(days => $1) limit $2))",
    )
    .bind::<diesel::sql_types::Integer, _>(days)
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await
}
