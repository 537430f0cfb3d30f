//! Finding accounts: lists, searches, completions. Members see everybody in their organisation, guests only those whom
//! they share a channel with. The members of a team or a channel are listed only for those who may see it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::db::users::{Sort, UserFilter};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::accounts::{profile, profiles};
use crate::services::auth::permissions::Permission;
use crate::services::users::Core;
use crate::wire::id::or_empty;
use crate::wire::{
    ChannelId, ChannelKind, Millis, PageRange, TeamId, User, UserAutocomplete, UserId, UsersStats,
};

/// Identifiers or names in one request at most.
pub const MAX_IDS: usize = 200;

/// Results of a search by default, and at most.
const FOUND: i64 = 100;
const MAX_FOUND: i64 = 1000;

/// Acquaintances in a list at most.
const MAX_KNOWN: i64 = 10_000;

/// Words of a search that count.
const MAX_WORDS: usize = 8;

/// The filter of a list of accounts. Every field narrows it.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the protocol's own parameters")]
pub struct Listing {
    pub in_team: Option<TeamId>,
    pub not_in_team: Option<TeamId>,
    pub in_channel: Option<ChannelId>,
    pub not_in_channel: Option<ChannelId>,
    pub without_team: bool,
    pub active: bool,
    pub inactive: bool,
    pub role: Option<String>,
    pub sort: Option<String>,
}

/// A search for accounts, and the teams and channels to search in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct Search {
    pub term: String,
    #[serde(with = "or_empty")]
    pub team_id: Option<TeamId>,
    #[serde(with = "or_empty")]
    pub not_in_team_id: Option<TeamId>,
    #[serde(with = "or_empty")]
    pub in_channel_id: Option<ChannelId>,
    #[serde(with = "or_empty")]
    pub not_in_channel_id: Option<ChannelId>,
    pub without_team: bool,
    pub allow_inactive: bool,
    pub role: String,
    pub limit: Option<i64>,
}

/// Lists a page of accounts.
pub async fn list(
    core: &Core,
    caller: &Caller,
    asked: Listing,
    offset: i64,
    limit: i64,
) -> Result<Vec<User>> {
    if asked.not_in_channel.is_some() && asked.in_team.is_none() {
        return Err(Error::param("team_id"));
    }
    if asked.active && asked.inactive {
        return Err(Error::param("inactive"));
    }
    let sort = order(asked.sort.as_deref())?;
    let filter = UserFilter {
        in_team: asked.in_team,
        not_in_team: asked.not_in_team,
        in_channel: asked.in_channel,
        not_in_channel: asked.not_in_channel,
        visibility: caller.visibility(),
        without_team: asked.without_team,
        active: (asked.active || asked.inactive).then_some(asked.active),
        role: asked.role,
        ..UserFilter::default()
    };
    let mut conn = core.read().await?;
    may_list(&mut conn, caller, &filter).await?;
    let rows = db::users::list(&mut conn, caller.org, &filter, sort, PageRange { offset, limit }).await?;
    Ok(profiles(&rows))
}

/// Finds the accounts whose names begin with the words of the term.
pub async fn search(core: &Core, caller: &Caller, asked: Search) -> Result<Vec<User>> {
    let limit = asked.limit.unwrap_or(FOUND);
    if !(1..=MAX_FOUND).contains(&limit) {
        return Err(Error::body("limit"));
    }
    if asked.term.trim().is_empty() {
        return Err(Error::body("term"));
    }
    if asked.not_in_channel_id.is_some() && asked.team_id.is_none() {
        return Err(Error::body("team_id"));
    }
    let filter = UserFilter {
        in_team: asked.team_id,
        not_in_team: asked.not_in_team_id,
        in_channel: asked.in_channel_id,
        not_in_channel: asked.not_in_channel_id,
        visibility: caller.visibility(),
        without_team: asked.without_team,
        active: (!asked.allow_inactive).then_some(true),
        role: Some(asked.role).filter(|r| !r.is_empty()),
        words: words(&asked.term),
        by_email: true,
    };
    let mut conn = core.read().await?;
    may_list(&mut conn, caller, &filter).await?;
    let rows =
        db::users::list(&mut conn, caller.org, &filter, Sort::Username, PageRange { offset: 0, limit })
            .await?;
    Ok(profiles(&rows))
}

/// Completes `name`: the members of the channel, and separately those of its team who are not in the channel.
pub async fn autocomplete(
    core: &Core,
    caller: &Caller,
    team: Option<TeamId>,
    channel: Option<ChannelId>,
    name: &str,
    limit: Option<i64>,
) -> Result<UserAutocomplete> {
    let page = PageRange { offset: 0, limit: limit.unwrap_or(FOUND).clamp(1, MAX_FOUND) };
    let near = UserFilter {
        in_team: team,
        in_channel: channel,
        visibility: caller.visibility(),
        active: Some(true),
        words: words(name),
        ..UserFilter::default()
    };
    let mut conn = core.read().await?;
    may_list(&mut conn, caller, &near).await?;
    let inside = UserFilter { in_team: team.filter(|_| channel.is_none()), ..near.clone() };
    let users = db::users::list(&mut conn, caller.org, &inside, Sort::Username, page).await?;
    let out_of_channel = if team.is_some() && channel.is_some() {
        let outside = UserFilter { in_channel: None, not_in_channel: channel, ..near };
        Some(profiles(&db::users::list(&mut conn, caller.org, &outside, Sort::Username, page).await?))
    } else {
        None
    };
    Ok(UserAutocomplete { users: profiles(&users), out_of_channel })
}

