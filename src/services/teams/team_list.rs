//! Reading teams and their members.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::access::{access, unknown};
use super::shape::{self, TeamDetail};
use crate::db::team_members::TeamMember as TeamMemberRow;
use crate::db::teams::{Team as Row, TeamScope};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::{MemberRole, Membership, Permission};
use crate::services::teams::Core;
use crate::wire::{PageRange, Team, TeamId, TeamMember, TeamStats, UserId};

/// Teams of one account in lists without pages at most.
const MAX_OWN: i64 = 1000;
/// Teams in a search without pages at most.
const MAX_FOUND: i64 = 100;
/// Identifiers in one request at most.
const MAX_IDS: usize = 200;

/// A page of a list of teams.
#[derive(Debug)]
pub struct Listing {
    /// The teams of the page.
    pub teams: Vec<Team>,
    /// The number of teams on all pages.
    pub total: i64,
}

/// A search for teams.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's search")]
pub struct TeamSearch {
    pub term: String,
    pub page: Option<i64>,
    pub per_page: Option<i64>,
}

/// The team `id`, if the caller is a member or it is open.
pub async fn get(core: &Core, caller: &Caller, id: TeamId) -> Result<Team> {
    let mut conn = core.read().await?;
    let row = db::teams::find(&mut conn, caller.org, id).await?.ok_or_else(unknown)?;
    seen(&mut conn, caller, row).await
}

/// The team with the name `name`, if the caller is a member or it is open.
pub async fn by_name(core: &Core, caller: &Caller, name: &str) -> Result<Team> {
    let mut conn = core.read().await?;
    let row = named(&mut conn, caller, name).await?;
    seen(&mut conn, caller, row).await
}

/// The identifier of the team with the name `name`, without a check whether the caller may see it.
pub(in crate::services) async fn id_by_name(conn: &mut Conn, caller: &Caller, name: &str) -> Result<TeamId> {
    Ok(named(conn, caller, name).await?.id)
}

async fn named(conn: &mut Conn, caller: &Caller, name: &str) -> Result<Row> {
    db::teams::by_name(conn, caller.org, name).await?.ok_or_else(|| {
        Error::not_found("app.team.get_by_name.missing.app_error", "Unable to find the existing team.")
    })
}

/// Whether there is a team with this name that the caller may see.
pub async fn exists(core: &Core, caller: &Caller, name: &str) -> Result<bool> {
    let mut conn = core.read().await?;
    let Some(row) = db::teams::by_name(&mut conn, caller.org, name).await? else { return Ok(false) };
    Ok(seen(&mut conn, caller, row).await.is_ok())
}

/// The team in the detail that the caller may see. Without access to it, they see it only if it is open and not
/// archived.
async fn seen(conn: &mut Conn, caller: &Caller, row: Row) -> Result<Team> {
    let open = row.allow_open_invite && row.delete_at == 0 && caller.may(Permission::ListPublicTeams);
    match access(conn, caller, row.id).await {
        Ok(access) => Ok(shape::shape(row, TeamDetail::from(&access))),
        Err(_) if open => Ok(shape::shape(row, TeamDetail::Outside)),
        Err(error) => Err(error),
    }
}

/// Lists a page of the teams that the caller may find: all, or the open ones and their own, or only their own.
pub async fn list(core: &Core, caller: &Caller, offset: i64, limit: i64) -> Result<Listing> {
    find(core, caller, "", offset, limit).await
}

/// Finds teams whose names contain a term: a page with the total if asked for, otherwise the first hundred.
pub async fn search(core: &Core, caller: &Caller, search: &TeamSearch) -> Result<Listing> {
    let limit = search.per_page.unwrap_or(MAX_FOUND).clamp(0, 200);
    let offset = search.page.unwrap_or(0).clamp(0, 1_000_000) * limit;
    find(core, caller, search.term.trim(), offset, limit).await
}

async fn find(core: &Core, caller: &Caller, term: &str, offset: i64, limit: i64) -> Result<Listing> {
    let mut conn = core.read().await?;
    let shown = match () {
        () if caller.may(Permission::ListPrivateTeams) => TeamScope::All,
        () if caller.may(Permission::ListPublicTeams) => TeamScope::To(caller.id),
        () => TeamScope::Of(caller.id),
    };
    let rows = db::teams::list(&mut conn, caller.org, shown, term, offset, limit).await?;
    let total = db::teams::count(&mut conn, caller.org, shown, term).await?;
    let mine = db::team_members::of_user(&mut conn, caller.org, caller.id, MAX_OWN).await?;
    let sight = sights(caller, &mine);
    Ok(Listing { teams: rows.into_iter().map(|row| shape::shape(row.clone(), sight(&row))).collect(), total })
}

