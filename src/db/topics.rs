//! Counters of the log.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::statement::prepared;
use super::{Conn, Query, schema::topics};
use crate::wire::Topic;
use crate::wire::frame::AudienceFilter;

/// A topic's counter.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Counter {
    /// The topic.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The number of the topic's newest event.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
}

/// Takes `counts[i]` numbers for `ids[i]`, which may be none, and locks the counters until the transaction ends: every
/// later commit gets higher numbers than those that are answered. Ids must be sorted, so that there are no deadlocks.
pub async fn take(mut conn: &Conn, ids: &[Uuid], counts: &[i64]) -> Query<Vec<Counter>> {
    prepared(
        "insert into topics as t (id, seq) select * from unnest($1, $2) as n (id, seq)
         on conflict (id) do update set seq = t.seq + excluded.seq returning t.id, t.seq",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<BigInt>, _>(counts)
    .load(&mut conn)
    .await
}

/// The newest numbers of `ids`; a topic that never had an event is not in the answer.
pub async fn heads(conn: &mut Conn, ids: &[Uuid]) -> Query<Vec<(Uuid, i64)>> {
    topics::table.filter(topics::id.eq_any(ids)).select((topics::id, topics::seq)).load(conn).await
}

/// A topic that an account receives, and its newest number.
#[derive(QueryableByName)]
struct Heard {
    /// `o`, `t`, `c` or `u`.
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

fn heard(rows: Vec<Heard>) -> Query<Vec<(Topic, i64)>> {
    let unknown = || DieselError::DeserializationError("not a kind of topic".into());
    let topic = |row: Heard| Ok((Topic::of(&row.kind, row.id).ok_or_else(unknown)?, row.seq));
    rows.into_iter().map(topic).collect()
}

/// The topics that an account receives and their newest numbers, in one snapshot; nothing if in that snapshot the
/// session is over, or lacks the second factor that its organisation demands.
pub async fn heard_by(
    conn: &mut Conn,
    org: crate::wire::OrgId,
    user: crate::wire::UserId,
    session: crate::wire::SessionId,
) -> Query<Vec<(Topic, i64)>> {
    let rows = prepared(
        "select h.kind, h.id, coalesce(t.seq, 0) as seq
         from (select 'o' as kind, $1 as id
               union all select 'u', $2
               union all select 't', team_id from team_members where user_id = $2
               union all select 'c', channel_id from channel_members where user_id = $2) h
         left join topics t on t.id = h.id
         where exists (select 1 from sessions s join users u on u.id = s.user_id join orgs on orgs.id = u.org_id
           where s.id = $3 and s.user_id = $2 and s.expires_at > now_ms() and u.delete_at = 0
           and orgs.suspended_at = 0 and orgs.delete_at = 0
           and (not orgs.enforce_second_factor or u.mfa_active or u.auth_service <> ''
             or u.bot_description is not null))",
    )
    .bind::<SqlUuid, _>(org)
    .bind::<SqlUuid, _>(user)
    .bind::<SqlUuid, _>(session)
    .load(conn)
    .await?;
    heard(rows)
}

/// The topics through which everybody who shares a team or a direct conversation with `user` receives events about
/// them, and the audience of each: their teams, and those of the owner of a bot, for members who are no guests there;
/// those of their direct and group channels in which somebody shares no team with them; and, for guests, all channels
/// that they share.
pub async fn acquainted(conn: &mut Conn, user: crate::wire::UserId) -> Query<Vec<(Topic, AudienceFilter)>> {
    let rows = prepared(
        "select 't' as kind, team_id as id, 0::bigint as seq from team_members where user_id = $1
         union
         select 't', m.team_id, 0 from users b join team_members m on m.user_id = b.bot_owner_id where b.id = $1
         union all
         select 'c', m.channel_id, 0 from channel_members m
         join channels c on c.id = m.channel_id and c.kind in ('D', 'G')
         where m.user_id = $1 and exists (
           select 1 from channel_members o where o.channel_id = m.channel_id and o.user_id <> $1 and not exists (
             select 1 from team_members a join team_members b on b.team_id = a.team_id
             where a.user_id = $1 and b.user_id = o.user_id))
         union all
         select 'c', m.channel_id, 1 from channel_members m
         where m.user_id = $1 and exists (
           select 1 from channel_members g where g.channel_id = m.channel_id and g.guest and g.user_id <> $1)",
    )
    .bind::<SqlUuid, _>(user)
    .load(conn)
    .await?;
    let whom = |(topic, for_guests): (Topic, i64)| match (topic, for_guests) {
        (Topic::Team(_), _) => (topic, AudienceFilter::Members),
        (Topic::Org(_) | Topic::Channel(_) | Topic::User(_), 1) => (topic, AudienceFilter::Guests),
        (Topic::Org(_) | Topic::Channel(_) | Topic::User(_), _) => (topic, AudienceFilter::Everybody),
    };
    Ok(heard(rows)?.into_iter().map(whom).collect())
}
