//! The members of channels, and their reading positions.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::fragment::fragment;
use super::functions::now_ms;
use super::statement::prepared;
use super::{
    Conn, Query,
    schema::{channel_members, users},
};
use crate::wire::{ChannelId, Millis, TeamId, UserId};

/// A member's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = channel_members)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct ChannelMember {
    pub channel_id: ChannelId,
    pub user_id: UserId,
    pub admin: bool,
    pub notify_props: Value,
    pub last_viewed_at: Millis,
    pub msg_count: i64,
    pub msg_count_root: i64,
    pub mention_count: i64,
    pub mention_count_root: i64,
    pub mention_all_seen: i64,
    pub mention_all_seen_root: i64,
    pub last_update_at: Millis,
    pub guest: bool,
    pub ignores_all: bool,
}

/// The membership of `user` in `channel`.
pub async fn find(conn: &mut Conn, channel: ChannelId, user: UserId) -> Query<Option<ChannelMember>> {
    channel_members::table
        .find((channel, user))
        .select(ChannelMember::as_select())
        .first(conn)
        .await
        .optional()
}

/// Those of the pairs (`channels[i]`, `users[i]`) that are memberships.
pub async fn among(
    conn: &mut Conn,
    channels: &[ChannelId],
    users: &[UserId],
) -> Query<Vec<(ChannelId, UserId)>> {
    channel_members::table
        .filter(channel_members::channel_id.eq_any(channels).and(channel_members::user_id.eq_any(users)))
        .select((channel_members::channel_id, channel_members::user_id))
        .load(conn)
        .await
}

/// Every member of a channel, at most `limit`.
pub async fn user_ids(conn: &mut Conn, channel: ChannelId, limit: i64) -> Query<Vec<UserId>> {
    channel_members::table
        .filter(channel_members::channel_id.eq(channel))
        .order(channel_members::user_id)
        .limit(limit)
        .select(channel_members::user_id)
        .load(conn)
        .await
}

/// An account whose name is mentioned in a channel.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "each is said above")]
pub struct Called {
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: ChannelId,
    #[diesel(sql_type = Text)]
    pub username: String,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    #[diesel(sql_type = Bool)]
    pub is_member: bool,
}

/// The active accounts named `names[i]` in the organisation of `channels[i]`, and whether they are in the channel.
pub async fn named(mut conn: &Conn, channels: &[ChannelId], names: &[String]) -> Query<Vec<Called>> {
    prepared(
        "select n.channel_id, u.username, u.id as user_id, m.user_id is not null as is_member
         from unnest($1, $2) as n (channel_id, username)
         join channels c on c.id = n.channel_id
         join users u on u.org_id = c.org_id and u.username = n.username and u.delete_at = 0
         left join channel_members m on m.channel_id = n.channel_id and m.user_id = u.id",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<Array<Text>, _>(names)
    .load(&mut conn)
    .await
}

/// Those of `users[i]` that are active members of `channels[i]`.
pub async fn of_pairs(
    mut conn: &Conn,
    channels: &[ChannelId],
    users: &[UserId],
) -> Query<Vec<(ChannelId, UserId)>> {
    let rows: Vec<Membership> = prepared(
        "select m.channel_id, m.user_id from unnest($1, $2) as n (channel_id, user_id)
         join channel_members m on m.channel_id = n.channel_id and m.user_id = n.user_id
         join users u on u.id = m.user_id and u.delete_at = 0",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<Array<SqlUuid>, _>(users)
    .load(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|m| (m.channel_id, m.user_id)).collect())
}

/// A member of a channel in which everybody is mentioned.
#[derive(Debug, QueryableByName)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Listener {
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: ChannelId,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// Whether the member ignores mentions of everybody. In direct and group channels nobody does.
    #[diesel(sql_type = Bool)]
    pub deaf: bool,
}

