//! Committing pending posts: all that wait in one transaction, so that they share a disk flush.

use super::TextIndex;
use super::batch::{Facts, Repeats};
use super::effects::sent_before;
use crate::error::{Error, Kind, Result};
use crate::services::channels::Core;
use crate::services::channels::post_queue::{PendingPost, PostOutcome, QueuedPost};

/// Batches in which repeats are looked for after there was one: a client that repeats a post again and again does not
/// cost the others a second try of each batch.
const CHECKED_BATCHES: u32 = 128;

/// Commits batches of pending posts.
pub struct Appender {
    core: Core,
    index: TextIndex,
    check_duplicates: u32,
}

impl Appender {
    /// Creates an appender.
    pub fn new(core: Core) -> Self {
        Self { index: TextIndex::new(core.clone()), core, check_duplicates: 0 }
    }

    /// Commits all that wait in one transaction and answers each sender. If the transaction fails for a reason that may
    /// lie in a single row, each post is tried alone, so that only its own sender gets the error. Repeats are rare, so
    /// they are not looked for at first: the unique index refuses them, and then they are looked for.
    pub async fn write(&mut self, waiting: Vec<QueuedPost>) {
        let (pending, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|w| (w.pending, w.answer)).unzip();
        let posted = match self.commit(&pending).await {
            Ok(posted) => posted,
            Err(error) if pending.len() == 1 || matches!(error.kind, Kind::Unavailable { .. }) => {
                pending.iter().map(|_| Err(error.again())).collect()
            }
            Err(error) => {
                tracing::warn!(error = %error, posts = pending.len(), "a batch of posts failed; trying each alone");
                one_by_one(&self.core, &pending).await
            }
        };
        self.index.grew(posted.iter().filter(|posted| posted.is_ok()).count());
        for (answer, posted) in answers.into_iter().zip(posted) {
            // The sender may be gone; the post is made all the same.
            drop(answer.send(posted));
        }
    }

    async fn commit(&mut self, pending: &[PendingPost]) -> Result<Vec<PostOutcome>> {
        if self.check_duplicates == 0 {
            match commit(&self.core, pending, Repeats::Unexpected).await {
                Err(error) if error.kind == Kind::Conflict => self.check_duplicates = CHECKED_BATCHES,
                committed => return committed,
            }
        }
        self.check_duplicates -= 1;
        commit(&self.core, pending, Repeats::Expected).await
    }
}

async fn commit(core: &Core, pending: &[PendingPost], repeats: Repeats) -> Result<Vec<PostOutcome>> {
    let mut tx = core.writing().await?;
    let (opened, facts) = tokio::join!(biased; tx.open(), Facts::read(&tx, pending, repeats));
    opened?;
    let mut facts = facts?;
    let (posted, mut effects) = facts.judge_all(pending);
    if repeats == Repeats::Unexpected && posted.iter().any(Result::is_err) {
        // A post that is refused now may be a repeat of one that was accepted.
        return Err(sent_before());
    }
    effects.tell(&mut tx, facts.channels());
    let (written, numbers) = tokio::join!(biased; effects.write(&tx, facts.channels()), tx.number());
    written?;
    tx.commit_as(numbers?).await?;
    Ok(posted)
}

async fn one_by_one(core: &Core, pending: &[PendingPost]) -> Vec<PostOutcome> {
    let mut answers = Vec::with_capacity(pending.len());
    for pending in pending {
        let posted = commit(core, std::slice::from_ref(pending), Repeats::Expected).await;
        answers.push(
            posted.and_then(|mut posted| posted.pop().unwrap_or_else(|| Err(Error::internal("no answer")))),
        );
    }
    answers
}
