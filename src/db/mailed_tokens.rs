//! Tokens that were mailed to prove the ownership of an address.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::statement::prepared;
use super::{
    Conn, Query,
    schema::{mailed_tokens, users},
};
use crate::wire::{Millis, OrgId, UserId};

/// A token to insert.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewToken<'a> {
    pub digest: &'a [u8],
    pub user_id: UserId,
    pub purpose: &'static str,
    pub email: &'a str,
}

/// Inserts a token that lasts `lifetime` milliseconds. False if its account has `at_most` living ones already.
pub async fn insert(conn: &mut Conn, new: &NewToken<'_>, lifetime: Millis, at_most: i64) -> Query<bool> {
    let rows = prepared(
        "insert into mailed_tokens (digest, user_id, purpose, email, expires_at)
         select $1, $2, $3, $4, now_ms() + $5
         where (select count(*) from mailed_tokens
                where user_id = $2 and purpose = $3 and expires_at > now_ms()) < $6",
    )
    .bind::<Binary, _>(new.digest)
    .bind::<SqlUuid, _>(new.user_id)
    .bind::<Text, _>(new.purpose)
    .bind::<Text, _>(new.email)
    .bind::<BigInt, _>(lifetime)
    .bind::<BigInt, _>(at_most)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// The account of a living token of `org`, and the address that the token was mailed to. The token stays.
pub async fn find(
    conn: &mut Conn,
    org: OrgId,
    digest: &[u8],
    purpose: &str,
) -> Query<Option<(UserId, String)>> {
    mailed_tokens::table
        .inner_join(users::table)
        .filter(users::org_id.eq(org))
        .filter(mailed_tokens::digest.eq(digest).and(mailed_tokens::purpose.eq(purpose)))
        .filter(mailed_tokens::expires_at.gt(now_ms()))
        .select((mailed_tokens::user_id, mailed_tokens::email))
        .first(conn)
        .await
        .optional()
}

/// Removes a living token. Of several requests with the same token, exactly one gets true.
pub async fn consume(conn: &mut Conn, digest: &[u8], purpose: &str) -> Query<bool> {
    let token = mailed_tokens::table
        .filter(mailed_tokens::digest.eq(digest).and(mailed_tokens::purpose.eq(purpose)))
        .filter(mailed_tokens::expires_at.gt(now_ms()));
    Ok(diesel::delete(token).execute(conn).await? == 1)
}

/// Removes all tokens of an account, because the password or the address that they were for has changed.
pub async fn delete_all(conn: &mut Conn, user: UserId) -> Query<usize> {
    diesel::delete(mailed_tokens::table.filter(mailed_tokens::user_id.eq(user))).execute(conn).await
}

/// Removes expired tokens, at most `limit`; answers their number.
pub async fn sweep(conn: &mut Conn, limit: i64) -> Query<usize> {
    prepared(
        "delete from mailed_tokens where digest in
         (select digest from mailed_tokens where expires_at <= now_ms() order by expires_at limit $1)",
    )
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await
}
