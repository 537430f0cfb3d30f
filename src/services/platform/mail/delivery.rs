//! Sending the queued mails. A node first leases mails, by postponing their next attempt, and then sends them outside
//! of any transaction, since a mail server may be slow. No other node sends them meanwhile; if the node dies, another
//! one sends them when the lease is over.

use std::time::Duration;

use super::transport::{MailTransport, OutgoingMail, Undelivered};
use crate::db;
use crate::db::mails::Mail;
use crate::error::Result;
use crate::services::platform::Core;
use crate::services::platform::keys::Purpose;
use crate::wire::{Millis, id};

/// The pause between two looks at the queue.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after the database could not be read.
const AWAY: Duration = Duration::from_secs(5);

/// Mails that are leased at a time at most.
const TAKEN: i64 = 10;

/// The lease, in milliseconds: longer than that many conversations that time out at every step.
const LEASE: Millis = 900_000;

/// The attempts to send a mail, and the pause after the first one in milliseconds; each pause is twice the one before.
/// The last attempt is some eight hours after the first.
const TRIES: i64 = 10;
const PAUSE: Millis = 60_000;

/// Sends due mails for ever.
pub async fn run(core: Core) {
    let transport = match MailTransport::new(&core.settings) {
        Ok(transport) => transport,
        Err(error) => {
            tracing::error!(error, "no mail can be sent with these settings");
            return;
        }
    };
    loop {
        let pause = match round(&core, &transport).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "the mail that is due could not be read");
                AWAY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Sends a batch of due mails; true if there may be more.
async fn round(core: &Core, transport: &MailTransport) -> Result<bool> {
    let mut tx = core.begin().await?;
    let mails = db::mails::take(&mut tx, TAKEN, LEASE).await?;
    tx.commit().await?;
    let more = mails.len() >= usize::try_from(TAKEN).unwrap_or(usize::MAX);
    for mail in mails {
        deliver(core, transport, mail).await?;
    }
    Ok(more)
}

/// Sends one mail and stores the outcome.
async fn deliver(core: &Core, transport: &MailTransport, mail: Mail) -> Result<()> {
    let name = id::encode(mail.id);
    let sent = match core.keys.open(Purpose::Mail, &mail.body).and_then(|b| String::from_utf8(b).ok()) {
        Some(body) => {
            let parcel =
                OutgoingMail { id: mail.id.to_string(), to: &mail.recipient, subject: &mail.subject, body };
            transport.carry(parcel).await
        }
        None => Err(Undelivered { for_good: true, why: "sealed with another secret".to_owned() }),
    };
    let mut conn = core.read().await?;
    match sent {
        Ok(()) => tracing::info!(mail = name, org = %mail.org_id, "a mail was sent"),
        Err(error) if error.for_good || mail.attempts >= TRIES => {
            tracing::warn!(mail = name, org = %mail.org_id, tries = mail.attempts, error = error.why, "a mail was given up");
        }
        Err(error) => {
            tracing::warn!(mail = name, org = %mail.org_id, tries = mail.attempts, error = error.why, "a mail could not be sent and is tried again later");
            db::mails::put_off(&mut conn, mail.id, pause(mail.attempts)).await?;
            return Ok(());
        }
    }
    db::mails::delete(&mut conn, mail.id).await?;
    Ok(())
}

/// The pause after `tries` attempts, in milliseconds.
fn pause(tries: i64) -> Millis {
    PAUSE << tries.clamp(1, TRIES).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_some_hours() {
        let pauses: Vec<Millis> = (1..TRIES).map(pause).collect();
        assert_eq!(pauses.first(), Some(&60_000));
        let hours = pauses.iter().sum::<Millis>() / 3_600_000;
        assert!((8..9).contains(&hours), "{hours}");
    }
}
