//! The roles of accounts, and switching accounts on and off. An organisation always keeps an administrator who is a
//! person.

use super::activation::switch;
use super::authority::over;
use super::is_guest;
use super::owned::{self, AffectedSessions};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::audits::{self, Client};
use crate::services::auth::permissions::{self, BuiltIn, Permission, built_in};
use crate::services::auth::{Caller, Core};
use crate::services::platform::Tx;
use crate::wire::{Event, OrgId, SessionId, UserId};

/// Replaces the roles of `user` in the organisation. Nobody grants or removes a role with more rights than their own.
/// Turning guests into users, and users into guests, is done elsewhere.
pub async fn set_roles(
    core: &Core,
    caller: &Caller,
    user: UserId,
    roles: &str,
    client: &Client,
) -> Result<()> {
    caller.require(Permission::ManageRoles)?;
    let roles = checked(roles)?;
    let mut tx = core.begin().await?;
    let over = over(&mut tx, caller, user, Permission::ManageRoles).await?;
    let before = over.into_row(&mut tx, caller).await?;
    if !caller.permissions().covers(caller.role_set().of_account(&roles)) {
        return Err(Error::forbidden());
    }
    let reached = replace_roles(&mut tx, before, &roles, Some(caller)).await?;
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/roles"), &roles, client).await?;
    tx.commit().await?;
    reached.announce(core).await;
    Ok(())
}

/// Replaces the roles of an account in the open transaction, whatever right the change rests on. Guests stay guests and
/// users stay users, the last administrator stays one, a bot has no more rights than its owner, and the account's own
/// bots lose what it loses.
pub(crate) async fn replace_roles(
    tx: &mut Tx,
    before: Row,
    roles: &str,
    by: Option<&Caller>,
) -> Result<AffectedSessions> {
    if is_guest(&before.roles) != is_guest(roles) {
        return Err(Error::body("roles"));
    }
    if !has(roles, permissions::ADMIN) {
        keep_an_admin(tx, before.org_id, before.id).await?;
    }
    if let Some(owner) = owner_of(tx, &before).await? {
        owned::check_bounded(tx, &owner, roles).await?;
    }
    let row = db::users::set_roles(tx, before.org_id, before.id, roles).await?.ok_or_else(super::missing)?;
    tx.emit(Event::UserRoleUpdated { user_id: row.id, roles: row.roles.clone() });
    let id = row.id;
    owned::bound(tx, row, by).await?.with_sessions_of(tx, id).await
}

/// The owner of a bot; `None` for an account without one.
async fn owner_of(tx: &mut Tx, bot: &Row) -> Result<Option<Row>> {
    match bot.bot_owner_id {
        Some(owner) => Ok(db::users::find(tx, bot.org_id, owner).await?),
        None => Ok(None),
    }
}

fn has(roles: &str, role: &str) -> bool {
    roles.split(' ').any(|r| r == role)
}

/// Switches an account on or off. One that is off has no sessions and cannot log in; all its posts stay.
pub async fn set_active(
    core: &Core,
    caller: &Caller,
    user: UserId,
    active: bool,
    client: &Client,
) -> Result<()> {
    let mut tx = core.begin().await?;
    let over = over(&mut tx, caller, user, Permission::WriteUsers).await?;
    let row = over.into_row(&mut tx, caller).await?;
    let Some(ended) = switch_person(core, &mut tx, row, active, Some(caller)).await? else { return Ok(()) };
    let how = if active { "activated" } else { "deactivated" };
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/active"), how, client).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Switches an account on or off in the open transaction, with its bots if the settings say so. The last administrator
/// and the last operator stay on, and a bot stays off while its owner is off or has fewer rights. Returns the sessions
/// that ended; `None` if nothing changed.
pub(crate) async fn switch_person(
    core: &Core,
    tx: &mut Tx,
    before: Row,
    active: bool,
    by: Option<&Caller>,
) -> Result<Option<Vec<SessionId>>> {
    let (org, user) = (before.org_id, before.id);
    let with_owner = core.settings.auth.disable_bots_with_owner;
    if !active {
        keep_an_admin(tx, org, user).await?;
        keep_an_operator(tx, user).await?;
    } else if let Some(owner) = owner_of(tx, &before).await? {
        if with_owner && owner.delete_at != 0 {
            return Err(owned::exceeds());
        }
        owned::check_bounded(tx, &owner, &before.roles).await?;
    }
    let Some((_, mut ended)) = switch(tx, org, user, active).await? else { return Ok(None) };
    if !active && with_owner {
        ended.extend(owned::switch_off(tx, (org, user), by, "with its owner").await?);
    }
    Ok(Some(ended))
}

/// Fails if `user` is the only administrator left. Locks the administrators, so that of two who resign at the same
/// time one stays.
pub(crate) async fn keep_an_admin(tx: &mut Tx, org: OrgId, user: UserId) -> Result<()> {
    let admins = db::users::lock_admins(tx, org).await?;
    if admins == [user] {
        return Err(Error::invalid(
            "api.user.update_user_roles.last_admin.app_error",
            "The last administrator cannot be demoted or deactivated. Make somebody else an administrator first.",
        ));
    }
    Ok(())
}

/// Whether `user` is an operator; fails if they are the only one left who can log in. Locks the operators, for the
/// same reason as [`keep_an_admin`].
pub(crate) async fn keep_an_operator(tx: &mut Tx, user: UserId) -> Result<bool> {
    let all = db::operators::lock(tx).await?;
    if !all.contains(&user) {
        return Ok(false);
    }
    let others: Vec<UserId> = all.into_iter().filter(|id| *id != user).collect();
    if db::operators::any_lives(tx, &others).await? {
        return Ok(true);
    }
    Err(Error::invalid(
        "api.organization.last_operator.app_error",
        "The last operator stays. Make somebody else an operator first.",
    ))
}

/// Validates the roles of an account and removes duplicates: either `system_user` with any others that accounts can
/// have, or `system_guest` alone.
pub(crate) fn checked(text: &str) -> Result<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split_whitespace() {
        let given = built_in(name).is_some_and(BuiltIn::is_given_to_accounts);
        if !given && !matches!(name, permissions::USER | permissions::GUEST) {
            return Err(Error::body("roles"));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let sound = names == [permissions::GUEST]
        || (names.contains(&permissions::USER) && !names.contains(&permissions::GUEST));
    if sound { Ok(names.join(" ")) } else { Err(Error::body("roles")) }
}
