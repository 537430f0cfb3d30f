//! Stories about invitations that are mailed: who may send them, and what they are good for.

use serde_json::{Value, json};

use crate::support::cluster::{Cluster, sql};
use crate::support::post::{Email, in_folder};
use crate::support::{DEADLINE, PASSWORD, Person, Server, each, eventually, id, text, visitor};

const DEAD: &str = "api.user.create_user.signup_link_invalid.app_error";
const FORBIDDEN: &str = "api.context.permissions.app_error";
const OTHER_ADDRESS: &str = "api.user.create_user.bad_token_email_data.app_error";
const OTHER_KIND: &str = "api.user.create_user.invalid_invitation_type.app_error";

/// The invitations that were mailed to somebody, when there are so many.
async fn emails(server: &Server, to: &str, many: usize) -> Vec<Email> {
    let theirs = |l: &Email| l.header("To") == to && l.header("Subject").contains("invites you");
    let found = || in_folder(&server.mail_folder()).into_iter().filter(theirs).collect::<Vec<_>>();
    eventually("the invitation arrives", DEADLINE, || async { found().len() == many }).await;
    found()
}

/// The token in the only invitation that was mailed to somebody.
pub(super) async fn token(server: &Server, to: &str) -> String {
    nth_token(server, to, 1).await
}

/// The token in the one that came after others.
async fn nth_token(server: &Server, to: &str, nth: usize) -> String {
    let email = emails(server, to, nth).await.pop().unwrap();
    let (_, rest) = email.text.split_once("&t=").unwrap_or_else(|| panic!("no link in {}", email.text));
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn new(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD})
}

/// A team of ann's, and the way to invite into it.
async fn house(server: &Server) -> (Person, String, String) {
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let path = format!("/teams/{team}/invite/email");
    (ann, team, path)
}

fn names(channels: &Value) -> Vec<String> {
    let mut names = each(channels, "name");
    names.sort();
    names
}

#[tokio::test]
async fn whoever_is_invited_signs_up_into_the_team_once_and_with_their_own_address() {
    let server = Server::empty(Cluster::shared(), &[("AUTH__REQUIRE_VERIFIED_EMAIL", "true")]).await;
    visitor(&server.base).post("/users", new("admin")).await.is(201);
    sql(&server.database, "update users set email_verified = true");
    sql(&server.database, "update orgs set sign_up = 'invitation'");
    let admin = &visitor(&server.base).log_in("admin").await;
    let team = admin.makes_team("house").await;
    let path = format!("/teams/{team}/invite/email");
    visitor(&server.base).post(&path, json!(["cid@example.com"])).await.fails(401);
    admin.post(&path, json!({"emails": ["Cid@Example.com"], "message": "Come in!"})).await.is(200);
    let email = emails(&server, "cid@example.com", 1).await.remove(0);
    assert!(email.header("Subject").ends_with("admin invites you to house"), "{}", email.text);
    assert!(email.text.contains("> Come in!") && email.text.contains("/signup_user_complete?d=%7B"));
    let token = token(&server, "cid@example.com").await;
    assert!(
        !sql(&server.database, "select t::text from team_invitations t").contains(&token),
        "only a digest"
    );
    let stranger = visitor(&server.base);
    assert_eq!(text(&stranger.get(&format!("/teams/invite/{token}")).await.is(200), "name"), "house");
    let by_token = format!("/users?t={token}");
    stranger.post("/users", new("cid")).await.fails(403);
    stranger.post(&by_token, new("mallory")).await.refused(400, OTHER_ADDRESS);
    let mut weak = new("cid");
    weak["password"] = json!("x");
    stranger.post(&by_token, weak).await.fails(400);
    let mut listener = admin.listens().await;
    let cid = stranger.post(&by_token, new("cid")).await.is(201);
    assert_eq!((&cid["email_verified"], text(&cid, "roles")), (&json!(true), "system_user".to_owned()));
    listener.expect_that("user_added", |e| e["data"]["user_id"] == cid["id"]).await;
    // They log in at once, because the mail proved the address; nobody asks them to confirm it.
    let cid = stranger.log_in("cid").await;
    let mine = cid.get(&format!("/users/me/teams/{team}/channels")).await.is(200);
    assert_eq!(names(&mine), ["off-topic", "town-square"]);
    let emails = in_folder(&server.mail_folder());
    let to_cid = emails.iter().filter(|l| l.header("To") == "cid@example.com").count();
    let waiting = sql(
        &server.database,
        "select count(*) from tasks where kind = 'mail' and payload ->> 'recipient' like 'cid%'",
    );
    assert_eq!((to_cid, waiting.as_str()), (1, "0"));
    stranger.get(&format!("/teams/invite/{token}")).await.refused(400, DEAD);
    stranger.post(&by_token, new("dan")).await.refused(400, DEAD);
    assert_eq!(sql(&server.database, "select count(*) from users where username in ('mallory', 'dan')"), "0");
    let audits = admin.get("/audits").await.is(200);
    assert!(each(&audits, "action").contains(&"/api/v4/teams/invite/email".to_owned()), "{audits}");
    assert!(each(&audits, "extra_info").iter().any(|e| e.contains(&format!("invited_by={}", admin.id))));
    assert!(!server.said().contains(&token), "a token is in the log");
}

