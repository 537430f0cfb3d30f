//! Invitations to teams that were sent by mail.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::functions::now_ms;
use super::statement::prepared;
use super::teams::Team;
use super::{
    Conn, Query,
    schema::{team_invitations, teams},
};
use crate::wire::{ChannelId, Millis, OrgId, TeamId, UserId};

/// An invitation to insert.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewInvitation<'a> {
    pub digest: &'a [u8],
    pub team_id: TeamId,
    pub email: &'a str,
    pub invited_by: UserId,
    pub guest: bool,
    pub channel_ids: &'a [ChannelId],
}

/// An invitation that is valid.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = team_invitations)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Invitation {
    pub digest: Vec<u8>,
    pub email: String,
    pub invited_by: UserId,
    pub guest: bool,
    pub channel_ids: Vec<ChannelId>,
}

/// The limits on invitations within an hour.
#[derive(Debug, Clone, Copy)]
pub struct AtMost {
    /// The most invitations from one account.
    pub by_one: i64,
    /// The most invitations to one address, from the whole organisation.
    pub to_one: i64,
}

/// Inserts an invitation that lasts `lifetime` milliseconds. False if there were too many in the last hour. The
/// inviting account must be locked, so that of two requests at once one is counted first.
pub async fn insert(
    conn: &mut Conn,
    new: &NewInvitation<'_>,
    lifetime: Millis,
    at_most: AtMost,
) -> Query<bool> {
    let rows = prepared(
        "insert into team_invitations (digest, team_id, email, invited_by, guest, channel_ids, expires_at)
         select $1, $2, $3, $4, $5, $6, now_ms() + $7
         where (select count(*) from team_invitations
                where invited_by = $4 and create_at > now_ms() - 3600000) < $8
           and (select count(*) from team_invitations i join teams t on t.id = i.team_id
                where i.email = $3 and i.create_at > now_ms() - 3600000
                  and t.org_id = (select org_id from teams where id = $2)) < $9",
    )
    .bind::<Binary, _>(new.digest)
    .bind::<SqlUuid, _>(new.team_id)
    .bind::<Text, _>(new.email)
    .bind::<SqlUuid, _>(new.invited_by)
    .bind::<Bool, _>(new.guest)
    .bind::<Array<SqlUuid>, _>(new.channel_ids)
    .bind::<BigInt, _>(lifetime)
    .bind::<BigInt, _>(at_most.by_one)
    .bind::<BigInt, _>(at_most.to_one)
    .execute(conn)
    .await?;
    Ok(rows == 1)
}

/// The living invitation of `org` with this digest, and its team, which is not archived. The invitation stays.
pub async fn find(conn: &mut Conn, org: OrgId, digest: &[u8]) -> Query<Option<(Team, Invitation)>> {
    team_invitations::table
        .inner_join(teams::table)
        .filter(teams::org_id.eq(org).and(teams::delete_at.eq(0)))
        .filter(team_invitations::digest.eq(digest).and(team_invitations::over_at.eq(0)))
        .filter(team_invitations::expires_at.gt(now_ms()))
        .select((Team::as_select(), Invitation::as_select()))
        .first(conn)
        .await
        .optional()
}

/// Uses up a living invitation. Of several requests with the same one, exactly one gets true.
pub async fn consume(conn: &mut Conn, digest: &[u8]) -> Query<bool> {
    let living = team_invitations::table
        .filter(team_invitations::digest.eq(digest).and(team_invitations::over_at.eq(0)))
        .filter(team_invitations::expires_at.gt(now_ms()));
    Ok(diesel::update(living).set(team_invitations::over_at.eq(now_ms())).execute(conn).await? == 1)
}

/// Withdraws all invitations of an organisation; answers their number.
pub async fn withdraw_all(conn: &mut Conn, org: OrgId) -> Query<usize> {
    let of_org = teams::table.filter(teams::org_id.eq(org)).select(teams::id);
    let living = team_invitations::table
        .filter(team_invitations::over_at.eq(0).and(team_invitations::team_id.eq_any(of_org)));
    diesel::update(living).set(team_invitations::over_at.eq(now_ms())).execute(conn).await
}

/// Removes expired invitations, at most `limit`; answers their number.
pub async fn sweep(conn: &mut Conn, limit: i64) -> Query<usize> {
    prepared(
        "delete from team_invitations where digest in
         (select digest from team_invitations where expires_at <= now_ms() order by expires_at limit $1)",
    )
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await
}
