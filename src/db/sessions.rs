//! Sessions: the logins of accounts.

use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::fragment::fragment;
use super::functions::now_ms;
use super::{
    Conn, Query,
    schema::{orgs, sessions, users},
};
use crate::wire::{Millis, OrgId, SessionId, UserId};

/// The condition that a session was used within so many milliseconds. Those of personal tokens are never idle: a
/// program may wait for long.
const USED_SINCE: &str =
    "sessions.last_activity_at > case when sessions.token_id is null then now_ms() else 0 end - ";

/// A session's row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub csrf: String,
    pub device_id: String,
    pub props: Value,
    pub create_at: Millis,
    pub expires_at: Millis,
    pub last_activity_at: Millis,
}

/// The facts of a session that every request needs: one row of `sessions` and its account.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Login {
    pub user_id: UserId,
    pub org_id: OrgId,
    pub username: String,
    pub roles: String,
    pub csrf: String,
    pub expires_at: Millis,
    /// Whether no second factor is to be demanded: the account has one, or logs in at a service that asks for its own,
    /// or is a bot, which can have none.
    pub has_second_factor: bool,
    /// Whether the organisation demands a second factor.
    pub needs_second_factor: bool,
    /// Whether the account is a bot.
    pub is_bot: bool,
    /// Whether the session's last use was noted more than a minute ago.
    pub stale: bool,
    /// Whether the account is an operator.
    pub is_operator: bool,
}

/// The living session `id` of an active account, in an organisation that is not suspended. A session that was idle for
/// `idle` milliseconds is over.
pub async fn login(conn: &mut Conn, id: SessionId, idle: Millis) -> Query<Option<Login>> {
    sessions::table
        .inner_join(users::table.inner_join(orgs::table))
        .filter(sessions::id.eq(id))
        .filter(sessions::expires_at.gt(now_ms()).and(fragment::<Bool>(USED_SINCE).bind::<BigInt, _>(idle)))
        .filter(users::delete_at.eq(0))
        .filter(orgs::suspended_at.eq(0).and(orgs::delete_at.eq(0)))
        .select((
            users::id,
            users::org_id,
            users::username,
            users::roles,
            sessions::csrf,
            sessions::expires_at,
            fragment::<Bool>(
                "users.mfa_active or users.auth_service <> '' or users.bot_description is not null",
            ),
            orgs::enforce_second_factor,
            users::bot_description.is_not_null(),
            fragment::<Bool>("sessions.last_activity_at < now_ms() - 60000"),
            fragment::<Bool>("exists (select 1 from operators o where o.user_id = users.id)"),
        ))
        .first(conn)
        .await
        .optional()
}

/// Notes that the session was used.
pub async fn touch(conn: &mut Conn, id: SessionId) -> Query<usize> {
    diesel::update(sessions::table.find(id)).set(sessions::last_activity_at.eq(now_ms())).execute(conn).await
}

/// A session to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = sessions)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewSession {
    pub id: SessionId,
    pub user_id: UserId,
    pub csrf: String,
    pub device_id: String,
    pub props: Value,
}

/// Inserts a session that lasts `lifetime` milliseconds.
pub async fn insert(conn: &mut Conn, new: &NewSession, lifetime: Millis) -> Query<Session> {
    diesel::insert_into(sessions::table)
        .values((new, sessions::expires_at.eq(fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(lifetime))))
        .returning(Session::as_returning())
        .get_result(conn)
        .await
}

/// The living sessions of an account, those used last first, at most `limit`.
pub async fn of_user(conn: &mut Conn, user: UserId, idle: Millis, limit: i64) -> Query<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.gt(now_ms()).and(fragment::<Bool>(USED_SINCE).bind::<BigInt, _>(idle)))
        .order(sessions::last_activity_at.desc())
        .limit(limit)
        .select(Session::as_select())
        .load(conn)
        .await
}

/// The identifiers of an account's sessions.
pub async fn ids_of_user(conn: &mut Conn, user: UserId) -> Query<Vec<SessionId>> {
    sessions::table.filter(sessions::user_id.eq(user)).select(sessions::id).load(conn).await
}

/// Ends the session `id` of `user`. False if there is none.
pub async fn delete(conn: &mut Conn, user: UserId, id: SessionId) -> Query<bool> {
    let rows = diesel::delete(sessions::table.filter(sessions::user_id.eq(user).and(sessions::id.eq(id))))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Ends the sessions of `user`, except `spared`; answers the sessions that ended.
pub async fn delete_all(conn: &mut Conn, user: UserId, spared: Option<SessionId>) -> Query<Vec<SessionId>> {
    let spared: Vec<SessionId> = spared.into_iter().collect();
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user).and(sessions::id.ne_all(spared))))
        .returning(sessions::id)
        .get_results(conn)
        .await
}

/// Ends all sessions of an organisation, those of operators only on demand; answers each session and its account.
pub async fn delete_all_of(
    conn: &mut Conn,
    org: OrgId,
    with_operators: bool,
) -> Query<Vec<(SessionId, UserId)>> {
    let ours = users::table.filter(users::org_id.eq(org));
    let reached = fragment::<Bool>("(")
        .bind::<Bool, _>(with_operators)
        .sql(" or not exists (select 1 from operators o where o.user_id = users.id))");
    let people = ours.filter(reached).select(users::id);
    diesel::delete(sessions::table.filter(sessions::user_id.eq_any(people)))
        .returning((sessions::id, sessions::user_id))
        .get_results(conn)
        .await
}

/// Ends sessions that expired or were idle for `idle` milliseconds, at most `limit`; answers each session and its
/// account.
pub async fn sweep(conn: &mut Conn, idle: Millis, limit: i64) -> Query<Vec<(SessionId, UserId)>> {
    let over = sessions::table
        .filter(
            sessions::expires_at.le(now_ms()).or(not(fragment::<Bool>(USED_SINCE).bind::<BigInt, _>(idle))),
        )
        .limit(limit)
        .for_update()
        .skip_locked()
        .select(sessions::id);
    let over: Vec<SessionId> = over.load(conn).await?;
    diesel::delete(sessions::table.filter(sessions::id.eq_any(over)))
        .returning((sessions::id, sessions::user_id))
        .get_results(conn)
        .await
}

/// Stores the push identifier of the phone that a session runs on.
pub async fn set_device(conn: &mut Conn, user: UserId, id: SessionId, device: &str) -> Query<bool> {
    let rows = diesel::update(sessions::table.filter(sessions::user_id.eq(user).and(sessions::id.eq(id))))
        .set(sessions::device_id.eq(device))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}
