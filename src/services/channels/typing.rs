//! Typing indicators: an ephemeral event for the members of a channel, at most once a second for each user and channel.

use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::services::channels::{self, Core};
use crate::services::users::statuses;
use crate::wire::{ChannelId, Event};

/// Emits that the caller is typing; fails if they are not a member or may not post.
pub async fn announce(core: &Core, caller: &Caller, channel_id: ChannelId, parent_id: &str) -> Result<()> {
    statuses::acted(core, caller);
    if core.writing.was_told(caller.id, channel_id) {
        return Ok(());
    }
    let mut conn = core.read().await?;
    // As for posting, the error must not reveal whether a channel exists.
    let hidden = |e: Error| if e.kind == Kind::NotFound { Error::forbidden() } else { e };
    let access = channels::access(&mut conn, caller, channel_id).await.map_err(hidden)?;
    access.require(Permission::CreatePost)?;
    access.member().ok_or_else(Error::forbidden)?;
    drop(conn);
    if !core.writing.tell(caller.id, channel_id).await {
        return Ok(());
    }
    let parent_id = parent_id.chars().take(26).collect();
    core.announce(&Event::Typing { channel_id, user_id: caller.id, parent_id });
    Ok(())
}
