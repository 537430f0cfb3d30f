//! The person who is logged in.

use std::sync::Arc;

use crate::db::sessions::Login;
use crate::error::{Error, Result};
use crate::services::auth::Client;
use crate::services::core::Core;
use crate::wire::{Millis, OrgId, SessionId, UserId};

/// A person with a living session. Holding one proves that the session was there within the last second, and on this
/// node that it was not revoked.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub id: UserId,
    /// Of which organisation; every query that starts from the caller is bound to it.
    pub org: OrgId,
    /// In which session.
    pub session: SessionId,
    login: Arc<Login>,
    client: Arc<Client>,
}

impl Caller {
    /// Whether an administrator of the organisation.
    pub fn is_admin(&self) -> bool {
        self.login.roles.split(' ').any(|role| role == "system_admin")
    }

    /// Their name, as of the last second.
    pub fn username(&self) -> &str {
        &self.login.username
    }

    /// What a request that changes something must repeat when it is authenticated by a cookie.
    pub fn csrf(&self) -> &str {
        &self.login.csrf
    }

    /// When the session ends.
    pub fn expires_at(&self) -> Millis {
        self.login.expires_at
    }

    /// From where they ask.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Proof that the caller administrates the organisation.
    pub fn admin(&self) -> Result<Admin<'_>> {
        if self.is_admin() { Ok(Admin { _caller: self }) } else { Err(Error::forbidden()) }
    }

    /// Refused unless `user` is the caller or the caller is an administrator.
    pub fn may_act_for(&self, user: UserId) -> Result<()> {
        if self.id == user || self.is_admin() { Ok(()) } else { Err(Error::forbidden()) }
    }
}

/// Proof that somebody administrates the organisation.
#[derive(Debug, Clone, Copy)]
pub struct Admin<'a> {
    _caller: &'a Caller,
}

/// Who holds the access token `token`, and asks from `client`. An unreadable token, a session that is over and an
/// account that is switched off look alike.
pub async fn authenticate(core: &Core, token: &str, client: Client) -> Result<Caller> {
    let session = core.tokens.read(token).ok_or_else(Error::unauthenticated)?;
    in_session(core, session, Arc::new(client)).await
}

/// The same caller as of now: on an open socket, roles change and sessions end.
pub async fn again(core: &Core, caller: &Caller) -> Result<Caller> {
    in_session(core, caller.session, caller.client.clone()).await
}

async fn in_session(core: &Core, session: SessionId, client: Arc<Client>) -> Result<Caller> {
    let login = core.sessions.find(&core.pool, session).await?.ok_or_else(Error::unauthenticated)?;
    Ok(Caller { id: login.user_id, org: login.org_id, session, login, client })
}
