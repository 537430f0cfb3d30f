//! The person who is logged in.

use std::sync::Arc;

use crate::db::sessions::Login;
use crate::error::{Error, Kind, Result};
use crate::services::auth::Client;
use crate::services::core::Core;
use crate::services::credentials::KeyHash;
use crate::services::permissions::{self, Permission, Permissions, Rights, RoleSet};
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
    role_set: Arc<RoleSet>,
    permissions: Permissions,
}

impl Caller {
    /// Whether an administrator of the organisation.
    pub fn is_admin(&self) -> bool {
        self.may(Permission::ManageSystem)
    }

    /// Whether a program.
    pub fn is_bot(&self) -> bool {
        self.login.is_bot
    }

    /// Whether a guest: somebody who sees only the channels that they were let in to, and whom they meet there.
    pub fn is_guest(&self) -> bool {
        self.login.roles.split(' ').any(|role| role == permissions::GUEST)
    }

    /// Whether the roles of the account have a permission, everywhere in the organisation.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// The scope in which they see other accounts: those who share a channel with this account, or, if it is none,
    /// everybody of the organisation.
    pub fn visibility(&self) -> Option<UserId> {
        if self.may(Permission::ViewMembers) { None } else { Some(self.id) }
    }

    /// Refuses whoever lacks a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::forbidden()) }
    }

    /// A permission as a value, for what asks for the proof.
    pub fn permit(&self, permission: Permission) -> Result<Permit> {
        Permit::of(self.permissions, permission)
    }

    /// What the roles of the account permit.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The same, to be judged later by the place.
    pub fn rights(&self) -> Rights {
        Rights::new(self.permissions, self.role_set.clone())
    }

    /// The roles and schemes of the organisation, as of the last second.
    pub fn role_set(&self) -> &Arc<RoleSet> {
        &self.role_set
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

    /// Whether they look after the deployment.
    pub fn is_operator(&self) -> bool {
        self.login.is_operator
    }

    /// Proof that the caller looks after the deployment.
    pub fn operator(&self) -> Result<Operator<'_>> {
        if self.is_operator() { Ok(Operator { caller: self }) } else { Err(Error::forbidden()) }
    }

    /// Proof that the caller administrates the organisation.
    pub fn admin(&self) -> Result<Admin<'_>> {
        if self.is_admin() { Ok(Admin { _caller: self }) } else { Err(Error::forbidden()) }
    }

    /// Refused unless `user` is the caller or the caller is an administrator: for what is read. Acting on another
    /// account takes more (`users::over`).
    pub fn may_look_for(&self, user: UserId) -> Result<()> {
        if self.id == user || self.is_admin() { Ok(()) } else { Err(Error::forbidden()) }
    }
}

/// Proof that somebody has a permission: in the organisation, or where the access that gave it is.
#[derive(Debug, Clone, Copy)]
#[must_use = "a permission that is not needed need not be asked for"]
pub struct Permit {
    permission: Permission,
}

impl Permit {
    /// The proof, if `permission` is among those that are held.
    pub(in crate::services) fn of(held: Permissions, permission: Permission) -> Result<Self> {
        if held.has(permission) { Ok(Self { permission }) } else { Err(Error::forbidden()) }
    }

    /// Of which permission.
    pub fn permission(self) -> Permission {
        self.permission
    }
}

/// Proof that somebody administrates the organisation.
#[derive(Debug, Clone, Copy)]
pub struct Admin<'a> {
    _caller: &'a Caller,
}

/// Proof that somebody looks after the deployment: a role beside those in organisations, which gives none of theirs.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    caller: &'a Caller,
}

impl<'a> Operator<'a> {
    /// Who.
    pub fn caller(self) -> &'a Caller {
        self.caller
    }
}

/// Who holds the access token `token` in `org`, that of a login or a personal one, and asks from `client`; who may be
/// nothing more than let in to set up a second factor, see [`admitted`]. An unreadable token, a session that is over,
/// one of another organisation and an account that is switched off look alike.
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

/// Whether finding out who holds the token costs a look into the database that anybody can make it cost: a personal
/// token is found by asking, that of a login proves itself.
pub fn is_unheard_of(core: &Core, token: &str) -> bool {
    KeyHash::of(token).is_some_and(|key| !core.sessions.remembers_key(&key))
}

/// The session of a personal token may have been ended while the token lives: then it begins another.
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

/// The same, refused to those who may be nothing more than let in.
pub async fn authenticate(core: &Core, org: OrgId, token: &str, client: Client) -> Result<Caller> {
    admitted(core, recognise(core, org, token, client).await?)
}

/// Whether the caller must have a second factor: the deployment demands it, or their organisation does.
pub fn needs_second_factor(core: &Core, caller: &Caller) -> bool {
    core.settings.auth.enforce_second_factor || caller.login.needs_second_factor
}

/// The same caller, unless they lack the second factor that is demanded of them.
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

/// The same caller as of now: on an open socket, roles change and sessions end.
pub async fn again(core: &Core, caller: &Caller) -> Result<Caller> {
    admitted(core, in_session(core, caller.session, caller.client.clone()).await?)
}

async fn in_session(core: &Core, session: SessionId, client: Arc<Client>) -> Result<Caller> {
    let login = core.sessions.find(&core.pool, session).await?.ok_or_else(Error::unauthenticated)?;
    let role_set = core.role_sets.of(&core.pool, login.org_id).await?;
    let permissions = role_set.of_account(&login.roles);
    Ok(Caller { id: login.user_id, org: login.org_id, session, login, client, role_set, permissions })
}
