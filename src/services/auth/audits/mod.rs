//! The audit log of an organisation: who did what, to what, from where, and with which outcome. Each service writes its
//! own entries, in the transaction that they are about, so that there is no act without its entry and no entry of an
//! act that was rolled back. Refusals are written in the background (`refused`), apart from the response.
//!
//! No entry contains a secret or a message's text. Entries are never changed, and removed only by age.

mod failures;
mod list;
mod refusals;
mod subject;

use crate::db::{self, audits::NewAudit};
use crate::error::{Error, Kind, Result};
use crate::services::auth::{Caller, Core};
use crate::services::platform::Tx;
use crate::wire::{AuditId, OrgId, SessionId, UserId};

pub use crate::services::auth::Client;
pub use failures::{Why, failed, write_counted};
pub use list::{AuditQuery, all, list};
pub use refusals::{Refusals, refused};
pub use subject::Subject;

/// Characters of the free text that an entry keeps.
const MAX_EXTRA: usize = 1024;

/// An act of an account, or in its name, before there is a session.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The account.
    pub user: UserId,
    /// The session, if there is one.
    pub session: Option<SessionId>,
    /// The path of the operation.
    pub action: &'static str,
    /// The result in a word; `fail` is a failure.
    pub extra: &'a str,
    /// The client.
    pub client: &'a Client,
}

/// The outcome of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The act succeeded.
    Success,
    /// The act failed, for example by a wrong password.
    Fail,
    /// The act was forbidden.
    Refused,
}

impl Outcome {
    /// The name in entries and filters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fail => "fail",
            Self::Refused => "refused",
        }
    }
}

/// Writes an entry about an act of an account on itself, as far as is known: logins, resets, confirmations.
pub async fn write(tx: &mut Tx, org: OrgId, entry: Entry<'_>) -> Result<()> {
    let failed = entry.extra == "fail";
    let outcome = if failed { Outcome::Fail } else { Outcome::Success };
    let row = Row {
        org,
        // An unauthenticated client may be anybody: the entry names no actor.
        actor: (!failed).then_some(entry.user),
        session: entry.session,
        action: entry.action,
        subject: entry.user.into(),
        outcome,
        extra: entry.extra,
        client: entry.client,
    };
    insert(tx, row).await
}

/// Writes an entry about a failed act that named no existing account.
pub async fn stranger(tx: &mut Tx, org: OrgId, action: &'static str, client: &Client) -> Result<()> {
    let (subject, outcome) = (Subject::none(), Outcome::Fail);
    insert(tx, Row { org, actor: None, session: None, action, subject, outcome, extra: "", client }).await
}

/// Writes an entry about the caller's act. `extra` says more, for people; never a secret.
pub async fn note(
    tx: &mut Tx,
    caller: &Caller,
    action: &'static str,
    subject: impl Into<Subject>,
    extra: &str,
) -> Result<()> {
    let (subject, outcome) = (subject.into(), Outcome::Success);
    insert(tx, Row { action, subject, outcome, extra, ..Row::by(caller) }).await
}

/// Writes an entry about an act in `org` of somebody without an account in it: an operator, or the command line.
/// `extra` names the actor.
pub async fn from_outside(
    tx: &mut Tx,
    org: OrgId,
    action: &'static str,
    subject: Subject,
    extra: &str,
) -> Result<()> {
    let (client, outcome) = (&Client::default(), Outcome::Success);
    insert(tx, Row { org, actor: None, session: None, action, subject, outcome, extra, client }).await
}

/// Writes an entry about the caller's act on `user`, with a `client` given separately.
pub async fn by_caller(
    tx: &mut Tx,
    caller: &Caller,
    (user, action): (UserId, &'static str),
    extra: &str,
    client: &Client,
) -> Result<()> {
    insert(tx, Row { action, subject: user.into(), extra, client, ..Row::by(caller) }).await
}

/// Passes on the outcome of an act for which the caller had to authenticate once more. A failed proof is written first,
/// in a transaction of its own: that of the act must have been dropped. The number of tries, and so of entries, is
/// bounded elsewhere; an exceeded rate limit or an error of the server is no failed proof.
pub async fn unless_proven<T>(
    core: &Core,
    caller: &Caller,
    (user, action): (UserId, &'static str),
    client: &Client,
    outcome: Result<T>,
) -> Result<T> {
    let wrong = |e: &Error| !e.is_ours() && !matches!(e.kind, Kind::TooMany { .. });
    let fails = outcome.as_ref().is_err_and(wrong);
    if fails && failed(core, (caller.org, Some(user)), action, client, Why::Wrong) {
        let mut tx = core.begin().await?;
        let outcome = Outcome::Fail;
        insert(&mut tx, Row { action, subject: user.into(), outcome, client, ..Row::by(caller) }).await?;
        tx.commit().await?;
    }
    outcome
}

/// The contents of an entry before it is inserted.
struct Row<'a> {
    org: OrgId,
    actor: Option<UserId>,
    session: Option<SessionId>,
    action: &'a str,
    subject: Subject,
    outcome: Outcome,
    extra: &'a str,
    client: &'a Client,
}

impl<'a> Row<'a> {
    fn by(caller: &'a Caller) -> Self {
        Self {
            org: caller.org,
            actor: Some(caller.id),
            session: Some(caller.session),
            action: "",
            subject: Subject::none(),
            outcome: Outcome::Success,
            extra: "",
            client: caller.client(),
        }
    }
}

async fn insert(tx: &mut Tx, row: Row<'_>) -> Result<()> {
    let extra: String = row.extra.chars().take(MAX_EXTRA).collect();
    let new = NewAudit {
        id: AuditId::new(),
        org_id: row.org,
        user_id: row.actor,
        session_id: row.session,
        action: row.action,
        subject_kind: row.subject.kind,
        subject_id: row.subject.id,
        outcome: row.outcome.name(),
        extra_info: &extra,
        ip_address: &row.client.address,
        user_agent: &row.client.user_agent,
    };
    db::audits::insert(tx, &new).await?;
    Ok(())
}

/// Removes entries beyond their retention, at most `limit`; answers how many.
pub async fn remove_old(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let days = core.settings.audit.days;
    if days == 0 {
        return Ok(0);
    }
    let removed = db::audits::remove_old(tx, days, limit).await?;
    Ok(i64::try_from(removed).unwrap_or(limit))
}
