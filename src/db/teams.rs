//! Teams.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::functions::now_ms;
use super::schema::{team_members, teams};
use super::{Conn, Query, contains};
use crate::wire::{Millis, OrgId, SchemeId, TeamId, UserId};

/// A team's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = teams)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Team {
    pub id: TeamId,
    pub org_id: OrgId,
    pub kind: String,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub email: String,
    pub company_name: String,
    pub allowed_domains: String,
    pub invite_id: String,
    pub allow_open_invite: bool,
    pub create_at: Millis,
    pub update_at: Millis,
    pub delete_at: Millis,
    pub scheme_id: Option<SchemeId>,
    pub icon_id: Option<Uuid>,
    pub icon_at: Millis,
}

/// A team to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = teams)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewTeam<'a> {
    pub id: TeamId,
    pub org_id: OrgId,
    pub kind: &'a str,
    pub name: &'a str,
    pub display_name: &'a str,
    pub description: &'a str,
    pub email: &'a str,
    pub company_name: &'a str,
    pub allowed_domains: &'a str,
    pub invite_id: &'a str,
    pub allow_open_invite: bool,
}

/// The columns that a change of a team replaces; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = teams)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct TeamChanges {
    pub kind: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub company_name: Option<String>,
    pub allowed_domains: Option<String>,
    pub allow_open_invite: Option<bool>,
    pub invite_id: Option<String>,
}

/// The teams of an organisation that a list shows.
#[derive(Debug, Clone, Copy)]
pub enum TeamScope {
    /// All teams, archived ones too.
    All,
    /// Teams that are not archived and that are open or that the account is in.
    To(UserId),
    /// Teams that are not archived and that the account is in.
    Of(UserId),
    /// Teams that are under a scheme, archived ones too.
    Under(SchemeId),
}

/// Inserts a team.
pub async fn insert(conn: &mut Conn, new: &NewTeam<'_>) -> Query<Team> {
    diesel::insert_into(teams::table).values(new).returning(Team::as_returning()).get_result(conn).await
}

/// Locks a team, and answers the storage identifier of its icon.
pub async fn lock_icon(conn: &mut Conn, id: TeamId) -> Query<Option<Uuid>> {
    teams::table.find(id).select(teams::icon_id).for_no_key_update().first(conn).await
}

/// Sets the storage identifier of a team's icon.
pub async fn set_icon(conn: &mut Conn, id: TeamId, icon: Option<Uuid>) -> Query<Team> {
    diesel::update(teams::table.find(id))
        .set((teams::icon_id.eq(icon), teams::icon_at.eq(now_ms()), teams::update_at.eq(now_ms())))
        .returning(Team::as_returning())
        .get_result(conn)
        .await
}

/// The team `id` of `org`, archived or not.
pub async fn find(conn: &mut Conn, org: OrgId, id: TeamId) -> Query<Option<Team>> {
    teams::table
        .filter(teams::org_id.eq(org).and(teams::id.eq(id)))
        .select(Team::as_select())
        .first(conn)
        .await
        .optional()
}

/// The team of `org` with the name `name`.
pub async fn by_name(conn: &mut Conn, org: OrgId, name: &str) -> Query<Option<Team>> {
    teams::table
        .filter(teams::org_id.eq(org).and(teams::name.eq(name)))
        .select(Team::as_select())
        .first(conn)
        .await
        .optional()
}

/// The team of `org` with the invitation code `invite_id`, if it is not archived.
pub async fn by_invite(conn: &mut Conn, org: OrgId, invite_id: &str) -> Query<Option<Team>> {
    teams::table
        .filter(teams::org_id.eq(org).and(teams::invite_id.eq(invite_id)))
        .filter(teams::delete_at.eq(0))
        .select(Team::as_select())
        .first(conn)
        .await
        .optional()
}

/// Whether a member is an administrator, and whether a guest.
pub type Flags = (bool, bool);

/// The team `id` of `org`, and the flags of `user` if they are a member of it.
pub async fn place(
    conn: &mut Conn,
    org: OrgId,
    id: TeamId,
    user: UserId,
) -> Query<Option<(Team, Option<Flags>)>> {
    let mine = team_members::team_id.eq(teams::id).and(team_members::user_id.eq(user));
    teams::table
        .left_join(team_members::table.on(mine))
        .filter(teams::org_id.eq(org).and(teams::id.eq(id)))
        .select((Team::as_select(), (team_members::admin, team_members::guest).nullable()))
        .first(conn)
        .await
        .optional()
}

