//! Keeping posts for as long as their organisation wants, and no longer. A thread goes as a whole, when nothing was said
//! in it for that time: told as a deletion by a person is, and then emptied, since what is deleted by a person is kept.

use super::erasure;
use crate::db;
use crate::error::Result;
use crate::services::append;
use crate::services::core::Tx;
use crate::wire::Event;

/// Deletes posts whose time is over, with their threads, at most `limit`; how many.
pub async fn retain(tx: &mut Tx, limit: i64) -> Result<i64> {
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
    Ok(i64::try_from(outdated.len()).unwrap_or(limit))
}
