//! Mail to people: what is written to them, the queue in which it waits, and how it leaves. A mail is posted in the
//! transaction that it tells of, so that it is sent if, and only if, that happened. What is deliberately absent: mail
//! about messages.

mod delivery;
mod letters;
mod transport;

pub use delivery::run;
pub use letters::{Letter, Sender};

use crate::db::{self, Conn, mails::NewMail};
use crate::error::{Error, Result};
use crate::services::core::{Core, Tx};
use crate::services::credentials::Purpose;
use crate::wire::OrgId;

/// Mails that wait at most. What comes then is dropped, and said to be: a mail server that is away for days must not
/// fill the database, nor keep people from changing their passwords.
const WAITING: i64 = 10_000;

/// Puts a letter into the queue.
pub async fn post(core: &Core, tx: &mut Tx, org: OrgId, to: &str, letter: &Letter) -> Result<()> {
    let body = core.keys.seal(Purpose::Mail, letter.body.as_bytes())?;
    let new = NewMail { org_id: org, recipient: to, subject: &letter.subject, body: &body };
    if !db::mails::insert(tx, &new, WAITING).await? {
        tracing::warn!(waiting = WAITING, "a mail was dropped: too many wait to be sent");
    }
    Ok(())
}

/// In whose name a letter to somebody of `org` is written.
pub async fn sender(core: &Core, conn: &mut Conn, org: OrgId) -> Result<Sender> {
    let found = db::orgs::find(conn, org).await?;
    let org =
        core.addresses.shape(found.ok_or_else(|| Error::internal("mail to somebody of no organisation"))?);
    let url = if org.url.is_empty() {
        format!("http://{}{}", core.settings.server.bind, org.path())
    } else {
        org.url
    };
    Ok(Sender { name: org.name, url })
}
