//! Channels and their members.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::wire::id::or_empty;
use crate::wire::{ChannelId, ChannelKind, Millis, Object, SchemeId, StringMap, TeamId, UserId};

/// A channel: public, private, direct or group.
#[derive(Debug, Clone, Serialize)]
pub struct Channel {
    /// Its identifier.
    pub id: ChannelId,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time of its archiving; 0 if it is not archived.
    pub delete_at: Millis,
    /// Its team; empty for direct and group channels.
    #[serde(with = "or_empty")]
    pub team_id: Option<TeamId>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    /// Its name for people; empty for direct channels.
    pub display_name: String,
    /// Its name in URLs.
    pub name: String,
    /// The header, shown above the messages.
    pub header: String,
    /// Its purpose, in words.
    pub purpose: String,
    /// The time of the last post.
    pub last_post_at: Millis,
    /// The time of the last post outside threads.
    pub last_root_post_at: Millis,
    /// Posts that count as unread, altogether.
    pub total_msg_count: i64,
    /// Posts outside threads that count as unread, altogether.
    pub total_msg_count_root: i64,
    /// Kept for older clients.
    pub extra_update_at: Millis,
    /// The account that created it.
    #[serde(with = "or_empty")]
    pub creator_id: Option<UserId>,
    /// The scheme of its own.
    pub scheme_id: Option<SchemeId>,
    /// Free-form properties; none yet.
    pub props: Option<Object>,
    /// Never set: channels are not bound to directory groups.
    pub group_constrained: Option<bool>,
    /// Never set: channels are not shared with other servers.
    pub shared: Option<bool>,
    /// Never set: channels have no retention policy of their own.
    pub policy_id: Option<String>,
}

/// The membership of an account in a channel.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelMember {
    /// The channel.
    pub channel_id: ChannelId,
    /// The member.
    pub user_id: UserId,
    /// Effective role names.
    pub roles: String,
    /// The time at which they last viewed the channel; −1 to others.
    pub last_viewed_at: Millis,
    /// Messages read: the channel's total minus this is unread.
    pub msg_count: i64,
    /// Unread mentions.
    pub mention_count: i64,
    /// Unread mentions outside threads.
    pub mention_count_root: i64,
    /// Unread urgent mentions: always 0, posts have no priority yet.
    pub urgent_mention_count: i64,
    /// Messages read outside threads.
    pub msg_count_root: i64,
    /// The notification settings for this channel.
    pub notify_props: StringMap,
    /// The time of the last change of the row.
    pub last_update_at: Millis,
    /// Whether the member is a guest.
    pub scheme_guest: bool,
    /// Whether the member is an ordinary member.
    pub scheme_user: bool,
    /// Whether the member is an administrator of the channel.
    pub scheme_admin: bool,
    /// Roles beyond the scheme's.
    pub explicit_roles: String,
}

/// Head counts of a channel.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ChannelStats {
    /// The channel.
    pub channel_id: ChannelId,
    /// Members.
    pub member_count: i64,
    /// Guests among them.
    pub guest_count: i64,
    /// Pinned posts.
    pub pinnedpost_count: i64,
    /// Files; −1 when not asked for.
    pub files_count: i64,
}

/// The unread counts of an account in a channel.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ChannelUnread {
    /// Its team.
    #[serde(with = "or_empty")]
    pub team_id: Option<TeamId>,
    /// The channel.
    pub channel_id: ChannelId,
    /// Unread messages.
    pub msg_count: i64,
    /// Unread mentions.
    pub mention_count: i64,
    /// Unread mentions outside threads.
    pub mention_count_root: i64,
    /// Unread urgent mentions.
    pub urgent_mention_count: i64,
    /// Unread messages outside threads.
    pub msg_count_root: i64,
}

/// The reading position after "mark as unread": here `msg_count` is what was read, not what is unread.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ChannelUnreadAt {
    /// Its team.
    #[serde(with = "or_empty")]
    pub team_id: Option<TeamId>,
    /// The account whose position it is.
    pub user_id: UserId,
    /// The channel.
    pub channel_id: ChannelId,
    /// Messages read.
    pub msg_count: i64,
    /// Unread mentions.
    pub mention_count: i64,
    /// Unread mentions outside threads.
    pub mention_count_root: i64,
    /// Unread urgent mentions.
    pub urgent_mention_count: i64,
    /// Messages read outside threads.
    pub msg_count_root: i64,
    /// The time at which they last viewed the channel, as of now.
    pub last_viewed_at: Millis,
}

/// The answer to viewing channels.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelView {
    /// Always `OK`.
    pub status: &'static str,
    /// For each channel the time of the view before.
    pub last_viewed_at_times: BTreeMap<String, Millis>,
}
