//! Digests of recovery codes, which replace a lost second factor.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Query, schema::recovery_codes};
use crate::wire::UserId;

/// Replaces the codes of an account.
pub async fn replace(conn: &mut Conn, user: UserId, digests: &[Vec<u8>]) -> Query<usize> {
    delete_all(conn, user).await?;
    let rows: Vec<_> = digests
        .iter()
        .map(|digest| (recovery_codes::user_id.eq(user), recovery_codes::digest.eq(digest)))
        .collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(conn).await
}

/// Uses up a code. Of several requests with the same code, exactly one gets true.
pub async fn consume(conn: &mut Conn, user: UserId, digest: &[u8]) -> Query<bool> {
    let code = recovery_codes::table.find((user, digest));
    Ok(diesel::delete(code).execute(conn).await? == 1)
}

/// Removes the codes of an account.
pub async fn delete_all(conn: &mut Conn, user: UserId) -> Query<usize> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(conn).await
}
