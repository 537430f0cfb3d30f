//! Bad settings end the program with the key's name; no secret is ever said.

use std::process::Output;

use crate::support::cluster::Cluster;
use crate::support::server::{bare_command, command};

/// Runs the program with one more setting; it must end by itself.
fn run(settings: &[(&str, &str)]) -> Output {
    let data = tempfile::TempDir::new().unwrap();
    let settings: Vec<(String, String)> =
        settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    command("postgres://nobody@127.0.0.1:1/nothing", &settings, &data).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_mistake_is_named_by_its_key() {
    for (key, value, named) in [
        ("SERVER__BIND", "nonsense", "server.bind"),
        ("SERVER__BIN", "127.0.0.1:0", "bin"),
        ("SERVER__WORKERS", "many", "workers"),
        ("DATABASE__CONNECTIONS", "0", "database.connections"),
        ("DATABASE__CONNECTIONS", "many", "connections"),
        ("AUTH__SECRET", "short", "auth.secret"),
        ("AUTH__SESSION_DAYS", "0", "auth.session_days"),
        ("AUTH__HASHES_AT_ONCE", "0", "auth.hashes_at_once"),
        ("AUTH__OPEN_SIGNUP", "perhaps", "open_signup"),
        ("PASSWORD__MINIMUM_LENGTH", "7", "password.minimum_length"),
        ("SMTP__HOST", "mail.example.org", "smtp.from"),
        ("OPENID__ISSUER", "http://id.example.org", "openid.issuer"),
        ("OPENID__ISSUER", "https://id.example.org", "openid.client_id"),
        ("AUTH__SESSION_IDLE_MINUTES", "1", "auth.session_idle_minutes"),
        ("LIMITS__BURST", "0", "limits.burst"),
        ("LIMITS__ENABLED", "maybe", "enabled"),
        ("NO_SUCH_KEY", "1", "no_such_key"),
        ("LOG", "rustchat=loud", "log"),
        ("LOG", "wran", "\"wran\" is no level"),
        ("LOG", "rustchat", "\"rustchat\" is no level"),
        ("LOG", "", "log"),
        ("AUTH__SETUP_SECRET", "short", "auth.setup_secret"),
        ("SERVER__BODY_SECONDS", "0", "server.body_seconds"),
        ("LIMITS__PASSWORDS_BURST", "0", "limits.passwords_burst"),
        ("ENVIRONMENT", "moon", "moon"),
    ] {
        let output = run(&[(key, value)]);
        assert_eq!(output.status.code(), Some(1), "{key}: {}", said(&output));
        assert!(said(&output).contains(named), "{key}: {}", said(&output));
        assert!(!said(&output).contains("panicked"), "{key}: {}", said(&output));
    }
}

#[test]
fn production_with_a_shared_database_must_have_a_secret() {
    let output = run(&[("ENVIRONMENT", "production")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("auth.secret"), "{}", said(&output));
}

#[test]
fn a_database_that_is_not_there_is_said_without_its_password() {
    let data = tempfile::TempDir::new().unwrap();
    let output = command("postgres://chat:hunter2hunter2@127.0.0.1:1/chat", &[], &data).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("database"), "{}", said(&output));
    assert!(!said(&output).contains("hunter2"), "{}", said(&output));
}

#[test]
fn an_address_that_is_taken_is_said_with_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::TempDir::new().unwrap();
    let settings = [("SERVER__BIND".to_owned(), address.clone())];
    let output = command(&Cluster::shared().copy(), &settings, &data).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("server.bind") && said(&output).contains(&address), "{}", said(&output));
}

#[test]
fn the_command_line_says_what_there_is() {
    let help = bare_command().arg("--help").output().unwrap();
    assert!(help.status.success());
    let unknown = bare_command().arg("dance").output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("dance"), "{}", said(&unknown));
}

#[test]
fn migrating_is_a_command_of_its_own_and_can_be_repeated() {
    let (url, data) = (Cluster::shared().empty(), tempfile::TempDir::new().unwrap());
    for _ in 0..2 {
        let output = command(&url, &[], &data).arg("migrate").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let tables = crate::support::cluster::sql(&url, "select count(*) from posts");
    assert_eq!(tables, "0");
}

#[test]
fn a_common_word_for_a_level_silences_no_errors() {
    for filter in ["warning", "WARN", "rustchat::actors=warning"] {
        let output = run(&[("LOG", filter), ("SERVER__BIND", "127.0.0.1:0")]);
        assert_eq!(output.status.code(), Some(1), "{filter}");
        assert!(said(&output).contains("database"), "{filter}: {}", said(&output));
    }
    let output = run(&[("LOG", "wran")]);
    assert!(said(&output).contains("settings: log"), "{}", said(&output));
}
