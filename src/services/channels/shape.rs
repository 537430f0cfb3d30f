//! Channels and their members in the protocol's form. Unread counts are differences: the channel's counters minus the
//! member's.

use serde_json::Value;

use crate::db::channel_members::ChannelMember as MemberRow;
use crate::db::channels::Channel as Row;
use crate::services::auth::Caller;
use crate::services::auth::permissions::{MemberRole, names_of};
use crate::wire::{Channel, ChannelMember, ChannelUnread, StringMap};

/// A channel in the protocol's form, the same for everybody who may see it.
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

/// Channels in the protocol's form, in the same order.
pub(in crate::services) fn channels(rows: Vec<Row>) -> Vec<Channel> {
    rows.into_iter().map(channel).collect()
}

/// A membership in `channel` in the protocol's form, as its owner sees it.
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

/// A membership in the protocol's form, as `caller` sees it: without the read times of others.
pub(in crate::services) fn member_for(caller: &Caller, row: MemberRow, channel: &Row) -> ChannelMember {
    let own = row.user_id == caller.id;
    let shown = member(row, channel);
    if own { shown } else { ChannelMember { last_viewed_at: -1, last_update_at: -1, ..shown } }
}

/// The unread counts of a member.
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

/// The counts of unread mentions: by name from the member's row, of everybody from the channel's, unless the member
/// ignores the latter.
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

/// Whether the member ignores mentions of everybody: by their setting for the channel, or else by that for all
/// channels. The database has a function with the same name and meaning.
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
