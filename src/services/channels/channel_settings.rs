//! Changing channels: names, header, purpose, privacy, the archive.

use serde::Deserialize;

use super::access::{ChannelAccess, access, unknown};
use super::create::{room, taken};
use super::notices::{self, Person, What};
use super::rules::{ChannelPatch, TOWN_SQUARE};
use super::shape;
use crate::db::channels::{Channel as Row, ChannelChanges};
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, audits};
use crate::services::channels::Core;
use crate::services::channels::append::{self, Notice};
use crate::services::platform::Tx;
use crate::services::teams;
use crate::wire::frame::AudienceFilter;
use crate::wire::{Channel, ChannelId, ChannelKind, Event, Topic, UnknownWord};

/// A whole channel, as older clients send it; its identifier has to equal the one in the path.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of the protocol's channel")]
pub struct FullChannel {
    pub id: ChannelId,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub display_name: String,
    #[serde(default)]
    pub header: String,
    #[serde(default)]
    pub purpose: String,
    #[serde(rename = "type", default)]
    pub kind: String,
}

/// Changes names, header and purpose, which members may do unless their roles restrict it; in direct and group channels
/// only the header.
pub async fn patch(core: &Core, caller: &Caller, id: ChannelId, patch: ChannelPatch) -> Result<Channel> {
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?;
    patch.check()?;
    access.require_by_kind(
        Permission::ManagePublicChannelProperties,
        Permission::ManagePrivateChannelProperties,
    )?;
    let old = lock(&mut tx, &access).await?;
    let changes = changes(&old, patch);
    refuse(&old, &changes)?;
    if changes == ChannelChanges::default() {
        return Ok(shape::channel(old));
    }
    let updated = db::channels::update(&mut tx, old.id, &changes).await;
    let new = updated.map_err(|e| db::translate(e, &[("channels_team_name_key", taken)]))?;
    tx.emit(Event::ChannelUpdated { channel: Box::new(shape::channel(new.clone())) });
    append::notices(&mut tx, differences(&old, &new, caller)).await?;
    audits::note(&mut tx, caller, "/api/v4/channels/patch", id, "").await?;
    tx.commit().await?;
    Ok(shape::channel(new))
}

/// Replaces header and purpose, and the names unless they are empty.
pub async fn replace(core: &Core, caller: &Caller, id: ChannelId, channel: FullChannel) -> Result<Channel> {
    if channel.id != id {
        return Err(Error::body("channel_id"));
    }
    let told = |text: String| Some(text).filter(|t| !t.is_empty());
    let new = ChannelPatch {
        name: told(channel.name),
        display_name: told(channel.display_name),
        header: Some(channel.header),
        purpose: Some(channel.purpose),
    };
    if !channel.kind.is_empty() {
        let mut conn = core.read().await?;
        if access(&mut conn, caller, id).await?.channel().kind.as_str() != channel.kind {
            return Err(Error::invalid(
                "api.channel.update_channel.typechange.app_error",
                "Channel type cannot be updated.",
            ));
        }
    }
    patch(core, caller, id, new).await
}

/// The channel's present row, locked until the transaction ends.
async fn lock(tx: &mut Tx, access: &ChannelAccess) -> Result<Row> {
    let rows = db::channels::lock(tx, &[access.id()]).await?;
    rows.into_iter().next().ok_or_else(unknown)
}

/// The fields of a patch that differ from the channel's.
fn changes(old: &Row, patch: ChannelPatch) -> ChannelChanges {
    let differs = |new: Option<String>, old: &str| new.filter(|n| n != old);
    let display_name = patch.display_name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    ChannelChanges {
        kind: None,
        name: differs(patch.name, &old.name),
        display_name: differs(display_name, &old.display_name),
        header: differs(patch.header, &old.header),
        purpose: differs(patch.purpose, &old.purpose),
    }
}

/// Fails if a change is not allowed for channels of this type or state.
fn refuse(old: &Row, changes: &ChannelChanges) -> Result<()> {
    living(old)?;
    let named = changes.name.is_some() || changes.display_name.is_some() || changes.purpose.is_some();
    if old.is_direct() && named {
        return Err(Error::invalid(
            "api.channel.patch_update_channel.update_direct_or_group_messages_not_allowed.app_error",
            "You are not allowed to update the name, display name or purpose of direct or group messages.",
        ));
    }
    if old.name == TOWN_SQUARE && changes.name.is_some() {
        return Err(Error::invalid(
            "api.channel.update_channel.tried.app_error",
            format!("Tried to perform an invalid update of the default channel {TOWN_SQUARE}."),
        ));
    }
    Ok(())
}

/// Fails if the channel is archived.
pub(super) fn living(channel: &Row) -> Result<()> {
    if !channel.is_archived() {
        return Ok(());
    }
    Err(Error::invalid(
        "api.channel.update_channel.deleted.app_error",
        "The channel has been archived or deleted.",
    ))
}

fn differences(old: &Row, new: &Row, caller: &Caller) -> Vec<Notice> {
    [
        (What::DisplayName, &old.display_name, &new.display_name),
        (What::Header, &old.header, &new.header),
        (What::Purpose, &old.purpose, &new.purpose),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(what, before, after)| notices::changed(old.id, Person::from(caller), what, before, after))
    .collect()
}

