//! Logging in with a password.

use serde::Deserialize;
use uuid::Uuid;

use super::attempts::{self, AttemptKey};
use super::second_factor;
use super::sessions::{MAX_DEVICE, describe, is_mobile};
use crate::db::sessions::NewSession;
use crate::db::users::{User as Row, login::StoredHash};
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Core;
use crate::services::auth::accounts::own;
use crate::services::auth::audits::{self, Client, Entry, Why};
use crate::wire::{Millis, OrgId, SessionId, User, UserId, id};

const ACTION: &str = "/api/v4/users/login";

const DAY: Millis = 24 * 60 * 60 * 1000;

/// The credentials of a login request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// The account's identifier, which clients send for one that they have just made; if empty, `login_id` counts.
    pub id: String,
    /// A user name or an address.
    pub login_id: String,
    /// The password.
    pub password: String,
    /// The push identifier of the phone, as some clients spell it.
    pub device_id: String,
    /// The push identifier, as other clients spell it.
    #[serde(rename = "deviceId")]
    pub device_id_too: String,
    /// A code of the second factor, or a recovery code.
    pub token: String,
}

/// A session that has begun.
#[derive(Debug)]
pub struct LoggedIn {
    /// The account.
    pub user: User,
    /// The token for later requests.
    pub token: String,
    /// The CSRF token, which requests that are authenticated by the cookie repeat.
    pub csrf: String,
    /// The lifetime of the session, in seconds.
    pub seconds: i64,
}

/// Begins a session if the password is right. A failed login does not reveal whether the account exists.
pub async fn login(
    core: &Core,
    org: OrgId,
    mut credentials: Credentials,
    client: Client,
) -> Result<LoggedIn> {
    let device = [std::mem::take(&mut credentials.device_id), credentials.device_id_too.clone()].concat();
    credentials.device_id.clone_from(&device);
    let known = verify_password(core, org, credentials, &client).await?;
    let begun = begin(core, &known.row, Some(&known.code), device, &client).await;
    known.record_attempt(core, org, begun.as_ref().err(), client).await?;
    let begun = begun?;
    Ok(LoggedIn { user: User { failed_attempts: i64::from(known.failed), ..begun.user }, ..begun })
}

/// Checks `credentials` like a login, without a session, and returns the account; a code is used up.
pub(crate) async fn prove(core: &Core, org: OrgId, credentials: Credentials, client: Client) -> Result<Row> {
    let known = verify_password(core, org, credentials, &client).await?;
    let passed = pass(core, &known).await;
    known.record_attempt(core, org, passed.as_ref().err(), client).await?;
    passed?;
    Ok(known.row)
}

async fn pass(core: &Core, known: &Known) -> Result<()> {
    let mut tx = core.begin().await?;
    second_factor::pass(core, &mut tx, &known.row, &known.code).await?;
    tx.commit().await
}

/// An account whose password was given, with the code of the second factor that came along.
struct Known {
    row: Row,
    code: String,
    key: AttemptKey,
    failed: u32,
}

impl Known {
    /// Counts a wrong code as a failed attempt, like a wrong password; otherwise resets the count.
    async fn record_attempt(
        &self,
        core: &Core,
        org: OrgId,
        error: Option<&Error>,
        client: Client,
    ) -> Result<()> {
        if error.is_some_and(|e| e.kind == Kind::Unauthenticated) {
            note_failure(core, (org, Some(self.row.id)), client, Why::Wrong);
            return Ok(());
        }
        attempts::forget(core, &self.key).await
    }
}

/// Checks the password, and that a code is given if the account needs one.
async fn verify_password(
    core: &Core,
    org: OrgId,
    credentials: Credentials,
    client: &Client,
) -> Result<Known> {
    if credentials.password.is_empty() {
        return Err(Error::invalid("api.user.login.blank_pwd.app_error", "Password field must not be blank"));
    }
    let turn = core.passwords.admit(client.requester())?;
    let (name, kept) = named(core, org, &credentials).await?;
    let user = kept.as_ref().map(|(id, _)| *id);
    let places = attempts::places(core, user.unwrap_or(UserId(Uuid::nil())), client, &credentials.device_id);
    let key = attempts::key(core, user, org, name, &places).await?;
    let hash = kept.as_ref().map(|(_, hash)| hash.clone()).filter(|hash| !hash.is_empty());
    let looked = attempts::look(core, (&key, turn), credentials.password, hash).await;
    if looked.as_ref().is_err_and(attempts::is_locked) {
        note_failure(core, (org, user), client.clone(), Why::Locked);
    }
    let (fits, failed) = looked?;
    let row = if fits { unchanged(core, org, kept).await? } else { None };
    let Some(row) = row else {
        note_failure(core, (org, user), client.clone(), Why::Wrong);
        return Err(wrong());
    };
    if row.mfa_active && credentials.token.trim().is_empty() {
        attempts::take_back(core, &key).await?;
        return Err(second_factor::wanted());
    }
    if let Err(refused) = admissible(core, &row) {
        note_failure(core, (org, user), client.clone(), Why::NotAdmitted);
        return Err(refused);
    }
    Ok(Known { row, code: credentials.token, key, failed })
}

