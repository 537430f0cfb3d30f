//! Changing the profile and the settings of an account.

use serde::Deserialize;
use serde_json::Value;

use super::create::{MAX_PROPS, MAX_TIMEZONE, NOTIFY, TIMEZONE, completed};
use super::notify;
use crate::db::{
    self,
    users::{User as Row, UserChanges},
};
use crate::error::{Error, Result};
use crate::services::auth::accounts::{TAKEN, missing, object, over, own, rules, tell};
use crate::services::auth::audits::{self, Client};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, login};
use crate::services::platform::Tx;
use crate::services::users::Core;
use crate::wire::{StringMap, User, UserId};

const EMAIL: &str = "/api/v4/users/email";

/// The changes to an account; absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct UserPatch {
    pub username: Option<String>,
    pub nickname: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub position: Option<String>,
    pub email: Option<String>,
    /// The current password: changing one's own address needs it.
    pub password: Option<String>,
    pub locale: Option<String>,
    pub props: Option<StringMap>,
    pub notify_props: Option<StringMap>,
    pub timezone: Option<StringMap>,
}

/// A whole account, as older clients send it back.
#[derive(Debug, Deserialize)]
pub struct FullUser {
    /// The account's identifier; it has to equal the one in the path.
    pub id: UserId,
    /// The fields of the account.
    #[serde(flatten)]
    pub fields: UserPatch,
}

/// Changes an account: the caller's own, or another's if their roles allow it and that account has no more rights.
pub async fn patch(
    core: &Core,
    caller: &Caller,
    user: UserId,
    patch: UserPatch,
    client: &Client,
) -> Result<User> {
    let before = find(core, caller, user).await?;
    if let Some(props) = &patch.notify_props {
        notify::check(props, &before.notify_props)?;
    }
    let confirmed = confirm_address(core, caller, &before, &patch).await;
    audits::unless_proven(core, caller, (user, EMAIL), client, confirmed).await?;
    let mut changes = checked(patch)?;
    let moved = changes.email.clone().filter(|email| *email != before.email);
    if moved.is_some() {
        settle(core, caller, &before, &mut changes);
    }
    let mut tx = core.begin().await?;
    let updated = db::users::update(&mut tx, caller.org, user, &changes).await;
    let row = updated.map_err(|e| db::translate(e, TAKEN))?.ok_or_else(missing)?;
    tell(&mut tx, &row).await?;
    if let Some(email) = moved {
        note_move(core, &mut tx, caller, &before, &email).await?;
        audits::by_caller(&mut tx, caller, (user, EMAIL), "", client).await?;
    }
    if user != caller.id {
        audits::by_caller(&mut tx, caller, (user, "/api/v4/users/patch"), "", client).await?;
    }
    heed(&mut tx, &before, &row).await?;
    let renamed = row.username != before.username;
    let sessions = if renamed { db::sessions::ids_of_user(&mut tx, user).await? } else { Vec::new() };
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    core.vocabulary.changed();
    Ok(own(&row))
}

/// Copies the setting for mentions of everybody to the account's channel memberships.
async fn heed(tx: &mut Tx, before: &Row, row: &Row) -> Result<()> {
    let ignores = |row: &Row| row.notify_props.get("channel").and_then(Value::as_str) == Some("false");
    if ignores(before) != ignores(row) {
        db::channel_members::set_ignores_all(tx, row.id, ignores(row)).await?;
    }
    Ok(())
}

/// Changes an account for a client that sends the whole of it.
pub async fn replace(
    core: &Core,
    caller: &Caller,
    user: UserId,
    full: FullUser,
    client: &Client,
) -> Result<User> {
    if full.id != user {
        return Err(Error::body("id"));
    }
    patch(core, caller, user, full.fields, client).await
}

/// Decides when a new address takes effect. It is unverified. Where accounts need a verified one, the owner keeps the
/// old address until the new one is verified: a typing error would lock them out.
fn settle(core: &Core, caller: &Caller, before: &Row, changes: &mut UserChanges) {
    if core.settings.auth.require_verified_email && caller.id == before.id {
        changes.email = None;
    } else {
        changes.email_verified = Some(false);
    }
}

/// Mails a verification to the new address, and a notice to the old one.
async fn note_move(core: &Core, tx: &mut Tx, caller: &Caller, before: &Row, email: &str) -> Result<()> {
    db::mailed_tokens::delete_all(tx, before.id).await?;
    login::post_verification(core, tx, before, email).await?;
    let happened = if caller.id == before.id {
        "The address of your account is to be another one."
    } else {
        "An administrator changed the address of your account."
    };
    login::notice(core, tx, before, "Your address was changed", happened).await
}

/// Finds the account, if the caller may change it.
async fn find(core: &Core, caller: &Caller, user: UserId) -> Result<Row> {
    let mut conn = core.read().await?;
    over(&mut conn, caller, user, Permission::EditOtherUsers).await?.into_row(&mut conn, caller).await
}

/// Checks the password before the caller's own address changes: somebody at an unattended browser must not take
/// over the account.
async fn confirm_address(core: &Core, caller: &Caller, before: &Row, patch: &UserPatch) -> Result<()> {
    let moves = patch.email.as_ref().is_some_and(|e| e.trim().to_lowercase() != before.email);
    if !moves || caller.id != before.id {
        return Ok(());
    }
    let given = patch.password.clone().filter(|p| !p.is_empty()).ok_or_else(|| Error::body("password"))?;
    login::confirm_password(core, before, given, caller.client()).await
}

/// Validates a patch and turns it into the changes to store.
pub(crate) fn checked(patch: UserPatch) -> Result<UserChanges> {
    let map = |map: Option<StringMap>, limit, field, defaults| -> Result<_> {
        let checked = map.map(|m| rules::map(m, limit, field)).transpose()?;
        Ok(checked.map(|m| object(completed(m, defaults))))
    };
    Ok(UserChanges {
        username: patch.username.as_deref().map(rules::username).transpose()?,
        email: patch.email.as_deref().map(rules::email).transpose()?,
        email_verified: None,
        nickname: patch.nickname.map(rules::nickname).transpose()?,
        first_name: patch.first_name.map(rules::first_name).transpose()?,
        last_name: patch.last_name.map(rules::last_name).transpose()?,
        position: patch.position.map(rules::position).transpose()?,
        locale: patch.locale.map(rules::locale).transpose()?,
        props: map(patch.props, MAX_PROPS, "props", &[])?,
        notify_props: map(patch.notify_props, MAX_PROPS, "notify_props", NOTIFY)?,
        timezone: map(patch.timezone, MAX_TIMEZONE, "timezone", TIMEZONE)?,
    })
}
