//! Who administrates, and which accounts are switched on. An organisation always keeps an administrator.

use super::edit::{acquainted, tell};
use super::sessions::end_all;
use crate::db;
use crate::error::{Error, Result};
use crate::services::audits::{self, Client};
use crate::services::auth::{Caller, roles};
use crate::services::core::{Core, Tx};
use crate::wire::{Event, OrgId, UserId};

/// Replaces the roles of `user` in the organisation.
pub async fn set_roles(
    core: &Core,
    caller: &Caller,
    user: UserId,
    roles: &str,
    client: &Client,
) -> Result<()> {
    caller.admin()?;
    let roles = checked(roles)?;
    let mut tx = core.begin().await?;
    if !roles.split(' ').any(|r| r == roles::ADMIN) {
        keep_an_admin(&mut tx, caller.org, user).await?;
    }
    let row = db::users::set_roles(&mut tx, caller.org, user, &roles).await?.ok_or_else(super::missing)?;
    tx.emit(Event::UserRoleUpdated { user_id: user, roles: row.roles });
    audits::by_caller(&mut tx, caller, user, "/api/v4/users/roles", client).await?;
    let sessions = db::sessions::ids_of_user(&mut tx, user).await?;
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    Ok(())
}

/// Switches an account on or off. One that is off has no sessions and cannot log in; everything it wrote stays.
pub async fn set_active(
    core: &Core,
    caller: &Caller,
    user: UserId,
    active: bool,
    client: &Client,
) -> Result<()> {
    caller.may_act_for(user)?;
    let mut tx = core.begin().await?;
    db::users::find(&mut tx, caller.org, user).await?.ok_or_else(super::missing)?;
    if !active {
        keep_an_admin(&mut tx, caller.org, user).await?;
    }
    let Some(row) = db::users::set_active(&mut tx, caller.org, user, active).await? else { return Ok(()) };
    tell(&mut tx, &row).await?;
    for audience in acquainted(&mut tx, user).await? {
        tx.emit(Event::UserActivationStatusChange { audience });
    }
    audits::by_caller(&mut tx, caller, user, "/api/v4/users/active", client).await?;
    let ended = if active { Vec::new() } else { end_all(&mut tx, user).await? };
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Refused if `user` is the only administrator that is left. Locks the administrators: of two who give up at the same
/// time, one stays.
async fn keep_an_admin(tx: &mut Tx, org: OrgId, user: UserId) -> Result<()> {
    let admins = db::users::lock_admins(tx, org).await?;
    if admins == [user] {
        return Err(Error::invalid(
            "api.user.update_user_roles.last_admin.app_error",
            "The last administrator cannot be demoted or deactivated. Make somebody else an administrator first.",
        ));
    }
    Ok(())
}

/// Names of roles that an account can have, each once; being a user is one of them.
fn checked(text: &str) -> Result<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split_whitespace() {
        if !roles::is_of_account(name) {
            return Err(Error::body("roles"));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.contains(&roles::USER) { Ok(names.join(" ")) } else { Err(Error::body("roles")) }
}
