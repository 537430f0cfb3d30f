//! Roles: names for sets of permissions, the same in every organisation. Clients show and hide what they offer by
//! them; what somebody may do is decided by the services, not by these lists.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::wire::{Role, id};

/// Everybody's role.
pub const USER: &str = "system_user";

/// The role of those who administrate an organisation.
pub const ADMIN: &str = "system_admin";

/// Names that one request may ask for.
const MAX_NAMES: usize = 100;

/// When the roles came to be; they are part of the program.
const SINCE: i64 = 1_767_225_600_000;

/// A role's name, the names of what it permits, and whether members get it without being given it.
type Entry = (&'static str, &'static [&'static [&'static str]], bool);

const SYSTEM_USER: &[&str] = &[
    "list_public_teams",
    "join_public_teams",
    "create_direct_channel",
    "create_group_channel",
    "view_members",
    "create_team",
    "create_emojis",
    "delete_emojis",
];

const TEAM_USER: &[&str] = &[
    "list_team_channels",
    "join_public_channels",
    "read_public_channel",
    "view_team",
    "create_public_channel",
    "create_private_channel",
    "invite_user",
    "add_user_to_team",
];

const TEAM_ADMIN: &[&str] = &[
    "remove_user_from_team",
    "manage_team",
    "manage_team_roles",
    "manage_channel_roles",
    "convert_public_channel_to_private",
    "convert_private_channel_to_public",
    "delete_post",
    "delete_others_posts",
];

const CHANNEL_USER: &[&str] = &[
    "read_channel",
    "read_channel_content",
    "add_reaction",
    "remove_reaction",
    "manage_public_channel_members",
    "manage_private_channel_members",
    "create_post",
    "use_channel_mentions",
    "manage_public_channel_properties",
    "manage_private_channel_properties",
    "delete_public_channel",
    "delete_private_channel",
    "delete_post",
    "edit_post",
];

const CHANNEL_ADMIN: &[&str] = &["manage_channel_roles", "use_group_mentions"];

const TEAM_GUEST: &[&str] = &["view_team"];

const CHANNEL_GUEST: &[&str] = &[
    "read_channel",
    "read_channel_content",
    "add_reaction",
    "remove_reaction",
    "edit_post",
    "create_post",
    "use_channel_mentions",
];

const SYSTEM_GUEST: &[&str] = &["create_direct_channel", "create_group_channel"];

/// What only administrators of the organisation may.
const SYSTEM_ONLY: &[&str] = &[
    "manage_system",
    "delete_others_emojis",
    "manage_roles",
    "edit_other_users",
    "edit_others_posts",
    "list_private_teams",
    "join_private_teams",
    "list_users_without_team",
    "create_post_public",
    "create_post_ephemeral",
    "sysconsole_read_user_management_users",
    "sysconsole_write_user_management_users",
];

const BUILT_IN: &[Entry] = &[
    (USER, &[SYSTEM_USER], true),
    (ADMIN, &[SYSTEM_ONLY, SYSTEM_USER, TEAM_USER, TEAM_ADMIN, CHANNEL_USER, CHANNEL_ADMIN], true),
    ("system_guest", &[SYSTEM_GUEST], true),
    ("team_user", &[TEAM_USER], true),
    ("team_admin", &[TEAM_ADMIN], true),
    ("team_guest", &[TEAM_GUEST], true),
    ("channel_user", &[CHANNEL_USER], true),
    ("channel_admin", &[CHANNEL_ADMIN], true),
    ("channel_guest", &[CHANNEL_GUEST], true),
];

/// Whether `name` is a role that an account can be given: the guests' is not built.
pub fn is_of_account(name: &str) -> bool {
    matches!(name, USER | ADMIN)
}

/// The roles that are called one of `names`; what is unknown is left out.
pub fn by_names(names: &[String]) -> Result<Vec<Role>> {
    let names: Vec<&str> = names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()).collect();
    if !(1..=MAX_NAMES).contains(&names.len()) {
        return Err(Error::body("rolenames"));
    }
    Ok(BUILT_IN.iter().filter(|(name, ..)| names.contains(name)).map(shape).collect())
}

/// The role that is called `name`.
pub fn by_name(name: &str) -> Result<Role> {
    BUILT_IN.iter().find(|(known, ..)| *known == name).map(shape).ok_or_else(missing)
}

/// The role with the identifier `id`.
pub fn by_id(id: &str) -> Result<Role> {
    BUILT_IN.iter().find(|(name, ..)| identifier(name) == id).map(shape).ok_or_else(missing)
}

fn missing() -> Error {
    Error::not_found("app.role.get.app_error", "Unable to get role.")
}

fn shape((name, permissions, scheme_managed): &Entry) -> Role {
    let mut permissions: Vec<&str> = permissions.iter().flat_map(|set| set.iter().copied()).collect();
    permissions.sort_unstable();
    permissions.dedup();
    Role {
        id: identifier(name),
        name: (*name).to_owned(),
        display_name: format!("authentication.roles.{}.name", key(name)),
        description: format!("authentication.roles.{}.description", key(name)),
        create_at: SINCE,
        update_at: SINCE,
        delete_at: 0,
        permissions,
        scheme_managed: *scheme_managed,
        built_in: true,
    }
}

/// The protocol's texts call the roles of the system global.
fn key(name: &str) -> String {
    name.replace("system_", "global_")
}

/// The same on every node and after every start: 128 bits of FNV-1a over the name.
fn identifier(name: &str) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = name.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    id::encode(Uuid::from_u128(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_name_and_by_its_identifier() {
        for (name, ..) in BUILT_IN {
            let role = by_name(name).expect("built in");
            assert_eq!(role.id.len(), id::LENGTH);
            assert_eq!(by_id(&role.id).expect("built in").name, *name);
        }
        assert!(by_name("nope").is_err());
    }

    #[test]
    fn unknown_names_are_left_out_and_none_are_refused() {
        let names = |list: &[&str]| by_names(&list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["system_user", "nope", "team_user"]).expect("found").len(), 2);
        assert!(names(&[]).is_err());
    }
}
