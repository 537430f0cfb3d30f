//! What somebody failed to prove: a password, a code. Anybody can fail as often as they are let, so not each failure is
//! an entry and a line of the log: the first of an account and an address in a minute are, and at the minute's end one
//! says how many more there were.

use std::time::Instant;

use super::{Outcome, Row, Subject, insert};
use crate::error::Result;
use crate::services::auth::Client;
use crate::services::core::Core;
use crate::services::limits::Failure;
use crate::wire::{OrgId, UserId};

/// Why somebody was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The password or the code was wrong.
    Wrong,
    /// There were too many wrong ones before.
    Locked,
    /// It was right, and the account is switched off or its address not proven.
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

/// Somebody who meant the account `user`, or one that is not there, failed at `action`. Logged if it is one of the
/// first; whether it is, and so is to be written down too. What they typed as a name is told to nobody: it may be a
/// password.
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

/// Writes down how many failures there were beyond those that have entries, once their minute is over.
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
