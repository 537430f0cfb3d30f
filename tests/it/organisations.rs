//! Several organisations on one server: how they are addressed, and that a login counts in its own only.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::cluster::sql;
use crate::support::person::Answer;
use crate::support::socket::{handshake, refusal};
use crate::support::{
    DEADLINE, NOBODY, PASSWORD, Person, Server, Socket, each, eventually, id, moves_in, number, text, visitor,
};

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
    let made = server.admin.post("/organizations", json!({"slug": "north", "name": "North"})).await.is(201);
    // Before anybody has asked for it: where an organisation answers is remembered for a moment.
    sql(
        &server.database,
        "insert into org_domains select 'north.example', id from orgs where slug = 'north'",
    );
    let north = format!("{}/o/north", server.base);
    let first = json!({"username": "ann", "email": "ann@example.com", "password": PASSWORD,
        "setup_secret": made["setup_secret"]});
    visitor(&north).post("/users", first).await.is(201);
    let ann = visitor(&north).log_in("ann").await;
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

#[tokio::test]
async fn nothing_that_is_sent_to_a_view_of_the_client_is_taken_for_done() {
    let server = Server::start().await;
    for (base, path, status) in [
        (server.base.clone(), "/hooks/h1hz4fuqk7r97jwc9gbq5xfe6c", 501),
        (house(&server, "north"), "/hooks/h1hz4fuqk7r97jwc9gbq5xfe6c", 501),
        (server.base.clone(), "/crew/channels/town-square", 404),
    ] {
        let sent = reqwest::Client::new().post(format!("{base}{path}")).json(&json!({"text": "hi"}));
        Answer::of(sent).await.fails(status);
    }
}

/// An organisation as the operator makes it, with its administrator logged in.
async fn founded(server: &Server, slug: &str, more: serde_json::Value) -> (String, Person) {
    let admin = json!({"username": "head", "email": format!("head@{slug}.example"), "password": PASSWORD});
    let mut new = json!({"slug": slug, "name": format!("House {slug}"), "admin": admin});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = server.admin.post("/organizations", new).await.is(201);
    let base = format!("{}/o/{slug}", server.base);
    (id(&made), visitor(&base).log_in("head").await)
}

fn applicant(name: &str, email: &str) -> serde_json::Value {
    json!({"username": name, "email": email, "password": PASSWORD})
}

#[tokio::test]
async fn an_operator_sees_to_organisations_and_an_administrator_to_their_own() {
    let server = Server::start().await;
    let (org, head) = founded(&server, "north", json!({"domains": ["North.Example"], "max_users": 5})).await;
    let path = format!("/organizations/{org}");
    let seen = head.get("/organizations/current").await.is(200);
    assert_eq!(
        (id(&seen), text(&seen, "slug"), text(&seen, "name")),
        (org.clone(), "north".into(), "House north".into())
    );
    assert_eq!((&seen["domains"], &seen["max_users"]), (&json!(["north.example"]), &json!(5)));
    assert_eq!(seen, server.admin.get(&path).await.is(200));

    let patch = |body| head.put("/organizations/current/patch", body);
    let changed =
        patch(json!({"name": "Up here", "sign_up_policy": "closed", "retention_days": 30})).await.is(200);
    assert_eq!(
        (text(&changed, "name"), text(&changed, "sign_up_policy")),
        ("Up here".into(), "closed".into())
    );
    for theirs in [
        json!({"slug": "up"}),
        json!({"domains": []}),
        json!({"max_users": 0}),
        json!({"max_storage_bytes": 1}),
        json!({"max_file_bytes": 1}),
    ] {
        patch(theirs).await.refused(403, "api.context.permissions.app_error");
    }
    for bad in [
        json!({"name": " "}),
        json!({"sign_up_policy": "perhaps"}),
        json!({"retention_days": -1}),
        json!({"colour": 1}),
    ] {
        patch(bad).await.refused(400, "api.context.invalid_body_param.app_error");
    }
    let config = visitor(&head.base).get("/config/client?format=old").await.is(200);
    assert_eq!(
        (text(&config, "SiteName"), text(&config, "EnableUserCreation")),
        ("Up here".into(), "false".into())
    );

    let plain = server.sign_up("plain").await;
    for stranger in [&plain, &head] {
        stranger.get("/organizations").await.fails(403);
        stranger.post("/organizations", json!({"slug": "x", "name": "x"})).await.fails(403);
        stranger.post(&format!("{path}/suspend"), json!({})).await.fails(403);
        stranger.delete(&path).await.fails(403);
    }
    let nobody = format!("/organizations/{NOBODY}");
    plain.get(&path).await.refused(403, "api.context.permissions.app_error");
    plain.get(&nobody).await.refused(403, "api.context.permissions.app_error");
    server.admin.get(&nobody).await.refused(404, "api.organization.not_found.app_error");

    let page = server.admin.get("/organizations?per_page=1&page=1").await.is(200);
    assert_eq!(
        (&page["total_count"], each(&page["organizations"], "slug")),
        (&json!(2), vec!["north".to_owned()])
    );
    assert_eq!(number(&page["organizations"][0], "user_count"), 1);
}

