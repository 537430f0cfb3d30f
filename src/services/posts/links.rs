//! The links of a post: a task looks at them after it is on disk, and what is learned is announced as an edit that changes
//! neither text nor times.

use super::with_reactions;
use crate::db;
use crate::error::Result;
use crate::services::platform::Tx;
use crate::services::platform::tasks::{self, ExternalTask, PostRef, Task};
use crate::services::posts::{Core, previews};
use crate::wire::{Event, OrgId, PostId};

/// Whether a text has links to look at.
pub(super) fn has_some(core: &Core, message: &str) -> bool {
    core.settings.fetch.previews && !previews::links(message).is_empty()
}

/// Has the links of a post that is edited in the open transaction looked at.
pub(super) async fn follow(core: &Core, tx: &mut Tx, of: PostRef, message: &str) -> Result<()> {
    if has_some(core, message) {
        tasks::enqueue(tx, &Task::External(ExternalTask::Preview(of))).await?;
    }
    Ok(())
}

/// Looks at the links of a post, if it is still there, and announces what is learned.
pub async fn preview(core: &Core, org: OrgId, id: PostId) -> Result<()> {
    let row = db::posts::find(&mut *core.read().await?, org, id).await?;
    let Some(row) = row.filter(|row| row.delete_at == 0) else { return Ok(()) };
    if has_some(core, &row.message) {
        previews::learn(core, org, &previews::links(&row.message)).await?;
        announce(core, org, id).await?;
    }
    Ok(())
}

async fn announce(core: &Core, org: OrgId, id: PostId) -> Result<()> {
    let mut tx = core.begin().await?;
    let Some(row) = db::posts::lock(&mut tx, org, id).await?.filter(|row| row.delete_at == 0) else {
        return Ok(());
    };
    let post = with_reactions(&mut tx, row).await?;
    if post.metadata.embeds.is_empty() && post.metadata.images.is_empty() {
        return Ok(());
    }
    tx.emit(Event::PostEdited { post: Box::new(post) });
    tx.commit().await
}
