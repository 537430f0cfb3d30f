//! Channels and their members as they travel. Unread counts are differences: what the channel counted, minus what the
//! member has seen of it.

use serde_json::Value;

use crate::db::channel_members::ChannelMember as MemberRow;
use crate::db::channels::Channel as Row;
use crate::services::auth::Caller;
use crate::services::permissions::{MemberRole, names_of};
use crate::wire::{Channel, ChannelMember, ChannelUnread, StringMap};

/// A channel as everybody who may see it sees it.
pub(in crate::services) fn channel(row: Row) -> Channel {
    Channel {
        id: row.id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: row.delete_at,
        team_id: row.team_id,
        kind: row.kind,
        display_name: row.display_name,
        name: row.name,
        header: row.header,
        purpose: row.purpose,
        last_post_at: row.last_post_at,
        last_root_post_at: row.last_root_post_at,
        total_msg_count: row.total_msg_count,
        total_msg_count_root: row.total_msg_count_root,
        extra_update_at: 0,
        creator_id: row.creator_id,
        scheme_id: row.scheme_id,
        props: None,
        group_constrained: None,
        shared: None,
        policy_id: None,
    }
}

/// Channels, in their order.
pub(in crate::services) fn channels(rows: Vec<Row>) -> Vec<Channel> {
    rows.into_iter().map(channel).collect()
}

/// Somebody's place in `channel`, as they see it themselves.
pub(in crate::services) fn member(row: MemberRow, channel: &Row) -> ChannelMember {
    let (mention_count, mention_count_root) = mentions(&row, channel);
    ChannelMember {
        channel_id: row.channel_id,
        user_id: row.user_id,
        roles: names_of(
            MemberRole::of(row.admin, row.guest),
            true,
            channel.scheme_id.or(channel.team_scheme_id),
        ),
        last_viewed_at: row.last_viewed_at,
        msg_count: row.msg_count,
        mention_count,
        mention_count_root,
        urgent_mention_count: 0,
        msg_count_root: row.msg_count_root,
        notify_props: strings(row.notify_props),
        last_update_at: row.last_update_at,
        scheme_guest: row.guest,
        scheme_user: !row.guest,
        scheme_admin: row.admin,
        explicit_roles: String::new(),
    }
}

/// The same as `caller` sees it: when somebody else looked is not told.
pub(in crate::services) fn member_for(caller: &Caller, row: MemberRow, channel: &Row) -> ChannelMember {
    let own = row.user_id == caller.id;
    let shown = member(row, channel);
    if own { shown } else { ChannelMember { last_viewed_at: -1, last_update_at: -1, ..shown } }
}

/// What a member has not read.
pub(in crate::services) fn unread(row: &MemberRow, channel: &Row) -> ChannelUnread {
    let (mention_count, mention_count_root) = mentions(row, channel);
    let unread = |total: i64, read: i64| if is_muted(row) { 0 } else { (total - read).max(0) };
    ChannelUnread {
        team_id: channel.team_id,
        channel_id: channel.id,
        msg_count: unread(channel.total_msg_count, row.msg_count),
        mention_count,
        mention_count_root,
        urgent_mention_count: 0,
        msg_count_root: unread(channel.total_msg_count_root, row.msg_count_root),
    }
}

/// Unread mentions: by name from the member's row, of everybody from the channel's, unless the member does not care
/// for those.
fn mentions(row: &MemberRow, channel: &Row) -> (i64, i64) {
    let deaf = !channel.is_direct() && ignores_everybody(row);
    let (all, all_root) = if deaf {
        (0, 0)
    } else {
        (
            channel.mention_all_count - row.mention_all_seen,
            channel.mention_all_count_root - row.mention_all_seen_root,
        )
    };
    ((row.mention_count + all).max(0), (row.mention_count_root + all_root).max(0))
}

/// Whether mentions of everybody are none of the member's: by what they said of the channel, or else of all channels.
/// The database knows the same by the same name.
fn ignores_everybody(row: &MemberRow) -> bool {
    match row.notify_props.get("ignore_channel_mentions").and_then(Value::as_str) {
        Some("on") => true,
        Some("off") => false,
        Some(_) | None => row.ignores_all,
    }
}

/// Whether only mentions count as unread for the member.
fn is_muted(row: &MemberRow) -> bool {
    row.notify_props.get("mark_unread").and_then(Value::as_str) == Some("mention")
}

fn strings(value: Value) -> StringMap {
    serde_json::from_value(value).unwrap_or_default()
}
