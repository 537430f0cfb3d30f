//! Viewers: while somebody views a channel, they receive status changes of its members. The changes of a second are
//! batched, so that a thousand people who come at once cost each viewer one event, not a thousand.

use std::collections::{BTreeMap, HashMap};

use super::{Moment, effective, now};
use crate::db::{self};
use crate::error::Result;
use crate::services::users::Core;
use crate::wire::{ChannelId, Event, PresenceStatus, UserId};

/// Status changes of one channel that are sent singly, in the protocol's own event; more are batched.
const FEW: usize = 3;

/// People, and channels, in one query at most.
const AT_ONCE: usize = 1000;

/// Runs one round: sends the changes since the last one to the viewers on this node.
pub async fn tell_viewers(core: &Core) -> Result<()> {
    let (changed, channels) = core.presence.changes(now());
    if channels.is_empty() {
        return Ok(());
    }
    for people in changed.chunks(AT_ONCE) {
        let shown = statuses(core, people).await?;
        for channels in channels.chunks(AT_ONCE) {
            tell(core, channels, people, &shown).await?;
        }
    }
    Ok(())
}

async fn statuses(core: &Core, people: &[UserId]) -> Result<HashMap<UserId, PresenceStatus>> {
    let rows = db::statuses::chosen(&mut *core.read().await?, people).await?;
    let chosen: HashMap<_, _> = rows.into_iter().map(|row| (row.user_id, row)).collect();
    let at = Moment::of(core);
    let status =
        |user: &UserId| (*user, effective(at, *user, chosen.get(user), core.presence.seen(*user), 0).status);
    Ok(people.iter().map(status).collect())
}

async fn tell(
    core: &Core,
    channels: &[ChannelId],
    people: &[UserId],
    shown: &HashMap<UserId, PresenceStatus>,
) -> Result<()> {
    let members = db::channel_members::among(&mut *core.read().await?, channels, people).await?;
    let mut by_channel: BTreeMap<ChannelId, Vec<(UserId, PresenceStatus)>> = BTreeMap::new();
    for (channel, user) in members {
        if let Some(status) = shown.get(&user) {
            by_channel.entry(channel).or_default().push((user, *status));
        }
    }
    for (channel_id, statuses) in by_channel {
        if statuses.len() > FEW {
            let statuses = statuses.into_iter().map(|(user, status)| (user.to_string(), status)).collect();
            core.announce_here(&Event::StatusesSeen { channel_id, statuses });
            continue;
        }
        for (user_id, status) in statuses {
            core.announce_here(&Event::StatusSeen { channel_id, user_id, status });
        }
    }
    Ok(())
}
