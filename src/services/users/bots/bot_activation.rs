//! Switching bots on and off, by means of their accounts. A bot that is off has no sessions, so its sockets close and
//! its tokens are refused until it is on again.

use super::{managed, shape};
use crate::db;
use crate::error::Result;
use crate::services::auth::{Caller, accounts, audits};
use crate::services::users::Core;
use crate::wire::{Bot, UserId};

/// Switches a bot on, if it is not on already.
pub async fn enable(core: &Core, caller: &Caller, bot: UserId) -> Result<Bot> {
    set_active(core, caller, bot, true).await
}

/// Switches a bot off, if it is not off already.
pub async fn disable(core: &Core, caller: &Caller, bot: UserId) -> Result<Bot> {
    set_active(core, caller, bot, false).await
}

async fn set_active(core: &Core, caller: &Caller, bot: UserId, active: bool) -> Result<Bot> {
    let mut tx = core.begin().await?;
    let row = managed(&mut tx, caller, bot).await?.0;
    let id = row.id;
    let Some(ended) = accounts::switch_person(core, &mut tx, row.clone(), active, Some(caller)).await? else {
        return Ok(shape(row));
    };
    let action = if active { "/api/v4/bots/enable" } else { "/api/v4/bots/disable" };
    audits::note(&mut tx, caller, action, id, "").await?;
    let row = db::users::find(&mut tx, caller.org, id).await?.ok_or_else(accounts::missing)?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(shape(row))
}
