//! Posts on their way to the writer: what somebody wants to post, and the queue that it waits in until it is committed
//! together with its neighbours.

use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Kind, Result};
use crate::services::permissions::Rights;
use crate::services::texts::Reading;
use crate::wire::{ChannelId, FileId, Object, Post, PostId, UserId};

/// Posts that may wait. Beyond, senders are told to come back later.
const CAPACITY: usize = 4096;

/// Posts that are committed together at most.
pub const BATCH: usize = 256;

/// Bytes of these posts; the one with which they are reached is the last.
const BATCH_BYTES: usize = 4 << 20;

/// A post that somebody wants to make.
#[derive(Debug, Clone)]
pub struct PendingPost {
    /// Its identifier, made by the server.
    pub id: PostId,
    /// Where.
    pub channel: ChannelId,
    /// By whom.
    pub author: UserId,
    /// The post that it answers.
    pub root: Option<PostId>,
    /// Its type; empty for people's posts.
    pub kind: String,
    /// Its text, within the limits.
    pub message: String,
    /// What its text, and what hangs on it, says to the server.
    pub reading: Reading,
    /// Free-form facts.
    pub props: Object,
    /// Files that hang on it: those of them that are its author's own, of its channel and on no post yet.
    pub files: Vec<FileId>,
    /// What its sender calls it; empty if nothing.
    pub pending_id: String,
    /// Whether posting shows that the author is there.
    pub set_online: bool,
    /// On whose word it is posted.
    pub origin: PostOrigin,
    /// Bytes of its text and its facts.
    pub size: usize,
    /// What its author's account may do, and what follows from the place; nobody asks it of the server.
    pub rights: Rights,
}

/// On whose word a pending post is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostOrigin {
    /// The author's: they must be a member when it is posted, and have read what stands before it.
    Author,
    /// The server's, about something that the author did: no membership is asked for.
    Notice,
}

/// What became of a pending post: the post, or why there is none.
pub type PostOutcome = Result<Post>;

/// A pending post whose sender waits for the answer.
#[derive(Debug)]
pub struct QueuedPost {
    /// What to post.
    pub pending: PendingPost,
    /// Where the answer goes; nobody may be there any more.
    pub answer: oneshot::Sender<PostOutcome>,
}

/// The senders' end of the queue.
#[derive(Clone)]
pub struct PostQueue {
    sender: mpsc::Sender<QueuedPost>,
}

/// The writer's end of the queue.
pub struct WriterInbox {
    receiver: mpsc::Receiver<QueuedPost>,
}

/// A queue of pending posts and its inbox.
pub fn queue() -> (PostQueue, WriterInbox) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    (PostQueue { sender }, WriterInbox { receiver })
}

impl PostQueue {
    /// Hands a pending post to the writer and waits until it is on disk, or refused.
    pub async fn post(&self, pending: PendingPost) -> PostOutcome {
        let (answer, done) = oneshot::channel();
        let busy =
            |detail: &str| Error { kind: Kind::Unavailable { retry_after: 1 }, ..Error::unavailable(detail) };
        self.sender
            .try_send(QueuedPost { pending, answer })
            .map_err(|e| busy(&format!("post queue: {e}")))?;
        done.await.unwrap_or_else(|_| Err(busy("the post writer stopped")))
    }
}

impl WriterInbox {
    /// All that wait, at least one and at most a batch; none when every sender is gone.
    pub async fn next(&mut self) -> Vec<QueuedPost> {
        let mut batch = Vec::new();
        let (mut next, mut bytes) = (self.receiver.recv().await, 0);
        while let Some(waiting) = next {
            bytes += waiting.pending.size;
            batch.push(waiting);
            let more = batch.len() < BATCH && bytes < BATCH_BYTES;
            next = if more { self.receiver.try_recv().ok() } else { None };
        }
        batch
    }
}
