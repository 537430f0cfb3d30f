//! Organisations, and the host names that lead to them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Query,
    schema::{founders, org_domains, orgs},
};
use crate::wire::{Millis, OrgId, UserId};

/// An organisation's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = orgs)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Org {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub create_at: Millis,
    pub update_at: Millis,
    pub sign_up: Option<String>,
    pub email_domains: Vec<String>,
    pub max_users: i64,
    pub max_bytes: i64,
    pub retention_days: i32,
    pub suspended_at: Millis,
    pub delete_at: Millis,
}

/// An organisation, and the host names that lead to it in their order.
pub type Housed = (Org, Vec<String>);

/// The organisation under `slug`, made without a name if it does not exist; safe when many nodes start at once.
pub async fn ensure(conn: &mut Conn, slug: &str) -> Query<OrgId> {
    diesel::insert_into(orgs::table)
        .values((orgs::id.eq(OrgId::new()), orgs::slug.eq(slug), orgs::name.eq("")))
        .on_conflict(orgs::slug)
        .do_nothing()
        .execute(conn)
        .await?;
    orgs::table.filter(orgs::slug.eq(slug)).select(orgs::id).first(conn).await
}

/// The organisation `id`.
pub async fn find(conn: &mut Conn, id: OrgId) -> Query<Option<Housed>> {
    orgs::table
        .filter(orgs::id.eq(id).and(orgs::delete_at.eq(0)))
        .select((Org::as_select(), sql::<Array<Text>>(DOMAINS)))
        .first(conn)
        .await
        .optional()
}

/// The organisation that is called `slug` in addresses.
pub async fn by_slug(conn: &mut Conn, slug: &str) -> Query<Option<Housed>> {
    orgs::table
        .filter(orgs::slug.eq(slug).and(orgs::delete_at.eq(0)))
        .select((Org::as_select(), sql::<Array<Text>>(DOMAINS)))
        .first(conn)
        .await
        .optional()
}

/// The organisation that the host name `host` leads to, or else `default`.
pub async fn by_host(conn: &mut Conn, host: &str, default: OrgId) -> Query<Option<Housed>> {
    let named = org_domains::table.filter(org_domains::domain.eq(host)).select(org_domains::org_id);
    orgs::table
        .filter(orgs::id.eq_any(named).or(orgs::id.eq(default)).and(orgs::delete_at.eq(0)))
        // False sorts before true: the default comes last.
        .order(sql::<diesel::sql_types::Bool>("id = ").bind::<SqlUuid, _>(default))
        .select((Org::as_select(), sql::<Array<Text>>(DOMAINS)))
        .first(conn)
        .await
        .optional()
}

const DOMAINS: &str = "array(select d.domain from org_domains d where d.org_id = orgs.id order by d.domain)";

/// Makes `user` the founder of `org`, unless it has one already. True if they are it now.
pub async fn found(conn: &mut Conn, org: OrgId, user: UserId) -> Query<bool> {
    let rows = diesel::insert_into(founders::table)
        .values((founders::org_id.eq(org), founders::user_id.eq(user)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(rows == 1)
}
