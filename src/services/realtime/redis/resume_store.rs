//! The resume store that nodes share. Replay buffers stay in the memory of their node; a record of each goes to Redis,
//! from which another node reads the events back out of the log.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::{AsyncTypedCommands, Pipeline, RedisError};
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};

use super::{patient, refused};
use crate::error::Result;
use crate::services::realtime::{KEPT, Log, MemoryResumeStore, ReplayBuffer, ResumeStore, StoredReplay};
use crate::wire::{ConnectionId, UserId};

/// Connections to Redis; each carries many requests at once.
const CONNECTIONS: usize = 2;

/// Time limit of Redis. A client that resumes waits for it; without an answer it fetches its state again.
const PATIENCE: Duration = Duration::from_millis(500);

/// The largest record, in bytes. A larger one, because of ephemeral events that are in no log, can be resumed on this
/// node only.
const MAX_RECORD: usize = 512 << 10;

/// Records that are written with one round trip.
const AT_ONCE: usize = 50;

/// The resume store that nodes share.
pub struct RedisResumeStore {
    here: MemoryResumeStore,
    pool: Pool,
    prefix: String,
    log: Arc<dyn Log>,
}

impl RedisResumeStore {
    /// A resume store at the Redis of `url`; events of its records are read back from `log`.
    pub fn open(url: &str, prefix: &str, log: Arc<dyn Log>) -> Result<Self> {
        let manager = Manager::new_with_config(url, patient(PATIENCE)).map_err(refused)?;
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(refused)?;
        Ok(Self { here: MemoryResumeStore::default(), pool, prefix: prefix.to_owned(), log })
    }

    fn key(&self, connection: ConnectionId) -> String {
        format!("{}:parked:{connection}", self.prefix)
    }

    async fn connection(&self) -> std::result::Result<Connection, PoolError> {
        self.pool.get().await
    }

    async fn write(&self, parked: &[(ConnectionId, ReplayBuffer)]) -> std::result::Result<(), PoolError> {
        let mut conn = self.connection().await?;
        for part in parked.chunks(AT_ONCE) {
            let mut pipeline = Pipeline::with_capacity(part.len());
            for (connection, replay) in part {
                let record = crate::wire::to_text(&StoredReplay::of(replay));
                if record.len() <= MAX_RECORD {
                    pipeline.set_ex(self.key(*connection), record, KEPT.as_secs()).ignore();
                }
            }
            pipeline.query_async::<()>(&mut conn).await?;
        }
        Ok(())
    }

    /// Takes the record of a connection of `user`; nobody gets it a second time.
    async fn read(
        &self,
        connection: ConnectionId,
        user: UserId,
    ) -> std::result::Result<Option<StoredReplay>, PoolError> {
        let mut conn = self.connection().await?;
        let key = self.key(connection);
        let Some(text) = conn.get(&key).await? else { return Ok(None) };
        let record = serde_json::from_str::<StoredReplay>(&text).ok().filter(|record| record.user() == user);
        let Some(record) = record else { return Ok(None) };
        let taken = conn.del(&key).await? > 0;
        Ok(taken.then_some(record))
    }
}

#[async_trait]
impl ResumeStore for RedisResumeStore {
    async fn put(&self, parked: Vec<(ConnectionId, ReplayBuffer)>) {
        // Stored here first: a client that resumes on this node at once need not wait for Redis.
        self.here.put(parked.clone()).await;
        if let Err(error) = self.write(&parked).await {
            tracing::debug!(%error, "connections were parked on this node only");
        }
    }

    async fn take(&self, connection: ConnectionId, user: UserId) -> Option<ReplayBuffer> {
        if let Some(replay) = self.here.take(connection, user).await {
            // The record in Redis is outdated; should deleting fail, it expires.
            if let Ok(mut conn) = self.connection().await {
                let _gone: std::result::Result<usize, RedisError> = conn.del(self.key(connection)).await;
            }
            return Some(replay);
        }
        let record = self.read(connection, user).await.inspect_err(|error| {
            tracing::debug!(%error, "a parked connection could not be looked for");
        });
        let restored = record.ok()??.restore(&*self.log).await.inspect_err(|error| {
            tracing::debug!(%error, "a parked connection could not be read back");
        });
        restored.ok()?
    }
}
