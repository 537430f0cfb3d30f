//! What somebody may do wherever they are: the permissions of their account, and what their organisation made of the
//! roles of members. They travel with what is judged later, when it is known where they stand.

use std::sync::Arc;

use super::charter::{Charter, Place};
use super::names::Permissions;

/// Somebody's rights. The default ones are none.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    account: Permissions,
    charter: Option<Arc<Charter>>,
}

impl Rights {
    /// Those of an account.
    pub fn new(account: Permissions, charter: Arc<Charter>) -> Self {
        Self { account, charter: Some(charter) }
    }

    /// What the account permits, everywhere in the organisation.
    pub fn account(&self) -> Permissions {
        self.account
    }

    /// What they may do in a team.
    pub fn in_team(&self, place: Place) -> Permissions {
        self.charter.as_ref().map_or(self.account, |charter| self.account.and(charter.in_team(place)))
    }

    /// What they may do in a channel.
    pub fn in_channel(&self, place: Place) -> Permissions {
        self.charter.as_ref().map_or(self.account, |charter| self.account.and(charter.in_channel(place)))
    }
}
