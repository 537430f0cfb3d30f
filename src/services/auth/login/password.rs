//! Changing passwords.

use serde::Deserialize;

use super::attempts;
use super::mailed;
use super::sessions::{end_all, end_others};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::accounts::over;
use crate::services::auth::audits::{self, Client};
use crate::services::auth::credentials::PlainPassword;
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core};
use crate::wire::UserId;

const ACTION: &str = "/api/v4/users/password";

/// A new password, and the current one if the owner changes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct NewPassword {
    pub current_password: String,
    pub new_password: String,
}

/// Replaces the password of `user`. The owner has to give the current one, an administrator does not. Every other
/// session of the account ends, so that whoever knew the old password is logged out.
pub async fn change_password(
    core: &Core,
    caller: &Caller,
    user: UserId,
    new: NewPassword,
    client: &Client,
) -> Result<()> {
    let is_own = caller.id == user;
    if is_own && new.current_password.is_empty() {
        return Err(Error::body("current_password"));
    }
    let row = find(core, caller, user).await?;
    if !row.auth_service.is_empty() {
        return Err(elsewhere());
    }
    if is_own {
        let confirmed = confirm(core, &row, new.current_password, client).await;
        audits::unless_proven(core, caller, (user, ACTION), client, confirmed).await?;
    }
    let password = PlainPassword::new(new.new_password, &core.settings.password)?;
    let requester = if is_own { client.requester() } else { client.requester().trusted() };
    let hash = core.passwords.hash(core.passwords.admit(requester)?, password).await?;
    let mut tx = core.begin().await?;
    let known = is_own.then_some(row.password_hash.as_str());
    if !db::users::set_password(&mut tx, caller.org, user, known, &hash).await? {
        return Err(incorrect());
    }
    db::mailed_tokens::delete_all(&mut tx, user).await?;
    let ended = if is_own {
        end_others(&mut tx, user, caller.session).await?
    } else {
        end_all(&mut tx, user).await?
    };
    attempts::unlock(&mut tx, user).await?;
    if is_own {
        attempts::remember(&mut tx, user, &attempts::places(core, user, client, "")).await?;
    }
    audits::by_caller(&mut tx, caller, (user, ACTION), "", client).await?;
    let happened = if is_own { "A new password was set." } else { "An administrator set a new password." };
    mailed::notice(core, &mut tx, &row, "Your password was changed", happened).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Fails unless `password` is that of the account. Guesses count like failed logins.
pub(crate) async fn confirm(core: &Core, row: &Row, password: String, client: &Client) -> Result<()> {
    let turn = core.passwords.admit(client.requester())?;
    let key = attempts::key_inside(core, row.org_id, row.id, client).await?;
    let (fits, _) = attempts::look(core, (&key, turn), password, row.password()).await?;
    if !fits {
        return Err(incorrect());
    }
    attempts::forget(core, &key).await?;
    Ok(())
}

/// Finds the account, if the caller may set its password.
async fn find(core: &Core, caller: &Caller, user: UserId) -> Result<Row> {
    let mut conn = core.read().await?;
    over(&mut conn, caller, user, Permission::ManageSystem).await?.into_row(&mut conn, caller).await
}

fn elsewhere() -> Error {
    Error::invalid(
        "api.user.update_password.oauth.app_error",
        "Update password failed because the user is logged in through single sign-on.",
    )
}

fn incorrect() -> Error {
    Error::invalid(
        "api.user.update_password.incorrect.app_error",
        "The \"Current Password\" you entered is incorrect. Please check that Caps Lock is off and try again.",
    )
}
