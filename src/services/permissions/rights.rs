//! What somebody may do wherever they are: the permissions of their account, and what their organisation made of the
//! roles of members. They travel with what is judged later, when it is known where they stand.

use std::sync::Arc;

use super::names::Permissions;
use super::role_set::{Membership, RoleSet};

/// Somebody's rights. The default ones are none.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    account: Permissions,
    role_set: Option<Arc<RoleSet>>,
}

impl Rights {
    /// Those of an account.
    pub fn new(account: Permissions, role_set: Arc<RoleSet>) -> Self {
        Self { account, role_set: Some(role_set) }
    }

    /// What the account permits, everywhere in the organisation.
    pub fn account(&self) -> Permissions {
        self.account
    }

    /// What they may do in a team.
    pub fn in_team(&self, membership: Membership) -> Permissions {
        self.role_set
            .as_ref()
            .map_or(self.account, |role_set| self.account.union(role_set.in_team(membership)))
    }

    /// What they may do in a channel.
    pub fn in_channel(&self, membership: Membership) -> Permissions {
        self.role_set
            .as_ref()
            .map_or(self.account, |role_set| self.account.union(role_set.in_channel(membership)))
    }
}
