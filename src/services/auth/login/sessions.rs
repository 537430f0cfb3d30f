//! The sessions of an account: listing and ending them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::accounts::{over, team_member};
use crate::services::auth::audits::{self, Client, Subject};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core};
use crate::services::platform::Tx;
use crate::wire::{Event, Object, Session, SessionId, TeamMember, UserId};

/// Characters of a phone's push identifier at most.
pub(super) const MAX_DEVICE: usize = 512;

/// Sessions that a list shows at most.
const LISTED: i64 = 200;

/// Lists the living sessions of `user`, last used first; for themselves and for administrators.
pub async fn list(core: &Core, caller: &Caller, user: UserId) -> Result<Vec<Session>> {
    let mut conn = core.read().await?;
    let account = over(&mut conn, caller, user, Permission::ManageSystem).await?;
    let account = account.into_row(&mut conn, caller).await?;
    let rows = db::sessions::of_user(&mut conn, user, core.sessions.idle(), LISTED).await?;
    let teams = i64::from(core.settings.limits.teams_per_user);
    let places = db::team_members::of_user(&mut conn, caller.org, user, teams).await?;
    let places: Vec<TeamMember> = places.into_iter().map(team_member).collect();
    let told = |row| Session { team_members: places.clone(), ..shape(row, &account.roles, caller.session) };
    Ok(rows.into_iter().map(told).collect())
}

/// Ends the caller's own session.
pub async fn logout(core: &Core, caller: &Caller, client: &Client) -> Result<()> {
    let mut tx = core.begin().await?;
    end(&mut tx, caller.id, caller.session).await?;
    audits::by_caller(&mut tx, caller, (caller.id, "/api/v4/users/logout"), "", client).await?;
    tx.commit().await?;
    core.sessions.revoke(&[caller.session]).await;
    Ok(())
}

/// Ends one session of `user`.
pub async fn revoke(
    core: &Core,
    caller: &Caller,
    user: UserId,
    session: SessionId,
    client: &Client,
) -> Result<()> {
    let mut tx = core.begin().await?;
    let over = over(&mut tx, caller, user, Permission::ManageSystem).await?;
    if !end(&mut tx, over.id(), session).await? {
        return Err(Error::invalid(
            "app.session.get.app_error",
            "We encountered an error finding the session.",
        ));
    }
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/sessions/revoke"), "", client).await?;
    tx.commit().await?;
    core.sessions.revoke(&[session]).await;
    Ok(())
}