/// The detail in which the caller may see each team, by their memberships.
fn sights(caller: &Caller, mine: &[TeamMemberRow]) -> impl Fn(&Row) -> TeamDetail + use<> {
    let anywhere = TeamDetail::of(caller.permissions());
    let there = |m: &TeamMemberRow| {
        let rank = Some(MemberRole::of(m.admin, m.guest));
        let place = Membership { team: rank, team_scheme: m.scheme_id, ..Membership::default() };
        (m.team_id, TeamDetail::of(caller.permissions().union(caller.role_set().in_team(place))))
    };
    let mine: BTreeMap<TeamId, TeamDetail> = mine.iter().map(there).collect();
    move |row| mine.get(&row.id).copied().unwrap_or(anywhere)
}

/// Lists the teams that `user` is in.
pub async fn of_user(core: &Core, caller: &Caller, user: UserId) -> Result<Vec<Team>> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    let rows = db::teams::of_user(&mut conn, caller.org, user, MAX_OWN).await?;
    let mine = db::team_members::of_user(&mut conn, caller.org, caller.id, MAX_OWN).await?;
    let sight = sights(caller, &mine);
    Ok(rows.into_iter().map(|row| shape::shape(row.clone(), sight(&row))).collect())
}

/// Lists the team memberships of `user`.
pub async fn places_of_user(core: &Core, caller: &Caller, user: UserId) -> Result<Vec<TeamMember>> {
    caller.may_look_for(user)?;
    let mut conn = core.read().await?;
    let rows = db::team_members::of_user(&mut conn, caller.org, user, MAX_OWN).await?;
    Ok(rows.into_iter().map(shape::member).collect())
}

/// Lists a page of the members of a team.
pub async fn members(
    core: &Core,
    caller: &Caller,
    id: TeamId,
    offset: i64,
    limit: i64,
) -> Result<Vec<TeamMember>> {
    let mut conn = core.read().await?;
    let access = access(&mut conn, caller, id).await?;
    let rows =
        db::team_members::list(&mut conn, access.id(), caller.visibility(), PageRange { offset, limit })
            .await?;
    Ok(rows.into_iter().map(shape::member).collect())
}

/// The membership of `user` in a team.
pub async fn member(core: &Core, caller: &Caller, id: TeamId, user: UserId) -> Result<TeamMember> {
    let mut conn = core.read().await?;
    let access = access(&mut conn, caller, id).await?;
    if !db::users::sees(&mut conn, caller.visibility(), user).await? {
        return Err(no_member());
    }
    let row = db::team_members::find(&mut conn, access.id(), user).await?.ok_or_else(no_member)?;
    Ok(shape::member(row))
}

/// The memberships of those of `ids` who are in a team.
pub async fn members_by_ids(
    core: &Core,
    caller: &Caller,
    id: TeamId,
    ids: &[UserId],
) -> Result<Vec<TeamMember>> {
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(Error::body("user_ids"));
    }
    let mut conn = core.read().await?;
    let access = access(&mut conn, caller, id).await?;
    let ids = db::users::seen(&mut conn, caller.visibility(), ids).await?;
    let rows = db::team_members::by_ids(&mut conn, access.id(), &ids).await?;
    Ok(rows.into_iter().map(shape::member).collect())
}

/// The numbers of members of a team.
pub async fn stats(core: &Core, caller: &Caller, id: TeamId) -> Result<TeamStats> {
    let mut conn = core.read().await?;
    let access = access(&mut conn, caller, id).await?;
    let (total, active) = db::team_members::count(&mut conn, access.id()).await?;
    Ok(TeamStats { team_id: access.id(), total_member_count: total, active_member_count: active })
}

/// The error for somebody who is not in the team.
pub(in crate::services) fn no_member() -> Error {
    Error::not_found(
        "app.team.get_member.missing.app_error",
        "No team member found for that user ID and team ID.",
    )
}
