//! Statuses that people chose.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::piece::piece;
use super::{
    Conn, Query,
    schema::{statuses, users},
};
use crate::wire::{Millis, OrgId, UserId};

/// A status' row. `dnd_end_time` is in seconds.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = statuses)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Status {
    pub user_id: UserId,
    pub status: String,
    pub manual: bool,
    pub last_activity_at: Millis,
    pub dnd_end_time: i64,
}

/// What is kept about somebody's presence.
#[derive(Debug, Clone, Queryable)]
pub struct Kept {
    /// Whose.
    pub user_id: UserId,
    /// What they chose, if anything.
    pub chosen: Option<Status>,
    /// When one of their sessions was last used, to the minute; 0 if there is none.
    pub last_used_at: Millis,
}

/// What is kept about those of `ids` that are accounts of `org`.
pub async fn of(conn: &mut Conn, org: OrgId, ids: &[UserId]) -> Query<Vec<Kept>> {
    users::table
        .left_join(statuses::table.on(statuses::user_id.eq(users::id)))
        .filter(users::org_id.eq(org).and(users::id.eq_any(ids)))
        .select((
            users::id,
            Option::<Status>::as_select(),
            piece::<BigInt>(
                "coalesce((select max(last_activity_at) from sessions where user_id = users.id), 0)",
            ),
        ))
        .load(conn)
        .await
}

/// What those of `ids` chose who chose anything, of whatever organisation: for what the server tells by itself.
pub async fn chosen(conn: &mut Conn, ids: &[UserId]) -> Query<Vec<Status>> {
    statuses::table.filter(statuses::user_id.eq_any(ids)).select(Status::as_select()).load(conn).await
}

/// What an account chose, if anything.
pub async fn find(conn: &mut Conn, user: UserId) -> Query<Option<Status>> {
    statuses::table.find(user).select(Status::as_select()).first(conn).await.optional()
}

/// Keeps what an account chose, in place of what it chose before.
pub async fn choose(
    conn: &mut Conn,
    user: UserId,
    status: &str,
    manual: bool,
    dnd_end_time: i64,
) -> Query<Status> {
    let now = || now_ms();
    diesel::insert_into(statuses::table)
        .values((
            statuses::user_id.eq(user),
            statuses::status.eq(status),
            statuses::manual.eq(manual),
            statuses::dnd_end_time.eq(dnd_end_time),
        ))
        .on_conflict(statuses::user_id)
        .do_update()
        .set((
            statuses::status.eq(status),
            statuses::manual.eq(manual),
            statuses::dnd_end_time.eq(dnd_end_time),
            statuses::last_activity_at.eq(now()),
        ))
        .returning(Status::as_returning())
        .get_result(conn)
        .await
}

/// Takes back "do not disturb" where its time is over, at most `limit`; the answer is what stands there now.
pub async fn end_dnd(conn: &mut Conn, limit: i64) -> Query<Vec<Status>> {
    let is_over = piece::<Bool>("status = 'dnd' and dnd_end_time > 0 and dnd_end_time <= now_ms() / 1000");
    let over = statuses::table.filter(is_over).limit(limit).for_update().skip_locked();
    let over: Vec<UserId> = over.select(statuses::user_id).load(conn).await?;
    diesel::update(statuses::table.filter(statuses::user_id.eq_any(over)))
        .set((statuses::status.eq("online"), statuses::manual.eq(false), statuses::dnd_end_time.eq(0)))
        .returning(Status::as_returning())
        .get_results(conn)
        .await
}
