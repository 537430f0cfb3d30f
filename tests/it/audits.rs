//! The audit log: who did what, to what, from where, and how it ended.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::cluster::{psql, sql};
use crate::support::form::{Form, png};
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
    let replay = ann.get("/users/me/audits").await.is(200);
    assert!(replay.as_array().unwrap().contains(&entry), "{replay}");
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
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.makes_channel(&team, "plans").await;
    for _ in 0..2 {
        ann.post(&format!("/channels/{channel}/members"), json!({"user_id": bob.id})).await.is(201);
    }
    ann.put(&format!("/channels/{channel}/privacy"), json!({"privacy": "P"})).await.is(200);
    ann.delete(&format!("/channels/{channel}")).await.is(200);
    ann.delete(&format!("/channels/{channel}")).await.fails(400);
    let of_channel = asks(&server, &format!("subject_id={channel}")).await;
    assert!(text(&of_channel[2], "extra_info").contains(&bob.id), "{of_channel:?}");
    let expected = ["/members/add", "/privacy", "/archive"];
    assert_eq!(acts(of_channel), expected.map(|act| format!("/api/v4/channels{act}")));
}

#[tokio::test]
async fn pictures_of_others_and_of_teams_are_written() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = server.admin.makes_team("crew").await;
    let picture = || Form::default().file("image", "a.png", &png(20, 20));
    ann.sends(&format!("/users/{}/image", ann.id), picture()).await.is(200);
    for path in [format!("/users/{}/image", ann.id), format!("/teams/{team}/image")] {
        server.admin.sends(&path, picture()).await.is(200);
        server.admin.delete(&path).await.is(200);
    }
    for (action, subject) in [("/api/v4/users/image", &ann.id), ("/api/v4/teams/image", &team)] {
        let found = asks(&server, &format!("action={action}")).await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found.iter().all(|e| e["subject_id"] == **subject && e["user_id"] == server.admin.id),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn entries_are_never_changed_and_removed_by_age_alone() {
    let server = Server::start().await;
    for statement in ["update audits set action = ''", "delete from audits", "truncate audits"] {
        let tried = psql(&server.database).args(["-c", statement]).output().unwrap();
        let said = String::from_utf8_lossy(&tried.stderr).into_owned();
        assert!(said.contains("audits are only ever added to"), "{statement}: {said}");
    }
    // The administrator's account, and their login.
    assert_eq!(asks(&server, "").await.len(), 2);
    let ages = "begin; alter table audits disable trigger audits_keep;
        insert into audits (id, org_id, action, extra_info, ip_address, create_at)
        select gen_random_uuid(), org_id, 'old', '', '', now_ms() - 366::bigint * 86400000 from audits;
        alter table audits enable trigger audits_keep; commit";
    sql(&server.database, ages);
    assert_eq!(asks(&server, "").await.len(), 4);
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'audits'");
    let removed = || async { asks(&server, "action=old").await.is_empty() };
    eventually("what is old is removed", Duration::from_secs(8), removed).await;
    assert_eq!(asks(&server, "").await.len(), 2);
    let ended: Person = server.admin.logs_in_again().await;
    assert_eq!(asks(&server, "").await.len(), 3, "{}", ended.name);
}

/// What stands in the entries of an action: outcome, and what is said beside it; the newest first.
async fn told(server: &Server, action: &str) -> Vec<(String, String)> {
    let found = asks(server, &format!("action={action}")).await;
    // The filter is the beginning of an action.
    let its = found.iter().filter(|e| e["action"] == action);
    its.map(|e| (text(e, "outcome"), text(e, "extra_info"))).collect()
}

fn entries(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(outcome, extra)| ((*outcome).to_owned(), (*extra).to_owned())).collect()
}