/// At most `limit` members of each channel.
pub async fn some_of_each(mut conn: &Conn, channels: &[ChannelId], limit: i64) -> Query<Vec<Listener>> {
    prepared(
        "select m.channel_id, m.user_id, c.team_id is not null
           and ignores_everybody(m.notify_props, m.ignores_all) as deaf
         from unnest($1) as n (id) join channels c on c.id = n.id
         cross join lateral (select * from channel_members where channel_id = n.id limit $2) m",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<BigInt, _>(limit)
    .load(&mut conn)
    .await
}

/// Notes in the memberships of `user` whether the account ignores mentions of everybody.
pub async fn set_ignores_all(conn: &mut Conn, user: UserId, ignores: bool) -> Query<usize> {
    diesel::update(channel_members::table.filter(channel_members::user_id.eq(user)))
        .set(channel_members::ignores_all.eq(ignores))
        .execute(conn)
        .await
}

/// A pair of channel and member.
#[derive(QueryableByName)]
struct Membership {
    #[diesel(sql_type = SqlUuid)]
    channel_id: ChannelId,
    #[diesel(sql_type = SqlUuid)]
    user_id: UserId,
}

/// Members who had read everything, column by column: the channel's total before and after the posts that they caused
/// themselves, and the time of those posts.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each is said above")]
pub struct KeptUp {
    pub channels: Vec<ChannelId>,
    pub users: Vec<UserId>,
    pub before: Vec<i64>,
    pub after: Vec<i64>,
    pub at: Vec<Millis>,
}

/// Moves the reading positions of members who had read everything past the posts that they caused themselves.
pub async fn keep_up(mut conn: &Conn, kept: &KeptUp) -> Query<usize> {
    prepared(
        "update channel_members m set msg_count = n.after, msg_count_root = m.msg_count_root + n.after - n.before,
           last_viewed_at = greatest(m.last_viewed_at, n.at)
         from unnest($1, $2, $3, $4, $5) as n (channel_id, user_id, before, after, at)
         where m.channel_id = n.channel_id and m.user_id = n.user_id and m.msg_count = n.before",
    )
    .bind::<Array<SqlUuid>, _>(&kept.channels)
    .bind::<Array<SqlUuid>, _>(&kept.users)
    .bind::<Array<BigInt>, _>(&kept.before)
    .bind::<Array<BigInt>, _>(&kept.after)
    .bind::<Array<BigInt>, _>(&kept.at)
    .execute(&mut conn)
    .await
}

/// The reading positions of authors after they posted: up to their own post.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Positions {
    pub channels: Vec<ChannelId>,
    pub users: Vec<UserId>,
    pub viewed_at: Vec<Millis>,
    pub msg_count: Vec<i64>,
    pub msg_count_root: Vec<i64>,
    pub all_seen: Vec<i64>,
    pub all_seen_root: Vec<i64>,
}

/// Moves reading positions, in one statement.
pub async fn view(mut conn: &Conn, at: &Positions) -> Query<usize> {
    prepared(
        "update channel_members m set last_viewed_at = n.at, msg_count = n.msgs, msg_count_root = n.msgs_root,
           mention_count = 0, mention_count_root = 0, mention_all_seen = n.al, mention_all_seen_root = n.al_root,
           last_update_at = n.at
         from unnest($1, $2, $3, $4, $5, $6, $7) as n (channel_id, user_id, at, msgs, msgs_root, al, al_root)
         where m.channel_id = n.channel_id and m.user_id = n.user_id",
    )
    .bind::<Array<SqlUuid>, _>(&at.channels)
    .bind::<Array<SqlUuid>, _>(&at.users)
    .bind::<Array<BigInt>, _>(&at.viewed_at)
    .bind::<Array<BigInt>, _>(&at.msg_count)
    .bind::<Array<BigInt>, _>(&at.msg_count_root)
    .bind::<Array<BigInt>, _>(&at.all_seen)
    .bind::<Array<BigInt>, _>(&at.all_seen_root)
    .execute(&mut conn)
    .await
}

/// Counts mentions by name: `times[i]` for `users[i]` in `channels[i]`, `roots[i]` of them outside threads.
pub async fn mention(
    mut conn: &Conn,
    channels: &[ChannelId],
    users: &[UserId],
    times: &[i64],
    roots: &[i64],
) -> Query<usize> {
    prepared(
        "update channel_members m set mention_count = m.mention_count + n.times,
           mention_count_root = m.mention_count_root + n.roots, last_update_at = now_ms()
         from unnest($1, $2, $3, $4) as n (channel_id, user_id, times, roots)
         where m.channel_id = n.channel_id and m.user_id = n.user_id",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<Array<SqlUuid>, _>(users)
    .bind::<Array<BigInt>, _>(times)
    .bind::<Array<BigInt>, _>(roots)
    .execute(&mut conn)
    .await
}

/// A membership to insert; its reading position is at the newest post.
#[derive(Debug, Insertable)]
#[diesel(table_name = channel_members)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewMember {
    pub channel_id: ChannelId,
    pub user_id: UserId,
    pub admin: bool,
    pub guest: bool,
    pub notify_props: Value,
    pub last_viewed_at: Millis,
    pub msg_count: i64,
    pub msg_count_root: i64,
    pub mention_all_seen: i64,
    pub mention_all_seen_root: i64,
}

