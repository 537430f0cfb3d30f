//! Reading the log: an account's own part of it, and all of it for administrators.

use uuid::Uuid;

use crate::db::{self, audits::AuditFilter};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::permissions::Permission;
use crate::wire::{Audit, Millis, UserId, id};

/// Characters of an action or a kind that is asked for.
const MAX_NAME: usize = 128;

/// What an administrator looks for; what is absent narrows nothing.
#[derive(Debug, Default)]
pub struct AuditQuery {
    /// Done by this account.
    pub actor: Option<UserId>,
    /// Operations whose path begins so.
    pub action: Option<String>,
    /// Done to something of this kind, for example `team`.
    pub subject_kind: Option<String>,
    /// Done to this.
    pub subject: Option<Uuid>,
    /// `success`, `fail` or `refused`.
    pub outcome: Option<String>,
    /// Not before this time.
    pub since: Option<Millis>,
    /// Before this time.
    pub until: Option<Millis>,
}

/// A page of the log of the caller's organisation, newest first; for administrators.
pub async fn all(core: &Core, caller: &Caller, asked: AuditQuery, page: (i64, i64)) -> Result<Vec<Audit>> {
    caller.require(Permission::ReadAudits)?;
    let filter = checked(asked)?;
    let rows = db::audits::list(&mut *core.read().await?, caller.org, &filter, page).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// A page of what `user` did and what was done to them, newest first; for themselves and for administrators.
pub async fn list(core: &Core, caller: &Caller, user: UserId, offset: i64, limit: i64) -> Result<Vec<Audit>> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    // An identifier of something else is nobody's, although there may be entries about it.
    if db::users::find(&mut conn, caller.org, user).await?.is_none() {
        return Ok(Vec::new());
    }
    let filter = AuditFilter { concerning: Some(user), ..AuditFilter::default() };
    let rows = db::audits::list(&mut conn, caller.org, &filter, (offset, limit)).await?;
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

/// Of an act whose doer is not known, the protocol's readers are shown the account that it was tried on.
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
