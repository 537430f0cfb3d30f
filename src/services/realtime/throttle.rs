//! How often an ephemeral event is worth telling. Each node counts for itself.

use std::time::Duration;

use moka::future::Cache;

use crate::wire::{ChannelId, UserId};

/// For how long one "somebody is writing" does for all that follow. Clients show it for some seconds.
const PAUSE: Duration = Duration::from_secs(1);

/// Writers remembered at most.
const CAPACITY: u64 = 100_000;

/// Who was announced as writing a moment ago, and where.
pub struct Throttle {
    told: Cache<(UserId, ChannelId), ()>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { told: Cache::builder().max_capacity(CAPACITY).time_to_live(PAUSE).build() }
    }
}

impl Throttle {
    /// Whether it was told a moment ago.
    pub fn was_told(&self, user: UserId, channel: ChannelId) -> bool {
        self.told.contains_key(&(user, channel))
    }

    /// It is told now. False if somebody else told it in the meantime.
    pub async fn tell(&self, user: UserId, channel: ChannelId) -> bool {
        self.told.entry((user, channel)).or_insert(()).await.is_fresh()
    }
}
