//! The account commands of the command line, which runs with the authority of the server's own machine. Commands on
//! organisations are in `orgs`, for operators and for the command line alike.

use crate::db;
use crate::error::Result;
use crate::services::auth::credentials::{PlainPassword, Requester};
use crate::services::auth::{accounts, audits, login};
use crate::services::operation::Core;
use crate::services::users::{self, NewUser, Way};
use crate::wire::{OrgId, User, UserId};

/// Creates an account.
pub async fn create_user(core: &Core, org: OrgId, new: NewUser) -> Result<User> {
    let row = users::prepare(core, org, new, core.passwords.admit(Requester::CONSOLE)?).await?;
    let mut tx = core.begin().await?;
    let made = users::insert(core, &mut tx, &row, Way::ByAdmin).await?;
    audits::from_outside(&mut tx, org, "/api/v4/users", made.id.into(), BY).await?;
    tx.commit().await?;
    Ok(accounts::own(&made))
}

/// Replaces a password. Every session of the account ends, and the count of wrong passwords is cleared.
pub async fn set_password(core: &Core, org: OrgId, user: UserId, password: String) -> Result<()> {
    let password = PlainPassword::new(password, &core.settings.password)?;
    let hash = core.passwords.hash(core.passwords.admit(Requester::CONSOLE)?, password).await?;
    let mut tx = core.begin().await?;
    if !db::users::set_password(&mut tx, org, user, None, &hash).await? {
        return Err(accounts::missing());
    }
    login::end_all(&mut tx, user).await?;
    login::unlock(&mut tx, user).await?;
    audits::from_outside(&mut tx, org, "/api/v4/users/password", user.into(), BY).await?;
    tx.commit().await
}

/// Clears the count of wrong passwords of an account, which may log in again at once.
pub async fn unlock(core: &Core, org: OrgId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    login::unlock(&mut tx, user).await?;
    audits::from_outside(&mut tx, org, "/api/v4/users/unlock", user.into(), BY).await?;
    tx.commit().await
}

/// Activates or deactivates an account. The last administrator cannot be deactivated.
pub async fn set_active(core: &Core, org: OrgId, user: UserId, active: bool) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = db::users::find(&mut tx, org, user).await?.ok_or_else(accounts::missing)?;
    if accounts::switch_person(core, &mut tx, row, active, None).await?.is_none() {
        return Ok(());
    }
    audits::from_outside(&mut tx, org, "/api/v4/users/active", user.into(), BY).await?;
    tx.commit().await
}

/// Replaces the roles of an account by those named, separated by spaces.
pub async fn set_roles(core: &Core, org: OrgId, user: UserId, roles: &str) -> Result<()> {
    let roles = accounts::checked_roles(roles)?;
    let mut tx = core.begin().await?;
    let row = db::users::find(&mut tx, org, user).await?.ok_or_else(accounts::missing)?;
    let reached = accounts::replace_roles(&mut tx, row, &roles, None).await?;
    audits::from_outside(&mut tx, org, "/api/v4/users/roles", user.into(), BY).await?;
    tx.commit().await?;
    reached.announce(core).await;
    Ok(())
}

/// The account of `org` with this user name or e-mail address.
pub async fn find_user(core: &Core, org: OrgId, name: &str) -> Result<User> {
    let mut conn = core.read().await?;
    let name = name.trim().to_lowercase();
    let row = if name.contains('@') {
        db::users::by_email(&mut conn, org, &name).await?
    } else {
        db::users::by_username(&mut conn, org, &name).await?
    };
    row.as_ref().map(accounts::own).ok_or_else(accounts::missing)
}

/// The text in entries of the audit log that tells who acted.
const BY: &str = "by the command line";
