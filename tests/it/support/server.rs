//! The real program as a child process, on a database of its own and a free port. Two on one database are two nodes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::cluster::Cluster;
use super::person::{Person, moves_in, visitor};
use super::post::{Email, in_folder};
use super::process::{memory, peak, signal, tied};
use super::{SETUP_SECRET, eventually};

/// Tests that have a server at once: more would only wait for each other.
const AT_ONCE: u32 = 4;

static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE as usize);

/// For a test that needs the machine: while this is held no other test has a server. So no test may hold one server and
/// ask for another: they would wait for each other. (A second node of the same server is free.)
pub(crate) async fn alone() -> SemaphorePermit<'static> {
    PERMITS.acquire_many(AT_ONCE).await.unwrap()
}

/// How long a server may take to start: its first start may be the machine's.
const START: Duration = Duration::from_secs(30);

/// A running server, or one that was killed and may be started again. It ends when this value is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it answers: `http://127.0.0.1:<port>`.
    pub(crate) base: String,
    /// Where its database is.
    pub(crate) database: String,
    /// Its first account, which is its administrator.
    pub(crate) admin: Person,
    settings: Vec<(String, String)>,
    data: Arc<TempDir>,
    log: Arc<Mutex<Vec<String>>>,
    errors_expected: bool,
    _permit: Option<SemaphorePermit<'static>>,
}

impl Server {
    /// A server with an administrator and nobody else.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with settings, such as `("AUTH__OPEN_SIGNUP", "false")`; `("ENV:LOCPATH", …)` sets any other variable.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::on(Cluster::shared(), settings).await
    }

    /// The same on another PostgreSQL.
    pub(crate) async fn on(cluster: &Cluster, settings: &[(&str, &str)]) -> Self {
        let mut server = Self::empty(cluster, settings).await;
        server.admin = server.sign_up("admin").await;
        server
    }

    /// A server without any account.
    pub(crate) async fn empty(cluster: &Cluster, settings: &[(&str, &str)]) -> Self {
        let permit = PERMITS.acquire().await.unwrap();
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let data = Arc::new(TempDir::new().unwrap());
        let mut server = Self::launch(cluster.copy(), settings, data);
        server._permit = Some(permit);
        server
    }

    /// One that nobody talks to in the clear.
    pub(crate) async fn silent(settings: &[(&str, &str)]) -> Self {
        Self::empty(Cluster::shared(), settings).await
    }

    /// A second node on the same database.
    pub(crate) fn second_node(&self) -> Self {
        let mut node = Self::launch(self.database.clone(), self.settings.clone(), self.data.clone());
        node.admin = self.admin.at(&node);
        node
    }

    /// A node on a database, with settings that may put it at an address of its own.
    pub(crate) fn launch(database: String, settings: Vec<(String, String)>, data: Arc<TempDir>) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let (child, base) = boot(&database, &settings, &data, &log);
        let admin = visitor(&base);
        Self { child, base, database, admin, settings, data, log, errors_expected: false, _permit: None }
    }

    /// Somebody makes an account and logs in.
    pub(crate) async fn sign_up(&self, name: &str) -> Person {
        moves_in(&self.base, name).await
    }

    /// Several at once.
    pub(crate) async fn sign_up_all<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let people = futures_util::future::join_all(names.map(|name| self.sign_up(name))).await;
        people.try_into().ok().unwrap()
    }

    /// The program again, with the settings of this server and beside it.
    pub(crate) fn command(&self) -> Command {
        command(&self.database, &self.settings, &self.data)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same database, at another address.
    pub(crate) fn restart(&mut self) {
        (self.child, self.base) = boot(&self.database, &self.settings, &self.data, &self.log);
        self.admin = self.admin.at(self);
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Bytes of memory that it has in use.
    pub(crate) fn memory(&self) -> u64 {
        memory(self.child.id())
    }

    /// Bytes of memory that it had in use at most.
    pub(crate) fn peak(&self) -> u64 {
        peak(self.child.id())
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "still running: {}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Where its emails are, without a mail server.
    pub(crate) fn mail_folder(&self) -> std::path::PathBuf {
        self.data.path().join("mail")
    }

    /// The newest email whose subject has these words, when it is there.
    pub(crate) async fn email(&self, words: &str) -> Email {
        let found = || {
            let emails = in_folder(&self.mail_folder());
            emails.into_iter().rev().find(|email| email.header("Subject").contains(words))
        };
        eventually(words, super::DEADLINE, || async { found().is_some() }).await;
        found().unwrap()
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// What a health endpoint answers: its status, and its body where that is JSON.
    pub(crate) async fn health(&self, path: &str) -> (u16, Value) {
        let answer = reqwest::get(format!("{}{path}", self.base)).await;
        let Ok(answer) = answer else { return (0, Value::Null) };
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// What it logged so far.
    pub(crate) fn said(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// From here on its log may have errors; otherwise one fails the test.
    pub(crate) fn may_log_errors(&mut self) {
        self.errors_expected = true;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if thread::panicking() {
            return;
        }
        let said = self.said();
        let bad = said.lines().find(|line| line.contains("panicked") || line.contains(" ERROR "));
        assert!(self.errors_expected || bad.is_none(), "the server logged {}", bad.unwrap_or_default());
    }
}

/// The program with settings, and without those of whoever runs the tests.
pub(crate) fn command(database: &str, settings: &[(String, String)], data: &TempDir) -> Command {
    let mut command = bare_command();
    command
        .env("RUSTCHAT__ENVIRONMENT", "test")
        .env("RUSTCHAT__SERVER__BIND", "127.0.0.1:0")
        .env("RUSTCHAT__DATABASE__URL", database)
        .env("RUSTCHAT__DATABASE__CONNECTIONS", "4")
        .env("RUSTCHAT__DATA_DIR", data.path())
        .env("RUSTCHAT__AUTH__SETUP_SECRET", SETUP_SECRET)
        .env("RUSTCHAT__LOG", "info,rustchat::services::platform::tasks=debug");
    for (key, value) in settings {
        match key.strip_prefix("ENV:") {
            Some(variable) => command.env(variable, value),
            None => command.env(format!("RUSTCHAT__{key}"), value),
        };
    }
    command
}

/// The program without any setting.
pub(crate) fn bare_command() -> Command {
    let mut command = tied(env!("CARGO_BIN_EXE_rustchat"));
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("RUSTCHAT")) {
        command.env_remove(key);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Starts the program and waits until it listens; where.
fn boot(
    database: &str,
    settings: &[(String, String)],
    data: &TempDir,
    log: &Arc<Mutex<Vec<String>>>,
) -> (Child, String) {
    let mut child = command(database, settings, data).spawn().unwrap();
    let base = follow(&mut child, log);
    (child, base)
}

/// Keeps what the server logs, and answers its address as soon as it says that it listens.
fn follow(child: &mut Child, log: &Arc<Mutex<Vec<String>>>) -> String {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (sender, listening) = mpsc::channel();
    let kept = log.clone();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok).map(|line| plain(&line)) {
            if let (true, Some((before, rest))) = (line.contains("listening"), line.split_once("://")) {
                let scheme = if before.ends_with("https") { "https" } else { "http" };
                let address = rest.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c));
                drop(sender.send(format!("{scheme}://{}", address.collect::<String>())));
            }
            kept.lock().unwrap().push(line);
        }
    });
    listening.recv_timeout(START).unwrap_or_else(|_| {
        drop(child.kill());
        panic!("the server did not start: {}", log.lock().unwrap().join("\n"))
    })
}

/// The line without its colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}
