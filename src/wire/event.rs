//! Events, typed. Beside the enum stand, in exhaustive matches, its name, its audience, its effect on subscriptions and
//! its data; a new variant does not compile until all are decided (`events.tsv` has the protocol's list).

use std::collections::BTreeMap;

use serde::Serialize;

use super::event_data::{Data, Text};
use super::frame::{AudienceFilter, Effect};
use super::id::or_empty;
use super::{
    Channel, ChannelId, ChannelKind, ChannelMember, ChannelUnreadAt, ConnectionId, Emoji, FileInfo, Frame,
    Millis, OrgId, PROTOCOL_VERSION, Post, PostId, Preference, PresenceStatus, Reaction, Role, SessionId,
    Team, TeamId, TeamMember, Topic, User, UserId, to_text,
};

/// Facts of a channel that travel with its posts, so that clients can notify without another request.
#[derive(Debug, Clone)]
pub struct PostedIn {
    /// Its type.
    pub kind: ChannelKind,
    /// Its name for people.
    pub display_name: String,
    /// Its name in URLs.
    pub name: String,
    /// Its team, if it has one.
    pub team_id: Option<TeamId>,
}

/// Something that happened, for the clients that may know of it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the data keys of the protocol's events")]
pub enum Event {
    /// A post was created.
    Posted {
        post: Box<Post>,
        channel: PostedIn,
        sender_name: String,
        mentions: Vec<UserId>,
        set_online: bool,
    },
    /// A post was edited, pinned or unpinned.
    PostEdited { post: Box<Post> },
    /// A post was deleted, with its thread. It carries the blanked post; the log shows no more of it either.
    PostDeleted { post: Box<Post> },
    /// The reader marked a post as unread.
    PostUnread { post_id: PostId, at: ChannelUnreadAt },
    /// A post that is shown to one account and not stored.
    EphemeralMessage { user_id: UserId, post: Box<Post> },
    /// Somebody reacted to a post.
    ReactionAdded { channel_id: ChannelId, reaction: Reaction },
    /// Somebody removed a reaction.
    ReactionRemoved { channel_id: ChannelId, reaction: Reaction },
    /// A channel was created; for its creator.
    ChannelCreated { user_id: UserId, channel_id: ChannelId, team_id: TeamId },
    /// A channel's names, header or purpose changed.
    ChannelUpdated { channel: Box<Channel> },
    /// A channel changed between public and private.
    ChannelConverted { team_id: TeamId, channel_id: ChannelId },
    /// A channel was archived. Of a private one only its members are told.
    ChannelDeleted { audience: Topic, filter: AudienceFilter, channel_id: ChannelId, delete_at: Millis },
    /// A channel was restored from the archive. Of a private one only its members are told.
    ChannelRestored { audience: Topic, filter: AudienceFilter, channel_id: ChannelId },
    /// The reader viewed a channel.
    ChannelViewed { user_id: UserId, channel_id: ChannelId },
    /// The author of a post has read everything before it. For clients that wait for this event; one that misses it has
    /// the post itself, so it needs no number.
    ReadByPosting { user_id: UserId, channel_id: ChannelId },
    /// A member's settings or role in a channel changed.
    ChannelMemberUpdated { member: Box<ChannelMember> },
    /// A direct channel of two people was created.
    DirectAdded { channel_id: ChannelId, creator_id: UserId, teammate_id: UserId },
    /// A group channel was created.
    GroupAdded { channel_id: ChannelId, teammate_ids: Vec<UserId> },
    /// An account was added to a channel.
    UserAdded { channel_id: ChannelId, team_id: Option<TeamId>, user_id: UserId },
    /// An account left a channel or was removed from it; for the remaining members.
    UserRemoved { channel_id: ChannelId, user_id: UserId, remover_id: UserId },
    /// An account left a channel or was removed from it; for that account.
    RemovedFromChannel { user_id: UserId, channel_id: ChannelId, remover_id: UserId },
    /// An account joined a team.
    AddedToTeam { user_id: UserId, team_id: TeamId },
    /// An account left a team or was removed from it.
    LeaveTeam { team_id: TeamId, user_id: UserId },
    /// A team's names or rules changed. Fields that only some may see are in no event: clients request them.
    UpdateTeam { team: Box<Team> },
    /// A team was archived.
    DeleteTeam { team: Box<Team> },
    /// A team was restored from the archive.
    RestoreTeam { team: Box<Team> },
    /// A member's role in a team changed.
    MemberroleUpdated { member: TeamMember },
    /// The organisation has a new emoji.
    EmojiAdded { org_id: OrgId, emoji: Emoji },
    /// A new account was created in the organisation.
    NewUser { org_id: OrgId, user_id: UserId },
    /// An account's public profile changed; for those who share a team or a conversation with it, but not for itself.
    UserUpdated { audience: Topic, filter: AudienceFilter, user: Box<User> },
    /// An account changed; for itself, with what only it may see.
    SelfUpdated { user: Box<User> },
    /// An account's roles in the organisation changed.
    UserRoleUpdated { user_id: UserId, roles: String },
    /// An account was activated or deactivated; for those who share a team or a conversation with it.
    UserActivationStatusChange { audience: Topic, filter: AudienceFilter },
    /// A team's scheme changed.
    UpdateTeamScheme { team: Box<Team> },
    /// A channel's scheme changed.
    ChannelSchemeUpdated { channel_id: ChannelId },
    /// A role's permissions changed.
    RoleUpdated { org_id: OrgId, role: Role },
    /// Preferences were set.
    PreferencesChanged { user_id: UserId, preferences: Vec<Preference> },
    /// Preferences were removed.
    PreferencesDeleted { user_id: UserId, preferences: Vec<Preference> },
    /// The sidebar's categories may have changed.
    SidebarCategoryUpdated { user_id: UserId },
    /// Silent: the account's connections subscribe to the topics.
    Subscribed { user_id: UserId, topics: Vec<Topic> },
    /// Silent: after this the account hears no more of the topic.
    Unsubscribed { topic: Topic, user_id: UserId },
    /// Silent: the account's connections end; only those of one session if one is named.
    SessionsEnded { user_id: UserId, session_id: Option<SessionId> },
    /// Silent: all connections of the organisation end. Clients that are still allowed reconnect.
    OrgConnectionsEnded { org_id: OrgId },
    /// Ephemeral: an account is typing.
    Typing { channel_id: ChannelId, user_id: UserId, parent_id: String },
    /// Ephemeral: an account's presence changed.
    StatusChange { user_id: UserId, status: PresenceStatus },
    /// Ephemeral: an account's presence changed; for those who have a shared channel on screen.
    StatusSeen { channel_id: ChannelId, user_id: UserId, status: PresenceStatus },
    /// Ephemeral: several presence changes in one event, when many happen together.
    StatusesSeen { channel_id: ChannelId, statuses: BTreeMap<String, PresenceStatus> },
}

