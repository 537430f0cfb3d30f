//! Passwords and addresses: what a password must be, a new one by mail, and proving that an address is one's own.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::cluster::sql;
use crate::support::post::in_folder;
use crate::support::{DEADLINE, NOBODY, PASSWORD, Person, Server, eventually, text, visitor};

const NEW: &str = "N3w-Sw0rdfish";
const DEAD: &str = "api.user.reset_password.invalid_link.app_error";
const WRONG: &str = "api.user.login.invalid_credentials_email_username";
const BAD_LINK: &str = "api.user.verify_email.bad_link.app_error";

async fn asks_for_reset(server: &Server, email: &str) {
    let answer = visitor(&server.base).post("/users/password/reset/send", json!({"email": email})).await;
    assert_eq!(answer.is(200), json!({"status": "OK"}));
}

/// Uses a mailed token.
async fn resets(server: &Server, code: &str, password: &str) -> crate::support::Answer {
    let body = json!({"code": code, "new_password": password});
    visitor(&server.base).post("/users/password/reset", body).await
}

async fn logs_in(server: &Server, name: &str, password: &str) -> crate::support::Answer {
    visitor(&server.base).post("/users/login", json!({"login_id": name, "password": password})).await
}

/// How many emails have these words in the subject.
fn emails(server: &Server, words: &str) -> usize {
    in_folder(&server.mail_folder()).iter().filter(|l| l.header("Subject").contains(words)).count()
}

/// Waits until all that was asked for so far has been done behind the answers' backs.
async fn nothing_waits(server: &Server) {
    let mark = visitor(&server.base);
    mark.post("/users/password/reset/send", json!({"email": "admin@example.com"})).await.is(200);
    server.email("new password").await;
    let empty = || async {
        sql(
            &server.database,
            "select count(*) from tasks where kind in ('mail', 'password_reset', 'verification')",
        ) == "0"
    };
    eventually("no email waits", DEADLINE, empty).await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_mail_once_and_everybody_who_was_in_is_out() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut socket = ann.listens().await;
    asks_for_reset(&server, "Ann@Example.com").await;
    let code = server.email("new password").await.token();
    resets(&server, &code, "short").await.refused(400, "model.user.is_valid.pwd.app_error");
    resets(&server, &"0".repeat(64), NEW).await.refused(400, DEAD);
    resets(&server, &code, NEW).await.is(200);
    resets(&server, &code, "Another-1-Password").await.refused(400, DEAD);
    ann.get("/users/me").await.fails(401);
    assert_eq!(socket.closes().await.1, "session ended");
    logs_in(&server, "ann", PASSWORD).await.refused(401, WRONG);
    let me = logs_in(&server, "ann", NEW).await.is(200);
    assert_eq!(me["email_verified"], true, "who got the mail has the address");
    assert!(server.email("password was changed").await.text.contains("account ann"));
    let audits = sql(
        &server.database,
        "select string_agg(action, ' ' order by create_at) from audits where action like '%reset%'",
    );
    assert_eq!(audits, "/api/v4/users/password/reset/send /api/v4/users/password/reset");
}

#[tokio::test]
async fn of_many_who_use_one_token_at_once_one_sets_the_password() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    asks_for_reset(&server, "ann@example.com").await;
    let code = server.email("new password").await.token();
    let passwords: Vec<String> = (0..8).map(|n| format!("Password-number-{n}")).collect();
    let answers = join_all(passwords.iter().map(|password| resets(&server, &code, password))).await;
    let winners: Vec<&String> =
        answers.iter().zip(&passwords).filter(|(a, _)| a.status == 200).map(|(_, p)| p).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(|a| a.status != 200) {
        answer.refused(400, DEAD);
    }
    logs_in(&server, "ann", winners[0]).await.is(200);
}

#[tokio::test]
async fn a_token_is_dead_when_its_hour_is_over_and_is_swept() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    asks_for_reset(&server, "ann@example.com").await;
    let code = server.email("new password").await.token();
    let lasts = "select expires_at - create_at between 3599000 and 3601000 from mailed_tokens";
    assert_eq!(sql(&server.database, lasts), "t");
    let plain = format!("select count(*) from mailed_tokens where encode(digest, 'hex') = '{code}'");
    assert_eq!(sql(&server.database, &plain), "0", "a digest is kept, not the token");
    sql(&server.database, "update mailed_tokens set expires_at = now_ms() - 1");
    resets(&server, &code, NEW).await.refused(400, DEAD);
    logs_in(&server, "ann", PASSWORD).await.is(200);
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where unique_key = ''");
    let swept = || async { sql(&server.database, "select count(*) from mailed_tokens") == "0" };
    eventually("the token is swept", DEADLINE, swept).await;
}

