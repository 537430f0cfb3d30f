//! A WebSocket as listeners have it: whatever goes wrong with it is a reason to look for another one. Its numbers are
//! checked as they come.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::ear::number_after;
use crate::support::Person;
use crate::support::socket::handshake;

/// How long connecting, or anything that is asked for, may take.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(3);

/// Silence after which a listener asks whether the node is there, and after as much again leaves it.
const SILENCE: Duration = Duration::from_secs(2);

/// Why a connection came to its end.
pub(crate) type Ended = String;

/// The reason in a word, whatever the error says: they are counted by it.
pub(crate) fn because<E>(reason: &str) -> impl FnOnce(E) -> Ended {
    move |_error| reason.to_owned()
}

/// A connection by its name, and the number of the event that is expected next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    name: String,
    next: u64,
}

/// An open connection.
pub(crate) struct Wire {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) place: Place,
}

impl Wire {
    /// A new one, when it has said hello.
    pub(crate) async fn open(person: &Person) -> Result<Self, Ended> {
        let mut wire = Self::connect(person, "", Place::default()).await?;
        let hello = wire.next().await?;
        assert!(Self::greets(&hello), "{hello}");
        Ok(wire)
    }

    /// One that goes on where a lost one was, or else says hello.
    pub(crate) async fn back(person: &Person, place: &Place) -> Result<Self, Ended> {
        let query = format!("?connection_id={}&sequence_number={}", place.name, place.next);
        Self::connect(person, &query, place.clone()).await
    }

    async fn connect(person: &Person, query: &str, place: Place) -> Result<Self, Ended> {
        let mut request = handshake(&person.base, &[("authorization", &format!("Bearer {}", person.token))]);
        *request.uri_mut() = format!("{}{query}", request.uri()).parse().unwrap();
        let connected = timeout(ATTEMPT, connect_async(request)).await;
        let (stream, _) =
            connected.map_err(because("no answer to a handshake"))?.map_err(because("refused"))?;
        Ok(Self { stream, place })
    }

    /// Whether an event is the first of a new connection.
    pub(crate) fn greets(event: &str) -> bool {
        event.starts_with(r#"{"event":"hello""#)
    }

    /// The next text: an event or a reply.
    pub(crate) async fn next(&mut self) -> Result<String, Ended> {
        let mut asked = false;
        loop {
            let Ok(message) = timeout(SILENCE, self.stream.next()).await else {
                if std::mem::replace(&mut asked, true) {
                    return Err("silence".to_owned());
                }
                self.sends(Message::Ping(Default::default())).await?;
                continue;
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.counts(&text);
                    return Ok(text.to_string());
                }
                Some(Ok(Message::Close(frame))) => {
                    let frame = frame.map(|f| format!("{} {}", u16::from(f.code), f.reason));
                    return Err(frame.unwrap_or_default());
                }
                Some(Ok(_)) => asked = false,
                Some(Err(_)) | None => return Err("broken off".to_owned()),
            }
        }
    }

    /// A socket on which numbers are missing is no socket: this ends the listener, and so the test.
    fn counts(&mut self, text: &str) {
        if Self::greets(text) {
            let hello: Value = serde_json::from_str(text).unwrap();
            self.place = Place { name: hello["data"]["connection_id"].as_str().unwrap().to_owned(), next: 0 };
        }
        if text.starts_with(r#"{"event""#) {
            assert_eq!(number_after(text, "\"seq\":"), Some(self.place.next), "{text}");
            self.place.next += 1;
        }
    }

    /// Asks for something; what comes before the reply is dropped.
    pub(crate) async fn asks(&mut self, action: &str, data: &Value) -> Result<Value, Ended> {
        self.sends(Message::text(json!({"seq": 1, "action": action, "data": data}).to_string())).await?;
        loop {
            let text = self.next().await?;
            if text.starts_with(r#"{"event""#) {
                continue;
            }
            let reply: Value = serde_json::from_str(&text).unwrap();
            return if reply["status"] == "OK" {
                Ok(reply)
            } else {
                Err(format!("{action}: {}", reply["error"]["id"]))
            };
        }
    }

    async fn sends(&mut self, message: Message) -> Result<(), Ended> {
        let sent = timeout(ATTEMPT, self.stream.send(message)).await;
        sent.map_err(because("stuck"))?.map_err(because("broken off"))
    }
}
