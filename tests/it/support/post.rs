//! The mail that a server sends: files in its data folder, or what a mail server is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

/// A email as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Email {
    /// Its headers and its text, as they were sent, long lines put together again.
    pub(crate) text: String,
}

impl Email {
    fn of(raw: &str) -> Self {
        // Quoted-printable: a line that ends with an equals sign goes on.
        Self { text: raw.replace("\r\n", "\n").replace("=\n", "").replace("=3D", "=") }
    }

    /// The text of a header.
    pub(crate) fn header(&self, name: &str) -> String {
        let line = self.text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.text)).to_owned()
    }

    /// The token of the link in it.
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self.text.split_once("token=").unwrap_or_else(|| panic!("no link in {}", self.text));
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }
}

/// The emails in a folder, the oldest first.
pub(crate) fn in_folder(folder: &Path) -> Vec<Email> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> =
        entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
    paths.sort();
    paths.iter().map(|path| Email::of(&std::fs::read_to_string(path).unwrap())).collect()
}

/// A small mail server without encryption. It refuses the first mails that it is told to refuse.
pub(crate) struct MailServer {
    /// Where it listens.
    pub(crate) port: u16,
    said: Arc<Mutex<Vec<String>>>,
    got: Arc<Mutex<Vec<Email>>>,
}

impl MailServer {
    /// One that answers the first mail with `first`, such as `451 later`, and takes all that follow.
    pub(crate) fn start(first: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (said, got) = (Arc::default(), Arc::default());
        let server = Self { port, said: Arc::clone(&said), got: Arc::clone(&got) };
        thread::spawn(move || {
            let mut answer = first;
            for socket in listener.incoming().flatten() {
                drop(converse(socket, &mut answer, &said, &got));
            }
        });
        server
    }

    /// What it took.
    pub(crate) fn emails(&self) -> Vec<Email> {
        self.got.lock().unwrap().clone()
    }

    /// The commands that it heard.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

fn converse(
    socket: TcpStream,
    first: &mut Option<&'static str>,
    said: &Mutex<Vec<String>>,
    got: &Mutex<Vec<Email>>,
) -> std::io::Result<()> {
    let mut out = socket.try_clone()?;
    let mut lines = BufReader::new(socket).lines();
    out.write_all(b"220 test\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        said.lock().unwrap().push(line.clone());
        let answer = match line.split(' ').next().unwrap() {
            "EHLO" => "250-test\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 welcome",
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let body = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".");
                let email = Email::of(&body.collect::<Vec<_>>().join("\n"));
                match first.take() {
                    Some(refusal) => refusal,
                    None => {
                        got.lock().unwrap().push(email);
                        "250 taken"
                    }
                }
            }
            "QUIT" => "221 bye",
            _ => "250 well",
        };
        out.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
