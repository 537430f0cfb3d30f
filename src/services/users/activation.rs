//! Switching one account on or off. The rules of who may, and what follows for others, are in `access` and `owned`.

use super::announce::{acquainted, tell};
use super::create::check_limit;
use super::sessions::end_all;
use crate::db::{self, users::User as Row};
use crate::error::Result;
use crate::services::core::Tx;
use crate::wire::{Event, OrgId, SessionId, UserId};

/// Switches an account on or off in the open transaction and emits that. Returns the account and its sessions that
/// ended, which must be revoked after the commit; `None` if nothing changed.
pub(crate) async fn switch(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    active: bool,
) -> Result<Option<(Row, Vec<SessionId>)>> {
    // An account that is switched on counts towards the organisation's limit again.
    let house = if active { db::orgs::lock(tx, org).await? } else { None };
    let Some(row) = db::users::set_active(tx, org, user, active).await? else { return Ok(None) };
    if let Some(house) = house {
        check_limit(tx, &house).await?;
    }
    tell(tx, &row).await?;
    for (audience, filter) in acquainted(tx, user).await? {
        tx.emit(Event::UserActivationStatusChange { audience, filter });
    }
    let ended = if active { Vec::new() } else { end_all(tx, user).await? };
    Ok(Some((row, ended)))
}
