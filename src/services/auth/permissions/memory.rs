//! The cache of organisations' roles. Roles are few and needed by every request: the database is asked at most once a
//! second for each organisation. That second is how long a change on another node may be unknown here; a change on this
//! node holds at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;

use super::role_set::RoleSet;
use crate::db::{self, Pool};
use crate::error::{Error, Result};
use crate::wire::OrgId;

/// The time for which an answer of the database is cached.
const FRESH: Duration = Duration::from_secs(1);

/// Organisations cached at most.
const CAPACITY: u64 = 10_000;

/// The cache of the role sets of organisations.
pub struct RoleSets {
    /// Keyed also by the number of changes made on this node: a query that was under way during a change is stored
    /// under a number that nobody asks for any more.
    known: Cache<(OrgId, u64), Arc<RoleSet>>,
    changes: AtomicU64,
}

impl Default for RoleSets {
    fn default() -> Self {
        let known = Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build();
        Self { known, changes: AtomicU64::new(0) }
    }
}

impl RoleSets {
    /// The roles and schemes of `org`. Concurrent requests share the queries.
    pub async fn of(&self, pool: &Pool, org: OrgId) -> Result<Arc<RoleSet>> {
        let key = (org, self.changes.load(Ordering::Acquire));
        if let Some(known) = self.known.get(&key).await {
            return Ok(known);
        }
        // Boxed, so that a request that finds them in the cache does not reserve memory for queries.
        let load = Box::pin(async {
            let mut conn = pool.get().await?;
            let schemes = db::schemes::of(&mut conn, org).await.map_err(Error::from)?;
            let changes = db::role_changes::of(&mut conn, org).await.map_err(Error::from)?;
            Ok::<_, Error>(Arc::new(RoleSet::new(org, changes, schemes)))
        });
        self.known.try_get_with(key, load).await.map_err(|e: Arc<Error>| e.again())
    }

    /// Invalidates everything, after a change was committed.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}
