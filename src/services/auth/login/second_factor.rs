//! The second factor: a code from a phone besides the password. Its secret is shown once, and is in force once a code
//! of it was given. Recovery codes, for a lost phone, are shown once, too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::attempts;
use super::sessions::{end_all, end_others};
use super::{mailed, password};
use crate::db::{self, Conn, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::auth::accounts::{missing, over, tell};
use crate::services::auth::audits::{self, Client};
use crate::services::auth::credentials::Codes;
use crate::services::auth::permissions::Permission;
use crate::services::auth::{self, Caller, Core};
use crate::services::platform::keys::{Purpose, random_token};
use crate::services::platform::{Tx, mail};
use crate::wire::{SessionId, UserId};

const ACTION: &str = "/api/v4/users/mfa";

const NEW_CODES: &str = "/api/v4/users/mfa/recovery_codes";

/// The number of recovery codes of an account.
const RECOVERY_CODES: usize = 10;

/// A new secret for an authenticator app.
#[derive(Debug, Serialize)]
pub struct NewSecret {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The QR code: a PNG, in base64.
    pub qr_code: String,
}

/// Proof that the owner asks, and not somebody at an unattended browser: a code or the password.
#[derive(Debug, Default, Deserialize)]
pub struct Proof {
    /// A code of the phone, or a recovery code; it is used up.
    #[serde(default)]
    pub code: String,
    /// The password.
    #[serde(default)]
    pub password: String,
}

/// A request to switch the second factor on, with a code of the new secret, or off, with a proof for the own account.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// Whether it is to be switched on.
    pub activate: bool,
    /// A code, of the new secret or as a proof.
    #[serde(default)]
    pub code: String,
    /// The password, as a proof.
    #[serde(default)]
    pub password: String,
}

/// The response with new recovery codes, which are shown once; each of them works once in place of a code of the phone.
#[derive(Debug, Serialize)]
pub struct Recovery {
    /// `OK`, which is all that the protocol's clients read.
    pub status: &'static str,
    /// The recovery codes; empty if the second factor was switched off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recovery_codes: Vec<String>,
}

/// Makes a secret for the caller's own account. It is in force once [`change`] got a code of it; until then the
/// previous one is. Replacing an active one takes a proof.
pub async fn new_secret(
    core: &Core,
    caller: &Caller,
    user: UserId,
    proof: &Proof,
    client: &Client,
) -> Result<NewSecret> {
    own_only(caller, user)?;
    let is_replaced = prove(core, caller, proof, client).await?;
    let secret = Codes::secret()?;
    let sealed = core.keys.seal(Purpose::SecondFactor, &secret)?;
    let mut tx = core.begin().await?;
    // Concurrent activations wait for this lock, or were waited for, and their result is seen below.
    db::second_factors::set_pending(&mut tx, user, &sealed).await?;
    let row = find(&mut tx, caller, user).await?;
    if !row.auth_service.is_empty() || row.is_bot() {
        return Err(elsewhere());
    }
    if row.mfa_active && !is_replaced {
        return Err(unproven());
    }
    let issuer = mail::sender(core, &mut tx, row.org_id).await?.name;
    tx.commit().await?;
    let codes = codes(&issuer, &row, &secret)?;
    Ok(NewSecret { secret: codes.base32(), qr_code: STANDARD.encode(codes.picture()?) })
}

/// Switches the second factor of `user` on or off. On: its owner alone. Off: its owner, unless the server requires one,
/// with a code or the password, since somebody at an unattended browser must not remove the protection; and
/// administrators for others, who lost their phone.
pub async fn change(
    core: &Core,
    caller: &Caller,
    user: UserId,
    change: &Change,
    client: &Client,
) -> Result<Recovery> {
    if change.activate {
        return activate(core, caller, user, &change.code, client).await;
    }
    let is_own = caller.id == user;
    if is_own && auth::needs_second_factor(core, caller) {
        return Err(demanded());
    }
    if is_own {
        let proof = Proof { code: change.code.clone(), password: change.password.clone() };
        prove(core, caller, &proof, client).await?;
    }
    let mut tx = core.begin().await?;
    let over = over(&mut tx, caller, user, Permission::ManageSystem).await?;
    let row = over.into_row(&mut tx, caller).await?;
    let done = Recovery { status: "OK", recovery_codes: Vec::new() };
    if !row.mfa_active {
        return Ok(done);
    }
    db::second_factors::delete(&mut tx, user).await?;
    db::recovery_codes::delete_all(&mut tx, user).await?;
    let happened = "Your account is no longer protected by codes of an authenticator app.";
    let spared = (caller.id == user).then_some(caller.session);
    set_active(core, tx, Switch { row: &row, active: false, happened, spared }, caller, client).await?;
    Ok(done)
}

