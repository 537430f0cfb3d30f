//! Sending mail. It happens outside of any transaction, since a mail server may be slow. A mail whose node dies after the
//! server took it is sent again, with the same `Message-ID`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::transport::{MailTransport, OutgoingMail, Undelivered};
use crate::config::Settings;
use crate::error::Error;
use crate::services::platform::Core;
use crate::services::platform::keys::Purpose;
use crate::services::platform::tasks::{Failure, SealedMail};
use crate::wire::id;

/// Sends mail by the transport that the settings configure.
pub struct Mailer {
    transport: Result<MailTransport, String>,
}

impl Mailer {
    /// A mailer. With settings by which no mail can be sent, it says so in the log, and all mail waits.
    pub fn new(settings: &Settings) -> Self {
        let transport = MailTransport::new(settings);
        if let Err(error) = &transport {
            tracing::error!(error, "no mail can be sent with these settings");
        }
        Self { transport }
    }

    /// Sends a mail. `task` is the same in every attempt.
    pub async fn deliver(&self, core: &Core, task: Uuid, mail: SealedMail) -> Result<(), Failure> {
        let transport = self.transport.as_ref().map_err(|why| Error::unavailable(why.clone()))?;
        let body = opened(core, &mail).ok_or(Failure::Final("sealed with another secret".to_owned()))?;
        let parcel = OutgoingMail { id: task.to_string(), to: &mail.recipient, subject: &mail.subject, body };
        match transport.carry(parcel).await {
            Ok(()) => {
                tracing::info!(mail = id::encode(task), org = %mail.org, "a mail was sent");
                Ok(())
            }
            Err(Undelivered { for_good: true, why }) => Err(Failure::Final(why)),
            Err(Undelivered { for_good: false, why }) => Err(Error::unavailable(why).into()),
        }
    }
}

fn opened(core: &Core, mail: &SealedMail) -> Option<String> {
    let sealed = STANDARD.decode(&mail.body).ok()?;
    String::from_utf8(core.keys.open(Purpose::Mail, &sealed)?).ok()
}
