//! Changes of roles, relative to the built-in ones.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::{Conn, Query, schema::role_changes};
use crate::wire::{Millis, OrgId, SchemeId};

/// The most changed roles that are read of one organisation: schemes are bounded, and each has six.
const MAX: i64 = 2000;

/// A change's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = role_changes)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct RoleChange {
    pub name: String,
    pub granted: Vec<String>,
    pub withdrawn: Vec<String>,
    pub update_at: Millis,
}

/// The changes of `org`.
pub async fn of(conn: &mut Conn, org: OrgId) -> Query<Vec<RoleChange>> {
    role_changes::table
        .filter(role_changes::org_id.eq(org))
        .order(role_changes::name)
        .limit(MAX)
        .select(RoleChange::as_select())
        .load(conn)
        .await
}

/// Inserts a change, or replaces the one before.
pub async fn put(
    conn: &mut Conn,
    (org, name): (OrgId, &str),
    scheme: Option<SchemeId>,
    granted: &[&str],
    withdrawn: &[&str],
) -> Query<RoleChange> {
    let row = (
        role_changes::org_id.eq(org),
        role_changes::name.eq(name),
        role_changes::scheme_id.eq(scheme),
        role_changes::granted.eq(granted),
        role_changes::withdrawn.eq(withdrawn),
    );
    diesel::insert_into(role_changes::table)
        .values(row)
        .on_conflict((role_changes::org_id, role_changes::name))
        .do_update()
        .set((
            role_changes::granted.eq(granted),
            role_changes::withdrawn.eq(withdrawn),
            role_changes::update_at.eq(now_ms()),
        ))
        .returning(RoleChange::as_returning())
        .get_result(conn)
        .await
}
