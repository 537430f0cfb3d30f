//! What carries frames: a queue in memory, bridged to other nodes where a Redis is configured.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::config::Settings;
use crate::db::Pool;
use crate::error::Result;
use crate::services::realtime::{
    Bridge, Bus, Feed, Link, MemoryBus, NoLink, Presence, RedisLink, keep_registered,
};

/// The bus, its other end, and what is known of how well it carries.
pub(super) struct Carrier {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) feed: Box<dyn Feed>,
    /// Up while the bus has lost frames.
    pub(super) lost: Arc<AtomicBool>,
    pub(super) link: Arc<dyn Link>,
    /// The tie to other nodes, where there is one.
    pub(super) bridge: Option<Arc<RedisLink>>,
}

impl Carrier {
    pub(super) async fn open(settings: &Settings, pool: &Pool, presence: Arc<Presence>) -> Result<Self> {
        let (bus, subscription) = MemoryBus::new();
        let lost = subscription.lost();
        let redis = &settings.redis;
        if redis.url.is_empty() {
            // On a database of one's own, other nodes may write to the log, and nothing tells of it.
            let link = NoLink { shared_database: !settings.database.url.is_empty() };
            let (bus, feed) = (Arc::new(bus), Box::new(subscription));
            return Ok(Self { bus, feed, lost, link: Arc::new(link), bridge: None });
        }
        let bridge = Bridge::open(redis.url.expose(), &redis.prefix, (bus, subscription), presence)?;
        keep_registered(pool, &bridge.link).await?;
        Ok(Self {
            bus: Arc::new(bridge.bus),
            feed: Box::new(bridge.feed),
            lost,
            link: bridge.link.clone(),
            bridge: Some(bridge.link),
        })
    }
}
