//! The second factor: a code from a phone besides the password. Its secret is made, shown once, and counts when a code
//! of it was given back; codes for the case that the phone is lost are shown once, too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::attempts;
use super::authority::over;
use super::edit::tell;
use super::sessions::{end_all, end_others};
use super::{mailed, password};
use crate::db::{self, Conn, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::audits::{self, Client};
use crate::services::auth::{self, Caller};
use crate::services::core::{Core, Tx};
use crate::services::credentials::{Codes, Purpose, random_token};
use crate::services::mail;
use crate::services::permissions::Permission;
use crate::wire::{SessionId, UserId};

const ACTION: &str = "/api/v4/users/mfa";

const NEW_CODES: &str = "/api/v4/users/mfa/recovery_codes";

/// Codes for the case that the phone is lost.
const RECOVERY_CODES: usize = 10;

/// A secret, for an authenticator app.
#[derive(Debug, Serialize)]
pub struct NewSecret {
    /// As people type it.
    pub secret: String,
    /// As apps read it: a PNG, in base64.
    pub qr_code: String,
}

/// What shows that the owner asks, and not somebody who found a browser open: one of the two.
#[derive(Debug, Default, Deserialize)]
pub struct Proof {
    /// A code of the phone, or a recovery code; it is used up.
    #[serde(default)]
    pub code: String,
    /// The password.
    #[serde(default)]
    pub password: String,
}

/// Switches the second factor on, with a code of the new secret, or off, for key own a proof is needed.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// Which of the two.
    pub activate: bool,
    /// A code, of the new secret or as a proof.
    #[serde(default)]
    pub code: String,
    /// The password, as a proof.
    #[serde(default)]
    pub password: String,
}

/// What is shown once: each code of these opens once what a code of the phone opens.
#[derive(Debug, Serialize)]
pub struct Recovery {
    /// `OK`, which is all that the protocol's clients read.
    pub status: &'static str,
    /// The codes; none where the second factor was switched off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recovery_codes: Vec<String>,
}

/// Makes a secret for the caller's own account. It counts when [`change`] has seen a code of it; until then the one
/// before it does. Who has one already replaces it with a proof.
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
    // Whoever switches it on waits for this row, or was waited for and is seen.
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

/// Switches the second factor of `user` on or off. On: its owner alone. Off: its owner where the house does not demand
/// one, with a code or the password, since whoever found an open browser must not take the protection away; and
/// administrators for others, who lost theirs.
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

/// Whether the caller's second factor is active. If so, refused unless they give a code or the right password.
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
    let now = db::jobs::now(&mut tx).await?;
    let step = opened(core, &row, &pending)?.step(code.trim(), now).ok_or_else(bad_code)?;
    db::second_factors::activate(&mut tx, user, step).await?;
    let recovery_codes = renew(core, &mut tx, user).await?;
    let happened = "Your account is now protected by codes of an authenticator app.";
    let switch = Switch { row: &row, active: true, happened, spared: Some(caller.session) };
    set_active(core, tx, switch, caller, client).await?;
    Ok(Recovery { status: "OK", recovery_codes })
}

/// Replaces the recovery codes of the caller's second factor. A code is asked for, as at the door: whoever found an
/// open browser must not take a key with them. Right ones forgive no wrong password: the count of both is one.
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

/// Lets whoever knows a code pass, and uses the code up. Accounts without a second factor need none.
pub(super) async fn pass(core: &Core, tx: &mut Tx, row: &Row, code: &str) -> Result<()> {
    let factor = db::second_factors::lock(tx, row.id).await?;
    let Some(secret) = factor.and_then(|f| f.secret) else { return Ok(()) };
    let code = code.trim();
    let now = db::jobs::now(tx).await?;
    let used = match opened(core, row, &secret)?.step(code, now) {
        Some(step) => db::second_factors::use_step(tx, row.id, step).await?,
        None => db::recovery_codes::consume(tx, row.id, &recovery_digest(core, row.id, code)).await?,
    };
    if used { Ok(()) } else { Err(bad_code()) }
}

/// Whether a second factor was named at all; clients ask for one when told so.
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

/// Writes the switch down, tells of it, and ends the sessions that began under the other rule.
async fn set_active(
    core: &Core,
    mut tx: Tx,
    switch: Switch<'_>,
    caller: &Caller,
    client: &Client,
) -> Result<()> {
    let Switch { row, active, happened, spared } = switch;
    let changed = db::users::set_mfa_active(&mut tx, row.org_id, row.id, active).await?;
    tell(&mut tx, &changed.ok_or_else(super::missing)?).await?;
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

/// New recovery codes in place of the old.
async fn renew(core: &Core, tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<_>>()?;
    let digests: Vec<Vec<u8>> = codes.iter().map(|code| recovery_digest(core, user, code)).collect();
    db::recovery_codes::replace(tx, user, &digests).await?;
    Ok(codes)
}

/// Such as `3f09a-77b1c-02d4e`: sixty bits.
fn recovery_code() -> Result<String> {
    let token = random_token()?;
    let part = |from| token.get(from..from + 5).unwrap_or_default();
    Ok(format!("{}-{}-{}", part(0), part(5), part(10)))
}

/// People type capitals, and leave the dashes out.
fn recovery_digest(core: &Core, user: UserId, code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    core.keys.digest(Purpose::RecoveryCode, &format!("{user} {}", plain.to_lowercase()))
}

fn opened(core: &Core, row: &Row, sealed: &[u8]) -> Result<Codes> {
    let secret = core.keys.open(Purpose::SecondFactor, sealed);
    // Who issues it is part of what is scanned, not of what is checked.
    codes("", row, &secret.ok_or_else(|| Error::internal("second factor: sealed with another secret"))?)
}

fn codes(issuer: &str, row: &Row, secret: &[u8]) -> Result<Codes> {
    Codes::new(secret, issuer, &row.username)
}

async fn find(conn: &mut Conn, caller: &Caller, user: UserId) -> Result<Row> {
    db::users::find(conn, caller.org, user).await?.ok_or_else(super::missing)
}

/// A secret is its owner's: an administrator takes it away, and never sees it.
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