/// Locks a team until the transaction ends: requests that add members or channels check the limits under this lock.
pub async fn lock(conn: &mut Conn, id: TeamId) -> Query<Team> {
    teams::table.find(id).select(Team::as_select()).for_no_key_update().first(conn).await
}

/// Changes a team; its time of change never goes back.
pub async fn update(conn: &mut Conn, id: TeamId, changes: &TeamChanges) -> Query<Team> {
    let now = now_ms();
    diesel::update(teams::table.find(id))
        .set((changes, teams::update_at.eq(now)))
        .returning(Team::as_returning())
        .get_result(conn)
        .await
}

/// Archives a team; `None` if it is archived already.
pub async fn archive(conn: &mut Conn, id: TeamId) -> Query<Option<Team>> {
    let now = || now_ms();
    diesel::update(teams::table.find(id).filter(teams::delete_at.eq(0)))
        .set((teams::delete_at.eq(now()), teams::update_at.eq(now())))
        .returning(Team::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Restores an archived team; `None` if it is not archived.
pub async fn restore(conn: &mut Conn, id: TeamId) -> Query<Option<Team>> {
    let now = now_ms();
    diesel::update(teams::table.find(id).filter(teams::delete_at.ne(0)))
        .set((teams::delete_at.eq(0), teams::update_at.eq(now)))
        .returning(Team::as_returning())
        .get_result(conn)
        .await
        .optional()
}

type Filtered<'a> = teams::BoxedQuery<'a, diesel::pg::Pg>;

/// The teams of `org` that a list may show and whose names contain `term`.
fn shown<'a>(org: OrgId, to: TeamScope, term: &str) -> Filtered<'a> {
    let query = teams::table.filter(teams::org_id.eq(org)).into_boxed();
    let own = |user: UserId| {
        team_members::table.filter(team_members::user_id.eq(user)).select(team_members::team_id)
    };
    let query = match to {
        TeamScope::All => query,
        TeamScope::To(user) => query
            .filter(teams::delete_at.eq(0))
            .filter(teams::allow_open_invite.or(teams::id.eq_any(own(user)))),
        TeamScope::Under(scheme) => query.filter(teams::scheme_id.eq(scheme)),
        TeamScope::Of(user) => query.filter(teams::delete_at.eq(0)).filter(teams::id.eq_any(own(user))),
    };
    if term.is_empty() {
        return query;
    }
    let pattern = contains(term);
    query.filter(teams::display_name.ilike(pattern.clone()).or(teams::name.ilike(pattern)))
}

/// A page of the teams that a list shows, by display name.
pub async fn list(
    conn: &mut Conn,
    org: OrgId,
    to: TeamScope,
    term: &str,
    offset: i64,
    limit: i64,
) -> Query<Vec<Team>> {
    shown(org, to, term)
        .order((teams::display_name, teams::id))
        .offset(offset)
        .limit(limit)
        .select(Team::as_select())
        .load(conn)
        .await
}

/// Counts the teams that a list shows.
pub async fn count(conn: &mut Conn, org: OrgId, to: TeamScope, term: &str) -> Query<i64> {
    shown(org, to, term).count().get_result(conn).await
}

/// Those of `ids` that belong to `org`.
pub async fn by_ids(conn: &mut Conn, org: OrgId, ids: &[TeamId]) -> Query<Vec<Team>> {
    teams::table
        .filter(teams::org_id.eq(org).and(teams::id.eq_any(ids)))
        .select(Team::as_select())
        .load(conn)
        .await
}

/// The teams that `user` is in and that are not archived, at most `limit`.
pub async fn of_user(conn: &mut Conn, org: OrgId, user: UserId, limit: i64) -> Query<Vec<Team>> {
    teams::table
        .inner_join(team_members::table)
        .filter(team_members::user_id.eq(user))
        .filter(teams::org_id.eq(org).and(teams::delete_at.eq(0)))
        .order((teams::display_name, teams::id))
        .limit(limit)
        .select(Team::as_select())
        .load(conn)
        .await
}
