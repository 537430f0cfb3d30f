//! The text index of posts. PostgreSQL lays what is inserted into such an index on a list beside it (a GIN index's
//! pending list), and whoever makes that list too long merges it: the post writer, while everybody waits for it. So it
//! is merged from beside, in small parts, before it comes to that.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::db;
use crate::error::Result;
use crate::services::core::Core;

/// New posts that are merged at a time: some hundred kilobytes, where PostgreSQL lets four megabytes come together.
const PART: usize = 512;

/// Knows how many posts are new in the index.
pub(super) struct TextIndex {
    core: Core,
    new: usize,
    turn: Arc<Semaphore>,
}

impl TextIndex {
    /// Nothing is new yet.
    pub(super) fn new(core: Core) -> Self {
        Self { core, new: 0, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Notes that there are more posts, and has them merged when they are many; nobody waits for that.
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
