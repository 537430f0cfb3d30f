//! Preferences: what an account wants to see and how, by category and name. Clients define their meaning, except for
//! those that a service reads itself.

use std::collections::BTreeMap;

use crate::db::{self, preferences::Preference as Row};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::platform::Tx;
use crate::services::users::Core;
use crate::wire::{Event, Preference, UserId};

/// Preferences in one request at most.
const MAX_ITEMS: usize = 100;

/// Characters of a category, a name, a value, at most.
const MAX_CATEGORY: usize = 32;
const MAX_NAME: usize = 64;
const MAX_VALUE: usize = 20_000;

/// Preferences of an account at most: each flagged post is one.
const MAX_KEPT: i64 = 10_000;

/// Bytes of an account's preferences at most, with their names.
const MAX_BYTES: i64 = 2 << 20;

/// Preferences, and bytes, in one response at most: accounts from before the limit may have more.
const SHOWN: (i64, i64) = (MAX_KEPT, 2 * MAX_BYTES);

/// All preferences of `user`.
pub async fn list(core: &Core, caller: &Caller, user: UserId) -> Result<Vec<Preference>> {
    own(caller, user)?;
    let rows = db::preferences::of_user(&mut *core.read().await?, user, None, SHOWN).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// The preferences of a category; fails if there are none.
pub async fn by_category(
    core: &Core,
    caller: &Caller,
    user: UserId,
    category: &str,
) -> Result<Vec<Preference>> {
    own(caller, user)?;
    let rows = db::preferences::of_user(&mut *core.read().await?, user, Some(category), SHOWN).await?;
    if rows.is_empty() {
        return Err(missing("api.preference.preferences_category.get.app_error"));
    }
    Ok(rows.into_iter().map(shape).collect())
}

/// The preference with a category and a name.
pub async fn find(
    core: &Core,
    caller: &Caller,
    user: UserId,
    category: &str,
    name: &str,
) -> Result<Preference> {
    own(caller, user)?;
    let row = db::preferences::find(&mut *core.read().await?, user, category, name).await?;
    row.map(shape).ok_or_else(|| missing("app.preference.get.app_error"))
}

/// Sets preferences of `user`.
pub async fn set(core: &Core, caller: &Caller, user: UserId, items: Vec<Preference>) -> Result<()> {
    own(caller, user)?;
    let items = checked(user, items)?;
    let mut tx = core.begin().await?;
    put(&mut tx, user, items).await?;
    tx.commit().await
}

/// Removes preferences of `user`; those that do not exist are ignored.
pub async fn delete(core: &Core, caller: &Caller, user: UserId, items: Vec<Preference>) -> Result<()> {
    own(caller, user)?;
    let items = checked(user, items)?;
    let mut tx = core.begin().await?;
    for item in &items {
        db::preferences::delete(&mut tx, user, &item.category, &item.name).await?;
    }
    tx.emit(Event::SidebarCategoryUpdated { user_id: user });
    tx.emit(Event::PreferencesDeleted { user_id: user, preferences: items });
    tx.commit().await
}

/// Sets preferences in the open transaction.
pub(crate) async fn put(tx: &mut Tx, user: UserId, items: Vec<Preference>) -> Result<()> {
    let rows: Vec<Row> = items.iter().cloned().map(row).collect();
    db::preferences::hold(tx, user).await?;
    let before = db::preferences::sum(tx, user).await?;
    db::preferences::set(tx, &rows).await?;
    let after = db::preferences::sum(tx, user).await?;
    // An account with too much from before can still make changes that take no more space.
    let too_many = after.count > MAX_KEPT && after.count > before.count;
    let too_large = after.bytes > MAX_BYTES && after.bytes > before.bytes;
    if too_many || too_large {
        let bound = if too_many { format!("{MAX_KEPT}") } else { format!("{MAX_BYTES} bytes of") };
        return Err(Error::invalid(
            "api.preference.update_preferences.set.app_error",
            format!("Invalid value: an account keeps at most {bound} preferences."),
        ));
    }
    tx.emit(Event::SidebarCategoryUpdated { user_id: user });
    tx.emit(Event::PreferencesChanged { user_id: user, preferences: items });
    Ok(())
}

/// Fails unless the preferences are the caller's own.
fn own(caller: &Caller, user: UserId) -> Result<()> {
    if caller.id == user { Ok(()) } else { Err(Error::forbidden()) }
}

/// Validates preferences: within the limits, of `user`. Removes duplicates (the last one wins) and sorts them, so that
/// two requests never deadlock.
fn checked(user: UserId, items: Vec<Preference>) -> Result<Vec<Preference>> {
    if !(1..=MAX_ITEMS).contains(&items.len()) {
        return Err(Error::body("preferences"));
    }
    let mut kept: BTreeMap<(String, String), Preference> = BTreeMap::new();
    for item in items {
        let fits = |text: &str, least, most| (least..=most).contains(&text.chars().count());
        if item.user_id != user {
            return Err(Error::forbidden());
        }
        if !fits(&item.category, 1, MAX_CATEGORY) {
            return Err(Error::invalid("model.preference.is_valid.category.app_error", "Invalid category."));
        }
        if !fits(&item.name, 0, MAX_NAME) {
            return Err(Error::invalid("model.preference.is_valid.name.app_error", "Invalid name."));
        }
        if !fits(&item.value, 0, MAX_VALUE) {
            return Err(Error::invalid("model.preference.is_valid.value.app_error", "Value is too long."));
        }
        kept.insert((item.category.clone(), item.name.clone()), item);
    }
    Ok(kept.into_values().collect())
}

fn missing(id: &'static str) -> Error {
    Error::not_found(id, "Unable to get user preferences.")
}

fn shape(row: Row) -> Preference {
    Preference { user_id: row.user_id, category: row.category, name: row.name, value: row.value }
}

fn row(item: Preference) -> Row {
    Row { user_id: item.user_id, category: item.category, name: item.name, value: item.value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(user: UserId, name: &str, value: &str) -> Preference {
        Preference { user_id: user, category: "theme".into(), name: name.into(), value: value.into() }
    }

    #[test]
    fn the_last_of_the_same_name_wins() {
        let ann = UserId::new();
        let kept =
            checked(ann, vec![item(ann, "b", "1"), item(ann, "a", "2"), item(ann, "b", "3")]).expect("good");
        let values: Vec<&str> = kept.iter().map(|p| p.value.as_str()).collect();
        assert_eq!(values, ["2", "3"]);
    }

    #[test]
    fn bounds_hold_and_others_are_refused() {
        let ann = UserId::new();
        assert!(checked(ann, Vec::new()).is_err());
        assert!(checked(ann, vec![item(UserId::new(), "a", "")]).is_err());
        assert!(checked(ann, vec![item(ann, "", "")]).is_ok(), "the theme of all teams has no name");
        assert!(checked(ann, vec![item(ann, "a", &"ü".repeat(20_000))]).is_ok());
        assert!(checked(ann, vec![item(ann, "a", &"ü".repeat(20_001))]).is_err());
        assert!(checked(ann, (0..101).map(|i| item(ann, &i.to_string(), "")).collect()).is_err());
    }
}
