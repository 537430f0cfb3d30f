//! Personal access tokens: who may have them, what they open, and how they end.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::roles::changes;
use crate::support::cluster::sql;
use crate::support::{Answer, NOBODY, Person, Server, eventually, id, number, text, visitor};

const EXPIRED: &str = "api.context.session_expired.app_error";
const FORBIDDEN: &str = "api.context.permissions.app_error";

/// Somebody who may make tokens.
async fn trusted(server: &Server, name: &str) -> Person {
    let person = server.sign_up(name).await;
    let roles = json!({"roles": "system_user system_user_access_token"});
    server.admin.put(&format!("/users/{}/roles", person.id), roles).await.is(200);
    person
}

/// A new token, and the person as the program that uses it.
async fn makes_token(who: &Person, body: Value) -> (Value, Person) {
    let token = who.post("/users/me/tokens", body).await.is(200);
    let program = who.with_token(&text(&token, "token"));
    (token, program)
}

async fn with_token(server: &Server, name: &str) -> (Person, Value, Person) {
    let person = trusted(server, name).await;
    let (token, program) = makes_token(&person, json!({"description": "for the build"})).await;
    (person, token, program)
}

fn named(token: &Value) -> Value {
    json!({"token_id": token["id"]})
}

#[tokio::test]
async fn a_token_is_shown_once_and_opens_what_its_account_may() {
    let server = Server::start().await;
    let (ann, token, program) = with_token(&server, "ann").await;
    assert_eq!(text(&token, "token").len(), 26);
    assert_ne!(text(&token, "token"), id(&token));
    let shown = json!({"id": token["id"], "user_id": ann.id, "description": "for the build",
        "is_active": true, "expires_at": 0});
    assert_eq!(ann.get("/users/me/tokens").await.is(200), json!([shown]));
    assert_eq!(ann.get(&format!("/users/tokens/{}", id(&token))).await.is(200), shown);
    assert_eq!(text(&program.get("/users/me").await.is(200), "id"), ann.id);
    program.get("/audits").await.refused(403, FORBIDDEN);
    let kept = sql(&server.database, "select encode(hash, 'escape') || description from access_tokens");
    assert!(!kept.contains(&text(&token, "token")) && kept.contains("for the build"), "{kept}");
    let guess = ann.with_token(&id(&token));
    guess.get("/users/me").await.refused(401, EXPIRED);
}

#[tokio::test]
async fn a_token_opens_sockets_by_header_and_by_challenge_in_one_session() {
    let server = Server::start().await;
    let (ann, token, program) = with_token(&server, "ann").await;
    let mut socket = program.listens().await;
    assert_eq!(socket.request("ping", json!({})).await["data"]["text"], "pong");
    let request = crate::support::socket::handshake(&server.base, &[]);
    let mut other = crate::support::Socket::connect(request).await;
    assert_eq!(other.challenge(&program.token).await["status"], "OK");
    program.get("/users/me").await.is(200);
    let sessions = ann.get("/users/me/sessions").await.is(200);
    let of_token: Vec<_> =
        sessions.as_array().unwrap().iter().filter(|s| s["props"]["type"] == "UserAccessToken").collect();
    assert_eq!(of_token.len(), 1, "{sessions}");
    assert_eq!(of_token[0]["props"]["user_access_token_id"], token["id"]);
}

#[tokio::test]
async fn many_first_requests_at_once_share_one_session() {
    let server = Server::start().await;
    let second = server.second_node();
    let (_, _, program) = with_token(&server, "ann").await;
    let there = program.at(&second);
    let asked = (0..20).map(|i| if i % 2 == 0 { program.get("/users/me") } else { there.get("/users/me") });
    for answer in futures_util::future::join_all(asked).await {
        answer.is(200);
    }
    let count = sql(&server.database, "select count(*) from sessions where token_id is not null");
    assert_eq!(count, "1");
}

