//! Slow and hostile clients: each costs its neighbours nothing, and ends with a name.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::socket::{handshake, refusal};
use crate::support::{DEADLINE, Person, Server, Socket, eventually};

/// A connection that says what no client would.
async fn says(server: &Server, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream
}

/// A WebSocket by hand: what was said after the handshake is up to the test.
async fn opens(server: &Server, who: &Person) -> TcpStream {
    let mut stream = says(
        server,
        &format!(
            "GET /api/v4/websocket HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            who.token
        ),
    )
    .await;
    let (mut heard, mut buffer) = (String::new(), [0; 1024]);
    while !heard.contains("hello") {
        let length = timeout(DEADLINE, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(length, 0, "closed after {heard}");
        heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    stream
}

/// All that is heard until the server ends the connection.
async fn last_words(mut stream: TcpStream, within: Duration) -> String {
    let mut heard = Vec::new();
    let end = timeout(within, stream.read_to_end(&mut heard)).await.unwrap();
    drop(end);
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn whoever_says_too_much_on_a_socket_is_told_so_and_then_closed() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__SOCKET_MESSAGES_PER_SECOND", "4")];
    let server = Server::with(&limits).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let (mut anns, mut bobs) = (ann.listens().await, bob.listens().await);
    let mut refused = None;
    for _ in 0..40 {
        let reply = anns.request("ping", json!({})).await;
        if reply["status"] == "FAIL" {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused["error"]["status_code"], 429, "{refused}");
    assert_eq!(bobs.request("ping", json!({})).await["status"], "OK");
    // A pause makes it good, and going on does not.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(anns.request("ping", json!({})).await["status"], "OK");
    for n in 100..160 {
        anns.says(&json!({"seq": n, "action": "ping"}).to_string()).await;
    }
    assert_eq!(anns.closes().await, (1008, "too many messages".into()));
    assert_eq!(bobs.request("ping", json!({})).await["status"], "OK");
    ann.listens().await;
}

#[tokio::test]
async fn bytes_are_counted_too() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__SOCKET_BYTES_PER_SECOND", "8192")];
    let server = Server::with(&limits).await;
    let mut socket = server.admin.listens().await;
    let padding = "x".repeat(8000);
    let mut replies = Vec::new();
    for _ in 0..9 {
        replies.push(socket.request("ping", json!({"padding": padding})).await["status"].clone());
    }
    assert_eq!(replies[..5], vec![json!("OK"); 5], "five seconds' worth");
    assert!(replies.contains(&json!("FAIL")), "{replies:?}");
}

#[tokio::test]
async fn one_address_has_only_so_many_sockets() {
    let server = Server::with(&[("LIMITS__SOCKETS_PER_ADDRESS", "2")]).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let first = ann.listens().await;
    // Those that have not said who they are count too.
    let mut second = Socket::connect(handshake(&server.base, &[])).await;
    let bearer = format!("Bearer {}", bob.token);
    let request = || handshake(&server.base, &[("authorization", &bearer)]);
    assert_eq!(refusal(request()).await, 429);
    assert_eq!(second.challenge(&ann.token).await["status"], "OK");
    drop(first);
    let room = || async { tokio_tungstenite::connect_async(request()).await.is_ok() };
    eventually("there is room again", DEADLINE, room).await;
}

#[tokio::test]
async fn a_frame_that_is_never_finished_holds_up_nobody() {
    let server = Server::with(&[("LIMITS__SOCKET_SILENCE_SECONDS", "2")]).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    // One subscriptions a gigabyte, one stops after half a frame, one sends a byte from time to time.
    let (mut huge, mut half, mut slow) =
        (opens(&server, &ann).await, opens(&server, &ann).await, opens(&server, &bob).await);
    huge.write_all(&[0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]).await.unwrap();
    half.write_all(&[0x81, 0xfe, 0x10, 0, 1, 2, 3, 4, b'{']).await.unwrap();
    slow.write_all(&[0x81, 0xfe, 0x10, 0, 1, 2, 3, 4]).await.unwrap();
    let began = Instant::now();
    let words = last_words(huge, DEADLINE).await;
    assert!(words.contains("message too large"), "{words}");
    ann.posts(&town, "meanwhile").await;
    let drip = async {
        while slow.write_all(b"x").await.is_ok() && began.elapsed() < Duration::from_secs(8) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        slow
    };
    let (half, slow) = tokio::join!(last_words(half, DEADLINE), drip);
    assert!(half.contains("meanwhile") && half.contains("silent"), "{half}");
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    drop(slow);
}

#[tokio::test]
async fn handshakes_that_are_never_finished_end_and_hold_up_nobody() {
    let server = Server::start().await;
    let head = "GET /api/v4/websocket HTTP/1.1\r\nhost: x\r\nconnection: upg";
    let half_open = join_all((0..200).map(|_| says(&server, head))).await;
    let began = Instant::now();
    let ann = server.sign_up("ann").await;
    ann.listens().await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let ends = join_all(half_open.into_iter().map(|s| last_words(s, Duration::from_secs(20)))).await;
    assert_eq!(ends.len(), 200);
    assert!(began.elapsed() > Duration::from_secs(5), "a slow client has some time: {:?}", began.elapsed());
}

#[tokio::test]
async fn typing_is_told_at_most_once_a_second() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let town = ann.finds_channel(&team, "town-square").await;
    let other = ann.finds_channel(&team, "off-topic").await;
    let (mut first, mut second, mut bobs) = (ann.listens().await, ann.listens().await, bob.listens().await);
    let began = Instant::now();
    for _ in 0..10 {
        for socket in [&mut first, &mut second] {
            assert_eq!(socket.request("user_typing", json!({"channel_id": town})).await["status"], "OK");
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    first.request("user_typing", json!({"channel_id": other})).await;
    bobs.expect_that("typing", |e| e["broadcast"]["channel_id"] == other.as_str()).await;
    let told = bobs.heard_by_now(&bob).await.iter().filter(|name| *name == "typing").count();
    assert!(told >= 1 && told as f64 <= 1.0 + seconds, "{told} in {seconds} s");
    let again = async {
        first.request("user_typing", json!({"channel_id": town})).await;
        bobs.expect_that("typing", |e| e["broadcast"]["channel_id"] == town.as_str()).await;
    };
    tokio::time::sleep(Duration::from_millis(1100)).await;
    again.await;
}
