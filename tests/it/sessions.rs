//! Sessions: logging in and out, the cookie and its CSRF token, and who ends whose session.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::person::Answer;
use crate::support::{DEADLINE, PASSWORD, Person, Server, eventually, id, text, visitor};

const EXPIRED: &str = "api.context.session_expired.app_error";

#[tokio::test]
async fn people_log_in_by_name_and_by_address_in_any_case() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    for login_id in ["ann", "ANN", " ann ", "Ann@Example.com"] {
        let login = json!({"login_id": login_id, "password": PASSWORD});
        let answer = visitor(&server.base).post("/users/login", login).await;
        let token = answer.header("token");
        assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 0);
        assert_eq!(id(&answer.is(200)), ann.id);
        for scheme in ["Bearer", "BEARER", "token"] {
            let request = visitor(&server.base).request(Method::GET, "/users/me");
            Answer::of(request.header("authorization", format!("{scheme} {token}"))).await.is(200);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    let stranger = visitor(&server.base);
    for (name, password) in
        [("ann", "wrong-Password1"), ("nobody", PASSWORD), ("nobody@example.com", PASSWORD)]
    {
        let answer = stranger.post("/users/login", json!({"login_id": name, "password": password})).await;
        answer.refused(401, "api.user.login.invalid_credentials_email_username");
    }
    let blank = stranger.post("/users/login", json!({"login_id": "ann", "password": ""})).await;
    blank.refused(400, "api.user.login.blank_pwd.app_error");
}

#[tokio::test]
async fn guessing_a_password_ends_soon_and_for_nobody_else() {
    let server = Server::with(&[("AUTH__MAX_LOGIN_ATTEMPTS", "3")]).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let login = |name: &str, password: &str| json!({"login_id": name, "password": password});
    let stranger = visitor(&server.base);
    for _ in 0..3 {
        let wrong = stranger.post("/users/login", login("ann", "wrong-Password1")).await;
        wrong.refused(401, "api.user.login.invalid_credentials_email_username");
    }
    let locked = stranger.post("/users/login", login("ann", PASSWORD)).await;
    locked.refused(401, "api.user.check_user_login_attempts.too_many.app_error");
    ann.get("/users/me").await.is(200);
    bob.logs_in_again().await;
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused() {
    let foreign = Server::with(&[("AUTH__SECRET", "another-secret-of-quite-some-length-0123")]).await;
    let mallory = foreign.sign_up("mallory").await;
    drop(foreign);
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (head, _) = ann.token.rsplit_once('.').unwrap();
    let cut = format!("{head}.");
    for token in ["nonsense", "a.b.c", cut.as_str(), mallory.token.as_str()] {
        let request = visitor(&server.base).request(Method::GET, "/users/me").bearer_auth(token);
        Answer::of(request).await.refused(401, EXPIRED);
    }
}

#[tokio::test]
async fn logging_out_ends_the_session_at_once_and_only_that_one() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let (mut here, mut there) = (ann.listens().await, elsewhere.listens().await);
    ann.post("/users/logout", Value::Null).await.is(200);
    ann.get("/users/me").await.refused(401, EXPIRED);
    assert_eq!(here.closes().await.1, "session ended");
    assert!(there.heard_by_now(&elsewhere).await.is_empty());
    assert_eq!(there.request("ping", json!({})).await["data"]["text"], "pong");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_and_the_administrator() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let elsewhere = ann.logs_in_again().await;
    let path = format!("/users/{}/sessions", ann.id);
    let forbidden = "api.context.permissions.app_error";
    bob.get(&path).await.refused(403, forbidden);
    let sessions = ann.get(&path).await.is(200);
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|s| s["token"] == "" && s["user_id"] == ann.id.as_str()), "{sessions:?}");
    let newest = sessions.iter().max_by_key(|s| s["create_at"].as_i64()).unwrap();
    let revoke = json!({"session_id": newest["id"]});
    bob.post(&format!("{path}/revoke"), revoke.clone()).await.refused(403, forbidden);
    bob.post("/users/me/sessions/revoke", revoke.clone()).await.refused(400, "app.session.get.app_error");
    elsewhere.get("/users/me").await.is(200);
    ann.post(&format!("{path}/revoke"), revoke.clone()).await.is(200);
    elsewhere.get("/users/me").await.refused(401, EXPIRED);
    ann.post(&format!("{path}/revoke"), revoke).await.refused(400, "app.session.get.app_error");
    bob.post(&format!("{path}/revoke/all"), Value::Null).await.refused(403, forbidden);
    server.admin.post(&format!("{path}/revoke/all"), Value::Null).await.is(200);
    ann.get("/users/me").await.refused(401, EXPIRED);
}

