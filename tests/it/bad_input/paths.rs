//! Junk in paths and queries.

use std::collections::BTreeSet;

use reqwest::Method;
use rustchat::api::operations;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{House, ask_all, routes, sound};
use crate::support::{NOBODY, Person, Server, visitor};

/// The places of identifiers in a path.
fn id_parts(route: &str) -> Vec<&str> {
    route
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .filter(|part| part.ends_with("_id") && *part != "role_id")
        .collect()
}

#[tokio::test]
async fn identifiers_of_another_kind_are_nobodys() {
    let house = House::new().await;
    let before = house.state();
    let mut asked = Vec::new();
    for (method, route) in routes() {
        for part in id_parts(route) {
            let strangers = house.parts.iter().filter(|(kind, _)| *kind != part).map(|(_, id)| id.as_str());
            for stranger in strangers.chain([NOBODY]) {
                let body = (method != Method::GET).then(|| json!({}));
                asked.push((method.clone(), house.path(route, &[(part, stranger)]), body));
            }
        }
    }
    assert!(asked.len() > 300, "{}", asked.len());
    for who in [&house.ann, &house.server.admin] {
        for outcome in ask_all(who, asked.clone()).await {
            sound(&outcome);
            let (about, answer) = outcome;
            let quiet = answer.status >= 400 || answer.body.len() < 200;
            assert!(quiet, "{about}: something was found: {answer:?}");
        }
    }
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn malformed_identifiers_are_refused_everywhere() {
    let house = House::new().await;
    let before = house.state();
    let long = "a".repeat(5000);
    let junk = [
        "abc",
        "abc!",
        "a%20b",
        "%ff%fe",
        "%F0%9F%98%80",
        "..%2f..",
        "-1",
        "null",
        "'%20or%201=1--",
        long.as_str(),
    ];
    let mut asked = Vec::new();
    for (method, route) in routes() {
        for part in id_parts(route).into_iter().filter(|part| *part != "invite_id") {
            // Three for each place: all of them come to every handler's code sooner or later.
            for _ in 0..3 {
                let body = (method != Method::GET).then(|| json!({}));
                asked.push((
                    method.clone(),
                    house.path(route, &[(part, junk[asked.len() % junk.len()])]),
                    body,
                ));
            }
        }
    }
    for outcome in ask_all(&house.ann, asked).await {
        sound(&outcome);
        let (about, answer) = outcome;
        assert!((400..=404).contains(&answer.status) || answer.status == 501, "{about}: {answer:?}");
    }
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn a_nul_is_nowhere_welcome() {
    let house = House::new().await;
    let before = house.state();
    let mut asked = Vec::new();
    for (method, route) in routes() {
        let body = (method != Method::GET).then(|| json!({"name": "a\u{0}b", "\u{0}": 1}));
        asked.push((method.clone(), format!("{}?term=a%00b&name=%00", house.path(route, &[])), body.clone()));
        for part in route.split(['{', '}']).skip(1).step_by(2) {
            asked.push((method.clone(), house.path(route, &[(part, "a%00b")]), body.clone()));
        }
    }
    for outcome in ask_all(&house.ann, asked).await {
        sound(&outcome);
        assert_eq!(outcome.1.status, 400, "{outcome:?}");
    }
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn odd_queries_are_read_leniently_or_refused() {
    let house = House::new().await;
    let huge = "9".repeat(40);
    let queries = [
        "page=-1&per_page=-5",
        "page=0&per_page=0",
        "page=nonsense&per_page=1e9",
        &format!("page={huge}&per_page={huge}"),
        "page=9223372036854775807&per_page=9223372036854775807",
        "since=9223372036854775807",
        "since=-9223372036854775808",
        "before=nonsense&after=nonsense",
        &format!("before={NOBODY}"),
        &format!("after={NOBODY}"),
        "in_team=x&in_channel=y&not_in_channel=z&sort=nonsense",
        "limit_before=-1&limit_after=99999999999",
        "perPage=-1&direction=sideways&fromPost=x&fromCreateAt=-1",
        "name=%25%27%3B--&term=%5C",
        &format!("name={}", "x".repeat(5000)),
        "%ff=%fe&=&&&",
    ];
    let gets: Vec<_> = routes().into_iter().filter(|(method, _)| *method == Method::GET).collect();
    let asked = gets.iter().flat_map(|(method, route)| {
        queries.iter().map(|query| (method.clone(), format!("{}?{query}", house.path(route, &[])), None))
    });
    for outcome in ask_all(&house.ann, asked).await {
        sound(&outcome);
    }
}

#[tokio::test]
async fn nobody_gets_past_the_door_without_a_session() {
    let house = House::new().await;
    // Which these are, a test of the table holds.
    let open: BTreeSet<_> = operations().into_iter().filter(|o| o.open).map(|o| (o.method, o.path)).collect();
    let before = house.state();
    let stranger = visitor(&house.server.base);
    let mut refused = 0;
    for (method, route) in routes() {
        let body = (method != Method::GET).then(|| json!({}));
        let answer = stranger.ask(method.clone(), &house.path(route, &[]), body).await;
        // What is not switched on says so to everybody.
        assert!(answer.status < 500 || answer.status == 501, "{answer:?}");
        if !open.contains(&(method.as_str(), format!("/api/v4{route}").as_str())) {
            assert_eq!(answer.status, 401, "{method} {route}: {answer:?}");
            refused += 1;
        }
    }
    assert!(refused > 90, "{refused}");
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let house = House::new().await;
    for path in ["/nonsense", "/users/me/nonsense", "/", "/posts/x/y/z", "/teams//members"] {
        house.ann.get(path).await.fails(404);
    }
    for (method, path) in
        [(Method::PATCH, "/users/me"), (Method::DELETE, "/posts"), (Method::PUT, "/system/ping")]
    {
        let answer = house.ann.ask(method, path, Some(json!({}))).await;
        assert!([404, 405].contains(&answer.status), "{answer:?}");
        answer.reason();
    }
}

/// What the server says to bytes that are no proper request.
async fn says_raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(crate::support::DEADLINE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection is not closed: {}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn broken_http_costs_only_its_own_connection() {
    let mut server = Server::start().await;
    server.may_log_errors();
    let ann: Person = server.sign_up("ann").await;
    let long = format!("GET /api/v4/users/me HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST /api/v4/posts HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        &long,
    ] {
        let answer = says_raw(&server, request.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    ann.get("/users/me").await.is(200);
}
