//! The post writer: commits all waiting posts, of all requests, in one transaction. Committing costs a disk flush;
//! posts that come while one runs share the next. An idle server commits a batch of one without delay.
//!
//! It is a supervised task and no actor: it takes one kind of thing, from a queue of its own, for as long as the
//! process lives. It has a database connection of its own, opened and used on the thread on which it runs, where no
//! requests are answered: a reply of the database is read where it is waited for.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::services::Core;
use crate::services::channels::append::Appender;
use crate::services::channels::post_queue::WriterInbox;
use crate::supervisor::Pulse;

/// The inbox of pending posts, which outlives a writer that dies: what waits in it is committed by the next one.
pub type SharedInbox = Arc<Mutex<WriterInbox>>;

/// Commits the posts that come into `inbox`. Should it die, the senders of the batch in hand are told to try again:
/// whether that was committed shows when they do, by the identifiers that they gave their posts.
pub async fn write(core: Core, inbox: SharedInbox, pulse: Pulse) {
    let mut inbox = inbox.lock().await;
    let mut appender = Appender::new(core);
    loop {
        let waiting = pulse.during(inbox.next()).await;
        if waiting.is_empty() {
            return;
        }
        appender.write(waiting).await;
    }
}
