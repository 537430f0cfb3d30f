//! The nodes that are alive, according to the database. Redis cannot tell of a node that is cut off from it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::link::RedisLink;
use crate::db::{self, Pool};
use crate::error::Result;
use crate::supervisor::{Spec, Supervisor};

/// The interval at which the list of nodes is read.
const LOOK: Duration = Duration::from_secs(1);

/// The interval at which this node renews its entry.
const BEAT: Duration = Duration::from_secs(10);

/// Enters this node into the list at once, then keeps its entry and the list up to date for as long as the process
/// lives.
pub async fn keep_registered(pool: &Pool, link: &Arc<RedisLink>, supervisor: &Supervisor) -> Result<()> {
    look(pool, link, true).await?;
    let (pool, link) = (pool.clone(), link.clone());
    supervisor.start(Spec::task("node_registry"), move |_| keep(pool.clone(), link.clone()));
    Ok(())
}

async fn keep(pool: Pool, link: Arc<RedisLink>) {
    let mut said = Instant::now();
    loop {
        sleep(LOOK).await;
        let due = said.elapsed() >= BEAT;
        match look(&pool, &link, due).await {
            Ok(()) if due => said = Instant::now(),
            Ok(()) => {}
            Err(error) => tracing::debug!(%error, "the list of nodes cannot be read"),
        }
    }
}

/// Removes this node from the list and tells the others that it shuts down. Bounded by the pool's time limit.
pub async fn forget(pool: &Pool, link: &RedisLink) -> Result<()> {
    link.leave();
    db::nodes::leave(&mut *pool.get().await?, link.node()).await?;
    Ok(())
}

async fn look(pool: &Pool, link: &RedisLink, due: bool) -> Result<()> {
    let mut conn = pool.get().await?;
    if due {
        db::nodes::beat(&mut conn, link.node()).await?;
    }
    let alive = db::nodes::alive(&mut conn).await?;
    link.set_alive(alive.into_iter().collect::<HashSet<_>>());
    Ok(())
}
