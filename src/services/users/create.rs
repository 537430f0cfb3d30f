//! Making accounts: by people themselves if the settings allow it, by administrators always, and the first of an
//! organisation, which becomes its administrator.

use serde::Deserialize;
use serde_json::Value;

use super::{notify, setup};
use crate::db::{self, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::auth::accounts::{TAKEN, check_limit, missing, object, rules};
use crate::services::auth::credentials::{HashPermit, PlainPassword};
use crate::services::auth::login::post_verification;
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Client};
use crate::services::platform::Tx;
use crate::services::platform::addresses::SignUp;
use crate::services::users::Core;
use crate::wire::{Event, OrgId, StringMap, UserId};

/// The roles of an organisation's first account. The first of the default organisation is an operator, too.
const FOUNDER: &str = "system_admin system_user";

/// The fields of a new account.
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
    /// The setup secret, if the first account of an organisation needs one. Not part of the protocol.
    pub setup_secret: String,
}

/// The way in which an account is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An administrator makes it.
    ByAdmin,
    /// The person has an invitation to a team, which was checked.
    Invited,
    /// The person has an invitation that was mailed to their address.
    Mailed,
    /// The person signs up without an invitation.
    Alone,
    /// The person signs up with the setup secret of an organisation that has no account yet.
    Founding,
    /// A provider proved the person's identity and address; they have no invitation.
    Proven,
    /// A provider proved the person's identity and address, and they have an invitation.
    ProvenInvited,
}

impl Way {
    /// Whether it proves the person's address.
    fn proves_address(self) -> bool {
        match self {
            Self::Mailed | Self::Proven | Self::ProvenInvited => true,
            Self::ByAdmin | Self::Invited | Self::Alone | Self::Founding => false,
        }
    }
}

/// The way in which an account of `org` is made if `caller` asks: `by_themselves`, unless the caller is an
/// administrator. A mailed invitation proves the address even then.
pub(crate) fn way(org: OrgId, caller: Option<&Caller>, by_themselves: Way) -> Way {
    let by_admin = caller.is_some_and(|c| c.org == org && c.may(Permission::WriteUsers));
    if by_admin && by_themselves != Way::Mailed { Way::ByAdmin } else { by_themselves }
}

/// Prepares the row of a new account, and returns it with its way. A way that the policy does not admit is refused
/// before a password is hashed.
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

/// Makes an account for a person whose identity, `subject`, and address the provider has proven.
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
    let row = db::users::set_foreign(tx, org, row.id, rules::OPENID, subject).await?;
    row.ok_or_else(missing)
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

/// Prepares the row of a new account: validated, its password hashed.
pub(crate) async fn prepare(
    core: &Core,
    org: OrgId,
    mut new: NewUser,
    turn: HashPermit,
) -> Result<db::users::NewUser> {
    let password = std::mem::take(&mut new.password);
    let mut row = checked(org, new)?;
    // Hashed before a database connection is taken, since it takes long.
    let password = PlainPassword::new(password, &core.settings.password)?;
    row.password_hash = core.passwords.hash(turn, password).await?;
    Ok(row)
}

/// Inserts an account if the organisation's policy and its limit admit it. Locks the organisation, so that of two
/// people who ask for the last free account one gets it. The first account needs no policy. An account that is admitted
/// for its email domain cannot log in before the address is verified.
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
        post_verification(core, tx, &row, &row.email).await?;
    }
    tx.emit(Event::NewUser { org_id: row.org_id, user_id: row.id });
    Ok(row)
}

/// Fails unless the organisation's policy admits the account.
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

/// Whether the account is admitted for its email domain, with an address that nothing has proven yet.
fn is_let_in_by_address(core: &Core, org: &db::orgs::Org, way: Way) -> bool {
    let by_domain = core.addresses.sign_up(org.sign_up.as_deref()) == SignUp::Domain;
    by_domain && way != Way::ByAdmin && !way.proves_address()
}

/// Whether an organisation accepts an address: if its policy is by domain, one of those domains.
pub(crate) fn belongs(core: &Core, org: &db::orgs::Org, email: &str) -> bool {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let by_domain = core.addresses.sign_up(org.sign_up.as_deref()) == SignUp::Domain;
    !by_domain || org.email_domains.iter().any(|known| known == domain)
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

/// The row of a bot's account. It cannot log in with a password, since it has no hash.
pub(crate) fn for_bot(org: OrgId, username: &str, display_name: String) -> Result<db::users::NewUser> {
    let name = rules::username(username)?;
    let email = address_of_bot(&name);
    let new = NewUser { username: name, email, first_name: display_name, ..NewUser::default() };
    checked(org, new)
}

/// The address of the bot called `name`, which receives no mail.
pub(crate) fn address_of_bot(name: &str) -> String {
    format!("{name}@localhost")
}

/// Characters of free-form properties and of notification settings at most.
pub(super) const MAX_PROPS: usize = 4000;

/// Characters of a time zone at most.
pub(super) const MAX_TIMEZONE: usize = 256;

/// The default notification settings of an account.
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

/// The default time zone of an account.
pub(super) const TIMEZONE: &[(&str, &str)] =
    &[("automaticTimezone", ""), ("manualTimezone", ""), ("useAutomaticTimezone", "true")];

/// Adds the defaults of the keys that `map` lacks.
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