/// The accounts `ids` that are in the organisation, are visible to the caller, and changed after `since`.
pub async fn by_ids(core: &Core, caller: &Caller, ids: &[UserId], since: Millis) -> Result<Vec<User>> {
    bounded(ids, "user_ids")?;
    let mut conn = core.read().await?;
    let ids = db::users::seen(&mut conn, caller.visibility(), ids).await?;
    let rows = db::users::by_ids(&mut conn, caller.org, &ids).await?;
    Ok(rows.iter().filter(|r| r.update_at > since).map(profile).collect())
}

/// The accounts with the user names `names`.
pub async fn by_usernames(core: &Core, caller: &Caller, names: &[String]) -> Result<Vec<User>> {
    bounded(names, "usernames")?;
    let names: Vec<String> = names.iter().map(|n| n.to_lowercase()).collect();
    let mut conn = core.read().await?;
    let mut rows = db::users::by_usernames(&mut conn, caller.org, &names).await?;
    let ids: Vec<UserId> = rows.iter().map(|r| r.id).collect();
    let seen = db::users::seen(&mut conn, caller.visibility(), &ids).await?;
    rows.retain(|r| seen.contains(&r.id));
    Ok(profiles(&rows))
}

/// The other members of the caller's group channels `ids`, by channel.
pub async fn group_channels(
    core: &Core,
    caller: &Caller,
    ids: &[ChannelId],
) -> Result<BTreeMap<String, Vec<User>>> {
    bounded(ids, "group_channel_ids")?;
    let mut members: BTreeMap<String, Vec<User>> = BTreeMap::new();
    for (channel, row) in db::users::in_group_channels(&mut *core.read().await?, caller.id, ids).await? {
        members.entry(channel.to_string()).or_default().push(profile(&row));
    }
    Ok(members)
}

/// The accounts that the caller shares a channel with.
pub async fn known(core: &Core, caller: &Caller) -> Result<Vec<UserId>> {
    Ok(db::users::known(&mut *core.read().await?, caller.id, MAX_KNOWN).await?)
}

/// The number of active accounts of the organisation.
pub async fn stats(core: &Core, caller: &Caller) -> Result<UsersStats> {
    let total_users_count = db::users::count(&mut *core.read().await?, caller.org).await?;
    Ok(UsersStats { total_users_count })
}

/// Fails unless the caller may see the teams and channels that the filter names.
async fn may_list(conn: &mut Conn, caller: &Caller, filter: &UserFilter) -> Result<()> {
    if filter.without_team {
        caller.require(Permission::ListUsersWithoutTeam)?;
    }
    for team in [filter.in_team, filter.not_in_team].into_iter().flatten() {
        if !sees_team(conn, caller, team).await? {
            return Err(Error::forbidden());
        }
    }
    for channel in [filter.in_channel, filter.not_in_channel].into_iter().flatten() {
        if !sees_channel(conn, caller, channel).await? {
            return Err(Error::forbidden());
        }
    }
    Ok(())
}

/// Whether the caller may list a team: one that may view all teams, or a member.
async fn sees_team(conn: &mut Conn, caller: &Caller, team: TeamId) -> Result<bool> {
    Ok(caller.may(Permission::ViewTeam) || db::users::is_in_team(conn, caller.id, team).await?)
}

async fn sees_channel(conn: &mut Conn, caller: &Caller, channel: ChannelId) -> Result<bool> {
    let Some(row) = db::channels::find(conn, caller.org, channel).await? else { return Ok(false) };
    if db::channel_members::find(conn, channel, caller.id).await?.is_some() {
        return Ok(true);
    }
    match row.team_id {
        Some(_) if caller.may(Permission::ReadChannel) => Ok(true),
        Some(team) if row.kind == ChannelKind::Public && !caller.is_guest() => {
            Ok(db::users::is_in_team(conn, caller.id, team).await?)
        }
        Some(_) | None => Ok(false),
    }
}

fn order(sort: Option<&str>) -> Result<Sort> {
    match sort.unwrap_or_default() {
        // Presence is not in the database, so sorting by status sorts by name.
        "" | "username" | "status" => Ok(Sort::Username),
        "create_at" => Ok(Sort::CreateAt),
        "last_activity_at" => Ok(Sort::LastActivityAt),
        "admin" => Ok(Sort::Admin),
        "display_name" => Ok(Sort::DisplayName),
        _ => Err(Error::param("sort")),
    }
}

/// The words of a search term in lower case, without the at sign of a mention.
fn words(term: &str) -> Vec<String> {
    let words = term.split_whitespace().map(|w| w.trim_start_matches('@'));
    words.filter(|w| !w.is_empty()).take(MAX_WORDS).map(str::to_lowercase).collect()
}

fn bounded<T>(items: &[T], field: &str) -> Result<()> {
    if (1..=MAX_IDS).contains(&items.len()) { Ok(()) } else { Err(Error::body(field)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_words_without_signs() {
        assert_eq!(words(" @Ann  B "), ["ann", "b"]);
        assert!(words("@ ").is_empty());
        assert_eq!(words(&"x ".repeat(50)).len(), MAX_WORDS);
    }

    #[test]
    fn unknown_orders_are_refused() {
        assert_eq!(order(None).expect("the default"), Sort::Username);
        assert!(order(Some("password")).is_err());
    }
}
