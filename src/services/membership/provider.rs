//! Signing in at a provider (OpenID Connect), with an existing account or a new one, by an invitation if there is one.
//! `auth::openid` verifies what the provider proves. People with an account accept their invitation after the sign-in,
//! like everybody else.

use std::sync::Arc;

use super::accept::{add_to_team, note};
use super::invitation::{Key, find};
use crate::db::users::User;
use crate::error::{Kind, Result};
use crate::services::auth::accounts;
use crate::services::auth::audits::Client;
use crate::services::auth::openid::{self, Brought, Completed, Newcomer, Returned, Who};
use crate::services::auth::permissions::RoleSet;
use crate::services::membership::Core;
use crate::services::users::{self, NewUser, Way};
use crate::wire::OrgId;

/// Completes a sign-in: makes an account if the person has none, and begins a session.
pub async fn sign_in(core: &Core, org: OrgId, returned: Returned, client: &Client) -> Result<Completed> {
    let (who, onward) = openid::arrive(core, org, returned, client).await?;
    match who {
        Who::Known(row) => onward.via_invitation().let_in(core, &row, client).await,
        Who::New(newcomer) => {
            let coming = Coming { org, key: onward.brought().map(Key::from), client };
            let made = coming.make(core, &newcomer).await;
            let row = openid::unless_let_in(core, org, client, made).await?;
            onward.let_in(core, &row, client).await
        }
    }
}

/// The circumstances under which a new account is made.
struct Coming<'a> {
    org: OrgId,
    key: Option<Key<'a>>,
    client: &'a Client,
}

impl Coming<'_> {
    /// Makes an account under the first user name that is free.
    async fn make(&self, core: &Core, newcomer: &Newcomer) -> Result<User> {
        let role_set = core.role_sets.of(&core.pool, self.org).await?;
        for username in newcomer.usernames() {
            let new = NewUser {
                username,
                email: newcomer.email.clone(),
                first_name: newcomer.first_name.clone(),
                last_name: newcomer.last_name.clone(),
                ..NewUser::default()
            };
            match self.called(core, &role_set, (new, &newcomer.subject)).await {
                Err(error) if error.id == accounts::NAME_TAKEN => {}
                Err(error) if error.kind == Kind::NotBuilt => return Err(openid::closed()),
                made => return made,
            }
        }
        Err(openid::taken())
    }

    /// Makes an account under this name, in one transaction with its team membership and the use of the invitation.
    async fn called(&self, core: &Core, role_set: &Arc<RoleSet>, account: (NewUser, &str)) -> Result<User> {
        let way = if self.key.is_some() { Way::ProvenInvited } else { Way::Proven };
        let mut tx = core.begin().await?;
        let mut user = users::foreign(core, &mut tx, self.org, account, (way, self.client)).await?;
        let invitation = match self.key {
            Some(key) => Some(find(core, &mut tx, role_set, self.org, key).await?),
            None => None,
        };
        if let Some(invitation) = &invitation {
            invitation.check_address(&user.email)?;
            user = add_to_team(core, &mut tx, invitation, user).await?;
        }
        note(&mut tx, &user, invitation.as_ref(), self.client).await?;
        tx.commit().await?;
        Ok(user)
    }
}

impl<'a> From<&'a Brought> for Key<'a> {
    fn from(brought: &'a Brought) -> Self {
        match brought {
            Brought::Code(code) => Key::Code(code),
            Brought::Token(token) => Key::Token(token),
        }
    }
}
