//! The transports of mail: a mail server or, if none is configured, a folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::config::{Settings, Smtp, Tls};

/// The timeout of each step of a conversation with the mail server.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Files that the folder keeps at most, the newest ones.
const KEPT: usize = 1000;

/// A mail ready for its transport.
pub(super) struct OutgoingMail<'a> {
    /// The identifier, the same in every attempt, so that a receiver can detect duplicates.
    pub(super) id: String,
    pub(super) to: &'a str,
    pub(super) subject: &'a str,
    pub(super) body: String,
}

/// The reason why a mail was not sent.
#[derive(Debug)]
pub(super) struct Undelivered {
    /// Whether further attempts would fail, too.
    pub(super) for_good: bool,
    /// The reason for the log. It may contain the address, but never the text.
    pub(super) why: String,
}

/// The transport in use.
pub(super) enum MailTransport {
    Smtp { transport: AsyncSmtpTransport<Tokio1Executor>, from: Mailbox },
    Folder { path: PathBuf, from: Mailbox },
}

impl MailTransport {
    /// The transport that the settings configure.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let smtp = &settings.smtp;
        let from = if smtp.from.is_empty() { "rustchat@localhost" } else { smtp.from.as_str() };
        let from = from.parse().map_err(|e| format!("smtp.from: {e}"))?;
        if smtp.host.is_empty() {
            return Ok(Self::Folder { path: settings.data_dir.join("mail"), from });
        }
        let transport = connect(smtp).map_err(|e| format!("smtp: {e}"))?;
        Ok(Self::Smtp { transport, from })
    }

    /// Sends a mail.
    pub(super) async fn carry(&self, parcel: OutgoingMail<'_>) -> Result<(), Undelivered> {
        match self {
            Self::Smtp { transport, from } => {
                let message = written(&parcel, from)?;
                let sent = Box::pin(transport.send(message)).await;
                let failed = |e: lettre::transport::smtp::Error| Undelivered {
                    for_good: e.is_permanent(),
                    why: e.to_string(),
                };
                sent.map(|_| ()).map_err(failed)
            }
            Self::Folder { path, from } => {
                let message = written(&parcel, from)?.formatted();
                let (path, name) = (path.clone(), format!("{}.eml", parcel.id));
                let kept = tokio::task::spawn_blocking(move || keep(&path, &name, &message)).await;
                let failed = |why: String| Undelivered { for_good: false, why };
                kept.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))
            }
        }
    }
}

fn connect(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let builder = match smtp.tls {
        Tls::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host),
        Tls::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&smtp.host)?,
        Tls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&smtp.host)?,
    };
    let builder = builder.port(smtp.port()).timeout(Some(TIMEOUT));
    if smtp.username.is_empty() {
        return Ok(builder.build());
    }
    let login = Credentials::new(smtp.username.clone(), smtp.password.expose().to_owned());
    Ok(builder.credentials(login).build())
}

/// Builds the message with its headers. A failure is permanent: the same mail would fail again.
fn written(parcel: &OutgoingMail<'_>, from: &Mailbox) -> Result<Message, Undelivered> {
    let failed = |why: String| Undelivered { for_good: true, why };
    let to = parcel.to.parse().map_err(|e| failed(format!("the address: {e}")))?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(parcel.subject)
        .message_id(Some(format!("<{}@{}>", parcel.id, from.email.domain())))
        .date_now()
        .header(ContentType::TEXT_PLAIN)
        .body(parcel.body.clone())
        .map_err(|e| failed(e.to_string()))
}

/// Writes a file that only the server's user can read, and removes the oldest files. Names begin with the time, so they
/// sort by age.
fn keep(folder: &Path, name: &str, message: &[u8]) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = folder.join(format!("{name}.draft"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(message)?;
    fs::rename(draft, folder.join(name))?;
    let mut kept: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    kept.retain(|path| path.extension().is_some_and(|e| e == "eml"));
    kept.sort();
    let old = kept.len().saturating_sub(KEPT);
    kept.into_iter().take(old).try_for_each(fs::remove_file)
}