/// Ends all sessions of `user`.
pub async fn revoke_all(core: &Core, caller: &Caller, user: UserId, client: &Client) -> Result<()> {
    let mut tx = core.begin().await?;
    let over = over(&mut tx, caller, user, Permission::ManageSystem).await?;
    let ended = end_all(&mut tx, over.id()).await?;
    audits::by_caller(&mut tx, caller, (user, "/api/v4/users/sessions/revoke/all"), "", client).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Stores the push identifier of the phone that holds the caller's session.
pub async fn set_device(core: &Core, caller: &Caller, device: &str) -> Result<()> {
    if device.is_empty() || device.chars().count() > MAX_DEVICE {
        return Err(Error::body("device_id"));
    }
    let mut tx = core.begin().await?;
    db::sessions::set_device(&mut tx, caller.id, caller.session, device).await?;
    tx.commit().await
}

/// Ends one session in the open transaction; false if there is no such session.
async fn end(tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
    let ended = db::sessions::delete(tx, user, session).await?;
    if ended {
        tx.emit(Event::SessionsEnded { user_id: user, session_id: Some(session) });
    }
    Ok(ended)
}

/// Ends all sessions in the open transaction. After the commit they must be revoked on the nodes.
pub(crate) async fn end_all(tx: &mut Tx, user: UserId) -> Result<Vec<SessionId>> {
    let ended = db::sessions::delete_all(tx, user, None).await?;
    tx.emit(Event::SessionsEnded { user_id: user, session_id: None });
    Ok(ended)
}

/// Ends all sessions but `spared` in the open transaction.
pub(crate) async fn end_others(tx: &mut Tx, user: UserId, spared: SessionId) -> Result<Vec<SessionId>> {
    let ended = db::sessions::delete_all(tx, user, Some(spared)).await?;
    for session in &ended {
        tx.emit(Event::SessionsEnded { user_id: user, session_id: Some(*session) });
    }
    Ok(ended)
}

/// Ends the sessions of everybody in the caller's organisation, the caller's too; those of operators only if the
/// caller is one.
pub async fn revoke_everybodys(core: &Core, caller: &Caller) -> Result<()> {
    caller.admin()?;
    let mut tx = core.begin().await?;
    let ended = db::sessions::delete_all_of(&mut tx, caller.org, caller.is_operator()).await?;
    let people: BTreeSet<UserId> = ended.iter().map(|(_, user)| *user).collect();
    for user_id in people {
        tx.emit(Event::SessionsEnded { user_id, session_id: None });
    }
    audits::note(&mut tx, caller, "/api/v4/users/sessions/revoke/all", Subject::none(), "everybody's")
        .await?;
    tx.commit().await?;
    let ended: Vec<SessionId> = ended.into_iter().map(|(session, _)| session).collect();
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Ends sessions that have expired or are idle, at most `limit`; returns how many.
pub async fn sweep(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let ended = db::sessions::sweep(tx, core.sessions.idle(), limit).await?;
    for (session, user_id) in &ended {
        tx.emit(Event::SessionsEnded { user_id: *user_id, session_id: Some(*session) });
    }
    Ok(i64::try_from(ended.len()).unwrap_or(limit))
}

/// Whether a client is on a phone, where sessions may have a lifetime of their own.
pub(super) fn is_mobile(user_agent: &str, device: &str) -> bool {
    !device.is_empty() || user_agent.contains("Mobile")
}

/// Describes a client and its address, so that the owner recognises it in a list.
pub(super) fn describe(client: &Client, is_mobile: bool) -> Value {
    let user_agent = client.user_agent.as_str();
    json!({
        "ip_address": client.address,
        "browser": browser(user_agent),
        "os": system(user_agent),
        "platform": platform(user_agent),
        "isMobile": is_mobile.to_string(),
        "isOAuthUser": "false",
        "isSaml": "false",
        "is_guest": "false",
    })
}

/// The browser's name and version; the first match wins, since later names occur in most user agents.
fn browser(user_agent: &str) -> String {
    let known = [
        ("Mattermost Mobile", "Mattermost Mobile"),
        ("Mattermost", "Desktop App"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Version", "Safari"),
    ];
    let found = known.iter().find_map(|(mark, name)| {
        let (_, rest) = user_agent.split_once(&format!("{mark}/"))?;
        let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').take(20).collect();
        Some(format!("{name}/{version}"))
    });
    found.unwrap_or_else(|| "Unknown/0.0".to_owned())
}

fn system(user_agent: &str) -> &'static str {
    let known = [
        ("Windows NT", "Windows"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Mac OS X", "Mac OS"),
        ("Android", "Android"),
        ("Linux", "Linux"),
    ];
    known.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("", |(_, name)| name)
}

fn platform(user_agent: &str) -> &'static str {
    let known = ["Windows", "iPhone", "iPad", "Macintosh", "Android", "Linux"];
    known.into_iter().find(|name| user_agent.contains(name)).unwrap_or("")
}

/// The session in the protocol's form, without secrets: the CSRF token of another session must not leak. The session
/// that asks is marked, so that people do not end it by mistake; the protocol's own clients do not know the mark.
fn shape(row: db::sessions::Session, roles: &str, asking: SessionId) -> Session {
    let mut props: Object = row.props.as_object().cloned().unwrap_or_default();
    props.insert("csrf".to_owned(), json!(""));
    if row.id == asking {
        props.insert("current".to_owned(), json!("true"));
    }
    Session {
        id: row.id,
        token: "",
        create_at: row.create_at,
        expires_at: row.expires_at,
        last_activity_at: row.last_activity_at,
        user_id: row.user_id,
        device_id: row.device_id,
        roles: roles.to_owned(),
        is_oauth: false,
        expired_notify: false,
        props,
        team_members: Vec::new(),
        local: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_names_take_time_in_proportion_to_their_length() {
        let read = |text: &str| drop((browser(text), system(text), platform(text)));
        crate::services::platform::texts::growth::assert_linear_for_all(read);
    }

    #[test]
    fn a_client_is_recognised_by_what_it_calls_itself() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
        let chrome =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.1 Safari/537.36";
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1";
        let of = |agent: &str| {
            let client =
                Client { address: "10.0.0.7".to_owned(), user_agent: agent.to_owned(), ..Client::default() };
            let seen = describe(&client, is_mobile(agent, ""));
            assert_eq!(seen["ip_address"], "10.0.0.7");
            ["browser", "os", "isMobile"]
                .map(|k| seen.get(k).and_then(Value::as_str).unwrap_or("?").to_owned())
        };
        assert_eq!(of(firefox), ["Firefox/128.0", "Linux", "false"]);
        assert_eq!(of(chrome), ["Chrome/120.1", "Windows", "false"]);
        assert_eq!(of(phone), ["Safari/17.0", "iOS", "true"]);
        assert_eq!(of("curl/8"), ["Unknown/0.0", "", "false"]);
    }
}
