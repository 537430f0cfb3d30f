//! Personal access tokens, and the sessions in which they are used.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::fragment::{SqlFragment, fragment};
use super::functions::now_ms;
use super::statement::prepared;
use super::{
    Conn, Query,
    schema::{access_tokens, sessions, users},
};
use crate::wire::{Millis, OrgId, PageRange, SessionId, TokenId, UserId};

/// A token's row, without the hash that the token is found by.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = access_tokens)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct AccessToken {
    pub id: TokenId,
    pub user_id: UserId,
    pub description: String,
    pub active: bool,
    pub expires_at: Millis,
}

/// A token to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = access_tokens)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewAccessToken<'a> {
    pub id: TokenId,
    pub user_id: UserId,
    pub hash: &'a [u8],
    pub description: &'a str,
    pub expires_at: Millis,
}

/// The session to make for a token that has none.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewTokenSession {
    pub id: SessionId,
    pub csrf: String,
    pub props: Value,
    /// The session's lifetime in milliseconds, where the token itself does not expire.
    pub lifetime: Millis,
}

/// Inserts a token.
pub async fn insert(conn: &mut Conn, new: &NewAccessToken<'_>) -> Query<AccessToken> {
    diesel::insert_into(access_tokens::table)
        .values(new)
        .returning(AccessToken::as_returning())
        .get_result(conn)
        .await
}

/// The token `id` of an account of `org`.
pub async fn find(conn: &mut Conn, org: OrgId, id: TokenId) -> Query<Option<AccessToken>> {
    access_tokens::table
        .inner_join(users::table)
        .filter(users::org_id.eq(org).and(access_tokens::id.eq(id)))
        .select(AccessToken::as_select())
        .first(conn)
        .await
        .optional()
}

