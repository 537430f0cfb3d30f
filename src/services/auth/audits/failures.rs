//! Failed authentications: a wrong password, a wrong code. Anybody can fail as often as they are let, so not each
//! failure gets an entry and a log line: the first ones of an account and an address in a minute do, and after the
//! minute one entry tells how many more there were.

use std::time::Instant;

use super::{Outcome, Row, Subject, insert};
use crate::error::Result;
use crate::services::auth::{Client, Core};
use crate::services::platform::limits::Failure;
use crate::wire::{OrgId, UserId};

/// The reason of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The password or the code was wrong.
    Wrong,
    /// There were too many failures before.
    Locked,
    /// The password was right, but the account is deactivated or its e-mail address not verified.
    NotAdmitted,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Wrong => "wrong password or code",
            Self::Locked => "too many failed attempts",
            Self::NotAdmitted => "account not admitted",
        }
    }
}

/// Counts a failure of `action` on the account `user`, or on none that exists. The first failures are logged; the
/// answer is whether this is one of them, and so is to be written to the audit log too. The name that was typed is kept
/// nowhere: it may be a password.
pub fn failed(
    core: &Core,
    (org, user): (OrgId, Option<UserId>),
    action: &'static str,
    client: &Client,
    why: Why,
) -> bool {
    let failure = Failure { org, user, action, household: client.household() };
    let otherwise = Failure { user: None, household: String::new(), ..failure.clone() };
    let is_one_of_the_first = core.failures.note(failure, otherwise);
    if is_one_of_the_first {
        let account = user.map(|id| id.to_string()).unwrap_or_default();
        tracing::info!(%org, account, address = client.address, action, why = why.words(), "failed login");
    }
    is_one_of_the_first
}

/// Writes the number of failures beyond those that have entries, once their minute is over.
pub async fn write_counted(core: &Core, now: Instant) -> Result<()> {
    for (failure, more) in core.failures.over(now) {
        let account = failure.user.map(|id| id.to_string()).unwrap_or_default();
        let (org, address, action) = (failure.org, failure.household, failure.action);
        tracing::info!(%org, account, address, action, more, "failed logins");
        let client = Client { address, ..Client::default() };
        let extra = format!("{more} more within a minute");
        let subject = failure.user.map_or(Subject::none(), Subject::from);
        let outcome = Outcome::Fail;
        let row =
            Row { org, actor: None, session: None, action, subject, outcome, extra: &extra, client: &client };
        let mut tx = core.begin().await?;
        insert(&mut tx, row).await?;
        tx.commit().await?;
    }
    Ok(())
}
