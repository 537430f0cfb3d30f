//! Mail: it leaves through a mail server, survives what happens to either side, and is kept as files where there is
//! none.

use std::time::Duration;

use serde_json::json;

use crate::support::cluster::sql;
use crate::support::post::{MailServer, in_folder};
use crate::support::{Server, eventually, text, visitor};

const SOON: Duration = Duration::from_secs(8);

/// A server whose mail goes to `mail`.
async fn with_mail(mail: &MailServer, tls: &str) -> Server {
    let port = mail.port.to_string();
    let settings = [
        ("SITE__NAME", "Acme Chat"),
        ("SITE__URL", "https://chat.example.org/"),
        ("SMTP__HOST", "127.0.0.1"),
        ("SMTP__PORT", port.as_str()),
        ("SMTP__TLS", tls),
        ("SMTP__USERNAME", "chat"),
        ("SMTP__PASSWORD", "hunter2hunter2"),
        ("SMTP__FROM", "Chat <chat@example.org>"),
    ];
    Server::with(&settings).await
}

/// Asks for a new password for Ann.
/// What clients are told of it.
async fn has_mail_server(server: &Server) -> String {
    text(&visitor(&server.base).get("/config/client?format=old").await.is(200), "HasMailServer")
}

async fn asks_for_reset(server: &Server) {
    let ann = json!({"email": "ann@example.com"});
    visitor(&server.base).post("/users/password/reset/send", ann).await.is(200);
}

#[tokio::test]
async fn a_letter_goes_to_the_mail_server_with_name_and_address_of_the_house() {
    let mail = MailServer::start(None);
    let server = with_mail(&mail, "none").await;
    assert_eq!(has_mail_server(&server).await, "true");
    server.sign_up("ann").await;
    asks_for_reset(&server).await;
    eventually("the email arrives", SOON, || async { mail.emails().len() == 1 }).await;
    let email = &mail.emails()[0];
    assert_eq!(email.header("From"), "Chat <chat@example.org>");
    assert_eq!(email.header("To"), "ann@example.com");
    assert_eq!(email.header("Subject"), "[Acme Chat] Set a new password");
    let link = format!("https://chat.example.org/reset_password_complete?token={}", email.token());
    assert!(email.text.contains(&link), "{}", email.text);
    let empty = || async { sql(&server.database, "select count(*) from tasks where kind = 'mail'") == "0" };
    eventually("nothing waits", SOON, empty).await;
    assert!(mail.heard().iter().any(|line| line.starts_with("AUTH ")), "{:?}", mail.heard());
    assert!(!server.said().contains(&email.token()), "a link is in the log");
    assert!(!server.said().contains("hunter2"), "a password is in the log");
}

#[tokio::test]
async fn a_letter_that_is_refused_for_now_is_sent_later_by_whichever_node() {
    let mail = MailServer::start(Some("451 not now"));
    let mut server = with_mail(&mail, "none").await;
    server.sign_up("ann").await;
    asks_for_reset(&server).await;
    let put_off = || async {
        let row =
            "select attempts, not_before - now_ms() between 30000 and 61000 from tasks where kind = 'mail'";
        sql(&server.database, row) == "1|t"
    };
    eventually("it is tried in vain, and again in a minute", SOON, put_off).await;
    // What waits in the database is not for everybody's eyes.
    let open = "select count(*) from tasks where kind = 'mail' and (payload::text like '%token%'
        or encode(decode(payload ->> 'body', 'base64'), 'escape') like '%token%')";
    assert_eq!(sql(&server.database, open), "0");
    server.kill();
    server.restart();
    let second = server.second_node();
    sql(&server.database, "update tasks set not_before = 0 where kind = 'mail'");
    eventually("it arrives", SOON, || async { !mail.emails().is_empty() }).await;
    let empty = || async { sql(&second.database, "select count(*) from tasks where kind = 'mail'") == "0" };
    eventually("nothing waits", SOON, empty).await;
    assert_eq!(mail.emails().len(), 1, "one of the two nodes sent it");
}

#[tokio::test]
async fn a_letter_that_is_refused_for_good_is_given_up() {
    let mail = MailServer::start(Some("550 nobody here"));
    let mut server = with_mail(&mail, "none").await;
    server.may_log_errors();
    server.sign_up("ann").await;
    asks_for_reset(&server).await;
    let dead =
        "select attempts, last_error like '%nobody here%' from tasks where kind = 'mail' and died_at > 0";
    let given_up = || async { sql(&server.database, dead) == "1|t" };
    eventually("it is given up", SOON, given_up).await;
    assert!(server.said().contains("a task is dead"));
    assert!(mail.emails().is_empty());
}

#[tokio::test]
async fn nothing_is_said_to_a_mail_server_that_should_encrypt_and_does_not() {
    let mail = MailServer::start(None);
    let server = with_mail(&mail, "starttls").await;
    server.sign_up("ann").await;
    asks_for_reset(&server).await;
    let put_off = || async { server.said().contains("a task failed and is tried again later") };
    eventually("it stays", SOON, put_off).await;
    let heard = mail.heard();
    assert!(heard.iter().any(|line| line.starts_with("EHLO")), "{heard:?}");
    assert!(!heard.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{heard:?}");
    assert_eq!(sql(&server.database, "select count(*) from tasks where kind = 'mail'"), "1");
}

#[tokio::test]
async fn without_a_mail_server_letters_are_files_that_only_we_read() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start().await;
    assert_eq!(has_mail_server(&server).await, "false");
    server.sign_up("ann").await;
    asks_for_reset(&server).await;
    let folder = server.mail_folder();
    eventually("the file is there", SOON, || async { in_folder(&folder).len() == 1 }).await;
    let email = in_folder(&folder).remove(0);
    assert_eq!(email.header("To"), "ann@example.com");
    assert_eq!(email.token().len(), 64);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(!server.said().contains(&email.token()), "a link is in the log");
}
