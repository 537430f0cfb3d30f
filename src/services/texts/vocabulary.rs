//! The memory of organisations' keywords: asked for by every post and changed seldom. How long a change on another node
//! may be unknown here is [`FRESH`]; a change on this node holds at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;

use super::Keywords;
use crate::db::{self, Pool};
use crate::error::{Error, Result};
use crate::wire::OrgId;

/// How long an answer of the database is believed.
const FRESH: Duration = Duration::from_secs(5);

/// Keywords that are remembered at most, of all organisations.
const CAPACITY: u64 = 200_000;

/// The keywords of each organisation.
pub struct Vocabulary {
    /// By the number of changes that were made here, so that an answer which was on its way meanwhile is not believed.
    known: Cache<(OrgId, u64), Arc<Keywords>>,
    changes: AtomicU64,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let weigher = |_: &(OrgId, u64), keywords: &Arc<Keywords>| keywords.weight();
        let known = Cache::builder().weigher(weigher).max_capacity(CAPACITY).time_to_live(FRESH).build();
        Self { known, changes: AtomicU64::new(0) }
    }
}

impl Vocabulary {
    /// The keywords of the accounts of `org`. Posts that ask at the same time share the query.
    pub async fn of(&self, pool: &Pool, org: OrgId) -> Result<Arc<Keywords>> {
        let key = (org, self.changes.load(Ordering::Acquire));
        if let Some(known) = self.known.get(&key).await {
            return Ok(known);
        }
        let load = Box::pin(async {
            let rows = db::users::keywords(&mut *pool.get().await?, org).await?;
            Ok::<_, Error>(Arc::new(rows.into_iter().collect()))
        });
        self.known.try_get_with(key, load).await.map_err(|e: Arc<Error>| e.again())
    }

    /// Somebody's keywords, or names, were changed and committed.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}
