//! Reading channels, single ones and lists.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::access::{view, visible};
use super::shape;
use crate::db::channels::{Channel as Row, ChannelFilter, ChannelScope};
use crate::db::team_members::TeamMember;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::{MemberRole, Membership, Permission};
use crate::services::channels::Core;
use crate::services::teams::{self, TeamAccess};
use crate::wire::{Channel, ChannelId, ChannelMember, Millis, PageRange, TeamId, UserId};

/// Channels of one account in lists without pages at most.
const MAX_OWN: i64 = 10_000;
/// Channels in a search at most.
const MAX_FOUND: i64 = 100;
/// Channels in the completion of a name at most.
const MAX_COMPLETED: i64 = 50;
/// Identifiers in one request at most.
const MAX_IDS: usize = 200;

/// The kind of channels that a list of a team shows.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Public channels, for everybody in the team.
    Public,
    /// Private channels, for administrators of the organisation.
    Private,
    /// Archived channels that the caller could see before.
    Archived,
}

/// A search for channels.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's search")]
pub struct ChannelSearch {
    pub term: String,
    pub include_deleted: bool,
    pub page: Option<i64>,
    pub per_page: Option<i64>,
}

/// A channel with the names of its team.
#[derive(Debug, Serialize)]
pub struct ChannelWithTeam {
    /// The channel.
    #[serde(flatten)]
    pub channel: Channel,
    /// The display name of its team.
    pub team_display_name: String,
    /// The name of its team in addresses.
    pub team_name: String,
    /// The time of the last change of its team, in milliseconds since 1970.
    pub team_update_at: Millis,
}

/// A page of a list of channels from several teams.
#[derive(Debug)]
pub struct Listing {
    /// The channels of the page.
    pub channels: Vec<ChannelWithTeam>,
    /// The number of channels on all pages.
    pub total: i64,
}

/// The channel `id`.
pub async fn get(core: &Core, caller: &Caller, id: ChannelId) -> Result<Channel> {
    let mut conn = core.read().await?;
    Ok(shape::channel(visible(&mut conn, caller, id).await?.channel().clone()))
}

/// The channel with the name `name` in a team. A private one that the caller is not in is reported as unknown.
pub async fn by_name(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    name: &str,
    archived: bool,
) -> Result<Channel> {
    let mut conn = core.read().await?;
    named(&mut conn, caller, team, name, archived).await
}

/// The channel with the name `name` in the team with the name `team`.
pub async fn by_names(
    core: &Core,
    caller: &Caller,
    team: &str,
    name: &str,
    archived: bool,
) -> Result<Channel> {
    let mut conn = core.read().await?;
    let team = teams::id_by_name(&mut conn, caller, team).await?;
    named(&mut conn, caller, team, name, archived).await
}

async fn named(
    conn: &mut Conn,
    caller: &Caller,
    team: TeamId,
    name: &str,
    archived: bool,
) -> Result<Channel> {
    let missing = || Error::not_found("app.channel.get_by_name.missing.app_error", "Channel does not exist.");
    let team = teams::access(conn, caller, team).await?;
    let place = db::channels::place_by_name(conn, team.id(), name, caller.id).await?.ok_or_else(missing)?;
    let view = view(caller, place).ok().ok_or_else(missing)?;
    if view.channel().delete_at != 0 && !archived {
        return Err(missing());
    }
    Ok(shape::channel(view.channel().clone()))
}

/// Lists a page of the channels of a team.
pub async fn of_team(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    kind: Kind,
    page: PageRange,
) -> Result<Vec<Channel>> {
    let mut conn = core.read().await?;
    let team = teams::access(&mut conn, caller, team).await?;
    let (shown, archived) = match kind {
        Kind::Public => {
            team.require(Permission::ListTeamChannels)?;
            (ChannelScope::Public, false)
        }
        Kind::Private => {
            caller.require(Permission::ReadChannels)?;
            (ChannelScope::Private, false)
        }
        Kind::Archived if caller.may(Permission::ReadChannel) => (ChannelScope::OfTeams, true),
        Kind::Archived => (narrowed(caller, &team, ChannelScope::To(caller.id)), true),
    };
    let filter = ChannelFilter { shown, teams: Some(&[team.id()]), archived: Some(archived), term: "" };
    Ok(shape::channels(db::channels::list(&mut conn, caller.org, &filter, page.offset, page.limit).await?))
}

