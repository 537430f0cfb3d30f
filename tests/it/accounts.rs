//! Accounts: who may make them, see them, change them and switch them off.

use serde_json::json;

use crate::support::cluster::Cluster;
use crate::support::{NOBODY, PASSWORD, Server, each, id, number, text, visitor};

#[tokio::test]
async fn the_first_account_is_the_administrator_and_the_next_is_not() {
    let server = Server::empty(Cluster::shared(), &[]).await;
    let (first, second) = (server.sign_up("first").await, server.sign_up("second").await);
    assert_eq!(text(&first.get("/users/me").await.is(200), "roles"), "system_admin system_user");
    assert_eq!(text(&second.get("/users/me").await.is(200), "roles"), "system_user");
}

#[tokio::test]
async fn many_first_accounts_at_once_make_one_administrator() {
    let server = Server::empty(Cluster::shared(), &[]).await;
    let people = server.sign_up_all(["ann", "bob", "cid", "dan", "eve"]).await;
    let mut admins = 0;
    for person in &people {
        let roles = text(&person.get("/users/me").await.is(200), "roles");
        admins += i32::from(roles.contains("system_admin"));
    }
    assert_eq!(admins, 1);
}

#[tokio::test]
async fn an_account_is_made_once() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let stranger = visitor(&server.base);
    let again = |name: &str, email: &str| json!({"username": name, "email": email, "password": PASSWORD});
    let taken = stranger.post("/users", again("ann", "other@example.com")).await;
    taken.refused(400, "app.user.save.username_exists.app_error");
    let taken = stranger.post("/users", again("ANN", "other@example.com")).await;
    taken.refused(400, "app.user.save.username_exists.app_error");
    let taken = stranger.post("/users", again("other", "Ann@Example.com")).await;
    taken.refused(400, "app.user.save.email_exists.app_error");
    assert_eq!(number(&ann.get("/users/stats").await.is(200), "total_users_count"), 2);
}

#[tokio::test]
async fn a_bad_sign_up_makes_nothing() {
    let server = Server::start().await;
    let stranger = visitor(&server.base);
    let good = json!({"username": "ann", "email": "ann@example.com", "password": PASSWORD});
    for (field, value, reason) in [
        ("email", json!("nonsense"), "model.user.is_valid.email.app_error"),
        ("email", json!(""), "model.user.is_valid.email.app_error"),
        ("username", json!("Bad Name!"), "model.user.is_valid.username.app_error"),
        ("username", json!("here"), "model.user.is_valid.username.app_error"),
        ("username", json!("x".repeat(100_000)), "model.user.is_valid.username.app_error"),
        ("nickname", json!("ü".repeat(65)), "model.user.is_valid.nickname.app_error"),
        ("first_name", json!("x".repeat(100_000)), "model.user.is_valid.first_name.app_error"),
        ("last_name", json!("x".repeat(65)), "model.user.is_valid.last_name.app_error"),
        ("position", json!("x".repeat(129)), "model.user.is_valid.position.app_error"),
        ("locale", json!("not a language"), "model.user.is_valid.locale.app_error"),
        ("username", json!(7), "api.context.invalid_body_param.app_error"),
        ("props", json!("text"), "api.context.invalid_body_param.app_error"),
        ("password", json!([]), "api.context.invalid_body_param.app_error"),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        stranger.post("/users", bad).await.refused(400, reason);
    }
    let mut weak = good.clone();
    weak["password"] = json!("");
    stranger.post("/users", weak).await.fails(400);
    assert_eq!(number(&server.admin.get("/users/stats").await.is(200), "total_users_count"), 1);
    stranger.post("/users", good).await.is(201);
}

#[tokio::test]
async fn a_closed_house_has_its_first_account_and_those_that_the_administrator_makes() {
    let server = Server::with(&[("AUTH__OPEN_SIGNUP", "false")]).await;
    let new =
        |name: &str| json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD});
    let reason = "api.user.create_user.signup_email_disabled.app_error";
    visitor(&server.base).post("/users", new("ann")).await.refused(501, reason);
    server.admin.post("/users", new("ann")).await.is(201);
    let ann = visitor(&server.base).log_in("ann").await;
    ann.post("/users", new("bob")).await.refused(501, reason);
}

#[tokio::test]
async fn a_stranger_sees_nobody_and_members_do_not_see_what_is_private() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let paths =
        ["/users/me", "/users", "/users/stats", "/users/username/ann", "/users/email/ann@example.com"];
    for path in paths.map(str::to_owned).into_iter().chain([format!("/users/{}", ann.id)]) {
        let stranger = visitor(&server.base).get(&path).await;
        stranger.refused(401, "api.context.session_expired.app_error");
    }
    let me = ann.get("/users/me").await.is(200);
    assert_eq!((text(&me, "username"), text(&me, "email")), ("ann".into(), "ann@example.com".into()));
    assert_eq!(me["notify_props"]["desktop"], "mention");
    let seen = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert_eq!(text(&seen, "username"), "ann");
    for secret in ["notify_props", "password", "password_hash", "last_password_update", "mfa_secret"] {
        assert!(seen.get(secret).is_none(), "{secret}: {seen}");
    }
    assert!(!bob.get("/users").await.body.contains("argon2"));
    bob.get(&format!("/users/{NOBODY}")).await.refused(404, "app.user.missing_account.const");
    bob.get("/users/abc!").await.refused(404, "api.context.404.app_error");
}

