//! The rights of an account: the permissions of its roles, and its organisation's role set. They travel with requests
//! that are decided later, when the membership in the team or channel is known.

use std::sync::Arc;

use super::names::Permissions;
use super::role_set::{Membership, RoleSet};

/// The rights of an account. The default is none.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    account: Permissions,
    role_set: Option<Arc<RoleSet>>,
}

impl Rights {
    /// The rights of an account with these permissions.
    pub fn new(account: Permissions, role_set: Arc<RoleSet>) -> Self {
        Self { account, role_set: Some(role_set) }
    }

    /// The permissions of the account, everywhere in the organisation.
    pub fn account(&self) -> Permissions {
        self.account
    }

    /// The permissions in a team, those of the account included.
    pub fn in_team(&self, membership: Membership) -> Permissions {
        self.role_set
            .as_ref()
            .map_or(self.account, |role_set| self.account.union(role_set.in_team(membership)))
    }

    /// The permissions in a channel, those of the account included.
    pub fn in_channel(&self, membership: Membership) -> Permissions {
        self.role_set
            .as_ref()
            .map_or(self.account, |role_set| self.account.union(role_set.in_channel(membership)))
    }
}
