//! Suspending, resuming and deleting. What is suspended lets nobody in and keeps everything; what is deleted is found
//! no more from that moment on, and a job removes what is in it.

use super::power::{DeploymentAuthority, OrgAuthority, note};
use super::read::shape;
use crate::db;
use crate::error::{Error, Result};
use crate::services::core::{Core, Tx};
use crate::wire::{Event, OrgId, Organization};

/// Lets nobody in any more: open sockets close, sessions are refused until it is resumed.
pub async fn suspend(core: &Core, power: DeploymentAuthority<'_>, org: OrgId) -> Result<Organization> {
    let mut tx = core.begin().await?;
    check_not_default(core, org)?;
    if db::orgs::set_suspended(&mut tx, org, true).await? {
        tx.emit(Event::OrgConnectionsEnded { org_id: org });
        note(&mut tx, OrgAuthority::All(power), org, "/api/v4/organizations/{org_id}/suspend", org).await?;
    }
    finish(core, tx, org).await
}

/// Lets everybody in again, in the sessions that they had.
pub async fn resume(core: &Core, power: DeploymentAuthority<'_>, org: OrgId) -> Result<Organization> {
    let mut tx = core.begin().await?;
    if db::orgs::set_suspended(&mut tx, org, false).await? {
        note(&mut tx, OrgAuthority::All(power), org, "/api/v4/organizations/{org_id}/resume", org).await?;
    }
    finish(core, tx, org).await
}

/// Gives an organisation up with everything in it. Its slug and its domains are free at once.
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

/// Operators have their accounts in the default organisation: without it nobody could see to the others.
fn check_not_default(core: &Core, org: OrgId) -> Result<()> {
    if org == core.default_org {
        return Err(Error::invalid(
            "api.organization.is_default.app_error",
            "The default organization can be neither suspended nor deleted.",
        ));
    }
    Ok(())
}
