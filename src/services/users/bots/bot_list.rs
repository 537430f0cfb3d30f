//! Reading bots.

use super::{missing, seen, shape};
use crate::db::{self, bots::BotFilter};
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::services::users::Core;
use crate::wire::{Bot, PageRange, UserId};

/// The filter of a list of bots.
#[derive(Debug, Clone, Copy, Default)]
pub struct BotQuery {
    /// Whether to include bots that are switched off.
    pub include_deleted: bool,
    /// Whether to list only bots whose owner is switched off or gone.
    pub only_orphaned: bool,
}

/// Lists a page of the organisation's bots by name: all if the caller may read others' bots, otherwise their own.
pub async fn list(core: &Core, caller: &Caller, asked: BotQuery, page: PageRange) -> Result<Vec<Bot>> {
    let filter = BotFilter {
        owner: (!caller.may(Permission::ReadOthersBots)).then_some(caller.id),
        include_deleted: asked.include_deleted,
        only_orphaned: asked.only_orphaned,
    };
    let rows = db::bots::list(&mut *core.read().await?, caller.org, filter, page).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// The bot `bot`; one that is switched off only with `include_deleted`.
pub async fn get(core: &Core, caller: &Caller, bot: UserId, include_deleted: bool) -> Result<Bot> {
    let mut conn = core.read().await?;
    let row = seen(&mut conn, caller, bot, Permission::ReadOthersBots).await?.0;
    if row.delete_at == 0 || include_deleted { Ok(shape(row)) } else { Err(missing()) }
}