/// The name to count attempts under, and the stored hash if there is such an account.
async fn named(core: &Core, org: OrgId, credentials: &Credentials) -> Result<(String, Option<StoredHash>)> {
    let mut conn = core.read().await?;
    if credentials.id.is_empty() {
        let name = credentials.login_id.trim().to_lowercase();
        let kept = db::users::login::kept(&mut conn, org, &name).await?;
        return Ok((name, kept));
    }
    let kept = match credentials.id.parse() {
        Ok(id) => db::users::login::kept_by_id(&mut conn, org, id).await?,
        Err(_) => None,
    };
    // A counter's name that no user name can equal, since it has a space; cut, since the input may have any length.
    Ok((format!("id {}", credentials.id.chars().take(64).collect::<String>()), kept))
}

/// Fails if the account is switched off, or its address is unverified and must not be.
pub(crate) fn admissible(core: &Core, row: &Row) -> Result<()> {
    if row.delete_at != 0 {
        return Err(inactive());
    }
    let must_prove = core.settings.auth.require_verified_email || row.must_prove_email;
    if must_prove && !row.email_verified {
        return Err(unverified());
    }
    Ok(())
}

/// The account whose password was checked; `None` if its password changed meanwhile.
async fn unchanged(core: &Core, org: OrgId, kept: Option<StoredHash>) -> Result<Option<Row>> {
    let Some((id, hash)) = kept else { return Ok(None) };
    let row = db::users::find(&mut *core.read().await?, org, id).await?;
    Ok(row.filter(|row| row.password_hash == hash))
}

/// Begins a session of an account that proved itself; `code` is checked as its second factor, and `None` means that
/// this happened elsewhere.
pub(crate) async fn begin(
    core: &Core,
    row: &Row,
    code: Option<&str>,
    device: String,
    client: &Client,
) -> Result<LoggedIn> {
    if device.chars().count() > MAX_DEVICE {
        return Err(Error::body("device_id"));
    }
    let is_mobile = is_mobile(&client.user_agent, &device);
    let days =
        if is_mobile { core.settings.auth.session_days_mobile } else { core.settings.auth.session_days };
    let places = attempts::places(core, row.id, client, &device);
    let new = NewSession {
        id: SessionId::new(),
        user_id: row.id,
        csrf: id::encode(Uuid::new_v4()),
        props: describe(client, is_mobile),
        device_id: device,
    };
    let mut tx = core.begin().await?;
    // The password or the second factor changed meanwhile, or the account was switched off.
    if !db::users::hold(&mut tx, row).await? {
        return Err(wrong());
    }
    if let Some(code) = code.filter(|_| row.mfa_active) {
        second_factor::pass(core, &mut tx, row, code).await?;
    }
    attempts::remember(&mut tx, row.id, &places).await?;
    let session = db::sessions::insert(&mut tx, &new, Millis::from(days) * DAY).await?;
    let entry =
        Entry { user: row.id, session: Some(session.id), action: ACTION, extra: "authenticated", client };
    audits::write(&mut tx, row.org_id, entry).await?;
    tx.commit().await?;
    Ok(LoggedIn {
        token: core.tokens.issue(session.id, session.expires_at)?,
        seconds: (session.expires_at - session.create_at) / 1000,
        user: own(row),
        csrf: session.csrf,
    })
}

/// Writes a failure to the audit log if it is one of the first. In the background: a response for a known name must
/// not take longer than one for an unknown name.
fn note_failure(core: &Core, (org, user): (OrgId, Option<UserId>), client: Client, why: Why) {
    if !audits::failed(core, (org, user), ACTION, &client, why) {
        return;
    }
    let core = core.clone();
    tokio::spawn(async move {
        let written = async {
            let mut tx = core.begin().await?;
            match user {
                Some(user) => {
                    let entry = Entry { user, session: None, action: ACTION, extra: "fail", client: &client };
                    audits::write(&mut tx, org, entry).await?;
                }
                None => audits::stranger(&mut tx, org, ACTION, &client).await?,
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
