//! Mail to people: its texts, its queue and its delivery. A mail is queued in the transaction that it is about, so that
//! it is sent if, and only if, that commits. Deliberately, there is no mail about messages.

mod delivery;
mod letters;
mod transport;

pub use delivery::run;
pub use letters::{Letter, Sender};

use crate::db::{self, Conn, mails::NewMail};
use crate::error::{Error, Result};
use crate::services::platform::keys::Purpose;
use crate::services::platform::{Core, Tx};
use crate::wire::OrgId;

/// Queued mails at most. Further ones are dropped, with a warning in the log: a mail server that is down for days must
/// not fill the database, nor keep people from changing their passwords.
const WAITING: i64 = 10_000;

/// Queues a letter in the open transaction.
pub async fn post(core: &Core, tx: &mut Tx, org: OrgId, to: &str, letter: &Letter) -> Result<()> {
    let body = core.keys.seal(Purpose::Mail, letter.body.as_bytes())?;
    let new = NewMail { org_id: org, recipient: to, subject: &letter.subject, body: &body };
    if !db::mails::insert(tx, &new, WAITING).await? {
        tracing::warn!(waiting = WAITING, "a mail was dropped: too many wait to be sent");
    }
    Ok(())
}

/// The sender of letters to people of `org`.
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