impl Event {
    /// The event name on the wire; `None` for silent events.
    pub fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Posted { .. } => "posted",
            Self::PostEdited { .. } => "post_edited",
            Self::PostDeleted { .. } => "post_deleted",
            Self::PostUnread { .. } => "post_unread",
            Self::EphemeralMessage { .. } => "ephemeral_message",
            Self::ReactionAdded { .. } => "reaction_added",
            Self::ReactionRemoved { .. } => "reaction_removed",
            Self::ChannelCreated { .. } => "channel_created",
            Self::ChannelUpdated { .. } => "channel_updated",
            Self::ChannelConverted { .. } => "channel_converted",
            Self::ChannelDeleted { .. } => "channel_deleted",
            Self::ChannelRestored { .. } => "channel_restored",
            Self::ChannelViewed { .. } | Self::ReadByPosting { .. } => "channel_viewed",
            Self::ChannelMemberUpdated { .. } => "channel_member_updated",
            Self::DirectAdded { .. } => "direct_added",
            Self::GroupAdded { .. } => "group_added",
            Self::UserAdded { .. } => "user_added",
            Self::UserRemoved { .. } | Self::RemovedFromChannel { .. } => "user_removed",
            Self::AddedToTeam { .. } => "added_to_team",
            Self::LeaveTeam { .. } => "leave_team",
            Self::UpdateTeam { .. } => "update_team",
            Self::DeleteTeam { .. } => "delete_team",
            Self::RestoreTeam { .. } => "restore_team",
            Self::MemberroleUpdated { .. } => "memberrole_updated",
            Self::EmojiAdded { .. } => "emoji_added",
            Self::NewUser { .. } => "new_user",
            Self::UserUpdated { .. } | Self::SelfUpdated { .. } => "user_updated",
            Self::UserRoleUpdated { .. } => "user_role_updated",
            Self::UpdateTeamScheme { .. } => "update_team_scheme",
            Self::ChannelSchemeUpdated { .. } => "channel_scheme_updated",
            Self::RoleUpdated { .. } => "role_updated",
            Self::UserActivationStatusChange { .. } => "user_activation_status_change",
            Self::PreferencesChanged { .. } => "preferences_changed",
            Self::PreferencesDeleted { .. } => "preferences_deleted",
            Self::SidebarCategoryUpdated { .. } => "sidebar_category_updated",
            Self::Typing { .. } => "typing",
            Self::StatusChange { .. } | Self::StatusSeen { .. } => "status_change",
            Self::StatusesSeen { .. } => "statuses_change",
            Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::SessionsEnded { .. }
            | Self::OrgConnectionsEnded { .. } => {
                return None;
            }
        })
    }

    /// The topic whose audience the event is for.
    pub fn audience(&self) -> Topic {
        match self {
            Self::Posted { post, .. } | Self::PostEdited { post } | Self::PostDeleted { post } => {
                Topic::Channel(post.channel_id)
            }
            Self::ReactionAdded { channel_id, .. }
            | Self::ReactionRemoved { channel_id, .. }
            | Self::DirectAdded { channel_id, .. }
            | Self::GroupAdded { channel_id, .. }
            | Self::UserAdded { channel_id, .. }
            | Self::UserRemoved { channel_id, .. }
            | Self::Typing { channel_id, .. }
            | Self::StatusSeen { channel_id, .. }
            | Self::StatusesSeen { channel_id, .. }
            | Self::ChannelSchemeUpdated { channel_id } => Topic::Channel(*channel_id),
            Self::ChannelUpdated { channel } => Topic::Channel(channel.id),
            Self::ChannelDeleted { audience, .. } | Self::ChannelRestored { audience, .. } => *audience,
            Self::ChannelConverted { team_id, .. } | Self::LeaveTeam { team_id, .. } => Topic::Team(*team_id),
            Self::UpdateTeam { team }
            | Self::UpdateTeamScheme { team }
            | Self::DeleteTeam { team }
            | Self::RestoreTeam { team } => Topic::Team(team.id),
            Self::UserUpdated { audience, .. } | Self::UserActivationStatusChange { audience, .. } => {
                *audience
            }
            Self::EmojiAdded { org_id, .. }
            | Self::OrgConnectionsEnded { org_id }
            | Self::NewUser { org_id, .. }
            | Self::RoleUpdated { org_id, .. } => Topic::Org(*org_id),
            Self::PostUnread { at, .. } => Topic::User(at.user_id),
            Self::ChannelMemberUpdated { member } => Topic::User(member.user_id),
            Self::MemberroleUpdated { member } => Topic::User(member.user_id),
            Self::SelfUpdated { user } => Topic::User(user.id),
            Self::EphemeralMessage { user_id, .. }
            | Self::ChannelCreated { user_id, .. }
            | Self::ChannelViewed { user_id, .. }
            | Self::ReadByPosting { user_id, .. }
            | Self::RemovedFromChannel { user_id, .. }
            | Self::AddedToTeam { user_id, .. }
            | Self::UserRoleUpdated { user_id, .. }
            | Self::PreferencesChanged { user_id, .. }
            | Self::PreferencesDeleted { user_id, .. }
            | Self::SidebarCategoryUpdated { user_id }
            | Self::Subscribed { user_id, .. }
            | Self::SessionsEnded { user_id, .. }
            | Self::StatusChange { user_id, .. } => Topic::User(*user_id),
            Self::Unsubscribed { topic, .. } => *topic,
        }
    }

    /// The post that the event shows again after it was posted.
    pub fn shows_again(&self) -> Option<PostId> {
        if let Self::PostEdited { post } = self { Some(post.id) } else { None }
    }

    /// The topics to which the event subscribes an account. Their counters have to be read, since the subscription
    /// begins there.
    pub fn subscribes_to(&self) -> &[Topic] {
        if let Self::Subscribed { topics, .. } = self { topics } else { &[] }
    }

    /// The effect on subscriptions. `base` gives, for a topic, the number after which this transaction's own events of
    /// that topic begin: an account that the transaction subscribes hears them.
    pub fn effect(&self, base: impl Fn(Topic) -> u64) -> Effect {
        match self {
            Self::Subscribed { .. } => {
                Effect::Subscribe(self.subscribes_to().iter().map(|t| (*t, base(*t))).collect())
            }
            Self::Unsubscribed { user_id, .. }
            | Self::UserRemoved { user_id, .. }
            | Self::LeaveTeam { user_id, .. } => Effect::Unsubscribe(*user_id),
            Self::SessionsEnded { session_id, .. } => Effect::Close(*session_id),
            Self::OrgConnectionsEnded { .. } => Effect::Close(None),
            Self::PostDeleted { .. } => Effect::Erase,
            Self::Posted { .. }
            | Self::PostEdited { .. }
            | Self::PostUnread { .. }
            | Self::EphemeralMessage { .. }
            | Self::ReactionAdded { .. }
            | Self::ReactionRemoved { .. }
            | Self::ChannelCreated { .. }
            | Self::ChannelUpdated { .. }
            | Self::ChannelConverted { .. }
            | Self::ChannelDeleted { .. }
            | Self::ChannelRestored { .. }
            | Self::ChannelViewed { .. }
            | Self::ReadByPosting { .. }
            | Self::ChannelMemberUpdated { .. }
            | Self::DirectAdded { .. }
            | Self::GroupAdded { .. }
            | Self::UserAdded { .. }
            | Self::RemovedFromChannel { .. }
            | Self::AddedToTeam { .. }
            | Self::UpdateTeam { .. }
            | Self::DeleteTeam { .. }
            | Self::RestoreTeam { .. }
            | Self::MemberroleUpdated { .. }
            | Self::EmojiAdded { .. }
            | Self::NewUser { .. }
            | Self::UserUpdated { .. }
            | Self::SelfUpdated { .. }
            | Self::UserRoleUpdated { .. }
            | Self::UserActivationStatusChange { .. }
            | Self::RoleUpdated { .. }
            | Self::UpdateTeamScheme { .. }
            | Self::ChannelSchemeUpdated { .. }
            | Self::PreferencesChanged { .. }
            | Self::PreferencesDeleted { .. }
            | Self::SidebarCategoryUpdated { .. }
            | Self::Typing { .. }
            | Self::StatusChange { .. }
            | Self::StatusSeen { .. }
            | Self::StatusesSeen { .. } => Effect::None,
        }
    }

    /// Whether the event has a row in the log and a number. Events without may be lost.
    pub fn is_durable(&self) -> bool {
        !matches!(
            self,
            Self::Typing { .. }
                | Self::StatusChange { .. }
                | Self::StatusSeen { .. }
                | Self::StatusesSeen { .. }
                | Self::EphemeralMessage { .. }
                | Self::ReadByPosting { .. }
        )
    }

    /// The account of the audience that the event is not for: none, unless a variant says so.
    #[expect(clippy::wildcard_enum_match_arm, reason = "leaving nobody out is safe for a new variant")]
    fn omit(&self) -> Option<UserId> {
        match self {
            Self::Typing { user_id, .. }
            | Self::UserRemoved { user_id, .. }
            | Self::StatusSeen { user_id, .. } => Some(*user_id),
            Self::UserUpdated { user, .. } => Some(user.id),
            _ => None,
        }
    }

    /// The connections of the audience that the event is for: all, unless a variant says otherwise.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what is told in a channel is for everybody in it")]
    fn filter(&self) -> AudienceFilter {
        match self {
            Self::StatusSeen { .. } | Self::StatusesSeen { .. } => AudienceFilter::Viewers,
            Self::NewUser { .. } | Self::LeaveTeam { .. } | Self::ChannelConverted { .. } => {
                AudienceFilter::Members
            }
            Self::ChannelDeleted { filter, .. }
            | Self::ChannelRestored { filter, .. }
            | Self::UserUpdated { filter, .. }
            | Self::UserActivationStatusChange { filter, .. } => *filter,
            _ => AudienceFilter::Everybody,
        }
    }

    /// The event's data as clients get it.
    pub(super) fn data(&self) -> Data<'_> {
        match self {
            Self::Posted { post, channel, sender_name, mentions, set_online } => {
                posted(post, channel, sender_name, mentions, *set_online)
            }
            Self::PostEdited { post } | Self::PostDeleted { post } | Self::EphemeralMessage { post, .. } => {
                Data::Post { post: Text(post) }
            }
            Self::PostUnread { post_id, at } => unread(*post_id, at),
            Self::ReactionAdded { reaction, .. } | Self::ReactionRemoved { reaction, .. } => {
                Data::Reaction { reaction: Text(reaction) }
            }
            &Self::ChannelCreated { channel_id, team_id, .. } => Data::ChannelCreated { channel_id, team_id },
            Self::ChannelUpdated { channel } => Data::Channel { channel: Text(channel) },
            &Self::ChannelConverted { channel_id, .. }
            | &Self::ChannelRestored { channel_id, .. }
            | &Self::ChannelViewed { channel_id, .. }
            | &Self::ReadByPosting { channel_id, .. } => Data::ChannelNamed { channel_id },
            &Self::ChannelDeleted { channel_id, delete_at, .. } => {
                Data::ChannelDeleted { channel_id, delete_at }
            }
            Self::ChannelMemberUpdated { member } => Data::ChannelMember { member: Text(member) },
            &Self::DirectAdded { creator_id, teammate_id, .. } => {
                Data::DirectAdded { creator_id, teammate_id }
            }
            Self::GroupAdded { teammate_ids, .. } => Data::GroupAdded { teammate_ids: Text(teammate_ids) },
            &Self::UserAdded { team_id, user_id, .. } => Data::UserAdded { team_id, user_id },
            &Self::UserRemoved { user_id, remover_id, .. } => Data::UserRemoved { remover_id, user_id },
            &Self::RemovedFromChannel { channel_id, remover_id, .. } => {
                Data::RemovedFromChannel { channel_id, remover_id }
            }
            &Self::AddedToTeam { team_id, user_id } | &Self::LeaveTeam { team_id, user_id } => {
                Data::UserInTeam { team_id, user_id }
            }
            Self::UpdateTeam { team }
            | Self::UpdateTeamScheme { team }
            | Self::DeleteTeam { team }
            | Self::RestoreTeam { team } => Data::Team { team: Text(team) },
            Self::MemberroleUpdated { member } => Data::TeamMember { member: Text(member) },
            Self::EmojiAdded { emoji, .. } => Data::Emoji { emoji: Text(emoji) },
            &Self::NewUser { user_id, .. } => Data::UserNamed { user_id },
            Self::UserUpdated { user, .. } | Self::SelfUpdated { user } => Data::User { user },
            Self::UserRoleUpdated { user_id, roles } => Data::UserRoles { roles, user_id: *user_id },
            Self::RoleUpdated { role, .. } => Data::Role { role: Text(role) },
            Self::PreferencesChanged { preferences, .. } | Self::PreferencesDeleted { preferences, .. } => {
                Data::Preferences { preferences: Text(preferences) }
            }
            Self::Typing { user_id, parent_id, .. } => Data::Typing { parent_id, user_id: *user_id },
            Self::StatusChange { user_id, status } | Self::StatusSeen { user_id, status, .. } => {
                Data::Status { status: *status, user_id: *user_id }
            }
            Self::StatusesSeen { statuses, .. } => Data::Statuses { statuses },
            Self::UserActivationStatusChange { .. }
            | Self::ChannelSchemeUpdated { .. }
            | Self::SidebarCategoryUpdated { .. }
            | Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::SessionsEnded { .. }
            | Self::OrgConnectionsEnded { .. } => Data::Nothing {},
        }
    }

    /// The frame for its audience under the number `seq` of the topic's log (0 for ephemeral events).
    pub fn encode(&self, seq: u64, base: impl Fn(Topic) -> u64) -> Frame {
        self.frame(self.to_json(), seq, base)
    }

    /// The text of its frame up to the part that depends on the number; empty for a silent event.
    pub fn to_json(&self) -> String {
        self.name().map_or_else(String::new, |name| begin(name, &self.data()))
    }

    /// The frame whose text is `json`, as made by [`Event::to_json`].
    pub fn frame(&self, mut json: String, seq: u64, base: impl Fn(Topic) -> u64) -> Frame {
        let topic = self.audience();
        let omit = self.omit();
        if !json.is_empty() {
            json.push_str(r#","broadcast":"#);
            json.push_str(&to_text(&self.scope(topic, omit, seq)));
        }
        Frame { topic, seq, effect: self.effect(base), omit, filter: self.filter(), body: json.into() }
    }

    fn scope(&self, topic: Topic, omit: Option<UserId>, seq: u64) -> Scope {
        let mut scope = Scope::default();
        match topic {
            Topic::Org(_) => {}
            Topic::Team(id) => scope.team_id = Some(id),
            Topic::Channel(id) => scope.channel_id = Some(id),
            Topic::User(id) => scope.user_id = Some(id),
        }
        // The protocol names the channel beside the account where the event is about one.
        if let Self::PostUnread { at, .. } = self {
            scope.channel_id = Some(at.channel_id);
            scope.team_id = at.team_id;
        } else if let Self::EphemeralMessage { post, .. } = self {
            scope.channel_id = Some(post.channel_id);
        } else if let Self::SelfUpdated { .. } = self {
            scope.user_id = None;
        }
        scope.omit_users = omit.map(|user| BTreeMap::from([(user.to_string(), true)]));
        if seq > 0 {
            (scope.topic, scope.topic_seq) = (Some(topic.to_string()), Some(seq));
        }
        scope
    }
}

