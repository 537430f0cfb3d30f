//! Becoming a member of a team: by oneself if it is open, or added by a member. Invitations are in `accept`.

use serde::{Deserialize, Serialize};

use crate::db::teams::Team;
use crate::db::users::User;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::permissions::{MemberRole, Permission};
use crate::services::auth::{Caller, accounts, audits};
use crate::services::channels::{self, NoticeScope, OFF_TOPIC, Person, TOWN_SQUARE, append};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::teams;
use crate::wire::{ChannelId, Event, TeamId, TeamMember, Topic, UserId};

/// People in one request at most.
const MAX_ENTRIES: usize = 200;

/// A person to be added to a team.
#[derive(Debug, Clone, Copy, Deserialize)]
#[expect(missing_docs, reason = "the fields of the protocol's member")]
pub struct Entry {
    pub team_id: TeamId,
    pub user_id: UserId,
}

/// The result for one of several people.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields of the protocol's answer")]
pub struct Outcome {
    pub user_id: UserId,
    pub member: Option<TeamMember>,
    pub error: Option<Failure>,
}

/// The reason why a person was not added, or an invitation not mailed.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields of the protocol's error")]
pub struct Failure {
    pub id: &'static str,
    pub message: String,
    pub detailed_error: &'static str,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { id: error.id, message: error.message.into_owned(), detailed_error: "" }
    }
}

