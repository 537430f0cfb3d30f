//! The rate limits of clients, if they are enabled; shared with other nodes where there is a Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::error::Result;
use crate::services::platform::limits::{Limits, share};
use crate::services::realtime::RedisSharedRateLimit;

/// The interval between two sweeps of the buckets of quiet clients.
const ROUND: Duration = Duration::from_secs(60);

/// The limit of requests.
pub(super) fn of_requests(settings: &Settings) -> Result<Option<Arc<Limits>>> {
    let limits = Limits::new(settings.limits.requests_per_second, settings.limits.burst);
    started(settings, limits, "")
}

/// The limit of password checks and hashes.
pub(super) fn of_passwords(settings: &Settings) -> Result<Option<Arc<Limits>>> {
    let limits = Limits::new(settings.limits.passwords_per_second, settings.limits.passwords_burst);
    started(settings, limits, ":passwords")
}

fn started(settings: &Settings, limits: Limits, name: &str) -> Result<Option<Arc<Limits>>> {
    if !settings.limits.enabled {
        return Ok(None);
    }
    let limits = Arc::new(limits);
    if !settings.redis.url.is_empty() {
        let prefix = format!("{}{name}", settings.redis.prefix);
        let ledger = Arc::new(RedisSharedRateLimit::open(settings.redis.url.expose(), &prefix)?);
        actix_web::rt::spawn(share(limits.clone(), ledger));
    }
    let swept = limits.clone();
    actix_web::rt::spawn(async move {
        loop {
            tokio::time::sleep(ROUND).await;
            swept.sweep(Instant::now());
        }
    });
    Ok(Some(limits))
}
