//! Switching one account on or off. The rules of who may, and what follows for others, are in `access` and `owned`.

use super::announce::{acquainted, tell};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::login::end_all;
use crate::services::platform::Tx;
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

/// Fails if the organisation has too many accounts. It must be locked, and the new account inserted already.
pub(crate) async fn check_limit(tx: &mut Tx, org: &db::orgs::Org) -> Result<()> {
    if org.max_users > 0 && db::users::count(tx, org.id).await? > org.max_users {
        return Err(Error::invalid(
            "api.user.create_user.user_limits.exceeded",
            "This organization has as many accounts as it may have.",
        ));
    }
    Ok(())
}
