//! The core of the users: the keywords that notify people.

use std::ops::Deref;

use crate::services::orgs;
use crate::services::platform::Shared;
use crate::services::platform::texts::Vocabulary;

/// The state of this floor and of those below.
pub type Core = Shared<Parts>;

/// The contents of a [`Core`]; the composition root fills it.
pub struct Parts {
    /// The core of the floor below.
    pub below: orgs::Core,
    /// Caches the keywords that notify people for a moment.
    pub vocabulary: Vocabulary,
}

impl Deref for Parts {
    type Target = orgs::Core;
    fn deref(&self) -> &orgs::Core {
        &self.below
    }
}
