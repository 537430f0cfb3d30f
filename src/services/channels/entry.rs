//! Adding members to a channel, for all ways of joining: a new member has read everything before.

use serde_json::{Value, json};

use crate::db::channel_members::{self, ChannelMember, NewMember};
use crate::db::channels::Channel;
use crate::error::Result;
use crate::services::auth::permissions::MemberRole;
use crate::services::platform::Tx;
use crate::wire::UserId;

/// Adds `users` to a channel whose row is locked (or was made by this transaction), so that posts and joins are in one
/// order. Returns the rows of those who were no members before.
pub(in crate::services) async fn enter(
    tx: &mut Tx,
    channel: &Channel,
    users: &[(UserId, MemberRole)],
) -> Result<Vec<ChannelMember>> {
    let rows: Vec<NewMember> = users.iter().map(|(user, rank)| place(channel, *user, *rank)).collect();
    Ok(channel_members::insert(tx, &rows).await?)
}

fn place(channel: &Channel, user_id: UserId, rank: MemberRole) -> NewMember {
    NewMember {
        channel_id: channel.id,
        user_id,
        admin: rank == MemberRole::Admin,
        guest: rank == MemberRole::Guest,
        notify_props: default_notify_props(),
        last_viewed_at: channel.last_post_at,
        msg_count: channel.total_msg_count,
        msg_count_root: channel.total_msg_count_root,
        mention_all_seen: channel.mention_all_count,
        mention_all_seen_root: channel.mention_all_count_root,
    }
}

/// The default notification settings of a member.
fn default_notify_props() -> Value {
    json!({
        "desktop": "default", "push": "default", "email": "default", "mark_unread": "all",
        "ignore_channel_mentions": "default", "channel_auto_follow_threads": "off",
    })
}
