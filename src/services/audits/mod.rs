//! The audit log of an organisation: who did what, to what, from where, and how it ended. Each service writes its own
//! entries, in the transaction that they are about, so that there is no act without its entry and no entry of an act
//! that was rolled back. What was refused is written by whoever refused it (`refused`), behind the answer's back.
//!
//! No secret and no message's text stands in an entry. Entries are never changed, and removed only by age.

mod failures;
mod list;
mod refusals;
mod subject;

use crate::db::{self, audits::NewAudit};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::core::{Core, Tx};
use crate::wire::{AuditId, OrgId, SessionId, UserId};

pub use crate::services::auth::Client;
pub use failures::{Why, failed, write_counted};
pub use list::{AuditQuery, all, list};
pub use refusals::{Refusals, refused};
pub use subject::Subject;

/// Characters of the free text that an entry keeps.
const MAX_EXTRA: usize = 1024;

/// What an account did, or somebody in its name, who had no session yet.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Whose account.
    pub user: UserId,
    /// In which session, if in one.
    pub session: Option<SessionId>,
    /// What was done, as the path of the operation.
    pub action: &'static str,
    /// How it ended; `fail` is a failure.
    pub extra: &'a str,
    /// From where.
    pub client: &'a Client,
}

/// How an act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was tried and did not succeed, for example with a wrong password.
    Fail,
    /// It was forbidden.
    Refused,
}

impl Outcome {
    /// Its name, as entries and filters have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fail => "fail",
            Self::Refused => "refused",
        }
    }
}

/// Writes down what was done to an account, by itself as far as anybody knows: logins, resets, confirmations.
pub async fn write(tx: &mut Tx, org: OrgId, entry: Entry<'_>) -> Result<()> {
    let failed = entry.extra == "fail";
    let outcome = if failed { Outcome::Fail } else { Outcome::Success };
    let row = Row {
        org,
        // Who failed to prove that they are the account may be anybody.
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

/// Writes down what somebody tried who named no account that there is.
pub async fn stranger(tx: &mut Tx, org: OrgId, action: &'static str, client: &Client) -> Result<()> {
    let (subject, outcome) = (Subject::none(), Outcome::Fail);
    insert(tx, Row { org, actor: None, session: None, action, subject, outcome, extra: "", client }).await
}

/// Writes down what the caller did to something. `extra` says more, for people; never a secret.
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

/// Writes down what was done to something of `org` by somebody who has no account in it: an operator, or the command
/// line. `extra` says by whom.
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

/// The same of what was done to `user`, for who names the client apart.
pub async fn by_caller(
    tx: &mut Tx,
    caller: &Caller,
    (user, action): (UserId, &'static str),
    extra: &str,
    client: &Client,
) -> Result<()> {
    insert(tx, Row { action, subject: user.into(), extra, client, ..Row::by(caller) }).await
}

/// Passes on how an act went for which the caller had to prove who they are once more. That the proof was wrong is
/// written down first, in a transaction of its own: that of the act must have been dropped. How often anybody may try
/// is bounded elsewhere, and so is how many entries that makes; who tried too often, or met a fault of ours, has not
/// failed.
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

/// An entry before it is a row.
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

/// Removes entries that are older than the setting keeps, at most `limit`; how many.
pub async fn remove_old(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let days = core.settings.audit.days;
    if days == 0 {
        return Ok(0);
    }
    let removed = db::audits::remove_old(tx, days, limit).await?;
    Ok(i64::try_from(removed).unwrap_or(limit))
}
