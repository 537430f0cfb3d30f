//! Another site: pages and pictures at an address of this machine, and how often each was asked for.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Settings with which a server may call a site here.
pub(crate) const MAY_CALL: [(&str, &str); 2] =
    [("FETCH__PORTS", ""), ("FETCH__INNER_NETWORKS", "127.0.0.1/32")];

/// Paths, and the whole answer of each.
type Answers = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

pub(crate) struct Site {
    address: SocketAddr,
    answers: Answers,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, asked): (Answers, Arc<Mutex<Vec<String>>>) = Default::default();
        let site = Self { address, answers: answers.clone(), asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, answers.clone(), asked.clone()));
            }
        });
        site
    }

    /// Puts something at a path; answers its whole address.
    pub(crate) fn shows(&self, path: &str, content_type: &str, body: &[u8]) -> String {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.answers.lock().unwrap().insert(path.to_owned(), [head.as_bytes(), body].concat());
        self.at(path)
    }

    /// Leads from a path elsewhere; answers the path's whole address.
    pub(crate) fn leads(&self, path: &str, to: &str) -> String {
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
        self.answers.lock().unwrap().insert(path.to_owned(), answer.into_bytes());
        self.at(path)
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }

    /// How often anything was asked for.
    pub(crate) fn asked_at_all(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

async fn answer(mut socket: TcpStream, answers: Answers, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = vec![0; 8192];
    let Ok(length) = socket.read(&mut head).await else { return };
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    let known = answers.lock().unwrap().get(&path).cloned();
    let missing = || b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
    let _sent = socket.write_all(&known.unwrap_or_else(missing)).await;
}
