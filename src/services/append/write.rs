//! Committing drafts that wait: all together, so that a disk flush is shared.

use super::batch;
use crate::error::{Error, Result};
use crate::services::core::Core;
use crate::services::drafts::{Draft, Posted, Waiting};

/// Posts all that wait in one transaction and answers each sender. Should the transaction fail for a reason that may
/// lie in a single row, each is tried alone, so that it fails for its own sender only.
pub async fn write(core: &Core, waiting: Vec<Waiting>) {
    let (drafts, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|w| (w.draft, w.answer)).unzip();
    let posted = match commit(core, drafts.clone()).await {
        Ok(posted) => posted,
        Err(error) if drafts.len() == 1 || matches!(error.kind, crate::error::Kind::Unavailable { .. }) => {
            drafts.iter().map(|_| Err(error.again())).collect()
        }
        Err(error) => {
            tracing::warn!(error = %error, posts = drafts.len(), "a batch of posts failed; trying each alone");
            one_by_one(core, drafts).await
        }
    };
    for (answer, posted) in answers.into_iter().zip(posted) {
        // Whoever asked may be gone; the post is made all the same.
        drop(answer.send(posted));
    }
}

async fn commit(core: &Core, drafts: Vec<Draft>) -> Result<Vec<Posted>> {
    let mut tx = core.begin_writing().await?;
    let posted = batch(&mut tx, drafts).await?;
    tx.commit().await?;
    Ok(posted)
}

async fn one_by_one(core: &Core, drafts: Vec<Draft>) -> Vec<Posted> {
    let mut answers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let posted = commit(core, vec![draft]).await;
        answers.push(
            posted.and_then(|mut posted| posted.pop().unwrap_or_else(|| Err(Error::internal("no answer")))),
        );
    }
    answers
}
