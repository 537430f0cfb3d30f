//! Who administrates, and which accounts are switched on. An organisation always keeps an administrator, who is a
//! person.

use super::create::check_limit;
use super::edit::{acquainted, tell};
use super::sessions::end_all;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::audits::{self, Client};
use crate::services::auth::{Caller, Permit};
use crate::services::core::{Core, Tx};
use crate::services::permissions::{self, BuiltIn, Permission, built_in};
use crate::wire::{Event, OrgId, SessionId, UserId};

/// Replaces the roles of `user` in the organisation. Nobody gives, or takes, a role that permits more than their own;
/// guests become users, and users guests, otherwise.
pub async fn set_roles(
    core: &Core,
    caller: &Caller,
    user: UserId,
    roles: &str,
    client: &Client,
) -> Result<()> {
    let permit = caller.permit(Permission::ManageRoles)?;
    let roles = checked(roles)?;
    let mut tx = core.begin().await?;
    let before = db::users::find(&mut tx, caller.org, user).await?.ok_or_else(super::missing)?;
    may_replace(caller, permit, &before.roles, &roles)?;
    if !has(&roles, permissions::ADMIN) {
        keep_an_admin(&mut tx, caller.org, user).await?;
    }
    let row = db::users::set_roles(&mut tx, caller.org, user, &roles).await?.ok_or_else(super::missing)?;
    tx.emit(Event::UserRoleUpdated { user_id: user, roles: row.roles });
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/roles"), &roles, client).await?;
    let sessions = db::sessions::ids_of_user(&mut tx, user).await?;
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    Ok(())
}

fn may_replace(caller: &Caller, _: Permit, before: &str, after: &str) -> Result<()> {
    if has(before, permissions::GUEST) != has(after, permissions::GUEST) {
        return Err(Error::body("roles"));
    }
    let charter = caller.charter();
    let touched = charter.of_account(before).and(charter.of_account(after));
    if caller.permissions().covers(touched) { Ok(()) } else { Err(Error::forbidden()) }
}

/// Proof that the caller may do something to another account: they have the permission, and all that the account has.
pub(crate) fn over(caller: &Caller, row: Option<&Row>, permission: Permission) -> Result<Permit> {
    let permit = caller.permit(permission)?;
    let theirs = row.map(|row| caller.charter().of_account(&row.roles)).unwrap_or_default();
    if caller.permissions().covers(theirs) { Ok(permit) } else { Err(Error::forbidden()) }
}

fn has(roles: &str, role: &str) -> bool {
    roles.split(' ').any(|r| r == role)
}

/// Switches an account on or off. One that is off has no sessions and cannot log in; everything it wrote stays.
pub async fn set_active(
    core: &Core,
    caller: &Caller,
    user: UserId,
    active: bool,
    client: &Client,
) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = db::users::find(&mut tx, caller.org, user).await?;
    if user != caller.id {
        let _permit = over(caller, row.as_ref(), Permission::WriteUsers)?;
    }
    row.ok_or_else(super::missing)?;
    if !active {
        keep_an_admin(&mut tx, caller.org, user).await?;
    }
    let Some((_, mut ended)) = switch(&mut tx, caller.org, user, active).await? else { return Ok(()) };
    let how = if active { "activated" } else { "deactivated" };
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/active"), how, client).await?;
    if !active && core.settings.auth.disable_bots_with_owner {
        ended.extend(switch_off_bots(&mut tx, caller, user).await?);
    }
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Switches an account on or off in the open transaction, and tells of it. None if it was so already; else the account,
/// and its sessions that ended: once it is committed, what is remembered of them must be revoked.
pub(crate) async fn switch(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    active: bool,
) -> Result<Option<(Row, Vec<SessionId>)>> {
    // Who comes back takes one of the organisation's places.
    let house = if active { db::orgs::lock(tx, org).await? } else { None };
    let Some(row) = db::users::set_active(tx, org, user, active).await? else { return Ok(None) };
    if let Some(house) = house {
        check_limit(tx, &house).await?;
    }
    tell(tx, &row).await?;
    for (audience, whom) in acquainted(tx, user).await? {
        tx.emit(Event::UserActivationStatusChange { audience, whom });
    }
    let ended = if active { Vec::new() } else { end_all(tx, user).await? };
    Ok(Some((row, ended)))
}

/// Nobody answers any more for what the bots of `owner` do.
async fn switch_off_bots(tx: &mut Tx, caller: &Caller, owner: UserId) -> Result<Vec<SessionId>> {
    let mut ended = Vec::new();
    for bot in db::bots::owned(tx, owner).await? {
        if let Some((_, sessions)) = switch(tx, caller.org, bot, false).await? {
            audits::note(tx, caller, "/api/v4/bots/disable", bot, "with its owner").await?;
            ended.extend(sessions);
        }
    }
    Ok(ended)
}

/// Refused if `user` is the only administrator that is left. Locks the administrators: of two who give up at the same
/// time, one stays.
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

/// Names of roles that an account can have, each once. Everybody is a user, with whatever else they were given, or a
/// guest and nothing else.
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
