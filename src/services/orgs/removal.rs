//! Removing the contents of deleted organisations: in portions, so that no statement takes long and nobody waits for
//! its locks. Rows that no step names go by cascade.

use crate::db::{self, orgs::Logged};
use crate::error::Result;
use crate::services::orgs::Core;
use crate::services::platform::Tx;

/// Channels, teams or accounts in one portion at most, since each takes many other rows with it.
const FEW: i64 = 20;

/// Removes a portion of a deleted organisation; true if there may be more.
pub async fn remove_part(core: &Core, tx: &mut Tx, rows: i64) -> Result<bool> {
    let Some(org) = db::orgs::lock_given_up(tx).await? else { return Ok(false) };
    if db::orgs::remove_posts(tx, org, rows).await? > 0 {
        return Ok(true);
    }
    for what in [Logged::Channels, Logged::Teams, Logged::Users] {
        if db::orgs::remove_logged(tx, org, what, FEW).await? > 0 {
            return Ok(true);
        }
    }
    // The files go before the row that names their organisation, so that a failure is retried.
    core.storage.delete_org(org).await?;
    db::orgs::remove(tx, org).await?;
    tracing::info!(%org, "an organisation was removed with everything in it");
    Ok(true)
}
