//! Channels.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::channel_members::ChannelMember;
use super::fragment::fragment;
use super::functions::now_ms;
use super::schema::{channel_members, channels, team_members, teams};
use super::statement::prepared;
use super::teams::Flags;
use super::{Conn, Query, contains};
use crate::wire::{ChannelId, ChannelKind, Millis, OrgId, PageRange, SchemeId, TeamId, UserId};

/// A channel's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = channels)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Channel {
    pub id: ChannelId,
    pub org_id: OrgId,
    pub team_id: Option<TeamId>,
    pub kind: ChannelKind,
    pub name: String,
    pub display_name: String,
    pub header: String,
    pub purpose: String,
    pub creator_id: Option<UserId>,
    pub create_at: Millis,
    pub update_at: Millis,
    pub delete_at: Millis,
    pub last_post_at: Millis,
    pub last_root_post_at: Millis,
    pub post_seq: i64,
    pub total_msg_count: i64,
    pub total_msg_count_root: i64,
    pub mention_all_count: i64,
    pub mention_all_count_root: i64,
    pub scheme_id: Option<SchemeId>,
    pub team_scheme_id: Option<SchemeId>,
    pub team_delete_at: Millis,
}

impl Channel {
    /// Whether the channel accepts nothing new: it is archived, or its team is.
    pub fn is_archived(&self) -> bool {
        self.delete_at != 0 || self.team_delete_at != 0
    }

    /// Whether it is a direct or group channel, in which every message addresses everybody.
    pub fn is_direct(&self) -> bool {
        self.kind.is_direct()
    }
}

/// The channel `id` of `org`, archived or not.
pub async fn find(conn: &mut Conn, org: OrgId, id: ChannelId) -> Query<Option<Channel>> {
    channels::table
        .filter(channels::org_id.eq(org).and(channels::id.eq(id)))
        .select(Channel::as_select())
        .first(conn)
        .await
        .optional()
}

/// A channel to insert.
#[derive(Debug, Insertable)]
#[diesel(table_name = channels)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct NewChannel<'a> {
    pub id: ChannelId,
    pub org_id: OrgId,
    pub team_id: Option<TeamId>,
    pub kind: ChannelKind,
    pub name: &'a str,
    pub display_name: &'a str,
    pub header: &'a str,
    pub purpose: &'a str,
    pub creator_id: Option<UserId>,
    pub team_scheme_id: Option<SchemeId>,
}

/// The columns that a change of a channel replaces; `None` leaves a column as it is.
#[derive(Debug, Default, Clone, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = channels)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct ChannelChanges {
    pub kind: Option<ChannelKind>,
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub header: Option<String>,
    pub purpose: Option<String>,
}

/// The channels of an organisation that a list may show.
#[derive(Debug, Clone, Copy)]
pub enum ChannelScope {
    /// Public channels.
    Public,
    /// Private channels.
    Private,
    /// All channels that belong to teams.
    OfTeams,
    /// Public channels and those that the account is in.
    To(UserId),
    /// The channels that the account is in.
    Of(UserId),
    /// The channels that have this scheme of their own.
    Under(SchemeId),
}

/// The conditions that a list's channels fulfil.
#[derive(Debug, Clone)]
pub struct ChannelFilter<'a> {
    /// The channels that the list may show.
    pub shown: ChannelScope,
    /// Channels of these teams; `None` for channels of any team and of none.
    pub teams: Option<&'a [TeamId]>,
    /// `true` for archived channels only, `false` for none of them, `None` for both.
    pub archived: Option<bool>,
    /// A text that the channel's name, display name or purpose contains; empty for all channels.
    pub term: &'a str,
}

/// A channel, an account's membership, and the account's flags in the channel's team if it is a member there.
pub type ChannelWithMember = (Channel, Option<ChannelMember>, Option<Flags>);

/// The channel `id` of `org`, archived or not, and the memberships of `user` in it and in its team.
pub async fn place(
    conn: &mut Conn,
    org: OrgId,
    id: ChannelId,
    user: UserId,
) -> Query<Option<ChannelWithMember>> {
    Ok(places(conn, org, &[id], user).await?.into_iter().next())
}

