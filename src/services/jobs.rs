//! Periodic work: on one node at a time, and on another when that one dies. A job's row is locked by the transaction
//! in which the job is done, so what it did, its events and the time of its next turn are on disk together or not at
//! all. A job does a bounded part and is due again at once while there is more. It lives here when it needs no node's
//! memory; what each node keeps for itself (caches, rate limits) each node sweeps itself.

use std::time::Duration;

use crate::db;
use crate::error::Result;
use crate::services::core::{Core, Tx};
use crate::services::{audits, files, membership, orgs, posts, previews, statuses, users};
use crate::wire::Millis;

/// How often a node looks for jobs that are due.
const LOOK: Duration = Duration::from_secs(1);

/// How long it waits after it could not even look.
const AWAY: Duration = Duration::from_secs(5);

/// After how long a job that failed is tried again.
const RETRY: Millis = 60_000;

/// Rows that one turn of a job changes at most.
const ROWS: i64 = 500;

/// Custom statuses that one turn clears at most: each is told to everybody who knows the account.
const TOLD: i64 = 50;

/// Files that one turn forgets at most: the storage is asked about each.
const FILES: i64 = 20;

/// Documents that one turn reads at most.
const DOCUMENTS: i64 = 10;

/// What is done from time to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    /// Makes the log's next partitions and drops those past their time.
    Partitions,
    /// Ends sessions whose time is over, on open sockets too.
    Sessions,
    /// Clears custom statuses whose time is over.
    CustomStatuses,
    /// Ends "do not disturb" whose time is over.
    DoNotDisturb,
    /// Removes counts of wrong passwords whose time is over.
    LoginAttempts,
    /// Removes entries of the audit log that are older than they are kept.
    Audits,
    /// Removes mailed tokens whose time is over.
    MailedTokens,
    /// Removes mailed invitations whose time is over.
    Invitations,
    /// Forgets files whose time is over, and their bytes.
    Files,
    /// Forgets what the storage was given in part and nobody ended.
    Unfinished,
    /// Forgets what links in messages once led to.
    Links,
    /// Forgets pictures of other sites.
    Proxied,
    /// Reads documents that nobody read when they came.
    Documents,
    /// Removes what is in organisations that were given up.
    Organisations,
    /// Deletes posts that their organisation does not want to keep.
    Retention,
}

