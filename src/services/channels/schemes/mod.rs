//! Schemes: separate roles for some teams, or some channels, in place of the organisation's. A new scheme copies the
//! organisation's roles; its roles are then changed like all roles. A channel's scheme can only restrict what its
//! team's roles permit.

mod scheme_assignments;
mod scheme_definitions;
mod scheme_list;

pub use scheme_assignments::{set_of_channel, set_of_team};
pub use scheme_definitions::{NewScheme, SchemePatch, create, delete, patch};
pub use scheme_list::{channels_of, get, list, teams_of};

use crate::db::schemes::Scheme as Row;
use crate::error::Error;
use crate::services::auth::permissions::{SchemeRole, scheme_role};
use crate::wire::{Scheme, SchemeScope};

/// A scheme in the protocol's form, with the names of its roles; a channel scheme has no team roles.
fn shape(row: &Row) -> Scheme {
    let role = |part: SchemeRole| {
        let has = row.scope == SchemeScope::Team || SchemeRole::OF_CHANNEL.contains(&part);
        if has { scheme_role(row.id, part) } else { String::new() }
    };
    Scheme {
        id: row.id,
        name: row.name.clone(),
        display_name: row.display_name.clone(),
        description: row.description.clone(),
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: 0,
        scope: row.scope,
        default_team_admin_role: role(SchemeRole::TeamAdmin),
        default_team_user_role: role(SchemeRole::TeamUser),
        default_team_guest_role: role(SchemeRole::TeamGuest),
        default_channel_admin_role: role(SchemeRole::ChannelAdmin),
        default_channel_user_role: role(SchemeRole::ChannelUser),
        default_channel_guest_role: role(SchemeRole::ChannelGuest),
        default_playbook_admin_role: "",
        default_playbook_member_role: "",
        default_run_admin_role: "",
        default_run_member_role: "",
    }
}

/// The error for a scheme that the caller's organisation does not have.
fn missing() -> Error {
    Error::not_found("app.scheme.get.app_error", "Unable to get the scheme.")
}
