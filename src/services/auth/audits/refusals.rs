//! Entries about refused acts. A refused act opens no transaction of its own, so its entry is written in the
//! background: the caller learns nothing from the time that it takes.

use std::time::Duration;

use moka::future::Cache;
use uuid::Uuid;

use super::{Outcome, Row, Subject, insert, subject};
use crate::services::auth::{Caller, Core};
use crate::wire::UserId;

/// How long one entry stands for all refusals of the same operation to the same caller: asking a thousand times must
/// not write a thousand rows.
const PAUSE: Duration = Duration::from_secs(60);

/// Refusals remembered at most.
const CAPACITY: u64 = 10_000;

/// The recent refusals, by caller and operation. Clones share them.
#[derive(Clone)]
pub struct Refusals {
    written: Cache<(UserId, String), ()>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { written: Cache::builder().max_capacity(CAPACITY).time_to_live(PAUSE).build() }
    }
}

/// Writes an entry about a refused operation: its method, and its path with parameter names. `named` is the path's
/// first parameter that is an identifier.
pub fn refused(
    core: &Core,
    known: &Refusals,
    caller: &Caller,
    (method, path): (&str, &str),
    named: Option<(&str, Uuid)>,
) {
    let subject = named.and_then(|(name, id)| subject::of_parameter(name, id)).unwrap_or(Subject::none());
    let (core, known, caller) = (core.clone(), known.clone(), caller.clone());
    let (method, path) = (method.to_owned(), path.to_owned());
    tokio::spawn(async move {
        let key = (caller.id, format!("{method} {path}"));
        if !known.written.entry(key).or_insert(()).await.is_fresh() {
            return;
        }
        let written = async {
            let mut tx = core.begin().await?;
            let outcome = Outcome::Refused;
            let row = Row { action: &path, subject, outcome, extra: &method, ..Row::by(&caller) };
            insert(&mut tx, row).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a refusal was not written down");
        }
    });
}
