//! What accounts did that an administrator may have to look into.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Query, schema::audits};
use crate::wire::{AuditId, Millis, SessionId, UserId};

/// An entry's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audits)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Audit {
    pub id: AuditId,
    pub user_id: UserId,
    pub session_id: Option<SessionId>,
    pub action: String,
    pub extra_info: String,
    pub ip_address: String,
    pub create_at: Millis,
}

/// An entry to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = audits)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewAudit<'a> {
    pub id: AuditId,
    pub user_id: UserId,
    pub session_id: Option<SessionId>,
    pub action: &'a str,
    pub extra_info: &'a str,
    pub ip_address: &'a str,
}

/// Inserts an entry.
pub async fn insert(conn: &mut Conn, new: &NewAudit<'_>) -> Query<usize> {
    diesel::insert_into(audits::table).values(new).execute(conn).await
}

/// A page of an account's entries, newest first.
pub async fn of_user(conn: &mut Conn, user: UserId, offset: i64, limit: i64) -> Query<Vec<Audit>> {
    audits::table
        .filter(audits::user_id.eq(user))
        .order((audits::create_at.desc(), audits::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(Audit::as_select())
        .load(conn)
        .await
}