#[tokio::test]
async fn no_two_organisations_have_one_name_or_one_host() {
    let server = Server::start().await;
    founded(&server, "north", json!({"domains": ["north.example"]})).await;
    let again = server.admin.post("/organizations", json!({"slug": "north", "name": "x"})).await;
    again.refused(400, "api.organization.slug_taken.app_error");
    let again = json!({"slug": "south", "name": "x", "domains": ["north.example"]});
    server.admin.post("/organizations", again).await.refused(400, "api.organization.domain_taken.app_error");
    let again = server.admin.get("/organizations").await.is(200);
    assert_eq!(number(&again, "total_count"), 2, "nothing was made of what was refused");
}

#[tokio::test]
async fn what_an_organisation_has_is_counted_and_who_is_in_it_listed() {
    let server = Server::start().await;
    let (org, head) = founded(&server, "north", json!({})).await;
    let ann = moves_in(&head.base, "ann").await;
    let team = head.makes_team("crew").await;
    head.brings_into_team(&team, &ann).await;
    let town = head.finds_channel(&team, "town-square").await;
    let before = head.get("/organizations/current/usage").await.is(200);
    ann.posts(&town, "here I am").await;
    let usage = server.admin.get(&format!("/organizations/{org}/usage")).await.is(200);
    assert_eq!(number(&usage, "post_count"), number(&before, "post_count") + 1);
    for (key, count) in [("user_count", 2), ("team_count", 1), ("channel_count", 2), ("storage_bytes", 0)] {
        assert_eq!(number(&usage, key), count, "{key}");
    }
    let members = server.admin.get(&format!("/organizations/{org}/members")).await.is(200);
    assert_eq!(each(&members, "username"), ["ann", "head"]);
    let admins = format!("/organizations/{org}/admins");
    server.admin.put(&format!("{admins}/{}", ann.id), json!({})).await.is(200);
    assert_eq!(each(&ann.get(&admins).await.is(200), "username"), ["ann", "head"]);
    ann.delete(&format!("{admins}/{}", head.id)).await.is(200);
    head.get(&admins).await.fails(403);
    ann.delete(&format!("{admins}/{}", ann.id)).await.fails(400);
    server.admin.put(&format!("{admins}/{}", server.admin.id), json!({})).await.fails(404);
}

