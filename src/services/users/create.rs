//! Making accounts: by oneself where the settings allow it, by an administrator always, and the first of an
//! organisation, which becomes its administrator.

use serde::Deserialize;

use super::view::{object, own};
use super::{TAKEN, rules, verify};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::audits;
use crate::services::auth::Caller;
use crate::services::core::{Core, Tx};
use crate::services::credentials::PlainPassword;
use crate::services::permissions::Permission;
use crate::wire::{Event, OrgId, StringMap, User, UserId};

/// The roles of an organisation's first account. That of the default organisation looks after the deployment, too.
const FOUNDER: &str = "system_admin system_user";

/// What an account is made of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct NewUser {
    pub email: String,
    pub username: String,
    pub password: String,
    pub nickname: String,
    pub first_name: String,
    pub last_name: String,
    pub position: String,
    pub locale: String,
    pub props: StringMap,
    pub notify_props: StringMap,
    pub timezone: StringMap,
}

/// Makes an account in `org`. Without a caller somebody signs up.
pub async fn create(core: &Core, org: OrgId, caller: Option<&Caller>, mut new: NewUser) -> Result<User> {
    let may_always = caller.is_some_and(|c| c.org == org && c.may(Permission::WriteUsers));
    let is_open = may_always || core.settings.auth.open_signup;
    if !is_open && db::users::any(&mut *core.read().await?, org).await? {
        return Err(closed());
    }
    let password = std::mem::take(&mut new.password);
    let mut row = checked(org, new)?;
    // Hashed before a connection is taken: it takes long.
    row.password_hash = core.passwords.hash(PlainPassword::new(password, &core.settings.password)?).await?;
    let mut tx = core.begin().await?;
    let row = insert(core, &mut tx, &row, is_open).await?;
    if core.settings.auth.require_verified_email {
        verify::post(core, &mut tx, &row, &row.email).await?;
    }
    if let Some(caller) = caller.filter(|_| may_always) {
        audits::note(&mut tx, caller, "/api/v4/users", row.id, "created").await?;
    }
    tx.commit().await?;
    Ok(own(&row))
}

/// Makes an account for somebody who was proven elsewhere, as `(service, subject)`, and their address with them.
pub(super) async fn foreign(core: &Core, org: OrgId, new: NewUser, proof: (&str, &str)) -> Result<Row> {
    let row = checked(org, new)?;
    let mut tx = core.begin().await?;
    let row = insert(core, &mut tx, &row, core.settings.auth.open_signup).await?;
    let (service, subject) = proof;
    db::users::set_verified(&mut tx, org, row.id, &row.email).await?;
    let row = db::users::set_foreign(&mut tx, org, row.id, service, subject).await?;
    let row = row.ok_or_else(super::missing)?;
    tx.commit().await?;
    Ok(row)
}

async fn insert(core: &Core, tx: &mut Tx, new: &db::users::NewUser, is_open: bool) -> Result<Row> {
    let mut row = db::users::insert(tx, new).await.map_err(|e| db::translate(e, TAKEN))?;
    if db::orgs::found(tx, row.org_id, row.id).await? {
        row = db::users::set_roles(tx, row.org_id, row.id, FOUNDER).await?.unwrap_or(row);
        if row.org_id == core.default_org {
            db::operators::insert(tx, row.id).await?;
        }
    } else if !is_open {
        return Err(closed());
    }
    tx.emit(Event::NewUser { org_id: row.org_id, user_id: row.id });
    Ok(row)
}

fn checked(org: OrgId, new: NewUser) -> Result<db::users::NewUser> {
    Ok(db::users::NewUser {
        id: UserId::new(),
        org_id: org,
        username: rules::username(&new.username)?,
        email: rules::email(&new.email)?,
        password_hash: String::new(),
        nickname: rules::nickname(new.nickname)?,
        first_name: rules::first_name(new.first_name)?,
        last_name: rules::last_name(new.last_name)?,
        position: rules::position(new.position)?,
        locale: rules::locale(new.locale)?,
        props: object(rules::map(new.props, MAX_PROPS, "props")?),
        notify_props: object(completed(rules::map(new.notify_props, MAX_PROPS, "notify_props")?, NOTIFY)),
        timezone: object(completed(rules::map(new.timezone, MAX_TIMEZONE, "timezone")?, TIMEZONE)),
    })
}

/// A bot's account. Nobody logs in to it: no password has its hash.
pub(crate) fn for_bot(org: OrgId, username: &str, display_name: String) -> Result<db::users::NewUser> {
    let name = rules::username(username)?;
    let email = address_of_bot(&name);
    let new = NewUser { username: name, email, first_name: display_name, ..NewUser::default() };
    checked(org, new)
}

/// The address of the bot that is called `name`, which no mail reaches.
pub(crate) fn address_of_bot(name: &str) -> String {
    format!("{name}@localhost")
}

/// Characters of free-form properties and of notify settings.
pub(super) const MAX_PROPS: usize = 4000;

/// Characters of a time zone.
pub(super) const MAX_TIMEZONE: usize = 256;

/// What notifies an account that did not say otherwise.
pub(super) const NOTIFY: &[(&str, &str)] = &[
    ("channel", "true"),
    ("comments", "never"),
    ("desktop", "mention"),
    ("desktop_sound", "true"),
    ("desktop_threads", "all"),
    ("email", "true"),
    ("email_threads", "all"),
    ("first_name", "false"),
    ("mention_keys", ""),
    ("push", "mention"),
    ("push_status", "online"),
    ("push_threads", "all"),
];

/// The time zone of an account that did not say otherwise.
pub(super) const TIMEZONE: &[(&str, &str)] =
    &[("automaticTimezone", ""), ("manualTimezone", ""), ("useAutomaticTimezone", "true")];

/// `map` with the defaults of the keys that it lacks.
pub(super) fn completed(mut map: StringMap, defaults: &[(&str, &str)]) -> StringMap {
    for (key, value) in defaults {
        map.entry((*key).to_owned()).or_insert_with(|| (*value).to_owned());
    }
    map
}

fn closed() -> Error {
    Error::new(
        Kind::NotBuilt,
        "api.user.create_user.signup_email_disabled.app_error",
        "User sign-up with email is disabled.",
    )
}
