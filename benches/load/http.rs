//! HTTP/1.1 as far as the server's answers need it: one kept connection, one request at a time, bodies of known length.

use std::io::{self, Write};
use std::net::SocketAddr;

use super::stream::Stream;
use super::{Failure, Outcome};

pub(super) struct Http {
    stream: Stream,
    /// What paths begin with: the way into an organisation.
    base: String,
    /// The headers that every request has.
    headers: String,
    request: Vec<u8>,
    answered: Option<usize>,
}

pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) head: &'a str,
    pub(super) body: &'a str,
}

impl Http {
    /// A connection on which `token` asks; nobody, if it is empty.
    pub(super) async fn open(address: SocketAddr, token: &str) -> io::Result<Self> {
        let authorization =
            if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        let headers = format!("Host: {address}\r\n{authorization}");
        let stream = Stream::open(address).await?;
        Ok(Self { stream, base: String::new(), headers, request: Vec::new(), answered: None })
    }

    /// A connection of nobody's, from an address of this machine.
    pub(super) async fn open_from(from: [u8; 4], address: SocketAddr) -> io::Result<Self> {
        let headers = format!("Host: {address}\r\n");
        let stream = Stream::open_from(from, address).await?;
        Ok(Self { stream, base: String::new(), headers, request: Vec::new(), answered: None })
    }

    /// The same connection, into the organisation whose paths begin with `base`.
    pub(super) fn under(self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self }
    }

    /// Asks, and waits for the answer.
    pub(super) async fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer<'_>> {
        if let Some(length) = self.answered.take() {
            self.stream.consume(length);
        }
        self.request.clear();
        let (base, headers, length) = (&self.base, &self.headers, body.len());
        write!(
            self.request,
            "{method} {base}/api/v4{path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        )?;
        self.stream.write(&self.request).await?;
        loop {
            if let Some(length) = measure(self.stream.unread())? {
                self.answered = Some(length);
                return read(self.stream.unread().get(..length).unwrap_or_default());
            }
            self.stream.fill().await?;
        }
    }

    /// The same, where another status than `expected` ends the bench.
    pub(super) async fn expect(
        &mut self,
        expected: u16,
        method: &str,
        path: &str,
        body: &str,
    ) -> Outcome<Answer<'_>> {
        let answer = self.ask(method, path, body).await?;
        if answer.status == expected {
            return Ok(answer);
        }
        Err(Failure::from(format!("{method} {path}: {} {}", answer.status, answer.body)))
    }
}

/// The length of the answer that `bytes` begins with, if all of it is there.
fn measure(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let head = utf8(bytes.get(..end).unwrap_or_default())?;
    let length = header(head, "content-length").and_then(|value| value.parse::<usize>().ok());
    let length = length.ok_or_else(|| io::Error::other("an answer of unknown length"))?;
    let whole = end + 4 + length;
    Ok((bytes.len() >= whole).then_some(whole))
}

fn read(bytes: &[u8]) -> io::Result<Answer<'_>> {
    let text = utf8(bytes)?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer { status: status.ok_or_else(|| io::Error::other("an answer without status"))?, head, body })
}

/// The value of a header.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

fn utf8(bytes: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(bytes).map_err(io::Error::other)
}
