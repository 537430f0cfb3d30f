//! An account and its rights, whether or not it is the caller: an invitation, for example, is worth no more than its
//! author may do when it is claimed.

use std::sync::Arc;

use super::Caller;
use crate::db::{self, Conn};
use crate::error::Result;
use crate::services::auth::permissions::{Rights, RoleSet};
use crate::wire::{OrgId, UserId};

/// An account of an organisation, with its rights.
#[derive(Debug, Clone)]
pub struct Account {
    /// The identifier of the account.
    pub id: UserId,
    /// Its organisation.
    pub org: OrgId,
    /// Its rights.
    pub rights: Rights,
}

impl From<&Caller> for Account {
    fn from(caller: &Caller) -> Self {
        Self { id: caller.id, org: caller.org, rights: caller.rights() }
    }
}

impl Account {
    /// The account `id` of `org` as it is now, with rights by `role_set`; `None` if it is deactivated or does not
    /// exist.
    pub async fn find(
        conn: &mut Conn,
        role_set: &Arc<RoleSet>,
        org: OrgId,
        id: UserId,
    ) -> Result<Option<Self>> {
        let row = db::users::find(conn, org, id).await?.filter(|row| row.delete_at == 0);
        let rights = |row: db::users::User| Rights::new(role_set.of_account(&row.roles), role_set.clone());
        Ok(row.map(|row| Self { id, org, rights: rights(row) }))
    }
}
