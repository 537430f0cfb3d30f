//! Cached facts about the links in messages.

use diesel::prelude::*;
use diesel::query_dsl::methods;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::fragment::fragment;
use super::functions::now_ms;
use super::{
    Conn, Query,
    schema::{channels, links},
};
use crate::wire::{ChannelId, Millis, OrgId};

/// A link about which something is known.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = links)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct CachedLink {
    pub url: String,
    pub facts: Option<Value>,
    pub claimed_until: Millis,
    pub expires_at: Millis,
}

/// Claims a link that nobody is fetching and whose facts are unknown or expired, until `time` from now. False if there
/// is nothing to do, or another request does it.
pub async fn claim(conn: &mut Conn, org: OrgId, hash: &[u8], url: &str, time: Millis) -> Query<bool> {
    let until = || fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(time);
    let row =
        (links::org_id.eq(org), links::hash.eq(hash), links::url.eq(url), links::claimed_until.eq(until()));
    let insert = diesel::insert_into(links::table)
        .values(row)
        .on_conflict((links::org_id, links::hash))
        .do_update()
        .set(links::claimed_until.eq(excluded(links::claimed_until)));
    let is_free = links::claimed_until.le(now_ms()).and(links::expires_at.le(now_ms()));
    let taken = methods::FilterDsl::filter(insert, is_free).execute(conn).await?;
    Ok(taken == 1)
}

/// Stores the facts of a link, for `time` from now.
pub async fn learned(conn: &mut Conn, org: OrgId, hash: &[u8], facts: &Value, time: Millis) -> Query<usize> {
    let until = fragment::<BigInt>("now_ms() + ").bind::<BigInt, _>(time);
    diesel::update(links::table.filter(links::org_id.eq(org).and(links::hash.eq(hash))))
        .set((links::facts.eq(facts), links::claimed_until.eq(0), links::expires_at.eq(until)))
        .execute(conn)
        .await
}

/// The link, if it was ever fetched or claimed.
pub async fn find(conn: &mut Conn, org: OrgId, hash: &[u8]) -> Query<Option<CachedLink>> {
    links::table
        .filter(links::org_id.eq(org).and(links::hash.eq(hash)))
        .select(CachedLink::as_select())
        .first(conn)
        .await
        .optional()
}

/// Those of `hashes` about which the organisation of `channel` knows something.
pub async fn known(conn: &mut Conn, channel: ChannelId, hashes: &[Vec<u8>]) -> Query<Vec<CachedLink>> {
    links::table
        .inner_join(channels::table.on(channels::org_id.eq(links::org_id)))
        .filter(channels::id.eq(channel).and(links::hash.eq_any(hashes)))
        .filter(links::facts.is_not_null())
        .select(CachedLink::as_select())
        .load(conn)
        .await
}

/// Removes links whose facts expired `time` ago, at most `limit`.
pub async fn forget(conn: &mut Conn, time: Millis, limit: i64) -> Query<usize> {
    let old = fragment::<BigInt>("now_ms() - ").bind::<BigInt, _>(time);
    let gone = links::table
        .filter(links::expires_at.lt(old).and(links::claimed_until.le(now_ms())))
        .order(links::expires_at)
        .limit(limit)
        .select((links::org_id, links::hash));
    let keys: Vec<(OrgId, Vec<u8>)> = gone.load(conn).await?;
    let mut forgotten = 0;
    for (org, hash) in keys {
        let row = links::table.filter(links::org_id.eq(org).and(links::hash.eq(hash)));
        forgotten += diesel::delete(row).execute(conn).await?;
    }
    Ok(forgotten)
}
