//! Keeping posts for as long as their organisation wants, and no longer. A thread goes as a whole, when nothing was
//! said in it for that time: told as a deletion by a person is, and then emptied. What a person deleted is kept for
//! administrators who ask for it, and emptied when its own time is over.

use super::erasure;
use crate::db;
use crate::error::Result;
use crate::services::append;
use crate::services::core::Tx;
use crate::wire::Event;

/// Deletes posts whose time is over, with their threads, and empties deleted ones, at most `limit` of each; whether
/// there may be more.
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
