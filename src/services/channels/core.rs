//! The core of the channels: the queue that posts are written through.

use std::ops::Deref;

use super::post_queue::PostQueue;
use crate::services::platform::Shared;
use crate::services::teams;

/// The state of this floor and of those below.
pub type Core = Shared<Parts>;

/// The contents of a [`Core`]; the composition root fills it.
pub struct Parts {
    /// The core of the floor below.
    pub below: teams::Core,
    /// The queue of posts that wait for the writer.
    pub post_queue: PostQueue,
}

impl Deref for Parts {
    type Target = teams::Core;
    fn deref(&self) -> &teams::Core {
        &self.below
    }
}
