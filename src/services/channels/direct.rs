//! Direct and group channels: channels without a team, whose name follows from their members, so that the same people
//! never have two. Their members never change.

use std::collections::BTreeSet;

use sha1::{Digest, Sha1};

use super::entry::enter;
use super::shape;
use crate::db::channels::{Channel as Row, NewChannel};
use crate::db::users::User;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::accounts::is_guest;
use crate::services::auth::permissions::{MemberRole, Permission};
use crate::services::channels::Core;
use crate::services::platform::Tx;
use crate::wire::{Channel, ChannelId, ChannelKind, Event, Topic, UserId};

/// The smallest and the largest number of people in a group channel.
const GROUP: std::ops::RangeInclusive<usize> = 3..=8;

/// The name of the direct channel of two people.
pub fn direct_name(first: UserId, second: UserId) -> String {
    let mut names = [first.to_string(), second.to_string()];
    names.sort_unstable();
    names.join("__")
}

/// The direct channel of two people (or of one, for notes), created on the first request.
pub async fn direct(core: &Core, caller: &Caller, ids: &[UserId]) -> Result<Channel> {
    let [first, second] = ids else { return Err(Error::body("user_ids")) };
    if !ids.contains(&caller.id) && !caller.is_admin() {
        return Err(Error::forbidden());
    }
    caller.require(Permission::CreateDirectChannel)?;
    let teammate = if *first == caller.id { *second } else { *first };
    let people: BTreeSet<UserId> = ids.iter().copied().collect();
    let mut tx = core.begin().await?;
    let accounts = accounts(&mut tx, caller, &people).await?;
    let name = direct_name(*first, *second);
    let creator = if people.contains(&caller.id) { caller.id } else { *first };
    let new = NewChannel { kind: ChannelKind::Direct, creator_id: Some(creator), ..blank(caller, &name) };
    let (row, is_new) = open(&mut tx, &new, &accounts).await?;
    if is_new {
        tx.emit(Event::DirectAdded { channel_id: row.id, creator_id: creator, teammate_id: teammate });
        tx.commit().await?;
    }
    Ok(shape::channel(row))
}

/// The group channel of several people, with the caller, created on the first request.
pub async fn group(core: &Core, caller: &Caller, ids: &[UserId]) -> Result<Channel> {
    let mut people: BTreeSet<UserId> = ids.iter().copied().collect();
    people.insert(caller.id);
    if !GROUP.contains(&people.len()) {
        return Err(Error::invalid(
            "api.channel.create_group.bad_size.app_error",
            "Group message channels must contain at least 3 and no more than 8 users.",
        ));
    }
    caller.require(Permission::CreateGroupChannel)?;
    let mut tx = core.begin().await?;
    let accounts = accounts(&mut tx, caller, &people).await?;
    let mut names: Vec<String> = accounts.iter().map(|u| u.username.clone()).collect();
    names.sort_unstable();
    let display_name: String = names.join(", ").chars().take(64).collect();
    let name = group_name(&people);
    let new = NewChannel { kind: ChannelKind::Group, display_name: &display_name, ..blank(caller, &name) };
    let (row, is_new) = open(&mut tx, &new, &accounts).await?;
    if is_new {
        tx.emit(Event::GroupAdded { channel_id: row.id, teammate_ids: people.into_iter().collect() });
        tx.commit().await?;
    }
    Ok(shape::channel(row))
}

/// The accounts `people`; fails unless all are in the caller's organisation and the caller may see them.
async fn accounts(tx: &mut Tx, caller: &Caller, people: &BTreeSet<UserId>) -> Result<Vec<User>> {
    let ids: Vec<UserId> = people.iter().copied().collect();
    let seen = db::users::seen(tx, caller.visibility(), &ids).await?;
    let users = db::users::by_ids(tx, caller.org, &seen).await?;
    if users.len() == ids.len() { Ok(users) } else { Err(stranger()) }
}

fn stranger() -> Error {
    Error::invalid(
        "api.channel.create_direct_channel.invalid_user.app_error",
        "Invalid user ID for direct channel creation.",
    )
}

fn rank(user: &User) -> MemberRole {
    if is_guest(&user.roles) { MemberRole::Guest } else { MemberRole::User }
}

fn blank<'a>(caller: &Caller, name: &'a str) -> NewChannel<'a> {
    NewChannel {
        id: ChannelId::new(),
        org_id: caller.org,
        team_id: None,
        kind: ChannelKind::Direct,
        name,
        display_name: "",
        header: "",
        purpose: "",
        creator_id: None,
        team_scheme_id: None,
    }
}

/// Finds the channel by its name or creates it with its members, and returns whether it was created; the caller of
/// this function then emits that. Of two concurrent requests, the second waits and finds the channel of the first.
async fn open(tx: &mut Tx, new: &NewChannel<'_>, people: &[User]) -> Result<(Row, bool)> {
    let Some(row) = db::channels::insert_direct(tx, new).await? else {
        let row = db::channels::direct(tx, new.org_id, new.name).await?;
        return Ok((row.ok_or_else(|| Error::internal("a channel's name is taken by none"))?, false));
    };
    let members: Vec<(UserId, MemberRole)> = people.iter().map(|user| (user.id, rank(user))).collect();
    enter(tx, &row, &members).await?;
    for user in people {
        tx.emit(Event::Subscribed { user_id: user.id, topics: vec![Topic::Channel(row.id)] });
    }
    Ok((row, true))
}

/// The name of a group channel: the SHA-1 of its members' identifiers in the protocol's form, sorted and joined.
fn group_name(people: &BTreeSet<UserId>) -> String {
    let mut ids: Vec<String> = people.iter().map(UserId::to_string).collect();
    ids.sort_unstable();
    Sha1::digest(ids.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_named_by_its_people_in_any_order() {
        let ids = ["qyiqcfgrktnp5nxoraw6eqqepr", "hxjsddj943nmfm6bmk4njmtdbh", "djrax5nesbdsunki9i9b9dfjfc"];
        let people: BTreeSet<UserId> = ids.iter().map(|id| id.parse().expect("an id")).collect();
        assert_eq!(group_name(&people), "3abf84f22bcd6eea6b780348badd79e4cda20929");
    }
}
