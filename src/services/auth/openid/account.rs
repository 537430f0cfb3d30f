//! The account of an identity: the one that signed in with it before, the one with its verified address if the settings
//! allow that, or none yet. New accounts are made in `membership`, which handles invitations.

use crate::db::{self, users::User as Row};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Core;
use crate::services::auth::accounts::{self, rules, rules::OPENID};
use crate::services::auth::audits::{self, Client, Entry};
use crate::services::auth::credentials::Identity;
use crate::services::auth::login::{end_all, notice};
use crate::services::platform::Tx;
use crate::wire::{OrgId, SessionId, UserId};

const LINKED: &str = "/oauth/openid/link";

/// User names that are tried for a new account if the first ones are taken.
const NAMES: u32 = 20;

/// The person who came back from the provider.
#[derive(Debug)]
pub(crate) enum Who {
    /// A person with an account.
    Known(Box<Row>),
    /// A person without an account.
    New(Box<Newcomer>),
}

/// A person without an account, whose identity and address the provider has proven.
#[derive(Debug)]
pub(crate) struct Newcomer {
    /// The provider's identifier for them (`sub`).
    pub(crate) subject: String,
    /// Their address, which the provider has proven.
    pub(crate) email: String,
    /// Their given name; empty if the provider does not tell it.
    pub(crate) first_name: String,
    /// Their family name; empty if the provider does not tell it.
    pub(crate) last_name: String,
    username: String,
}

impl Newcomer {
    fn of(who: &Identity, email: String) -> Self {
        Self {
            subject: who.subject.clone(),
            username: name_of(who, &email),
            email,
            first_name: bounded(who.first_name.as_deref()),
            last_name: bounded(who.last_name.as_deref()),
        }
    }

    /// The user names to try in turn: the one from the provider, then with a number appended.
    pub(crate) fn usernames(&self) -> impl Iterator<Item = String> {
        (1..=NAMES).map(|attempt| match attempt {
            1 => self.username.clone(),
            more => format!("{}{more}", self.username),
        })
    }
}

/// Finds the account of an identity in `org`, and links it if its verified address allows that.
pub(super) async fn find(core: &Core, org: OrgId, who: &Identity, client: &Client) -> Result<Who> {
    let mut conn = core.read().await?;
    let known = db::users::by_auth_data(&mut conn, org, OPENID, &who.subject).await?;
    if let Some(row) = known {
        return Ok(Who::Known(Box::new(row)));
    }
    let email = who.email.as_deref().filter(|_| who.email_verified).ok_or_else(unproven)?;
    let email = rules::email(email)?;
    let same = db::users::by_email(&mut conn, org, &email).await?;
    drop(conn);
    match same {
        Some(row)
            if core.settings.openid.link_by_email && row.email_verified && row.auth_service.is_empty() =>
        {
            link(core, org, row.id, who, client).await.map(|row| Who::Known(Box::new(row)))
        }
        Some(_) => Err(taken()),
        None => Ok(Who::New(Box::new(Newcomer::of(who, email)))),
    }
}

/// Makes the account sign in with this identity from now on, and no longer with its password. Its sessions end: they
/// began with another proof.
pub(super) async fn link(
    core: &Core,
    org: OrgId,
    user: UserId,
    who: &Identity,
    client: &Client,
) -> Result<Row> {
    let mut tx = core.begin().await?;
    let linked = db::users::set_foreign(&mut tx, org, user, OPENID, &who.subject).await;
    let row = linked.map_err(|e| db::translate(e, LINKS))?.ok_or_else(taken)?;
    let ended = note(core, &mut tx, &row, client).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(row)
}

async fn note(core: &Core, tx: &mut Tx, row: &Row, client: &Client) -> Result<Vec<SessionId>> {
    let ended = end_all(tx, row.id).await?;
    db::mailed_tokens::delete_all(tx, row.id).await?;
    db::second_factors::delete(tx, row.id).await?;
    db::recovery_codes::delete_all(tx, row.id).await?;
    accounts::tell(tx, row).await?;
    let happened = "Your account now logs in with single sign-on, and no longer with a password.";
    notice(core, tx, row, "Your way of logging in was changed", happened).await?;
    let entry = Entry { user: row.id, session: None, action: LINKED, extra: "success", client };
    audits::write(tx, row.org_id, entry).await?;
    Ok(ended)
}

/// Derives a user name from the identity's.
fn name_of(who: &Identity, email: &str) -> String {
    let own = who.username.as_deref().unwrap_or_default();
    let local = |text: &str| text.split('@').next().unwrap_or_default().to_lowercase();
    let fit = |text: String| -> String {
        let kept: String = text
            .chars()
            .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(*c))
            .skip_while(|c| !c.is_ascii_lowercase())
            .take(60)
            .collect();
        if rules::username(&kept).is_ok() { kept } else { String::new() }
    };
    let names = [fit(local(own)), fit(local(email)), "user".to_owned()];
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

fn bounded(text: Option<&str>) -> String {
    text.unwrap_or_default().chars().filter(|c| !c.is_control()).take(64).collect()
}

/// The error for an identity that another account has.
const LINKS: &[db::Meaning<'_>] = &[("users_auth_data_key", taken)];

/// The error for an address whose account does not sign in with this identity.
pub(crate) fn taken() -> Error {
    refused(
        "api.user.create_oauth_user.already_attached.app_error",
        "There is an account with this address already, and it does not log in so. Log in with its password, or ask \
         your administrator.",
    )
}

/// The error where people cannot make accounts by themselves.
pub(crate) fn closed() -> Error {
    refused(
        "api.user.create_oauth_user.create.app_error",
        "You have no account here, and none can be made by yourself. Please ask your administrator.",
    )
}

fn unproven() -> Error {
    refused(
        "api.user.login_by_oauth.email.app_error",
        "Your provider does not confirm an address of yours, so no account can be found or made for you.",
    )
}

fn refused(id: &'static str, message: &'static str) -> Error {
    Error::new(Kind::Forbidden, id, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_what_the_provider_says() {
        let who = |name: &str| Identity { username: Some(name.to_owned()), ..Identity::default() };
        for (given, email, name) in [
            ("Ann.Lee", "x@example.org", "ann.lee"),
            ("ann@corp.example", "x@example.org", "ann"),
            ("42", "bob@example.org", "bob"),
            ("Zoë", "9@example.org", "zo"),
            ("all", "here@example.org", "user"),
        ] {
            assert_eq!(name_of(&who(given), email), name, "{given}");
        }
        assert_eq!(name_of(&who(&"x".repeat(200)), "x@example.org").len(), 60);
    }
}
