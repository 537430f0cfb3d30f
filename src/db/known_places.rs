//! The places from which accounts logged in.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea, Uuid};
use diesel_async::RunQueryDsl;

use super::fragment::fragment;
use super::statement::prepared;
use super::{Conn, Query, schema::known_places};
use crate::wire::UserId;

/// Those of `places` from which the account logged in within the last `days` days.
pub async fn find(conn: &mut Conn, user: UserId, places: &[Vec<u8>], days: u32) -> Query<Vec<Vec<u8>>> {
    let oldest = fragment::<BigInt>("now_ms() - ").bind::<BigInt, _>(i64::from(days) * 86_400_000);
    known_places::table
        .filter(known_places::user_id.eq(user))
        .filter(known_places::digest.eq_any(places))
        .filter(known_places::used_at.gt(oldest))
        .select(known_places::digest)
        .load(conn)
        .await
}

/// Notes, to the day, that the account logged in from these places; keeps the `most` that were used last.
pub async fn remember(conn: &mut Conn, user: UserId, places: &[Vec<u8>], most: i64) -> Query<usize> {
    let noted = prepared(
        "insert into known_places as p (user_id, digest) select $1, unnest($2)
         on conflict (user_id, digest) do update set used_at = now_ms() where p.used_at < now_ms() - 86400000",
    )
    .bind::<Uuid, _>(user.0)
    .bind::<Array<Bytea>, _>(places)
    .execute(conn)
    .await?;
    if noted > 0 {
        prepared(
            "delete from known_places where user_id = $1 and digest in (
               select digest from known_places where user_id = $1 order by used_at desc, digest offset $2)",
        )
        .bind::<Uuid, _>(user.0)
        .bind::<BigInt, _>(most)
        .execute(conn)
        .await?;
    }
    Ok(noted)
}

/// Removes the known places of an account; answers them.
pub async fn forget(conn: &mut Conn, user: UserId) -> Query<Vec<Vec<u8>>> {
    diesel::delete(known_places::table.filter(known_places::user_id.eq(user)))
        .returning(known_places::digest)
        .get_results(conn)
        .await
}