#[tokio::test]
async fn of_many_who_come_by_the_same_invitation_at_once_one_gets_in() {
    let server = Server::start().await;
    let (ann, team, path) = house(&server).await;
    ann.post(&path, json!(["cid@example.com"])).await.is(200);
    let by_token = format!("/users?t={}", token(&server, "cid@example.com").await);
    let stranger = visitor(&server.base);
    let tries = (0..4).map(|n| {
        let mut new = new("cid");
        new["username"] = json!(format!("cid{n}"));
        stranger.post(&by_token, new)
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|a| a.status == 201 || a.status == 400 || a.status == 409), "{answers:?}");
    assert_eq!(ann.get(&format!("/teams/{team}/stats")).await.is(200)["total_member_count"], 2);
}

#[tokio::test]
async fn whoever_has_an_account_joins_by_it_once_and_into_the_channels_that_it_names() {
    let server = Server::start().await;
    let (ann, team, path) = house(&server).await;
    let [bob, cid] = server.sign_up_all(["bob", "cid"]).await;
    let secret = ann.makes_private_channel(&team, "secret").await;
    ann.post(&path, json!({"emails": ["bob@example.com"], "channelIds": [secret]})).await.is(200);
    let join = format!("/teams/members/invite?token={}", token(&server, "bob@example.com").await);
    cid.post(&join, Value::Null).await.refused(400, OTHER_ADDRESS);
    let mut listener = ann.listens().await;
    let member = bob.post(&join, Value::Null).await.is(201);
    assert_eq!((text(&member, "user_id"), text(&member, "team_id")), (bob.id.clone(), team.clone()));
    let joined = |e: &Value| {
        e["broadcast"]["channel_id"] == secret.as_str() && e["data"]["user_id"] == bob.id.as_str()
    };
    listener.expect_that("user_added", joined).await;
    let mine = bob.get(&format!("/users/me/teams/{team}/channels")).await.is(200);
    assert_eq!(names(&mine), ["off-topic", "secret", "town-square"]);
    assert_eq!(bob.get("/users/me").await.is(200)["email_verified"], true);
    bob.post(&join, Value::Null).await.refused(400, DEAD);
    // A member of the team comes into a channel by it, too.
    let other = ann.makes_private_channel(&team, "other").await;
    ann.post(&path, json!({"emails": ["bob@example.com"], "channelIds": [other]})).await.is(200);
    let join = format!("/teams/members/invite?token={}", nth_token(&server, "bob@example.com", 2).await);
    bob.post(&join, Value::Null).await.is(201);
    bob.posts(&other, "hello").await;
}

