//! Wrong passwords in a row, of an account or of a name that nobody has: being locked tells nothing.
//!
//! An attempt is counted before the password is looked at, in the database, so that many at once do not get round the
//! bound, on whatever node they come; success forgets the count.

use sha2::{Digest, Sha256};

use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::core::{Core, Tx};
use crate::wire::{Millis, OrgId, UserId};

/// How long wrong passwords are remembered, from the first of a row; in milliseconds.
const WINDOW: Millis = 5 * 60 * 1000;

/// Whose passwords are guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// An account's.
    Account(UserId),
    /// Nobody's, under a name that was tried.
    Nobody(OrgId, String),
}

impl Whose {
    /// What the count is kept under. Not the name itself: people type passwords there.
    fn key(&self) -> Vec<u8> {
        let digest = match self {
            Self::Account(id) => Sha256::digest(id.0.as_bytes()),
            Self::Nobody(org, name) => Sha256::digest([org.0.as_bytes(), name.as_bytes()].concat()),
        };
        digest.to_vec()
    }
}

/// Counts an attempt that begins. The answer is how many failed before; refused where those were too many.
pub(super) async fn begin(core: &Core, whose: &Whose) -> Result<u32> {
    let most = i32::try_from(core.settings.auth.max_login_attempts).unwrap_or(i32::MAX);
    let mut tx = core.begin().await?;
    let before = db::login_attempts::begin(&mut tx, &whose.key(), most, WINDOW).await?;
    tx.commit().await?;
    before.and_then(|before| u32::try_from(before).ok()).ok_or_else(too_many)
}

/// Looks whether the password is the one behind `kept`, as an attempt: whether it is, and how many failed before. What
/// could not be looked at counts for nothing.
pub(super) async fn look(
    core: &Core,
    whose: &Whose,
    password: String,
    kept: Option<String>,
) -> Result<(bool, u32)> {
    let failed = begin(core, whose).await?;
    match core.passwords.verify(password, kept).await {
        Ok(fits) => Ok((fits, failed)),
        Err(error) => {
            take_back(core, whose).await?;
            Err(error)
        }
    }
}

/// The attempt that began is none.
pub(super) async fn take_back(core: &Core, whose: &Whose) -> Result<()> {
    let mut tx = core.begin().await?;
    db::login_attempts::give_back(&mut tx, &whose.key()).await?;
    tx.commit().await
}

/// The password was right.
pub(super) async fn forget(core: &Core, whose: &Whose) -> Result<()> {
    let mut tx = core.begin().await?;
    db::login_attempts::forget(&mut tx, &whose.key()).await?;
    tx.commit().await
}

/// Removes counts whose time is over, at most `limit`; how many.
pub async fn sweep(tx: &mut Tx, limit: i64) -> Result<i64> {
    let removed = db::login_attempts::sweep(tx, WINDOW, limit).await?;
    Ok(i64::try_from(removed).unwrap_or(limit))
}

fn too_many() -> Error {
    Error::new(
        Kind::Unauthenticated,
        "api.user.check_user_login_attempts.too_many.app_error",
        "Your account is locked because of too many failed password attempts. Please try again in five minutes.",
    )
}
