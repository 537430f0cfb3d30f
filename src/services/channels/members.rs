//! Reading the members of a channel, and changing their settings and roles. Joining and leaving is in `membership`.

use std::collections::BTreeMap;

use serde_json::json;

use super::access::{ReadAccess, access, visible};
use super::channel_settings::living;
use super::shape;
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts, audits};
use crate::services::channels::Core;
use crate::services::platform::Tx;
use crate::services::teams::SchemeRoles;
use crate::wire::{
    ChannelId, ChannelKind, ChannelMember, ChannelStats, Event, PageRange, StringMap, TeamId, UserId,
};

/// Identifiers in one request at most.
const MAX_IDS: usize = 200;
/// Time zones in the list of a channel at most.
const MAX_ZONES: i64 = 1000;
/// Bytes of a notification setting without a list of values at most.
const MAX_SETTING: usize = 64;

/// Lists a page of the members of a channel.
pub async fn members(
    core: &Core,
    caller: &Caller,
    id: ChannelId,
    page: PageRange,
) -> Result<Vec<ChannelMember>> {
    let mut conn = core.read().await?;
    let view = visible(&mut conn, caller, id).await?;
    let rows = db::channel_members::list(&mut conn, id, page.offset, page.limit).await?;
    Ok(rows.into_iter().map(|row| shape::member_for(caller, row, view.channel())).collect())
}

/// The membership of `user` in a channel.
pub async fn member(core: &Core, caller: &Caller, id: ChannelId, user: UserId) -> Result<ChannelMember> {
    let mut conn = core.read().await?;
    let view = visible(&mut conn, caller, id).await?;
    let row = db::channel_members::find(&mut conn, id, user).await?.ok_or_else(no_member)?;
    Ok(shape::member_for(caller, row, view.channel()))
}

/// The memberships of those of `ids` who are in a channel.
pub async fn members_by_ids(
    core: &Core,
    caller: &Caller,
    id: ChannelId,
    ids: &[UserId],
) -> Result<Vec<ChannelMember>> {
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(Error::body("user_ids"));
    }
    let mut conn = core.read().await?;
    let view = visible(&mut conn, caller, id).await?;
    let rows = db::channel_members::by_ids(&mut conn, id, ids).await?;
    Ok(rows.into_iter().map(|row| shape::member_for(caller, row, view.channel())).collect())
}

/// The numbers of a channel's members, guests, pinned posts and files. The number of files is −1 if it was not asked
/// for.
pub async fn stats(core: &Core, caller: &Caller, id: ChannelId, with_files: bool) -> Result<ChannelStats> {
    let mut conn = core.read().await?;
    visible(&mut conn, caller, id).await?;
    let counts = db::channel_members::counts(&mut conn, &[id]).await?;
    Ok(ChannelStats {
        channel_id: id,
        member_count: counts.first().map_or(0, |(_, n)| *n),
        guest_count: db::channel_members::count_guests(&mut conn, id).await?,
        pinnedpost_count: db::posts::count_pinned(&mut conn, id).await?,
        files_count: if with_files { db::files::count(&mut conn, id).await? } else { -1 },
    })
}

/// The numbers of members of those channels among `ids` that the caller is in.
pub async fn counts(core: &Core, caller: &Caller, ids: &[ChannelId]) -> Result<BTreeMap<String, i64>> {
    if ids.len() > MAX_IDS {
        return Err(Error::body("channel_ids"));
    }
    let mut conn = core.read().await?;
    let mine = db::channel_members::among(&mut conn, ids, &[caller.id]).await?;
    let mine: Vec<ChannelId> = mine.into_iter().map(|(channel, _)| channel).collect();
    let counts = db::channel_members::counts(&mut conn, &mine).await?;
    Ok(counts.into_iter().map(|(channel, n)| (channel.to_string(), n)).collect())
}

/// The distinct time zones of the members of a channel.
pub async fn timezones(core: &Core, caller: &Caller, id: ChannelId) -> Result<Vec<String>> {
    let mut conn = core.read().await?;
    visible(&mut conn, caller, id).await?;
    Ok(db::channel_members::timezones(&mut conn, id, MAX_ZONES).await?)
}

/// The teams that all members of a group channel share.
pub async fn common_teams(core: &Core, caller: &Caller, id: ChannelId) -> Result<Vec<TeamId>> {
    let mut conn = core.read().await?;
    let access = access(&mut conn, caller, id).await?;
    if access.channel().kind != ChannelKind::Group {
        return Err(Error::param("channel_id"));
    }
    let people = db::channel_members::user_ids(&mut conn, id, 8).await?;
    Ok(db::team_members::in_common(&mut conn, caller.org, &people).await?)
}