/// The `broadcast` object: the protocol's keys, and ours (`topic`, `topic_seq`) on durable events.
#[derive(Default, Serialize)]
struct Scope {
    omit_users: Option<BTreeMap<String, bool>>,
    #[serde(with = "or_empty")]
    user_id: Option<UserId>,
    #[serde(with = "or_empty")]
    channel_id: Option<ChannelId>,
    #[serde(with = "or_empty")]
    team_id: Option<TeamId>,
    connection_id: &'static str,
    omit_connection_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_seq: Option<u64>,
}

/// The text of a frame up to its `broadcast`.
fn begin(name: &str, data: &Data<'_>) -> String {
    format!(r#"{{"event":"{name}","data":{}"#, to_text(data))
}

/// The `hello` event, the first of a connection: a JSON object without its closing brace. It is for one connection, so
/// it has no audience and no number.
pub fn hello(user_id: UserId, connection_id: ConnectionId) -> String {
    let scope = Scope { user_id: Some(user_id), ..Scope::default() };
    let data = Data::Hello { connection_id, server_hostname: "", server_version: PROTOCOL_VERSION };
    format!(r#"{},"broadcast":{}"#, begin("hello", &data), to_text(&scope))
}

fn unread(post_id: PostId, at: &ChannelUnreadAt) -> Data<'static> {
    Data::PostUnread {
        last_viewed_at: at.last_viewed_at,
        mention_count: at.mention_count,
        mention_count_root: at.mention_count_root,
        msg_count: at.msg_count,
        msg_count_root: at.msg_count_root,
        post_id,
        urgent_mention_count: 0,
    }
}

fn posted<'a>(
    post: &'a Post,
    channel: &'a PostedIn,
    sender_name: &'a str,
    mentions: &'a [UserId],
    set_online: bool,
) -> Data<'a> {
    let files = &post.metadata.files;
    Data::Posted {
        channel_display_name: &channel.display_name,
        channel_name: &channel.name,
        channel_type: channel.kind,
        image: files.iter().any(FileInfo::is_picture).then_some("true"),
        mentions: (!mentions.is_empty()).then_some(Text(mentions)),
        other_file: (!files.is_empty()).then_some("true"),
        post: Text(post),
        sender_name,
        set_online,
        team_id: channel.team_id,
    }
}