/// The channels among `ids` that are public channels of a team.
pub async fn by_ids(core: &Core, caller: &Caller, team: TeamId, ids: &[ChannelId]) -> Result<Vec<Channel>> {
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(Error::body("channel_ids"));
    }
    let mut conn = core.read().await?;
    let team = teams::access(&mut conn, caller, team).await?;
    team.require(Permission::ListTeamChannels)?;
    Ok(shape::channels(db::channels::public_by_ids(&mut conn, team.id(), ids).await?))
}

/// Finds public channels of a team whose names or purpose contain a term.
pub async fn search(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    search: &ChannelSearch,
) -> Result<Vec<Channel>> {
    let archived = if search.include_deleted { None } else { Some(false) };
    in_team(core, caller, team, ChannelScope::Public, archived, &search.term, MAX_FOUND).await
}

/// Completes the name of a channel of a team: public ones and the caller's own.
pub async fn autocomplete(core: &Core, caller: &Caller, team: TeamId, text: &str) -> Result<Vec<Channel>> {
    in_team(core, caller, team, ChannelScope::To(caller.id), Some(false), text, MAX_COMPLETED).await
}

/// Completes the channel of a search's `in:`, from the caller's own channels, with archived ones and groups.
pub async fn search_autocomplete(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    text: &str,
) -> Result<Vec<Channel>> {
    let mut found =
        in_team(core, caller, team, ChannelScope::Of(caller.id), None, text, MAX_COMPLETED).await?;
    found.extend(groups(core, caller, text).await?);
    Ok(found)
}

async fn in_team(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    shown: ChannelScope,
    archived: Option<bool>,
    term: &str,
    limit: i64,
) -> Result<Vec<Channel>> {
    let mut conn = core.read().await?;
    let team = teams::access(&mut conn, caller, team).await?;
    let shown = narrowed(caller, &team, shown);
    let filter = ChannelFilter { shown, teams: Some(&[team.id()]), archived, term: term.trim() };
    Ok(shape::channels(db::channels::list(&mut conn, caller.org, &filter, 0, limit).await?))
}

/// Narrows a list to the caller's own channels if they may not list the team's.
fn narrowed(caller: &Caller, team: &TeamAccess, shown: ChannelScope) -> ChannelScope {
    if team.may(Permission::ListTeamChannels) { shown } else { ChannelScope::Of(caller.id) }
}

/// Finds the caller's group channels by a name; group channels are named after their members.
pub async fn groups(core: &Core, caller: &Caller, term: &str) -> Result<Vec<Channel>> {
    let mut conn = core.read().await?;
    let rows = db::channels::groups_of(&mut conn, caller.org, caller.id, term.trim(), MAX_COMPLETED).await?;
    Ok(shape::channels(rows))
}

/// Finds channels in all teams: all of the organisation for its administrators, otherwise those that the caller is in
/// or could join.
pub async fn search_all(core: &Core, caller: &Caller, search: &ChannelSearch) -> Result<Listing> {
    let limit = search.per_page.unwrap_or(MAX_FOUND).clamp(0, 200);
    let offset = search.page.unwrap_or(0).clamp(0, 1_000_000) * limit;
    let archived = if search.include_deleted { None } else { Some(false) };
    everywhere(core, caller, search.term.trim(), archived, PageRange { offset, limit }).await
}

/// Lists a page of all channels of the organisation's teams, for its administrators.
pub async fn all(core: &Core, caller: &Caller, include_archived: bool, page: PageRange) -> Result<Listing> {
    caller.require(Permission::ReadChannels)?;
    everywhere(core, caller, "", if include_archived { None } else { Some(false) }, page).await
}

