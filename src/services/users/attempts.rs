//! Wrong passwords in a row. Counted in memory, on each node for itself: a bound on guessing, not a record.
//!
//! An attempt is counted before the password is looked at, so that many at once do not get round the bound; success
//! forgets the count. Names that nobody has are counted like those of accounts: being locked tells nothing.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::future::Cache;

use crate::error::{Error, Kind, Result};
use crate::services::core::Core;
use crate::wire::{OrgId, UserId};

/// How long wrong passwords are remembered, from the first of a row.
const WINDOW: Duration = Duration::from_secs(5 * 60);

/// Counts kept at most. Each costs its guesser the hashing of a password, so that filling this takes longer than the
/// window.
const CAPACITY: u64 = 100_000;

/// Whose passwords are guessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// An account's.
    Account(UserId),
    /// Nobody's, under a name that was tried.
    Nobody(OrgId, String),
}

/// Outside of the core's parts, since it is of no use to any other service; keys are unique across deployments.
static COUNTS: LazyLock<Cache<Whose, Arc<AtomicU32>>> =
    LazyLock::new(|| Cache::builder().max_capacity(CAPACITY).time_to_live(WINDOW).build());

/// Counts an attempt that begins. The answer is how many failed before; refused where those were too many.
pub(super) async fn begin(core: &Core, whose: &Whose) -> Result<u32> {
    let count = COUNTS.get_with(whose.clone(), async { Arc::default() }).await;
    let before = count.fetch_add(1, Ordering::Relaxed);
    if before < core.settings.auth.max_login_attempts {
        return Ok(before);
    }
    count.fetch_sub(1, Ordering::Relaxed);
    Err(Error::new(
        Kind::Unauthenticated,
        "api.user.check_user_login_attempts.too_many.app_error",
        "Your account is locked because of too many failed password attempts. Please try again in five minutes.",
    ))
}

/// The attempt that just began does not count: it was no guess.
pub(super) async fn take_back(whose: &Whose) {
    if let Some(count) = COUNTS.get(whose).await {
        let less = |n: u32| Some(n.saturating_sub(1));
        let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// The password was right.
pub(super) async fn forget(whose: &Whose) {
    COUNTS.invalidate(whose).await;
}