#[tokio::test]
async fn a_session_that_is_revoked_on_one_node_is_soon_refused_on_the_other() {
    let first = Server::start().await;
    let second = first.second_node();
    let ann = first.sign_up("ann").await;
    let elsewhere = ann.at(&second);
    elsewhere.get("/users/me").await.is(200);
    let mut socket = elsewhere.listens().await;
    ann.post("/users/logout", Value::Null).await.is(200);
    let refused = || async { elsewhere.get("/users/me").await.status == 401 };
    eventually("the session is over on the other node", Duration::from_millis(1500), refused).await;
    assert_eq!(socket.closes().await.1, "session ended");
}

/// A browser's login: the three cookies, and the CSRF token among them.
async fn browser(server: &Server) -> (Person, String, String) {
    let login = json!({"login_id": "ann", "password": PASSWORD});
    let nobody = visitor(&server.base);
    let request = nobody.request(Method::POST, "/users/login").header("x-requested-with", "XMLHttpRequest");
    let answer = Answer::of(request.json(&login)).await;
    let cookies: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    let value = |name: &str| {
        let cookie = cookies.iter().find(|c| c.starts_with(&format!("{name}="))).unwrap();
        (cookie.split([';', '=']).nth(1).unwrap().to_owned(), cookie.contains("HttpOnly"))
    };
    let ((token, hidden), (csrf, readable), (user, _)) =
        (value("MMAUTHTOKEN"), value("MMCSRF"), value("MMUSERID"));
    assert!(hidden && !readable && cookies.iter().all(|c| c.contains("Path=/")), "{cookies:?}");
    assert_eq!(user, text(&answer.is(200), "id"));
    (nobody, format!("MMAUTHTOKEN={token}"), csrf)
}

#[tokio::test]
async fn a_cookie_reads_but_writes_only_with_its_csrf_token() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    let (browser, cookie, csrf) = browser(&server).await;
    let read = browser.request(Method::GET, "/users/me").header("cookie", &cookie);
    assert_eq!(text(&Answer::of(read).await.is(200), "username"), "ann");
    let write = |nickname: &str| {
        let change = json!({"nickname": nickname});
        browser.request(Method::PUT, "/users/me/patch").header("cookie", &cookie).json(&change)
    };
    Answer::of(write("forged")).await.refused(401, EXPIRED);
    Answer::of(write("forged").header("x-csrf-token", "guessed")).await.refused(401, EXPIRED);
    Answer::of(write("forged").header("x-csrf-token", "")).await.refused(401, EXPIRED);
    let read = browser.request(Method::GET, "/users/me").header("cookie", &cookie);
    assert_eq!(text(&Answer::of(read).await.is(200), "nickname"), "");
    let written = Answer::of(write("mine").header("x-csrf-token", &csrf)).await.is(200);
    assert_eq!(text(&written, "nickname"), "mine");
    Answer::of(write("script").header("x-requested-with", "XMLHttpRequest")).await.is(200);
}

#[tokio::test]
async fn logging_out_takes_the_cookies_back() {
    let server = Server::start().await;
    server.sign_up("ann").await;
    let (browser, cookie, csrf) = browser(&server).await;
    let out =
        browser.request(Method::POST, "/users/logout").header("cookie", &cookie).header("x-csrf-token", csrf);
    let answer = Answer::of(out).await;
    let cleared: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    assert!(cleared.iter().any(|c| c.starts_with("MMAUTHTOKEN=;") && c.contains("Max-Age=0")), "{cleared:?}");
    answer.is(200);
    let read = browser.request(Method::GET, "/users/me").header("cookie", &cookie);
    Answer::of(read).await.refused(401, EXPIRED);
}

