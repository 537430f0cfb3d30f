//! Reads of the log: for rooms that miss numbers, and for connections that are resumed.

use async_trait::async_trait;
use uuid::Uuid;

use crate::db::{self, Pool};
use crate::error::Result;
use crate::wire::{Frame, Topic};

/// Frames that a room reads from the log at once.
pub const REPLAY_PAGE: i64 = 500;

/// Bytes of the log that are read at once; the frame that reaches them is the last.
const PAGE_BYTES: i64 = 4 << 20;

/// A page of a topic's log.
#[derive(Debug, Default)]
pub struct Page {
    /// Consecutive frames, oldest first.
    pub frames: Vec<Frame>,
    /// Whether the log may have more of them.
    pub more: bool,
}

/// The log as rooms see it.
#[async_trait]
pub trait Log: Send + Sync {
    /// Frames of `topic` after `seq`, at most `limit`, and fewer if they are large; at least one if there is any.
    async fn after(&self, topic: Topic, seq: u64, limit: i64) -> Result<Page>;

    /// The newest numbers of `topics`; those that never had an event are left out.
    async fn heads(&self, topics: &[Topic]) -> Result<Vec<(Uuid, u64)>>;
}

/// The log in PostgreSQL.
pub struct PgLog {
    pool: Pool,
}

impl PgLog {
    /// The log in the database of `pool`.
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl Log for PgLog {
    async fn after(&self, topic: Topic, seq: u64, limit: i64) -> Result<Page> {
        let from = i64::try_from(seq).unwrap_or(i64::MAX);
        let mut conn = self.pool.get().await?;
        let rows = db::events::after(&mut conn, topic.uuid(), from, (limit, PAGE_BYTES)).await?;
        let bytes: usize = rows.iter().map(|(_, row)| row.len()).sum();
        let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let more = full || i64::try_from(bytes).is_ok_and(|bytes| bytes >= PAGE_BYTES);
        let frame = |(seq, row): (i64, String)| read(topic, u64::try_from(seq).unwrap_or(0), &row);
        Ok(Page { frames: rows.into_iter().map(frame).collect(), more })
    }

    async fn heads(&self, topics: &[Topic]) -> Result<Vec<(Uuid, u64)>> {
        let ids: Vec<Uuid> = topics.iter().map(|t| t.uuid()).collect();
        let mut conn = self.pool.get().await?;
        let heads = db::topics::heads(&mut conn, &ids).await?;
        Ok(heads.into_iter().map(|(id, seq)| (id, u64::try_from(seq).unwrap_or(0))).collect())
    }
}

/// The frame of a row of the log. One that cannot be read costs its own event and none of those after it.
pub fn read(topic: Topic, seq: u64, row: &str) -> Frame {
    let frame = Frame::from_row(topic, seq, row).filter(Frame::is_sound);
    frame.unwrap_or_else(|| {
        tracing::error!(%topic, seq, bytes = row.len(), "an event of the log cannot be read and is skipped");
        Frame::unreadable(topic, seq)
    })
}
