//! What is left to read in a channel.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::db::statement::fixed;
use crate::db::{Conn, Query};
use crate::wire::{ChannelId, UserId};

/// What stands in a channel from a post on, as one member counts it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Rest {
    /// Posts that count as unread, the member's own too.
    #[diesel(sql_type = BigInt)]
    pub posts: i64,
    /// Those of them outside threads.
    #[diesel(sql_type = BigInt)]
    pub posts_root: i64,
    /// Posts of others that mention the member by name.
    #[diesel(sql_type = BigInt)]
    pub named: i64,
    /// Those of them outside threads.
    #[diesel(sql_type = BigInt)]
    pub named_root: i64,
    /// Posts of others that mention everybody.
    #[diesel(sql_type = BigInt)]
    pub everybody: i64,
    /// Those of them outside threads.
    #[diesel(sql_type = BigInt)]
    pub everybody_root: i64,
}

/// What stands in `channel` from the number `seq` on, as `user` counts it. Posts of the types `uncounted` are never
/// unread; deleted ones still count as posts, since the channel's total has them, but mention nobody.
pub async fn rest(
    conn: &mut Conn,
    channel: ChannelId,
    seq: i64,
    user: UserId,
    uncounted: &[&str],
) -> Query<Rest> {
    fixed(
        "select count(*) filter (where counted) as posts,
           count(*) filter (where counted and root_id is null) as posts_root,
           count(*) filter (where heard and named) as named,
           count(*) filter (where heard and named and root_id is null) as named_root,
           count(*) filter (where heard and mentions_all) as everybody,
           count(*) filter (where heard and mentions_all and root_id is null) as everybody_root
         from (
           select root_id, mentions_all, $3 = any(mentions) as named, not kind = any($4) as counted,
             user_id <> $3 and delete_at = 0 as heard
           from posts where channel_id = $1 and seq >= $2) p",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<BigInt, _>(seq)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Text>, _>(uncounted)
    .get_result(conn)
    .await
}