/// The way in which somebody becomes a member of a team.
#[derive(Debug, Clone, Copy)]
pub(super) enum Welcome<'a> {
    /// As its founder, who is its first member and administrator.
    Founder,
    /// By themselves.
    Alone,
    /// By an invitation, to these channels besides the first ones.
    Into(&'a [ChannelId]),
    /// Added by a member.
    By(Person<'a>),
}

/// Makes `entry.user_id` a member of a team: the caller if the team is open, others if the caller may add people, and
/// guests if they may invite guests. Existing members stay as they are.
pub async fn add(core: &Core, caller: &Caller, team: TeamId, entry: Entry) -> Result<TeamMember> {
    let mut tx = core.begin().await?;
    let member = enter(core, &mut tx, caller, team, entry).await?;
    tx.commit().await?;
    Ok(member)
}

/// Makes several people members of a team: all of them or none.
pub async fn add_many(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    entries: &[Entry],
) -> Result<Vec<TeamMember>> {
    check_size(entries)?;
    let mut tx = core.begin().await?;
    let mut members = Vec::with_capacity(entries.len());
    for entry in entries {
        members.push(enter(core, &mut tx, caller, team, *entry).await?);
    }
    tx.commit().await?;
    Ok(members)
}

/// Makes several people members of a team, each on their own, and returns the result for each.
pub async fn add_many_gracefully(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    entries: &[Entry],
) -> Result<Vec<Outcome>> {
    check_size(entries)?;
    let mut conn = core.read().await?;
    teams::access(&mut conn, caller, team).await?;
    drop(conn);
    let mut outcomes = Vec::with_capacity(entries.len());
    for entry in entries {
        outcomes.push(match add(core, caller, team, *entry).await {
            Ok(member) => Outcome { user_id: entry.user_id, member: Some(member), error: None },
            Err(error) if error.is_ours() => return Err(error),
            Err(error) => Outcome { user_id: entry.user_id, member: None, error: Some(error.into()) },
        });
    }
    Ok(outcomes)
}

fn check_size(entries: &[Entry]) -> Result<()> {
    if entries.is_empty() || entries.len() > MAX_ENTRIES { Err(Error::body("members")) } else { Ok(()) }
}

async fn enter(core: &Core, tx: &mut Tx, caller: &Caller, team: TeamId, entry: Entry) -> Result<TeamMember> {
    if entry.team_id != team {
        return Err(Error::body("team_id"));
    }
    let alone = entry.user_id == caller.id;
    let (team, brings_guests) = if alone {
        (open_to(tx, caller, team).await?, true)
    } else {
        let access = teams::access(tx, caller, team).await?.living()?.with(Permission::AddUserToTeam)?;
        (access.team().clone(), access.may(Permission::InviteGuest))
    };
    let user = held(tx, caller, entry.user_id).await?;
    if accounts::is_guest(&user.roles) && !brings_guests {
        return Err(Error::forbidden());
    }
    let how = if alone { Welcome::Alone } else { Welcome::By(Person::from(caller)) };
    if !alone {
        let extra = format!("user_id={}", user.id);
        audits::note(tx, caller, "/api/v4/teams/members/add", team.id, &extra).await?;
    }
    welcome(core, tx, &team, &user, how).await
}

/// Finds the team, if the caller may join it by themselves or is a member already.
async fn open_to(tx: &mut Tx, caller: &Caller, id: TeamId) -> Result<Team> {
    let refused = match teams::access(tx, caller, id).await {
        Ok(access) if access.is_member() || caller.may(Permission::JoinPrivateTeams) => {
            return Ok(access.living()?.team().clone());
        }
        Ok(_) => Error::forbidden(),
        Err(refused) => refused,
    };
    let team = db::teams::find(tx, caller.org, id).await?;
    let open = |t: &Team| t.allow_open_invite && t.delete_at == 0 && caller.may(Permission::JoinPublicTeams);
    team.filter(open).ok_or(refused)
}

/// Finds an active account of the caller's organisation, whose roles cannot change until the transaction ends.
pub(super) async fn held(tx: &mut Tx, caller: &Caller, id: UserId) -> Result<User> {
    let user = db::users::hold_roles(tx, caller.org, id).await?;
    user.filter(|u| u.delete_at == 0).ok_or_else(accounts::missing)
}

/// Makes `user` a member of the team and of its first channels, and emits the events.
pub(super) async fn welcome(
    core: &Core,
    tx: &mut Tx,
    team: &Team,
    user: &User,
    how: Welcome<'_>,
) -> Result<TeamMember> {
    let rank = match how {
        _ if accounts::is_guest(&user.roles) => MemberRole::Guest,
        Welcome::Founder => MemberRole::Admin,
        Welcome::Alone | Welcome::Into(_) | Welcome::By(_) => MemberRole::User,
    };
    db::teams::lock(tx, team.id).await?;
    let flags = (rank == MemberRole::Admin, rank == MemberRole::Guest);
    let more = match how {
        Welcome::Into(channels) => channels,
        Welcome::Founder | Welcome::Alone | Welcome::By(_) => &[],
    };
    let Some(row) = db::team_members::insert(tx, team.id, user.id, flags).await? else {
        access(tx, (user, rank), team.id, more).await?;
        let row = db::team_members::find(tx, team.id, user.id).await?;
        return row.map(teams::member_shape).ok_or_else(teams::no_member);
    };
    check_limits(core, tx, team, user, how).await?;
    // A guest is added to channels one by one.
    let (town, others) = match rank {
        MemberRole::Guest => (None, Vec::new()),
        MemberRole::User | MemberRole::Admin => first_channels(tx, team.id).await?,
    };
    let named: Vec<ChannelId> =
        more.iter().copied().filter(|id| Some(*id) != town && !others.contains(id)).collect();
    let others = [others, named].concat();
    let all: Vec<ChannelId> = town.iter().chain(&others).copied().collect();
    for channel in db::channels::lock(tx, &all).await? {
        channels::enter(tx, &channel, &[(user.id, rank)]).await?;
    }
    let access = std::iter::once(Topic::Team(team.id)).chain(all.iter().map(|c| Topic::Channel(*c)));
    tx.emit(Event::Subscribed { user_id: user.id, topics: access.collect() });
    append::notices(tx, greetings(user, how, town, &others)).await?;
    for channel_id in all {
        tx.emit(Event::UserAdded { channel_id, team_id: Some(team.id), user_id: user.id });
    }
    tx.emit(Event::AddedToTeam { user_id: user.id, team_id: team.id });
    Ok(teams::member_shape(row))
}

/// Fails if the team, which is locked, has too many members, or the account too many teams.
async fn check_limits(core: &Core, tx: &mut Tx, team: &Team, user: &User, how: Welcome<'_>) -> Result<()> {
    let limits = &core.settings.limits;
    check_address(team, user, how)?;
    if db::team_members::count_all(tx, team.id).await? > i64::from(limits.users_per_team) {
        return Err(Error::invalid(
            "app.team.join_user_to_team.max_accounts.app_error",
            "This team has reached the maximum number of allowed accounts.",
        ));
    }
    if db::team_members::count_of_user(tx, user.id).await? > i64::from(limits.teams_per_user) {
        return Err(Error::invalid(
            "app.team.join_user_to_team.max_teams.app_error",
            "This account is in the maximum number of teams.",
        ));
    }
    Ok(())
}

/// Fails unless the team admits the address. If the team admits only certain domains, the address must be verified,
/// except for the team's founder and for accounts that cannot log in before it is.
fn check_address(team: &Team, user: &User, how: Welcome<'_>) -> Result<()> {
    if !teams::admits(&team.allowed_domains, &user.email) {
        return Err(Error::invalid(
            "api.team.join_user_to_team.allowed_domains.app_error",
            "The user cannot be added as the domain associated with the account is not permitted.",
        ));
    }
    let counts = match how {
        Welcome::Founder => true,
        Welcome::Alone | Welcome::Into(_) | Welcome::By(_) => user.email_verified || user.must_prove_email,
    };
    if counts || !teams::is_restricted(&team.allowed_domains) {
        return Ok(());
    }
    Err(Error::invalid(
        "api.team.join_user_to_team.unverified_email.app_error",
        "This team takes addresses of certain domains alone, and the address of the account is not verified yet. Verify \
         it first.",
    ))
}

/// Adds a user to those of the team's channels `ids` that they are not in yet.
pub(super) async fn access(
    tx: &mut Tx,
    (user, rank): (&User, MemberRole),
    team: TeamId,
    ids: &[ChannelId],
) -> Result<()> {
    let mut notices = Vec::new();
    for channel in db::channels::lock(tx, ids).await? {
        if channels::enter(tx, &channel, &[(user.id, rank)]).await?.is_empty() {
            continue;
        }
        tx.emit(Event::Subscribed { user_id: user.id, topics: vec![Topic::Channel(channel.id)] });
        tx.emit(Event::UserAdded { channel_id: channel.id, team_id: Some(team), user_id: user.id });
        notices.push(channels::joined(channel.id, Person { id: user.id, name: &user.username }));
    }
    append::notices(tx, notices).await
}

/// Town Square and the other first channels, those that exist.
pub(super) async fn first_channels(tx: &mut Tx, team: TeamId) -> Result<(Option<ChannelId>, Vec<ChannelId>)> {
    let found = db::channels::ids_by_name(tx, team, &[TOWN_SQUARE, OFF_TOPIC]).await?;
    let (town, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(name, _)| name == TOWN_SQUARE);
    let id = |(_, id)| id;
    Ok((town.into_iter().map(id).next(), others.into_iter().map(id).collect()))
}

/// The notices about a new member: in Town Square and, except by a founder, in the other first channels.
fn greetings(
    user: &User,
    how: Welcome<'_>,
    town: Option<ChannelId>,
    others: &[ChannelId],
) -> Vec<append::Notice> {
    let who = Person { id: user.id, name: &user.username };
    let in_town = |channel| match how {
        Welcome::Founder | Welcome::Alone | Welcome::Into(_) => {
            channels::plain(channel, who, "system_join_team", "joined the team.")
        }
        Welcome::By(by) => channels::added(channel, who, by, NoticeScope::Team),
    };
    let elsewhere = |channel: &ChannelId| match how {
        Welcome::Founder => None,
        Welcome::Alone | Welcome::Into(_) => Some(channels::joined(*channel, who)),
        Welcome::By(by) => Some(channels::added(*channel, who, by, NoticeScope::Channel)),
    };
    town.map(in_town).into_iter().chain(others.iter().filter_map(elsewhere)).collect()
}
