//! Several organisations on one server: how they are addressed, and that a login counts in its own only.

use reqwest::Method;
use serde_json::json;

use crate::support::cluster::sql;
use crate::support::person::Answer;
use crate::support::socket::{handshake, refusal};
use crate::support::{PASSWORD, Server, Socket, moves_in, number, text, visitor};

/// Makes an organisation; where it answers.
fn house(server: &Server, slug: &str) -> String {
    let name = format!("The house of {slug}");
    sql(
        &server.database,
        &format!("insert into orgs (id, slug, name) values (gen_random_uuid(), '{slug}', '{name}')"),
    );
    format!("{}/o/{slug}", server.base)
}

/// A page of the site.
async fn page(base: &str, path: &str) -> Answer {
    Answer::of(reqwest::Client::new().get(format!("{base}{path}"))).await
}

#[tokio::test]
async fn two_organisations_have_the_same_names_and_know_nothing_of_each_other() {
    let server = Server::start().await;
    let (north, south) = (house(&server, "north"), house(&server, "south"));
    let (ann, other_ann) = (moves_in(&north, "ann").await, moves_in(&south, "ann").await);
    assert_ne!(ann.id, other_ann.id);
    for person in [&ann, &other_ann] {
        let me = person.get("/users/me").await.is(200);
        assert_eq!(
            text(&me, "roles"),
            "system_admin system_user",
            "the first of an organisation administrates it"
        );
        person.makes_team("crew").await;
    }
    let again = json!({"name": "crew", "display_name": "crew", "type": "O"});
    ann.post("/teams", again).await.refused(400, "app.team.save.existing.app_error");
    other_ann.get(&format!("/users/{}", ann.id)).await.fails(404);
    ann.get("/users/username/admin").await.fails(404);
    let config = visitor(&north).get("/config/client?format=old").await.is(200);
    assert_eq!(text(&config, "SiteName"), "The house of north");
    assert_eq!(text(&config, "SiteURL"), north);
    assert_eq!(text(&config, "WebsocketURL"), north.replacen("http", "ws", 1));
    let config = visitor(&server.base).get("/config/client?format=old").await.is(200);
    assert_eq!(
        (text(&config, "SiteURL"), text(&config, "SiteName")),
        (server.base.clone(), "rustchat".to_owned())
    );
    assert_eq!(text(&config, "WebsocketURL"), "");
}

#[tokio::test]
async fn a_login_counts_in_its_own_organisation_only() {
    let server = Server::start().await;
    let (north, south) = (house(&server, "north"), house(&server, "south"));
    let ann = moves_in(&north, "ann").await;
    moves_in(&south, "bob").await;
    for base in [&south, &server.base] {
        let stray = ann.at_address(base);
        stray.get("/users/me").await.refused(401, "api.context.session_expired.app_error");
        let bearer = format!("Bearer {}", ann.token);
        assert_eq!(refusal(handshake(base, &[("authorization", &bearer)])).await, 401);
        let mut socket = Socket::connect(handshake(base, &[])).await;
        let answer = socket.challenge(&ann.token).await;
        assert_eq!(number(&answer["error"], "status_code"), 401, "{answer}");
        let wrong =
            visitor(base).post("/users/login", json!({"login_id": "ann", "password": PASSWORD})).await;
        wrong.refused(401, "api.user.login.invalid_credentials_email_username");
    }
    let mut socket = ann.listens().await;
    let team = ann.makes_team("crew").await;
    socket.expect_that("added_to_team", |e| text(&e["data"], "team_id") == team).await;
}

#[tokio::test]
async fn an_organisation_is_found_by_the_name_of_the_host() {
    let server = Server::with(&[("SITE__URL", "https://chat.example.org")]).await;
    let north = house(&server, "north");
    sql(
        &server.database,
        "insert into org_domains select 'north.example', id from orgs where slug = 'north'",
    );
    let ann = moves_in(&north, "ann").await;
    let me = |host: &'static str| ann.at(&server).request(Method::GET, "/users/me").header("host", host);
    assert_eq!(text(&Answer::of(me("North.Example:443")).await.is(200), "id"), ann.id);
    for elsewhere in ["south.example", "chat.example.org"] {
        Answer::of(me(elsewhere)).await.refused(401, "api.context.session_expired.app_error");
    }
    let config = visitor(&north).get("/config/client?format=old").await.is(200);
    assert_eq!(text(&config, "SiteURL"), "https://north.example");
    let south = house(&server, "south");
    let config = visitor(&south).get("/config/client?format=old").await.is(200);
    assert_eq!(text(&config, "SiteURL"), "https://chat.example.org/o/south");
}

#[tokio::test]
async fn an_unknown_organisation_is_not_there() {
    let server = Server::start().await;
    for slug in ["nobody", "No-Body", "-", "no.body", "%6eobody"] {
        let base = format!("{}/o/{slug}", server.base);
        for path in ["/users/me", "/system/ping", "/nonsense"] {
            visitor(&base).get(path).await.refused(404, "api.organization.not_found.app_error");
        }
        assert_eq!(refusal(handshake(&base, &[])).await, 404);
        let page = page(&base, "/").await;
        assert_eq!((page.status, page.header("content-type").as_str()), (404, "text/html; charset=utf-8"));
        assert!(page.body.contains("no organization"), "{}", page.body);
    }
}

#[tokio::test]
async fn two_organisations_on_one_host_do_not_disturb_each_other_in_a_browser() {
    let server = Server::start().await;
    let north = house(&server, "north");
    let ann = moves_in(&north, "ann").await;
    let log_in = |base: &str, name: &str| {
        let body = json!({"login_id": name, "password": PASSWORD});
        visitor(base)
            .request(Method::POST, "/users/login")
            .header("x-requested-with", "XMLHttpRequest")
            .json(&body)
    };
    let mut tokens = Vec::new();
    for (base, name, path) in [(&server.base, "admin", "/"), (&north, "ann", "/o/north/")] {
        let answer = Answer::of(log_in(base, name)).await;
        let cookies: Vec<_> =
            answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
        assert_eq!(cookies.len(), 3);
        assert!(cookies.iter().all(|c| c.contains(&format!("Path={path};"))), "{cookies:?}");
        tokens.push(answer.header("token"));
    }
    // A browser sends what is bound to the longer path first, but nothing may depend on it.
    for order in [[0, 1], [1, 0]] {
        let cookies = order.map(|i| format!("MMAUTHTOKEN={}", tokens[i])).join("; ");
        let me = visitor(&north).request(Method::GET, "/users/me").header("cookie", cookies);
        assert_eq!(text(&Answer::of(me).await.is(200), "id"), ann.id);
    }
}

#[tokio::test]
async fn the_client_finds_itself_below_the_path_of_an_organisation() {
    let server = Server::start().await;
    let north = house(&server, "north");
    for (base, path, expected) in [
        (&server.base, "/", "<base href=\"/\""),
        (&north, "", "<base href=\"/o/north/\""),
        (&north, "/", "<base href=\"/o/north/\""),
        (&north, "/crew/channels/town-square", "<base href=\"/o/north/\""),
    ] {
        let page = page(base, path).await;
        assert_eq!(page.status, 200);
        // A binary without the client says so instead.
        if page.body.contains("<base") {
            assert!(page.body.contains(expected), "{base}{path}: {}", page.body);
            let asset = page.body.split("./assets/").nth(1).unwrap().split('"').next().unwrap();
            assert_eq!(self::page(base, &format!("/assets/{asset}")).await.status, 200);
        } else {
            assert!(page.body.contains("not built into this binary"), "{}", page.body);
        }
    }
}
