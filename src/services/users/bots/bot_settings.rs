//! Creating bots and changing their profiles.

use serde::Deserialize;

use super::{managed, shape};
use crate::db::{self, bots::BotChanges};
use crate::error::{Error, Result};
use crate::services::auth::accounts::{self, rules, tell};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, audits};
use crate::services::users::{self, Core};
use crate::wire::{Bot, UserId};

/// Characters of a description at most.
const MAX_DESCRIPTION: usize = 1024;

/// The fields of a new bot.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct NewBot {
    pub username: String,
    #[serde(default)]
    pub display_name: String,
    #[serde(default)]
    pub description: String,
}

/// The changes to a bot; absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct BotPatch {
    pub username: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
}

/// Creates a bot that the caller owns. No event is sent: clients learn of it when it posts.
pub async fn create(core: &Core, caller: &Caller, new: NewBot) -> Result<Bot> {
    caller.require(Permission::CreateBot)?;
    // Even a bot without further roles may do more than a guest.
    if caller.is_guest() {
        return Err(Error::forbidden());
    }
    let description = described(new.description)?;
    let display_name = rules::first_name(new.display_name)?;
    let account = users::for_bot(caller.org, &new.username, display_name)?;
    let mut tx = core.begin().await?;
    let row = db::users::insert(&mut tx, &account).await;
    let row = row.map_err(|e| db::translate(e, accounts::TAKEN))?;
    let changes = BotChanges { bot_description: Some(Some(description)), ..BotChanges::owned_by(caller.id) };
    let row = db::bots::update(&mut tx, row.id, &changes).await?;
    audits::note(&mut tx, caller, "/api/v4/bots", row.id, "created").await?;
    tx.commit().await?;
    Ok(shape(row))
}

/// Changes a bot.
pub async fn patch(core: &Core, caller: &Caller, bot: UserId, patch: BotPatch) -> Result<Bot> {
    let username = patch.username.as_deref().map(rules::username).transpose()?;
    let changes = BotChanges {
        // A bot's address follows its name, so that it cannot equal anybody else's.
        email: username.as_deref().map(users::address_of_bot),
        username,
        first_name: patch.display_name.map(rules::first_name).transpose()?,
        bot_description: patch.description.map(described).transpose()?.map(Some),
        ..BotChanges::default()
    };
    let mut tx = core.begin().await?;
    let before = managed(&mut tx, caller, bot).await?.0;
    let row = db::bots::update(&mut tx, before.id, &changes).await;
    let row = row.map_err(|e| db::translate(e, accounts::TAKEN))?;
    tell(&mut tx, &row).await?;
    audits::note(&mut tx, caller, "/api/v4/bots", row.id, "patched").await?;
    let sessions = db::sessions::ids_of_user(&mut tx, row.id).await?;
    tx.commit().await?;
    core.sessions.refresh(&sessions).await;
    Ok(shape(row))
}

/// Assigns a bot to another owner: a person of the same organisation with at least the bot's rights.
pub async fn assign(core: &Core, caller: &Caller, bot: UserId, owner: UserId) -> Result<Bot> {
    let mut tx = core.begin().await?;
    let row = managed(&mut tx, caller, bot).await?.0;
    let heir = db::users::find(&mut tx, caller.org, owner).await?.ok_or_else(accounts::missing)?;
    if heir.is_bot() || heir.delete_at != 0 {
        return Err(Error::param("user_id"));
    }
    accounts::check_bounded(&mut tx, &heir, &row.roles).await?;
    if db::operators::contains(&mut tx, row.id).await? {
        accounts::check_operating(&mut tx, heir.id).await?;
    }
    let row = db::bots::update(&mut tx, row.id, &BotChanges::owned_by(heir.id)).await?;
    audits::note(&mut tx, caller, "/api/v4/bots/assign", row.id, &format!("to user_id={owner}")).await?;
    tx.commit().await?;
    Ok(shape(row))
}

fn described(text: String) -> Result<String> {
    if text.chars().count() > MAX_DESCRIPTION {
        return Err(Error::invalid(
            "model.bot.is_valid.description.app_error",
            "Invalid description: must be 1024 or less characters.",
        ));
    }
    Ok(text)
}