#[tokio::test]
async fn a_suspended_organisation_lets_nobody_in_and_is_as_before_when_it_is_resumed() {
    let server = Server::with(&[("FILES__PUBLIC_LINKS", "true")]).await;
    let (org, head) = founded(&server, "north", json!({})).await;
    let town = head.finds_channel(&head.makes_team("crew").await, "town-square").await;
    let file = head.brings(&town, "public.txt", b"for everybody").await;
    head.posts_files(&town, "", &[&file]).await;
    let link = text(&head.get(&format!("/files/{}/link", id(&file))).await.is(200), "link");
    let link = link.split_once("/api/v4").unwrap().1.to_owned();
    let public = async || visitor(&head.base).downloads(&link, &[]).await.status;
    assert_eq!(public().await, 200);
    let mut socket = head.listens().await;
    let path = format!("/organizations/{org}");
    let suspended = server.admin.post(&format!("{path}/suspend"), json!({})).await.is(200);
    assert!(number(&suspended, "suspended_at") > 0);
    assert_eq!(socket.closes().await.1, "session ended");
    assert_eq!(public().await, 403);
    assert_ne!(visitor(&server.base).downloads(&link, &[]).await.status, 200);
    head.get("/users/me").await.refused(403, "api.organization.suspended.app_error");
    visitor(&head.base)
        .get("/config/client?format=old")
        .await
        .refused(403, "api.organization.suspended.app_error");
    let log_in = json!({"login_id": "head", "password": PASSWORD});
    visitor(&head.base)
        .post("/users/login", log_in)
        .await
        .refused(403, "api.organization.suspended.app_error");
    assert_eq!(refusal(handshake(&head.base, &[])).await, 403);
    assert_eq!(page(&head.base, "/").await.status, 403);
    let strange = page(&server.base, "/o/%22%3E%3Cb%3E/").await;
    assert_eq!(strange.status, 404);
    head.at(&server).get("/users/me").await.refused(401, "api.context.session_expired.app_error");
    let resumed = server.admin.post(&format!("{path}/resume"), json!({})).await.is(200);
    assert_eq!(number(&resumed, "suspended_at"), 0);
    let after = async || head.get("/users/me").await.status == 200;
    eventually("the session counts again", DEADLINE, after).await;
    head.listens().await;
    assert_eq!(public().await, 200);
    let own = id(&server.admin.get("/organizations/current").await.is(200));
    let own = format!("/organizations/{own}");
    let refused = "api.organization.is_default.app_error";
    server.admin.post(&format!("{own}/suspend"), json!({})).await.refused(400, refused);
    server.admin.delete(&own).await.refused(400, refused);
}

#[tokio::test]
async fn a_deleted_organisation_is_gone_with_everything_in_it() {
    let server = Server::start().await;
    let (org, head) = founded(&server, "north", json!({"domains": ["north.example"]})).await;
    let team = head.makes_team("crew").await;
    let town = head.finds_channel(&team, "town-square").await;
    let root = head.posts(&town, "hello").await;
    head.replies(&root, "hello yourself").await;
    let mut socket = head.listens().await;
    let stays = server.admin.makes_team("crew").await;
    server.admin.delete(&format!("/organizations/{org}")).await.is(200);
    assert_eq!(socket.closes().await.1, "session ended");
    head.get("/users/me").await.refused(404, "api.organization.not_found.app_error");
    server.admin.get(&format!("/organizations/{org}")).await.fails(404);
    server.admin.delete(&format!("/organizations/{org}")).await.fails(404);
    // The name and the host are free at once.
    let (again, _) = founded(&server, "north", json!({"domains": ["north.example"]})).await;
    assert_ne!(again, org);
    let left = || sql(&server.database, "select count(*) from orgs where delete_at > 0");
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'organisations'");
    eventually("the job has removed it", Duration::from_secs(30), async || left() == "0").await;
    for table in ["users", "teams", "channels"] {
        let of_nobody = format!(
            "select count(*) from {table} t where not exists (select 1 from orgs o where o.id = t.org_id)"
        );
        assert_eq!(sql(&server.database, &of_nobody), "0", "{table}");
    }
    assert_eq!(sql(&server.database, "select count(*) from posts where message like 'hello%'"), "0");
    let logs = "select count(*) from topics t where not exists (select 1 from users where id = t.id)
        and not exists (select 1 from teams where id = t.id) and not exists (select 1 from channels where id = t.id)
        and not exists (select 1 from orgs where id = t.id)";
    assert_eq!(sql(&server.database, logs), "0", "logs of what is gone");
    server.admin.get(&format!("/teams/{stays}")).await.is(200);
}