#[tokio::test]
async fn whoever_may_not_have_tokens_gets_none() {
    let server = Server::start().await;
    let (ann, token, _) = with_token(&server, "ann").await;
    let bob = server.sign_up("bob").await;
    let new = json!({"description": "mine"});
    bob.post("/users/me/tokens", new.clone()).await.refused(403, FORBIDDEN);
    bob.get("/users/me/tokens").await.refused(403, FORBIDDEN);
    for who in [&bob, &trusted(&server, "cid").await] {
        who.post(&format!("/users/{}/tokens", ann.id), new.clone()).await.refused(403, FORBIDDEN);
        who.get(&format!("/users/{}/tokens", ann.id)).await.refused(403, FORBIDDEN);
        who.get(&format!("/users/tokens/{}", id(&token))).await.refused(403, FORBIDDEN);
        for act in ["revoke", "disable", "enable", "rotate"] {
            who.post(&format!("/users/tokens/{act}"), named(&token)).await.refused(403, FORBIDDEN);
            who.post(&format!("/users/tokens/{act}"), json!({"token_id": NOBODY}))
                .await
                .refused(403, FORBIDDEN);
        }
        who.get("/users/tokens").await.refused(403, FORBIDDEN);
        who.post("/users/tokens/search", json!({"term": "ann"})).await.refused(403, FORBIDDEN);
    }
    visitor(&server.base).post("/users/me/tokens", new).await.refused(401, EXPIRED);
    assert_eq!(sql(&server.database, "select count(*) from access_tokens where active"), "1");
}

#[tokio::test]
async fn an_administrator_sees_and_makes_everybodys() {
    let server = Server::start().await;
    let (ann, token, _) = with_token(&server, "ann").await;
    let bob = server.sign_up("bob").await;
    let made =
        server.admin.post(&format!("/users/{}/tokens", bob.id), json!({"description": "x"})).await.is(200);
    let all = server.admin.get("/users/tokens").await.is(200);
    assert_eq!(crate::support::each(&all, "id"), [id(&made), id(&token)]);
    assert!(all[0].get("token").is_none());
    for term in [id(&token), ann.id.clone(), "an".into(), "ANN".into()] {
        let found = server.admin.post("/users/tokens/search", json!({"term": term})).await.is(200);
        assert_eq!(crate::support::each(&found, "id"), [id(&token)], "{term}");
    }
    let none = server.admin.post("/users/tokens/search", json!({"term": "%"})).await.is(200);
    assert_eq!(none, json!([]));
    let missing = server.admin.get(&format!("/users/tokens/{NOBODY}")).await;
    missing.refused(404, "app.user_access_token.get_by_user.app_error");
    server.admin.get("/users/tokens?per_page=1&page=1").await.is(200);
}

#[tokio::test]
async fn a_token_that_is_switched_off_opens_nothing_at_once_until_it_is_on_again() {
    let server = Server::start().await;
    let (ann, token, program) = with_token(&server, "ann").await;
    for _ in 0..2 {
        let mut socket = program.listens().await;
        ann.post("/users/tokens/disable", named(&token)).await.is(200);
        program.get("/users/me").await.refused(401, EXPIRED);
        assert_eq!(socket.closes().await.1, "session ended");
        assert_eq!(ann.get("/users/me/tokens").await.is(200)[0]["is_active"], false);
        program.get("/users/me").await.refused(401, EXPIRED);
        ann.post("/users/tokens/enable", named(&token)).await.is(200);
        program.get("/users/me").await.is(200);
    }
    let mut socket = program.listens().await;
    ann.post("/users/tokens/revoke", named(&token)).await.is(200);
    program.get("/users/me").await.refused(401, EXPIRED);
    assert_eq!(socket.closes().await.1, "session ended");
    assert_eq!(ann.get("/users/me/tokens").await.is(200), json!([]));
    ann.post("/users/tokens/enable", named(&token)).await.refused(403, FORBIDDEN);
}

#[tokio::test]
async fn a_token_that_is_revoked_on_one_node_is_soon_refused_on_the_other() {
    let server = Server::start().await;
    let second = server.second_node();
    let (ann, token, program) = with_token(&server, "ann").await;
    let there = program.at(&second);
    let mut socket = there.listens().await;
    there.get("/users/me").await.is(200);
    ann.post("/users/tokens/revoke", named(&token)).await.is(200);
    let refused = || async { there.get("/users/me").await.status == 401 };
    eventually("refused on the other node", Duration::from_millis(1500), refused).await;
    assert_eq!(socket.closes().await.1, "session ended");
}

