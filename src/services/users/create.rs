//! Making accounts: by oneself where the settings allow it, by an administrator always, and the first of an
//! organisation, which becomes its administrator.

use serde::Deserialize;
use serde_json::Value;

use super::openid::SERVICE;
use super::view::object;
use super::{TAKEN, notify, rules, setup, verify};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::addresses::SignUp;
use crate::services::auth::{Caller, Client};
use crate::services::core::{Core, Tx};
use crate::services::credentials::{HashPermit, PlainPassword};
use crate::services::permissions::Permission;
use crate::wire::{Event, OrgId, StringMap, UserId};

/// The roles of an organisation's first account. That of the default organisation looks after the deployment, too.
const FOUNDER: &str = "system_admin system_user";

/// What an account is made of.
#[derive(Debug, Clone, Default, Deserialize)]
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
    /// What the first account of an organisation is made with, where that is demanded. Not the protocol's.
    pub setup_secret: String,
}

/// How somebody comes to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An administrator makes it.
    ByAdmin,
    /// They have an invitation to a team, which was looked at.
    Invited,
    /// They have one that was mailed to their address.
    Mailed,
    /// They come by themselves.
    Alone,
    /// They come by themselves, with the setup secret of an organisation that has no account yet.
    Founding,
    /// They come by themselves, and a provider proved who they are, and their address.
    Proven,
    /// Both: an invitation brings them, and a provider proved who they are, and their address.
    ProvenInvited,
}

impl Way {
    /// Whether it proves that the address is theirs.
    fn proves_address(self) -> bool {
        match self {
            Self::Mailed | Self::Proven | Self::ProvenInvited => true,
            Self::ByAdmin | Self::Invited | Self::Alone | Self::Founding => false,
        }
    }
}

/// How somebody comes to an account of `org` for whom `caller` asks: as they do by themselves, unless that is an
/// administrator. What was mailed proves the address, whoever brings it.
pub(crate) fn way(org: OrgId, caller: Option<&Caller>, by_themselves: Way) -> Way {
    let by_admin = caller.is_some_and(|c| c.org == org && c.may(Permission::WriteUsers));
    if by_admin && by_themselves != Way::Mailed { Way::ByAdmin } else { by_themselves }
}

/// The row of an account that is to be made, and how its owner comes. Whoever may not come that way is told so before a
/// password is hashed for them.
pub(crate) async fn admitted(
    core: &Core,
    org: OrgId,
    new: NewUser,
    way: Way,
    client: &Client,
) -> Result<(db::users::NewUser, Way)> {
    let requester = client.requester();
    let turn = core.passwords.admit(if way == Way::ByAdmin { requester.trusted() } else { requester })?;
    let way = refuse_early(core, org, way, &new, client).await?;
    Ok((prepare(core, org, new, turn).await?, way))
}

/// Makes an account for somebody whom the provider knows as `subject` and has proven, and their address with them.
pub(crate) async fn foreign(
    core: &Core,
    tx: &mut Tx,
    org: OrgId,
    (new, subject): (NewUser, &str),
    (way, client): (Way, &Client),
) -> Result<Row> {
    if setup::is_demanded_of(core, client) && !db::users::any(tx, org).await? {
        return Err(setup::wanted());
    }
    let row = insert(core, tx, &checked(org, new)?, way).await?;
    db::users::set_verified(tx, org, row.id, &row.email).await?;
    let row = db::users::set_foreign(tx, org, row.id, SERVICE, subject).await?;
    row.ok_or_else(super::missing)
}

async fn refuse_early(core: &Core, org: OrgId, way: Way, new: &NewUser, client: &Client) -> Result<Way> {
    let mut conn = core.read().await?;
    let (row, _) = db::orgs::find(&mut conn, org).await?.ok_or_else(closed)?;
    if db::users::any(&mut conn, org).await? {
        return admits(core, &row, way, &new.email.trim().to_lowercase()).map(|()| way);
    }
    if way == Way::ByAdmin || !setup::is_demanded_of(core, client) {
        return Ok(way);
    }
    setup::check(core, org, &new.setup_secret).map(|()| Way::Founding)
}

