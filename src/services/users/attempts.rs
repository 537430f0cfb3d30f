//! Wrong passwords in a row, of an account or of a name that nobody has: being locked tells nothing.
//!
//! An attempt is counted before the password is looked at, in the database, so that many at once do not get round the
//! bound, on whatever node they come; success forgets the count.
//!
//! Wrong passwords of strangers must not lock the owner out. So attempts from where an account logged in before (an
//! address, a phone) are counted for that place alone, and all others together.

use sha2::{Digest, Sha256};

use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::auth::Client;
use crate::services::core::{Core, Tx};
use crate::services::credentials::{HashPermit, Purpose};
use crate::wire::{Millis, OrgId, UserId};

/// How long wrong passwords are remembered, from the first of a row; in milliseconds.
const WINDOW: Millis = 5 * 60 * 1000;

/// Days for which a place is known where an account did not log in again, and how many are, of an account.
const PLACE_DAYS: u32 = 90;
const MOST_PLACES: i64 = 20;

/// Characters of a phone's identifier that make it one that nobody guesses.
const MIN_DEVICE: usize = 16;

/// AttemptKey passwords are guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttemptKey {
    /// An account's, from somewhere new.
    Account(UserId),
    /// An account's, from a place that it knows.
    Address(UserId, Vec<u8>),
    /// Nobody's, under a name that was tried.
    Nobody(OrgId, String),
}

impl AttemptKey {
    /// What the count is kept under. Not the name itself: people type passwords there.
    fn key(&self) -> Vec<u8> {
        let digest = match self {
            Self::Account(id) => Sha256::digest(id.0.as_bytes()),
            Self::Address(id, place) => Sha256::digest([id.0.as_bytes(), place.as_slice()].concat()),
            Self::Nobody(org, name) => Sha256::digest([org.0.as_bytes(), name.as_bytes()].concat()),
        };
        digest.to_vec()
    }
}

/// AttemptKey attempts are counted that come for an account from a place. What is asked for an account that is not
/// there takes as long.
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

/// The same of somebody who is inside already.
pub(super) async fn key_inside(core: &Core, org: OrgId, user: UserId, client: &Client) -> Result<AttemptKey> {
    key(core, Some(user), org, String::new(), &places(core, user, client, "")).await
}

/// What an account is known by where it logs in: digests of the address and of the phone, if it is one. Nobody reads
/// from them where somebody was.
pub(super) fn places(core: &Core, user: UserId, client: &Client, device: &str) -> Vec<Vec<u8>> {
    let digest = |text: String| core.keys.digest(Purpose::KnownPlace, &text);
    let household = client.household();
    let address = (!household.is_empty()).then(|| digest(format!("{user} address {household}")));
    let device = (device.len() >= MIN_DEVICE).then(|| digest(format!("{user} device {device}")));
    device.into_iter().chain(address).collect()
}

/// Remembers from where the account logged in.
pub(super) async fn remember(tx: &mut Tx, user: UserId, places: &[Vec<u8>]) -> Result<()> {
    db::known_places::remember(tx, user, places, MOST_PLACES).await?;
    Ok(())
}

/// Forgets all wrong passwords of an account, and from where it logged in before: who had the old password knew them.
pub(crate) async fn unlock(tx: &mut Tx, user: UserId) -> Result<()> {
    for place in db::known_places::forget(tx, user).await? {
        db::login_attempts::forget(tx, &AttemptKey::Address(user, place).key()).await?;
    }
    db::login_attempts::forget(tx, &AttemptKey::Account(user).key()).await?;
    Ok(())
}

/// Counts an attempt that begins. The answer is how many failed before; refused where those were too many.
pub(super) async fn begin(core: &Core, key: &AttemptKey) -> Result<u32> {
    let most = i32::try_from(core.settings.auth.max_login_attempts).unwrap_or(i32::MAX);
    let mut tx = core.begin().await?;
    let before = db::login_attempts::begin(&mut tx, &key.key(), most, WINDOW).await?;
    tx.commit().await?;
    before.and_then(|before| u32::try_from(before).ok()).ok_or_else(too_many)
}

/// Looks whether the password is the one behind `kept`, as an attempt: whether it is, and how many failed before. What
/// could not be looked at counts for nothing.
pub(super) async fn look(
    core: &Core,
    (key, turn): (&AttemptKey, HashPermit),
    password: String,
    kept: Option<String>,
) -> Result<(bool, u32)> {
    let failed = begin(core, key).await?;
    // Behind the count, which strangers exhaust: what the bucket of an account answers is for those who may be its
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

/// The attempt that began is none.
pub(super) async fn take_back(core: &Core, key: &AttemptKey) -> Result<()> {
    let mut tx = core.begin().await?;
    db::login_attempts::give_back(&mut tx, &key.key()).await?;
    tx.commit().await
}

/// The password was right.
pub(super) async fn forget(core: &Core, key: &AttemptKey) -> Result<()> {
    let mut tx = core.begin().await?;
    db::login_attempts::forget(&mut tx, &key.key()).await?;
    tx.commit().await
}

/// Removes counts key time is over, at most `limit`; how many.
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
