//! Deletes posts that are older than their organisation keeps them. A thread goes as a whole, when its newest post is
//! too old: announced like a deletion by a person, and then emptied. Posts that people deleted are kept for
//! administrators who ask for them, and emptied when their own time is over.

use super::erasure;
use crate::db;
use crate::error::Result;
use crate::services::channels::append;
use crate::services::platform::Tx;
use crate::wire::Event;

/// Deletes posts that are too old, with their replies, and empties deleted ones, at most `limit` of each; answers
/// whether there may be more.
pub async fn retain(tx: &mut Tx, limit: i64) -> Result<bool> {
    let outdated = db::posts::outdated(tx, limit).await?;
    for (channel, id) in &outdated {
        db::files::delete_with_post(tx, *id).await?;
        db::posts::pass(tx, *channel, *id, append::UNCOUNTED).await?;
        let deleted = db::posts::delete(tx, *id).await?;
        if let Some(gone) = db::posts::erase(tx, *id).await? {
            erasure::from_log(tx, gone.channel_id, &deleted).await?;
            tx.emit(Event::PostDeleted { post: Box::new(append::shape(gone)) });
        }
    }
    let emptied = db::posts::erase_deleted(tx, limit).await?;
    Ok([outdated.len(), emptied].into_iter().any(|n| i64::try_from(n).unwrap_or(limit) == limit))
}
