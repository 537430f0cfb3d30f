//! One event of each variant, and where something may be absent or null one with it and one without. They are the same
//! at every run.

use serde_json::Value;
use uuid::Uuid;

use std::collections::BTreeMap;

use super::objects::Extent::{self, Bare, Full};
use super::objects::{
    CHANNEL, POST, TEAM, USER, channel, channel_member, emoji, post, reaction, role, team, team_member,
    unread, user, word,
};
use crate::wire::event::{PostedIn, hello};
use crate::wire::frame::AudienceFilter;
use crate::wire::{ChannelKind, ConnectionId, Event, OrgId, Preference, PresenceStatus, Topic};

const ORG: OrgId = OrgId(Uuid::nil());

/// A frame, and what it was made of.
pub(super) struct Sample {
    pub(super) name: String,
    /// The variant of `Data`.
    pub(super) data: String,
    pub(super) frame: Value,
}

/// Everything that a socket shows: the samples of events that are not silent, and the greeting.
pub(super) fn all() -> Vec<Sample> {
    let greeting = sample("hello", "Hello".to_owned(), &hello(USER, ConnectionId(Uuid::nil())));
    let told = events().into_iter().filter_map(|event| {
        let seq = u64::from(event.is_durable());
        Some(sample(event.name()?, variant(event.data()), &event.encode(seq, |_| 0).body))
    });
    [greeting].into_iter().chain(told).collect()
}

fn sample(name: &str, data: String, body: &str) -> Sample {
    let frame = serde_json::from_str(&format!("{body},\"seq\":1}}")).unwrap();
    Sample { name: name.to_owned(), data, frame }
}

/// The name of a value's variant.
pub(super) fn variant(value: impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

pub(super) fn events() -> Vec<Event> {
    let mut events = [Full, Bare].map(of_extent).concat();
    events.extend([of_channels(), of_places(), of_accounts(), silent()].concat());
    events
}

fn of_extent(extent: Extent) -> Vec<Event> {
    let (user, team) = (Box::new(user(extent)), Box::new(team(extent)));
    let emoji = emoji(extent);
    vec![
        posted(extent),
        Event::PostEdited { post: post(extent).into() },
        Event::PostUnread { post_id: POST, at: unread(extent) },
        Event::ReactionAdded { channel_id: CHANNEL, reaction: reaction(extent) },
        Event::ReactionRemoved { channel_id: CHANNEL, reaction: reaction(extent) },
        Event::ChannelUpdated { channel: channel(extent).into() },
        Event::UserAdded { channel_id: CHANNEL, team_id: extent.some(TEAM), user_id: USER },
        Event::UpdateTeam { team: team.clone() },
        Event::UpdateTeamScheme { team },
        Event::EmojiAdded { org_id: ORG, emoji },
        Event::UserUpdated {
            audience: Topic::Org(ORG),
            filter: AudienceFilter::Everybody,
            user: user.clone(),
        },
        Event::SelfUpdated { user },
        Event::RoleUpdated { org_id: ORG, role: role(extent) },
    ]
}

fn posted(extent: Extent) -> Event {
    posted_in(extent, if extent == Full { ChannelKind::Public } else { ChannelKind::Direct })
}

fn posted_in(extent: Extent, kind: ChannelKind) -> Event {
    let team_id = extent.some(TEAM);
    Event::Posted {
        post: post(extent).into(),
        channel: PostedIn { kind, display_name: word(), name: word(), team_id },
        sender_name: word(),
        mentions: extent.list(vec![USER]),
        set_online: true,
    }
}

fn of_channels() -> Vec<Event> {
    let (channel_id, user_id, team_id) = (CHANNEL, USER, TEAM);
    let (audience, filter) = (Topic::Channel(CHANNEL), AudienceFilter::Everybody);
    vec![
        posted_in(Bare, ChannelKind::Private),
        posted_in(Bare, ChannelKind::Group),
        Event::PostDeleted { post: post(Full).blank().into() },
        Event::EphemeralMessage { user_id, post: post(Bare).into() },
        Event::ChannelCreated { user_id, channel_id, team_id },
        Event::ChannelConverted { team_id, channel_id },
        Event::ChannelDeleted { audience, filter, channel_id, delete_at: 1 },
        Event::ChannelRestored { audience, filter, channel_id },
        Event::ChannelViewed { user_id, channel_id },
        Event::ReadByPosting { user_id, channel_id },
        Event::ChannelMemberUpdated { member: channel_member().into() },
        Event::DirectAdded { channel_id, creator_id: USER, teammate_id: USER },
        Event::GroupAdded { channel_id, teammate_ids: vec![USER] },
        Event::UserRemoved { channel_id, user_id, remover_id: USER },
        Event::RemovedFromChannel { user_id, channel_id, remover_id: USER },
        Event::ChannelSchemeUpdated { channel_id },
        Event::Typing { channel_id, user_id, parent_id: String::new() },
        Event::StatusSeen { channel_id, user_id, status: PresenceStatus::Away },
        Event::StatusesSeen { channel_id, statuses: statuses() },
    ]
}

fn of_places() -> Vec<Event> {
    let (team_id, user_id) = (TEAM, USER);
    vec![
        Event::AddedToTeam { user_id, team_id },
        Event::LeaveTeam { team_id, user_id },
        Event::DeleteTeam { team: team(Bare).into() },
        Event::RestoreTeam { team: team(Bare).into() },
        Event::MemberroleUpdated { member: team_member() },
    ]
}

fn of_accounts() -> Vec<Event> {
    let user_id = USER;
    let preferences = vec![Preference { user_id, category: word(), name: word(), value: word() }];
    vec![
        Event::NewUser { org_id: ORG, user_id },
        Event::UserRoleUpdated { user_id, roles: word() },
        Event::UserActivationStatusChange { audience: Topic::Org(ORG), filter: AudienceFilter::Everybody },
        Event::PreferencesChanged { user_id, preferences: preferences.clone() },
        Event::PreferencesDeleted { user_id, preferences },
        Event::SidebarCategoryUpdated { user_id },
        Event::StatusChange { user_id, status: PresenceStatus::Online },
    ]
}

fn silent() -> Vec<Event> {
    vec![
        Event::Subscribed { user_id: USER, topics: vec![Topic::Team(TEAM)] },
        Event::Unsubscribed { topic: Topic::Team(TEAM), user_id: USER },
        Event::SessionsEnded { user_id: USER, session_id: None },
        Event::OrgConnectionsEnded { org_id: ORG },
    ]
}

/// Each status, of an account that is called so.
fn statuses() -> BTreeMap<String, PresenceStatus> {
    PresenceStatus::ALL.iter().map(|status| (status.to_string(), *status)).collect()
}