/// The row of an account that is to be made: checked, its password hashed.
pub(crate) async fn prepare(
    core: &Core,
    org: OrgId,
    mut new: NewUser,
    turn: HashPermit,
) -> Result<db::users::NewUser> {
    let password = std::mem::take(&mut new.password);
    let mut row = checked(org, new)?;
    // Hashed before a connection is taken: it takes long.
    let password = PlainPassword::new(password, &core.settings.password)?;
    row.password_hash = core.passwords.hash(turn, password).await?;
    Ok(row)
}

/// Inserts an account if the organisation's policy and its limit admit it: the organisation is locked for that, so that
/// of two who want the last place one gets it. The first account needs no policy. Whoever is let in by their address
/// cannot log in before it is proven.
pub(crate) async fn insert(core: &Core, tx: &mut Tx, new: &db::users::NewUser, way: Way) -> Result<Row> {
    let org = db::orgs::lock(tx, new.org_id).await?.ok_or_else(closed)?;
    let mut must_prove = new.must_prove_email;
    let mut row = db::users::insert(tx, new).await.map_err(|e| db::translate(e, TAKEN))?;
    if db::orgs::found(tx, row.org_id, row.id).await? {
        if setup::is_demanded(core) && !matches!(way, Way::ByAdmin | Way::Founding) {
            return Err(setup::wanted());
        }
        row = db::users::set_roles(tx, row.org_id, row.id, FOUNDER).await?.unwrap_or(row);
        if row.org_id == core.default_org {
            db::operators::insert(tx, row.id).await?;
        }
    } else {
        admits(core, &org, way, &row.email)?;
        must_prove |= is_let_in_by_address(core, &org, way);
    }
    check_limit(tx, &org).await?;
    if must_prove && !row.must_prove_email {
        row = db::users::set_must_prove(tx, row.id).await?;
    }
    if (core.settings.auth.require_verified_email || must_prove) && !way.proves_address() {
        verify::post(core, tx, &row, &row.email).await?;
    }
    tx.emit(Event::NewUser { org_id: row.org_id, user_id: row.id });
    Ok(row)
}

/// Whether an organisation's policy lets somebody in.
fn admits(core: &Core, org: &db::orgs::Org, way: Way, email: &str) -> Result<()> {
    match (core.addresses.sign_up(org.sign_up.as_deref()), way) {
        (_, Way::ByAdmin) | (SignUp::Open, _) => Ok(()),
        (SignUp::Invitation, Way::Invited | Way::Mailed | Way::ProvenInvited) => Ok(()),
        (SignUp::Domain, _) if belongs(core, org, email) => Ok(()),
        (SignUp::Domain, _) => Err(Error::invalid(
            "api.user.create_user.accepted_domain.app_error",
            format!("The email must be an address at {}.", org.email_domains.join(" or ")),
        )),
        (SignUp::Invitation, Way::Alone | Way::Founding | Way::Proven) => Err(Error::new(
            Kind::Forbidden,
            "api.user.create_user.no_open_server",
            "This server does not allow open signups. An invitation is needed.",
        )),
        (SignUp::Closed, _) => Err(closed()),
    }
}

/// Whether it is their address that lets somebody in, which nothing has proven yet.
fn is_let_in_by_address(core: &Core, org: &db::orgs::Org, way: Way) -> bool {
    let by_domain = core.addresses.sign_up(org.sign_up.as_deref()) == SignUp::Domain;
    by_domain && way != Way::ByAdmin && !way.proves_address()
}

/// Whether an address is one that an organisation takes: where its policy is by domain, those are few.
pub(crate) fn belongs(core: &Core, org: &db::orgs::Org, email: &str) -> bool {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let by_domain = core.addresses.sign_up(org.sign_up.as_deref()) == SignUp::Domain;
    !by_domain || org.email_domains.iter().any(|known| known == domain)
}

/// Refuses one account too many. The organisation must be locked, and the account be there already.
pub(crate) async fn check_limit(tx: &mut Tx, org: &db::orgs::Org) -> Result<()> {
    if org.max_users > 0 && db::users::count(tx, org.id).await? > org.max_users {
        return Err(Error::invalid(
            "api.user.create_user.user_limits.exceeded",
            "This organization has as many accounts as it may have.",
        ));
    }
    Ok(())
}

fn checked(org: OrgId, new: NewUser) -> Result<db::users::NewUser> {
    notify::check(&new.notify_props, &Value::Null)?;
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
        must_prove_email: false,
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
