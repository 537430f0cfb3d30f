//! Mail to people: its texts and its delivery. A mail is a task, enqueued in the transaction that it is about, so that it
//! is sent if, and only if, that commits. Deliberately, there is no mail about messages.

mod delivery;
mod letters;
mod transport;

pub use delivery::Mailer;
pub use letters::{Letter, Sender};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::platform::keys::Purpose;
use crate::services::platform::tasks::{self, Enqueued, ExternalTask, SealedMail, Task};
use crate::services::platform::{Core, Tx};
use crate::wire::OrgId;

/// Enqueues a letter in the open transaction. It is dropped, with a warning in the log, while the organisation has too
/// many that wait: a mail server that is down for days must not fill the database, nor keep people from changing their
/// passwords.
pub async fn post(core: &Core, tx: &mut Tx, org: OrgId, to: &str, letter: &Letter) -> Result<()> {
    let body = STANDARD.encode(core.keys.seal(Purpose::Mail, letter.body.as_bytes())?);
    let mail = SealedMail { org, recipient: to.to_owned(), subject: letter.subject.clone(), body };
    if tasks::enqueue(tx, &Task::External(ExternalTask::Mail(mail))).await? == Enqueued::Refused {
        tracing::warn!(%org, "a mail was dropped: too many wait to be sent");
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