/// A page of an account's tokens, newest first.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    PageRange { offset, limit }: PageRange,
) -> Query<Vec<AccessToken>> {
    access_tokens::table
        .filter(access_tokens::user_id.eq(user))
        .order((access_tokens::create_at.desc(), access_tokens::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(AccessToken::as_select())
        .load(conn)
        .await
}

/// Counts the tokens of an account.
pub async fn count_of_user(conn: &mut Conn, user: UserId) -> Query<i64> {
    access_tokens::table.filter(access_tokens::user_id.eq(user)).count().get_result(conn).await
}

/// The accounts that have more permissions than the caller.
#[derive(Debug)]
pub struct Above {
    /// Roles that permit more.
    pub roles: Vec<String>,
    /// Whether operators count among them.
    pub operators: bool,
}

/// The condition that an account is not among `above`.
fn below(above: &Above) -> SqlFragment<'_, Bool> {
    fragment("not (string_to_array(users.roles, ' ') && ")
        .bind::<Array<Text>, _>(&above.roles)
        .sql(" or ")
        .bind::<Bool, _>(above.operators)
        .sql(" and exists (select 1 from operators o where o.user_id = users.id))")
}

/// A page of the tokens of `org`, newest first, without those of accounts that are `above`; with `term`, those whose
/// own identifier or account identifier is `id`, or whose account's name begins with the term.
pub async fn of_org(
    conn: &mut Conn,
    org: OrgId,
    above: &Above,
    term: Option<(&str, Option<uuid::Uuid>)>,
    PageRange { offset, limit }: PageRange,
) -> Query<Vec<AccessToken>> {
    let of_org = access_tokens::table.inner_join(users::table).filter(users::org_id.eq(org));
    let mut query = of_org.filter(below(above)).into_boxed();
    if let Some((name, id)) = term {
        let named = users::username.like(super::starts_with(name));
        query = match id {
            Some(id) => query.filter(
                named.or(access_tokens::id.eq(TokenId(id))).or(access_tokens::user_id.eq(UserId(id))),
            ),
            None => query.filter(named),
        };
    }
    let query = query.order((access_tokens::create_at.desc(), access_tokens::id.desc()));
    query.offset(offset).limit(limit).select(AccessToken::as_select()).load(conn).await
}

/// Switches a token on or off; answers its hash.
pub async fn set_active(conn: &mut Conn, id: TokenId, active: bool) -> Query<Option<Vec<u8>>> {
    diesel::update(access_tokens::table.find(id))
        .set(access_tokens::active.eq(active))
        .returning(access_tokens::hash)
        .get_result(conn)
        .await
        .optional()
}

/// Replaces a token's secret and its time of expiry.
pub async fn rotate(conn: &mut Conn, id: TokenId, hash: &[u8], expires_at: Millis) -> Query<AccessToken> {
    diesel::update(access_tokens::table.find(id))
        .set((access_tokens::hash.eq(hash), access_tokens::expires_at.eq(expires_at)))
        .returning(AccessToken::as_returning())
        .get_result(conn)
        .await
}

/// Removes tokens.
pub async fn delete(conn: &mut Conn, ids: &[TokenId]) -> Query<usize> {
    diesel::delete(access_tokens::table.filter(access_tokens::id.eq_any(ids))).execute(conn).await
}

/// Ends the sessions of tokens; answers each session and its account.
pub async fn end_sessions(conn: &mut Conn, ids: &[TokenId]) -> Query<Vec<(SessionId, UserId)>> {
    diesel::delete(sessions::table.filter(sessions::token_id.eq_any(ids)))
        .returning((sessions::id, sessions::user_id))
        .get_results(conn)
        .await
}

/// Active tokens of people of `org` that expire later than `lifetime` milliseconds from now, at most `limit`, without
/// those of accounts that are `above`.
pub async fn outlasting(
    conn: &mut Conn,
    org: OrgId,
    above: &Above,
    lifetime: Millis,
    limit: i64,
) -> Query<Vec<AccessToken>> {
    let end = fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(lifetime);
    access_tokens::table
        .inner_join(users::table)
        .filter(users::org_id.eq(org).and(users::bot_description.is_null()))
        .filter(below(above))
        .filter(access_tokens::active)
        .filter(access_tokens::expires_at.eq(0).or(access_tokens::expires_at.gt(end)))
        .order(access_tokens::id)
        .limit(limit)
        .select(AccessToken::as_select())
        .load(conn)
        .await
}

/// A token that may be used.
#[derive(Debug, Queryable)]
pub struct Usable {
    /// The token's identifier.
    pub id: TokenId,
    /// Whether the token belongs to a bot.
    pub is_bot: bool,
    /// The token's session, if it was used before.
    pub session: Option<SessionId>,
}

/// The token with this hash, if it may be used.
pub async fn usable(conn: &mut Conn, hash: &[u8]) -> Query<Option<Usable>> {
    access_tokens::table
        .inner_join(users::table)
        .left_join(sessions::table.on(sessions::token_id.eq(access_tokens::id.nullable())))
        .filter(access_tokens::hash.eq(hash).and(access_tokens::active))
        .filter(access_tokens::expires_at.eq(0).or(access_tokens::expires_at.gt(now_ms())))
        .filter(users::delete_at.eq(0))
        .select((access_tokens::id, users::bot_description.is_not_null(), sessions::id.nullable()))
        .first(conn)
        .await
        .optional()
}

/// Makes the session of the token with this hash, unless there is one. The token's row is locked meanwhile: a request
/// that switches the token off at the same time finds the session, or keeps it from being made.
pub async fn begin_session(conn: &mut Conn, hash: &[u8], new: &NewTokenSession) -> Query<usize> {
    prepared(
        "insert into sessions (id, user_id, csrf, props, expires_at, token_id)
         select $2, a.user_id, $3, $4, case a.expires_at when 0 then now_ms() + $5 else a.expires_at end, a.id
         from access_tokens a where a.hash = $1 and a.active and (a.expires_at = 0 or a.expires_at > now_ms())
         for share
         on conflict (token_id) do nothing",
    )
    .bind::<Bytea, _>(hash)
    .bind::<SqlUuid, _>(new.id)
    .bind::<Text, _>(&new.csrf)
    .bind::<Jsonb, _>(&new.props)
    .bind::<BigInt, _>(new.lifetime)
    .execute(conn)
    .await
}
