//! Single sign-on of people who bring an invitation: what was mailed to them, or the link of a team.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Arrived, Browser, SITE, empty, is_refused, person, signs_in, with};
use crate::invitations;
use crate::support::cluster::sql;
use crate::support::provider::Provider;
use crate::support::{PASSWORD, Person, SETUP_SECRET, Server, each, text, visitor};

const DEAD: &str = "does not appear to be valid";

/// Who somebody is at the provider.
fn who(name: &str) -> Value {
    json!({"sub": name, "email": format!("{name}@example.com"), "email_verified": true, "preferred_username": name})
}

/// Signs somebody in who brings an invitation, as `t=…` or `iid=…`. Nothing on the way shows it.
async fn comes_by(server: &Server, provider: &Provider, brought: &str, who: Value) -> Arrived {
    let mut browser = Browser::of(server);
    let url = browser.sets_out(&format!("/oauth/openid/login?{brought}")).await;
    let (_, secret) = brought.split_once('=').unwrap();
    assert!(!url.contains(secret) && !browser.kept.contains(secret), "{url} {}", browser.kept);
    let (state, code) = provider.lets_in(&url, who);
    browser.comes_back(&state, &code).await
}

/// A house into which nobody comes but by an invitation, and a team in it: the team, and its private channel.
async fn house(server: &Server) -> (String, String) {
    sql(&server.database, "update orgs set sign_up = 'invitation'");
    let team = server.admin.makes_team("house").await;
    let channel = server.admin.makes_private_channel(&team, "visitors").await;
    (team, channel)
}

/// Invites somebody by mail; what they bring.
async fn invites(server: &Server, path: &str, name: &str, body: Value) -> String {
    server.admin.post(path, body).await.is(200);
    format!("t={}", invitations::token(server, &format!("{name}@example.com")).await)
}

async fn channels(person: &Person, team: &str) -> Vec<String> {
    let mut names = each(&person.get(&format!("/users/me/teams/{team}/channels")).await.is(200), "name");
    names.sort();
    names
}

fn accounts(server: &Server) -> String {
    sql(&server.database, "select count(*) from users")
}

/// How many accounts the audit log says were made by an invitation of the administrator.
fn noted(server: &Server, name: &str) -> String {
    let entries = format!(
        "select count(*) from audits a join users u on u.id = a.user_id where u.username = '{name}'
         and a.action = '/api/v4/users' and a.outcome = 'success' and a.extra_info like '%invited_by={}%'",
        server.admin.id,
    );
    sql(&server.database, &entries)
}

#[tokio::test]
async fn whoever_was_invited_by_mail_makes_an_account_once_and_with_their_own_address() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let (team, _) = house(&server).await;
    let path = format!("/teams/{team}/invite/email");
    let token = invites(&server, &path, "cid", json!(["cid@example.com"])).await;
    is_refused(&signs_in(&server, &provider, who("cid")).await, 403, "An invitation is needed");
    let another = comes_by(&server, &provider, &token, who("mallory")).await;
    is_refused(&another, 400, "mailed to another address");
    let mut unproven = who("cid");
    unproven["email_verified"] = json!(false);
    is_refused(&comes_by(&server, &provider, &token, unproven).await, 403, "does not confirm an address");
    is_refused(&comes_by(&server, &provider, "t=unheardof", who("cid")).await, 400, DEAD);
    assert_eq!(accounts(&server), "1");
    let failed = "select count(*) from audits where action = '/signup/openid/complete' and outcome = 'fail'";
    assert_eq!(sql(&server.database, failed), "4");
    let arrived = comes_by(&server, &provider, &token, who("cid")).await;
    assert_eq!(arrived.to, format!("{SITE}/"));
    let cid = person(&server, &arrived);
    let me = cid.get("/users/me").await.is(200);
    assert_eq!((text(&me, "username"), text(&me, "auth_service")), ("cid".into(), "openid".into()));
    assert_eq!((text(&me, "roles"), &me["email_verified"]), ("system_user".into(), &json!(true)));
    assert_eq!(channels(&cid, &team).await, ["off-topic", "town-square"]);
    assert_eq!(noted(&server, "cid"), "1");
    is_refused(&comes_by(&server, &provider, &token, who("cid2")).await, 400, DEAD);
    assert!(!server.said().contains(&token), "an invitation is in the log");
}

#[tokio::test]
async fn a_guest_gets_an_account_for_the_channels_that_they_were_invited_into() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let (team, visitors) = house(&server).await;
    let path = format!("/teams/{team}/invite-guests/email");
    let body = json!({"emails": ["gus@example.com"], "channels": [visitors]});
    let token = invites(&server, &path, "gus", body).await;
    let gus = person(&server, &comes_by(&server, &provider, &token, who("gus")).await);
    assert_eq!(text(&gus.get("/users/me").await.is(200), "roles"), "system_guest");
    assert_eq!(channels(&gus, &team).await, ["visitors"]);
    gus.get(&format!("/teams/{team}/channels")).await.fails(403);
    assert_eq!(noted(&server, "gus"), "1");
    // The next time they are the same guest.
    let again = person(&server, &signs_in(&server, &provider, who("gus")).await);
    assert_eq!(channels(&again, &team).await, ["visitors"]);
}

