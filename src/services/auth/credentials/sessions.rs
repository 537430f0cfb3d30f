//! The cache of sessions. The database is asked at most once a second for each, however many requests it makes: that
//! second is how long a session revoked on another node may live here. On this node a revocation holds at once.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde_json::json;

use crate::db::Pool;
use crate::db::access_tokens::{self, NewTokenSession, Usable};
use crate::db::sessions::{self, Login};
use crate::error::{Error, Result};
use crate::services::auth::credentials::KeyHash;
use crate::wire::{Millis, SessionId, id};

/// The time for which an answer of the database is cached.
const FRESH: Duration = Duration::from_secs(1);

/// Sessions cached at most.
const CAPACITY: u64 = 100_000;

/// A hundred years, in milliseconds: "never" as a time that can be compared.
const FOR_EVER: Millis = 100 * 365 * 86_400_000;

/// The cache of sessions.
pub struct Sessions {
    found: Cache<SessionId, Option<Arc<Login>>>,
    /// The sessions of personal access tokens.
    keys: Cache<KeyHash, Option<SessionId>>,
    /// Sessions revoked here in the last half minute. A query that was under way when the session ended must not bring
    /// it back.
    revoked: Cache<SessionId, ()>,
    /// Milliseconds without use after which a session ends.
    idle: Millis,
}

impl Sessions {
    /// Creates an empty cache; a session ends after `idle_minutes` without use, or never if that is 0.
    pub fn new(idle_minutes: u32) -> Self {
        let idle = if idle_minutes == 0 { FOR_EVER } else { Millis::from(idle_minutes) * 60_000 };
        Self {
            idle,
            found: Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build(),
            keys: Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build(),
            revoked: Cache::builder().max_capacity(CAPACITY).time_to_live(30 * FRESH).build(),
        }
    }

    /// Milliseconds without use after which a session ends.
    pub fn idle(&self) -> Millis {
        self.idle
    }

    /// The login of a session; `None` if it has ended or its account is deactivated. Concurrent requests share one
    /// query.
    pub async fn find(&self, pool: &Pool, id: SessionId) -> Result<Option<Arc<Login>>> {
        let found = match self.found.get(&id).await {
            Some(found) => found,
            None => self.load(pool, id).await?,
        };
        Ok(if self.revoked.contains_key(&id) { None } else { found })
    }

    async fn load(&self, pool: &Pool, id: SessionId) -> Result<Option<Arc<Login>>> {
        // Boxed, so that a request that finds its session in the cache does not reserve memory for a query.
        let load = Box::pin(async {
            let mut conn = pool.get().await?;
            let login = sessions::login(&mut conn, id, self.idle).await.map_err(Error::from)?;
            if login.as_ref().is_some_and(|l| l.stale) {
                sessions::touch(&mut conn, id).await.map_err(Error::from)?;
            }
            Ok::<_, Error>(login.map(Arc::new))
        });
        self.found.try_get_with(id, load).await.map_err(|e: Arc<Error>| e.again())
    }

    /// The session of a personal access token, begun if there is none; `None` if the token may not be used.
    pub async fn of_key(&self, pool: &Pool, key: KeyHash) -> Result<Option<SessionId>> {
        let load = async {
            let mut conn = pool.get().await?;
            let hash = key.bytes();
            let Some(token) = access_tokens::usable(&mut conn, hash).await.map_err(Error::from)? else {
                return Ok(None);
            };
            if token.session.is_none() {
                let begun = access_tokens::begin_session(&mut conn, hash, &session_of(&token)).await;
                begun.map_err(Error::from)?;
                let again = access_tokens::usable(&mut conn, hash).await.map_err(Error::from)?;
                return Ok(again.and_then(|token| token.session));
            }
            Ok::<_, Error>(token.session)
        };
        self.keys.try_get_with(key, load).await.map_err(|e: Arc<Error>| e.again())
    }

    /// Whether a personal access token is in the cache.
    pub fn remembers_key(&self, key: &KeyHash) -> bool {
        self.keys.contains_key(key)
    }

    /// Removes a personal access token from the cache, after its session ended or the token was enabled.
    pub async fn forget_key(&self, key: KeyHash) {
        self.keys.invalidate(&key).await;
    }

    /// Ends sessions on this node at once.
    pub async fn revoke(&self, ids: &[SessionId]) {
        for id in ids {
            self.revoked.insert(*id, ()).await;
            self.found.invalidate(id).await;
        }
    }

    /// Drops all cached sessions, after a change that concerns many accounts.
    pub fn refresh_all(&self) {
        self.found.invalidate_all();
    }

    /// Drops these sessions from the cache, after a change of what they carry, for example the account's roles.
    pub async fn refresh(&self, ids: &[SessionId]) {
        for id in ids {
            self.found.invalidate(id).await;
        }
    }
}

/// A new session for a token, with the properties that clients expect of one.
fn session_of(token: &Usable) -> NewTokenSession {
    let mut props = json!({"type": "UserAccessToken", "user_access_token_id": token.id, "is_guest": "false"});
    if let (true, Some(props)) = (token.is_bot, props.as_object_mut()) {
        props.insert("is_bot".to_owned(), json!("true"));
    }
    NewTokenSession {
        id: SessionId::new(),
        csrf: id::encode(uuid::Uuid::new_v4()),
        props,
        lifetime: FOR_EVER,
    }
}
