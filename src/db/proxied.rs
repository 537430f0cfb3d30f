//! Cached pictures of other sites.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::fragment::fragment;
use super::functions::now_ms;
use super::statement::prepared;
use super::{Conn, Query, schema::proxied};
use crate::wire::{Millis, OrgId};

/// A cached picture: its identifier in the storage, and its media type.
pub type Proxied = (Uuid, String);

/// The picture of an address, if it is cached and not expired.
pub async fn find(conn: &mut Conn, org: OrgId, hash: &[u8]) -> Query<Option<Proxied>> {
    proxied::table
        .filter(proxied::org_id.eq(org).and(proxied::hash.eq(hash)).and(proxied::expires_at.gt(now_ms())))
        .select((proxied::object_id, proxied::mime))
        .first(conn)
        .await
        .optional()
}

/// Caches the picture of an address for `time` from now. Answers the storage identifier of an older one.
pub async fn keep(
    conn: &mut Conn,
    org: OrgId,
    hash: &[u8],
    (object, mime): (Uuid, &str),
    time: Millis,
) -> Query<Option<Uuid>> {
    let row = proxied::table.filter(proxied::org_id.eq(org).and(proxied::hash.eq(hash)));
    let old = row.select(proxied::object_id).for_update().first(conn).await.optional()?;
    let until = fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(time);
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

/// Removes expired pictures, and in each organisation all but the newest `most`; at most `limit`. Answers their
/// organisations and storage identifiers.
pub async fn forget(conn: &mut Conn, most: i64, limit: i64) -> Query<Vec<(OrgId, Uuid)>> {
    let gone: Vec<Gone> = prepared(
        "delete from proxied where object_id in (
           select object_id from (
             select object_id, expires_at, row_number() over (partition by org_id order by expires_at desc) as nth
             from proxied) p
           where expires_at <= now_ms() or nth > $1 limit $2)
         returning org_id, object_id",
    )
    .bind::<BigInt, _>(most)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(gone.into_iter().map(|g| (g.org_id, g.object_id)).collect())
}

/// A picture that was removed from the cache.
#[derive(QueryableByName)]
struct Gone {
    #[diesel(sql_type = SqlUuid)]
    org_id: OrgId,
    #[diesel(sql_type = SqlUuid)]
    object_id: Uuid,
}