#[tokio::test]
async fn people_are_found_by_what_is_known_of_them() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let by_name = ann.get("/users/username/bob").await.is(200);
    assert_eq!(id(&by_name), bob.id);
    assert_eq!(id(&server.admin.get("/users/email/bob@example.com").await.is(200)), bob.id);
    let found = ann.post("/users/ids", json!([bob.id, NOBODY, ann.id])).await.is(200);
    let mut names = each(&found, "username");
    names.sort();
    assert_eq!(names, ["ann", "bob"]);
    let found = ann.post("/users/usernames", json!(["bob", "nobody"])).await.is(200);
    assert_eq!(each(&found, "id"), [bob.id.as_str()]);
    let found = ann.post("/users/search", json!({"term": "bo"})).await.is(200);
    assert_eq!(each(&found, "id"), [bob.id.as_str()]);
    let found = ann.get("/users/autocomplete?name=bo").await.is(200);
    assert_eq!(each(&found["users"], "id"), [bob.id.as_str()]);
    let page = ann.get("/users?page=1&per_page=2").await.is(200);
    assert_eq!(each(&page, "username"), ["bob"]);
}

#[tokio::test]
async fn people_change_themselves_and_nobody_else() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let change = json!({"nickname": "Annie", "position": "Engineer", "locale": "de"});
    for _ in 0..2 {
        let me = ann.put("/users/me/patch", change.clone()).await.is(200);
        assert_eq!((text(&me, "nickname"), text(&me, "position")), ("Annie".into(), "Engineer".into()));
        assert_eq!((text(&me, "locale"), text(&me, "username")), ("de".into(), "ann".into()));
    }
    let path = format!("/users/{}/patch", ann.id);
    let refused = bob.put(&path, json!({"nickname": "Hacked"})).await;
    refused.refused(403, "api.context.permissions.app_error");
    assert_eq!(text(&bob.get(&format!("/users/{}", ann.id)).await.is(200), "nickname"), "Annie");
    let changed = server.admin.put(&path, json!({"nickname": "An"})).await.is(200);
    assert_eq!(text(&changed, "nickname"), "An");
    let taken = ann.put("/users/me/patch", json!({"username": "bob"})).await;
    taken.refused(400, "app.user.save.username_exists.app_error");
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let mut socket = elsewhere.listens().await;
    let path = format!("/users/{}/password", ann.id);
    let wrong =
        ann.put(&path, json!({"current_password": "nope-Nope1", "new_password": "An0ther!pass"})).await;
    wrong.refused(400, "api.user.update_password.incorrect.app_error");
    elsewhere.get("/users/me").await.is(200);
    ann.put(&path, json!({"current_password": PASSWORD, "new_password": "An0ther!pass"})).await.is(200);
    ann.get("/users/me").await.is(200);
    elsewhere.get("/users/me").await.fails(401);
    assert_eq!(socket.closes().await.1, "session ended");
    let login = |password: &str| json!({"login_id": "ann", "password": password});
    let stranger = visitor(&server.base);
    stranger.post("/users/login", login(PASSWORD)).await.fails(401);
    stranger.post("/users/login", login("An0ther!pass")).await.is(200);
}

#[tokio::test]
async fn whoever_is_switched_off_is_out_at_once_and_can_come_back() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut socket = bob.listens().await;
    let path = format!("/users/{}/active", bob.id);
    ann.put(&path, json!({"active": false})).await.refused(403, "api.context.permissions.app_error");
    bob.get("/users/me").await.is(200);
    for _ in 0..2 {
        server.admin.put(&path, json!({"active": false})).await.is(200);
        bob.get("/users/me").await.refused(401, "api.context.session_expired.app_error");
    }
    assert_eq!(socket.closes().await.1, "session ended");
    let login = json!({"login_id": "bob", "password": PASSWORD});
    let refused = visitor(&server.base).post("/users/login", login).await;
    refused.refused(401, "api.user.login.inactive.app_error");
    assert_ne!(number(&ann.get(&format!("/users/{}", bob.id)).await.is(200), "delete_at"), 0);
    server.admin.put(&path, json!({"active": true})).await.is(200);
    bob.get("/users/me").await.fails(401);
    bob.logs_in_again().await.get("/users/me").await.is(200);
}

#[tokio::test]
async fn only_an_administrator_makes_administrators_and_one_remains() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut socket = ann.listens().await;
    let roles = |person: &str| format!("/users/{person}/roles");
    let (admin, user) = (json!({"roles": "system_user system_admin"}), json!({"roles": "system_user"}));
    ann.put(&roles(&ann.id), admin.clone()).await.refused(403, "api.context.permissions.app_error");
    let reason = "api.user.update_user_roles.last_admin.app_error";
    server.admin.put(&roles(&server.admin.id), user.clone()).await.refused(400, reason);
    let off = json!({"active": false});
    server.admin.put(&format!("/users/{}/active", server.admin.id), off).await.refused(400, reason);
    server.admin.put(&roles(&ann.id), json!({"roles": "emperor"})).await.fails(400);
    server.admin.put(&roles(&ann.id), admin.clone()).await.is(200);
    let event = socket.expect("user_role_updated").await;
    assert_eq!(text(&event["data"], "roles"), "system_user system_admin");
    ann.get("/config").await.is(200);
    ann.put(&roles(&bob.id), admin).await.is(200);
    bob.get("/config").await.is(200);
    ann.put(&roles(&bob.id), user.clone()).await.is(200);
    bob.get("/config").await.refused(403, "api.context.permissions.app_error");
    // The first account is an operator, too.
    ann.put(&roles(&server.admin.id), user).await.refused(403, "api.context.permissions.app_error");
}
