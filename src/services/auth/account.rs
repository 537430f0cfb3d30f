//! An account and what it may do, whether or not it is the one that asks: what somebody promised is good for no more
//! than they may do themselves when it is claimed.

use std::sync::Arc;

use super::Caller;
use crate::db::{self, Conn};
use crate::error::Result;
use crate::services::permissions::{Rights, RoleSet};
use crate::wire::{OrgId, UserId};

/// An account of an organisation, with its rights.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whose.
    pub id: UserId,
    /// Of which organisation.
    pub org: OrgId,
    /// What it may do.
    pub rights: Rights,
}

impl From<&Caller> for Account {
    fn from(caller: &Caller) -> Self {
        Self { id: caller.id, org: caller.org, rights: caller.rights() }
    }
}

impl Account {
    /// The account `id` of `org` as of now, by what that organisation made of the roles; none if it is switched off.
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
