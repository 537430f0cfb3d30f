//! The rate limit across all nodes: a bucket for each client in Redis, which fills by Redis's own clock. One script
//! settles many buckets in one round trip; no request waits for it.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_redis::redis::{Client, aio::MultiplexedConnection, cmd};
use tokio::sync::Mutex;

use super::{patient, refused};
use crate::error::{Error, Result};
use crate::services::platform::limits::SharedRateLimit;

/// Time limit of Redis.
const PATIENCE: Duration = Duration::from_millis(500);

/// Fills each bucket for the time that passed, takes the used amount, and answers what is left. A bucket's level never
/// falls below minus its size, and its key expires when it must be full.
const SETTLE: &str = "
local t = redis.call('time')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local left = {}
for i, key in ipairs(KEYS) do
  local kept = redis.call('hmget', key, 'level', 'at')
  local level, at = tonumber(kept[1]) or size, tonumber(kept[2]) or now
  level = math.min(size, level + math.max(0, now - at) * rate / 1000) - tonumber(ARGV[i + 2])
  level = math.max(level, -size)
  redis.call('hset', key, 'level', string.format('%.3f', level), 'at', now)
  redis.call('pexpire', key, math.ceil((size - level) * 1000 / rate) + 1000)
  left[i] = string.format('%.3f', level)
end
return left";

/// The rate limit that nodes share over Redis.
pub struct RedisSharedRateLimit {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
    prefix: String,
}

impl RedisSharedRateLimit {
    /// A shared rate limit at the Redis of `url`; connects when it is first used.
    pub fn open(url: &str, prefix: &str) -> Result<Self> {
        let client = Client::open(url).map_err(refused)?;
        Ok(Self { client, connection: Mutex::default(), prefix: prefix.to_owned() })
    }

    /// The connection, opened anew if the last one broke.
    async fn connection(&self) -> Result<MultiplexedConnection> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let made = self.client.get_multiplexed_async_connection_with_config(&patient(PATIENCE)).await;
        let made = made.map_err(|e| Error::unavailable(format!("redis: {e}")))?;
        Ok(kept.insert(made).clone())
    }
}

#[async_trait]
impl SharedRateLimit for RedisSharedRateLimit {
    async fn take(&self, used: &[(String, f64)], per_second: f64, size: f64) -> Result<Vec<f64>> {
        let mut connection = self.connection().await?;
        let mut settle = cmd("EVAL");
        settle.arg(SETTLE).arg(used.len());
        for (key, _) in used {
            settle.arg(format!("{}:limit:{key}", self.prefix));
        }
        settle.arg(per_second).arg(size);
        for (_, n) in used {
            settle.arg(n);
        }
        let left: std::result::Result<Vec<f64>, _> = settle.query_async(&mut connection).await;
        if left.is_err() {
            *self.connection.lock().await = None;
        }
        left.map_err(|e| Error::unavailable(format!("redis: {e}")))
    }
}
