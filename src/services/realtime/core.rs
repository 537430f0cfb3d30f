//! The core of realtime: the connections of this node, as services know them.

use std::ops::Deref;
use std::sync::Arc;

use super::{Presence, RedisLink, Throttle};
use crate::services::platform::{self, Shared};

/// The state of this floor and of those below.
pub type Core = Shared<Parts>;

/// The contents of a [`Core`]; the composition root fills it.
pub struct Parts {
    /// The core of the floor below.
    pub below: platform::Core,
    /// The accounts that are connected.
    pub presence: Arc<Presence>,
    /// The link to other nodes, where there is one.
    pub bridge: Option<Arc<RedisLink>>,
    /// The accounts that were announced as typing a moment ago.
    pub writing: Throttle,
}

impl Deref for Parts {
    type Target = platform::Core;
    fn deref(&self) -> &platform::Core {
        &self.below
    }
}
