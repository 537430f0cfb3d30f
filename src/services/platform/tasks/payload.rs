//! What a task is about. Payloads name things and carry what cannot be found again; they hold no secret in the clear.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Job, Kind};
use crate::error::{Error, Result};
use crate::wire::{FileId, OrgId, PostId};

/// A task, by the way in which it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Done in one transaction with the removal of its row: exactly once.
    Transactional(TransactionalTask),
    /// Done before its row goes: at least once.
    External(ExternalTask),
}

/// A task that only changes the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionalTask {
    /// Mails a link to set a new password, if the address is an account's.
    PasswordReset(WhoAsked),
    /// Mails a link that proves an address, if it is the unproven one of an account.
    Verification(WhoAsked),
    /// A turn of periodic work.
    Job(Job),
}

/// A task that has an effect outside of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExternalTask {
    /// Sends a mail.
    Mail(SealedMail),
    /// Looks at the links of a post, and tells its channel.
    Preview(PostRef),
    /// Extracts the text of a document.
    Document(FileRef),
    /// Removes from the storage what was never completed.
    Unfinished,
}

/// An address that somebody typed, and who that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named in the type's own line")]
pub struct WhoAsked {
    pub org: OrgId,
    pub email: String,
    pub address: String,
    pub user_agent: String,
}

/// A mail whose text is sealed: it may carry a link that is as good as a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named in the type's own line")]
pub struct SealedMail {
    pub org: OrgId,
    pub recipient: String,
    pub subject: String,
    /// The sealed text, in base64.
    pub body: String,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named in the type's own line")]
pub struct PostRef {
    pub org: OrgId,
    pub post: PostId,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named in the type's own line")]
pub struct FileRef {
    pub org: OrgId,
    pub file: FileId,
}

impl Task {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Transactional(TransactionalTask::PasswordReset(_)) => Kind::PasswordReset,
            Self::Transactional(TransactionalTask::Verification(_)) => Kind::Verification,
            Self::External(ExternalTask::Mail(_)) => Kind::Mail,
            Self::External(ExternalTask::Preview(_)) => Kind::Preview,
            Self::External(ExternalTask::Document(_)) => Kind::Document,
            Self::External(ExternalTask::Unfinished) => Kind::Unfinished,
            Self::Transactional(TransactionalTask::Job(job)) => Kind::Job(*job),
        }
    }

    /// The organisation on whose behalf it is done.
    pub(super) fn org(&self) -> Option<OrgId> {
        match self {
            Self::Transactional(
                TransactionalTask::PasswordReset(asked) | TransactionalTask::Verification(asked),
            ) => Some(asked.org),
            Self::External(ExternalTask::Mail(mail)) => Some(mail.org),
            Self::External(ExternalTask::Preview(of)) => Some(of.org),
            Self::External(ExternalTask::Document(of)) => Some(of.org),
            Self::Transactional(TransactionalTask::Job(_)) | Self::External(ExternalTask::Unfinished) => None,
        }
    }

    /// The key of which one living task of the kind has one; `None` where each task counts. Of what strangers ask for
    /// each counts, so that no answer takes longer because of an earlier one.
    pub(super) fn key(&self) -> Option<String> {
        match self {
            Self::Transactional(TransactionalTask::PasswordReset(_) | TransactionalTask::Verification(_))
            | Self::External(ExternalTask::Mail(_)) => None,
            Self::External(ExternalTask::Preview(of)) => Some(of.post.to_string()),
            Self::External(ExternalTask::Document(of)) => Some(of.file.to_string()),
            Self::Transactional(TransactionalTask::Job(_)) | Self::External(ExternalTask::Unfinished) => {
                Some(String::new())
            }
        }
    }

    /// Its payload as JSON.
    pub(super) fn payload(&self) -> Result<Value> {
        match self {
            Self::Transactional(
                TransactionalTask::PasswordReset(asked) | TransactionalTask::Verification(asked),
            ) => written(asked),
            Self::External(ExternalTask::Mail(mail)) => written(mail),
            Self::External(ExternalTask::Preview(of)) => written(of),
            Self::External(ExternalTask::Document(of)) => written(of),
            Self::Transactional(TransactionalTask::Job(_)) | Self::External(ExternalTask::Unfinished) => {
                Ok(Value::Null)
            }
        }
    }

    /// Reads a task. Fails with a sentence if the payload is not one of the kind.
    pub(super) fn read(kind: Kind, payload: Value) -> std::result::Result<Self, String> {
        let transactional = |task| Ok(Self::Transactional(task));
        let external = |task| Ok(Self::External(task));
        match kind {
            Kind::PasswordReset => transactional(TransactionalTask::PasswordReset(read(payload)?)),
            Kind::Verification => transactional(TransactionalTask::Verification(read(payload)?)),
            Kind::Mail => external(ExternalTask::Mail(read(payload)?)),
            Kind::Preview => external(ExternalTask::Preview(read(payload)?)),
            Kind::Document => external(ExternalTask::Document(read(payload)?)),
            Kind::Unfinished => external(ExternalTask::Unfinished),
            Kind::Job(job) => transactional(TransactionalTask::Job(job)),
        }
    }
}

fn written<T: Serialize>(payload: &T) -> Result<Value> {
    serde_json::to_value(payload).map_err(|e| Error::internal(format!("the payload of a task: {e}")))
}

fn read<T: DeserializeOwned>(payload: Value) -> std::result::Result<T, String> {
    // The error's own words may quote the payload.
    serde_json::from_value(payload).map_err(|e| format!("the payload cannot be read ({:?})", e.classify()))
}