#[tokio::test]
async fn a_session_says_where_it_is_and_on_what() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let login = json!({"login_id": "ann", "password": PASSWORD});
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    let request = visitor(&server.base).request(Method::POST, "/users/login").header("user-agent", agent);
    Answer::of(request.json(&login)).await.is(200);
    let sessions = ann.get("/users/me/sessions").await.is(200);
    let props = sessions.as_array().unwrap().iter().map(|s| &s["props"]);
    let fox = props.clone().find(|p| p["browser"] == "Firefox/128.0").unwrap_or_else(|| panic!("{sessions}"));
    assert_eq!((&fox["platform"], &fox["ip_address"]), (&json!("Linux"), &json!("127.0.0.1")));
    assert_eq!(fox["isMobile"], "false");
    assert!(props.clone().all(|p| p["ip_address"] == "127.0.0.1"), "{sessions}");
}

#[tokio::test]
async fn on_a_phone_a_session_lasts_for_another_time() {
    let days = [("AUTH__SESSION_DAYS", "1"), ("AUTH__SESSION_DAYS_MOBILE", "90")];
    let server = Server::with(&days).await;
    let ann = server.sign_up("ann").await;
    for (device, lasts) in [("", 1), ("android:abc", 90)] {
        let login = json!({"login_id": "ann", "password": PASSWORD, "deviceId": device});
        visitor(&server.base).post("/users/login", login).await.is(200);
        let sessions = ann.get("/users/me/sessions").await.is(200);
        let of = |s: &&Value| s["device_id"] == device;
        let session = sessions.as_array().unwrap().iter().find(of).unwrap();
        let span = session["expires_at"].as_i64().unwrap() - session["create_at"].as_i64().unwrap();
        assert!((span - lasts * 86_400_000).abs() < 1000, "{session}");
    }
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_and_its_socket_with_it() {
    let server = Server::with(&[("AUTH__SESSION_IDLE_MINUTES", "30")]).await;
    let ann = server.sign_up("ann").await;
    let (busy, idle) = (ann.logs_in_again().await, ann.logs_in_again().await);
    let mut socket = idle.listens().await;
    let newest = "(select id from sessions order by create_at desc limit 1)";
    let minutes = |n: i64| {
        let past =
            format!("update sessions set last_activity_at = now_ms() - {} where id = {newest}", n * 60_000);
        sql(&server.database, &past);
    };
    minutes(29);
    let noted = || async {
        idle.get("/users/me").await.is(200);
        let used = format!("select now_ms() - last_activity_at < 60000 from sessions where id = {newest}");
        sql(&server.database, &used) == "t"
    };
    eventually("the use is noted", DEADLINE, noted).await;
    minutes(31);
    let over = || async { idle.get("/users/me").await.status == 401 };
    eventually("the session is over", DEADLINE, over).await;
    assert_eq!(busy.get("/users/me/sessions").await.is(200).as_array().unwrap().len(), 2);
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'sessions'");
    assert_eq!(socket.closes().await.1, "session ended");
    busy.get("/users/me").await.is(200);
    assert_eq!(
        sql(
            &server.database,
            "select count(*) from sessions where user_id = (select id from users where username = 'ann')"
        ),
        "2"
    );
}

#[tokio::test]
async fn an_administrator_ends_everybodys_sessions_and_nobody_else_does() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut sockets = [ann.listens().await, bob.listens().await, server.admin.listens().await];
    let path = "/users/sessions/revoke/all";
    visitor(&server.base).post(path, Value::Null).await.fails(401);
    ann.post(path, Value::Null).await.refused(403, "api.context.permissions.app_error");
    bob.get("/users/me").await.is(200);
    server.admin.post(path, Value::Null).await.is(200);
    for socket in &mut sockets {
        assert_eq!(socket.closes().await.1, "session ended");
    }
    for person in [&ann, &bob, &server.admin] {
        person.get("/users/me").await.refused(401, EXPIRED);
        person.logs_in_again().await.get("/users/me").await.is(200);
    }
    let written = "select count(*) from audits where action = '/api/v4/users/sessions/revoke/all' and outcome = 'success'";
    assert_eq!(sql(&server.database, written), "1");
}
