//! Resetting a forgotten password with a token that is mailed to the account's address and works once, within an hour.

use super::attempts;
use super::mailed;
use super::sessions::end_all;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::Core;
use crate::services::auth::audits::{self, Client, Entry};
use crate::services::auth::credentials::PlainPassword;
use crate::services::platform::tasks::{TransactionalTask, WhoAsked};
use crate::services::platform::{Tx, mail};
use crate::wire::OrgId;

const ASKED: &str = "/api/v4/users/password/reset/send";
const DONE: &str = "/api/v4/users/password/reset";

/// Has a token mailed to `email` if it is an account's address. The response is the same, and as fast, if it is not: who
/// it belongs to is not looked at before the task.
pub async fn send_reset(core: &Core, org: OrgId, email: &str, client: Client) -> Result<()> {
    mailed::ask(core, TransactionalTask::PasswordReset(mailed::asked(org, email, client)?)).await
}

/// Mails the token that was asked for.
pub async fn mail_reset(core: &Core, tx: &mut Tx, asked: &WhoAsked) -> Result<()> {
    let (org, email, client) = (asked.org, asked.email.as_str(), &mailed::client(asked));
    let row = db::users::by_email(tx, org, email).await?.filter(|row| row.delete_at == 0 && !row.is_bot());
    let Some(row) = row else { return Ok(()) };
    let sender = mail::sender(core, tx, org).await?;
    let Some(token) = mailed::token(core, tx, &row, mailed::RESET, email).await? else { return Ok(()) };
    let letter = if row.auth_service.is_empty() {
        sender.reset(&row.username, &token)
    } else {
        sender.no_reset(&row.username)
    };
    mail::post(core, tx, org, email, &letter).await?;
    let entry = Entry { user: row.id, session: None, action: ASKED, extra: "mailed", client };
    audits::write(tx, org, entry).await
}

/// Replaces the password of the account to which `code` was mailed. All its sessions end: an intruder may be why the
/// owner resets it. The token also verifies the address.
pub async fn reset_password(
    core: &Core,
    org: OrgId,
    code: &str,
    new_password: String,
    client: &Client,
) -> Result<()> {
    let password = PlainPassword::new(new_password, &core.settings.password)?;
    let digest = mailed::digest(core, code);
    // Checked first: a request without a valid token must not cost a password hash.
    find(core, org, &digest).await?;
    let hash = core.passwords.hash(core.passwords.admit(client.requester())?, password).await?;
    let row = find(core, org, &digest).await?;
    let mut tx = core.begin().await?;
    if !db::mailed_tokens::consume(&mut tx, &digest, mailed::RESET).await? {
        return Err(dead());
    }
    db::users::set_password(&mut tx, org, row.id, None, &hash).await?;
    db::users::set_verified(&mut tx, org, row.id, &row.email).await?;
    db::mailed_tokens::delete_all(&mut tx, row.id).await?;
    let ended = end_all(&mut tx, row.id).await?;
    mailed::notice(
        core,
        &mut tx,
        &row,
        "Your password was changed",
        "A new password was set by a mailed link.",
    )
    .await?;
    attempts::unlock(&mut tx, row.id).await?;
    let entry = Entry { user: row.id, session: None, action: DONE, extra: "success", client };
    audits::write(&mut tx, org, entry).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Finds the account to which a valid token was mailed, if it still has that address.
async fn find(core: &Core, org: OrgId, digest: &[u8]) -> Result<Row> {
    let mut conn = core.read().await?;
    let found = db::mailed_tokens::find(&mut conn, org, digest, mailed::RESET).await?;
    let (user, email) = found.ok_or_else(dead)?;
    let row = db::users::find(&mut conn, org, user).await?;
    row.filter(|row| row.delete_at == 0 && row.email == email && row.auth_service.is_empty()).ok_or_else(dead)
}

fn dead() -> Error {
    Error::invalid(
        "api.user.reset_password.invalid_link.app_error",
        "The reset password link does not appear to be valid.",
    )
}