/// Adds members; answers those who were not members before.
pub async fn insert(conn: &mut Conn, new: &[NewMember]) -> Query<Vec<ChannelMember>> {
    let rows: Vec<ChannelMember> = diesel::insert_into(channel_members::table)
        .values(new)
        .on_conflict_do_nothing()
        .returning(ChannelMember::as_returning())
        .get_results(conn)
        .await?;
    let (channels, users): (Vec<_>, Vec<_>) = rows.iter().map(|row| (row.channel_id, row.user_id)).unzip();
    prepared(
        "update channel_members m set ignores_all = true
         from unnest($1, $2) as n (channel_id, user_id) join users u on u.id = n.user_id
         where m.channel_id = n.channel_id and m.user_id = n.user_id and u.notify_props ->> 'channel' = 'false'",
    )
    .bind::<Array<SqlUuid>, _>(&channels)
    .bind::<Array<SqlUuid>, _>(&users)
    .execute(conn)
    .await?;
    Ok(rows)
}

/// Removes `user` from `channels`; answers how many of them they were in.
pub async fn delete(conn: &mut Conn, channels: &[ChannelId], user: UserId) -> Query<usize> {
    diesel::delete(channel_members::table)
        .filter(channel_members::user_id.eq(user).and(channel_members::channel_id.eq_any(channels)))
        .execute(conn)
        .await
}

/// A page of the members of a channel, by username.
pub async fn list(conn: &mut Conn, channel: ChannelId, offset: i64, limit: i64) -> Query<Vec<ChannelMember>> {
    channel_members::table
        .inner_join(users::table)
        .filter(channel_members::channel_id.eq(channel))
        .order((users::username, users::id))
        .offset(offset)
        .limit(limit)
        .select(ChannelMember::as_select())
        .load(conn)
        .await
}

/// Those of `ids` who are in `channel`.
pub async fn by_ids(conn: &mut Conn, channel: ChannelId, ids: &[UserId]) -> Query<Vec<ChannelMember>> {
    channel_members::table
        .filter(channel_members::channel_id.eq(channel).and(channel_members::user_id.eq_any(ids)))
        .order(channel_members::user_id)
        .select(ChannelMember::as_select())
        .load(conn)
        .await
}

/// The number of members of each of `channels`; a channel without members is not in the answer.
pub async fn counts(conn: &mut Conn, channels: &[ChannelId]) -> Query<Vec<(ChannelId, i64)>> {
    channel_members::table
        .filter(channel_members::channel_id.eq_any(channels))
        .group_by(channel_members::channel_id)
        .select((channel_members::channel_id, diesel::dsl::count_star()))
        .load(conn)
        .await
}

/// Makes `user` a guest, and no administrator, in all their channels, or takes that back.
pub async fn set_guest(conn: &mut Conn, user: UserId, guest: bool) -> Query<usize> {
    diesel::update(channel_members::table.filter(channel_members::user_id.eq(user)))
        .set((
            channel_members::guest.eq(guest),
            channel_members::admin.eq(false),
            channel_members::last_update_at.eq(now_ms()),
        ))
        .execute(conn)
        .await
}

/// Counts the guests in a channel.
pub async fn count_guests(conn: &mut Conn, channel: ChannelId) -> Query<i64> {
    channel_members::table
        .filter(channel_members::channel_id.eq(channel).and(channel_members::guest))
        .count()
        .get_result(conn)
        .await
}

