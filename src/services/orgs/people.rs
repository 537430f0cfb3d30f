//! Who is in an organisation, who administrates it, and who operates the deployment.

use super::power::{Power, Say, note};
use crate::db;
use crate::error::{Error, Result};
use crate::services::core::{Core, Tx};
use crate::services::permissions::ADMIN;
use crate::services::users;
use crate::wire::{Event, OrgId, User, UserId};

/// A page of the accounts of an organisation, switched off ones included, by name.
pub async fn members(core: &Core, _say: Say<'_>, org: OrgId, offset: i64, limit: i64) -> Result<Vec<User>> {
    let mut conn = core.read().await?;
    db::orgs::find(&mut conn, org).await?.ok_or_else(super::missing)?;
    let rows = db::users::page_of_org(&mut conn, org, offset, limit).await?;
    Ok(rows.iter().map(users::own).collect())
}

/// The administrators of an organisation, by name.
pub async fn admins(core: &Core, _say: Say<'_>, org: OrgId) -> Result<Vec<User>> {
    let mut conn = core.read().await?;
    db::orgs::find(&mut conn, org).await?.ok_or_else(super::missing)?;
    let rows = db::users::admins(&mut conn, org).await?;
    Ok(rows.iter().map(users::own).collect())
}

/// Makes an account an administrator of its organisation.
pub async fn make_admin(core: &Core, say: Say<'_>, org: OrgId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let names = roles_of(&mut tx, org, user).await?;
    if names.iter().any(|r| r == ADMIN) {
        return Ok(());
    }
    let names = [&[ADMIN.to_owned()], names.as_slice()].concat();
    set(core, tx, say, (org, user), &names).await
}

/// Makes an administrator a user like others. The last one stays.
pub async fn unmake_admin(core: &Core, say: Say<'_>, org: OrgId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    users::keep_an_admin(&mut tx, org, user).await?;
    let names = roles_of(&mut tx, org, user).await?;
    if !names.iter().any(|r| r == ADMIN) {
        return Err(users::missing());
    }
    let names: Vec<String> = names.into_iter().filter(|r| r != ADMIN).collect();
    set(core, tx, say, (org, user), &names).await
}

async fn roles_of(tx: &mut Tx, org: OrgId, user: UserId) -> Result<Vec<String>> {
    let row = db::users::find(tx, org, user).await?.ok_or_else(users::missing)?;
    Ok(row.roles.split_whitespace().map(str::to_owned).collect())
}

async fn set(
    core: &Core,
    mut tx: Tx,
    say: Say<'_>,
    (org, user): (OrgId, UserId),
    names: &[String],
) -> Result<()> {
    let row = db::users::set_roles(&mut tx, org, user, &names.join(" ")).await?.ok_or_else(users::missing)?;
    tx.emit(Event::UserRoleUpdated { user_id: user, roles: row.roles });
    note(&mut tx, say, org, "/api/v4/organizations/{org_id}/admins/{user_id}", user).await?;
    let sessions = db::sessions::ids_of_user(&mut tx, user).await?;
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    Ok(())
}

/// The operators of the deployment, by name.
pub async fn operators(core: &Core, _power: Power<'_>) -> Result<Vec<User>> {
    let rows = db::operators::list(&mut *core.read().await?).await?;
    Ok(rows.iter().map(users::own).collect())
}

/// Makes an account of the default organisation an operator.
pub async fn add_operator(core: &Core, power: Power<'_>, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = db::users::find(&mut tx, core.default_org, user).await?;
    row.filter(|u| u.delete_at == 0).ok_or_else(users::missing)?;
    if db::operators::insert(&mut tx, user).await? {
        note(&mut tx, Say::All(power), core.default_org, "/api/v4/organizations/operators", user).await?;
    }
    refresh(core, tx, user).await
}

/// Makes an operator an account like others. The last one stays.
pub async fn remove_operator(core: &Core, power: Power<'_>, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let all = db::operators::lock(&mut tx).await?;
    if !all.contains(&user) {
        return Err(users::missing());
    }
    if all == [user] {
        return Err(Error::invalid(
            "api.organization.last_operator.app_error",
            "The last operator stays. Make somebody else an operator first.",
        ));
    }
    db::operators::delete(&mut tx, user).await?;
    note(&mut tx, Say::All(power), core.default_org, "/api/v4/organizations/operators", user).await?;
    refresh(core, tx, user).await
}

async fn refresh(core: &Core, mut tx: Tx, user: UserId) -> Result<()> {
    let sessions = db::sessions::ids_of_user(&mut tx, user).await?;
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    Ok(())
}
