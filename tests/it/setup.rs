//! The first account of an organisation, where strangers can reach the server: it takes the setup secret.

use std::io::Write as _;
use std::process::{Command, Stdio};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::cluster::Cluster;
use crate::support::person::Answer;
use crate::support::{DEADLINE, PASSWORD, SETUP_SECRET as SECRET, Server, eventually, text, visitor};

const WANTED: &str = "api.user.create_user.setup_secret.app_error";

const SITE: (&str, &str) = ("SITE__URL", "https://chat.example.org");

fn account(name: &str, secret: &str) -> Value {
    let email = format!("{name}@example.com");
    json!({"username": name, "email": email, "password": PASSWORD, "setup_secret": secret})
}

/// What the log of a start says behind the address of the sign-up page.
async fn told(server: &Server, before: &str) -> String {
    let link = || async { server.said().contains("#setup=") };
    eventually("the log tells the link", DEADLINE, link).await;
    let said = server.said();
    let (start, rest) = said.split_once("#setup=").unwrap();
    assert!(start.ends_with(&format!("{before}/signup")), "{start}");
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn printed(command: &mut Command) -> Value {
    let output = command.stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_stranger_cannot_make_the_first_account_and_whoever_reads_the_log_can() {
    let server = Server::empty(Cluster::shared(), &[SITE, ("AUTH__SETUP_SECRET", "")]).await;
    let secret = told(&server, "https://chat.example.org").await;
    assert!(secret.len() >= 32, "{secret}");
    let stranger = visitor(&server.base);
    for wrong in ["", "x", &secret[1..], &format!("{secret}0"), &secret.to_uppercase().replace('0', "1")] {
        stranger.post("/users", account("eve", wrong)).await.refused(403, WANTED);
    }
    // All nodes know the same one, and it may stand in the address.
    let second = server.second_node();
    assert_eq!(told(&second, "https://chat.example.org").await, secret);
    let first =
        visitor(&second.base).post(&format!("/users?setup={secret}"), account("ann", "")).await.is(201);
    assert_eq!(text(&first, "roles"), "system_admin system_user");
    // From then on it is worth nothing, and not needed.
    let bob = stranger.post("/users", account("bob", &secret)).await.is(201);
    let eve = stranger.post("/users", account("eve", "wrong")).await.is(201);
    for other in [bob, eve] {
        assert_eq!(text(&other, "roles"), "system_user");
    }
}

#[tokio::test]
async fn of_two_who_come_first_at_once_only_one_with_the_secret_administrates() {
    let server = Server::empty(Cluster::shared(), &[SITE]).await;
    let stranger = visitor(&server.base);
    let (with, without) = tokio::join!(
        stranger.post("/users", account("ann", SECRET)),
        stranger.post("/users", account("eve", ""))
    );
    assert_eq!(text(&with.is(201), "roles"), "system_admin system_user");
    assert!([201, 403].contains(&without.status), "{without:?}");
    if without.status == 201 {
        assert_eq!(text(&without.json(), "roles"), "system_user");
    }
}

#[tokio::test]
async fn whoever_makes_an_organisation_without_an_administrator_is_given_its_secret() {
    let server = Server::with(&[SITE]).await;
    let new = json!({"slug": "north", "name": "North"});
    let made = server.admin.post("/organizations", new).await.is(201);
    let secret = text(&made, "setup_secret");
    assert_eq!(text(&made, "setup_link"), format!("https://chat.example.org/o/north/signup#setup={secret}"));
    let north = visitor(&format!("{}/o/north", server.base));
    for wrong in ["", SECRET] {
        north.post("/users", account("eve", wrong)).await.refused(403, WANTED);
    }
    let other = printed(server.command().args(["org", "create", "south", "--name", "South"]));
    let south = visitor(&format!("{}/o/south", server.base));
    south.post("/users", account("eve", &secret)).await.refused(403, WANTED);
    for (door, secret) in [(north, secret), (south, text(&other, "setup_secret"))] {
        let first = door.post("/users", account("ann", &secret)).await.is(201);
        assert_eq!(text(&first, "roles"), "system_admin system_user");
    }
    // Neither told again, nor where it is not needed.
    let again = server.admin.get("/organizations?per_page=10").await.is(200);
    assert!(!again.to_string().contains("setup"), "{again}");
    let founded = json!({"slug": "west", "name": "West",
        "admin": {"username": "wes", "email": "wes@example.com", "password": PASSWORD}});
    let founded = server.admin.post("/organizations", founded).await.is(201);
    assert!(founded.get("setup_secret").is_none(), "{founded}");
}

#[tokio::test]
async fn the_command_line_needs_no_secret() {
    let server = Server::empty(Cluster::shared(), &[SITE]).await;
    let mut create = server.command();
    create.args(["user", "create", "ann", "--email", "ann@example.com"]).stdin(Stdio::piped());
    let mut child = create.stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(text(&made, "roles"), "system_admin system_user");
}

#[tokio::test]
async fn on_this_machine_alone_everything_is_as_easy_as_it_was() {
    let settings = [("AUTH__SETUP_SECRET", ""), ("SITE__URL", "http://localhost:8065")];
    let server = Server::empty(Cluster::shared(), &settings).await;
    let first = visitor(&server.base).post("/users", account("ann", "")).await.is(201);
    assert_eq!(text(&first, "roles"), "system_admin system_user");
}

#[tokio::test]
async fn behind_a_proxy_that_nobody_told_of_strangers_need_it_too() {
    let server = Server::empty(Cluster::shared(), &[("AUTH__SETUP_SECRET", "")]).await;
    let secret = told(&server, &server.base).await;
    let eve = visitor(&server.base);
    for (name, value) in [
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "chat.example.org"),
        ("x-real-ip", "192.0.2.7"),
        ("forwarded", "for=192.0.2.7"),
        ("via", "1.1 proxy"),
        ("x-forwarded-port", "443"),
        ("cf-connecting-ip", "192.0.2.7"),
        ("host", "chat.example.org"),
        ("host", "localhost.example.org:8065"),
    ] {
        let asked = eve.request(Method::POST, "/users").header(name, value).json(&account("eve", ""));
        Answer::of(asked).await.refused(403, WANTED);
    }
    let asked = eve.request(Method::POST, "/users").header("via", "1.1 proxy");
    let first = Answer::of(asked.json(&account("ann", &secret))).await.is(201);
    assert_eq!(text(&first, "roles"), "system_admin system_user");
    // Whoever makes an organisation through the proxy is told its secret, and strangers come the same way.
    let ann = eve.log_in("ann").await;
    let new = |slug: &str| json!({"slug": slug, "name": slug});
    let made = ann.request(Method::POST, "/organizations").header("via", "1.1 proxy").json(&new("north"));
    let secret = text(&Answer::of(made).await.is(201), "setup_secret");
    let near = ann.post("/organizations", new("south")).await.is(201);
    assert!(near.get("setup_secret").is_none(), "{near}");
    let north = visitor(&format!("{}/o/north", server.base));
    for (given, status) in [("", 403), (secret.as_str(), 201)] {
        let asked = north.request(Method::POST, "/users").header("via", "1.1 proxy");
        assert_eq!(Answer::of(asked.json(&account("eve", given))).await.status, status);
    }
}
