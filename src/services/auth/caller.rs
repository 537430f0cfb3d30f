//! The account that is logged in and makes a request.

use std::sync::Arc;

use crate::db::sessions::Login;
use crate::error::{Error, Kind, Result};
use crate::services::auth::credentials::KeyHash;
use crate::services::auth::permissions::{self, Permission, Permissions, Rights, RoleSet};
use crate::services::auth::{Client, Core};
use crate::wire::{Millis, OrgId, SessionId, UserId};

/// An account with a valid session. Holding one proves that the session was valid within the last second, and on this
/// node that it was not revoked.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub id: UserId,
    /// Its organisation; every query that starts from the caller is bound to it.
    pub org: OrgId,
    /// The session.
    pub session: SessionId,
    login: Arc<Login>,
    client: Arc<Client>,
    role_set: Arc<RoleSet>,
    permissions: Permissions,
}

impl Caller {
    /// Whether the caller is an administrator of the organisation.
    pub fn is_admin(&self) -> bool {
        self.may(Permission::ManageSystem)
    }

    /// Whether the caller is a bot.
    pub fn is_bot(&self) -> bool {
        self.login.is_bot
    }

    /// Whether the caller is a guest, who sees only the channels that they were invited to, and their members.
    pub fn is_guest(&self) -> bool {
        self.login.roles.split(' ').any(|role| role == permissions::GUEST)
    }

    /// Whether the account's roles have a permission, everywhere in the organisation.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// The visibility of other accounts: those who share a channel with the account returned or, if it is `None`,
    /// everybody of the organisation.
    pub fn visibility(&self) -> Option<UserId> {
        if self.may(Permission::ViewMembers) { None } else { Some(self.id) }
    }

    /// Fails with `Forbidden` without the permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        self.permissions.require(permission)
    }

    /// The proof of a permission; fails with `Forbidden` without it.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        Permit::of(self.permissions, permission)
    }

    /// The permissions of the account's roles.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The account's rights, for decisions that also depend on a team or channel.
    pub fn rights(&self) -> Rights {
        Rights::new(self.permissions, self.role_set.clone())
    }

    /// The roles and schemes of the organisation, as of the last second.
    pub fn role_set(&self) -> &Arc<RoleSet> {
        &self.role_set
    }

    /// The user name, as of the last second.
    pub fn username(&self) -> &str {
        &self.login.username
    }

    /// The CSRF token that a changing request must repeat when it is authenticated by a cookie.
    pub fn csrf(&self) -> &str {
        &self.login.csrf
    }

    /// The time at which the session ends.
    pub fn expires_at(&self) -> Millis {
        self.login.expires_at
    }

    /// The client that the request comes from.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the caller is an operator of the deployment.
    pub fn is_operator(&self) -> bool {
        self.login.is_operator
    }

    /// The proof that the caller is an operator; fails with `Forbidden` otherwise.
    pub fn operator(&self) -> Result<Operator<'_>> {
        if self.is_operator() { Ok(Operator { caller: self }) } else { Err(Error::forbidden()) }
    }

    /// The proof that the caller is an administrator of the organisation; fails with `Forbidden` otherwise.
    pub fn admin(&self) -> Result<Admin<'_>> {
        if self.is_admin() { Ok(Admin { _caller: self }) } else { Err(Error::forbidden()) }
    }

    /// Fails with `Forbidden` unless `user` is the caller or the caller is an administrator. For reading only: acting
    /// on another account needs an account authority (`users::over`).
    pub fn may_look_for(&self, user: UserId) -> Result<()> {
        if self.id == user || self.is_admin() { Ok(()) } else { Err(Error::forbidden()) }
    }
}

/// The proof of a permission: in the organisation, or in the team or channel of the access that gave it.
#[derive(Debug, Clone, Copy)]
#[must_use = "a permission that is not needed need not be asked for"]
pub struct Permit {
    permission: Permission,
}

