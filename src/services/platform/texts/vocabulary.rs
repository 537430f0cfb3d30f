//! The cache of organisations' keywords: every post needs them, and they change seldom. A change on another node takes
//! effect after [`FRESH`] at most; a change on this node at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;

use super::Keywords;
use crate::db::{self, Pool};
use crate::error::{Error, Result};
use crate::wire::OrgId;

/// The time for which a result of the database is used.
const FRESH: Duration = Duration::from_secs(5);

/// The most cached keywords, of all organisations.
const CAPACITY: u64 = 200_000;

/// The keywords of each organisation.
pub struct Vocabulary {
    /// Keyed also by the number of changes made on this node, so that a query which was running during a change is not
    /// used.
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

    /// Invalidates the cache, after keywords or names were changed and committed.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}
