//! Mailed tokens, for resetting a password and for verifying an address; only their digests are stored.

use crate::db::mailed_tokens::NewToken;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::Core;
use crate::services::auth::accounts::rules;
use crate::services::auth::audits::Client;
use crate::services::platform::keys::{Purpose, random_token};
use crate::services::platform::tasks::{self, Enqueued, Task, TransactionalTask, WhoAsked};
use crate::services::platform::{Tx, mail};
use crate::wire::{Millis, OrgId};

/// The purpose of a token that resets a password.
pub(super) const RESET: &str = "reset";

/// The purpose of a token that verifies an address.
pub(super) const VERIFY: &str = "verify";

/// Bytes of a client's name for itself that are kept.
const MAX_USER_AGENT: usize = 512;

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

/// What a stranger asks to be mailed; fails if the address is none.
pub(super) fn asked(org: OrgId, email: &str, client: Client) -> Result<WhoAsked> {
    let Client { address, mut user_agent, .. } = client;
    user_agent.truncate(user_agent.floor_char_boundary(MAX_USER_AGENT));
    Ok(WhoAsked { org, email: self::address(email)?, address, user_agent })
}

/// The client of who asked.
pub(super) fn client(asked: &WhoAsked) -> Client {
    Client { address: asked.address.clone(), user_agent: asked.user_agent.clone(), is_handed_on: false }
}

/// Enqueues what a stranger asks for. Fails, whatever the address, while too much waits.
pub(super) async fn ask(core: &Core, task: TransactionalTask) -> Result<()> {
    let mut tx = core.begin().await?;
    match tasks::enqueue(&mut tx, &Task::Transactional(task)).await? {
        Enqueued::New => tx.commit().await,
        Enqueued::Refused => Err(Error::unavailable("too many mails that strangers asked for wait")),
    }
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
