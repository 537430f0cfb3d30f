//! Erases deleted posts from the log. A client that reconnects later, in any way, receives under the old numbers that a
//! post was there and is deleted.
//!
//! That is done in the transaction of the deletion. Copies in the nodes' memory are handled elsewhere: a room drops
//! them when it relays the event of the deletion, and a connection that is resumed reads them again from the log.

use std::collections::BTreeMap;

use crate::db::post_events::{Logged, posted, replace, shown_again};
use crate::db::posts::Gone;
use crate::error::Result;
use crate::services::platform::Tx;
use crate::wire::{ChannelId, Millis, PostId, blank};

/// The posts, or events, that are processed together: their frames are in memory at once.
const PART: usize = 50;

/// Blanks the events of a channel that announced the posts `gone`, and those that show them again.
pub(super) async fn from_log(tx: &mut Tx, channel: ChannelId, gone: &[Gone]) -> Result<()> {
    for part in gone.chunks(PART) {
        let deleted: BTreeMap<PostId, Millis> = part.iter().map(|gone| (gone.id, gone.delete_at)).collect();
        let names: Vec<String> = part.iter().map(|gone| gone.id.to_string()).collect();
        let made: Vec<Millis> = part.iter().map(|gone| gone.create_at).collect();
        let first = posted(tx, channel, &names, &made).await?;
        write(tx, channel, first, &deleted).await?;
        again(tx, channel, &deleted).await?;
    }
    Ok(())
}

/// Blanks the events that show posts again, which may be many.
async fn again(tx: &mut Tx, channel: ChannelId, deleted: &BTreeMap<PostId, Millis>) -> Result<()> {
    let ids: Vec<PostId> = deleted.keys().copied().collect();
    let limit = i64::try_from(PART).unwrap_or(i64::MAX);
    let mut last = 0;
    loop {
        let events = shown_again(tx, channel, &ids, last, limit).await?;
        let Some(newest) = events.last().map(|event| event.seq) else { return Ok(()) };
        last = newest;
        write(tx, channel, events, deleted).await?;
    }
}

async fn write(
    tx: &mut Tx,
    channel: ChannelId,
    events: Vec<Logged>,
    deleted: &BTreeMap<PostId, Millis>,
) -> Result<()> {
    let blanks = events.into_iter().filter_map(|event| {
        let frame = blank::blank(&event.frame, |id| deleted.get(&id).copied())?;
        Some((event.seq, frame))
    });
    let (seqs, frames): (Vec<_>, Vec<_>) = blanks.unzip();
    if !seqs.is_empty() {
        replace(tx, channel, &seqs, &frames).await?;
    }
    Ok(())
}
