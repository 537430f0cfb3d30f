//! What somebody hears: a WebSocket whose events can be waited for by name. Every event's number is checked as it
//! comes: from 0, without gaps.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::person::Person;
use super::{DEADLINE, text};

/// What people's own doing makes them hear beside what a story is about.
const NOISE: [&str; 4] =
    ["status_change", "preferences_changed", "sidebar_category_updated", "channel_viewed"];

/// An open WebSocket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Heard, and not asked for yet.
    events: VecDeque<Value>,
    replies: VecDeque<Value>,
    next_seq: i64,
    /// The connection, as hello named it.
    name: String,
    requests: i64,
    closed: Option<(u16, String)>,
}

/// A handshake with headers.
pub(crate) fn handshake(base: &str, headers: &[(&'static str, &str)]) -> Request {
    let url = format!("{}/api/v4/websocket", base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

/// The status with which the server refuses a handshake.
pub(crate) async fn refusal(request: Request) -> u16 {
    match connect_async(request).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("no answer: {error}"),
        Ok(_) => panic!("the handshake was accepted"),
    }
}

impl Socket {
    /// Opens one in a session, and hears hello.
    pub(crate) async fn open(base: &str, token: &str) -> Self {
        let mut socket =
            Self::connect(handshake(base, &[("authorization", &format!("Bearer {token}"))])).await;
        socket.expect("hello").await;
        socket
    }

    /// Opens one, and hears nothing yet.
    pub(crate) async fn connect(request: Request) -> Self {
        let (stream, _) = timeout(DEADLINE, connect_async(request)).await.unwrap().unwrap();
        let (events, replies) = (VecDeque::new(), VecDeque::new());
        Self { stream, events, replies, next_seq: 0, name: String::new(), requests: 0, closed: None }
    }

    /// Opens one to go on with the connection `name`, in which the event `next` is expected. Whether the server goes on
    /// with it shows in what is heard: the number `next`, or hello.
    pub(crate) async fn come_back(base: &str, token: &str, (name, next): (&str, i64)) -> Self {
        let mut request = handshake(base, &[("authorization", &format!("Bearer {token}"))]);
        let uri = format!("{}?connection_id={name}&sequence_number={next}", request.uri());
        *request.uri_mut() = uri.parse().unwrap();
        let mut socket = Self::connect(request).await;
        (socket.next_seq, socket.name) = (next, name.to_owned());
        socket
    }

    /// The connection, and the number of the event that it expects.
    pub(crate) fn place(&self) -> (String, i64) {
        (self.name.clone(), self.next_seq)
    }

    /// Everything that was heard so far and not asked for counts no more.
    pub(crate) fn forget(&mut self) {
        self.events.clear();
    }

    /// Proves who it is by its first message; the answer to that.
    pub(crate) async fn challenge(&mut self, token: &str) -> Value {
        self.request("authentication_challenge", json!({"token": token})).await
    }

    /// Asks for something and waits for the reply.
    pub(crate) async fn request(&mut self, action: &str, data: Value) -> Value {
        self.requests += 1;
        let seq = self.requests;
        self.says(&json!({"seq": seq, "action": action, "data": data}).to_string()).await;
        loop {
            if let Some(reply) = self.replies.pop_front() {
                assert_eq!(reply["seq_reply"], seq, "{reply}");
                return reply;
            }
            assert!(self.hear().await, "closed instead of answering {action}: {:?}", self.closed);
        }
    }

    /// Sends any text.
    pub(crate) async fn says(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// The first event of this name that was not asked for yet; others stay for later.
    pub(crate) async fn expect(&mut self, name: &str) -> Value {
        self.expect_that(name, |_| true).await
    }

    /// The same of an event with a property.
    pub(crate) async fn expect_that(&mut self, name: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.expect_one(&[name], holds).await
    }

    /// The same of whichever of several names comes first.
    pub(crate) async fn expect_one(&mut self, names: &[&str], holds: impl Fn(&Value) -> bool) -> Value {
        let mut seen = 0;
        loop {
            let fits = |e: &Value| names.iter().any(|name| e["event"] == *name) && holds(e);
            if let Some(at) = self.events.iter().skip(seen).position(fits) {
                return self.events.remove(seen + at).unwrap();
            }
            seen = self.events.len();
            assert!(self.hear().await, "closed before {names:?}: {:?}", self.closed);
        }
    }

    /// What it heard, and was not asked for, before a mark that its owner makes now; without noise. Whoever asks must
    /// know from another socket that what should not be heard has been sent.
    pub(crate) async fn heard_by_now(&mut self, owner: &Person) -> Vec<String> {
        let events = self.all_by_now(owner).await.into_iter().map(|e| text(&e, "event"));
        events.filter(|name| !NOISE.contains(&name.as_str())).collect()
    }

    /// The same events themselves, noise too.
    pub(crate) async fn all_by_now(&mut self, owner: &Person) -> Vec<Value> {
        let mark = format!("mark-{}-{}", self.next_seq, self.requests);
        owner.makes_mark(&mark).await;
        self.expect_that("preferences_changed", |e| text(&e["data"], "preferences").contains(&mark)).await;
        self.events.drain(..).collect()
    }

    /// Takes the next post. False when the socket is closed before one comes.
    pub(crate) async fn heard_posted(&mut self) -> bool {
        loop {
            if let Some(at) = self.events.iter().position(|e| e["event"] == "posted") {
                self.events.remove(at);
                return true;
            }
            if !self.hear().await {
                return false;
            }
        }
    }

    /// Waits until the server closes it: the code and the reason.
    pub(crate) async fn closes(&mut self) -> (u16, String) {
        while self.hear().await {}
        self.closed.clone().unwrap()
    }

    /// Takes what comes next. False when the socket is closed.
    async fn hear(&mut self) -> bool {
        if self.closed.is_some() {
            return false;
        }
        let heard: Vec<&Value> = self.events.iter().map(|e| &e["event"]).collect();
        let next = timeout(DEADLINE, self.stream.next()).await;
        match next.unwrap_or_else(|_| panic!("nothing more was heard; before that: {heard:?}")) {
            Some(Ok(Message::Text(text))) => self.sort(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(frame))) => {
                let reason = frame.map(|f| (u16::from(f.code), f.reason.to_string()));
                self.closed = Some(reason.unwrap_or_default());
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => self.closed = Some((1006, String::new())),
        }
        self.closed.is_none()
    }

    fn sort(&mut self, message: Value) {
        if message["event"].is_string() {
            if message["event"] == "hello" {
                self.name = text(&message["data"], "connection_id");
                self.next_seq = 0;
            }
            assert_eq!(message["seq"], self.next_seq, "{message}");
            self.next_seq += 1;
            self.events.push_back(message);
        } else {
            self.replies.push_back(message);
        }
    }
}
