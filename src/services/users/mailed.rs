//! What resetting a password and proving an address have in common: tokens that are mailed, kept as digests.

use super::rules;
use crate::db::mailed_tokens::NewToken;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::core::{Core, Tx};
use crate::services::credentials::{Purpose, random_token};
use crate::services::mail;
use crate::wire::Millis;

/// For a new password.
pub(super) const RESET: &str = "reset";

/// For an address.
pub(super) const VERIFY: &str = "verify";

const HOUR: Millis = 60 * 60 * 1000;

/// Living tokens of an account for each purpose: nobody's mailbox is filled by somebody who knows its address.
const LIVING: i64 = 3;

/// A token for `row`, mailed to `email`; none where so many were mailed lately. Asking again in vain is not told.
pub(super) async fn token(
    core: &Core,
    tx: &mut Tx,
    row: &Row,
    purpose: &'static str,
    email: &str,
) -> Result<Option<String>> {
    let lifetime = if purpose == RESET { HOUR } else { 24 * HOUR };
    let token = random_token()?;
    let digest = digest(core, &token);
    let new = NewToken { digest: &digest, user_id: row.id, purpose, email };
    let is_new = db::mailed_tokens::insert(tx, &new, lifetime, LIVING).await?;
    Ok(is_new.then_some(token))
}

/// What is kept of a token.
pub(super) fn digest(core: &Core, token: &str) -> Vec<u8> {
    core.keys.digest(Purpose::MailedToken, token)
}

/// An address that somebody typed.
pub(super) fn address(text: &str) -> Result<String> {
    rules::email(text).map_err(|e| if e.is_ours() { e } else { Error::body("email") })
}

/// Tells an account's owner what happened to it, at the address that it has.
pub(super) async fn notice(core: &Core, tx: &mut Tx, row: &Row, subject: &str, happened: &str) -> Result<()> {
    let letter = mail::sender(core, tx, row.org_id).await?.notice(&row.username, subject, happened);
    mail::post(core, tx, row.org_id, &row.email, &letter).await
}

/// Ends the tokens key time is over, at most `limit`; how many.
pub async fn sweep(tx: &mut Tx, limit: i64) -> Result<i64> {
    let swept = db::mailed_tokens::sweep(tx, limit).await?;
    Ok(i64::try_from(swept).unwrap_or(limit))
}
