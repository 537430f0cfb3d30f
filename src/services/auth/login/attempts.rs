//! Failed logins in a row, counted by account, or by name if there is no such account, so that a lock reveals nothing.
//!
//! An attempt is counted in the database before the password is checked, so that parallel attempts on any node do not
//! exceed the limit; a success resets the count.
//!
//! Wrong passwords of strangers must not lock the owner out. So attempts from each place where the account logged in
//! before (an address, a phone) are counted separately, and all others together.

use sha2::{Digest, Sha256};

use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::auth::credentials::HashPermit;
use crate::services::auth::{Client, Core};
use crate::services::platform::Tx;
use crate::services::platform::keys::Purpose;
use crate::wire::{Millis, OrgId, UserId};

/// The time for which failed attempts count, from the first of a row; in milliseconds.
const WINDOW: Millis = 5 * 60 * 1000;

/// Days after which an unused place is forgotten, and the most places of an account.
const PLACE_DAYS: u32 = 90;
const MOST_PLACES: i64 = 20;

/// Characters that a phone's identifier needs at least to be hard to guess.
const MIN_DEVICE: usize = 16;

/// The counter that an attempt is added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttemptKey {
    /// The account's, for attempts from an unknown place.
    Account(UserId),
    /// The account's, for attempts from a known place.
    Address(UserId, Vec<u8>),
    /// The counter of a name that no account has.
    Nobody(OrgId, String),
}

impl AttemptKey {
    /// The database key of the counter. It is a digest of the name: people type passwords into the name field.
    fn key(&self) -> Vec<u8> {
        let digest = match self {
            Self::Account(id) => Sha256::digest(id.0.as_bytes()),
            Self::Address(id, place) => Sha256::digest([id.0.as_bytes(), place.as_slice()].concat()),
            Self::Nobody(org, name) => Sha256::digest([org.0.as_bytes(), name.as_bytes()].concat()),
        };
        digest.to_vec()
    }
}

/// Finds the counter for attempts on an account from a place. Takes as long if there is no such account.
pub(super) async fn key(
    core: &Core,
    user: Option<UserId>,
    org: OrgId,
    name: String,
    at: &[Vec<u8>],
) -> Result<AttemptKey> {
    let asked = user.unwrap_or(UserId(uuid::Uuid::nil()));
    let known = db::known_places::find(&mut *core.read().await?, asked, at, PLACE_DAYS).await?;
    // A phone before an address, which others may share.
    let known = at.iter().find(|place| known.contains(place)).cloned();
    Ok(match (user, known) {
        (None, _) => AttemptKey::Nobody(org, name),
        (Some(id), None) => AttemptKey::Account(id),
        (Some(id), Some(place)) => AttemptKey::Address(id, place),
    })
}

/// Finds the counter for a caller who is logged in already.
pub(super) async fn key_inside(core: &Core, org: OrgId, user: UserId, client: &Client) -> Result<AttemptKey> {
    key(core, Some(user), org, String::new(), &places(core, user, client, "")).await
}

/// The places of a login: digests of the phone, if there is one, and of the address. The stored digests do not reveal
/// where the owner was.
pub(super) fn places(core: &Core, user: UserId, client: &Client, device: &str) -> Vec<Vec<u8>> {
    let digest = |text: String| core.keys.digest(Purpose::KnownPlace, &text);
    let household = client.household();
    let address = (!household.is_empty()).then(|| digest(format!("{user} address {household}")));
    let device = (device.len() >= MIN_DEVICE).then(|| digest(format!("{user} device {device}")));
    device.into_iter().chain(address).collect()
}

/// Remembers the places of a successful login.
pub(super) async fn remember(tx: &mut Tx, user: UserId, places: &[Vec<u8>]) -> Result<()> {
    db::known_places::remember(tx, user, places, MOST_PLACES).await?;
    Ok(())
}

/// Forgets the failed attempts and the known places of an account: whoever had the old password may have used them.
pub(crate) async fn unlock(tx: &mut Tx, user: UserId) -> Result<()> {
    for place in db::known_places::forget(tx, user).await? {
        db::login_attempts::forget(tx, &AttemptKey::Address(user, place).key()).await?;
    }
    db::login_attempts::forget(tx, &AttemptKey::Account(user).key()).await?;
    Ok(())
}

/// Counts an attempt and returns how many failed before; fails if those were too many.
pub(super) async fn begin(core: &Core, key: &AttemptKey) -> Result<u32> {
    let most = i32::try_from(core.settings.auth.max_login_attempts).unwrap_or(i32::MAX);
    let mut tx = core.begin().await?;
    let before = db::login_attempts::begin(&mut tx, &key.key(), most, WINDOW).await?;
    tx.commit().await?;
    before.and_then(|before| u32::try_from(before).ok()).ok_or_else(too_many)
}

/// Checks a password against the stored hash `kept`, as a counted attempt: whether it fits, and how many attempts
/// failed before. If it could not be checked, the attempt does not count.
pub(super) async fn look(
    core: &Core,
    (key, turn): (&AttemptKey, HashPermit),
    password: String,
    kept: Option<String>,
) -> Result<(bool, u32)> {
    let failed = begin(core, key).await?;
    // Charged after the count, which strangers exhaust: the account's own hash budget is for those who may be its
    // owner.
    let charged = match key {
        AttemptKey::Account(id) | AttemptKey::Address(id, _) => core.passwords.charge(&turn, *id),
        AttemptKey::Nobody(..) => Ok(()),
    };
    let looked = match charged {
        Ok(()) => core.passwords.verify(turn, password, kept).await,
        Err(error) => Err(error),
    };
    match looked {
        Ok(fits) => Ok((fits, failed)),
        Err(error) => {
            take_back(core, key).await?;
            Err(error)
        }
    }
}

/// Uncounts an attempt that has begun.
pub(super) async fn take_back(core: &Core, key: &AttemptKey) -> Result<()> {
    let mut tx = core.begin().await?;
    db::login_attempts::give_back(&mut tx, &key.key()).await?;
    tx.commit().await
}

/// Resets the count after a right password.
pub(super) async fn forget(core: &Core, key: &AttemptKey) -> Result<()> {
    let mut tx = core.begin().await?;
    db::login_attempts::forget(&mut tx, &key.key()).await?;
    tx.commit().await
}

/// Removes expired counts, at most `limit`; returns how many.
pub async fn sweep(tx: &mut Tx, limit: i64) -> Result<i64> {
    let removed = db::login_attempts::sweep(tx, WINDOW, limit).await?;
    Ok(i64::try_from(removed).unwrap_or(limit))
}

/// Whether an attempt was refused because there were too many before.
pub(super) fn is_locked(error: &Error) -> bool {
    error.id == LOCKED
}

const LOCKED: &str = "api.user.check_user_login_attempts.too_many.app_error";

fn too_many() -> Error {
    Error::new(
        Kind::Unauthenticated,
        LOCKED,
        "Your account is locked because of too many failed password attempts. Please try again in five minutes.",
    )
}