/// Makes a member an administrator of the channel, or takes that back.
pub async fn set_admin(
    conn: &mut Conn,
    channel: ChannelId,
    user: UserId,
    admin: bool,
) -> Query<Option<ChannelMember>> {
    let now = now_ms();
    diesel::update(channel_members::table.find((channel, user)))
        .set((channel_members::admin.eq(admin), channel_members::last_update_at.eq(now)))
        .returning(ChannelMember::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Sets some of a member's notify settings; the others stay.
pub async fn merge_notify_props(
    conn: &mut Conn,
    channel: ChannelId,
    user: UserId,
    props: &Value,
) -> Query<Option<ChannelMember>> {
    let now = now_ms();
    let merged = fragment::<Jsonb>("notify_props || ").bind::<Jsonb, _>(props);
    diesel::update(channel_members::table.find((channel, user)))
        .set((channel_members::notify_props.eq(merged), channel_members::last_update_at.eq(now)))
        .returning(ChannelMember::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// The time zones of the active members of a channel, each once, at most `limit`.
pub async fn timezones(conn: &mut Conn, channel: ChannelId, limit: i64) -> Query<Vec<String>> {
    #[derive(QueryableByName)]
    struct Zone {
        #[diesel(sql_type = Text)]
        zone: String,
    }
    let rows: Vec<Zone> = prepared(
        "select distinct zone from (
           select u.timezone ->> case when u.timezone ->> 'useAutomaticTimezone' = 'false'
             then 'manualTimezone' else 'automaticTimezone' end as zone
           from channel_members m join users u on u.id = m.user_id
           where m.channel_id = $1 and u.delete_at = 0) z
         where zone <> '' order by zone limit $2",
    )
    .bind::<SqlUuid, _>(channel)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|z| z.zone).collect())
}

/// Locks the memberships of `user` in `channels`, in the order of the channels.
pub async fn lock(conn: &mut Conn, channels: &[ChannelId], user: UserId) -> Query<Vec<ChannelId>> {
    channel_members::table
        .filter(channel_members::user_id.eq(user).and(channel_members::channel_id.eq_any(channels)))
        .order(channel_members::channel_id)
        .select(channel_members::channel_id)
        .for_no_key_update()
        .load(conn)
        .await
}

/// Moves the reading position of `user` to the newest post of `channels`. Answers the channels in which something was
/// unread.
pub async fn read_all(conn: &mut Conn, channels: &[ChannelId], user: UserId) -> Query<Vec<ChannelId>> {
    let rows: Vec<Membership> = prepared(
        "update channel_members m set last_viewed_at = greatest(m.last_viewed_at, c.last_post_at),
           msg_count = c.total_msg_count, msg_count_root = c.total_msg_count_root,
           mention_count = 0, mention_count_root = 0,
           mention_all_seen = c.mention_all_count, mention_all_seen_root = c.mention_all_count_root,
           last_update_at = greatest(m.last_update_at, c.last_post_at)
         from channels c
         where c.id = m.channel_id and m.channel_id = any($1) and m.user_id = $2
           and (m.last_viewed_at < c.last_post_at or m.mention_count <> 0
             or (m.msg_count, m.mention_all_seen) <> (c.total_msg_count, c.mention_all_count))
         returning m.channel_id, m.user_id",
    )
    .bind::<Array<SqlUuid>, _>(channels)
    .bind::<SqlUuid, _>(user)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|m| m.channel_id).collect())
}

/// A reading position that the member sets by hand: "mark as unread from here".
#[derive(Debug, Clone, Copy, AsChangeset)]
#[diesel(table_name = channel_members)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct ReadPosition {
    pub last_viewed_at: Millis,
    pub msg_count: i64,
    pub msg_count_root: i64,
    pub mention_count: i64,
    pub mention_count_root: i64,
    pub mention_all_seen: i64,
    pub mention_all_seen_root: i64,
}

/// Sets a member's reading position.
pub async fn set_position(
    conn: &mut Conn,
    channel: ChannelId,
    user: UserId,
    at: &ReadPosition,
) -> Query<Option<ChannelMember>> {
    let now = now_ms();
    diesel::update(channel_members::table.find((channel, user)))
        .set((at, channel_members::last_update_at.eq(now)))
        .returning(ChannelMember::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// The unread counts of an account in the channels of one team.
#[derive(Debug, Clone, Copy, QueryableByName)]
#[expect(missing_docs, reason = "the protocol's names")]
pub struct TeamUnread {
    #[diesel(sql_type = SqlUuid)]
    pub team_id: TeamId,
    #[diesel(sql_type = BigInt)]
    pub msg_count: i64,
    #[diesel(sql_type = BigInt)]
    pub msg_count_root: i64,
    #[diesel(sql_type = BigInt)]
    pub mention_count: i64,
    #[diesel(sql_type = BigInt)]
    pub mention_count_root: i64,
}

/// The unread counts of `user`, by team. Channels that are muted to mentions count mentions only.
pub async fn unread_by_team(conn: &mut Conn, user: UserId) -> Query<Vec<TeamUnread>> {
    prepared(
        "select team_id,
           sum(case when muted then 0 else greatest(msgs, 0) end)::bigint as msg_count,
           sum(case when muted then 0 else greatest(msgs_root, 0) end)::bigint as msg_count_root,
           sum(greatest(named + case when deaf then 0 else everybody end, 0))::bigint as mention_count,
           sum(greatest(named_root + case when deaf then 0 else everybody_root end, 0))::bigint as mention_count_root
         from (
           select c.team_id, coalesce(m.notify_props ->> 'mark_unread', '') = 'mention' as muted,
             ignores_everybody(m.notify_props, m.ignores_all) as deaf,
             c.total_msg_count - m.msg_count as msgs, c.total_msg_count_root - m.msg_count_root as msgs_root,
             m.mention_count as named, m.mention_count_root as named_root,
             c.mention_all_count - m.mention_all_seen as everybody,
             c.mention_all_count_root - m.mention_all_seen_root as everybody_root
           from channel_members m join channels c on c.id = m.channel_id
           where m.user_id = $1 and c.team_id is not null and c.delete_at = 0) n
         group by team_id",
    )
    .bind::<SqlUuid, _>(user)
    .load(conn)
    .await
}