/// Makes a member an administrator of the channel, or no longer one.
pub async fn set_scheme_roles(
    core: &Core,
    caller: &Caller,
    id: ChannelId,
    user: UserId,
    roles: &SchemeRoles,
) -> Result<()> {
    roles.rank()?;
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, id).await?;
    access.require(Permission::ManageChannelRoles)?;
    if access.channel().is_direct() {
        return Err(Error::forbidden());
    }
    living(access.channel())?;
    let member = db::channel_members::find(&mut tx, id, user).await?.ok_or_else(no_member)?;
    let admin = roles.check(member.guest)?;
    let row = db::channel_members::set_admin(&mut tx, id, user, admin).await?.ok_or_else(no_member)?;
    tell(&mut tx, shape::member(row, access.channel()));
    let extra = format!("user_id={user} scheme_admin={admin}");
    audits::note(&mut tx, caller, "/api/v4/channels/members/roles", id, &extra).await?;
    tx.commit().await
}

/// Makes a member an administrator of the channel, or no longer one, by the names of roles.
pub async fn set_roles(core: &Core, caller: &Caller, id: ChannelId, user: UserId, roles: &str) -> Result<()> {
    let roles = SchemeRoles::named(roles, ["channel_user", "channel_admin", "channel_guest"])?;
    set_scheme_roles(core, caller, id, user, &roles).await
}

/// Sets notification settings of `user` in a channel; absent ones stay, unknown ones are refused.
pub async fn set_notify_props(
    core: &Core,
    caller: &Caller,
    id: ChannelId,
    user: UserId,
    props: &StringMap,
) -> Result<()> {
    let mut tx = core.begin().await?;
    let user = accounts::over(&mut tx, caller, user, Permission::ManageSystem).await?.id();
    let known = settings(props)?;
    let view: ReadAccess = visible(&mut tx, caller, id).await?;
    let merged = db::channel_members::merge_notify_props(&mut tx, id, user, &json!(known)).await?;
    tell(&mut tx, shape::member(merged.ok_or_else(no_member)?, view.channel()));
    tx.commit().await
}

fn tell(tx: &mut Tx, member: ChannelMember) {
    tx.emit(Event::ChannelMemberUpdated { member: Box::new(member) });
}

/// Validates the settings in `props` and returns them without the keys that are no settings.
fn settings(props: &StringMap) -> Result<StringMap> {
    let mut known = StringMap::new();
    for (key, value) in props {
        let allowed: &[&str] = match key.as_str() {
            "desktop" | "push" | "desktop_threads" | "push_threads" => &["default", "all", "mention", "none"],
            "email" => &["default", "true", "false", "all", "mention", "none"],
            "mark_unread" => &["all", "mention"],
            "ignore_channel_mentions" => &["default", "on", "off"],
            "desktop_sound" => &["default", "on", "off"],
            // Threads are not followed automatically here.
            "channel_auto_follow_threads" => &["default", "off"],
            "desktop_notification_sound" => &[],
            // The path names the membership.
            "user_id" | "channel_id" => continue,
            _ => return Err(Error::body(&format!("notify_props.{key}"))),
        };
        let fits =
            if allowed.is_empty() { value.len() <= MAX_SETTING } else { allowed.contains(&value.as_str()) };
        if !fits {
            return Err(Error::body(&format!("notify_props.{key}")));
        }
        known.insert(key.clone(), value.clone());
    }
    Ok(known)
}

/// The error for somebody who is not in the channel.
pub(in crate::services) fn no_member() -> Error {
    Error::not_found(
        "app.channel.get_member.missing.app_error",
        "No channel member found for that user ID and channel ID.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_known_keys_with_known_values() {
        let props = |pairs: &[(&str, &str)]| -> StringMap {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let kept = settings(&props(&[("desktop", "mention"), ("user_id", "x"), ("mark_unread", "all")]));
        assert_eq!(kept.expect("good settings"), props(&[("desktop", "mention"), ("mark_unread", "all")]));
        for bad in [("desktop", "loud"), ("mark_unread", ""), ("desktop_notification_sound", &"x".repeat(65))]
        {
            assert!(settings(&props(&[bad])).is_err(), "{bad:?}");
        }
    }
}