impl Permit {
    /// The proof of `permission`, if it is among those `held`; fails with `Forbidden` otherwise.
    pub(in crate::services) fn of(held: Permissions, permission: Permission) -> Result<Self> {
        held.require(permission).map(|()| Self { permission })
    }

    /// The permission.
    pub fn permission(self) -> Permission {
        self.permission
    }
}

/// The proof that the caller is an administrator of the organisation.
#[derive(Debug, Clone, Copy)]
pub struct Admin<'a> {
    _caller: &'a Caller,
}

/// The proof that the caller is an operator of the deployment: a role beside those in organisations, which includes
/// none of theirs.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    caller: &'a Caller,
}

impl<'a> Operator<'a> {
    /// The caller.
    pub fn caller(self) -> &'a Caller {
        self.caller
    }
}

/// The holder in `org` of the access token `token`, a login's or a personal one, asking from `client`. They may lack a
/// required second factor, see [`admitted`]. Fails in the same way for an unreadable token, an ended session, one of
/// another organisation and a deactivated account.
pub async fn recognise(core: &Core, org: OrgId, token: &str, client: Client) -> Result<Caller> {
    let client = Arc::new(client);
    let caller = match KeyHash::of(token) {
        Some(key) => with_key(core, key, client).await?,
        None => {
            let session = core.tokens.read(token).ok_or_else(Error::unauthenticated)?;
            in_session(core, session, client).await?
        }
    };
    if caller.org == org { Ok(caller) } else { Err(Error::unauthenticated()) }
}

/// Whether recognising the token costs a query, which anybody could cause with made-up tokens: a personal token is
/// looked up in the database unless it is cached, while a login's is signed.
pub fn is_unheard_of(core: &Core, token: &str) -> bool {
    KeyHash::of(token).is_some_and(|key| !core.sessions.remembers_key(&key))
}

/// The caller of a personal access token. Its session may have been ended while the token is valid: then it begins
/// another.
async fn with_key(core: &Core, key: KeyHash, client: Arc<Client>) -> Result<Caller> {
    for _ in 0..2 {
        let session = core.sessions.of_key(&core.pool, key).await?.ok_or_else(Error::unauthenticated)?;
        match in_session(core, session, client.clone()).await {
            Err(error) if error.kind == Kind::Unauthenticated => core.sessions.forget_key(key).await,
            answer => return answer,
        }
    }
    Err(Error::unauthenticated())
}

/// Recognises the caller; fails if they lack a required second factor.
pub async fn authenticate(core: &Core, org: OrgId, token: &str, client: Client) -> Result<Caller> {
    admitted(core, recognise(core, org, token, client).await?)
}

/// Whether the caller must have a second factor, because the deployment or their organisation requires it.
pub fn needs_second_factor(core: &Core, caller: &Caller) -> bool {
    core.settings.auth.enforce_second_factor || caller.login.needs_second_factor
}

/// The caller; fails if they lack a required second factor.
pub fn admitted(core: &Core, caller: Caller) -> Result<Caller> {
    if needs_second_factor(core, &caller) && !caller.login.has_second_factor {
        return Err(Error::new(
            Kind::Unauthenticated,
            "api.context.mfa_required.app_error",
            "Multi-factor authentication is required on this server.",
        ));
    }
    Ok(caller)
}

/// The caller as of now: on an open socket, roles change and sessions end.
pub async fn again(core: &Core, caller: &Caller) -> Result<Caller> {
    admitted(core, in_session(core, caller.session, caller.client.clone()).await?)
}

async fn in_session(core: &Core, session: SessionId, client: Arc<Client>) -> Result<Caller> {
    let login = core.sessions.find(&core.pool, session).await?.ok_or_else(Error::unauthenticated)?;
    let role_set = core.role_sets.of(&core.pool, login.org_id).await?;
    let permissions = role_set.of_account(&login.roles);
    Ok(Caller { id: login.user_id, org: login.org_id, session, login, client, role_set, permissions })
}
