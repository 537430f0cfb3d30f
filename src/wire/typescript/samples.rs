//! One event of each variant, and where something may be absent or null one with it and one without. They are the same
//! at every run.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::wire::event::{PostedIn, hello};
use crate::wire::frame::AudienceFilter;
use crate::wire::{
    Channel, ChannelId, ChannelKind, ChannelMember, ChannelUnreadAt, ConnectionId, Emoji, EmojiId, Event,
    FileId, FileInfo, Object, OrgId, Post, PostEmbed, PostId, PostImage, PostMetadata, Preference, Reaction,
    Role, SchemeId, StringMap, Team, TeamId, TeamMember, Topic, User, UserId,
};

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

const ORG: OrgId = OrgId(Uuid::nil());
const USER: UserId = UserId(Uuid::nil());
const TEAM: TeamId = TeamId(Uuid::nil());
const CHANNEL: ChannelId = ChannelId(Uuid::nil());
const POST: PostId = PostId(Uuid::nil());
const SCHEME: SchemeId = SchemeId(Uuid::nil());

/// Whether what may be absent is there.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Full,
    Bare,
}

use Extent::{Bare, Full};

impl Extent {
    fn some<T>(self, value: T) -> Option<T> {
        (self == Full).then_some(value)
    }

    fn list<T>(self, values: Vec<T>) -> Vec<T> {
        if self == Full { values } else { Vec::new() }
    }
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
        Event::StatusSeen { channel_id, user_id, status: word() },
        Event::StatusesSeen { channel_id, statuses: words() },
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
        Event::StatusChange { user_id, status: word() },
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

fn word() -> String {
    "word".to_owned()
}

fn words() -> StringMap {
    BTreeMap::from([(word(), word())])
}

fn object() -> Object {
    json!({"word": [1, null]}).as_object().cloned().unwrap()
}

fn post(extent: Extent) -> Post {
    Post {
        id: POST,
        create_at: 1,
        update_at: 1,
        edit_at: 0,
        delete_at: 0,
        is_pinned: true,
        user_id: USER,
        channel_id: CHANNEL,
        root_id: extent.some(POST),
        original_id: String::new(),
        message: word(),
        kind: String::new(),
        props: object(),
        hashtags: String::new(),
        file_ids: extent.list(vec![FileId(Uuid::nil())]),
        pending_post_id: word(),
        has_reactions: extent == Full,
        reply_count: 1,
        last_reply_at: 1,
        participants: extent.some(vec![json!({})]),
        metadata: metadata(extent),
    }
}

fn metadata(extent: Extent) -> PostMetadata {
    let image = PostImage { width: 1, height: 1, format: word(), frame_count: 0 };
    let embed = |extent: Extent| PostEmbed {
        kind: "opengraph",
        url: extent.list(vec![word()]).concat(),
        data: extent.some(json!({})),
    };
    if extent == Bare {
        return PostMetadata::default();
    }
    PostMetadata {
        files: vec![file(Full), file(Bare)],
        embeds: vec![embed(Full), embed(Bare)],
        emojis: vec![emoji(Full)],
        images: BTreeMap::from([(word(), image)]),
        reactions: vec![reaction(Full)],
    }
}

fn file(extent: Extent) -> FileInfo {
    FileInfo {
        id: FileId(Uuid::nil()),
        user_id: USER,
        post_id: extent.some(POST),
        channel_id: extent.some(CHANNEL),
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        name: word(),
        extension: word(),
        size: 1,
        mime_type: "image/png".to_owned(),
        width: i32::from(extent == Full),
        height: i32::from(extent == Full),
        has_preview_image: extent == Full,
        mini_preview: extent.some(word()),
        remote_id: String::new(),
        archived: false,
    }
}

fn emoji(extent: Extent) -> Emoji {
    let id = EmojiId(Uuid::nil());
    Emoji { id, create_at: 1, update_at: 1, delete_at: 0, creator_id: extent.some(USER), name: word() }
}

fn reaction(extent: Extent) -> Reaction {
    Reaction {
        user_id: USER,
        post_id: POST,
        emoji_name: word(),
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        remote_id: extent.some(word()),
        channel_id: CHANNEL,
    }
}

fn channel(extent: Extent) -> Channel {
    Channel {
        id: CHANNEL,
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        team_id: extent.some(TEAM),
        kind: ChannelKind::Public,
        display_name: word(),
        name: word(),
        header: word(),
        purpose: word(),
        last_post_at: 1,
        last_root_post_at: 1,
        total_msg_count: 1,
        total_msg_count_root: 1,
        extra_update_at: 0,
        creator_id: extent.some(USER),
        scheme_id: extent.some(SCHEME),
        props: extent.some(object()),
        group_constrained: extent.some(true),
        shared: extent.some(true),
        policy_id: extent.some(word()),
    }
}

fn channel_member() -> ChannelMember {
    ChannelMember {
        channel_id: CHANNEL,
        user_id: USER,
        roles: word(),
        last_viewed_at: 1,
        msg_count: 1,
        mention_count: 1,
        mention_count_root: 1,
        urgent_mention_count: 0,
        msg_count_root: 1,
        notify_props: words(),
        last_update_at: 1,
        scheme_guest: false,
        scheme_user: true,
        scheme_admin: false,
        explicit_roles: String::new(),
    }
}

fn unread(extent: Extent) -> ChannelUnreadAt {
    ChannelUnreadAt {
        team_id: extent.some(TEAM),
        user_id: USER,
        channel_id: CHANNEL,
        msg_count: 1,
        mention_count: 1,
        mention_count_root: 1,
        urgent_mention_count: 0,
        msg_count_root: 1,
        last_viewed_at: 1,
    }
}

fn team(extent: Extent) -> Team {
    Team {
        id: TEAM,
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        display_name: word(),
        name: word(),
        description: word(),
        email: String::new(),
        kind: "O".to_owned(),
        company_name: String::new(),
        allowed_domains: String::new(),
        invite_id: String::new(),
        allow_open_invite: true,
        last_team_icon_update: i64::from(extent == Full),
        scheme_id: extent.some(SCHEME),
        group_constrained: extent.some(true),
        policy_id: extent.some(word()),
    }
}

fn team_member() -> TeamMember {
    TeamMember {
        team_id: TEAM,
        user_id: USER,
        roles: word(),
        delete_at: 0,
        scheme_guest: false,
        scheme_user: true,
        scheme_admin: false,
        explicit_roles: String::new(),
    }
}

fn user(extent: Extent) -> User {
    User {
        id: USER,
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        username: word(),
        auth_data: String::new(),
        auth_service: String::new(),
        email: word(),
        email_verified: extent == Full,
        mfa_active: extent == Full,
        nickname: word(),
        first_name: word(),
        last_name: word(),
        position: word(),
        roles: word(),
        props: extent.some(words()).unwrap_or_default(),
        notify_props: extent.some(words()),
        last_password_update: extent.some(1),
        failed_attempts: i64::from(extent == Full),
        last_picture_update: i64::from(extent == Full),
        locale: "en".to_owned(),
        timezone: words(),
        is_bot: extent == Full,
        bot_description: extent.some(word()).unwrap_or_default(),
        disable_welcome_email: false,
    }
}

fn role(extent: Extent) -> Role {
    Role {
        id: word(),
        name: word(),
        display_name: word(),
        description: word(),
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        permissions: vec!["create_post"],
        scheme_managed: true,
        built_in: true,
        scheme_id: extent.some(SCHEME),
    }
}
