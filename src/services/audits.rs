//! The audit trail: what accounts did that their owner or an administrator may have to look into. Each service writes
//! its own entries, in the transaction that they are about.

use crate::db::{self, audits::NewAudit};
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::core::{Core, Tx};
use crate::wire::{Audit, AuditId, SessionId, UserId};

/// Characters of the free text that an entry keeps.
const MAX_EXTRA: usize = 1024;

/// From where a request came.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The peer's network address.
    pub address: String,
    /// What it calls itself.
    pub user_agent: String,
}

/// What is written down.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Whose trail.
    pub user: UserId,
    /// In which session, if in one.
    pub session: Option<SessionId>,
    /// What was done, as the path of the operation.
    pub action: &'static str,
    /// How it ended.
    pub extra: &'a str,
    /// From where.
    pub client: &'a Client,
}

/// Writes an entry down.
pub async fn write(tx: &mut Tx, entry: Entry<'_>) -> Result<()> {
    let extra: String = entry.extra.chars().take(MAX_EXTRA).collect();
    let row = NewAudit {
        id: AuditId::new(),
        user_id: entry.user,
        session_id: entry.session,
        action: entry.action,
        extra_info: &extra,
        ip_address: &entry.client.address,
    };
    db::audits::insert(tx, &row).await?;
    Ok(())
}

/// Writes down what the caller did to `user`: in the trail of `user`, with who did it where that is somebody else.
pub async fn by_caller(
    tx: &mut Tx,
    caller: &Caller,
    user: UserId,
    action: &'static str,
    client: &Client,
) -> Result<()> {
    let by = if caller.id == user { String::new() } else { format!("by user_id={}", caller.id) };
    write(tx, Entry { user, session: Some(caller.session), action, extra: &by, client }).await
}

/// A page of the trail of `user`, newest first; for themselves and for administrators.
pub async fn list(core: &Core, caller: &Caller, user: UserId, offset: i64, limit: i64) -> Result<Vec<Audit>> {
    caller.may_act_for(user)?;
    let mut conn = core.read().await?;
    if db::users::find(&mut conn, caller.org, user).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = db::audits::of_user(&mut conn, user, offset, limit).await?;
    Ok(rows.into_iter().map(shape).collect())
}

fn shape(row: db::audits::Audit) -> Audit {
    Audit {
        id: row.id,
        create_at: row.create_at,
        user_id: row.user_id,
        action: row.action,
        extra_info: row.extra_info,
        ip_address: row.ip_address,
        session_id: row.session_id.map(|s| s.to_string()).unwrap_or_default(),
    }
}
