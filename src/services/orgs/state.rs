//! Suspending, resuming and deleting. A suspended organisation admits nobody and keeps everything; a deleted one cannot
//! be found any more, and a job removes its contents.

use super::org_list::shape;
use super::power::{DeploymentAuthority, OrgAuthority, note};
use crate::db;
use crate::error::{Error, Result};
use crate::services::orgs::Core;
use crate::services::platform::Tx;
use crate::wire::{Event, OrgId, Organization};

/// Suspends an organisation: open sockets close, and sessions are refused until it is resumed.
pub async fn suspend(core: &Core, power: DeploymentAuthority<'_>, org: OrgId) -> Result<Organization> {
    let mut tx = core.begin().await?;
    check_not_default(core, org)?;
    if db::orgs::set_suspended(&mut tx, org, true).await? {
        tx.emit(Event::OrgConnectionsEnded { org_id: org });
        note(&mut tx, OrgAuthority::All(power), org, "/api/v4/organizations/{org_id}/suspend", org).await?;
    }
    finish(core, tx, org).await
}

/// Resumes an organisation; sessions from before its suspension are valid again.
pub async fn resume(core: &Core, power: DeploymentAuthority<'_>, org: OrgId) -> Result<Organization> {
    let mut tx = core.begin().await?;
    if db::orgs::set_suspended(&mut tx, org, false).await? {
        note(&mut tx, OrgAuthority::All(power), org, "/api/v4/organizations/{org_id}/resume", org).await?;
    }
    finish(core, tx, org).await
}

/// Deletes an organisation with everything in it. Its slug and its domains are free at once.
pub async fn delete(core: &Core, power: DeploymentAuthority<'_>, org: OrgId) -> Result<()> {
    check_not_default(core, org)?;
    let mut tx = core.begin().await?;
    if !db::orgs::give_up(&mut tx, org).await? {
        return Err(super::missing());
    }
    db::orgs::set_domains(&mut tx, org, &[]).await?;
    tx.emit(Event::OrgConnectionsEnded { org_id: org });
    note(&mut tx, OrgAuthority::All(power), org, "/api/v4/organizations/{org_id}", org).await?;
    tx.commit().await?;
    core.addresses.forget();
    Ok(())
}

async fn finish(core: &Core, mut tx: Tx, org: OrgId) -> Result<Organization> {
    let found = db::orgs::find(&mut tx, org).await?.ok_or_else(super::missing)?;
    tx.commit().await?;
    core.addresses.forget();
    Ok(shape(core, found))
}

/// Operators have their accounts in the default organisation: without it nobody could manage the others.
fn check_not_default(core: &Core, org: OrgId) -> Result<()> {
    if org == core.default_org {
        return Err(Error::invalid(
            "api.organization.is_default.app_error",
            "The default organization can be neither suspended nor deleted.",
        ));
    }
    Ok(())
}
