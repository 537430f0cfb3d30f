//! The members of teams.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::fragment::{SqlFragment, fragment};
use super::functions::sees;
use super::schema::{team_members, teams, users};
use super::teams::Flags;
use super::{Conn, Query};
use crate::wire::{Millis, OrgId, PageRange, SchemeId, TeamId, UserId};

/// A member's row.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = team_members)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct TeamMember {
    pub team_id: TeamId,
    pub user_id: UserId,
    pub admin: bool,
    pub create_at: Millis,
    pub guest: bool,
    /// The scheme of the team.
    #[diesel(select_expression = fragment("(select t.scheme_id from teams t where t.id = team_members.team_id)"))]
    #[diesel(select_expression_type = SqlFragment<'static, Nullable<SqlUuid>>)]
    pub scheme_id: Option<SchemeId>,
}

/// The membership of `user` in `team`.
pub async fn find(conn: &mut Conn, team: TeamId, user: UserId) -> Query<Option<TeamMember>> {
    team_members::table.find((team, user)).select(TeamMember::as_select()).first(conn).await.optional()
}

/// Locks the memberships of `users` in `team` until the transaction ends, so that nobody leaves meanwhile. Answers the
/// members among them, and whether they are guests.
pub async fn hold(conn: &mut Conn, team: TeamId, users: &[UserId]) -> Query<Vec<(UserId, bool)>> {
    team_members::table
        .filter(team_members::team_id.eq(team).and(team_members::user_id.eq_any(users)))
        .order(team_members::user_id)
        .select((team_members::user_id, team_members::guest))
        .for_share()
        .load(conn)
        .await
}

/// Adds `user` to `team`; `None` if they are a member already.
pub async fn insert(
    conn: &mut Conn,
    team: TeamId,
    user: UserId,
    (admin, guest): Flags,
) -> Query<Option<TeamMember>> {
    diesel::insert_into(team_members::table)
        .values((
            team_members::team_id.eq(team),
            team_members::user_id.eq(user),
            team_members::admin.eq(admin),
            team_members::guest.eq(guest),
        ))
        .on_conflict_do_nothing()
        .returning(TeamMember::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Removes `user` from `team`. False if they were not a member.
pub async fn delete(conn: &mut Conn, team: TeamId, user: UserId) -> Query<bool> {
    Ok(diesel::delete(team_members::table.find((team, user))).execute(conn).await? == 1)
}

/// Makes a member an administrator of the team, or takes that back.
pub async fn set_admin(
    conn: &mut Conn,
    team: TeamId,
    user: UserId,
    admin: bool,
) -> Query<Option<TeamMember>> {
    diesel::update(team_members::table.find((team, user)))
        .set(team_members::admin.eq(admin))
        .returning(TeamMember::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// A page of the members of a team that are within `visibility`, by username.
pub async fn list(
    conn: &mut Conn,
    team: TeamId,
    visibility: Option<UserId>,
    PageRange { offset, limit }: PageRange,
) -> Query<Vec<TeamMember>> {
    team_members::table
        .inner_join(users::table)
        .filter(team_members::team_id.eq(team))
        .filter(sees(visibility, users::id))
        .order((users::username, users::id))
        .offset(offset)
        .limit(limit)
        .select(TeamMember::as_select())
        .load(conn)
        .await
}

/// The memberships of those of `ids` who are in `team`.
pub async fn by_ids(conn: &mut Conn, team: TeamId, ids: &[UserId]) -> Query<Vec<TeamMember>> {
    team_members::table
        .filter(team_members::team_id.eq(team).and(team_members::user_id.eq_any(ids)))
        .order(team_members::user_id)
        .select(TeamMember::as_select())
        .load(conn)
        .await
}

/// The memberships of `user` in teams of `org` that are not archived, at most `limit`.
pub async fn of_user(conn: &mut Conn, org: OrgId, user: UserId, limit: i64) -> Query<Vec<TeamMember>> {
    team_members::table
        .inner_join(teams::table)
        .filter(team_members::user_id.eq(user))
        .filter(teams::org_id.eq(org).and(teams::delete_at.eq(0)))
        .order(team_members::team_id)
        .limit(limit)
        .select(TeamMember::as_select())
        .load(conn)
        .await
}

/// Counts the members of `team`: all, and those whose account is active.
pub async fn count(conn: &mut Conn, team: TeamId) -> Query<(i64, i64)> {
    let members = || team_members::table.inner_join(users::table).filter(team_members::team_id.eq(team));
    let all = members().count().get_result(conn).await?;
    let active = members().filter(users::delete_at.eq(0)).count().get_result(conn).await?;
    Ok((all, active))
}

/// Makes `user` a guest, and no administrator, in all their teams, or takes that back. Answers the memberships.
pub async fn set_guest(conn: &mut Conn, user: UserId, guest: bool) -> Query<Vec<TeamMember>> {
    diesel::update(team_members::table.filter(team_members::user_id.eq(user)))
        .set((team_members::guest.eq(guest), team_members::admin.eq(false)))
        .returning(TeamMember::as_returning())
        .get_results(conn)
        .await
}

/// Counts the members of `team`, with active accounts or not.
pub async fn count_all(conn: &mut Conn, team: TeamId) -> Query<i64> {
    team_members::table.filter(team_members::team_id.eq(team)).count().get_result(conn).await
}

/// Counts the teams of `user` that are not archived.
pub async fn count_of_user(conn: &mut Conn, user: UserId) -> Query<i64> {
    team_members::table
        .inner_join(teams::table)
        .filter(team_members::user_id.eq(user).and(teams::delete_at.eq(0)))
        .count()
        .get_result(conn)
        .await
}

/// The teams of `org` that all of `users` are in and that are not archived.
pub async fn in_common(conn: &mut Conn, org: OrgId, users: &[UserId]) -> Query<Vec<TeamId>> {
    let wanted = i64::try_from(users.len()).unwrap_or(i64::MAX);
    team_members::table
        .inner_join(teams::table)
        .filter(team_members::user_id.eq_any(users))
        .filter(teams::org_id.eq(org).and(teams::delete_at.eq(0)))
        .group_by(team_members::team_id)
        .having(diesel::dsl::count_star().eq(wanted))
        .select(team_members::team_id)
        .load(conn)
        .await
}
