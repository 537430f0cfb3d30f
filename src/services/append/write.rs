//! Committing drafts that wait: all together, so that a disk flush is shared.

use super::TextIndex;
use super::batch::{Facts, Repeats};
use super::effects::sent_before;
use crate::error::{Error, Kind, Result};
use crate::services::core::Core;
use crate::services::drafts::{Draft, Posted, Waiting};

/// Batches in which repeats are looked for after there was one: whoever sends something again and again does not cost the
/// others a second try of each batch.
const WARY: u32 = 128;

/// Posts batch after batch.
pub struct Appender {
    core: Core,
    index: TextIndex,
    wary: u32,
}

impl Appender {
    /// One that was asked to post nothing yet.
    pub fn new(core: Core) -> Self {
        Self { index: TextIndex::new(core.clone()), core, wary: 0 }
    }

    /// Posts all that wait in one transaction and answers each sender. Should the transaction fail for a reason that may
    /// lie in a single row, each is tried alone, so that it fails for its own sender only. That drafts were posted before
    /// is not asked each time, since hardly any was: the index that forbids it says so, and then they are looked for.
    pub async fn write(&mut self, waiting: Vec<Waiting>) {
        let (drafts, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|w| (w.draft, w.answer)).unzip();
        let posted = match self.commit(&drafts).await {
            Ok(posted) => posted,
            Err(error) if drafts.len() == 1 || matches!(error.kind, Kind::Unavailable { .. }) => {
                drafts.iter().map(|_| Err(error.again())).collect()
            }
            Err(error) => {
                tracing::warn!(error = %error, posts = drafts.len(), "a batch of posts failed; trying each alone");
                one_by_one(&self.core, &drafts).await
            }
        };
        self.index.grew(posted.iter().filter(|posted| posted.is_ok()).count());
        for (answer, posted) in answers.into_iter().zip(posted) {
            // Whoever asked may be gone; the post is made all the same.
            drop(answer.send(posted));
        }
    }

    async fn commit(&mut self, drafts: &[Draft]) -> Result<Vec<Posted>> {
        if self.wary == 0 {
            match commit(&self.core, drafts, Repeats::Unexpected).await {
                Err(error) if error.kind == Kind::Conflict => self.wary = WARY,
                committed => return committed,
            }
        }
        self.wary -= 1;
        commit(&self.core, drafts, Repeats::Expected).await
    }
}

async fn commit(core: &Core, drafts: &[Draft], repeats: Repeats) -> Result<Vec<Posted>> {
    let mut tx = core.writing().await?;
    let (opened, facts) = tokio::join!(biased; tx.open(), Facts::read(&tx, drafts, repeats));
    opened?;
    let mut facts = facts?;
    let (posted, mut effects) = facts.judge_all(drafts);
    if repeats == Repeats::Unexpected && posted.iter().any(Result::is_err) {
        // What is refused now may have been posted when it was sent first.
        return Err(sent_before());
    }
    effects.tell(&mut tx, facts.channels());
    let (written, numbers) = tokio::join!(biased; effects.write(&tx, facts.channels()), tx.number());
    written?;
    tx.commit_as(numbers?).await?;
    Ok(posted)
}

async fn one_by_one(core: &Core, drafts: &[Draft]) -> Vec<Posted> {
    let mut answers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let posted = commit(core, std::slice::from_ref(draft), Repeats::Expected).await;
        answers.push(
            posted.and_then(|mut posted| posted.pop().unwrap_or_else(|| Err(Error::internal("no answer")))),
        );
    }
    answers
}
