//! Reading the audit log: an account's own part of it, and all of it for administrators.

use uuid::Uuid;

use crate::db::{self, audits::AuditFilter};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core};
use crate::wire::{Audit, Millis, PageRange, UserId, id};

/// The longest action or kind in a query, in characters.
const MAX_NAME: usize = 128;

/// The filter of an administrator's query; absent fields do not restrict.
#[derive(Debug, Default)]
pub struct AuditQuery {
    /// The account that acted.
    pub actor: Option<UserId>,
    /// The beginning of the operation's path.
    pub action: Option<String>,
    /// The kind of thing that was acted on, for example `team`.
    pub subject_kind: Option<String>,
    /// The thing that was acted on.
    pub subject: Option<Uuid>,
    /// `success`, `fail` or `refused`.
    pub outcome: Option<String>,
    /// The earliest time.
    pub since: Option<Millis>,
    /// The time before which entries must lie.
    pub until: Option<Millis>,
}

/// A page of the log of the caller's organisation, newest first; needs `ReadAudits`.
pub async fn all(core: &Core, caller: &Caller, asked: AuditQuery, page: PageRange) -> Result<Vec<Audit>> {
    caller.require(Permission::ReadAudits)?;
    let filter = checked(asked)?;
    let rows = db::audits::list(&mut *core.read().await?, caller.org, &filter, page).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// A page of the entries by and about `user`, newest first; for themselves and for administrators.
pub async fn list(core: &Core, caller: &Caller, user: UserId, offset: i64, limit: i64) -> Result<Vec<Audit>> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    // The identifier of another kind of thing is no account's, although there may be entries about it.
    if db::users::find(&mut conn, caller.org, user).await?.is_none() {
        return Ok(Vec::new());
    }
    let filter = AuditFilter { concerning: Some(user), ..AuditFilter::default() };
    let rows = db::audits::list(&mut conn, caller.org, &filter, PageRange { offset, limit }).await?;
    Ok(rows.into_iter().map(shape).collect())
}

fn checked(asked: AuditQuery) -> Result<AuditFilter> {
    let short = |text: &Option<String>| text.as_ref().is_none_or(|t| t.chars().count() <= MAX_NAME);
    if !short(&asked.action) {
        return Err(Error::param("action"));
    }
    if !short(&asked.subject_kind) {
        return Err(Error::param("subject_kind"));
    }
    if asked.outcome.as_deref().is_some_and(|o| !["success", "fail", "refused"].contains(&o)) {
        return Err(Error::param("outcome"));
    }
    Ok(AuditFilter {
        actor: asked.actor,
        concerning: None,
        action: asked.action,
        subject_kind: asked.subject_kind,
        subject: asked.subject,
        outcome: asked.outcome,
        since: asked.since,
        until: asked.until,
    })
}

/// If the actor is unknown, clients are shown the account that the act was tried on.
fn shape(row: db::audits::Audit) -> Audit {
    let tried_on = row.subject_id.filter(|_| row.subject_kind == "user").map(UserId);
    Audit {
        id: row.id,
        create_at: row.create_at,
        user_id: row.user_id.or(tried_on),
        action: row.action,
        extra_info: row.extra_info,
        ip_address: row.ip_address,
        session_id: row.session_id,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id.map(id::encode).unwrap_or_default(),
        outcome: row.outcome,
        user_agent: row.user_agent,
    }
}
