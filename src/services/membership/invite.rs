//! Mailing invitations. Whether an address has an account makes no difference here, so that the response does not
//! reveal it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::enter::Failure;
use super::invitation::{may_invite, may_lead_into};
use crate::db;
use crate::db::orgs::Org;
use crate::db::team_invitations::{self, AtMost, NewInvitation};
use crate::error::{Error, Kind, Result};
use crate::services::auth::accounts::rules;
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Account, Caller};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::platform::keys::{Purpose, random_token};
use crate::services::platform::mail::{self, Sender};
use crate::services::teams::{self, TeamAccess};
use crate::services::users;
use crate::wire::{ChannelId, Millis, TeamId};

/// The time for which a mailed invitation works, in milliseconds.
const LASTS: Millis = 48 * 60 * 60 * 1000;

/// Invitations that an account may mail in an hour and name in one request, and that one address gets in an hour.
const AT_MOST: AtMost = AtMost { by_one: 20, to_one: 3 };

/// Channels of an invitation at most.
const MAX_CHANNELS: usize = 50;

/// Characters of the inviter's message at most.
const MAX_WORDS: usize = 1000;

/// A request to invite people to a team.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Invite {
    /// The addresses to invite.
    pub emails: Vec<String>,
    /// The channels besides the team's first ones; for guests, all their channels.
    #[serde(rename = "channelIds", alias = "channels")]
    pub channels: Vec<ChannelId>,
    /// A message for the invited people.
    pub message: String,
}

/// The kind of members that the invited people become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// Members of the team.
    Members,
    /// Guests in some channels.
    Guests,
}

/// The result for one of several addresses.
#[derive(Debug, Serialize)]
pub struct Invited {
    /// The address as the request has it.
    pub email: String,
    /// The reason why nothing was mailed to it.
    pub error: Option<Failure>,
}

/// Mails invitations to a team: all of them or none.
pub async fn invite(core: &Core, caller: &Caller, team: TeamId, asked: &Invite, kind: As) -> Result<()> {
    let mut tx = core.begin().await?;
    let round = Round::begin(core, &mut tx, caller, (team, kind), asked).await?;
    for email in &asked.emails {
        round.mail(core, &mut tx, email).await?;
    }
    round.end(tx, asked.emails.len()).await
}

/// Mails invitations to a team, as far as possible, and returns the result for each.
pub async fn invite_gracefully(
    core: &Core,
    caller: &Caller,
    team: TeamId,
    asked: &Invite,
    kind: As,
) -> Result<Vec<Invited>> {
    let mut tx = core.begin().await?;
    let round = Round::begin(core, &mut tx, caller, (team, kind), asked).await?;
    let mut outcomes = Vec::with_capacity(asked.emails.len());
    for email in &asked.emails {
        // An address that is refused does not abort the transaction of the others.
        let error = match round.mail(core, &mut tx, email).await {
            Err(error) if error.is_ours() => return Err(error),
            outcome => outcome.err().map(Failure::from),
        };
        outcomes.push(Invited { email: email.clone(), error });
    }
    round.end(tx, outcomes.iter().filter(|outcome| outcome.error.is_none()).count()).await?;
    Ok(outcomes)
}

/// The invitations of one request.
struct Round<'a> {
    caller: &'a Caller,
    access: TeamAccess,
    kind: As,
    asked: &'a Invite,
    org: Org,
    sender: Sender,
}

impl<'a> Round<'a> {
    /// Makes the checks that concern all of them.
    async fn begin(
        core: &Core,
        tx: &mut Tx,
        caller: &'a Caller,
        (team, kind): (TeamId, As),
        asked: &'a Invite,
    ) -> Result<Self> {
        let by = Account::from(caller);
        let access = may_invite(tx, &by, team, kind == As::Guests).await?;
        check(asked, kind)?;
        for channel in &asked.channels {
            may_lead_into(tx, &by, team, *channel).await?;
        }
        // Of two requests at the same time, one waits, so that both count.
        db::users::lock(tx, caller.org, caller.id).await?;
        let (org, _) = db::orgs::find(tx, caller.org).await?.ok_or_else(Error::forbidden)?;
        let sender = mail::sender(core, tx, caller.org).await?;
        Ok(Self { caller, access, kind, asked, org, sender })
    }