#[tokio::test]
async fn a_rotated_token_has_another_secret_and_the_old_one_is_worth_nothing() {
    let server = Server::start().await;
    let (ann, token, program) = with_token(&server, "ann").await;
    let mut socket = program.listens().await;
    let rotated = ann.post("/users/tokens/rotate", named(&token)).await.is(200);
    assert_eq!(id(&rotated), id(&token));
    program.get("/users/me").await.refused(401, EXPIRED);
    assert_eq!(socket.closes().await.1, "session ended");
    let renewed = ann.with_token(&text(&rotated, "token"));
    renewed.get("/users/me").await.is(200);
}

#[tokio::test]
async fn a_token_ends_by_its_time_and_so_does_what_it_opened() {
    let server = Server::start().await;
    let ann = trusted(&server, "ann").await;
    let now: i64 = sql(&server.database, "select now_ms()").parse().unwrap();
    let past = json!({"description": "x", "expires_at": now - 1000});
    ann.post("/users/me/tokens", past).await.refused(400, "api.context.invalid_body_param.app_error");
    let (token, program) = makes_token(&ann, json!({"description": "x", "expires_at": now + 3000})).await;
    assert_eq!(number(&token, "expires_at"), now + 3000);
    let mut socket = program.listens().await;
    program.get("/users/me").await.is(200);
    assert_eq!(socket.closes().await.1, "session ended");
    program.get("/users/me").await.refused(401, EXPIRED);
}

#[tokio::test]
async fn ending_sessions_does_not_end_the_token_and_switching_the_account_off_does() {
    let server = Server::start().await;
    let (ann, _, program) = with_token(&server, "ann").await;
    program.get("/users/me").await.is(200);
    ann.post("/users/me/sessions/revoke/all", Value::Null).await.is(200);
    ann.get("/users/me").await.refused(401, EXPIRED);
    program.get("/users/me").await.is(200);
    let path = format!("/users/{}/active", ann.id);
    let active = |on: bool| server.admin.put(&path, json!({"active": on}));
    active(false).await.is(200);
    program.get("/users/me").await.refused(401, EXPIRED);
    active(true).await.is(200);
    let back = || async { program.get("/users/me").await.status == 200 };
    eventually("the token works again", Duration::from_secs(3), back).await;
}

#[tokio::test]
async fn the_life_of_peoples_tokens_can_be_bounded() {
    let server = Server::with(&[("AUTH__ACCESS_TOKEN_DAYS", "7")]).await;
    let ann = trusted(&server, "ann").await;
    let now: i64 = sql(&server.database, "select now_ms()").parse().unwrap();
    let days =
        |n: i64| json!({"description": "x", "expires_at": if n == 0 { 0 } else { now + n * 86_400_000 }});
    for too_long in [0, 8] {
        let answer = ann.post("/users/me/tokens", days(too_long)).await;
        answer.refused(400, "app.user_access_token.expires_at.too_late.app_error");
    }
    let (kept, _) = makes_token(&ann, days(6)).await;
    let (long, program) = makes_token(&ann, days(6)).await;
    program.get("/users/me").await.is(200);
    sql(&server.database, &format!("update access_tokens set expires_at = 0 where id <> '{}'", uuid(&kept)));
    let count = "/users/tokens/non_compliant/count";
    ann.get(count).await.refused(403, FORBIDDEN);
    assert_eq!(server.admin.get(count).await.is(200), json!({"count": 1}));
    let revoke = "/users/tokens/non_compliant/revoke";
    assert_eq!(server.admin.post(revoke, Value::Null).await.is(200), json!({"count": 1}));
    program.get("/users/me").await.refused(401, EXPIRED);
    assert_eq!(crate::support::each(&ann.get("/users/me/tokens").await.is(200), "id"), [id(&kept)]);
    ann.post("/users/tokens/enable", named(&long)).await.refused(403, FORBIDDEN);
}

/// The identifier as the database has it.
fn uuid(thing: &Value) -> String {
    rustchat::wire::id::decode(&id(thing)).unwrap().to_string()
}

