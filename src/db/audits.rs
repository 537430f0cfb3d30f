//! The audit log: rows are added, read, and removed when they are too old, never changed (a trigger enforces that).

use diesel::dsl::sql_query;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::fragment::fragment;
use super::{Conn, Query, schema::audits};
use crate::wire::{AuditId, Millis, OrgId, PageRange, SessionId, UserId};

/// An entry's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audits)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Audit {
    pub id: AuditId,
    pub user_id: Option<UserId>,
    pub session_id: Option<SessionId>,
    pub action: String,
    pub extra_info: String,
    pub ip_address: String,
    pub create_at: Millis,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    pub outcome: String,
    pub user_agent: String,
}

/// An entry to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = audits)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewAudit<'a> {
    pub id: AuditId,
    pub org_id: OrgId,
    pub user_id: Option<UserId>,
    pub session_id: Option<SessionId>,
    pub action: &'a str,
    pub subject_kind: &'a str,
    pub subject_id: Option<Uuid>,
    pub outcome: &'a str,
    pub extra_info: &'a str,
    pub ip_address: &'a str,
    pub user_agent: &'a str,
}

/// The conditions that a list's entries fulfil. Every field narrows it.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Entries of actions by this account.
    pub actor: Option<UserId>,
    /// Entries of actions by this account or on it.
    pub concerning: Option<UserId>,
    /// Entries whose action begins with this text.
    pub action: Option<String>,
    /// Entries of actions on an object of this kind.
    pub subject_kind: Option<String>,
    /// Entries of actions on this object.
    pub subject: Option<Uuid>,
    /// Entries with this outcome.
    pub outcome: Option<String>,
    /// The earliest time, inclusive.
    pub since: Option<Millis>,
    /// The latest time, exclusive.
    pub until: Option<Millis>,
}

/// Inserts an entry.
pub async fn insert(conn: &mut Conn, new: &NewAudit<'_>) -> Query<usize> {
    diesel::insert_into(audits::table).values(new).execute(conn).await
}

/// A page of the entries of `org` that pass the filter, newest first.
pub async fn list(conn: &mut Conn, org: OrgId, filter: &AuditFilter, page: PageRange) -> Query<Vec<Audit>> {
    let mut query = audits::table.filter(audits::org_id.eq(org)).into_boxed();
    if let Some(actor) = filter.actor {
        query = query.filter(audits::user_id.eq(actor));
    }
    if let Some(user) = filter.concerning {
        query = query.filter(audits::user_id.eq(user).or(audits::subject_id.eq(user.0)));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audits::action.like(super::starts_with(action)));
    }
    if let Some(kind) = &filter.subject_kind {
        query = query.filter(audits::subject_kind.eq(kind.clone()));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(audits::subject_id.eq(subject));
    }
    if let Some(outcome) = &filter.outcome {
        query = query.filter(audits::outcome.eq(outcome.clone()));
    }
    if let Some(since) = filter.since {
        query = query.filter(audits::create_at.ge(since));
    }
    if let Some(until) = filter.until {
        query = query.filter(audits::create_at.lt(until));
    }
    let query = query.order((audits::create_at.desc(), audits::id.desc()));
    query.offset(page.offset).limit(page.limit).select(Audit::as_select()).load(conn).await
}

/// Removes entries that are older than `days`, at most `limit`; answers their number. The trigger lets this transaction
/// remove them because of the setting.
pub async fn remove_old(conn: &mut Conn, days: u32, limit: i64) -> Query<usize> {
    sql_query("set local rustchat.audit_retention = 'on'").execute(conn).await?;
    let oldest = fragment::<BigInt>("now_ms() - ").bind::<BigInt, _>(i64::from(days) * 86_400_000);
    let old = audits::table.filter(audits::create_at.lt(oldest)).order(audits::create_at).limit(limit);
    let ids: Vec<AuditId> = old.select(audits::id).load(conn).await?;
    let removed = diesel::delete(audits::table.filter(audits::id.eq_any(ids))).execute(conn).await?;
    sql_query("set local rustchat.audit_retention = 'off'").execute(conn).await?;
    Ok(removed)
}
