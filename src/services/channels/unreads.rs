//! Read positions: how far a user has read a channel, what is unread, and moving the position by viewing a channel or
//! by hand.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::db::channel_members::ReadPosition;
use crate::db::channels::Channel;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts};
use crate::services::channels::{self, Core, append, member_shape, no_member, unread};
use crate::services::teams;
use crate::services::users::statuses;
use crate::wire::id::or_empty;
use crate::wire::{
    ChannelId, ChannelMember, ChannelUnread, ChannelUnreadAt, ChannelView, Event, PostId, TeamId, TeamUnread,
    UserId,
};

/// Channels that one request may mark as read at most.
const MAX_IDS: usize = 200;

/// The channel that a user views now, and the one that they viewed before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's view")]
pub struct Looked {
    #[serde(with = "or_empty")]
    pub channel_id: Option<ChannelId>,
    #[serde(with = "or_empty")]
    pub prev_channel_id: Option<ChannelId>,
}

/// Marks the viewed channel, and the one before, as read. Viewing counts as activity.
pub async fn view(core: &Core, caller: &Caller, user: UserId, looked: &Looked) -> Result<ChannelView> {
    if user == caller.id {
        statuses::acted(core, caller);
    }
    let ids: BTreeSet<ChannelId> =
        [looked.channel_id, looked.prev_channel_id].into_iter().flatten().collect();
    read(core, caller, user, &ids.into_iter().collect::<Vec<_>>()).await
}

/// Marks channels as read. Channels that `user` is not in are ignored.
pub async fn read(core: &Core, caller: &Caller, user: UserId, ids: &[ChannelId]) -> Result<ChannelView> {
    if ids.len() > MAX_IDS {
        return Err(Error::body("channel_ids"));
    }
    let mut conn = core.read().await?;
    let user = over(&mut conn, caller, user).await?;
    let places = db::channels::places_of(&mut conn, caller.org, user, ids).await?;
    drop(conn);
    let behind: Vec<ChannelId> = places.iter().filter(|(c, m)| is_behind(c, m)).map(|(c, _)| c.id).collect();
    if !behind.is_empty() {
        catch_up(core, user, &behind).await?;
    }
    let times = places.into_iter().map(|(c, m)| (c.id.to_string(), m.last_viewed_at.max(c.last_post_at)));
    Ok(ChannelView { status: "OK", last_viewed_at_times: times.collect() })
}

/// The account whose read positions are to change: the caller's own, or another that the caller may act on.
async fn over(conn: &mut Conn, caller: &Caller, user: UserId) -> Result<UserId> {
    Ok(accounts::over(conn, caller, user, Permission::ManageSystem).await?.id())
}

/// Marks every channel of a team as read.
pub async fn read_team(core: &Core, caller: &Caller, user: UserId, team: TeamId) -> Result<ChannelView> {
    let mut conn = core.read().await?;
    let user = over(&mut conn, caller, user).await?;
    let team = teams::access(&mut conn, caller, team).await?;
    let ids = db::channels::ids_in_team(&mut conn, team.id(), user).await?;
    drop(conn);
    read_in_parts(core, caller, user, &ids).await
}

/// Marks every direct and group channel as read.
pub async fn read_direct(core: &Core, caller: &Caller, user: UserId) -> Result<ChannelView> {
    let mut conn = core.read().await?;
    let user = over(&mut conn, caller, user).await?;
    let ids = db::channels::unread_direct(&mut conn, caller.org, user).await?;
    drop(conn);
    read_in_parts(core, caller, user, &ids).await
}

async fn read_in_parts(core: &Core, caller: &Caller, user: UserId, ids: &[ChannelId]) -> Result<ChannelView> {
    let mut times = BTreeMap::new();
    for part in ids.chunks(MAX_IDS) {
        times.extend(read(core, caller, user, part).await?.last_viewed_at_times);
    }
    Ok(ChannelView { status: "OK", last_viewed_at_times: times })
}

/// Whether marking the channel as read changes anything. Most views change nothing, and then write nothing.
fn is_behind(channel: &Channel, member: &db::channel_members::ChannelMember) -> bool {
    member.mention_count != 0
        || member.last_viewed_at < channel.last_post_at
        || (member.msg_count, member.mention_all_seen) != (channel.total_msg_count, channel.mention_all_count)
}

/// Moves the read positions to the newest posts. The membership rows are locked before the channels are read: the
/// mention of a concurrent post is either counted as read, or added afterwards.
async fn catch_up(core: &Core, user: UserId, ids: &[ChannelId]) -> Result<()> {
    let mut tx = core.begin().await?;
    let mine = db::channel_members::lock(&mut tx, ids, user).await?;
    for channel_id in db::channel_members::read_all(&mut tx, &mine, user).await? {
        tx.emit(Event::ChannelViewed { user_id: user, channel_id });
    }
    tx.commit().await
}

