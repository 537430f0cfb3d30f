//! What carries frames: a queue in memory, bridged to other nodes where a Redis is configured.

use std::sync::Arc;

use crate::actors::hub::Means;
use crate::config::Settings;
use crate::db::Pool;
use crate::error::Result;
use crate::services::realtime::{
    Bridge, Bus, Feed, Log, MemoryBus, MemoryParking, NoLink, PgLog, Presence, RedisLink, RedisParking,
    keep_registered,
};

/// The bus, its other end, and what delivery works with.
pub(super) struct Carrier {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) feed: Box<dyn Feed>,
    pub(super) means: Means,
    /// The tie to other nodes, where there is one.
    pub(super) bridge: Option<Arc<RedisLink>>,
}

impl Carrier {
    pub(super) async fn open(settings: &Settings, pool: &Pool, presence: Arc<Presence>) -> Result<Self> {
        let log: Arc<dyn Log> = Arc::new(PgLog::new(pool.clone()));
        let (bus, subscription) = MemoryBus::new();
        let lost = subscription.lost();
        let redis = &settings.redis;
        if redis.url.is_empty() {
            // On a database of one's own, other nodes may write to the log, and nothing tells of it.
            let link = Arc::new(NoLink { shared_database: !settings.database.url.is_empty() });
            let means = Means { log, parking: Arc::new(MemoryParking::default()), lost, link };
            return Ok(Self { bus: Arc::new(bus), feed: Box::new(subscription), means, bridge: None });
        }
        let (url, prefix) = (redis.url.expose(), &redis.prefix);
        let parking = Arc::new(RedisParking::open(url, prefix, log.clone())?);
        let Bridge { bus, feed, link } = Bridge::open(url, prefix, (bus, subscription), presence)?;
        keep_registered(pool, &link).await?;
        let means = Means { log, parking, lost, link: link.clone() };
        Ok(Self { bus: Arc::new(bus), feed: Box::new(feed), means, bridge: Some(link) })
    }
}
