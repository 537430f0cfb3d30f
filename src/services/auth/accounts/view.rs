//! The views of an account: for its owner, and for others.

use serde_json::Value;

use crate::db::team_members::TeamMember as TeamMemberRow;
use crate::db::users::User as Row;
use crate::services::auth::Caller;
use crate::services::auth::permissions::{MemberRole, names_of};
use crate::wire::{StringMap, TeamMember, User};

/// The profile of an account, which everybody in the organisation may see.
pub fn profile(row: &Row) -> User {
    User {
        id: row.id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: row.delete_at,
        username: row.username.clone(),
        auth_data: String::new(),
        auth_service: String::new(),
        mfa_active: false,
        email: row.email.clone(),
        email_verified: false,
        nickname: row.nickname.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        position: row.position.clone(),
        roles: row.roles.clone(),
        props: strings(&row.props),
        notify_props: None,
        last_password_update: None,
        failed_attempts: 0,
        last_picture_update: row.picture_at,
        locale: row.locale.clone(),
        timezone: strings(&row.timezone),
        is_bot: row.is_bot(),
        bot_description: row.bot_description.clone().unwrap_or_default(),
        disable_welcome_email: false,
    }
}

/// The account as its owner sees it, and an administrator who changes it.
pub fn own(row: &Row) -> User {
    User {
        notify_props: Some(strings(&row.notify_props)),
        last_password_update: Some(row.last_password_update),
        email_verified: row.email_verified,
        mfa_active: row.mfa_active,
        auth_service: row.auth_service.clone(),
        ..profile(row)
    }
}

/// The account as `caller` may see it.
pub(crate) fn for_caller(caller: &Caller, row: &Row) -> User {
    if row.id == caller.id { own(row) } else { profile(row) }
}

/// The profiles of several accounts.
pub(crate) fn profiles(rows: &[Row]) -> Vec<User> {
    rows.iter().map(profile).collect()
}

/// Reads the strings of a JSON object; other values are left out.
pub(super) fn strings(value: &Value) -> StringMap {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
}

/// Turns a map of strings into a JSON object.
pub(crate) fn object(map: StringMap) -> Value {
    map.into_iter().map(|(k, v)| (k, Value::String(v))).collect()
}

/// A team membership in the protocol's form.
pub(crate) fn team_member(row: TeamMemberRow) -> TeamMember {
    TeamMember {
        team_id: row.team_id,
        user_id: row.user_id,
        roles: names_of(MemberRole::of(row.admin, row.guest), false, row.scheme_id),
        delete_at: 0,
        scheme_guest: row.guest,
        scheme_user: !row.guest,
        scheme_admin: row.admin,
        explicit_roles: String::new(),
    }
}