#[tokio::test]
async fn a_guest_comes_into_the_named_channels_and_nowhere_else() {
    let server = Server::start().await;
    let (ann, team, _) = house(&server).await;
    let admin = &server.admin;
    let path = format!("/teams/{team}/invite-guests/email");
    let lobby = ann.makes_channel(&team, "lobby").await;
    ann.makes_channel(&team, "kitchen").await;
    let asked = json!({"emails": ["gus@example.com"], "channels": [lobby]});
    ann.post(&path, asked.clone()).await.refused(403, FORBIDDEN);
    admin.post(&path, json!({"emails": ["gus@example.com"], "channels": []})).await.fails(400);
    admin.post(&format!("{path}?guest_magic_link=true"), asked.clone()).await.fails(501);
    let outcomes = admin.post(&format!("{path}?graceful=true"), asked).await.is(200);
    assert_eq!(outcomes, json!([{"email": "gus@example.com", "error": null}]));
    let gus_token = token(&server, "gus@example.com").await;
    let gus = visitor(&server.base).post(&format!("/users?t={gus_token}"), new("gus")).await.is(201);
    assert_eq!(text(&gus, "roles"), "system_guest");
    let gus = visitor(&server.base).log_in("gus").await;
    let mine = gus.get(&format!("/users/me/teams/{team}/channels")).await.is(200);
    assert_eq!(names(&mine), ["lobby"]);
    gus.posts(&lobby, "hello").await;
    let member = gus.get(&format!("/teams/{team}/members/{}", gus.id)).await.is(200);
    assert_eq!(member["scheme_guest"], true);
    // A guest's invitation makes no guest of a member, and a member's no member of a guest.
    let bob = server.sign_up("bob").await;
    admin.post(&path, json!({"emails": ["bob@example.com"], "channels": [lobby]})).await.is(200);
    let join = format!("/teams/members/invite?token={}", token(&server, "bob@example.com").await);
    bob.post(&join, Value::Null).await.refused(400, OTHER_KIND);
    let other = ann.makes_team("elsewhere").await;
    ann.post(&format!("/teams/{other}/invite/email"), json!(["gus@example.com"])).await.is(200);
    let join = format!("/teams/members/invite?token={}", nth_token(&server, "gus@example.com", 2).await);
    gus.post(&join, Value::Null).await.refused(400, OTHER_KIND);
    // A guest who is here comes into more.
    let room = ann.makes_private_channel(&other, "room").await;
    let more = json!({"emails": ["gus@example.com"], "channels": [room]});
    admin.post(&format!("/teams/{other}/invite-guests/email"), more).await.is(200);
    let join = format!("/teams/members/invite?token={}", nth_token(&server, "gus@example.com", 3).await);
    gus.post(&join, Value::Null).await.is(201);
    assert_eq!(names(&gus.get(&format!("/users/me/teams/{other}/channels")).await.is(200)), ["room"]);
}

