//! Verifying an email address with a token that is mailed to it, and that works once, within a day.

use super::mailed;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::accounts::{TAKEN, missing, over, own, tell};
use crate::services::auth::audits::{self, Client, Entry};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core};
use crate::services::platform::tasks::{TransactionalTask, WhoAsked};
use crate::services::platform::{Tx, mail};
use crate::wire::{OrgId, User, UserId};

const ACTION: &str = "/api/v4/users/email/verify";

/// Has a token mailed to `email` if it is the unverified address of an account. The response does not reveal whether it
/// is: that is not looked at before the task.
pub async fn send_verification(core: &Core, org: OrgId, email: &str) -> Result<()> {
    let asked = mailed::asked(org, email, Client::default())?;
    mailed::ask(core, TransactionalTask::Verification(asked)).await
}

/// Mails the token that was asked for.
pub async fn mail_verification(core: &Core, tx: &mut Tx, asked: &WhoAsked) -> Result<()> {
    let row = db::users::by_email(tx, asked.org, &asked.email).await?;
    match row.filter(|row| row.delete_at == 0 && !row.email_verified) {
        Some(row) => post(core, tx, &row, &asked.email).await,
        None => Ok(()),
    }
}

/// Mails a token for `row` to its present or its future address.
pub(crate) async fn post(core: &Core, tx: &mut Tx, row: &Row, email: &str) -> Result<()> {
    let Some(token) = mailed::token(core, tx, row, mailed::VERIFY, email).await? else { return Ok(()) };
    let letter = mail::sender(core, tx, row.org_id).await?.verify(&row.username, email, &token);
    mail::post(core, tx, row.org_id, email, &letter).await
}

/// Verifies the address to which `token` was mailed, and makes it the address of its account.
pub async fn verify_email(core: &Core, org: OrgId, token: &str, client: &Client) -> Result<()> {
    let digest = mailed::digest(core, token);
    let mut tx = core.begin().await?;
    let found = db::mailed_tokens::find(&mut tx, org, &digest, mailed::VERIFY).await?;
    let (user, email) = found.ok_or_else(dead)?;
    if !db::mailed_tokens::consume(&mut tx, &digest, mailed::VERIFY).await? {
        return Err(dead());
    }
    prove(&mut tx, org, user, &email).await?;
    let entry = Entry { user, session: None, action: ACTION, extra: "success", client };
    audits::write(&mut tx, org, entry).await?;
    tx.commit().await
}

/// Marks the address of `user` as verified, on an administrator's word.
pub async fn vouch_for_email(core: &Core, caller: &Caller, user: UserId, client: &Client) -> Result<User> {
    // The owner of an account may verify it this way only as an administrator.
    caller.require(Permission::ManageSystem)?;
    let mut tx = core.begin().await?;
    let over = over(&mut tx, caller, user, Permission::ManageSystem).await?;
    let row = over.into_row(&mut tx, caller).await?;
    let row = prove(&mut tx, caller.org, user, &row.email).await?;
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/email/verify/member"), "", client).await?;
    tx.commit().await?;
    Ok(own(&row))
}

/// Sets `email` as the verified address of an account.
pub(crate) async fn prove(tx: &mut Tx, org: OrgId, user: UserId, email: &str) -> Result<Row> {
    let proven = db::users::set_verified(tx, org, user, email).await;
    let row = proven.map_err(|e| db::translate(e, TAKEN))?.ok_or_else(missing)?;
    tell(tx, &row).await?;
    Ok(row)
}

fn dead() -> Error {
    Error::invalid("api.user.verify_email.bad_link.app_error", "Bad verify email link.")
}