#[tokio::test]
async fn an_invitation_is_judged_when_they_come_back() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let (team, visitors) = house(&server).await;
    let path = format!("/teams/{team}/invite/email");
    let withdrawn = invites(&server, &path, "ann", json!(["ann@example.com"])).await;
    let mut browser = Browser::of(&server);
    let url = browser.sets_out(&format!("/oauth/openid/login?{withdrawn}")).await;
    let (state, code) = provider.lets_in(&url, who("ann"));
    server.admin.delete("/teams/invites/email").await.is(200);
    is_refused(&browser.comes_back(&state, &code).await, 400, DEAD);
    let guests = format!("/teams/{team}/invite-guests/email");
    let body = json!({"emails": ["gus@example.com"], "channels": [visitors]});
    let nowhere = invites(&server, &guests, "gus", body).await;
    server.admin.delete(&format!("/channels/{visitors}")).await.is(200);
    is_refused(&comes_by(&server, &provider, &nowhere, who("gus")).await, 400, DEAD);
    let late = invites(&server, &path, "bob", json!(["bob@example.com"])).await;
    sql(&server.database, "update team_invitations set expires_at = now_ms()");
    is_refused(&comes_by(&server, &provider, &late, who("bob")).await, 400, DEAD);
    let closed = invites(&server, &path, "cid", json!(["cid@example.com"])).await;
    sql(&server.database, "update orgs set sign_up = 'closed'");
    is_refused(&comes_by(&server, &provider, &closed, who("cid")).await, 403, "none can be made by yourself");
    assert_eq!(accounts(&server), "1");
}

#[tokio::test]
async fn of_many_who_come_back_by_the_same_invitation_at_once_one_gets_in() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let (team, _) = house(&server).await;
    let path = format!("/teams/{team}/invite/email");
    let token = invites(&server, &path, "cid", json!(["cid@example.com"])).await;
    let tries = (0..4).map(|n| {
        let mut cid = who("cid");
        cid["sub"] = json!(format!("cid-{n}"));
        comes_by(&server, &provider, &token, cid)
    });
    let arrived = join_all(tries).await;
    assert_eq!(arrived.iter().filter(|a| a.status == 302).count(), 1, "{arrived:?}");
    assert_eq!(server.admin.get(&format!("/teams/{team}/stats")).await.is(200)["total_member_count"], 2);
    assert_eq!(noted(&server, "cid"), "1");
}

#[tokio::test]
async fn the_link_of_a_team_shows_the_way_too() {
    let provider = Provider::start();
    let mut server = empty(&provider, &[("AUTH__REQUIRE_VERIFIED_EMAIL", "true")]).await;
    // Strangers know this server, so the first account takes the setup secret, which no provider brings along.
    is_refused(&signs_in(&server, &provider, who("eve")).await, 403, "setup secret");
    let first = json!({"username": "root", "email": "root@example.com", "password": PASSWORD, "setup_secret": SETUP_SECRET});
    visitor(&server.base).post("/users", first).await.is(201);
    sql(&server.database, "update users set email_verified = true; delete from tasks where kind = 'mail'");
    server.admin = visitor(&server.base).log_in("root").await;
    let (team, _) = house(&server).await;
    let code = text(&server.admin.get(&format!("/teams/{team}")).await.is(200), "invite_id");
    is_refused(&comes_by(&server, &provider, "iid=unheardof", who("ann")).await, 404, "Unable to find");
    for name in ["ann", "bob"] {
        let arrived = comes_by(&server, &provider, &format!("iid={code}"), who(name)).await;
        assert_eq!(channels(&person(&server, &arrived), &team).await, ["off-topic", "town-square"]);
    }
    // The provider has proven their address: nobody asks for that again.
    assert_eq!(sql(&server.database, "select count(*) from tasks where kind = 'mail'"), "0");
    for bad in ["t=a%2Fb", "iid=a%26b"] {
        let url = format!("{}/oauth/openid/login?{bad}", server.base);
        assert_eq!(Browser::of(&server).http.get(url).send().await.unwrap().status(), 400, "{bad}");
    }
}

#[tokio::test]
async fn whoever_has_an_account_is_led_to_the_page_of_their_invitation() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let ann = person(&server, &signs_in(&server, &provider, who("ann")).await);
    let (team, _) = house(&server).await;
    let path = format!("/teams/{team}/invite/email");
    let token = invites(&server, &path, "ann", json!(["ann@example.com"])).await;
    let arrived = comes_by(&server, &provider, &token, who("ann")).await;
    assert_eq!(arrived.to, format!("{SITE}/signup_user_complete?{token}"));
    let join = format!("/teams/members/invite?token={}", &token[2..]);
    person(&server, &arrived).post(&join, Value::Null).await.is(201);
    assert_eq!(channels(&ann, &team).await, ["off-topic", "town-square"]);
}
