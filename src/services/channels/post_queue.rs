//! The post queue: pending posts wait in it for the writer, which commits all that wait in one transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::Rights;
use crate::services::platform::texts::Reading;
use crate::wire::{ChannelId, FileId, Object, Post, PostId, UserId};

/// Posts that may wait. Beyond them, senders are told to try again.
const CAPACITY: usize = 4096;

/// Bytes of these posts.
const BYTES: usize = 64 << 20;

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

impl PendingPost {
    /// Bytes that it takes while it waits, approximately.
    fn footprint(&self) -> usize {
        size_of::<QueuedPost>() + self.size
    }
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
    /// Bytes of the posts in the queue.
    waiting: Arc<AtomicUsize>,
}

/// The writer's end of the queue.
pub struct WriterInbox {
    receiver: mpsc::Receiver<QueuedPost>,
    waiting: Arc<AtomicUsize>,
}

/// Creates a queue and its inbox.
pub fn queue() -> (PostQueue, WriterInbox) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let waiting = Arc::new(AtomicUsize::new(0));
    (PostQueue { sender, waiting: waiting.clone() }, WriterInbox { receiver, waiting })
}

impl PostQueue {
    /// Queues a pending post and waits until it is committed or refused; `Unavailable` if the queue is full.
    pub async fn post(&self, pending: PendingPost) -> PostOutcome {
        let (answer, done) = oneshot::channel();
        let busy =
            |detail: &str| Error { kind: Kind::Unavailable { retry_after: 1 }, ..Error::unavailable(detail) };
        let size = pending.footprint();
        let before = self.waiting.fetch_add(size, Ordering::Relaxed);
        let fits = before.saturating_add(size) <= BYTES;
        let sent = if fits { self.sender.try_send(QueuedPost { pending, answer }).is_ok() } else { false };
        if !sent {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            return Err(busy("the post queue is full"));
        }
        done.await.unwrap_or_else(|_| Err(busy("the post writer stopped")))
    }
}

impl WriterInbox {
    /// Waits for posts; takes at least one and at most a batch. Empty when every sender is gone.
    pub async fn next(&mut self) -> Vec<QueuedPost> {
        let mut batch = Vec::new();
        let (mut next, mut bytes) = (self.receiver.recv().await, 0);
        while let Some(waiting) = next {
            self.waiting.fetch_sub(waiting.pending.footprint(), Ordering::Relaxed);
            bytes += waiting.pending.size;
            batch.push(waiting);
            let more = batch.len() < BATCH && bytes < BATCH_BYTES;
            next = if more { self.receiver.try_recv().ok() } else { None };
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn pending(size: usize) -> PendingPost {
        PendingPost {
            id: PostId::new(),
            channel: ChannelId::new(),
            author: UserId::new(),
            root: None,
            kind: String::new(),
            message: String::new(),
            has_links: false,
            reading: Reading::default(),
            props: Object::new(),
            files: Vec::new(),
            pending_id: String::new(),
            set_online: false,
            origin: PostOrigin::Author,
            size,
            rights: Rights::default(),
        }
    }

    /// Sends posts of a size for as long as they are taken; answers how many were, and the refusal of the next.
    fn fill(queue: &PostQueue, size: usize) -> (usize, Error) {
        let mut taken = 0;
        loop {
            match queue.post(pending(size)).now_or_never() {
                Some(Err(error)) => return (taken, error),
                Some(Ok(_)) => panic!("nobody commits here"),
                None => taken += 1,
            }
        }
    }

    #[tokio::test]
    async fn what_waits_is_bounded_in_number_and_in_bytes_and_the_rest_is_told_to_come_again() {
        let (sender, mut inbox) = queue();
        let (taken, refusal) = fill(&sender, 100);
        assert_eq!((taken, refusal.kind), (CAPACITY, Kind::Unavailable { retry_after: 1 }));
        assert_eq!(inbox.next().await.len(), BATCH);
        assert_eq!(fill(&sender, 100).0, BATCH, "there is space again");
        while !inbox.receiver.is_empty() {
            inbox.next().await;
        }
        assert_eq!(inbox.waiting.load(Ordering::Relaxed), 0);
        let (taken, refusal) = fill(&sender, 1 << 20);
        assert_eq!((taken, refusal.kind), (63, Kind::Unavailable { retry_after: 1 }));
        assert_eq!(inbox.next().await.len(), 4, "a batch is bounded in bytes, too");
    }
}