/// As [`place`], for several channels.
pub async fn places(
    conn: &mut Conn,
    org: OrgId,
    ids: &[ChannelId],
    user: UserId,
) -> Query<Vec<ChannelWithMember>> {
    let membership = channel_members::channel_id.eq(channels::id).and(channel_members::user_id.eq(user));
    let team = team_members::team_id.nullable().eq(channels::team_id).and(team_members::user_id.eq(user));
    channels::table
        .left_join(channel_members::table.on(membership))
        .left_join(team_members::table.on(team))
        .filter(channels::org_id.eq(org).and(channels::id.eq_any(ids)))
        .select((
            Channel::as_select(),
            Option::<ChannelMember>::as_select(),
            (team_members::admin, team_members::guest).nullable(),
        ))
        .load(conn)
        .await
}

/// Copies to the channels of a team, which is locked, whether the team is archived.
pub async fn follow_team(conn: &mut Conn, team: TeamId) -> Query<usize> {
    // Locked in the order that everybody uses, so that there are no deadlocks.
    let ours = channels::table.filter(channels::team_id.eq(team)).order(channels::id);
    let ids: Vec<ChannelId> = ours.select(channels::id).for_no_key_update().load(conn).await?;
    prepared(
        "update channels c set team_delete_at = t.delete_at from teams t where t.id = c.team_id and c.id = any ($1)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(conn)
    .await
}

/// Locks channels until the transaction ends, in the order of their ids so that there are no deadlocks. Every request
/// that posts to a channel or changes its members holds this lock: posts and memberships have one order.
pub async fn lock(mut conn: &Conn, ids: &[ChannelId]) -> Query<Vec<Channel>> {
    channels::table
        .filter(channels::id.eq_any(ids))
        .order(channels::id)
        .select(Channel::as_select())
        .for_no_key_update()
        .load(&mut conn)
        .await
}

/// The channel columns that a batch of posts changes, column by column.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Counts {
    pub ids: Vec<ChannelId>,
    pub post_seq: Vec<i64>,
    pub last_post_at: Vec<Millis>,
    pub last_root_post_at: Vec<Millis>,
    pub total: Vec<i64>,
    pub total_root: Vec<i64>,
    pub all: Vec<i64>,
    pub all_root: Vec<i64>,
}

