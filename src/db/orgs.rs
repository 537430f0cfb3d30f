//! Organisations.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Query,
    schema::{founders, orgs},
};
use crate::wire::{OrgId, UserId};

/// The organisation under `slug`, made if it does not exist; safe when many nodes start at once.
pub async fn ensure(conn: &mut Conn, slug: &str, name: &str) -> Query<OrgId> {
    diesel::insert_into(orgs::table)
        .values((orgs::id.eq(OrgId::new()), orgs::slug.eq(slug), orgs::name.eq(name)))
        .on_conflict(orgs::slug)
        .do_nothing()
        .execute(conn)
        .await?;
    orgs::table.filter(orgs::slug.eq(slug)).select(orgs::id).first(conn).await
}

/// Makes `user` the founder of `org`, unless it has one already. True if they are it now.
pub async fn found(conn: &mut Conn, org: OrgId, user: UserId) -> Query<bool> {
    let rows = diesel::insert_into(founders::table)
        .values((founders::org_id.eq(org), founders::user_id.eq(user)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(rows == 1)
}
