//! Schemes: sets of roles that teams or channels can be put under.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::{
    Conn, Query,
    schema::{channels, schemes, teams},
};
use crate::wire::{ChannelId, Millis, OrgId, SchemeId, SchemeScope, TeamId};

/// The most schemes that are read of one organisation.
pub const MAX: i64 = 300;

/// A scheme's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schemes)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Scheme {
    pub id: SchemeId,
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub scope: SchemeScope,
    pub create_at: Millis,
    pub update_at: Millis,
}

/// A scheme to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = schemes)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewScheme<'a> {
    pub id: SchemeId,
    pub org_id: OrgId,
    pub name: &'a str,
    pub display_name: &'a str,
    pub description: &'a str,
    pub scope: SchemeScope,
}

/// The columns that a change of a scheme replaces; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = schemes)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct SchemeChanges {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
}

/// The schemes of `org`, newest first.
pub async fn of(conn: &mut Conn, org: OrgId) -> Query<Vec<Scheme>> {
    schemes::table
        .filter(schemes::org_id.eq(org))
        .order((schemes::create_at.desc(), schemes::id.desc()))
        .limit(MAX)
        .select(Scheme::as_select())
        .load(conn)
        .await
}

/// The scheme `id` of `org`.
pub async fn find(conn: &mut Conn, org: OrgId, id: SchemeId) -> Query<Option<Scheme>> {
    schemes::table
        .filter(schemes::org_id.eq(org).and(schemes::id.eq(id)))
        .select(Scheme::as_select())
        .first(conn)
        .await
        .optional()
}

/// Counts the schemes of `org`.
pub async fn count(conn: &mut Conn, org: OrgId) -> Query<i64> {
    schemes::table.filter(schemes::org_id.eq(org)).count().get_result(conn).await
}

/// Inserts a scheme.
pub async fn insert(conn: &mut Conn, new: &NewScheme<'_>) -> Query<Scheme> {
    diesel::insert_into(schemes::table).values(new).returning(Scheme::as_returning()).get_result(conn).await
}

/// Changes a scheme of `org`.
pub async fn update(
    conn: &mut Conn,
    org: OrgId,
    id: SchemeId,
    changes: &SchemeChanges,
) -> Query<Option<Scheme>> {
    diesel::update(schemes::table.filter(schemes::org_id.eq(org).and(schemes::id.eq(id))))
        .set((changes, schemes::update_at.eq(now_ms())))
        .returning(Scheme::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Removes a scheme of `org` with its roles; its teams and channels fall back to the organisation's roles. False if
/// there is none.
pub async fn delete(conn: &mut Conn, org: OrgId, id: SchemeId) -> Query<bool> {
    let gone = schemes::table.filter(schemes::org_id.eq(org).and(schemes::id.eq(id)));
    Ok(diesel::delete(gone).execute(conn).await? == 1)
}

/// Puts a team and its channels under a scheme, or under none.
pub async fn set_of_team(conn: &mut Conn, team: TeamId, scheme: Option<SchemeId>) -> Query<usize> {
    diesel::update(teams::table.find(team))
        .set((teams::scheme_id.eq(scheme), teams::update_at.eq(now_ms())))
        .execute(conn)
        .await?;
    diesel::update(channels::table.filter(channels::team_id.eq(team)))
        .set(channels::team_scheme_id.eq(scheme))
        .execute(conn)
        .await
}

/// Puts a channel under a scheme, or under none.
pub async fn set_of_channel(conn: &mut Conn, channel: ChannelId, scheme: Option<SchemeId>) -> Query<usize> {
    diesel::update(channels::table.find(channel))
        .set((channels::scheme_id.eq(scheme), channels::update_at.eq(now_ms())))
        .execute(conn)
        .await
}
