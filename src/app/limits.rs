//! The rate limits of clients, if they are enabled; shared with other nodes where there is a Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::error::Result;
use crate::services::platform::limits::{Limits, share};
use crate::services::realtime::RedisSharedRateLimit;
use crate::supervisor::{Spec, Supervisor};

/// The interval between two sweeps of the buckets of quiet clients.
const ROUND: Duration = Duration::from_secs(60);

/// The names of the tasks of a limit.
struct Names {
    /// Ends the name of the buckets in Redis.
    suffix: &'static str,
    share: &'static str,
    sweep: &'static str,
}

/// The limit of requests.
pub(super) fn of_requests(settings: &Settings, supervisor: &Supervisor) -> Result<Option<Arc<Limits>>> {
    let limits = Limits::new(settings.limits.requests_per_second, settings.limits.burst);
    let names = Names { suffix: "", share: "request_limits", sweep: "request_buckets" };
    started(settings, supervisor, limits, names)
}

/// The limit of password checks and hashes.
pub(super) fn of_passwords(settings: &Settings, supervisor: &Supervisor) -> Result<Option<Arc<Limits>>> {
    let limits = Limits::new(settings.limits.passwords_per_second, settings.limits.passwords_burst);
    let names = Names { suffix: ":passwords", share: "password_limits", sweep: "password_buckets" };
    started(settings, supervisor, limits, names)
}

fn started(
    settings: &Settings,
    supervisor: &Supervisor,
    limits: Limits,
    names: Names,
) -> Result<Option<Arc<Limits>>> {
    if !settings.limits.enabled {
        return Ok(None);
    }
    let limits = Arc::new(limits);
    if !settings.redis.url.is_empty() {
        let prefix = format!("{}{}", settings.redis.prefix, names.suffix);
        let ledger = Arc::new(RedisSharedRateLimit::open(settings.redis.url.expose(), &prefix)?);
        let shared = limits.clone();
        supervisor.start(Spec::task(names.share), move |_| share(shared.clone(), ledger.clone()));
    }
    let swept = limits.clone();
    supervisor.start(Spec::task(names.sweep), move |_| sweep(swept.clone()));
    Ok(Some(limits))
}

async fn sweep(limits: Arc<Limits>) {
    loop {
        tokio::time::sleep(ROUND).await;
        limits.sweep(Instant::now());
    }
}
