//! Becoming a member of a channel: by oneself if it is public, or added by others.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::db::channels::Channel;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::permissions::{MemberRole, Permission};
use crate::services::auth::{Caller, audits};
use crate::services::channels::{self, NoticeScope, Person, ReadAccess, append};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::teams;
use crate::wire::id::or_empty;
use crate::wire::{ChannelId, ChannelKind, ChannelMember, Event, TeamId, Topic, UserId};

/// People in one request at most.
const MAX_JOINERS: usize = 200;

/// The people to be added: one, or several.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's request")]
pub struct Joiners {
    #[serde(with = "or_empty")]
    pub user_id: Option<UserId>,
    pub user_ids: Vec<UserId>,
}

impl Joiners {
    /// Whether the request names a list, and so expects one in the response.
    pub fn are_many(&self) -> bool {
        !self.user_ids.is_empty()
    }

    fn ids(&self) -> Result<Vec<UserId>> {
        let ids: BTreeSet<UserId> = self.user_ids.iter().copied().chain(self.user_id).collect();
        match ids.len() {
            0 => Err(Error::body("user_id")),
            1..=MAX_JOINERS => Ok(ids.into_iter().collect()),
            _ => Err(Error::body("user_ids")),
        }
    }
}

/// Makes people members of a channel: members of its team may join a public one by themselves, and those who manage the
/// channel's members may add others from the team. Existing members stay as they are.
pub async fn join(
    core: &Core,
    caller: &Caller,
    id: ChannelId,
    joiners: &Joiners,
) -> Result<Vec<ChannelMember>> {
    let ids = joiners.ids()?;
    let mut tx = core.begin().await?;
    let view = channels::visible(&mut tx, caller, id).await?;
    let team = welcoming(&view)?;
    may_bring(caller, &view, &ids)?;
    let held = db::team_members::hold(&mut tx, team, &ids).await?;
    if held.len() != ids.len()
        || db::users::seen(&mut tx, caller.visibility(), &ids).await?.len() != ids.len()
    {
        return Err(teams::no_member());
    }
    let locked = db::channels::lock(&tx, &[id]).await?.into_iter().next();
    // It may have become private or archived while this transaction waited for the lock.
    let channel =
        locked.filter(|c| c.kind == view.channel().kind && !c.is_archived()).ok_or_else(Error::forbidden)?;
    access(&mut tx, caller, &channel, team, &held).await?;
    let rows = db::channel_members::by_ids(&mut tx, id, &ids).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| channels::member_for(caller, row, &channel)).collect())
}

/// Checks that the caller may join by themselves, which goes for public channels, or may manage the channel's members.
fn may_bring(caller: &Caller, view: &ReadAccess, ids: &[UserId]) -> Result<()> {
    match view.channel().kind {
        ChannelKind::Public if ids == [caller.id] && view.may(Permission::JoinPublicChannels) => Ok(()),
        ChannelKind::Public => view.require(Permission::ManagePublicChannelMembers),
        ChannelKind::Private | ChannelKind::Direct | ChannelKind::Group => {
            view.require(Permission::ManagePrivateChannelMembers)
        }
    }
}

/// The team of a channel that can be joined; fails for direct, group and archived channels.
fn welcoming(view: &ReadAccess) -> Result<TeamId> {
    let team = view.channel().team_id.ok_or_else(|| {
        Error::invalid(
            "api.channel.add_user_to_channel.type.app_error",
            "Can not add user to this channel type.",
        )
    })?;
    if view.channel().is_archived() {
        return Err(Error::invalid(
            "api.channel.join_channel.already_deleted.app_error",
            "Channel is already deleted.",
        ));
    }
    Ok(team)
}

/// Adds those who are not in the locked channel yet, and emits an event for each.
async fn access(
    tx: &mut Tx,
    caller: &Caller,
    channel: &Channel,
    team: TeamId,
    held: &[(UserId, bool)],
) -> Result<()> {
    let people: Vec<(UserId, MemberRole)> =
        held.iter().map(|(id, guest)| (*id, MemberRole::of(false, *guest))).collect();
    let new: Vec<UserId> =
        channels::enter(tx, channel, &people).await?.into_iter().map(|row| row.user_id).collect();
    if new.is_empty() {
        return Ok(());
    }
    for user_id in new.iter().copied() {
        tx.emit(Event::Subscribed { user_id, topics: vec![Topic::Channel(channel.id)] });
        tx.emit(Event::UserAdded { channel_id: channel.id, team_id: Some(team), user_id });
    }
    for user in new.iter().filter(|user| **user != caller.id) {
        audits::note(tx, caller, "/api/v4/channels/members/add", channel.id, &format!("user_id={user}"))
            .await?;
    }
    let names = db::users::names(tx, &new).await?;
    let notices = names.iter().map(|(id, name)| {
        let who = Person { id: *id, name };
        if *id == caller.id {
            channels::joined(channel.id, who)
        } else {
            channels::added(channel.id, who, Person::from(caller), NoticeScope::Channel)
        }
    });
    append::notices(tx, notices.collect()).await
}