    /// Mails one of them.
    async fn mail(&self, core: &Core, tx: &mut Tx, email: &str) -> Result<()> {
        let email = rules::email(email)?;
        let team = self.access.team();
        if !teams::admits(&team.allowed_domains, &email) || !users::belongs(core, &self.org, &email) {
            return Err(Error::invalid(
                "api.team.invite_members.invalid_email.app_error",
                "Addresses of this domain are not accepted here.",
            ));
        }
        let token = random_token()?;
        let digest = core.keys.digest(Purpose::Invitation, &token);
        let new = NewInvitation {
            digest: &digest,
            team_id: team.id,
            email: &email,
            invited_by: self.caller.id,
            guest: self.kind == As::Guests,
            channel_ids: &self.asked.channels,
        };
        if !team_invitations::insert(tx, &new, LASTS, AT_MOST).await? {
            return Err(too_many());
        }
        let link = self.link(&email, &token)?;
        let by = self.caller.username();
        let letter = self.sender.invitation(by, &team.display_name, &link, &self.asked.message);
        mail::post(core, tx, self.caller.org, &email, &letter).await
    }

    /// The link that clients of the protocol read: the token, and the names that the page shows.
    fn link(&self, email: &str, token: &str) -> Result<String> {
        let team = self.access.team();
        let shown = serde_json::json!({"display_name": team.display_name, "email": email, "name": team.name});
        let query = serde_urlencoded::to_string([("d", shown.to_string().as_str()), ("t", token)]);
        let query = query.map_err(|e| Error::internal(format!("the link of an invitation: {e}")))?;
        Ok(format!("{}/signup_user_complete?{query}", self.sender.url))
    }

    /// Writes the audit entry and commits.
    async fn end(self, mut tx: Tx, mailed: usize) -> Result<()> {
        let action = match self.kind {
            As::Members => "/api/v4/teams/invite/email",
            As::Guests => "/api/v4/teams/invite-guests/email",
        };
        audits::note(&mut tx, self.caller, action, self.access.id(), &format!("mailed={mailed}")).await?;
        tx.commit().await
    }
}

/// Withdraws all unused mailed invitations of the caller's organisation.
pub async fn withdraw_invitations(core: &Core, caller: &Caller) -> Result<()> {
    caller.require(Permission::WriteAuthentication)?;
    let mut tx = core.begin().await?;
    let withdrawn = team_invitations::withdraw_all(&mut tx, caller.org).await?;
    let (action, extra) = ("/api/v4/teams/invites/email", format!("withdrawn={withdrawn}"));
    audits::note(&mut tx, caller, action, Subject::none(), &extra).await?;
    tx.commit().await
}

/// Removes expired invitations, at most `limit`; returns how many.
pub async fn sweep_invitations(tx: &mut Tx, limit: i64) -> Result<i64> {
    let swept = team_invitations::sweep(tx, limit).await?;
    Ok(i64::try_from(swept).unwrap_or(limit))
}

fn check(asked: &Invite, kind: As) -> Result<()> {
    let addresses: BTreeSet<String> = asked.emails.iter().map(|email| email.trim().to_lowercase()).collect();
    let many = i64::try_from(asked.emails.len()).unwrap_or(i64::MAX);
    if !(1..=AT_MOST.by_one).contains(&many) || addresses.len() != asked.emails.len() {
        return Err(Error::body("emails"));
    }
    let (channels, field) = match kind {
        As::Members => (0..=MAX_CHANNELS, "channelIds"),
        As::Guests => (1..=MAX_CHANNELS, "channels"),
    };
    if !channels.contains(&asked.channels.len()) {
        return Err(Error::body(field));
    }
    if asked.message.chars().count() > MAX_WORDS { Err(Error::body("message")) } else { Ok(()) }
}

fn too_many() -> Error {
    let AtMost { by_one, to_one } = AT_MOST;
    Error::new(
        Kind::TooMany { retry_after: 3600 },
        "app.email.rate_limit_exceeded.app_error",
        format!("At most {by_one} invitations can be mailed in an hour, and {to_one} to the same address."),
    )
}
