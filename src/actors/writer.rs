//! The post writer: commits all waiting posts, of all requests, in one transaction. Committing costs a disk flush;
//! posts that come while one runs share the next. An idle server commits a batch of one without delay.
//!
//! It has a database connection of its own, opened and used on the writer's thread, where no requests are answered:
//! a reply of the database is read where it is waited for.

use actix::prelude::*;

use crate::services::Core;
use crate::services::channels::append::Appender;
use crate::services::channels::post_queue::WriterInbox;

/// The actor that owns the inbox of pending posts.
pub struct Writer {
    core: Core,
    inbox: Option<WriterInbox>,
}

impl Writer {
    /// Creates a writer that commits the posts that come into `inbox`.
    pub fn new(core: Core, inbox: WriterInbox) -> Self {
        Self { core, inbox: Some(inbox) }
    }
}

impl Actor for Writer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(mut inbox) = self.inbox.take() else { return };
        let mut appender = Appender::new(self.core.clone());
        let work = async move {
            loop {
                let waiting = inbox.next().await;
                if waiting.is_empty() {
                    return;
                }
                appender.write(waiting).await;
            }
        };
        ctx.spawn(work.into_actor(self).map(|(), _, ctx| ctx.stop()));
    }
}
