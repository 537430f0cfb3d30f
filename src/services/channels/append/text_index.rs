//! The text index of posts. PostgreSQL puts new entries of such an index on a list beside it (a GIN index's pending
//! list), and the insert that makes the list too long merges it: that would be the post writer, while everybody waits
//! for it. So it is merged in the background, in small parts, before that.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::db;
use crate::error::Result;
use crate::services::channels::Core;

/// New posts that are merged at a time: some hundred kilobytes; PostgreSQL itself merges at four megabytes.
const PART: usize = 512;

/// The counter of posts that are not merged yet.
pub(super) struct TextIndex {
    core: Core,
    new: usize,
    turn: Arc<Semaphore>,
}

impl TextIndex {
    /// Starts without new posts.
    pub(super) fn new(core: Core) -> Self {
        Self { core, new: 0, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Counts new posts, and starts a merge in the background when they are many.
    pub(super) fn grew(&mut self, posts: usize) {
        self.new += posts;
        if self.new < PART {
            return;
        }
        let Ok(turn) = self.turn.clone().try_acquire_owned() else { return };
        self.new = 0;
        let core = self.core.clone();
        tokio::spawn(async move {
            if let Err(error) = merge(&core).await {
                tracing::debug!(%error, "new posts were not merged into the text index: PostgreSQL will do it");
            }
            drop(turn);
        });
    }
}

async fn merge(core: &Core) -> Result<()> {
    let mut conn = core.read().await?;
    Ok(db::search::merge_new(&mut conn).await?)
}
