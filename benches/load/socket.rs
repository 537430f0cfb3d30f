//! The client's side of RFC 6455 as far as the server's frames need it: whole text messages and pings.

use std::io;
use std::net::SocketAddr;

use super::stream::Stream;

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

pub(super) struct Socket {
    stream: Stream,
    /// The length of the frame that was shown last.
    shown: usize,
}

/// Where a frame's payload lies.
struct Frame {
    first: u8,
    begin: usize,
    end: usize,
}

impl Socket {
    /// An authenticated socket that has heard `hello`.
    pub(super) async fn open(address: SocketAddr, token: &str) -> io::Result<Self> {
        let mut stream = Stream::open(address).await?;
        let request = format!(
            "GET /api/v4/websocket HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write(request.as_bytes()).await?;
        let length = loop {
            if let Some(end) = stream.unread().windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            stream.fill().await?;
        };
        if !stream.unread().starts_with(b"HTTP/1.1 101 ") {
            return Err(io::Error::other(String::from_utf8_lossy(stream.unread()).into_owned()));
        }
        stream.consume(length);
        let mut socket = Self { stream, shown: 0 };
        let hello = socket.next().await?;
        if hello.contains("\"hello\"") { Ok(socket) } else { Err(io::Error::other("no hello")) }
    }

    /// The next text message. Giving up the wait loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<&str> {
        self.stream.consume(std::mem::take(&mut self.shown));
        let frame = loop {
            let Some(frame) = measure(self.stream.unread()) else {
                self.stream.fill().await?;
                continue;
            };
            match frame.first {
                TEXT => break frame,
                PING => self.pong(&frame).await?,
                CLOSE => return Err(io::ErrorKind::ConnectionAborted.into()),
                other => return Err(io::Error::other(format!("a frame that begins with {other:#x}"))),
            }
        };
        self.shown = frame.end;
        let payload = self.stream.unread().get(frame.begin..frame.end).unwrap_or_default();
        std::str::from_utf8(payload).map_err(io::Error::other)
    }

    /// Says something.
    pub(super) async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write(&frame(TEXT, text.as_bytes())?).await
    }

    async fn pong(&mut self, ping: &Frame) -> io::Result<()> {
        let payload = self.stream.unread().get(ping.begin..ping.end).unwrap_or_default();
        let pong = frame(PONG, payload)?;
        self.stream.consume(ping.end);
        self.stream.write(&pong).await
    }
}

/// A frame of ours, masked with zeros. Nothing that the bench says is longer than the shortest form takes.
fn frame(first: u8, payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126);
    let length = length.ok_or_else(|| io::Error::other("too much to say"))?;
    let mut frame = vec![first, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(payload);
    Ok(frame)
}

/// The frame that `bytes` begins with, if all of it is there.
fn measure(bytes: &[u8]) -> Option<Frame> {
    let number = |from: usize, to: usize| -> Option<usize> {
        let digits = bytes.get(from..to)?;
        Some(digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)))
    };
    let (begin, length) = match bytes.get(1)? & 0x7f {
        126 => (4, number(2, 4)?),
        127 => (10, number(2, 10)?),
        short => (2, usize::from(short)),
    };
    let end = begin + length;
    (bytes.len() >= end).then_some(Frame { first: *bytes.first()?, begin, end })
}
