//! What browsers are told, and what is believed of what they and proxies say.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::socket::{handshake, refusal};
use crate::support::{Answer, PASSWORD, Person, Server, Socket, visitor};

const PORTAL: &str = "https://portal.example.org";

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn page(server: &Server, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}{path}", server.base)).await.unwrap()
}

/// A login as a browser's script makes it, with headers.
async fn logs_in(server: &Server, headers: &[(&str, &str)]) -> Answer {
    let mut request = visitor(&server.base).request(Method::POST, "/users/login");
    for (name, value) in [("x-requested-with", "XMLHttpRequest")].iter().chain(headers) {
        request = request.header(*name, *value);
    }
    Answer::of(request.json(&json!({"login_id": "admin", "password": PASSWORD}))).await
}

fn cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_answer_says_what_it_is_not_for() {
    let server = Server::start().await;
    for path in ["/", "/api/v4/system/ping", "/api/v4/users/me", "/api/v4/nothing", "/livez", "/some/view"] {
        let headers = page(&server, path).await.headers().clone();
        assert_eq!(header(&headers, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&headers, "x-frame-options"), "DENY", "{path}");
        assert_eq!(header(&headers, "referrer-policy"), "no-referrer", "{path}");
        assert!(header(&headers, "permissions-policy").contains("camera=()"), "{path}");
        let policy = header(&headers, "content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header(&headers, "strict-transport-security"), "", "{path}");
        assert_eq!(header(&headers, "access-control-allow-origin"), "", "{path}");
    }
    let policy = header(page(&server, "/").await.headers(), "content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("style-src 'self';"), "{policy}");
}

#[tokio::test]
async fn what_did_not_change_keeps_the_policy_that_it_came_with() {
    let server = Server::start().await;
    let me = server.admin.get("/users/me").await;
    let again = server.admin.request(Method::GET, "/users/me").header("if-none-match", me.header("etag"));
    let again = Answer::of(again).await;
    assert_eq!((again.status, again.header("content-security-policy").as_str()), (304, ""));
}

#[tokio::test]
async fn what_the_api_answers_is_kept_by_nobody_unless_it_has_a_tag() {
    let server = Server::start().await;
    let me = server.admin.get("/users/me").await;
    assert_eq!(
        (me.header("cache-control").as_str(), me.header("expires").as_str()),
        ("private, no-cache", "0")
    );
    assert_eq!(server.admin.get("/users/me/sessions").await.header("cache-control"), "no-store");
    assert_eq!(server.admin.post("/users/ids", json!([])).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_proxy_that_is_named_is_believed_and_nobody_else() {
    let spoofed = [("x-forwarded-for", "198.51.100.1, 203.0.113.9"), ("x-forwarded-proto", "https")];
    let address = |server: &Server| {
        let admin = server.admin.clone();
        async move { admin.get("/audits?action=/api/v4/users/login").await.is(200)[0]["ip_address"].clone() }
    };
    let server = Server::start().await;
    let answer = logs_in(&server, &spoofed).await;
    assert!(cookies(&answer).iter().all(|c| !c.contains("Secure") && c.contains("SameSite=Lax")));
    assert_eq!(answer.header("strict-transport-security"), "");
    assert_eq!(address(&server).await, "127.0.0.1");
    drop(server);
    let server = Server::with(&[("SERVER__TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")]).await;
    let answer = logs_in(&server, &spoofed).await;
    assert!(cookies(&answer).iter().all(|c| c.contains("Secure") && c.contains("SameSite=Lax")));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    // What stands left of the first stranger is the stranger's own invention.
    assert_eq!(address(&server).await, "203.0.113.9");
    logs_in(&server, &[("x-forwarded-for", "203.0.113.7, 10.1.2.3")]).await.is(200);
    assert_eq!(address(&server).await, "203.0.113.7");
}

#[tokio::test]
async fn strangers_behind_one_proxy_are_limited_apart_and_spoofing_helps_nobody() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__REQUESTS_PER_SECOND", "1"), ("LIMITS__BURST", "10")];
    let ask = |server: &Server, forwarded: String| {
        let request = visitor(&server.base).request(Method::GET, "/system/ping");
        Answer::of(request.header("x-forwarded-for", forwarded))
    };
    let server = Server::with(&limits).await;
    let mut statuses = Vec::new();
    for n in 0..30 {
        statuses.push(ask(&server, format!("203.0.113.{n}")).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    drop(server);
    let behind = [&limits[..], &[("SERVER__TRUSTED_PROXIES", "127.0.0.1")]].concat();
    let server = Server::with(&behind).await;
    for n in 0..30 {
        assert_eq!(ask(&server, format!("203.0.113.{n}")).await.status, 200);
    }
    let mut statuses = Vec::new();
    for n in 0..30 {
        statuses.push(ask(&server, format!("198.51.100.{n}, 203.0.113.200")).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
}

/// Asks as a script of another site does.
async fn from_site(who: &Person, method: Method, origin: &str) -> Answer {
    Answer::of(who.request(method, "/users/me").header("origin", origin)).await
}

#[tokio::test]
async fn scripts_of_other_sites_are_answered_only_where_they_are_allowed() {
    let server = Server::with(&[("SERVER__ALLOWED_ORIGINS", PORTAL)]).await;
    let allowed = from_site(&server.admin, Method::GET, PORTAL).await;
    assert_eq!(allowed.header("access-control-allow-origin"), PORTAL);
    assert_eq!(allowed.header("access-control-allow-credentials"), "");
    assert!(allowed.header("access-control-expose-headers").contains("Token"));
    let varies: Vec<_> =
        allowed.headers.get_all("vary").iter().map(|v| v.to_str().unwrap().to_lowercase()).collect();
    assert!(varies.join(",").contains("origin"), "{varies:?}");
    for other in
        ["https://evil.test", "http://portal.example.org", "https://portal.example.org.evil.test", "null"]
    {
        let answer = from_site(&server.admin, Method::GET, other).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{other}");
    }
    let preflight = |origin: &str| {
        let request = visitor(&server.base).request(Method::OPTIONS, "/users/login").header("origin", origin);
        Answer::of(request.header("access-control-request-method", "POST"))
    };
    let asked = preflight(PORTAL).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin").as_str()), (204, PORTAL));
    assert!(asked.header("access-control-allow-headers").contains("Authorization"));
    let refused = preflight("https://evil.test").await;
    assert_eq!(refused.header("access-control-allow-methods"), "");
    assert_eq!(refused.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_socket_is_opened_by_our_own_pages_and_by_allowed_sites() {
    let server =
        Server::with(&[("SERVER__ALLOWED_ORIGINS", PORTAL), ("SITE__URL", "https://chat.example.org/")])
            .await;
    let bearer = format!("Bearer {}", server.admin.token);
    let with =
        |origin: &'static str| handshake(&server.base, &[("authorization", &bearer), ("origin", origin)]);
    for good in [PORTAL, "https://chat.example.org"] {
        let mut socket = Socket::connect(with(good)).await;
        socket.expect("hello").await;
    }
    for bad in ["https://evil.test", "null", "https://chat.example.org.evil.test", "http://chat.example.org"]
    {
        assert_eq!(refusal(with(bad)).await, 403, "{bad}");
    }
}

#[tokio::test]
async fn strictly_a_cookie_writes_with_its_csrf_token_alone() {
    let server = Server::with(&[("AUTH__STRICT_CSRF", "true")]).await;
    let answer = logs_in(&server, &[]).await;
    let cookies = cookies(&answer);
    let value = |name: &str| {
        let cookie = cookies.iter().find(|c| c.starts_with(name)).unwrap();
        cookie.split([';', '=']).nth(1).unwrap().to_owned()
    };
    let (cookie, csrf) = (format!("MMAUTHTOKEN={}", value("MMAUTHTOKEN=")), value("MMCSRF="));
    let write = |name: &'static str, given: String| {
        let browser = visitor(&server.base).request(Method::PUT, "/users/me/patch").header("cookie", &cookie);
        Answer::of(browser.header(name, given).json(&json!({"nickname": "x"})))
    };
    write("x-requested-with", "XMLHttpRequest".into()).await.fails(401);
    write("x-csrf-token", csrf[1..].to_owned()).await.fails(401);
    write("x-csrf-token", format!("{csrf}x")).await.fails(401);
    let written: Value = write("x-csrf-token", csrf).await.is(200);
    assert_eq!(written["nickname"], "x");
}