/// Writes the new counts of locked channels, in one statement.
pub async fn count(mut conn: &Conn, counts: &Counts) -> Query<usize> {
    prepared(
        "update channels c set post_seq = n.seq, last_post_at = n.last, last_root_post_at = n.last_root,
           total_msg_count = n.total, total_msg_count_root = n.total_root,
           mention_all_count = n.al, mention_all_count_root = n.al_root
         from unnest($1, $2, $3, $4, $5, $6, $7, $8) as n (id, seq, last, last_root, total, total_root, al, al_root)
         where c.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(&counts.ids)
    .bind::<Array<BigInt>, _>(&counts.post_seq)
    .bind::<Array<BigInt>, _>(&counts.last_post_at)
    .bind::<Array<BigInt>, _>(&counts.last_root_post_at)
    .bind::<Array<BigInt>, _>(&counts.total)
    .bind::<Array<BigInt>, _>(&counts.total_root)
    .bind::<Array<BigInt>, _>(&counts.all)
    .bind::<Array<BigInt>, _>(&counts.all_root)
    .execute(&mut conn)
    .await
}

/// Inserts a channel of a team.
pub async fn insert(conn: &mut Conn, new: &NewChannel<'_>) -> Query<Channel> {
    diesel::insert_into(channels::table).values(new).returning(Channel::as_returning()).get_result(conn).await
}

/// Inserts a direct or group channel; `None` if these people have theirs already.
pub async fn insert_direct(conn: &mut Conn, new: &NewChannel<'_>) -> Query<Option<Channel>> {
    diesel::insert_into(channels::table)
        .values(new)
        .on_conflict((channels::org_id, channels::name))
        .filter_target(channels::team_id.is_null())
        .do_nothing()
        .returning(Channel::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// The direct or group channel of `org` with the name `name`.
pub async fn direct(conn: &mut Conn, org: OrgId, name: &str) -> Query<Option<Channel>> {
    channels::table
        .filter(channels::org_id.eq(org).and(channels::name.eq(name)).and(channels::team_id.is_null()))
        .select(Channel::as_select())
        .first(conn)
        .await
        .optional()
}

/// The channels of `team` that have one of `names`: their names and identifiers.
pub async fn ids_by_name(conn: &mut Conn, team: TeamId, names: &[&str]) -> Query<Vec<(String, ChannelId)>> {
    channels::table
        .filter(channels::team_id.eq(team).and(channels::name.eq_any(names)))
        .select((channels::name, channels::id))
        .load(conn)
        .await
}

/// The channels of `team` that `user` is in, archived or not.
pub async fn ids_in_team(conn: &mut Conn, team: TeamId, user: UserId) -> Query<Vec<ChannelId>> {
    channel_members::table
        .inner_join(channels::table)
        .filter(channel_members::user_id.eq(user).and(channels::team_id.eq(team)))
        .order(channels::id)
        .select(channels::id)
        .load(conn)
        .await
}

/// Counts the channels of `team` that are not archived.
pub async fn count_in_team(conn: &mut Conn, team: TeamId) -> Query<i64> {
    channels::table
        .filter(channels::team_id.eq(team).and(channels::delete_at.eq(0)))
        .count()
        .get_result(conn)
        .await
}

/// Changes a channel.
pub async fn update(conn: &mut Conn, id: ChannelId, changes: &ChannelChanges) -> Query<Channel> {
    diesel::update(channels::table.find(id))
        .set((changes, channels::update_at.eq(now_ms())))
        .returning(Channel::as_returning())
        .get_result(conn)
        .await
}

/// Archives a channel, or restores it.
pub async fn set_archived(conn: &mut Conn, id: ChannelId, archived: bool) -> Query<Channel> {
    let at = fragment::<BigInt>(if archived { "now_ms()" } else { "0" });
    diesel::update(channels::table.find(id))
        .set((channels::delete_at.eq(at), channels::update_at.eq(now_ms())))
        .returning(Channel::as_returning())
        .get_result(conn)
        .await
}

type Filtered<'a> = channels::BoxedQuery<'a, diesel::pg::Pg>;

fn filtered<'a>(org: OrgId, filter: &ChannelFilter<'a>) -> Filtered<'a> {
    let own = |user: UserId| {
        channel_members::table.filter(channel_members::user_id.eq(user)).select(channel_members::channel_id)
    };
    let mut query = channels::table.filter(channels::org_id.eq(org)).into_boxed();
    query = match filter.shown {
        ChannelScope::Public => query.filter(channels::kind.eq(ChannelKind::Public)),
        ChannelScope::Private => query.filter(channels::kind.eq(ChannelKind::Private)),
        ChannelScope::OfTeams => query.filter(channels::team_id.is_not_null()),
        ChannelScope::To(user) => {
            query.filter(channels::kind.eq(ChannelKind::Public).or(channels::id.eq_any(own(user))))
        }
        ChannelScope::Of(user) => query.filter(channels::id.eq_any(own(user))),
        ChannelScope::Under(scheme) => query.filter(channels::scheme_id.eq(scheme)),
    };
    if let Some(teams) = filter.teams {
        query = query.filter(channels::team_id.eq_any(teams));
    }
    query = match filter.archived {
        Some(true) => query.filter(channels::delete_at.ne(0)),
        Some(false) => query.filter(channels::delete_at.eq(0)),
        None => query,
    };
    if filter.term.is_empty() {
        return query;
    }
    let like = contains(filter.term);
    let names = channels::name.ilike(like.clone()).or(channels::display_name.ilike(like.clone()));
    query.filter(names.or(channels::purpose.ilike(like)))
}

/// A page of channels, by display name.
pub async fn list(
    conn: &mut Conn,
    org: OrgId,
    filter: &ChannelFilter<'_>,
    offset: i64,
    limit: i64,
) -> Query<Vec<Channel>> {
    filtered(org, filter)
        .order((channels::display_name, channels::id))
        .offset(offset)
        .limit(limit)
        .select(Channel::as_select())
        .load(conn)
        .await
}

/// Counts the channels that pass a list's filter.
pub async fn count_of(conn: &mut Conn, org: OrgId, filter: &ChannelFilter<'_>) -> Query<i64> {
    filtered(org, filter).count().get_result(conn).await
}

/// Those of `ids` that are public channels of `team` and not archived.
pub async fn public_by_ids(conn: &mut Conn, team: TeamId, ids: &[ChannelId]) -> Query<Vec<Channel>> {
    channels::table
        .filter(channels::team_id.eq(team).and(channels::id.eq_any(ids)))
        .filter(channels::kind.eq(ChannelKind::Public).and(channels::delete_at.eq(0)))
        .order((channels::display_name, channels::id))
        .select(Channel::as_select())
        .load(conn)
        .await
}

/// The channels that `user` is in, with the member's rows: those of `team` and of no team, or of all teams that are not
/// archived. Archived channels only if that happened at `archived_since` or later.
pub async fn of_user(
    conn: &mut Conn,
    (org, user): (OrgId, UserId),
    team: Option<TeamId>,
    archived_since: Option<Millis>,
    PageRange { offset, limit }: PageRange,
) -> Query<Vec<(Channel, ChannelMember)>> {
    let living = teams::table.filter(teams::delete_at.eq(0)).select(teams::id.nullable());
    let query = channels::table
        .inner_join(channel_members::table)
        .filter(channel_members::user_id.eq(user).and(channels::org_id.eq(org)))
        .filter(channels::delete_at.eq(0).or(channels::delete_at.ge(archived_since.unwrap_or(Millis::MAX))))
        .order((channels::display_name, channels::id))
        .offset(offset)
        .limit(limit)
        .select((Channel::as_select(), ChannelMember::as_select()))
        .into_boxed();
    match team {
        Some(team) => {
            query.filter(channels::team_id.is_null().or(channels::team_id.eq(team))).load(conn).await
        }
        None => {
            query.filter(channels::team_id.is_null().or(channels::team_id.eq_any(living))).load(conn).await
        }
    }
}

/// The channel of `team` with the name `name`, archived or not, and the memberships of `user` in it and in the team.
pub async fn place_by_name(
    conn: &mut Conn,
    team: TeamId,
    name: &str,
    user: UserId,
) -> Query<Option<ChannelWithMember>> {
    let membership = channel_members::channel_id.eq(channels::id).and(channel_members::user_id.eq(user));
    let place = team_members::team_id.nullable().eq(channels::team_id).and(team_members::user_id.eq(user));
    channels::table
        .left_join(channel_members::table.on(membership))
        .left_join(team_members::table.on(place))
        .filter(channels::team_id.eq(team).and(channels::name.eq(name)))
        .select((
            Channel::as_select(),
            Option::<ChannelMember>::as_select(),
            (team_members::admin, team_members::guest).nullable(),
        ))
        .first(conn)
        .await
        .optional()
}

/// The group channels of `user` whose display names contain `term`.
pub async fn groups_of(
    conn: &mut Conn,
    org: OrgId,
    user: UserId,
    term: &str,
    limit: i64,
) -> Query<Vec<Channel>> {
    channels::table
        .inner_join(channel_members::table)
        .filter(channel_members::user_id.eq(user).and(channels::org_id.eq(org)))
        .filter(channels::kind.eq(ChannelKind::Group).and(channels::display_name.ilike(contains(term))))
        .order((channels::display_name, channels::id))
        .limit(limit)
        .select(Channel::as_select())
        .load(conn)
        .await
}

/// Those of `ids` that `user` is in, with the member's rows.
pub async fn places_of(
    conn: &mut Conn,
    org: OrgId,
    user: UserId,
    ids: &[ChannelId],
) -> Query<Vec<(Channel, ChannelMember)>> {
    channels::table
        .inner_join(channel_members::table)
        .filter(channel_members::user_id.eq(user).and(channel_members::channel_id.eq_any(ids)))
        .filter(channels::org_id.eq(org))
        .select((Channel::as_select(), ChannelMember::as_select()))
        .load(conn)
        .await
}

/// The direct and group channels in which `user` has unread posts.
pub async fn unread_direct(conn: &mut Conn, org: OrgId, user: UserId) -> Query<Vec<ChannelId>> {
    channels::table
        .inner_join(channel_members::table)
        .filter(channel_members::user_id.eq(user).and(channels::org_id.eq(org)))
        .filter(channels::team_id.is_null().and(channels::total_msg_count.ne(channel_members::msg_count)))
        .order(channels::id)
        .select(channels::id)
        .load(conn)
        .await
}
