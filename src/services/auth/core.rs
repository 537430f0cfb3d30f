//! The core of auth: the parts that authenticate callers and decide what they may.

use std::ops::Deref;

use super::credentials::{Passwords, Provider, Sessions, Tokens};
use super::permissions::RoleSets;
use crate::services::platform::Shared;
use crate::services::realtime;

/// The state of this floor and of those below.
pub type Core = Shared<Parts>;

/// The contents of a [`Core`]; the composition root fills it.
pub struct Parts {
    /// The core of the floor below.
    pub below: realtime::Core,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Signs and reads access tokens.
    pub tokens: Tokens,
    /// The single sign-on provider, if there is one.
    pub openid: Option<Provider>,
    /// Caches sessions for a moment.
    pub sessions: Sessions,
    /// Caches the organisations' roles for a moment.
    pub role_sets: RoleSets,
}

impl Deref for Parts {
    type Target = realtime::Core;
    fn deref(&self) -> &realtime::Core {
        &self.below
    }
}