#[tokio::test]
async fn an_invitation_is_good_for_no_more_than_its_sender_may_do() {
    let server = Server::start().await;
    let (ann, team, path) = house(&server).await;
    let [bob, cid] = server.sign_up_all(["bob", "cid"]).await;
    ann.brings_into_team(&team, &bob).await;
    let [hers, theirs] =
        [ann.makes_private_channel(&team, "hers").await, bob.makes_private_channel(&team, "theirs").await];
    bob.brings_into_channel(&theirs, &ann).await;
    cid.post(&path, json!(["dan@example.com"])).await.refused(403, FORBIDDEN);
    let into = |channel: &str| json!({"emails": ["dan@example.com"], "channelIds": [channel]});
    bob.post(&path, into(&hers)).await.refused(403, FORBIDDEN);
    let elsewhere = cid.makes_team("elsewhere").await;
    let far = cid.makes_channel(&elsewhere, "far").await;
    server.admin.post(&path, into(&far)).await.fails(400);
    bob.post(&path, into(&theirs)).await.is(200);
    bob.post(&path, json!(["eve@example.com"])).await.is(200);
    let (dans, eves) = (token(&server, "dan@example.com").await, token(&server, "eve@example.com").await);
    // Who was sent one into a channel that its sender has left since comes into the team alone.
    bob.delete(&format!("/channels/{theirs}/members/{}", bob.id)).await.is(200);
    let stranger = visitor(&server.base);
    stranger.post(&format!("/users?t={dans}"), new("dan")).await.is(201);
    let dan = stranger.log_in("dan").await;
    let mine = dan.get(&format!("/users/me/teams/{team}/channels")).await.is(200);
    assert_eq!(names(&mine), ["off-topic", "town-square"]);
    ann.delete(&format!("/teams/{team}/members/{}", bob.id)).await.is(200);
    stranger.post(&format!("/users?t={eves}"), new("eve")).await.refused(400, DEAD);
    ann.brings_into_team(&team, &bob).await;
    let off = format!("/users/{}/active", bob.id);
    server.admin.put(&off, json!({"active": false})).await.is(200);
    stranger.get(&format!("/teams/invite/{eves}")).await.refused(400, DEAD);
}

#[tokio::test]
async fn invitations_end_by_their_time_by_an_administrator_and_with_their_team() {
    let server = Server::start().await;
    let (ann, team, path) = house(&server).await;
    ann.post(&path, json!(["cid@example.com", "dan@example.com", "eve@example.com"])).await.is(200);
    let [cids, dans, eves] = [
        token(&server, "cid@example.com").await,
        token(&server, "dan@example.com").await,
        token(&server, "eve@example.com").await,
    ];
    let stranger = visitor(&server.base);
    sql(&server.database, "update team_invitations set expires_at = now_ms() where email like 'cid%'");
    stranger.get(&format!("/teams/invite/{cids}")).await.refused(400, DEAD);
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'invitations'");
    let gone = || async { sql(&server.database, "select count(*) from team_invitations") == "2" };
    eventually("it is removed", DEADLINE, gone).await;
    // No other organisation knows it.
    server.admin.post("/organizations", json!({"slug": "acme", "name": "Acme"})).await.is(201);
    let elsewhere = visitor(&format!("{}/o/acme", server.base));
    elsewhere.get(&format!("/teams/invite/{dans}")).await.refused(400, DEAD);
    elsewhere.post(&format!("/users?t={dans}"), new("dan")).await.refused(400, DEAD);
    ann.delete(&format!("/teams/{team}")).await.is(200);
    stranger.get(&format!("/teams/invite/{dans}")).await.refused(400, DEAD);
    ann.post(&path, json!(["late@example.com"])).await.fails(404);
    ann.post(&format!("/teams/{team}/restore"), Value::Null).await.is(200);
    stranger.get(&format!("/teams/invite/{dans}")).await.is(200);
    ann.delete("/teams/invites/email").await.refused(403, FORBIDDEN);
    server.admin.delete("/teams/invites/email").await.is(200);
    stranger.post(&format!("/users?t={dans}"), new("dan")).await.refused(400, DEAD);
    stranger.post(&format!("/users?t={eves}"), new("eve")).await.refused(400, DEAD);
}

