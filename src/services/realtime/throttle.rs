//! The throttle of typing events. Each node counts for itself.

use std::time::Duration;

use moka::future::Cache;

use crate::wire::{ChannelId, UserId};

/// How long one typing event stands for all that follow. Clients show it for some seconds.
const PAUSE: Duration = Duration::from_secs(1);

/// Accounts and channels remembered at most.
const CAPACITY: u64 = 100_000;

/// The accounts that were announced as typing a moment ago, and their channels.
pub struct Throttle {
    told: Cache<(UserId, ChannelId), ()>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { told: Cache::builder().max_capacity(CAPACITY).time_to_live(PAUSE).build() }
    }
}

impl Throttle {
    /// Whether the account was announced in the channel a moment ago.
    pub fn was_told(&self, user: UserId, channel: ChannelId) -> bool {
        self.told.contains_key(&(user, channel))
    }

    /// Notes that it is announced now. False if another request did so meanwhile.
    pub async fn tell(&self, user: UserId, channel: ChannelId) -> bool {
        self.told.entry((user, channel)).or_insert(()).await.is_fresh()
    }
}
