//! The audit log: who did what, to what, from where, and how it ended.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::cluster::{psql, sql};
use crate::support::{NOBODY, PASSWORD, Person, Server, eventually, text, visitor};

/// The entries that a filter shows to the administrator.
async fn asks(server: &Server, filter: &str) -> Vec<Value> {
    let found = server.admin.get(&format!("/audits?per_page=200&{filter}")).await.is(200);
    found.as_array().unwrap().clone()
}

/// Waits for an entry that is written behind an answer's back.
async fn appears(server: &Server, filter: &str) -> Value {
    let seen = || async { !asks(server, filter).await.is_empty() };
    eventually(filter, Duration::from_secs(5), seen).await;
    asks(server, filter).await.remove(0)
}

/// Actor, subject's kind, subject, outcome.
fn gist(entry: &Value) -> [String; 4] {
    ["user_id", "subject_kind", "subject_id", "outcome"].map(|key| text(entry, key))
}

fn words(list: [&str; 4]) -> [String; 4] {
    list.map(str::to_owned)
}

#[tokio::test]
async fn what_an_administrator_does_is_written_with_who_what_whom_and_from_where() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let admin = &server.admin;
    let roles = json!({"roles": "system_user system_admin"});
    let request = admin.request(reqwest::Method::PUT, &format!("/users/{}/roles", ann.id));
    let answer = crate::support::Answer::of(request.header("user-agent", "tester/1").json(&roles)).await;
    answer.is(200);
    let entry = asks(&server, "action=/api/v4/users/roles").await.remove(0);
    assert_eq!(gist(&entry), words([&admin.id, "user", &ann.id, "success"]));
    assert_eq!(
        (text(&entry, "ip_address"), text(&entry, "user_agent")),
        ("127.0.0.1".into(), "tester/1".into())
    );
    assert!(!text(&entry, "session_id").is_empty());
    let trail = ann.get("/users/me/audits").await.is(200);
    assert!(trail.as_array().unwrap().contains(&entry), "{trail}");
}

#[tokio::test]
async fn logins_are_written_however_they_end_and_without_what_was_typed() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let stranger = visitor(&server.base);
    let login = |name: &str| json!({"login_id": name, "password": "my-Secret-Typo1"});
    stranger.post("/users/login", login("ann")).await.fails(401);
    let known = appears(&server, "outcome=fail&subject_kind=user").await;
    // Who it was is not known: the protocol's readers are shown the account.
    assert_eq!(gist(&known), words([&ann.id, "user", &ann.id, "fail"]));
    assert!(asks(&server, &format!("outcome=fail&user_id={}", ann.id)).await.is_empty());
    stranger.post("/users/login", login("my-Secret-Name")).await.fails(401);
    let seen = || async { asks(&server, "outcome=fail").await.len() == 2 };
    eventually("the other failure", Duration::from_secs(5), seen).await;
    let all = asks(&server, "").await;
    let good = all.iter().find(|e| e["outcome"] == "success" && e["user_id"] == ann.id.as_str()).unwrap();
    assert_eq!(
        (text(good, "action"), text(good, "extra_info")),
        ("/api/v4/users/login".into(), "authenticated".into())
    );
    let written = serde_json::to_string(&all).unwrap().to_lowercase();
    assert!(!written.contains("my-secret") && !written.contains(&PASSWORD.to_lowercase()), "{written}");
}

#[tokio::test]
async fn what_was_forbidden_is_written_once_a_minute_and_by_whom() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let roles = json!({"roles": "system_user"});
    for _ in 0..5 {
        ann.put(&format!("/users/{}/roles", bob.id), roles.clone()).await.fails(403);
    }
    let entry = appears(&server, "outcome=refused").await;
    assert_eq!(gist(&entry), words([&ann.id, "user", &bob.id, "refused"]));
    assert_eq!(
        (text(&entry, "action"), text(&entry, "extra_info")),
        ("/api/v4/users/{user_id}/roles".into(), "PUT".into())
    );
    bob.put(&format!("/users/{}/roles", bob.id), roles).await.fails(403);
    let seen = || async { asks(&server, &format!("outcome=refused&user_id={}", bob.id)).await.len() == 1 };
    eventually("the other's", Duration::from_secs(5), seen).await;
    assert_eq!(asks(&server, &format!("outcome=refused&user_id={}", ann.id)).await.len(), 1);
}