#[tokio::test]
async fn who_may_sign_up_is_the_organisations_own_policy() {
    let server = Server::start().await;
    let (_, head) = founded(&server, "north", json!({})).await;
    let team = head.makes_team("crew").await;
    let invite = text(&head.get(&format!("/teams/{team}")).await.is(200), "invite_id");
    let policy = async |body| drop(head.put("/organizations/current/patch", body).await.is(200));
    let anybody = visitor(&head.base);
    let tries = async |name: &str, query: &str| {
        anybody.post(&format!("/users{query}"), applicant(name, &format!("{name}@Trusted.example"))).await
    };
    policy(json!({"sign_up_policy": "invitation"})).await;
    tries("ann", "").await.refused(403, "api.user.create_user.no_open_server");
    tries("ann", &format!("?iid={invite}")).await.is(201);
    policy(json!({"sign_up_policy": "domain", "email_domains": ["trusted.example"]})).await;
    // An address counts when it is proven: whoever types one that ends right is not in yet.
    tries("bob", "").await.is(201);
    let login = json!({"login_id": "bob", "password": PASSWORD});
    let enters = async || anybody.post("/users/login", login.clone()).await;
    enters().await.refused(401, "api.user.login.not_verified.app_error");
    let config = anybody.get("/config/client?format=old").await.is(200);
    assert_eq!(text(&config, "RequireEmailVerification"), "true");
    let email = server.email("Confirm").await;
    assert_eq!(email.header("To"), "bob@trusted.example");
    anybody.post("/users/email/verify", json!({"token": email.token()})).await.is(200);
    enters().await.is(200);
    // An invitation proves no address, and one whom an administrator made is let in by them.
    tries("bea", &format!("?iid={invite}")).await.is(201);
    let login = json!({"login_id": "bea", "password": PASSWORD});
    anybody.post("/users/login", login).await.refused(401, "api.user.login.not_verified.app_error");
    head.post("/users", applicant("ben", "ben@trusted.example")).await.is(201);
    head.log_in("ben").await;
    // Nobody can prove an address where no mail leaves, and whoever sets the policy is told.
    let org = head.get("/organizations/current").await.is(200);
    assert!(text(&org, "sign_up_note").contains("No mail server"), "{org}");
    let elsewhere = anybody.post("/users", applicant("cat", "cat@nottrusted.example")).await;
    elsewhere.refused(400, "api.user.create_user.accepted_domain.app_error");
    policy(json!({"sign_up_policy": "closed"})).await;
    tries("cat", &format!("?iid={invite}"))
        .await
        .refused(501, "api.user.create_user.signup_email_disabled.app_error");
    head.post("/users", applicant("cat", "cat@anywhere.example")).await.is(201);
    // The others are as they were.
    server.sign_up("ann").await;
}

#[tokio::test]
async fn the_last_place_is_given_once() {
    let server = Server::start().await;
    let (_, head) = founded(&server, "north", json!({"max_users": 3})).await;
    let anybody = visitor(&head.base);
    let names = ["a1", "b1", "c1", "d1", "e1", "f1"].map(|n| (n.repeat(2), anybody.clone()));
    let all = names
        .map(|(n, who)| async move { who.post("/users", applicant(&n, &format!("{n}@x.example"))).await });
    let answers = futures_util::future::join_all(all).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 201);
    assert_eq!(made.len(), 2);
    for answer in refused {
        answer.refused(400, "api.user.create_user.user_limits.exceeded");
    }
    let someone = id(&made[0].json());
    let active = format!("/users/{someone}/active");
    head.put(&active, json!({"active": false})).await.is(200);
    anybody.post("/users", applicant("guy", "guy@x.example")).await.is(201);
    head.put(&active, json!({"active": true}))
        .await
        .refused(400, "api.user.create_user.user_limits.exceeded");
}

#[tokio::test]
async fn operators_are_of_the_default_organisation_and_one_stays() {
    let server = Server::start().await;
    let (_, head) = founded(&server, "north", json!({})).await;
    let ann = server.sign_up("ann").await;
    let operator = |who: &Person| format!("/organizations/operators/{}", who.id);
    ann.get("/organizations").await.fails(403);
    server.admin.put(&operator(&head), json!({})).await.fails(404);
    server.admin.put(&operator(&ann), json!({})).await.is(200);
    assert_eq!(number(&ann.get("/organizations").await.is(200), "total_count"), 2);
    // An operator is no administrator.
    ann.get("/config").await.fails(403);
    ann.delete(&operator(&server.admin)).await.is(200);
    server.admin.get("/organizations").await.fails(403);
    ann.delete(&operator(&ann)).await.refused(400, "api.organization.last_operator.app_error");
}