/// Makes a channel public (`O`) or private (`P`), which its administrators may do unless their roles restrict it. Its
/// members stay.
pub async fn set_privacy(core: &Core, caller: &Caller, id: ChannelId, privacy: &str) -> Result<Channel> {
    let privacy = match privacy.parse() {
        Ok(kind @ (ChannelKind::Public | ChannelKind::Private)) => kind,
        Ok(ChannelKind::Direct | ChannelKind::Group) | Err(UnknownWord(_)) => {
            return Err(Error::body("privacy"));
        }
    };
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?;
    let old = lock(&mut tx, &access).await?;
    let team_id = old.team_id.ok_or_else(Error::forbidden)?;
    access.require_by_kind(Permission::ConvertToPrivate, Permission::ConvertToPublic)?;
    living(&old)?;
    if old.name == TOWN_SQUARE && privacy == ChannelKind::Private {
        return Err(Error::invalid(
            "api.channel.update_channel_privacy.default_channel_error",
            "The default channel cannot be made private.",
        ));
    }
    if old.kind == privacy {
        return Ok(shape::channel(old));
    }
    let changes = ChannelChanges { kind: Some(privacy), ..ChannelChanges::default() };
    let new = db::channels::update(&mut tx, old.id, &changes).await?;
    tx.emit(Event::ChannelUpdated { channel: Box::new(shape::channel(new.clone())) });
    tx.emit(Event::ChannelConverted { team_id, channel_id: old.id });
    append::notices(
        &mut tx,
        vec![notices::converted(old.id, Person::from(caller), privacy == ChannelKind::Private)],
    )
    .await?;
    audits::note(&mut tx, caller, "/api/v4/channels/privacy", old.id, privacy.as_str()).await?;
    tx.commit().await?;
    Ok(shape::channel(new))
}

/// Archives a channel, which members may do unless their roles restrict it: it leaves all lists and accepts no posts
/// until [`restore`].
pub async fn archive(core: &Core, caller: &Caller, id: ChannelId) -> Result<()> {
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?;
    let row = lock(&mut tx, &access).await?;
    if row.is_direct() {
        return Err(Error::invalid(
            "api.channel.delete_channel.type.invalid",
            "Unable to delete direct or group message channels.",
        ));
    }
    access.require_by_kind(Permission::DeletePublicChannel, Permission::DeletePrivateChannel)?;
    if row.name == TOWN_SQUARE {
        return Err(Error::invalid(
            "api.channel.delete_channel.cannot.app_error",
            format!("Unable to delete the default channel {TOWN_SQUARE}."),
        ));
    }
    if row.is_archived() {
        return Err(Error::invalid(
            "api.channel.delete_channel.deleted.app_error",
            "The channel has been archived or deleted.",
        ));
    }
    let notice = notices::plain(id, Person::from(caller), "system_channel_deleted", "archived the channel.");
    append::notices(&mut tx, vec![notice]).await?;
    let row = db::channels::set_archived(&mut tx, id, true).await?;
    for (audience, filter) in audience(&mut tx, &row).await? {
        tx.emit(Event::ChannelDeleted { audience, filter, channel_id: id, delete_at: row.delete_at });
    }
    audits::note(&mut tx, caller, "/api/v4/channels/archive", id, "").await?;
    tx.commit().await
}

/// Restores a channel from the archive, which administrators of its team may do, even if it is private and they are no
/// members.
pub async fn restore(core: &Core, caller: &Caller, id: ChannelId) -> Result<Channel> {
    let mut tx = core.begin().await?;
    let found = db::channels::find(&mut tx, caller.org, id).await?.ok_or_else(unknown)?;
    let team = teams::access(&mut tx, caller, found.team_id.ok_or_else(Error::forbidden)?).await?;
    let team = team.admin()?.living()?;
    room(core, &mut tx, team.id()).await?;
    let row = db::channels::lock(&tx, &[id]).await?.into_iter().next().ok_or_else(unknown)?;
    if row.delete_at == 0 {
        return Err(Error::invalid(
            "api.channel.restore_channel.restored.app_error",
            "Unable to unarchive channel. The channel is not archived.",
        ));
    }
    let row = db::channels::set_archived(&mut tx, id, false).await?;
    for (audience, filter) in audience(&mut tx, &row).await? {
        tx.emit(Event::ChannelRestored { audience, filter, channel_id: id });
    }
    let notice =
        notices::plain(id, Person::from(caller), "system_channel_restored", "unarchived the channel.");
    append::notices(&mut tx, vec![notice]).await?;
    audits::note(&mut tx, caller, "/api/v4/channels/restore", id, "").await?;
    tx.commit().await?;
    Ok(shape::channel(row))
}

/// The receivers of the event that a channel was archived or restored: the team's members, and guests who are in the
/// channel; for a private one only the channel's members.
async fn audience(tx: &mut Tx, row: &Row) -> Result<Vec<(Topic, AudienceFilter)>> {
    let here = Topic::Channel(row.id);
    let Some(team) = row.team_id.filter(|_| row.kind == ChannelKind::Public) else {
        return Ok(vec![(here, AudienceFilter::Everybody)]);
    };
    let mut audience = vec![(Topic::Team(team), AudienceFilter::Members)];
    if db::channel_members::count_guests(tx, row.id).await? > 0 {
        audience.push((here, AudienceFilter::Guests));
    }
    Ok(audience)
}

/// The error for a permanent deletion, which the API does not offer.
pub fn delete_for_good() -> Error {
    Error::new(
        Kind::NotBuilt,
        "api.user.delete_channel.not_enabled.app_error",
        "Permanent channel deletion feature is not enabled. Please contact your System Administrator.",
    )
}
