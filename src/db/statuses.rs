//! Statuses that people chose.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::fragment::fragment;
use super::statement::prepared;
use super::{
    Conn, Query,
    schema::{statuses, users},
};
use crate::wire::{Millis, OrgId, PresenceStatus, UserId};

/// A status' row. `dnd_end_time` is in seconds; `prev_status` is the status to return to after it.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = statuses)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Status {
    pub user_id: UserId,
    pub status: PresenceStatus,
    pub manual: bool,
    pub last_activity_at: Millis,
    pub dnd_end_time: i64,
    pub prev_status: String,
}

/// The stored facts about an account's presence.
#[derive(Debug, Clone, Queryable)]
pub struct StoredStatus {
    /// The account.
    pub user_id: UserId,
    /// The status that the account chose, if any.
    pub chosen: Option<Status>,
    /// The last use of one of its sessions, in milliseconds since 1970, to the minute; 0 if there is none.
    pub last_used_at: Millis,
}

/// The presence of those of `ids` that are accounts of `org`.
pub async fn of(conn: &mut Conn, org: OrgId, ids: &[UserId]) -> Query<Vec<StoredStatus>> {
    users::table
        .left_join(statuses::table.on(statuses::user_id.eq(users::id)))
        .filter(users::org_id.eq(org).and(users::id.eq_any(ids)))
        .select((
            users::id,
            Option::<Status>::as_select(),
            fragment::<BigInt>(
                "coalesce((select max(last_activity_at) from sessions where user_id = users.id), 0)",
            ),
        ))
        .load(conn)
        .await
}

/// The chosen statuses of those of `ids` that have one, in any organisation: for events that the server sends on its
/// own.
pub async fn chosen(conn: &mut Conn, ids: &[UserId]) -> Query<Vec<Status>> {
    statuses::table.filter(statuses::user_id.eq_any(ids)).select(Status::as_select()).load(conn).await
}

/// The status that an account chose, if any.
pub async fn find(conn: &mut Conn, user: UserId) -> Query<Option<Status>> {
    statuses::table.find(user).select(Status::as_select()).first(conn).await.optional()
}

/// Stores the status that an account chose, in place of the one before. A temporary status remembers the one to return
/// to: of several in succession, the one before the first.
pub async fn choose(
    conn: &mut Conn,
    user: UserId,
    status: PresenceStatus,
    manual: bool,
    dnd_end_time: i64,
) -> Query<Status> {
    prepared(
        "insert into statuses as s (user_id, status, manual, dnd_end_time) values ($1, $2, $3, $4)
         on conflict (user_id) do update set status = excluded.status, manual = excluded.manual,
           dnd_end_time = excluded.dnd_end_time, last_activity_at = now_ms(),
           prev_status = case when excluded.dnd_end_time = 0 then ''
             when s.dnd_end_time > 0 then s.prev_status when s.manual then s.status else '' end
         returning *",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<Text, _>(status)
    .bind::<Bool, _>(manual)
    .bind::<BigInt, _>(dnd_end_time)
    .get_result(conn)
    .await
}

/// Restores the previous status where the time of "do not disturb" is over, at most `limit`; answers the restored
/// statuses.
pub async fn end_dnd(conn: &mut Conn, limit: i64) -> Query<Vec<Status>> {
    let is_over = fragment::<Bool>("status = 'dnd' and dnd_end_time > 0 and dnd_end_time <= now_ms() / 1000");
    let over = statuses::table.filter(is_over).limit(limit).for_update().skip_locked();
    let over: Vec<UserId> = over.select(statuses::user_id).load(conn).await?;
    diesel::update(statuses::table.filter(statuses::user_id.eq_any(over)))
        .set((
            statuses::status
                .eq(fragment::<Text>("case prev_status when '' then 'online' else prev_status end")),
            statuses::manual.eq(fragment::<Bool>("prev_status <> ''")),
            statuses::dnd_end_time.eq(0),
            statuses::prev_status.eq(""),
        ))
        .returning(Status::as_returning())
        .get_results(conn)
        .await
}