/// Whether the caller's second factor is active; if it is, fails unless they give a code or the right password.
async fn prove(core: &Core, caller: &Caller, proof: &Proof, client: &Client) -> Result<bool> {
    let row = own_row(core, caller).await?;
    if !row.mfa_active {
        return Ok(false);
    }
    let proven = match (proof.code.is_empty(), proof.password.is_empty()) {
        (false, _) => prove_by_code(core, &row, &proof.code, client).await,
        (true, false) => password::confirm(core, &row, proof.password.clone(), client).await,
        (true, true) => return Err(unproven()),
    };
    audits::unless_proven(core, caller, (caller.id, ACTION), client, proven.map(|()| true)).await
}

async fn own_row(core: &Core, caller: &Caller) -> Result<Row> {
    find(&mut *core.read().await?, caller, caller.id).await
}

async fn prove_by_code(core: &Core, row: &Row, code: &str, client: &Client) -> Result<()> {
    let key = attempts::key_inside(core, row.org_id, row.id, client).await?;
    attempts::begin(core, &key).await?;
    let mut tx = core.begin().await?;
    pass(core, &mut tx, row, code).await?;
    tx.commit().await
}

async fn activate(
    core: &Core,
    caller: &Caller,
    user: UserId,
    code: &str,
    client: &Client,
) -> Result<Recovery> {
    own_only(caller, user)?;
    let mut tx = core.begin().await?;
    let row = find(&mut tx, caller, user).await?;
    let pending = db::second_factors::lock(&mut tx, user).await?.and_then(|f| f.pending);
    let pending = pending.ok_or_else(nothing_pending)?;
    let now = db::clock::now(&mut tx).await?;
    let step = opened(core, &row, &pending)?.step(code.trim(), now).ok_or_else(bad_code)?;
    db::second_factors::activate(&mut tx, user, step).await?;
    let recovery_codes = renew(core, &mut tx, user).await?;
    let happened = "Your account is now protected by codes of an authenticator app.";
    let switch = Switch { row: &row, active: true, happened, spared: Some(caller.session) };
    set_active(core, tx, switch, caller, client).await?;
    Ok(Recovery { status: "OK", recovery_codes })
}

/// Replaces the recovery codes of the caller's second factor. Takes a code, as a login does: somebody at an unattended
/// browser must not take recovery codes with them. A right code does not reset the count of failed passwords, which is
/// the same counter.
pub async fn new_recovery_codes(
    core: &Core,
    caller: &Caller,
    user: UserId,
    code: &str,
    client: &Client,
) -> Result<Recovery> {
    own_only(caller, user)?;
    if !own_row(core, caller).await?.mfa_active {
        return Err(inactive());
    }
    let key = attempts::key_inside(core, caller.org, user, client).await?;
    attempts::begin(core, &key).await?;
    let mut tx = core.begin().await?;
    let row = find(&mut tx, caller, user).await?;
    if let Err(error) = pass(core, &mut tx, &row, code).await {
        drop(tx);
        return audits::unless_proven(core, caller, (user, NEW_CODES), client, Err(error)).await;
    }
    let recovery_codes = renew(core, &mut tx, user).await?;
    audits::by_caller(&mut tx, caller, (user, NEW_CODES), "", client).await?;
    tx.commit().await?;
    Ok(Recovery { status: "OK", recovery_codes })
}

/// Checks a code and uses it up. Accounts without a second factor need none.
pub(super) async fn pass(core: &Core, tx: &mut Tx, row: &Row, code: &str) -> Result<()> {
    let factor = db::second_factors::lock(tx, row.id).await?;
    let Some(secret) = factor.and_then(|f| f.secret) else { return Ok(()) };
    let code = code.trim();
    let now = db::clock::now(tx).await?;
    let used = match opened(core, row, &secret)?.step(code, now) {
        Some(step) => db::second_factors::use_step(tx, row.id, step).await?,
        None => db::recovery_codes::consume(tx, row.id, &recovery_digest(core, row.id, code)).await?,
    };
    if used { Ok(()) } else { Err(bad_code()) }
}