#[tokio::test]
async fn a_stranger_learns_nothing_and_fills_no_mailbox() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    server.admin.put(&format!("/users/{}/active", ann.id), json!({"active": false})).await.is(200);
    for email in ["nobody@example.com", "ann@example.com"] {
        asks_for_reset(&server, email).await;
    }
    for _ in 0..10 {
        asks_for_reset(&server, "admin@example.com").await;
    }
    nothing_waits(&server).await;
    let emails = in_folder(&server.mail_folder());
    assert!(emails.iter().all(|l| l.header("To") == "admin@example.com"), "{emails:?}");
    assert_eq!(emails.len(), 3, "more are not mailed to one address within the hour");
    for bad in [json!({"email": ""}), json!({"email": "nonsense"}), json!({}), json!({"email": 7})] {
        let refused = visitor(&server.base).post("/users/password/reset/send", bad).await;
        refused.refused(400, "api.context.invalid_body_param.app_error");
    }
}

#[tokio::test]
async fn a_token_dies_with_the_password_or_the_address_that_it_was_for() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    asks_for_reset(&server, "ann@example.com").await;
    let code = server.email("new password").await.token();
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    ann.put("/users/me/password", change).await.is(200);
    resets(&server, &code, "Mallory-1-here").await.refused(400, DEAD);
    asks_for_reset(&server, "bob@example.com").await;
    let to_bob =
        || async { in_folder(&server.mail_folder()).iter().any(|l| l.header("To") == "bob@example.com") };
    eventually("bob has his email", DEADLINE, to_bob).await;
    let emails = in_folder(&server.mail_folder());
    let code = emails.iter().find(|l| l.header("To") == "bob@example.com").unwrap().token();
    server
        .admin
        .put(&format!("/users/{}/patch", bob.id), json!({"email": "robert@example.com"}))
        .await
        .is(200);
    resets(&server, &code, "Mallory-1-here").await.refused(400, DEAD);
    logs_in(&server, "bob", PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_token_is_good_for_its_own_purpose_only() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    asks_for_reset(&server, "ann@example.com").await;
    let code = server.email("new password").await.token();
    let stranger = visitor(&server.base);
    stranger.post("/users/email/verify", json!({"token": code})).await.refused(400, BAD_LINK);
    stranger.post("/users/email/verify/send", json!({"email": "ann@example.com"})).await.is(200);
    let token = server.email("Confirm your address").await.token();
    resets(&server, &token, NEW).await.refused(400, DEAD);
    // Neither attempt used it up.
    stranger.post("/users/email/verify", json!({"token": token})).await.is(200);
    resets(&server, &code, NEW).await.is(200);
}

#[tokio::test]
async fn another_organisations_token_is_no_token_here() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    asks_for_reset(&server, "ann@example.com").await;
    let code = server.email("new password").await.token();
    sql(
        &server.database,
        "insert into orgs (id, slug, name) values (gen_random_uuid(), 'other', 'other');
         update users set org_id = (select id from orgs where slug = 'other') where username = 'ann'",
    );
    resets(&server, &code, NEW).await.refused(400, DEAD);
    assert_eq!(sql(&server.database, "select count(*) from mailed_tokens"), "1", "it was not used up either");
}

#[tokio::test]
async fn passwords_keep_the_rules_that_clients_are_told() {
    let rules =
        [("PASSWORD__MINIMUM_LENGTH", "10"), ("PASSWORD__NUMBER", "true"), ("PASSWORD__SYMBOL", "true")];
    let server = Server::with(&rules).await;
    let ann = server.sign_up("ann").await;
    let config = ann.get("/config/client?format=old").await.is(200);
    assert_eq!(config["PasswordMinimumLength"], "10");
    assert_eq!(
        (&config["PasswordRequireNumber"], &config["PasswordRequireUppercase"]),
        (&json!("true"), &json!("false"))
    );
    for (weak, reason) in [
        ("Sw0rdfish!"[..9].to_owned(), "model.user.is_valid.pwd.app_error"),
        ("Swordfishes!".to_owned(), "model.user.is_valid.pwd_number.app_error"),
        ("Sw0rdfishes".to_owned(), "model.user.is_valid.pwd_symbol.app_error"),
        ("x".repeat(73), "model.user.is_valid.pwd.app_error"),
    ] {
        let new = json!({"username": "bob", "email": "bob@example.com", "password": weak});
        visitor(&server.base).post("/users", new).await.refused(400, reason);
        let change = json!({"current_password": PASSWORD, "new_password": weak});
        ann.put("/users/me/password", change).await.refused(400, reason);
    }
    ann.get("/users/me").await.is(200);
}

#[tokio::test]
async fn changing_a_password_ends_the_other_sessions_and_is_told_by_mail() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    ann.put("/users/me/password", change).await.is(200);
    ann.get("/users/me").await.is(200);
    elsewhere.get("/users/me").await.fails(401);
    let email = server.email("password was changed").await;
    assert_eq!(email.header("To"), "ann@example.com");
    assert!(!email.text.contains(NEW), "a password is in a email");
}

// ---- addresses

const STRICT: [(&str, &str); 1] = [("AUTH__REQUIRE_VERIFIED_EMAIL", "true")];

async fn signs_up(server: &Server, name: &str) {
    let new = json!({"username": name, "email": format!("{name}@example.com"), "password": PASSWORD});
    visitor(&server.base).post("/users", new).await.is(201);
}