#[tokio::test]
async fn accounts_are_written_by_what_they_were_made() {
    let server = Server::start().await;
    let team = server.admin.makes_team("house").await;
    let code = text(&server.admin.get(&format!("/teams/{team}")).await.is(200), "invite_id");
    let new =
        |name: &str| json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD});
    visitor(&server.base).post(&format!("/users?iid={code}"), new("ann")).await.is(201);
    server.admin.post("/users", new("bob")).await.is(201);
    let by_link = format!("by the link of team_id={team}");
    let all = [("success", "created"), ("success", by_link.as_str()), ("success", "by themselves")];
    assert_eq!(told(&server, "/api/v4/users").await[..3], entries(&all));
    let cid = server.sign_up("cid").await;
    cid.post(&format!("/teams/members/invite?invite_id={code}"), Value::Null).await.is(201);
    assert_eq!(told(&server, "/api/v4/teams/members/invite").await, entries(&[("success", &by_link)]));
}

#[tokio::test]
async fn guests_are_written_from_their_invitation_to_their_promotion() {
    let server = Server::start().await;
    let team = server.admin.makes_team("house").await;
    let channel = server.admin.makes_private_channel(&team, "visitors").await;
    let guests = format!("/teams/{team}/invite-guests/email");
    let asked = json!({"emails": ["gus@example.com"], "channels": [channel]});
    let ann = server.sign_up("ann").await;
    server.admin.brings_into_team(&team, &ann).await;
    ann.post(&guests, asked.clone()).await.fails(403);
    let refused = appears(&server, "outcome=refused").await;
    assert_eq!(text(&refused, "action"), "/api/v4/teams/{team_id}/invite-guests/email");
    server.admin.post(&guests, asked).await.is(200);
    assert_eq!(told(&server, "/api/v4/teams/invite-guests/email").await, entries(&[("success", "mailed=1")]));
    server.admin.delete("/teams/invites/email").await.is(200);
    assert_eq!(told(&server, "/api/v4/teams/invites/email").await, entries(&[("success", "withdrawn=1")]));
    for act in ["demote", "promote"] {
        server.admin.post(&format!("/users/{}/{act}", ann.id), json!({})).await.is(200);
        let entry = asks(&server, &format!("action=/api/v4/users/{act}")).await.remove(0);
        assert_eq!(gist(&entry), words([&server.admin.id, "user", &ann.id, "success"]));
    }
}

#[tokio::test]
async fn what_is_done_to_an_account_is_written_with_how_and_a_wrong_proof_as_a_failure() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let change = json!({"current_password": "my-Secret-Typo1", "new_password": "N3w-Sw0rdfish"});
    ann.put("/users/me/password", change).await.fails(400);
    let moved = json!({"email": "ann@elsewhere.example", "password": "my-Secret-Typo1"});
    ann.put("/users/me/patch", moved).await.fails(400);
    for action in ["/api/v4/users/password", "/api/v4/users/email"] {
        let failed = asks(&server, &format!("action={action}")).await;
        assert_eq!(failed.len(), 1, "{action}");
        assert_eq!(gist(&failed[0]), words([&ann.id, "user", &ann.id, "fail"]));
    }
    let patch = format!("/users/{}/patch", ann.id);
    ann.put(&patch, json!({"nickname": "Annie"})).await.is(200);
    assert!(told(&server, "/api/v4/users/patch").await.is_empty(), "one's own name is one's own");
    server.admin.put(&patch, json!({"nickname": "A."})).await.is(200);
    let entry = asks(&server, "action=/api/v4/users/patch").await.remove(0);
    assert_eq!(gist(&entry), words([&server.admin.id, "user", &ann.id, "success"]));
    for active in [false, true] {
        server.admin.put(&format!("/users/{}/active", ann.id), json!({"active": active})).await.is(200);
        if !active {
            // Whoever knows the password, and is switched off.
            let login = json!({"login_id": "ann", "password": PASSWORD});
            visitor(&server.base).post("/users/login", login).await.fails(401);
            let failed = appears(&server, "action=/api/v4/users/login&outcome=fail").await;
            assert_eq!(text(&failed, "subject_id"), ann.id);
        }
    }
    let switched = [("success", "activated"), ("success", "deactivated")];
    assert_eq!(told(&server, "/api/v4/users/active").await, entries(&switched));
    let all = serde_json::to_string(&asks(&server, "").await).unwrap();
    assert!(!all.contains("my-Secret") && !all.contains(PASSWORD), "{all}");
}
