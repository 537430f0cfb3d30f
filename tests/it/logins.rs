//! Logging in while others try to keep one from it: by asking for so much that nobody else is served, or by guessing
//! until the account is locked.

use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::person::visitor_from;
use crate::support::{DEADLINE, PASSWORD, Person, Server, eventually, visitor};

const WRONG: &str = "api.user.login.invalid_credentials_email_username";
const LOCKED: &str = "api.user.check_user_login_attempts.too_many.app_error";
const TOO_MANY: &str = "api.context.rate_limit.app_error";

fn login(name: &str, password: &str) -> Value {
    json!({"login_id": name, "password": password})
}

/// Fifteen wrong passwords for `name`; the last ones find it locked.
async fn guesses(stranger: &Person, name: &str) {
    for n in 0..15 {
        let answer = stranger.post("/users/login", login(name, &format!("wrong-Password{n}"))).await;
        answer.refused(401, if n < 10 { WRONG } else { LOCKED });
    }
}

#[tokio::test]
async fn a_flood_from_one_address_does_not_delay_a_right_login_from_another() {
    let limits =
        [("LIMITS__ENABLED", "true"), ("LIMITS__REQUESTS_PER_SECOND", "1000"), ("LIMITS__BURST", "4000")];
    let mut server = Server::with(&limits).await;
    // On a slow machine some of the flood wait in vain.
    server.may_log_errors();
    server.sign_up("ann").await;
    let right = async || {
        let begun = Instant::now();
        visitor_from(&server.base, 3).post("/users/login", login("ann", PASSWORD)).await.is(200);
        begun.elapsed()
    };
    let alone = right().await.max(right().await);
    let flood = (0..200).map(|n| {
        let stranger = visitor_from(&server.base, 2);
        async move { stranger.post("/users/login", login(&format!("nobody{n}"), "wrong-Password1")).await }
    });
    let flood = tokio::spawn(join_all(flood));
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..5 {
        let took = right().await;
        assert!(took < alone * 4 + Duration::from_secs(4), "{took:?}, and {alone:?} alone");
    }
    let answers = flood.await.unwrap();
    assert!(answers.iter().all(|a| [401, 429, 503].contains(&a.status)), "{answers:?}");
    let refused: Vec<_> = answers.iter().filter(|a| a.status == 429).collect();
    assert!(refused.len() > 50, "{}", refused.len());
    assert!(refused.iter().all(|a| a.reason() == TOO_MANY && !a.header("retry-after").is_empty()));
}

/// Until nothing is left of it; a second brings one more.
async fn empties_the_bucket(stranger: &Person) {
    while stranger.post("/users/login", login("nobody", "wrong-Password1")).await.reason() != TOO_MANY {}
}

/// Everything that has a password computed is taken from one bucket of the address.
#[tokio::test]
async fn every_way_to_have_a_password_computed_is_limited() {
    let limits = [
        ("LIMITS__ENABLED", "true"),
        ("LIMITS__PASSWORDS_PER_SECOND", "1"),
        ("LIMITS__PASSWORDS_BURST", "6"),
    ];
    let server = Server::with(&limits).await;
    let ann = server.sign_up("ann").await;
    let stranger = visitor(&server.base);
    let change = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    let new = json!({"username": "bob", "email": "bob@example.com", "password": PASSWORD});
    for (who, method, path, body) in [
        (&stranger, Method::POST, "/users/login", login("ann", PASSWORD)),
        (&stranger, Method::POST, "/users", new),
        (&ann, Method::PUT, "/users/me/password", change),
    ] {
        let mut is_refused = false;
        for _ in 0..5 {
            empties_the_bucket(&stranger).await;
            is_refused |= who.ask(method.clone(), path, Some(body.clone())).await.status == 429;
        }
        assert!(is_refused, "{path}");
    }
    // An administrator makes accounts all the same, and somebody else is let in.
    let more = json!({"username": "eve", "email": "eve@example.com", "password": PASSWORD});
    server.admin.post("/users", more).await.is(201);
    visitor_from(&server.base, 2).post("/users/login", login("ann", PASSWORD)).await.is(200);
}

