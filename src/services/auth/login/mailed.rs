//! Mailed tokens, for resetting a password and for verifying an address; only their digests are stored.

use crate::db::mailed_tokens::NewToken;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::Core;
use crate::services::auth::accounts::rules;
use crate::services::platform::keys::{Purpose, random_token};
use crate::services::platform::{Tx, mail};
use crate::wire::Millis;

/// The purpose of a token that resets a password.
pub(super) const RESET: &str = "reset";

/// The purpose of a token that verifies an address.
pub(super) const VERIFY: &str = "verify";

const HOUR: Millis = 60 * 60 * 1000;

/// Valid tokens of an account at most, for each purpose: somebody who knows an address cannot fill its mailbox.
const LIVING: i64 = 3;

/// Creates a token for `row`, to be mailed to `email`; `None` if the account has too many valid ones. The client is not
/// told which.
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

/// The digest under which a token is stored.
pub(super) fn digest(core: &Core, token: &str) -> Vec<u8> {
    core.keys.digest(Purpose::MailedToken, token)
}

/// Parses an address that somebody typed; fails if it is none.
pub(super) fn address(text: &str) -> Result<String> {
    rules::email(text).map_err(|e| if e.is_ours() { e } else { Error::body("email") })
}

/// Mails a notice of a change to the account's owner, at its present address.
pub(crate) async fn notice(core: &Core, tx: &mut Tx, row: &Row, subject: &str, happened: &str) -> Result<()> {
    let letter = mail::sender(core, tx, row.org_id).await?.notice(&row.username, subject, happened);
    mail::post(core, tx, row.org_id, &row.email, &letter).await
}

/// Removes expired tokens, at most `limit`; returns how many.
pub async fn sweep(tx: &mut Tx, limit: i64) -> Result<i64> {
    let swept = db::mailed_tokens::sweep(tx, limit).await?;
    Ok(i64::try_from(swept).unwrap_or(limit))
}