async fn verifies(server: &Server, token: &str) -> crate::support::Answer {
    visitor(&server.base).post("/users/email/verify", json!({"token": token})).await
}

/// A server that demands proven addresses, whose administrator has proven theirs.
async fn strict() -> (Server, Person) {
    let server = Server::empty(crate::support::cluster::Cluster::shared(), &STRICT).await;
    signs_up(&server, "admin").await;
    let token = server.email("Confirm your address").await.token();
    verifies(&server, &token).await.is(200);
    std::fs::remove_dir_all(server.mail_folder()).unwrap();
    let admin = visitor(&server.base).log_in("admin").await;
    (server, admin)
}

#[tokio::test]
async fn where_addresses_must_be_proven_nobody_comes_in_before() {
    let (server, admin) = strict().await;
    assert_eq!(admin.get("/config/client?format=old").await.is(200)["RequireEmailVerification"], "true");
    signs_up(&server, "ann").await;
    logs_in(&server, "ann", PASSWORD).await.refused(401, "api.user.login.not_verified.app_error");
    logs_in(&server, "ann", "wrong-Password1").await.refused(401, WRONG);
    let email = server.email("Confirm your address").await;
    assert_eq!(email.header("To"), "ann@example.com");
    verifies(&server, "nonsense").await.refused(400, BAD_LINK);
    verifies(&server, &email.token()).await.is(200);
    verifies(&server, &email.token()).await.refused(400, BAD_LINK);
    let me = logs_in(&server, "ann", PASSWORD).await.is(200);
    assert_eq!(me["email_verified"], true);
    let seen = admin.get(&format!("/users/{}", text(&me, "id"))).await.is(200);
    assert_eq!(text(&seen, "username"), "ann");
}

#[tokio::test]
async fn an_administrator_may_vouch_for_an_address_and_nobody_else() {
    let (server, admin) = strict().await;
    for name in ["ann", "bob"] {
        signs_up(&server, name).await;
    }
    let id = text(&admin.get("/users/username/ann").await.is(200), "id");
    let path = format!("/users/{id}/email/verify/member");
    visitor(&server.base).post(&path, json!({})).await.fails(401);
    let vouched = admin.post(&path, json!({})).await.is(200);
    assert_eq!((text(&vouched, "username"), &vouched["email_verified"]), ("ann".into(), &json!(true)));
    admin.post(&path, json!({})).await.is(200);
    admin.post(&format!("/users/{NOBODY}/email/verify/member"), json!({})).await.fails(404);
    let ann = visitor(&server.base).log_in("ann").await;
    let bob = text(&admin.get("/users/username/bob").await.is(200), "id");
    ann.post(&format!("/users/{bob}/email/verify/member"), json!({})).await.fails(403);
    logs_in(&server, "bob", PASSWORD).await.refused(401, "api.user.login.not_verified.app_error");
}

#[tokio::test]
async fn a_new_address_counts_when_it_is_proven() {
    let (server, admin) = strict().await;
    let change = json!({"email": "root@example.com", "password": PASSWORD});
    let me = admin.put("/users/me/patch", change).await.is(200);
    assert_eq!(text(&me, "email"), "admin@example.com", "a slip must not lock somebody out");
    let warned = server.email("address was changed").await;
    assert_eq!(warned.header("To"), "admin@example.com");
    let email = server.email("Confirm your address").await;
    assert_eq!(email.header("To"), "root@example.com");
    let mut socket = admin.listens().await;
    verifies(&server, &email.token()).await.is(200);
    let told = socket.expect_that("user_updated", |e| e["data"]["user"]["email_verified"] == true).await;
    assert_eq!(told["data"]["user"]["email"], "root@example.com");
    let me = admin.get("/users/me").await.is(200);
    assert_eq!((text(&me, "email"), &me["email_verified"]), ("root@example.com".into(), &json!(true)));
}

#[tokio::test]
async fn elsewhere_a_new_address_is_unproven_until_its_owner_asks() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    assert_eq!(emails(&server, "Confirm"), 0, "nobody is asked who need not be");
    let stranger = visitor(&server.base);
    for email in ["ann@example.com", "nobody@example.com"] {
        let asked = stranger.post("/users/email/verify/send", json!({"email": email})).await;
        assert_eq!(asked.is(200), json!({"status": "OK"}));
    }
    let token = server.email("Confirm your address").await.token();
    verifies(&server, &token).await.is(200);
    assert_eq!(ann.get("/users/me").await.is(200)["email_verified"], true);
    let seen = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert!(seen.get("email_verified").is_none(), "{seen}");
    let change = json!({"email": "anna@example.com", "password": PASSWORD});
    let me = ann.put("/users/me/patch", change).await.is(200);
    assert_eq!((text(&me, "email"), me.get("email_verified")), ("anna@example.com".into(), None));
    let warned = server.email("address was changed").await;
    assert_eq!(warned.header("To"), "ann@example.com");
}