#[tokio::test]
async fn an_invitation_opens_nothing_that_the_organisation_keeps_shut() {
    let server = Server::start().await;
    let (ann, team, path) = house(&server).await;
    let stranger = visitor(&server.base);
    ann.post(&path, json!(["cid@example.com", "dan@example.com"])).await.is(200);
    let [cids, dans] = [token(&server, "cid@example.com").await, token(&server, "dan@example.com").await];
    let patch = |patch: Value| server.admin.put("/organizations/current/patch", patch);
    patch(json!({"max_users": 2})).await.is(200);
    let full = stranger.post(&format!("/users?t={cids}"), new("cid")).await;
    full.refused(400, "api.user.create_user.user_limits.exceeded");
    patch(json!({"max_users": 0, "sign_up_policy": "closed"})).await.is(200);
    stranger.post(&format!("/users?t={cids}"), new("cid")).await.fails(501);
    patch(json!({"sign_up_policy": "domain", "email_domains": ["example.org"]})).await.is(200);
    stranger.post(&format!("/users?t={cids}"), new("cid")).await.fails(400);
    ann.post(&path, json!(["eve@example.com"])).await.fails(400);
    ann.post(&path, json!(["eve@example.org"])).await.is(200);
    patch(json!({"sign_up_policy": "open"})).await.is(200);
    let domains = json!({"allowed_domains": "example.net"});
    ann.put(&format!("/teams/{team}/patch"), domains).await.is(200);
    ann.post(&path, json!(["fay@example.com"])).await.fails(400);
    // What was mailed before does not lead in either, and makes no account.
    let refused = stranger.post(&format!("/users?t={cids}"), new("cid")).await;
    refused.refused(400, "api.team.join_user_to_team.allowed_domains.app_error");
    assert_eq!(sql(&server.database, "select count(*) from users where username = 'cid'"), "0");
    ann.put(&format!("/teams/{team}/patch"), json!({"allowed_domains": ""})).await.is(200);
    stranger.post(&format!("/users?t={cids}"), new("cid")).await.is(201);
    stranger.post(&format!("/users?t={dans}"), new("dan")).await.is(201);
}

#[tokio::test]
async fn bad_addresses_are_named_and_nobody_floods_the_world() {
    let server = Server::start().await;
    let (ann, _, path) = house(&server).await;
    let long = json!({"emails": ["x@example.com"], "message": "x".repeat(1001)});
    let twice = json!(["x@example.com", "X@example.com"]);
    for bad in [json!([]), json!({}), json!("x@example.com"), json!(vec!["x@example.com"; 21]), twice, long] {
        ann.post(&path, bad).await.refused(400, "api.context.invalid_body_param.app_error");
    }
    let mixed = json!(["ann@example.com", "nonsense", "cid@example.com"]);
    ann.post(&path, mixed.clone()).await.refused(400, "model.user.is_valid.email.app_error");
    assert_eq!(sql(&server.database, "select count(*) from team_invitations"), "0", "all or none");
    let outcomes = ann.post(&format!("{path}?graceful=true"), mixed).await.is(200);
    assert_eq!(each(&outcomes, "email"), ["ann@example.com", "nonsense", "cid@example.com"]);
    // An address with an account looks like one without.
    let errors: Vec<&Value> = outcomes.as_array().unwrap().iter().map(|o| &o["error"]).collect();
    assert_eq!((errors[0], errors[2]), (&Value::Null, &Value::Null));
    assert_eq!(errors[1]["id"], "model.user.is_valid.email.app_error");
    ann.post(&path, json!(["cid@example.com"])).await.is(200);
    ann.post(&path, json!(["cid@example.com"])).await.is(200);
    let answer = ann.post(&path, json!(["cid@example.com"])).await;
    answer.refused(429, "app.email.rate_limit_exceeded.app_error");
    let many: Vec<String> = (0..16).map(|n| format!("person{n}@example.com")).collect();
    ann.post(&path, json!(many)).await.is(200);
    let answer = ann.post(&path, json!(["late@example.com"])).await;
    assert_eq!(answer.header("retry-after"), "3600");
    answer.refused(429, "app.email.rate_limit_exceeded.app_error");
    // Withdrawing them gives no new ones.
    server.admin.delete("/teams/invites/email").await.is(200);
    ann.post(&path, json!(["late@example.com"])).await.fails(429);
    sql(&server.database, "update team_invitations set create_at = create_at - 3600000");
    ann.post(&path, json!(["late@example.com"])).await.is(200);
    assert_eq!(id(&ann.get("/users/me").await.is(200)), ann.id);
}