impl Job {
    const ALL: [Self; 15] = [
        Self::Partitions,
        Self::Sessions,
        Self::CustomStatuses,
        Self::DoNotDisturb,
        Self::LoginAttempts,
        Self::Audits,
        Self::MailedTokens,
        Self::Invitations,
        Self::Files,
        Self::Unfinished,
        Self::Links,
        Self::Proxied,
        Self::Documents,
        Self::Organisations,
        Self::Retention,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Partitions => "partitions",
            Self::Sessions => "sessions",
            Self::CustomStatuses => "custom_statuses",
            Self::DoNotDisturb => "do_not_disturb",
            Self::LoginAttempts => "login_attempts",
            Self::Audits => "audits",
            Self::MailedTokens => "mailed_tokens",
            Self::Invitations => "invitations",
            Self::Files => "files",
            Self::Unfinished => "unfinished",
            Self::Links => "links",
            Self::Proxied => "proxied",
            Self::Documents => "documents",
            Self::Organisations => "organisations",
            Self::Retention => "retention",
        }
    }

    /// The time between two turns.
    fn every(self) -> Millis {
        match self {
            Self::Partitions
            | Self::Audits
            | Self::MailedTokens
            | Self::Invitations
            | Self::Links
            | Self::Proxied
            | Self::Retention => 3_600_000,
            Self::Sessions
            | Self::LoginAttempts
            | Self::CustomStatuses
            | Self::DoNotDisturb
            | Self::Files
            | Self::Documents
            | Self::Organisations => 60_000,
            Self::Unfinished => 86_400_000,
        }
    }

    /// Does a part. True if there may be more to do.
    async fn run(self, core: &Core, tx: &mut Tx) -> Result<bool> {
        match self {
            Self::Partitions => {
                let days = core.settings.database.event_days;
                db::events::rotate(tx, days).await?;
                // A day's events go when the last of them is that old.
                let days = i32::try_from(days).unwrap_or(i32::MAX).saturating_add(2);
                Ok(i64::try_from(db::post_events::forget(tx, days, ROWS).await?) == Ok(ROWS))
            }
            Self::Sessions => Ok(users::sweep_sessions(core, tx, ROWS).await? == ROWS),
            Self::CustomStatuses => Ok(statuses::clear_over(tx, TOLD).await? == TOLD),
            Self::DoNotDisturb => Ok(statuses::end_dnd(core, tx, ROWS).await? == ROWS),
            Self::Files => Ok(files::forget(core, tx, FILES).await? == FILES),
            Self::Organisations => orgs::remove_part(core, tx, ROWS).await,
            Self::Retention => posts::retain(tx, TOLD).await,
            Self::Unfinished => {
                // The storage may take its time, which the transaction must not.
                tokio::spawn(files::sweep(core.clone()));
                Ok(false)
            }
            Self::Documents => {
                // Likewise: a document may take seconds.
                tokio::spawn(read_documents(core.clone()));
                Ok(false)
            }
            Self::LoginAttempts => Ok(users::sweep_attempts(tx, ROWS).await? == ROWS),
            Self::Audits => Ok(audits::remove_old(core, tx, ROWS).await? == ROWS),
            Self::Links => Ok(previews::sweep(core, tx, ROWS).await? == ROWS),
            Self::Proxied => Ok(previews::sweep_proxied(core, tx, TOLD).await? == TOLD),
            Self::MailedTokens => Ok(users::sweep_mailed_tokens(tx, ROWS).await? == ROWS),
            Self::Invitations => Ok(membership::sweep_invitations(tx, ROWS).await? == ROWS),
        }
    }
}

async fn read_documents(core: Core) {
    if let Err(error) = files::texts::read_next(&core, DOCUMENTS).await {
        tracing::warn!(%error, "documents could not be read");
    }
}

/// Does what is due, for ever.
pub async fn run(core: Core) {
    let mut known = false;
    loop {
        let pause = match round(&core, &mut known).await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "the jobs that are due could not be read");
                AWAY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Does what is due now, each for itself: one that fails stops no other.
async fn round(core: &Core, known: &mut bool) -> Result<()> {
    let mut conn = core.read().await?;
    if !*known {
        db::jobs::register(&mut conn, &Job::ALL.map(Job::name)).await?;
        *known = true;
    }
    let due = db::jobs::due(&mut conn).await?;
    drop(conn);
    // A job that only a newer version of the program knows is left to it.
    for job in Job::ALL.into_iter().filter(|job| due.iter().any(|name| name == job.name())) {
        if let Err(error) = turn(core, job).await {
            tracing::error!(job = job.name(), %error, "a job failed and is tried again later");
            put_off(core, job).await?;
        }
    }
    Ok(())
}

/// One turn, unless another node has taken it.
async fn turn(core: &Core, job: Job) -> Result<()> {
    let mut tx = core.begin().await?;
    if !db::jobs::take(&mut tx, job.name()).await? {
        return Ok(());
    }
    let more = job.run(core, &mut tx).await?;
    db::jobs::put_off(&mut tx, job.name(), if more { 0 } else { job.every() }).await?;
    tx.commit().await?;
    tracing::debug!(job = job.name(), more, "a job was done");
    Ok(())
}

/// What a failed turn did is rolled back, its next time with it.
async fn put_off(core: &Core, job: Job) -> Result<()> {
    let mut tx = core.begin().await?;
    if db::jobs::take(&mut tx, job.name()).await? {
        db::jobs::put_off(&mut tx, job.name(), RETRY).await?;
    }
    tx.commit().await
}
