//! Channels: public and private ones of teams, and direct and group channels. This module has the proofs of access
//! ([`ChannelAccess`], [`ReadAccess`]), the channels themselves and the settings of their members. Joining and leaving
//! concern teams, too, and are in `membership`; read positions are in `unreads`.

mod access;
pub mod append;
pub mod attachments;
mod channel_settings;
mod core;
mod create;
mod direct;
mod entry;
mod list;
mod members;
mod notices;
pub mod post_queue;
mod rules;
pub mod schemes;
mod shape;
pub mod subscriptions;
pub mod typing;
pub mod unreads;

pub use access::{ChannelAccess, ReadAccess, access, access_of, visible};
pub use channel_settings::{FullChannel, archive, delete_for_good, patch, replace, restore, set_privacy};
pub use core::{Core, Parts};
pub use create::create;
pub use direct::{direct, direct_name, group};
pub use list::{
    ChannelSearch, ChannelWithTeam, Kind, Listing, all, autocomplete, by_ids, by_name, by_names, get, groups,
    of_team, of_user, places_of_user, search, search_all, search_autocomplete,
};
pub use members::{
    common_teams, counts, member, members, members_by_ids, set_notify_props, set_roles, set_scheme_roles,
    stats, timezones,
};
pub use rules::{ChannelPatch, NewChannel, OFF_TOPIC, TOWN_SQUARE};

pub(in crate::services) use access::readable;
pub(in crate::services) use entry::enter;
pub(in crate::services) use members::no_member;
pub(in crate::services) use notices::{NoticeScope, Person, added, joined, left, plain, removed};
pub(in crate::services) use shape::{channel as shape, member as member_shape, member_for, unread};
