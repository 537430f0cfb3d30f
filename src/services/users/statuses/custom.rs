//! The custom status: an emoji and a few words beside a name, stored in the account's properties. The latest ones are
//! in a preference, to choose from again. Clients see by themselves when one has expired; a job clears it.

use serde::{Deserialize, Serialize};

use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::accounts::{self, AccountAuthority};
use crate::services::auth::permissions::Permission;
use crate::services::platform::Tx;
use crate::services::users::{Core, preferences};
use crate::wire::{Preference, UserId, to_text};

/// The property of the account that holds it.
const PROP: &str = "customStatus";

/// The preference with the latest ones, and their number at most.
const CATEGORY: &str = "custom_status";
const NAME: &str = "recent_custom_statuses";
const RECENT: usize = 5;

/// Characters of the text, and of the emoji's name, at most.
const MAX_TEXT: usize = 100;
const MAX_EMOJI: usize = 64;

/// The protocol's value for no expiry.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The protocol's names for the duration.
const DURATIONS: [&str; 8] = [
    "",
    "thirty_minutes",
    "one_hour",
    "four_hours",
    "today",
    "this_week",
    "date_and_time",
    "custom_date_time",
];

/// A custom status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomStatus {
    /// The emoji's name; a speech balloon by default.
    pub emoji: String,
    /// The text.
    pub text: String,
    /// The name of the duration.
    pub duration: String,
    /// The time of expiry, in RFC 3339.
    pub expires_at: String,
}

/// Sets the custom status of `user`.
pub async fn set_custom(core: &Core, caller: &Caller, user: UserId, new: CustomStatus) -> Result<()> {
    let mut tx = core.begin().await?;
    let over = accounts::over(&mut tx, caller, user, Permission::ManageSystem).await?;
    let new = checked(new)?;
    show(&mut tx, caller, &over, &to_text(&new)).await?;
    let mut recent = recent(&mut tx, user).await?;
    recent.retain(|r| !is_same(r, &new));
    recent.insert(0, new);
    recent.truncate(RECENT);
    keep(&mut tx, user, &recent).await?;
    tx.commit().await
}

/// Removes the custom status of `user`.
pub async fn clear_custom(core: &Core, caller: &Caller, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let over = accounts::over(&mut tx, caller, user, Permission::ManageSystem).await?;
    show(&mut tx, caller, &over, "").await?;
    tx.commit().await
}

/// Clears expired custom statuses, at most `limit`, as their owners would; returns how many.
pub async fn clear_over(tx: &mut Tx, limit: i64) -> Result<i64> {
    let over = db::users::lock_custom_over(tx, limit).await?;
    for (user, org) in &over {
        if let Some(row) = db::users::set_prop(tx, *org, *user, PROP, "").await? {
            accounts::tell(tx, &row).await?;
        }
    }
    Ok(i64::try_from(over.len()).unwrap_or(limit))
}

/// Removes one of the latest custom statuses.
pub async fn forget_recent(core: &Core, caller: &Caller, user: UserId, old: CustomStatus) -> Result<()> {
    let mut tx = core.begin().await?;
    let user = accounts::over(&mut tx, caller, user, Permission::ManageSystem).await?.id();
    let mut recent = recent(&mut tx, user).await?;
    recent.retain(|r| !is_same(r, &old));
    keep(&mut tx, user, &recent).await?;
    tx.commit().await
}

async fn show(tx: &mut Tx, caller: &Caller, over: &AccountAuthority, text: &str) -> Result<()> {
    let row =
        db::users::set_prop(tx, caller.org, over.id(), PROP, text).await?.ok_or_else(accounts::missing)?;
    accounts::tell(tx, &row).await?;
    Ok(())
}

/// The latest custom statuses; empty if the preference cannot be read.
async fn recent(tx: &mut Tx, user: UserId) -> Result<Vec<CustomStatus>> {
    let row = db::preferences::find(tx, user, CATEGORY, NAME).await?;
    Ok(row.and_then(|r| serde_json::from_str(&r.value).ok()).unwrap_or_default())
}

async fn keep(tx: &mut Tx, user: UserId, recent: &[CustomStatus]) -> Result<()> {
    let item = Preference {
        user_id: user,
        category: CATEGORY.to_owned(),
        name: NAME.to_owned(),
        value: to_text(recent),
    };
    preferences::put(tx, user, vec![item]).await
}

fn is_same(a: &CustomStatus, b: &CustomStatus) -> bool {
    a.emoji == b.emoji && a.text == b.text
}

fn checked(mut new: CustomStatus) -> Result<CustomStatus> {
    let is_empty = new.emoji.is_empty() && new.text.is_empty();
    let fits = new.text.chars().count() <= MAX_TEXT && new.emoji.chars().count() <= MAX_EMOJI;
    if is_empty || !fits || !DURATIONS.contains(&new.duration.as_str()) {
        return Err(Error::body("custom_status"));
    }
    if new.expires_at.is_empty() {
        new.expires_at = NEVER.to_owned();
    }
    if !is_time(&new.expires_at) {
        return Err(Error::body("expires_at"));
    }
    if new.emoji.is_empty() {
        new.emoji = "speech_balloon".to_owned();
    }
    Ok(new)
}

/// Whether the text has the form of an RFC 3339 time.
fn is_time(text: &str) -> bool {
    let looks = |(pattern, c): (char, char)| if pattern == '0' { c.is_ascii_digit() } else { pattern == c };
    let (head, zone) = match text.split_at_checked(19) {
        Some(parts) => parts,
        None => return false,
    };
    "0000-00-00T00:00:00".chars().zip(head.chars()).all(looks)
        && !zone.is_empty()
        && zone.len() <= 16
        && zone.chars().all(|c| c.is_ascii_digit() || ".:+-Z".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_enough_and_nothing_is_not() {
        let busy = CustomStatus { text: "busy".into(), ..CustomStatus::default() };
        let checked_busy = checked(busy).expect("good");
        assert_eq!(
            (checked_busy.emoji.as_str(), checked_busy.expires_at.as_str()),
            ("speech_balloon", NEVER)
        );
        assert!(checked(CustomStatus::default()).is_err());
        assert!(checked(CustomStatus { text: "x".repeat(101), ..CustomStatus::default() }).is_err());
        let for_ever =
            CustomStatus { text: "x".into(), duration: "for_ever".into(), ..CustomStatus::default() };
        assert!(checked(for_ever).is_err());
    }

    #[test]
    fn times_look_like_times() {
        for good in [NEVER, "2036-01-02T15:04:05Z", "2036-01-02T15:04:05.123+02:00"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["", "tomorrow", "2036-01-02T15:04:05", "2036-01-02 15:04:05Z", "ü036-01-02T15:04:05Z"] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