#[tokio::test]
async fn bad_input_names_its_field_and_makes_nothing() {
    let server = Server::start().await;
    let ann = trusted(&server, "ann").await;
    let invalid = "api.context.invalid_body_param.app_error";
    for body in [
        json!({}),
        json!({"description": " "}),
        json!({"description": 3}),
        json!({"description": "x", "expires_at": "soon"}),
    ] {
        ann.post("/users/me/tokens", body).await.refused(400, invalid);
    }
    let long = json!({"description": "x".repeat(256)});
    ann.post("/users/me/tokens", long)
        .await
        .refused(400, "model.user_access_token.is_valid.description.app_error");
    for act in ["revoke", "disable", "enable", "rotate"] {
        ann.post(&format!("/users/tokens/{act}"), json!({})).await.refused(400, invalid);
    }
    assert_eq!(ann.get("/users/me/tokens").await.is(200), json!([]));
    let cookie = ann.request(Method::GET, "/users/me").header("cookie", "MMAUTHTOKEN=short");
    Answer::of(cookie).await.refused(401, EXPIRED);
}

#[tokio::test]
async fn every_act_on_a_token_is_written_down_without_its_secret() {
    let server = Server::start().await;
    let (ann, token, _) = with_token(&server, "ann").await;
    for act in ["disable", "enable", "rotate", "revoke"] {
        ann.post(&format!("/users/tokens/{act}"), named(&token)).await.is(200);
    }
    let log = server.admin.get(&format!("/audits?subject_id={}", id(&token))).await.is(200);
    let acts = crate::support::each(&log, "action");
    let path = |act: &str| format!("/api/v4/users/tokens{act}");
    assert_eq!(acts, [path("/revoke"), path("/rotate"), path("/enable"), path("/disable"), path("")]);
    assert!(log.as_array().unwrap().iter().all(|e| e["user_id"] == ann.id.as_str()), "{log}");
    assert!(!log.to_string().contains(&text(&token, "token")));
}

#[tokio::test]
async fn a_manager_sees_and_ends_the_tokens_of_those_who_are_no_more_than_they_are() {
    let server = Server::with(&[("AUTH__ACCESS_TOKEN_DAYS", "30")]).await;
    let now: i64 = sql(&server.database, "select now_ms()").parse().unwrap();
    let soon = json!({"description": "x", "expires_at": now + 86_400_000});
    let (admin, ann) = (server.admin.clone(), trusted(&server, "ann").await);
    let (bobs, admins) =
        (makes_token(&trusted(&server, "bob").await, soon.clone()).await, makes_token(&admin, soon).await);
    sql(&server.database, "update access_tokens set expires_at = 0");
    let list = |who: &Person| {
        let who = who.clone();
        async move { who.get("/users/tokens").await }
    };
    // Their own tokens are not others'.
    list(&ann).await.refused(403, FORBIDDEN);
    ann.post("/users/tokens/search", json!({"term": "b"})).await.refused(403, FORBIDDEN);
    ann.get("/users/tokens/non_compliant/count").await.refused(403, FORBIDDEN);
    ann.post("/users/tokens/non_compliant/revoke", json!({})).await.refused(403, FORBIDDEN);
    changes(&admin, "system_user_access_token", &["edit_other_users"], &[]).await;
    let seen = list(&ann).await.is(200);
    assert_eq!(seen.as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&bobs.0)]);
    assert_eq!(list(&admin).await.is(200).as_array().unwrap().len(), 2);
    let found = |term: &str| ann.post("/users/tokens/search", json!({"term": term}));
    assert_eq!(found("bob").await.is(200).as_array().unwrap().len(), 1);
    assert_eq!(found("admin").await.is(200), json!([]));
    assert_eq!(found(&id(&admins.0)).await.is(200), json!([]));
    assert_eq!(number(&ann.get("/users/tokens/non_compliant/count").await.is(200), "count"), 1);
    changes(&admin, "system_user_access_token", &[], &["revoke_user_access_token"]).await;
    ann.post("/users/tokens/non_compliant/revoke", json!({})).await.refused(403, FORBIDDEN);
    changes(&admin, "system_user_access_token", &["revoke_user_access_token"], &[]).await;
    let revoked = ann.post("/users/tokens/non_compliant/revoke", json!({})).await.is(200);
    assert_eq!(number(&revoked, "count"), 1);
    bobs.1.get("/users/me").await.refused(401, EXPIRED);
    admins.1.get("/users/me").await.is(200);
}
