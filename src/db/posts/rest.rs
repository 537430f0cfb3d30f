//! The unread counts of a channel.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::db::statement::prepared;
use crate::db::{Conn, Query};
use crate::wire::{ChannelId, PostId, UserId};

/// The counts of a channel's posts from one post on, as one member counts them.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Rest {
    /// Posts that count as unread, the member's own too.
    #[diesel(sql_type = BigInt)]
    pub posts: i64,
    /// The number of `posts` that are outside threads.
    #[diesel(sql_type = BigInt)]
    pub posts_root: i64,
    /// Posts of others that mention the member by name.
    #[diesel(sql_type = BigInt)]
    pub named: i64,
    /// The number of `named` that are outside threads.
    #[diesel(sql_type = BigInt)]
    pub named_root: i64,
    /// Posts of others that mention everybody.
    #[diesel(sql_type = BigInt)]
    pub everybody: i64,
    /// The number of `everybody` that are outside threads.
    #[diesel(sql_type = BigInt)]
    pub everybody_root: i64,
}

/// The counts of `channel` from the number `seq` on, as `user` counts them. Posts of the types `uncounted` are never
/// unread, nor are deleted posts: see [`pass`].
pub async fn rest(
    conn: &mut Conn,
    channel: ChannelId,
    seq: i64,
    user: UserId,
    uncounted: &[&str],
) -> Query<Rest> {
    prepared(
        "select count(*) filter (where counted) as posts,
           count(*) filter (where counted and root_id is null) as posts_root,
           count(*) filter (where heard and named) as named,
           count(*) filter (where heard and named and root_id is null) as named_root,
           count(*) filter (where heard and mentions_all) as everybody,
           count(*) filter (where heard and mentions_all and root_id is null) as everybody_root
         from (
           select root_id, mentions_all, $3 = any(mentions) as named, not kind = any($4) as counted,
             user_id <> $3 as heard
           from posts where channel_id = $1 and seq >= $2 and delete_at = 0) p",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<BigInt, _>(seq)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Text>, _>(uncounted)
    .get_result(conn)
    .await
}

/// Removes a post that is to be deleted, and its replies, from the unread counts of the channel's members: they count
/// as read by everybody. The channel's totals stay, as do the positions of those who had read them. One statement,
/// which writes the rows of members for whom they were unread; a member who reads up to here meanwhile is skipped.
pub async fn pass(conn: &mut Conn, channel: ChannelId, id: PostId, uncounted: &[&str]) -> Query<usize> {
    prepared(
        "update channel_members m set
           msg_count = least(m.msg_count + d.posts, c.total_msg_count),
           msg_count_root = least(m.msg_count_root + d.posts_root, c.total_msg_count_root),
           mention_count = greatest(m.mention_count - d.named, 0),
           mention_count_root = greatest(m.mention_count_root - d.named_root, 0),
           mention_all_seen = least(m.mention_all_seen + d.everybody, c.mention_all_count),
           mention_all_seen_root = least(m.mention_all_seen_root + d.everybody_root, c.mention_all_count_root)
         from channels c, (
           select user_id, max(create_at) as newest,
             count(*) filter (where counted) as posts,
             count(*) filter (where counted and root_id is null) as posts_root,
             count(*) filter (where heard and named) as named,
             count(*) filter (where heard and named and root_id is null) as named_root,
             count(*) filter (where heard and mentions_all) as everybody,
             count(*) filter (where heard and mentions_all and root_id is null) as everybody_root
           from (
             select t.user_id, p.create_at, p.root_id, p.mentions_all, t.user_id = any(p.mentions) as named,
               not p.kind = any($3) as counted, p.user_id <> t.user_id as heard
             from posts p join channel_members t on t.channel_id = p.channel_id and t.last_viewed_at < p.create_at
             where (p.id = $2 or p.root_id = $2) and p.channel_id = $1 and p.delete_at = 0) u
           group by user_id) d
         where c.id = $1 and m.channel_id = $1 and m.user_id = d.user_id and m.last_viewed_at < d.newest",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<SqlUuid, _>(id)
    .bind::<Array<Text>, _>(uncounted)
    .execute(conn)
    .await
}