#[tokio::test]
async fn the_log_is_for_administrators_in_pages_and_by_filters() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let all = asks(&server, "").await;
    let first = server.admin.get("/audits?per_page=2&page=0").await.is(200);
    let second = server.admin.get("/audits?per_page=2&page=1").await.is(200);
    assert_eq!([&first[0], &first[1], &second[0]], [&all[0], &all[1], &all[2]]);
    let middle = all[1]["create_at"].as_i64().unwrap();
    let before = asks(&server, &format!("until={middle}")).await;
    assert!(before.iter().all(|e| e["create_at"].as_i64().unwrap() < middle));
    let after = asks(&server, &format!("since={middle}")).await;
    assert_eq!(before.len() + after.len(), all.len());
    assert!(asks(&server, &format!("subject_id={NOBODY}")).await.is_empty());
    for bad in ["outcome=perhaps", "since=yesterday", "until=x", "subject_id=!", "user_id=short"] {
        server
            .admin
            .get(&format!("/audits?{bad}"))
            .await
            .refused(400, "api.context.invalid_url_param.app_error");
    }
    ann.get("/audits").await.refused(403, "api.context.permissions.app_error");
    visitor(&server.base).get("/audits").await.refused(401, "api.context.session_expired.app_error");
    ann.get(&format!("/users/{}/audits", bob.id)).await.fails(403);
}

#[tokio::test]
async fn what_is_done_to_teams_and_channels_is_written_and_what_is_tried_twice_once() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("crew").await;
    ann.brings_into_team(&team, &bob).await;
    let place = format!("/teams/{team}/members/{}", bob.id);
    ann.put(&format!("{place}/schemeRoles"), json!({"scheme_admin": true, "scheme_user": true}))
        .await
        .is(200);
    ann.put(&format!("/teams/{team}/patch"), json!({"display_name": "The crew"})).await.is(200);
    ann.delete(&place).await.is(200);
    for _ in 0..2 {
        ann.delete(&format!("/teams/{team}")).await.is(200);
    }
    server.admin.post(&format!("/teams/{team}/restore"), Value::Null).await.is(200);
    let acts = |list: Vec<Value>| list.iter().rev().map(|e| text(e, "action")).collect::<Vec<_>>();
    let of_team = asks(&server, &format!("subject_kind=team&subject_id={team}")).await;
    assert!(text(&of_team[4], "extra_info").contains(&bob.id), "{of_team:?}");
    let path = |act: &str| format!("/api/v4/teams{act}");
    let expected =
        ["", "/members/add", "/members/roles", "/patch", "/members/remove", "/archive", "/restore"];
    assert_eq!(acts(of_team), expected.map(path));
    let channel = ann.makes_channel(&team, "plans").await;
    ann.put(&format!("/channels/{channel}/privacy"), json!({"privacy": "P"})).await.is(200);
    ann.delete(&format!("/channels/{channel}")).await.is(200);
    ann.delete(&format!("/channels/{channel}")).await.fails(400);
    let of_channel = asks(&server, &format!("subject_id={channel}")).await;
    assert_eq!(acts(of_channel), ["/privacy", "/archive"].map(|act| format!("/api/v4/channels{act}")));
}

#[tokio::test]
async fn entries_are_never_changed_and_removed_by_age_alone() {
    let server = Server::start().await;
    for statement in ["update audits set action = ''", "delete from audits", "truncate audits"] {
        let tried = psql(&server.database).args(["-c", statement]).output().unwrap();
        let said = String::from_utf8_lossy(&tried.stderr).into_owned();
        assert!(said.contains("audits are only ever added to"), "{statement}: {said}");
    }
    assert_eq!(asks(&server, "").await.len(), 1);
    let ages = "begin; alter table audits disable trigger audits_keep;
        insert into audits (id, org_id, action, extra_info, ip_address, create_at)
        select gen_random_uuid(), org_id, 'old', '', '', now_ms() - 366::bigint * 86400000 from audits;
        alter table audits enable trigger audits_keep; commit";
    sql(&server.database, ages);
    assert_eq!(asks(&server, "").await.len(), 2);
    sql(&server.database, "update jobs set next_at = 0 where name = 'audits'");
    let removed = || async { asks(&server, "action=old").await.is_empty() };
    eventually("what is old is removed", Duration::from_secs(8), removed).await;
    assert_eq!(asks(&server, "").await.len(), 1);
    let ended: Person = server.admin.logs_in_again().await;
    assert_eq!(asks(&server, "").await.len(), 2, "{}", ended.name);
}
