//! Leaving a channel, or being removed from it.

use crate::db::channels::Channel;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts, audits};
use crate::services::channels::{self, Person, TOWN_SQUARE, append};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::wire::{ChannelId, ChannelKind, Event, UserId};

/// Removes `user` from a channel: the caller themselves, or others if the caller manages the channel's members. Nobody
/// leaves direct and group channels, or Town Square. From an archived channel, people can only remove themselves, and
/// no notice is posted.
pub async fn part(core: &Core, caller: &Caller, id: ChannelId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let access = channels::access(&mut tx, caller, id).await?;
    may_be_left(access.channel(), user == caller.id)?;
    if user != caller.id {
        access.require_by_kind(
            Permission::ManagePublicChannelMembers,
            Permission::ManagePrivateChannelMembers,
        )?;
    }
    let locked = db::channels::lock(&tx, &[id]).await?;
    let is_archived = locked.iter().any(Channel::is_archived);
    if is_archived && user != caller.id {
        return Err(archived());
    }
    if db::channel_members::delete(&mut tx, &[id], user).await? == 0 {
        return Err(channels::no_member());
    }
    if access.channel().kind == ChannelKind::Private
        && db::channel_members::user_ids(&mut tx, id, 1).await?.is_empty()
    {
        return Err(last_one());
    }
    tx.emit(Event::RemovedFromChannel { user_id: user, channel_id: id, remover_id: caller.id });
    tx.emit(Event::UserRemoved { channel_id: id, user_id: user, remover_id: caller.id });
    if !is_archived {
        say_goodbye(&mut tx, caller, id, user).await?;
    }
    if user != caller.id {
        audits::note(&mut tx, caller, "/api/v4/channels/members/remove", id, &format!("user_id={user}"))
            .await?;
    }
    tx.commit().await
}

fn may_be_left(channel: &Channel, by_oneself: bool) -> Result<()> {
    if channel.is_direct() {
        return Err(Error::invalid(
            "api.channel.remove_channel_member.type.app_error",
            "Unable to remove user from channel.",
        ));
    }
    if channel.name != TOWN_SQUARE {
        return Ok(());
    }
    let (id, verb) = if by_oneself {
        ("api.channel.leave.default.app_error", "leave")
    } else {
        ("api.channel.remove.default.app_error", "remove user from")
    };
    Err(Error::invalid(id, format!("Unable to {verb} the default channel {TOWN_SQUARE}.")))
}

fn archived() -> Error {
    Error::invalid(
        "api.channel.remove_user_from_channel.deleted.app_error",
        "The channel has been archived or deleted.",
    )
}

fn last_one() -> Error {
    Error::invalid(
        "api.channel.leave.last_member.app_error",
        "The only member left of a private channel cannot leave it: archive it instead.",
    )
}

async fn say_goodbye(tx: &mut Tx, caller: &Caller, id: ChannelId, user: UserId) -> Result<()> {
    let notice = if user == caller.id {
        channels::left(id, Person::from(caller))
    } else {
        let gone = db::users::find(tx, caller.org, user).await?.ok_or_else(accounts::missing)?;
        channels::removed(id, Person { id: user, name: &gone.username }, Person::from(caller))
    };
    append::notices(tx, vec![notice]).await
}
