//! The members and administrators of an organisation, and the operators of the deployment.

use super::power::{DeploymentAuthority, OrgAuthority, note};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::accounts;
use crate::services::auth::permissions::{ADMIN, Permission};
use crate::services::orgs::Core;
use crate::services::platform::Tx;
use crate::wire::{OrgId, User, UserId};

/// Lists a page of an organisation's accounts by name, with those that are switched off.
pub async fn members(
    core: &Core,
    _say: OrgAuthority<'_>,
    org: OrgId,
    offset: i64,
    limit: i64,
) -> Result<Vec<User>> {
    let mut conn = core.read().await?;
    db::orgs::find(&mut conn, org).await?.ok_or_else(super::missing)?;
    let rows = db::users::page_of_org(&mut conn, org, offset, limit).await?;
    Ok(rows.iter().map(accounts::own).collect())
}

/// Lists the administrators of an organisation by name.
pub async fn admins(core: &Core, _say: OrgAuthority<'_>, org: OrgId) -> Result<Vec<User>> {
    let mut conn = core.read().await?;
    db::orgs::find(&mut conn, org).await?.ok_or_else(super::missing)?;
    let rows = db::users::admins(&mut conn, org).await?;
    Ok(rows.iter().map(accounts::own).collect())
}

/// Makes an account an administrator of its organisation.
pub async fn make_admin(core: &Core, say: OrgAuthority<'_>, org: OrgId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = judged(&mut tx, say, org, user).await?;
    if row.roles.split(' ').any(|r| r == ADMIN) {
        return Ok(());
    }
    if accounts::is_guest(&row.roles) {
        return Err(guest());
    }
    let roles = format!("{ADMIN} {}", row.roles);
    set(core, tx, say, row, &roles).await
}

/// Takes the administrator's role from an account. The last administrator stays.
pub async fn unmake_admin(core: &Core, say: OrgAuthority<'_>, org: OrgId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = judged(&mut tx, say, org, user).await?;
    if !row.roles.split(' ').any(|r| r == ADMIN) {
        return Err(accounts::missing());
    }
    let names: Vec<&str> = row.roles.split(' ').filter(|r| *r != ADMIN).collect();
    let roles = names.join(" ");
    set(core, tx, say, row, &roles).await
}

/// Finds the account, if `say` allows acting on it: an administrator needs the right to act on that account.
async fn judged(tx: &mut Tx, say: OrgAuthority<'_>, org: OrgId, user: UserId) -> Result<Row> {
    match say {
        OrgAuthority::All(_) => Ok(db::users::find(tx, org, user).await?.ok_or_else(accounts::missing)?),
        OrgAuthority::Own(caller) => {
            accounts::over(tx, caller, user, Permission::ManageSystem).await?.into_row(tx, caller).await
        }
    }
}

async fn set(core: &Core, mut tx: Tx, say: OrgAuthority<'_>, row: Row, roles: &str) -> Result<()> {
    let (org, user) = (row.org_id, row.id);
    let reached = accounts::replace_roles(&mut tx, row, roles, say.caller()).await?;
    note(&mut tx, say, org, "/api/v4/organizations/{org_id}/admins/{user_id}", user).await?;
    tx.commit().await?;
    reached.announce(core).await;
    Ok(())
}

fn guest() -> Error {
    Error::invalid(
        "api.organization.admin_is_guest.app_error",
        "A guest cannot administrate: user_id names one. Make them a user first.",
    )
}

/// Lists the operators of the deployment by name.
pub async fn operators(core: &Core, _power: DeploymentAuthority<'_>) -> Result<Vec<User>> {
    let rows = db::operators::list(&mut *core.read().await?).await?;
    Ok(rows.iter().map(accounts::own).collect())
}

/// Makes an account of the default organisation an operator.
pub async fn add_operator(core: &Core, power: DeploymentAuthority<'_>, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = db::users::find(&mut tx, core.default_org, user).await?;
    let row = row.filter(|u| u.delete_at == 0).ok_or_else(accounts::missing)?;
    if accounts::is_guest(&row.roles) {
        return Err(guest());
    }
    if let Some(owner) = row.bot_owner_id {
        accounts::check_operating(&mut tx, owner).await?;
    }
    if db::operators::insert(&mut tx, user).await? {
        note(&mut tx, OrgAuthority::All(power), core.default_org, "/api/v4/organizations/operators", user)
            .await?;
    }
    refresh(core, tx, &[user]).await
}

/// Makes an operator an ordinary account again. The last operator stays.
pub async fn remove_operator(core: &Core, power: DeploymentAuthority<'_>, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    if !accounts::keep_an_operator(&mut tx, user).await? {
        return Err(accounts::missing());
    }
    db::operators::delete(&mut tx, user).await?;
    // Bots never have more rights than their owners.
    let mut reached = vec![user];
    let mut owners = vec![user];
    while let Some(owner) = owners.pop() {
        let bots = db::operators::delete_owned(&mut tx, owner).await?;
        owners.extend(&bots);
        reached.extend(bots);
    }
    for user in &reached {
        note(&mut tx, OrgAuthority::All(power), core.default_org, "/api/v4/organizations/operators", *user)
            .await?;
    }
    refresh(core, tx, &reached).await
}

async fn refresh(core: &Core, mut tx: Tx, users: &[UserId]) -> Result<()> {
    let mut sessions = Vec::new();
    for user in users {
        sessions.extend(db::sessions::ids_of_user(&mut tx, *user).await?);
    }
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    Ok(())
}
