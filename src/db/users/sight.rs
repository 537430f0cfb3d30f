//! Queries of who shares a channel or a team with whom, and so may see them.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::User;
use crate::db::statement::prepared;
use crate::db::{
    Conn, Query, functions,
    schema::{channel_members, channels, team_members, teams, users},
};
use crate::wire::{ChannelId, ChannelKind, TeamId, UserId};

/// Whether `user` is in the team, and the team is not archived.
pub async fn is_in_team(conn: &mut Conn, user: UserId, team: TeamId) -> Query<bool> {
    let member = team_members::table.inner_join(teams::table).filter(
        team_members::user_id.eq(user).and(team_members::team_id.eq(team)).and(teams::delete_at.eq(0)),
    );
    select(exists(member)).get_result(conn).await
}

/// The other members of those group channels among `ids` that `user` is in.
pub async fn in_group_channels(
    conn: &mut Conn,
    user: UserId,
    ids: &[ChannelId],
) -> Query<Vec<(ChannelId, User)>> {
    let mine =
        channel_members::table.filter(channel_members::user_id.eq(user)).select(channel_members::channel_id);
    channel_members::table
        .inner_join(channels::table)
        .inner_join(users::table)
        .filter(channels::id.eq_any(ids).and(channels::kind.eq(ChannelKind::Group)))
        .filter(channels::id.eq_any(mine.into_boxed()))
        .filter(users::id.ne(user))
        .order(users::username)
        .select((channels::id, User::as_select()))
        .load(conn)
        .await
}

/// Whether `visibility` may see an account; without visibility every account is seen.
pub async fn sees(conn: &mut Conn, visibility: Option<UserId>, user: UserId) -> Query<bool> {
    match visibility {
        Some(_) => select(functions::sees(visibility, user)).get_result(conn).await,
        None => Ok(true),
    }
}

/// Those of `ids` that `visibility` may see; without visibility all of them.
pub async fn seen(conn: &mut Conn, visibility: Option<UserId>, ids: &[UserId]) -> Query<Vec<UserId>> {
    if visibility.is_none() {
        return Ok(ids.to_vec());
    }
    let seen = users::table.filter(users::id.eq_any(ids)).filter(functions::sees(visibility, users::id));
    seen.select(users::id).load(conn).await
}

/// The accounts with which `user` shares a channel, at most `limit`.
pub async fn known(conn: &mut Conn, user: UserId, limit: i64) -> Query<Vec<UserId>> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = SqlUuid)]
        user_id: UserId,
    }
    let rows: Vec<Known> = prepared(
        "select distinct o.user_id from channel_members m join channel_members o using (channel_id)
         where m.user_id = $1 and o.user_id <> $1 limit $2",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|k| k.user_id).collect())
}