async fn everywhere(
    core: &Core,
    caller: &Caller,
    term: &str,
    archived: Option<bool>,
    PageRange { offset, limit }: PageRange,
) -> Result<Listing> {
    let mut conn = core.read().await?;
    let all = caller.may(Permission::ReadChannels);
    let places = match all {
        true => Vec::new(),
        false => db::team_members::of_user(&mut conn, caller.org, caller.id, MAX_OWN).await?,
    };
    let mine: Vec<TeamId> = places.iter().map(|p| p.team_id).collect();
    let filter = if all {
        ChannelFilter { shown: ChannelScope::OfTeams, teams: None, archived, term }
    } else {
        ChannelFilter { shown: shown_in(caller, &places), teams: Some(&mine), archived, term }
    };
    let rows = db::channels::list(&mut conn, caller.org, &filter, offset, limit).await?;
    let total = db::channels::count_of(&mut conn, caller.org, &filter).await?;
    Ok(Listing { channels: with_teams(&mut conn, caller, rows).await?, total })
}

/// The channels that a caller sees of all their teams together: public ones only if they may list those of every team.
fn shown_in(caller: &Caller, places: &[TeamMember]) -> ChannelScope {
    let lists = |m: &TeamMember| {
        let team = Some(MemberRole::of(m.admin, m.guest));
        let there =
            caller.role_set().in_team(Membership { team, team_scheme: m.scheme_id, ..Membership::default() });
        caller.permissions().union(there).has(Permission::ListTeamChannels)
    };
    if places.iter().all(lists) { ChannelScope::To(caller.id) } else { ChannelScope::Of(caller.id) }
}

async fn with_teams(conn: &mut Conn, caller: &Caller, rows: Vec<Row>) -> Result<Vec<ChannelWithTeam>> {
    let ids: Vec<TeamId> = rows.iter().filter_map(|r| r.team_id).collect();
    let teams = db::teams::by_ids(conn, caller.org, &ids).await?;
    let teams: BTreeMap<TeamId, db::teams::Team> = teams.into_iter().map(|t| (t.id, t)).collect();
    let told = rows.into_iter().map(|row| {
        let team = row.team_id.and_then(|id| teams.get(&id));
        ChannelWithTeam {
            team_display_name: team.map(|t| t.display_name.clone()).unwrap_or_default(),
            team_name: team.map(|t| t.name.clone()).unwrap_or_default(),
            team_update_at: team.map_or(0, |t| t.update_at),
            channel: shape::channel(row),
        }
    });
    Ok(told.collect())
}

/// Lists the channels of `user`: those of a team and those without one, or all. Archived ones only if they were
/// archived at `archived_since` or later.
pub async fn of_user(
    core: &Core,
    caller: &Caller,
    user: UserId,
    team: Option<TeamId>,
    archived_since: Option<Millis>,
) -> Result<Vec<Channel>> {
    let rows = own(core, caller, user, team, archived_since, PageRange { offset: 0, limit: MAX_OWN }).await?;
    Ok(rows.into_iter().map(|(channel, _)| shape::channel(channel)).collect())
}

/// Lists the channel memberships of `user`: those of a team and those without one, or all; a page if `page` is given.
pub async fn places_of_user(
    core: &Core,
    caller: &Caller,
    user: UserId,
    team: Option<TeamId>,
    page: Option<PageRange>,
) -> Result<Vec<ChannelMember>> {
    let rows =
        own(core, caller, user, team, None, page.unwrap_or(PageRange { offset: 0, limit: MAX_OWN })).await?;
    Ok(rows.into_iter().map(|(channel, member)| shape::member(member, &channel)).collect())
}

async fn own(
    core: &Core,
    caller: &Caller,
    user: UserId,
    team: Option<TeamId>,
    archived_since: Option<Millis>,
    page: PageRange,
) -> Result<Vec<(Row, db::channel_members::ChannelMember)>> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    if let Some(team) = team {
        teams::access(&mut conn, caller, team).await?;
    }
    Ok(db::channels::of_user(&mut conn, (caller.org, user), team, archived_since, page).await?)
}
