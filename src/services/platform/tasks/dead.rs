//! What an operator sees and does: how much waits, and the dead letters, which are tried again or dropped on their word.
//! Payloads are not shown.

use serde::Serialize;
use uuid::Uuid;

use crate::db;
use crate::error::{Error, Result};
use crate::services::platform::{Core, Tx};
use crate::wire::{Millis, OrgId, id};

const DAY: Millis = 86_400_000;

/// The tasks of a kind.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The kind's name.
    pub kind: String,
    /// Due, and done by nobody yet.
    pub due: i64,
    /// Waiting for their time.
    pub later: i64,
    /// Being done.
    pub running: i64,
    /// Dead letters.
    pub dead: i64,
    /// For how long the oldest of those that are due has been due, in milliseconds.
    pub delay: Millis,
}

/// A dead letter: a task that failed for the last time.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Dead {
    pub id: String,
    pub kind: String,
    pub org_id: Option<OrgId>,
    pub attempts: i32,
    pub error: String,
    pub create_at: Millis,
    pub died_at: Millis,
}

/// The dead letters that an operator means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// One.
    One(Uuid),
}

impl Selection {
    /// The selection of the dead letter with the id `text`; fails if that is no id.
    pub fn one(text: &str) -> Result<Self> {
        let id = id::decode(text).map_err(|e| Error::internal(format!("{text}: {e}")))?;
        Ok(Self::One(id))
    }

    fn id(self) -> Option<Uuid> {
        match self {
            Self::All => None,
            Self::One(id) => Some(id),
        }
    }
}

/// The tasks of each kind that there is one of.
pub async fn summary(core: &Core) -> Result<Vec<Summary>> {
    let counts = db::dead_tasks::counts(&mut *core.read().await?).await?;
    let shape = |c: db::dead_tasks::Counts| Summary {
        kind: c.kind,
        due: c.due,
        later: c.later,
        running: c.leased,
        dead: c.dead,
        delay: c.delay,
    };
    Ok(counts.into_iter().map(shape).collect())
}

/// A page of the dead letters, the newest first.
pub async fn list(core: &Core, offset: i64, limit: i64) -> Result<Vec<Dead>> {
    let rows = db::dead_tasks::list(&mut *core.read().await?, offset, limit).await?;
    let shape = |row: db::dead_tasks::DeadTask| Dead {
        id: id::encode(row.id),
        kind: row.kind,
        org_id: row.org_id,
        attempts: row.attempts,
        error: row.last_error,
        create_at: row.create_at,
        died_at: row.died_at,
    };
    Ok(rows.into_iter().map(shape).collect())
}

/// Lets dead letters live again, due at once and as if never tried. Answers how many.
pub async fn retry(core: &Core, which: Selection) -> Result<usize> {
    let mut tx = core.begin().await?;
    let revived = db::dead_tasks::revive(&mut tx, which.id()).await;
    let revived = revived.map_err(|e| db::translate(e, &[(db::dead_tasks::UNIQUE_KEY, waits_already)]))?;
    tx.wakes_runner();
    tx.commit().await?;
    found(which, revived)
}

/// Removes dead letters. Answers how many.
pub async fn drop_dead(core: &Core, which: Selection) -> Result<usize> {
    let removed = db::dead_tasks::remove(&mut *core.read().await?, which.id()).await?;
    found(which, removed)
}

/// Removes dead letters beyond their retention, at most `limit`. Answers how many.
pub async fn forget_dead(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let age = DAY * Millis::from(core.settings.tasks.dead_days);
    let gone = db::dead_tasks::forget(tx, age, limit).await?;
    Ok(i64::try_from(gone).unwrap_or(limit))
}

fn found(which: Selection, count: usize) -> Result<usize> {
    if count == 0 && which != Selection::All {
        return Err(Error::not_found("task.missing", "There is no such dead letter."));
    }
    Ok(count)
}

fn waits_already() -> Error {
    let why = "Another task with the same key waits already: drop this one.";
    Error::conflict("task.unique_key", why)
}
