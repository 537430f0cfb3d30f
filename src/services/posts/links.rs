//! The links of a post: fetched after it is on disk, and then announced as an edit that changes neither text nor times.

use tokio::sync::Semaphore;

use super::with_reactions;
use crate::db;
use crate::error::Result;
use crate::services::posts::{Core, previews};
use crate::wire::{Event, OrgId, Post, PostId};

/// The most posts whose links are fetched at a time on this node; further posts get no preview.
static TURNS: Semaphore = Semaphore::const_new(64);

/// Fetches the links of a post that was just made or edited, and announces the result, in the background.
pub(super) fn follow(core: &Core, org: OrgId, post: &Post) {
    let links = if core.settings.fetch.previews { previews::links(&post.message) } else { Vec::new() };
    if links.is_empty() {
        return;
    }
    let Ok(turn) = TURNS.try_acquire() else {
        tracing::debug!("too many links at a time: one stays without a preview");
        return;
    };
    let (core, id) = (core.clone(), post.id);
    tokio::spawn(async move {
        let told = learn_and_tell(&core, org, id, &links).await;
        drop(turn);
        if let Err(error) = told {
            tracing::warn!(%error, "what a link leads to could not be told");
        }
    });
}

async fn learn_and_tell(core: &Core, org: OrgId, id: PostId, links: &[String]) -> Result<()> {
    previews::learn(core, org, links).await?;
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
