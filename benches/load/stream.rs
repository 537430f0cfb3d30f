//! A connection with a buffer of what was read and not yet understood.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::net::{TcpSocket, TcpStream};

/// Bytes that a buffer has at first; it grows to the largest message.
const BUFFER: usize = 2048;

pub(super) struct Stream {
    socket: TcpStream,
    buffer: Vec<u8>,
    begin: usize,
    end: usize,
}

impl Stream {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        Self::of(TcpStream::connect(address).await?)
    }

    /// From an address of this machine.
    pub(super) async fn open_from(from: [u8; 4], address: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        Self::of(socket.connect(address).await?)
    }

    fn of(socket: TcpStream) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        Ok(Self { socket, buffer: vec![0; BUFFER], begin: 0, end: 0 })
    }

    /// What was read and not consumed.
    pub(super) fn unread(&self) -> &[u8] {
        self.buffer.get(self.begin..self.end).unwrap_or_default()
    }

    /// The first `length` bytes are understood.
    pub(super) fn consume(&mut self, length: usize) {
        self.begin = (self.begin + length).min(self.end);
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
        }
    }

    /// Waits for more; an error where no more comes. Giving up the wait loses nothing.
    pub(super) async fn fill(&mut self) -> io::Result<()> {
        self.make_room();
        loop {
            match self.socket.try_read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    self.end += read;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.socket.readable().await?,
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.socket.try_write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.socket.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn make_room(&mut self) {
        if self.begin > 0 {
            self.buffer.copy_within(self.begin..self.end, 0);
            (self.begin, self.end) = (0, self.end - self.begin);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
    }
}

/// What stands between `before` and the next quotation mark (or backslash, in JSON within JSON).
pub(super) fn text_after<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split(['"', '\\']).next()
}

/// The number that follows `before`.
pub(super) fn number_after(text: &str, before: &str) -> Option<u64> {
    let (_, rest) = text.split_once(before)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit);
    let mut digits = digits.map(|digit| u64::from(digit - b'0')).peekable();
    digits.peek()?;
    Some(digits.fold(0, |number, digit| number.wrapping_mul(10).wrapping_add(digit)))
}