/// The unread counts of `user` in a channel.
pub async fn of_channel(core: &Core, caller: &Caller, user: UserId, id: ChannelId) -> Result<ChannelUnread> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    let view = channels::visible(&mut conn, caller, id).await?;
    let row = db::channel_members::find(&mut conn, id, user).await?.ok_or_else(no_member)?;
    Ok(unread(&row, view.channel()))
}

/// The unread counts of `user` in each of their teams, except for `but`.
pub async fn of_teams(
    core: &Core,
    caller: &Caller,
    user: UserId,
    but: Option<TeamId>,
) -> Result<Vec<TeamUnread>> {
    caller.may_look_for(user)?;
    let teams = teams::places_of_user(core, caller, user).await?;
    let counts = counts_by_team(&mut *core.read().await?, user).await?;
    let told = teams.into_iter().map(|t| t.team_id).filter(|t| Some(*t) != but);
    Ok(told.map(|team| counts.get(&team).copied().unwrap_or_else(|| nothing(team))).collect())
}

/// The unread counts of `user` in one team.
pub async fn of_team(core: &Core, caller: &Caller, user: UserId, team: TeamId) -> Result<TeamUnread> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    let access = teams::access(&mut conn, caller, team).await?;
    let counts = counts_by_team(&mut conn, user).await?;
    Ok(counts.get(&access.id()).copied().unwrap_or_else(|| nothing(team)))
}

async fn counts_by_team(conn: &mut Conn, user: UserId) -> Result<BTreeMap<TeamId, TeamUnread>> {
    let rows = db::channel_members::unread_by_team(conn, user).await?;
    let counts = rows.into_iter().map(|row| {
        let unread = TeamUnread {
            msg_count: row.msg_count,
            mention_count: row.mention_count,
            mention_count_root: row.mention_count_root,
            msg_count_root: row.msg_count_root,
            ..nothing(row.team_id)
        };
        (row.team_id, unread)
    });
    Ok(counts.collect())
}

fn nothing(team_id: TeamId) -> TeamUnread {
    TeamUnread {
        team_id,
        msg_count: 0,
        mention_count: 0,
        mention_count_root: 0,
        msg_count_root: 0,
        thread_count: 0,
        thread_mention_count: 0,
        thread_urgent_mention_count: 0,
    }
}

/// Moves the read position so that a post is the first unread one.
pub async fn set_unread(core: &Core, caller: &Caller, user: UserId, id: PostId) -> Result<ChannelUnreadAt> {
    let mut tx = core.begin().await?;
    let user = over(&mut tx, caller, user).await?;
    let post =
        db::posts::find(&mut tx, caller.org, id).await?.filter(|p| p.delete_at == 0).ok_or_else(no_post)?;
    let access = channels::access(&mut tx, caller, post.channel_id).await.map_err(hide)?;
    let channel = db::channels::lock(&tx, &[access.id()]).await?.into_iter().next().ok_or_else(no_post)?;
    let rest = db::posts::rest(&mut tx, channel.id, post.seq, user, append::UNCOUNTED).await?;
    let position = ReadPosition {
        last_viewed_at: post.create_at - 1,
        msg_count: channel.total_msg_count - rest.posts,
        msg_count_root: channel.total_msg_count_root - rest.posts_root,
        mention_count: rest.named,
        mention_count_root: rest.named_root,
        mention_all_seen: channel.mention_all_count - rest.everybody,
        mention_all_seen_root: channel.mention_all_count_root - rest.everybody_root,
    };
    let row = db::channel_members::set_position(&mut tx, channel.id, user, &position)
        .await?
        .ok_or_else(no_member)?;
    let at = position_of(&member_shape(row, &channel), &channel);
    tx.emit(Event::PostUnread { post_id: id, at });
    tx.commit().await?;
    Ok(at)
}

fn position_of(member: &ChannelMember, channel: &Channel) -> ChannelUnreadAt {
    ChannelUnreadAt {
        team_id: channel.team_id,
        user_id: member.user_id,
        channel_id: channel.id,
        msg_count: member.msg_count,
        mention_count: member.mention_count,
        mention_count_root: member.mention_count_root,
        urgent_mention_count: 0,
        msg_count_root: member.msg_count_root,
        last_viewed_at: member.last_viewed_at,
    }
}

fn no_post() -> Error {
    Error::not_found("app.post.get.app_error", "Unable to get the post.")
}

/// Replaces the error for an unknown channel by that for an unknown post.
fn hide(error: Error) -> Error {
    if error.kind == crate::error::Kind::NotFound { no_post() } else { error }
}