/// What the command line says: whether it went well, what it printed, and what it complained of.
fn commanded(server: &Server, words: &[&str], input: &str) -> (bool, String, String) {
    let mut command = server.command();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{input}").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_command_line_does_the_same_beside_a_running_server() {
    let server = Server::start().await;
    let new = [
        "org",
        "create",
        "north",
        "--name",
        "Up north",
        "--admin",
        "head",
        "--admin-email",
        "head@x.example",
    ];
    let (well, made, said) = commanded(&server, &[&new[..], &["--max-users", "2"]].concat(), PASSWORD);
    assert!(well, "{said}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert_eq!((text(&made, "slug"), number(&made, "max_users")), ("north".to_owned(), 2));
    let base = format!("{}/o/north", server.base);
    let head = visitor(&base).log_in("head").await;
    let (well, _, said) = commanded(
        &server,
        &["user", "create", "ann", "--email", "ann@x.example", "--org", "north"],
        PASSWORD,
    );
    assert!(well, "{said}");
    let ann = visitor(&base).log_in("ann").await;
    let (well, _, said) = commanded(
        &server,
        &["user", "create", "bob", "--email", "bob@x.example", "--org", "north"],
        PASSWORD,
    );
    assert!(!well && said.contains("as many accounts"), "{said}");
    let (well, _, _) =
        commanded(&server, &["user", "role", "ann", "system_admin system_user", "--org", "north"], "");
    let is_admin = async || ann.get("/organizations/current").await.status == 200;
    assert!(well);
    eventually("the role is hers", DEADLINE, is_admin).await;
    let (well, _, said) = commanded(&server, &["user", "password", "ann", "--org", "north"], "An0ther!fish");
    assert!(well, "{said}");
    let is_out = async || ann.get("/users/me").await.status == 401;
    eventually("her sessions are over", DEADLINE, is_out).await;
    let again = json!({"login_id": "ann", "password": "An0ther!fish"});
    visitor(&base).post("/users/login", again).await.is(200);

    assert!(commanded(&server, &["org", "suspend", "north"], "").0);
    let is_suspended = async || head.get("/users/me").await.status == 403;
    eventually("nobody is let in", DEADLINE, is_suspended).await;
    assert!(commanded(&server, &["org", "resume", "north"], "").0);
    let is_back = async || head.get("/users/me").await.status == 200;
    eventually("everybody is let in", DEADLINE, is_back).await;
    let (well, shown, _) = commanded(&server, &["org", "show", "north"], "");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert!(well && number(&shown["usage"], "user_count") == 2, "{shown}");
    let (well, _, said) = commanded(&server, &["org", "delete", "north"], "");
    assert!(!well && said.contains("--yes"), "{said}");
    assert!(commanded(&server, &["org", "delete", "north", "--yes"], "").0);
    let (well, _, said) = commanded(&server, &["org", "show", "north"], "");
    assert!(!well && said.contains("no such organization"), "{said}");
    let trail = sql(&server.database, "select count(*) from audits where extra_info = 'by the command line'");
    assert!(trail.parse::<u32>().unwrap() >= 6, "{trail}");
}

#[tokio::test]
async fn posts_are_kept_as_long_as_the_organisation_wants_and_their_end_is_told() {
    let server = Server::start().await;
    let team = server.admin.makes_team("crew").await;
    let town = server.admin.finds_channel(&team, "town-square").await;
    let (old, lively) = (server.admin.posts(&town, "old").await, server.admin.posts(&town, "lively").await);
    let reply = server.admin.replies(&old, "old, too").await;
    server.admin.replies(&lively, "today").await;
    let young = server.admin.posts(&town, "young").await;
    // What a person deleted is kept for administrators, no longer than anything else.
    for (message, root) in
        [("old, deleted", None), ("old, in a thread that lives", Some(&lively)), ("gone", None)]
    {
        let post = match root {
            None => server.admin.posts(&town, message).await,
            Some(root) => server.admin.replies(root, message).await,
        };
        server.admin.delete(&format!("/posts/{}", id(&post))).await.is(200);
    }
    let days = "update posts set create_at = create_at - 3 * 86400000::bigint,
        last_reply_at = greatest(last_reply_at - 3 * 86400000::bigint, 0) where message like 'old%'";
    sql(&server.database, days);
    sql(
        &server.database,
        "update posts set create_at = create_at - 3 * 86400000::bigint where message = 'lively'",
    );
    let mut socket = server.admin.listens().await;
    server.admin.put("/organizations/current/patch", json!({"retention_days": 2})).await.is(200);
    sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'retention'");
    let told = socket.expect("post_deleted").await;
    assert_eq!(id(&crate::support::inner(&told, "post")), id(&old));
    for gone in [&old, &reply] {
        server.admin.get(&format!("/posts/{}", id(gone))).await.fails(404);
    }
    server.admin.reads(&lively).await;
    server.admin.reads(&young).await;
    assert_eq!(sql(&server.database, "select count(*) from posts where message like 'old%'"), "0");
    assert_eq!(sql(&server.database, "select count(*) from posts where message = 'gone'"), "1");
}
