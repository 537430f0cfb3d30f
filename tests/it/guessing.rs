//! Guessing passwords: many attempts at once do not get round the bound, on whatever node they come, and whether a name
//! is anybody's does not show.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::{PASSWORD, Server, eventually, visitor};

const WRONG: &str = "api.user.login.invalid_credentials_email_username";
const LOCKED: &str = "api.user.check_user_login_attempts.too_many.app_error";

fn login(name: &str, password: &str) -> Value {
    json!({"login_id": name, "password": password})
}

/// How many of sixty wrong passwords, sent at once to both nodes, were looked at; the others were told to wait.
async fn tried(nodes: [&Server; 2], name: &str) -> usize {
    let attempts = (0..60).map(|n| {
        let stranger = visitor(&nodes[n % 2].base);
        async move { stranger.post("/users/login", login(name, &format!("wrong-Password{n}"))).await }
    });
    let answers = join_all(attempts).await;
    assert!(answers.iter().all(|a| a.status == 401), "{answers:?}");
    let reasons: Vec<String> = answers.iter().map(|a| a.reason()).collect();
    assert!(reasons.iter().all(|r| r == WRONG || r == LOCKED), "{reasons:?}");
    reasons.iter().filter(|r| *r == WRONG).count()
}

#[tokio::test]
async fn sixty_wrong_passwords_at_once_on_two_nodes_are_tried_five_times_and_the_right_one_waits() {
    let server = Server::with(&[("AUTH__MAX_LOGIN_ATTEMPTS", "5")]).await;
    let second = server.second_node();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    for name in ["ann", "nobody"] {
        assert_eq!(tried([&server, &second], name).await, 5, "{name}");
    }
    for node in [&server, &second] {
        let right = visitor(&node.base).post("/users/login", login("ann", PASSWORD)).await;
        right.refused(401, LOCKED);
        let by_address = visitor(&node.base).post("/users/login", login("ann@example.com", PASSWORD)).await;
        by_address.refused(401, LOCKED);
    }
    ann.get("/users/me").await.is(200);
    bob.logs_in_again().await;
    // Five minutes later.
    sql(&server.database, "update login_attempts set since = since - 300000");
    visitor(&second.base).post("/users/login", login("ann", PASSWORD)).await.is(200);
    assert_eq!(sql(&server.database, "select count(*) from login_attempts"), "1");
}

#[tokio::test]
async fn what_is_counted_names_nobody_and_is_forgotten() {
    let server = Server::start().await;
    visitor(&server.base)
        .post("/users/login", login("my-Secret-Typo", "wrong-Password1"))
        .await
        .refused(401, WRONG);
    let kept = sql(&server.database, "select encode(whose, 'escape') || count from login_attempts");
    assert!(!kept.to_lowercase().contains("secret"), "{kept}");
    sql(&server.database, "update login_attempts set since = since - 300000");
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'login_attempts'");
    let gone = || async { sql(&server.database, "select count(*) from login_attempts") == "0" };
    eventually("old counts are removed", std::time::Duration::from_secs(8), gone).await;
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones() {
    let server = Server::with(&[("AUTH__MAX_LOGIN_ATTEMPTS", "3")]).await;
    let ann = server.sign_up("ann").await;
    for _ in 0..4 {
        for _ in 0..2 {
            let wrong = visitor(&server.base).post("/users/login", login("ann", "wrong-Password1")).await;
            wrong.refused(401, WRONG);
        }
        let right = visitor(&server.base).post("/users/login", login("ann", PASSWORD)).await.is(200);
        assert_eq!(right["failed_attempts"], 2);
    }
    ann.logs_in_again().await;
}
