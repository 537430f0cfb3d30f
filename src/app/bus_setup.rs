//! The transport of frames: a queue in memory, bridged to other nodes where a Redis is configured.

use std::sync::Arc;

use crate::actors::hub::DeliveryDeps;
use crate::config::Settings;
use crate::db::Pool;
use crate::error::Result;
use crate::services::platform::Bus;
use crate::services::realtime::{
    Bridge, Feed, Log, MemoryBus, MemoryResumeStore, NoLink, PgLog, Presence, RedisLink, RedisResumeStore,
    keep_registered,
};
use crate::supervisor::Supervisor;

/// The bus, its receiving end, and the dependencies of the delivery.
pub(super) struct BusSetup {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) feed: Box<dyn Feed>,
    pub(super) deps: DeliveryDeps,
    /// The link to other nodes, where there is one.
    pub(super) bridge: Option<Arc<RedisLink>>,
}

impl BusSetup {
    pub(super) async fn open(
        settings: &Settings,
        pool: &Pool,
        presence: Arc<Presence>,
        supervisor: &Supervisor,
    ) -> Result<Self> {
        let log: Arc<dyn Log> = Arc::new(PgLog::new(pool.clone()));
        let (bus, subscription) = MemoryBus::new();
        let lost = subscription.lost();
        let redis = &settings.redis;
        if redis.url.is_empty() {
            // On a configured database, other nodes may write to the log, and nothing notifies this one.
            let link = Arc::new(NoLink { shared_database: !settings.database.url.is_empty() });
            let deps = DeliveryDeps { log, resume_store: Arc::new(MemoryResumeStore::default()), lost, link };
            return Ok(Self { bus: Arc::new(bus), feed: Box::new(subscription), deps, bridge: None });
        }
        let (url, prefix) = (redis.url.expose(), &redis.prefix);
        let resume_store = Arc::new(RedisResumeStore::open(url, prefix, log.clone())?);
        let Bridge { bus, feed, link } =
            Bridge::open(url, prefix, (bus, subscription), presence, supervisor)?;
        keep_registered(pool, &link, supervisor).await?;
        let deps = DeliveryDeps { log, resume_store, lost, link: link.clone() };
        Ok(Self { bus: Arc::new(bus), feed: Box::new(feed), deps, bridge: Some(link) })
    }
}
