//! Sessions that were asked for a moment ago. The database is asked at most once a second for each, however many
//! requests it makes: that second is how long a session revoked on another node may live here. On this node a
//! revocation holds at once.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde_json::json;

use crate::db::Pool;
use crate::db::access_tokens::{self, NewTokenSession, Usable};
use crate::db::sessions::{self, Login};
use crate::error::{Error, Result};
use crate::services::credentials::KeyHash;
use crate::wire::{Millis, SessionId, id};

/// How long an answer of the database is believed.
const FRESH: Duration = Duration::from_secs(1);

/// Sessions remembered at most.
const CAPACITY: u64 = 100_000;

/// A hundred years, in milliseconds, since there is no "never" among times that are compared.
const FOR_EVER: Millis = 100 * 365 * 86_400_000;

/// The memory of sessions.
pub struct Sessions {
    found: Cache<SessionId, Option<Arc<Login>>>,
    /// The sessions in which personal tokens are used.
    keys: Cache<KeyHash, Option<SessionId>>,
    /// Revoked here a moment ago. An answer that was on its way from the database when the session ended must not
    /// bring it back.
    revoked: Cache<SessionId, ()>,
    /// After how long without use a session is over, in milliseconds.
    idle: Millis,
}

impl Sessions {
    /// Nothing is remembered yet; a session that is not used for so many minutes is over. 0: it is not.
    pub fn new(idle_minutes: u32) -> Self {
        let idle = if idle_minutes == 0 { FOR_EVER } else { Millis::from(idle_minutes) * 60_000 };
        Self {
            idle,
            found: Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build(),
            keys: Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build(),
            revoked: Cache::builder().max_capacity(CAPACITY).time_to_live(30 * FRESH).build(),
        }
    }

    /// After how long without use a session is over, in milliseconds.
    pub fn idle(&self) -> Millis {
        self.idle
    }

    /// The login of a session, or none where it is over or its account is switched off. Requests that ask at the same
    /// time share one query.
    pub async fn find(&self, pool: &Pool, id: SessionId) -> Result<Option<Arc<Login>>> {
        let found = match self.found.get(&id).await {
            Some(found) => found,
            None => self.load(pool, id).await?,
        };
        Ok(if self.revoked.contains_key(&id) { None } else { found })
    }

    async fn load(&self, pool: &Pool, id: SessionId) -> Result<Option<Arc<Login>>> {
        // Boxed, so that a request which finds its session remembered carries no room for a query about.
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

    /// The session in which a personal token is used, begun if there is none; none where the token may not be used.
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

    /// Whether a personal token was asked for a moment ago.
    pub fn remembers_key(&self, key: &KeyHash) -> bool {
        self.keys.contains_key(key)
    }

    /// A personal token's session ended, or the token was switched on: ask again.
    pub async fn forget_key(&self, key: KeyHash) {
        self.keys.invalidate(&key).await;
    }

    /// These sessions are over, from now on.
    pub async fn revoke(&self, ids: &[SessionId]) {
        for id in ids {
            self.revoked.insert(*id, ()).await;
            self.found.invalidate(id).await;
        }
    }

    /// Something has changed that sessions of many accounts carry: ask again about all.
    pub fn refresh_all(&self) {
        self.found.invalidate_all();
    }

    /// Something that the sessions carry has changed, for example the account's roles: ask again.
    pub async fn refresh(&self, ids: &[SessionId]) {
        for id in ids {
            self.found.invalidate(id).await;
        }
    }
}

/// The session of a token, as clients know such ones.
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
