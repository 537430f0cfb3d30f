//! The post queue: pending posts wait in it for the writer, which commits all that wait in one transaction.

use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::Rights;
use crate::services::platform::texts::Reading;
use crate::wire::{ChannelId, FileId, Object, Post, PostId, UserId};

/// Posts that may wait. Beyond them, senders are told to try again.
const CAPACITY: usize = 4096;

/// Posts that are committed together at most.
pub const BATCH: usize = 256;

/// Bytes of these posts; the post that reaches them is the last.
const BATCH_BYTES: usize = 4 << 20;

/// A post that waits to be committed.
#[derive(Debug, Clone)]
pub struct PendingPost {
    /// Its identifier, made by the server.
    pub id: PostId,
    /// The channel.
    pub channel: ChannelId,
    /// The author.
    pub author: UserId,
    /// The first post of its thread.
    pub root: Option<PostId>,
    /// Its type; empty for people's posts.
    pub kind: String,
    /// Its text, within the limits.
    pub message: String,
    /// The parsed text, attachments included: mentions, hashtags and the like.
    pub reading: Reading,
    /// Free-form properties.
    pub props: Object,
    /// Files to attach: only those count that are the author's own, of the channel and on no post yet.
    pub files: Vec<FileId>,
    /// The sender's own identifier of the post; empty if there is none.
    pub pending_id: String,
    /// Whether posting shows the author as online.
    pub set_online: bool,
    /// Whether the author or the server posts.
    pub origin: PostOrigin,
    /// Whether its text has links to look at.
    pub has_links: bool,
    /// Bytes of its text and its properties.
    pub size: usize,
    /// The author's rights; a notice of the server has none and needs none.
    pub rights: Rights,
}

/// The party on whose authority a pending post is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostOrigin {
    /// The author: they must be a member when it is committed, and have read everything before it.
    Author,
    /// The server, about something that the author did: no membership is required.
    Notice,
}

/// The outcome of a pending post: the post, or the error.
pub type PostOutcome = Result<Post>;

/// A pending post with the channel for its outcome.
#[derive(Debug)]
pub struct QueuedPost {
    /// The post.
    pub pending: PendingPost,
    /// The sender of the outcome; the receiver may be gone.
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

/// Creates a queue and its inbox.
pub fn queue() -> (PostQueue, WriterInbox) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    (PostQueue { sender }, WriterInbox { receiver })
}

impl PostQueue {
    /// Queues a pending post and waits until it is committed or refused; `Unavailable` if the queue is full.
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
    /// Waits for posts; takes at least one and at most a batch. Empty when every sender is gone.
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
