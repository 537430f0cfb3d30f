//! Pictures of other sites that are kept for a while.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::functions::now_ms;
use super::{Conn, Query, schema::proxied};
use crate::wire::{Millis, OrgId};

/// A kept picture: where it lies, and its media type.
pub type Proxied = (Uuid, String);

/// The picture of an address, if it is kept and still good.
pub async fn find(conn: &mut Conn, org: OrgId, hash: &[u8]) -> Query<Option<Proxied>> {
    proxied::table
        .filter(proxied::org_id.eq(org).and(proxied::hash.eq(hash)).and(proxied::expires_at.gt(now_ms())))
        .select((proxied::object_id, proxied::mime))
        .first(conn)
        .await
        .optional()
}

/// Keeps the picture of an address for `time` from now. Answers where an older one lay.
pub async fn keep(
    conn: &mut Conn,
    org: OrgId,
    hash: &[u8],
    (object, mime): (Uuid, &str),
    time: Millis,
) -> Query<Option<Uuid>> {
    let row = proxied::table.filter(proxied::org_id.eq(org).and(proxied::hash.eq(hash)));
    let old = row.select(proxied::object_id).for_update().first(conn).await.optional()?;
    let until = sql::<BigInt>("now_ms() + ").bind::<BigInt, _>(time);
    diesel::insert_into(proxied::table)
        .values((
            proxied::org_id.eq(org),
            proxied::hash.eq(hash),
            proxied::object_id.eq(object),
            proxied::mime.eq(mime),
            proxied::expires_at.eq(until),
        ))
        .on_conflict((proxied::org_id, proxied::hash))
        .do_update()
        .set((
            proxied::object_id.eq(excluded(proxied::object_id)),
            proxied::mime.eq(excluded(proxied::mime)),
            proxied::expires_at.eq(excluded(proxied::expires_at)),
        ))
        .execute(conn)
        .await?;
    Ok(old)
}

/// Forgets pictures whose time is over, at most `limit`. Answers where they lie.
pub async fn forget(conn: &mut Conn, limit: i64) -> Query<Vec<(OrgId, Uuid)>> {
    let over: Vec<Uuid> = proxied::table
        .filter(proxied::expires_at.le(now_ms()))
        .limit(limit)
        .select(proxied::object_id)
        .load(conn)
        .await?;
    diesel::delete(
        proxied::table.filter(proxied::object_id.eq_any(&over)).filter(proxied::expires_at.le(now_ms())),
    )
    .returning((proxied::org_id, proxied::object_id))
    .get_results(conn)
    .await
}
