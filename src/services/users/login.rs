//! Logging in with a password.

use serde::Deserialize;
use uuid::Uuid;

use super::attempts::{self, Whose};
use super::sessions::{MAX_DEVICE, describe};
use super::view::own;
use crate::db::sessions::{NewSession, Session};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::audits::{self, Client, Entry};
use crate::services::core::Core;
use crate::wire::{Millis, OrgId, SessionId, User, id};

const ACTION: &str = "/api/v4/users/login";

const DAY: Millis = 24 * 60 * 60 * 1000;

/// Who says to be who.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// A user name or an address.
    pub login_id: String,
    /// The password.
    pub password: String,
    /// The push identifier of the phone, as some clients spell it.
    pub device_id: String,
    /// The same, as others do.
    #[serde(rename = "deviceId")]
    pub device_id_too: String,
}

/// A session that began.
#[derive(Debug)]
pub struct LoggedIn {
    /// Whose.
    pub user: User,
    /// What later requests carry.
    pub token: String,
    /// What requests that are authenticated by a cookie repeat.
    pub csrf: String,
    /// How long it lasts, in seconds.
    pub seconds: i64,
}

/// Begins a session for whoever knows the password. Nothing but the right password tells that an account exists.
pub async fn login(core: &Core, org: OrgId, credentials: Credentials, client: Client) -> Result<LoggedIn> {
    if credentials.password.is_empty() {
        return Err(Error::invalid("api.user.login.blank_pwd.app_error", "Password field must not be blank"));
    }
    let name = credentials.login_id.trim().to_lowercase();
    let row = find(core, org, &name).await?;
    let whose = row.as_ref().map_or_else(|| Whose::Nobody(org, name), |r| Whose::Account(r.id));
    let failed = attempts::begin(core, &whose).await?;
    let kept = row.as_ref().map(|r| r.password_hash.clone());
    let fits = core.passwords.verify(credentials.password, kept).await?;
    let Some(row) = row.filter(|_| fits) else {
        note_failure(core, org, &whose, client);
        return Err(wrong());
    };
    attempts::forget(&whose).await;
    if row.delete_at != 0 {
        return Err(inactive());
    }
    if core.settings.auth.require_verified_email && !row.email_verified {
        return Err(unverified());
    }
    let device = [credentials.device_id, credentials.device_id_too].concat();
    let session = begin(core, &row, device, &client).await?;
    Ok(LoggedIn {
        token: core.tokens.issue(session.id, session.expires_at)?,
        seconds: (session.expires_at - session.create_at) / 1000,
        user: User { failed_attempts: i64::from(failed), ..own(&row) },
        csrf: session.csrf,
    })
}

async fn find(core: &Core, org: OrgId, name: &str) -> Result<Option<Row>> {
    let mut conn = core.read().await?;
    // No user name contains an at sign.
    Ok(if name.contains('@') {
        db::users::by_email(&mut conn, org, name).await?
    } else {
        db::users::by_username(&mut conn, org, name).await?
    })
}

async fn begin(core: &Core, row: &Row, device: String, client: &Client) -> Result<Session> {
    if device.chars().count() > MAX_DEVICE {
        return Err(Error::body("device_id"));
    }
    let new = NewSession {
        id: SessionId::new(),
        user_id: row.id,
        csrf: id::encode(Uuid::new_v4()),
        props: describe(&client.user_agent, !device.is_empty()),
        device_id: device,
    };
    let mut tx = core.begin().await?;
    // A password that was changed, or an account that was switched off, while we looked: too late.
    if !db::users::hold(&mut tx, row.id, &row.password_hash).await? {
        return Err(wrong());
    }
    let session =
        db::sessions::insert(&mut tx, &new, i64::from(core.settings.auth.session_days) * DAY).await?;
    let entry =
        Entry { user: row.id, session: Some(session.id), action: ACTION, extra: "authenticated", client };
    audits::write(&mut tx, row.org_id, entry).await?;
    tx.commit().await?;
    Ok(session)
}

/// Writes a failure down, behind the answer's back: an answer for a known name must not take longer than one for a
/// name that nobody has.
fn note_failure(core: &Core, org: OrgId, whose: &Whose, client: Client) {
    let (whose, core) = (whose.clone(), core.clone());
    tokio::spawn(async move {
        let written = async {
            let mut tx = core.begin().await?;
            match whose {
                Whose::Account(user) => {
                    let entry = Entry { user, session: None, action: ACTION, extra: "fail", client: &client };
                    audits::write(&mut tx, org, entry).await?;
                }
                // Not the name: people type passwords there.
                Whose::Nobody(..) => audits::stranger(&mut tx, org, ACTION, &client).await?,
            }
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a failed login was not written down");
        }
    });
}

fn wrong() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "api.user.login.invalid_credentials_email_username",
        "Enter a valid email or username and/or password.",
    )
}

fn unverified() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "api.user.login.not_verified.app_error",
        "Login failed because email address has not been verified.",
    )
}

fn inactive() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "api.user.login.inactive.app_error",
        "Login failed because your account has been deactivated.  Please contact an administrator.",
    )
}
