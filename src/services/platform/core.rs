//! The lowest core, which every service is given: the settings, the database, and the parts that know nothing of chat.

use std::ops::Deref;
use std::sync::Arc;

use fetcher::Fetcher;
use pictures::ImageWorker;
use tokio::sync::Notify;
use uuid::Uuid;

use super::addresses::Addresses;
use super::bus::Bus;
use super::keys::KeyDerivation;
use super::limits::{Failure, Tally};
use super::storage::{Storage, UploadLimiter};
use super::transaction::Tx;
use crate::config::Settings;
use crate::db::{Pool, Pooled};
use crate::error::Result;
use crate::supervisor::Supervisor;
use crate::wire::{Event, OrgId};

/// The state of a floor, which its functions and those of the floors above share. Cheap to clone.
pub struct Shared<P> {
    parts: Arc<P>,
}

impl<P> Shared<P> {
    /// Creates the state from its parts.
    pub fn new(parts: P) -> Self {
        Self { parts: Arc::new(parts) }
    }
}

impl<P> Clone for Shared<P> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone() }
    }
}

impl<P> Deref for Shared<P> {
    type Target = P;
    fn deref(&self) -> &P {
        &self.parts
    }
}

/// The state of the lowest floor.
pub type Core = Shared<Parts>;

/// The contents of a [`Core`]; the composition root fills it.
pub struct Parts {
    /// The settings in force.
    pub settings: Settings,
    /// The database.
    pub pool: Pool,
    /// The post writer's own connection to it.
    pub writing_pool: Pool,
    /// The bus that committed frames are handed to.
    pub bus: Arc<dyn Bus>,
    /// Wakes the runner of tasks on this node.
    pub tasks_due: Arc<Notify>,
    /// The storage of files' bytes.
    pub storage: Storage,
    /// The limit of concurrent uploads.
    pub upload_limiter: UploadLimiter,
    /// Counts failed authentications.
    pub failures: Tally<Failure>,
    /// Fetches resources that users link to.
    pub fetch: Fetcher,
    /// Decodes and re-encodes pictures.
    pub pictures: ImageWorker,
    /// Maps request addresses to organisations.
    pub addresses: Addresses,
    /// Encrypts stored values, and computes digests of others.
    pub keys: KeyDerivation,
    /// The organisation that answers at the root path.
    pub default_org: OrgId,
    /// The identifier of this deployment for clients.
    pub deployment_id: Uuid,
    /// Keeps what must live as long as the process.
    pub supervisor: Supervisor,
}

impl Core {
    /// A connection for reading; writes go through [`Core::begin`].
    pub async fn read(&self) -> Result<Pooled> {
        self.pool.get().await
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Tx> {
        let tx = Tx::on(&self.pool, self.bus.clone(), self.tasks_due.clone()).await?;
        tx.open().await?;
        Ok(tx)
    }

    /// A transaction on the post writer's own connection. [`Tx::open`] begins it, together with the first reads.
    pub async fn writing(&self) -> Result<Tx> {
        Tx::on(&self.writing_pool, self.bus.clone(), self.tasks_due.clone()).await
    }

    /// Publishes an ephemeral event: it has no row and no number, and may be lost.
    pub fn announce(&self, event: &Event) {
        self.bus.publish(vec![Arc::new(event.encode(0, |_| 0))]);
    }

    /// Publishes an ephemeral event on this node only, for facts that every node finds out by itself.
    pub fn announce_here(&self, event: &Event) {
        self.bus.publish_here(vec![Arc::new(event.encode(0, |_| 0))]);
    }
}