/// The error if no code was given; it makes clients ask for one.
pub(super) fn wanted() -> Error {
    Error::new(Kind::Unauthenticated, "mfa.validate_token.authenticate.app_error", "Invalid MFA token.")
}

/// A switch of the second factor.
struct Switch<'a> {
    row: &'a Row,
    active: bool,
    happened: &'static str,
    spared: Option<SessionId>,
}

/// Stores and emits the switch, and ends the sessions that began under the other rule.
async fn set_active(
    core: &Core,
    mut tx: Tx,
    switch: Switch<'_>,
    caller: &Caller,
    client: &Client,
) -> Result<()> {
    let Switch { row, active, happened, spared } = switch;
    let changed = db::users::set_mfa_active(&mut tx, row.org_id, row.id, active).await?;
    tell(&mut tx, &changed.ok_or_else(missing)?).await?;
    let ended = match spared {
        Some(session) => end_others(&mut tx, row.id, session).await?,
        None => end_all(&mut tx, row.id).await?,
    };
    mailed::notice(core, &mut tx, row, "The protection of your account was changed", happened).await?;
    let how = if active { "activated" } else { "deactivated" };
    audits::by_caller(&mut tx, caller, (row.id, ACTION), how, client).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    core.sessions.refresh(&[caller.session]).await;
    Ok(())
}

/// Replaces the recovery codes.
async fn renew(core: &Core, tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<_>>()?;
    let digests: Vec<Vec<u8>> = codes.iter().map(|code| recovery_digest(core, user, code)).collect();
    db::recovery_codes::replace(tx, user, &digests).await?;
    Ok(codes)
}

/// Generates a recovery code such as `3f09a-77b1c-02d4e`: sixty bits.
fn recovery_code() -> Result<String> {
    let token = random_token()?;
    let part = |from| token.get(from..from + 5).unwrap_or_default();
    Ok(format!("{}-{}-{}", part(0), part(5), part(10)))
}

/// The digest of a recovery code. People type capitals and leave the dashes out, so both are normalised.
fn recovery_digest(core: &Core, user: UserId, code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    core.keys.digest(Purpose::RecoveryCode, &format!("{user} {}", plain.to_lowercase()))
}

fn opened(core: &Core, row: &Row, sealed: &[u8]) -> Result<Codes> {
    let secret = core.keys.open(Purpose::SecondFactor, sealed);
    // The issuer is part of the QR code, not of the check.
    codes("", row, &secret.ok_or_else(|| Error::internal("second factor: sealed with another secret"))?)
}

fn codes(issuer: &str, row: &Row, secret: &[u8]) -> Result<Codes> {
    Codes::new(secret, issuer, &row.username)
}

async fn find(conn: &mut Conn, caller: &Caller, user: UserId) -> Result<Row> {
    db::users::find(conn, caller.org, user).await?.ok_or_else(missing)
}

/// Only the owner sees a secret: an administrator can remove it, but not read it.
fn own_only(caller: &Caller, user: UserId) -> Result<()> {
    if caller.id == user { Ok(()) } else { Err(Error::forbidden()) }
}

fn bad_code() -> Error {
    Error::new(Kind::Unauthenticated, "api.user.check_user_mfa.bad_code.app_error", "Invalid MFA token.")
}

fn unproven() -> Error {
    Error::body("code")
}

fn inactive() -> Error {
    Error::invalid(
        "mfa.recovery_codes.inactive.app_error",
        "There is no second factor: recovery codes open nothing.",
    )
}

fn nothing_pending() -> Error {
    Error::invalid("mfa.activate.bad_token.app_error", "Make a secret first, then give a code of it.")
}

fn elsewhere() -> Error {
    Error::invalid(
        "api.user.activate_mfa.email_and_ldap_only.app_error",
        "MFA is not available for this account type.",
    )
}

fn demanded() -> Error {
    Error::new(
        Kind::Forbidden,
        "api.user.update_mfa.enforced.app_error",
        "A second factor is required here: it can be replaced, but not switched off.",
    )
}
