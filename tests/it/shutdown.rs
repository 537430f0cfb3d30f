//! Stopping: sockets are sent away, running requests finish, and the end has a code.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Server;

const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_server_that_is_told_to_stop_sends_everybody_away_and_finishes_what_it_began() {
    let mut server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let mut sockets = [ann.listens().await, ann.listens().await, server.admin.listens().await];
    // A request whose second half is still to come.
    let body = json!({"channel_id": town, "message": "just in time"}).to_string();
    let (half, rest) = body.split_at(20);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let mut slow = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v4/posts HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{half}",
        ann.token,
        body.len(),
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    ann.get("/users/me").await.is(200);
    server.terminate();
    for socket in &mut sockets {
        assert_eq!(socket.closes().await, (1001, "going away".into()));
    }
    slow.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64];
    let length = slow.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    drop(slow);
    let status = server.ended(PATIENCE).await;
    assert_eq!(status.code(), Some(0), "{}", server.said());
    assert!(server.said().contains("stopped"), "{}", server.said());
    assert!(TcpStream::connect(&address).await.is_err(), "nobody listens any more");
    server.restart();
    let listed = ann.at(&server).reads_channel(&town).await;
    assert!(listed.to_string().contains("just in time"), "{listed}");
}

#[tokio::test]
async fn an_idle_server_stops_at_once_and_one_client_does_not_hold_it() {
    let mut server = Server::start().await;
    let mut silent = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap();
    silent.write_all(b"GET /api/v4/system/ping HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    server.admin.get("/system/ping").await.is(200);
    server.terminate();
    assert_eq!(server.ended(PATIENCE).await.code(), Some(0), "{}", server.said());
}
