//! System messages about changes of a channel or its members: a sentence for clients that do not know the type, and
//! properties for those that do.

use serde_json::json;

use crate::services::auth::Caller;
use crate::services::channels::append::Notice;
use crate::wire::{ChannelId, Object, UserId};

/// An account's identifier and name, for notices.
#[derive(Debug, Clone, Copy)]
pub(in crate::services) struct Person<'a> {
    pub(in crate::services) id: UserId,
    pub(in crate::services) name: &'a str,
}

impl<'a> From<&'a Caller> for Person<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self { id: caller.id, name: caller.username() }
    }
}

fn facts<const N: usize>(facts: [(&str, &str); N]) -> Object {
    facts.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

/// A notice whose only property is the name of the person who acted.
pub(in crate::services) fn plain(
    channel: ChannelId,
    by: Person<'_>,
    kind: &'static str,
    said: &str,
) -> Notice {
    let props = facts([("username", by.name)]);
    Notice { channel, by: by.id, kind, message: format!("{} {said}", by.name), props }
}

/// The notice that somebody joined by themselves.
pub(in crate::services) fn joined(channel: ChannelId, who: Person<'_>) -> Notice {
    plain(channel, who, "system_join_channel", "joined the channel.")
}

/// The notice that somebody was added by somebody else, to a channel or to the team.
pub(in crate::services) fn added(
    channel: ChannelId,
    who: Person<'_>,
    by: Person<'_>,
    place: NoticeScope,
) -> Notice {
    let (kind, place) = match place {
        NoticeScope::Channel => ("system_add_to_channel", "channel"),
        NoticeScope::Team => ("system_add_to_team", "team"),
    };
    let props = facts([
        ("userId", by.id.to_string().as_str()),
        ("username", by.name),
        ("addedUserId", who.id.to_string().as_str()),
        ("addedUsername", who.name),
    ]);
    Notice {
        channel,
        by: by.id,
        kind,
        message: format!("{} added to the {place} by {}.", who.name, by.name),
        props,
    }
}

/// The place that somebody was added to.
#[derive(Debug, Clone, Copy)]
pub(in crate::services) enum NoticeScope {
    /// A channel.
    Channel,
    /// A team.
    Team,
}

/// The notice that somebody left by themselves.
pub(in crate::services) fn left(channel: ChannelId, who: Person<'_>) -> Notice {
    plain(channel, who, "system_leave_channel", "left the channel.")
}

/// The notice that somebody was removed by somebody else.
pub(in crate::services) fn removed(channel: ChannelId, who: Person<'_>, by: Person<'_>) -> Notice {
    let props = facts([("removedUserId", who.id.to_string().as_str()), ("removedUsername", who.name)]);
    let message = format!("@{} removed from the channel.", who.name);
    Notice { channel, by: by.id, kind: "system_remove_from_channel", message, props }
}

/// The notice that the header, the purpose or the display name changed.
pub(super) fn changed(channel: ChannelId, by: Person<'_>, what: What, old: &str, new: &str) -> Notice {
    let (kind, word, key) = match what {
        What::DisplayName => ("system_displayname_change", "display name", "displayname"),
        What::Header => ("system_header_change", "header", "header"),
        What::Purpose => ("system_purpose_change", "purpose", "purpose"),
    };
    let message = match (old.is_empty(), new.is_empty()) {
        (_, true) => format!("{} removed the channel {word} (was: {old})", by.name),
        (true, false) => format!("{} updated the channel {word} to: {new}", by.name),
        (false, false) => format!("{} updated the channel {word} from: {old} to: {new}", by.name),
    };
    let (before, after) = (format!("old_{key}"), format!("new_{key}"));
    let props = facts([("username", by.name), (before.as_str(), old), (after.as_str(), new)]);
    Notice { channel, by: by.id, kind, message, props }
}

/// The field of a channel that changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// The display name.
    DisplayName,
    /// The header.
    Header,
    /// The purpose.
    Purpose,
}

/// The notice that a channel became public or private.
pub(super) fn converted(channel: ChannelId, by: Person<'_>, private: bool) -> Notice {
    let message = if private {
        "This channel has been converted to a Private Channel."
    } else {
        "This channel has been converted to a Public Channel and can be joined by any team member."
    };
    let props = facts([("username", by.name)]);
    Notice { channel, by: by.id, kind: "system_change_chan_privacy", message: message.to_owned(), props }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_was_before() {
        let (channel, ann) = (ChannelId::new(), Person { id: UserId::new(), name: "ann" });
        let said = |old, new| changed(channel, ann, What::Header, old, new).message;
        assert_eq!(said("", "b"), "ann updated the channel header to: b");
        assert_eq!(said("a", "b"), "ann updated the channel header from: a to: b");
        assert_eq!(said("a", ""), "ann removed the channel header (was: a)");
    }
}
