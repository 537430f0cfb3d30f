//! The connection pool: its size, the longest wait for a connection, and the check whether one can be reused.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod, deadpool,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::Query;
use super::conn::{Age, Bounds, Conn, Plans};
use super::statement::prepared;
use crate::error::{Error, Result};

/// A connection on loan from the pool.
pub type Pooled = deadpool::Object<Conn>;

/// The time a request waits for a connection before it fails as unavailable.
const WAIT: Duration = Duration::from_secs(5);

/// The bounded set of connections to the database. Cloning shares it.
#[derive(Clone)]
pub struct Pool {
    inner: deadpool::Pool<Conn>,
}

impl Pool {
    /// A pool of at most `size` connections to `url`; connects when first used.
    pub fn new(url: &str, size: usize, bounds: Bounds, plans: Plans) -> Result<Self> {
        let manager = AsyncDieselConnectionManager::new_with_config(url, config(bounds, plans));
        let inner = deadpool::Pool::builder(manager)
            .max_size(size)
            // The connection that was used last: it is warm on both sides, and the number of idle ones stays small.
            .queue_mode(::deadpool::managed::QueueMode::Lifo)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .runtime(deadpool_runtime())
            .build()
            .map_err(|e| Error::internal(format!("connection pool: {e}")))?;
        Ok(Self { inner })
    }

    /// Borrows a connection; waits at most five seconds.
    pub async fn get(&self) -> Result<Pooled> {
        self.inner.get().await.map_err(|e: deadpool::PoolError| Error::unavailable(describe(&e)))
    }

    /// Refuses new loans; connections on loan end as they come back.
    pub fn close(&self) {
        self.inner.close();
    }
}

fn config(bounds: Bounds, plans: Plans) -> ManagerConfig<Conn> {
    let mut config = ManagerConfig::default();
    // The connection itself knows whether it can be reused.
    config.recycling_method = RecyclingMethod::Fast;
    let age = Age::default();
    config.custom_setup = Box::new(move |url| {
        let (url, age) = (url.to_owned(), Arc::clone(&age));
        Box::pin(async move { Conn::open(&url, bounds, plans, age).await })
    });
    config
}

fn describe(error: &::deadpool::managed::PoolError<PoolError>) -> String {
    format!("no database connection: {error}")
}

fn deadpool_runtime() -> ::deadpool::Runtime {
    ::deadpool::Runtime::Tokio1
}

/// Opens a transaction. Its first statements may be sent without waiting for it.
pub async fn begin(mut conn: &Conn) -> Query<()> {
    conn.batch_execute("begin").await
}

/// Commits the open transaction. May be sent without waiting for its last statements; should one of them fail,
/// PostgreSQL rolls back instead.
pub async fn commit(mut conn: &Conn) -> Query<()> {
    // Sent like the statements before it, which may have to be prepared first: it must not overtake them.
    prepared("commit").execute(&mut conn).await.map(drop)
}

/// Rolls the open transaction back.
pub async fn rollback(mut conn: &Conn) -> Query<()> {
    conn.batch_execute("rollback").await
}
