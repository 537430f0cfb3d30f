//! Switching bots on and off. What that does to an account is with the accounts; a bot that is off has no sessions, so
//! its sockets end, and its tokens open nothing until it is on again.

use super::{managed, shape};
use crate::error::Result;
use crate::services::audits;
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::users;
use crate::wire::{Bot, UserId};

/// Switches a bot on. On already is on.
pub async fn enable(core: &Core, caller: &Caller, bot: UserId) -> Result<Bot> {
    set_active(core, caller, bot, true).await
}

/// Switches a bot off.
pub async fn disable(core: &Core, caller: &Caller, bot: UserId) -> Result<Bot> {
    set_active(core, caller, bot, false).await
}

async fn set_active(core: &Core, caller: &Caller, bot: UserId, active: bool) -> Result<Bot> {
    let mut tx = core.begin().await?;
    let row = managed(&mut tx, caller, bot).await?.0;
    let Some((row, ended)) = users::switch(&mut tx, caller.org, row.id, active).await? else {
        return Ok(shape(row));
    };
    let action = if active { "/api/v4/bots/enable" } else { "/api/v4/bots/disable" };
    audits::note(&mut tx, caller, action, row.id, "").await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(shape(row))
}