#[tokio::test]
async fn failures_are_counted_where_they_are_too_many_to_be_written_down() {
    let server = Server::start().await;
    let stranger = visitor(&server.base);
    let tries =
        (0..60).map(|n| stranger.post("/users/login", login(&format!("typed-Secret{n}"), "wrong-Password1")));
    join_all(tries).await;
    let written =
        || async { sql(&server.database, "select count(*) from audits where outcome = 'fail'") == "5" };
    eventually("the first are written down", DEADLINE, written).await;
    let said = server.said();
    let lines = said.lines().filter(|line| line.contains("failed login")).count();
    assert_eq!(lines, 5, "{said}");
    assert!(said.contains("127.0.0.1") && !said.contains("typed-Secret"), "{said}");
}

#[tokio::test]
async fn strangers_who_guess_do_not_lock_the_owner_out_of_where_they_always_are() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    guesses(&visitor_from(&server.base, 2), "ann").await;
    // For strangers everywhere it is locked, even if they guess right.
    for last in [2, 3] {
        visitor_from(&server.base, last)
            .post("/users/login", login("ann", PASSWORD))
            .await
            .refused(401, LOCKED);
    }
    ann.logs_in_again().await;
    let change = json!({"current_password": PASSWORD, "new_password": "An0ther!word"});
    ann.put("/users/me/password", change).await.is(200);
    // A place that is known has its own count, and can be locked by itself.
    guesses(&visitor(&server.base), "ann").await;
    visitor(&server.base).post("/users/login", login("ann", "An0ther!word")).await.refused(401, LOCKED);
    let said = server.said();
    let told = |word: &str| said.lines().any(|line| line.contains(word) && line.contains(&ann.id));
    assert!(told("wrong password") && told("too many failed attempts") && told("127.0.0.2"), "{said}");
}

#[tokio::test]
async fn a_phone_is_known_wherever_it_is() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    let phone = json!({"login_id": "ann", "password": PASSWORD, "device_id": "apple:0123456789abcdef"});
    visitor_from(&server.base, 4).post("/users/login", phone.clone()).await.is(200);
    guesses(&visitor_from(&server.base, 2), "ann").await;
    visitor_from(&server.base, 5).post("/users/login", login("ann", PASSWORD)).await.refused(401, LOCKED);
    visitor_from(&server.base, 5).post("/users/login", phone).await.is(200);
}

#[tokio::test]
async fn what_is_remembered_of_places_is_bounded_and_names_none() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    for last in 10..35 {
        visitor_from(&server.base, last).post("/users/login", login("ann", PASSWORD)).await.is(200);
    }
    let kept = format!("select count(*) from known_places where user_id = '{}'", uuid(&server, &ann));
    assert_eq!(sql(&server.database, &kept), "20");
    let plain = sql(
        &server.database,
        "select count(*) from known_places where encode(digest, 'escape') like '%127%'",
    );
    assert_eq!(plain, "0");
}

fn uuid(server: &Server, who: &Person) -> String {
    sql(&server.database, &format!("select id from users where username = '{}'", who.name))
}

#[tokio::test]
async fn the_command_line_unlocks() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    let elsewhere = visitor_from(&server.base, 3);
    guesses(&visitor_from(&server.base, 2), "ann").await;
    elsewhere.post("/users/login", login("ann", PASSWORD)).await.refused(401, LOCKED);
    assert!(server.command().args(["user", "unlock", "ann"]).status().unwrap().success());
    elsewhere.post("/users/login", login("ann", PASSWORD)).await.is(200);
    let audits = server.admin.get("/audits?action=/api/v4/users/unlock").await.is(200);
    assert_eq!(audits.as_array().unwrap().len(), 1);
    // A new password unlocks, too: of a place that was known as of others.
    guesses(&visitor_from(&server.base, 2), "ann").await;
    guesses(&elsewhere, "ann").await;
    let mut command = server.command();
    let mut child = command.args(["user", "password", "ann"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"An0ther!word\n").unwrap();
    assert!(child.wait().unwrap().success());
    for last in [2, 3, 4, 3] {
        visitor_from(&server.base, last).post("/users/login", login("ann", "An0ther!word")).await.is(200);
    }
}
