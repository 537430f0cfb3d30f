//! Lists of accounts, narrowed by place, state and name.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::User;
use crate::db::fragment::fragment;
use crate::db::functions::sees;
use crate::db::schema::{channel_members, team_members, users};
use crate::db::{Conn, Query};
use crate::wire::{ChannelId, OrgId, PageRange, TeamId, UserId};

/// The conditions that a list's accounts fulfil. Every field narrows it.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Members of this team only.
    pub in_team: Option<TeamId>,
    /// No members of this team.
    pub not_in_team: Option<TeamId>,
    /// Members of this channel only.
    pub in_channel: Option<ChannelId>,
    /// No members of this channel.
    pub not_in_channel: Option<ChannelId>,
    /// Only accounts that this account may see.
    pub visibility: Option<UserId>,
    /// Only accounts that are in no team.
    pub without_team: bool,
    /// Only accounts that are active, or only those that are not.
    pub active: Option<bool>,
    /// Only accounts with this role.
    pub role: Option<String>,
    /// Words, each of which must begin one of the account's names.
    pub words: Vec<String>,
    /// Whether a word may begin the email address too.
    pub by_email: bool,
}

/// The order of a list of accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// By user name.
    #[default]
    Username,
    /// Newest account first.
    CreateAt,
    /// Latest activity first.
    LastActivityAt,
    /// Administrators of the filter's channel or team first.
    Admin,
    /// By display name.
    DisplayName,
}

type Listed<'a> = users::BoxedQuery<'a, diesel::pg::Pg>;

/// A page of the accounts of `org` that pass the filter.
pub async fn list(
    conn: &mut Conn,
    org: OrgId,
    filter: &UserFilter,
    sort: Sort,
    page: PageRange,
) -> Query<Vec<User>> {
    let query = users::table.filter(users::org_id.eq(org)).into_boxed();
    let query = by_words(by_place(query, filter), filter);
    let query = match sort {
        Sort::Username => query,
        Sort::CreateAt => query.order(users::create_at.desc()),
        Sort::LastActivityAt => query.order(
            fragment::<BigInt>("coalesce((select max(last_activity_at) from sessions where user_id = users.id), 0) desc"),
        ),
        Sort::Admin => query.order(admin_rank(filter)),
        Sort::DisplayName => query.order(fragment::<Text>(
            "lower(coalesce(nullif(nickname, ''), nullif(trim(first_name || ' ' || last_name), ''), username))",
        )),
    };
    let query = query.then_order_by(users::username).offset(page.offset).limit(page.limit);
    query.select(User::as_select()).load(conn).await
}

fn admin_rank(
    filter: &UserFilter,
) -> Box<
    dyn BoxableExpression<
            users::table,
            diesel::pg::Pg,
            SqlType = diesel::expression::expression_types::NotSelectable,
        >,
> {
    let channel = filter.in_channel.map(|c| c.0);
    let team = filter.in_team.map(|t| t.0);
    let rank = fragment::<Bool>("(exists (select 1 from channel_members where channel_id = ")
        .bind::<diesel::sql_types::Nullable<SqlUuid>, _>(channel)
        .sql(" and user_id = users.id and admin) or exists (select 1 from team_members where team_id = ")
        .bind::<diesel::sql_types::Nullable<SqlUuid>, _>(team)
        .sql(" and user_id = users.id and admin))");
    Box::new(rank.desc())
}

fn by_place<'a>(mut query: Listed<'a>, filter: &UserFilter) -> Listed<'a> {
    // A condition for each account, so that PostgreSQL may join: `<> all (select …)` is evaluated anew for every one.
    let in_team = |team: TeamId| {
        let of = team_members::user_id.eq(users::id).and(team_members::team_id.eq(team));
        exists(team_members::table.filter(of))
    };
    let in_channel = |channel: ChannelId| {
        let of = channel_members::user_id.eq(users::id).and(channel_members::channel_id.eq(channel));
        exists(channel_members::table.filter(of))
    };
    if let Some(team) = filter.in_team {
        query = query.filter(in_team(team));
    }
    if let Some(team) = filter.not_in_team {
        query = query.filter(not(in_team(team)));
    }
    if let Some(channel) = filter.in_channel {
        query = query.filter(in_channel(channel));
    }
    if let Some(channel) = filter.not_in_channel {
        query = query.filter(not(in_channel(channel)));
    }
    if filter.visibility.is_some() {
        query = query.filter(sees(filter.visibility, users::id));
    }
    if filter.without_team {
        query = query.filter(not(exists(team_members::table.filter(team_members::user_id.eq(users::id)))));
    }
    match filter.active {
        Some(true) => query.filter(users::delete_at.eq(0)),
        Some(false) => query.filter(users::delete_at.gt(0)),
        None => query,
    }
}

fn by_words<'a>(mut query: Listed<'a>, filter: &UserFilter) -> Listed<'a> {
    for word in &filter.words {
        let pattern = crate::db::starts_with(word);
        let named = users::username
            .ilike(pattern.clone())
            .or(users::first_name.ilike(pattern.clone()))
            .or(users::last_name.ilike(pattern.clone()))
            .or(users::nickname.ilike(pattern.clone()));
        query = if filter.by_email {
            query.filter(named.or(users::email.ilike(pattern)))
        } else {
            query.filter(named)
        };
    }
    match &filter.role {
        Some(role) => query.filter(
            fragment::<Bool>("").bind::<Text, _>(role.clone()).sql(" = any (string_to_array(roles, ' '))"),
        ),
        None => query,
    }
}
