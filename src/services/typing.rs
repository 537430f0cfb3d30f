//! "Somebody is writing": an ephemeral event, for the members of a channel who may see it; at most once a second.

use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::wire::{ChannelId, Event};

/// Tells the others in the channel, if the caller is a member.
pub async fn announce(core: &Core, caller: &Caller, channel_id: ChannelId, parent_id: &str) -> Result<()> {
    if core.writing.was_told(caller.id, channel_id) {
        return Ok(());
    }
    let mut conn = core.read().await?;
    db::channel_members::find(&mut conn, channel_id, caller.id).await?.ok_or_else(Error::forbidden)?;
    drop(conn);
    if !core.writing.tell(caller.id, channel_id).await {
        return Ok(());
    }
    let parent_id = parent_id.chars().take(26).collect();
    core.announce(&Event::Typing { channel_id, user_id: caller.id, parent_id });
    Ok(())
}
