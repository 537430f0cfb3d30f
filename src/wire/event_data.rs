//! The data of events as clients get it: a variant for each set of keys, each in the order in which it is written. An
//! object travels as JSON in a string. The types of the web client are made from these (`typescript`).

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::id::or_empty;
use super::{
    Channel, ChannelId, ChannelKind, ChannelMember, ConnectionId, Emoji, Millis, Post, PostId, Preference,
    PresenceStatus, Reaction, Role, Team, TeamId, TeamMember, User, UserId, to_text,
};

/// An object as JSON in a string.
#[derive(Debug)]
pub(super) struct Text<'a, T: ?Sized>(pub(super) &'a T);

impl<T: Serialize + ?Sized> Serialize for Text<'_, T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&to_text(self.0))
    }
}

/// The data of one event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Data<'a> {
    Nothing {},
    Hello {
        connection_id: ConnectionId,
        server_hostname: &'a str,
        server_version: &'a str,
    },
    Posted {
        channel_display_name: &'a str,
        channel_name: &'a str,
        channel_type: ChannelKind,
        #[serde(skip_serializing_if = "Option::is_none")]
        image: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mentions: Option<Text<'a, [UserId]>>,
        #[serde(rename = "otherFile", skip_serializing_if = "Option::is_none")]
        other_file: Option<&'a str>,
        post: Text<'a, Post>,
        sender_name: &'a str,
        set_online: bool,
        #[serde(with = "or_empty")]
        team_id: Option<TeamId>,
    },
    Post {
        post: Text<'a, Post>,
    },
    PostUnread {
        last_viewed_at: Millis,
        mention_count: i64,
        mention_count_root: i64,
        msg_count: i64,
        msg_count_root: i64,
        post_id: PostId,
        urgent_mention_count: i64,
    },
    Reaction {
        reaction: Text<'a, Reaction>,
    },
    Channel {
        channel: Text<'a, Channel>,
    },
    ChannelCreated {
        channel_id: ChannelId,
        team_id: TeamId,
    },
    ChannelDeleted {
        channel_id: ChannelId,
        delete_at: Millis,
    },
    ChannelNamed {
        channel_id: ChannelId,
    },
    ChannelMember {
        #[serde(rename = "channelMember")]
        member: Text<'a, ChannelMember>,
    },
    DirectAdded {
        creator_id: UserId,
        teammate_id: UserId,
    },
    GroupAdded {
        teammate_ids: Text<'a, [UserId]>,
    },
    UserAdded {
        #[serde(with = "or_empty")]
        team_id: Option<TeamId>,
        user_id: UserId,
    },
    UserRemoved {
        remover_id: UserId,
        user_id: UserId,
    },
    RemovedFromChannel {
        channel_id: ChannelId,
        remover_id: UserId,
    },
    UserInTeam {
        team_id: TeamId,
        user_id: UserId,
    },
    Team {
        team: Text<'a, Team>,
    },
    TeamMember {
        member: Text<'a, TeamMember>,
    },
    Emoji {
        emoji: Text<'a, Emoji>,
    },
    UserNamed {
        user_id: UserId,
    },
    User {
        user: &'a User,
    },
    UserRoles {
        roles: &'a str,
        user_id: UserId,
    },
    Role {
        role: Text<'a, Role>,
    },
    Preferences {
        preferences: Text<'a, [Preference]>,
    },
    Typing {
        parent_id: &'a str,
        user_id: UserId,
    },
    Status {
        status: PresenceStatus,
        user_id: UserId,
    },
    Statuses {
        statuses: &'a BTreeMap<String, PresenceStatus>,
    },
}
