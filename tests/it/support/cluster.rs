//! One private PostgreSQL for the whole run, with a migrated template of which every test gets a copy.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use private_postgres::{Options, Postgres};
use rustchat::db::migrate;

use super::process::signal;

const TEMPLATE: &str = "chat";

/// A PostgreSQL with a migrated template.
pub(crate) struct Cluster {
    folder: PathBuf,
    url: String,
    running: Option<Postgres>,
}

impl Cluster {
    /// The one that the tests share. It ends with the process.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One of its own, for a test that takes it away.
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("rustchat-it-").tempdir().unwrap().keep();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        sweep_after_us(&folder);
        let mut cluster = Self { folder, url: String::new(), running: None };
        cluster.launch();
        cluster.sql(&format!("create database {TEMPLATE}"));
        migrate(Migration::Up, &cluster.database(TEMPLATE));
        cluster
    }

    /// Stops it. Whoever is connected loses the connection.
    pub(crate) fn stop(&mut self) {
        self.running.take().unwrap().stop();
    }

    /// Starts it, on what it had.
    pub(crate) fn launch(&mut self) {
        let data_dir = self.folder.join("postgres");
        let running = private_postgres::start(Options {
            name: "rustchat",
            data_dir,
            bin_dir: None,
            max_connections: 200,
        });
        let running = running.unwrap_or_else(|error| panic!("{error}"));
        self.url = running.url().to_owned();
        self.running = Some(running);
    }

    /// A new database with the schema and nothing in it; where it is found.
    pub(crate) fn copy(&self) -> String {
        let name = self.new_name();
        self.sql(&format!("create database {name} template {TEMPLATE}"));
        self.database(&name)
    }

    /// A new database without even the schema.
    pub(crate) fn empty(&self) -> String {
        let name = self.new_name();
        self.sql(&format!("create database {name}"));
        self.database(&name)
    }

    /// The socket on which it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        let (_, host) = self.url.split_once("?host=").unwrap();
        PathBuf::from(host.replace("%2F", "/")).join(".s.PGSQL.5432")
    }

    /// Ends the process behind somebody's connection, as the kernel does when memory is short. PostgreSQL then ends all
    /// the others and recovers.
    pub(crate) fn kill_backend(&self) {
        let others = "select pid from pg_stat_activity where backend_type = 'client backend'
             and pid <> pg_backend_pid() limit 1";
        if let Ok(pid) = self.sql(others).parse() {
            signal(pid, "KILL");
        }
    }

    /// Ends it without a word to anybody, and without a checkpoint. Its supervisor starts it again.
    pub(crate) fn crash(&self) {
        let file = fs::read_to_string(self.folder.join("postgres/postmaster.pid")).unwrap();
        signal(file.lines().next().unwrap().trim().parse().unwrap(), "QUIT");
    }

    fn new_name(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn database(&self, name: &str) -> String {
        self.url.replacen("/rustchat?", &format!("/{name}?"), 1)
    }

    fn sql(&self, statement: &str) -> String {
        sql(&self.url, statement)
    }
}

/// Runs a statement; its rows as text.
pub(crate) fn sql(url: &str, statement: &str) -> String {
    try_sql(url, statement).unwrap_or_else(|reason| panic!("{statement}: {reason}"))
}

/// Runs a statement; its rows as text, or PostgreSQL's reason to refuse it.
pub(crate) fn try_sql(url: &str, statement: &str) -> Result<String, String> {
    let output = psql(url).args(["-c", statement]).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// Which migrations to run.
#[derive(Clone, Copy)]
pub(crate) enum Migration {
    /// All that have not run.
    Up,
    /// All down, and up again.
    Redo,
}

/// Migrations need a runtime of several threads, and a test has one of its own already.
pub(crate) fn migrate(migration: Migration, url: &str) {
    let work = async {
        match migration {
            Migration::Up => migrate::run(url).await,
            Migration::Redo => migrate::redo_all(url).await,
        }
    };
    let outcome = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.unwrap().block_on(work)
        });
        worker.join().unwrap()
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// PostgreSQL's own client, on a database.
pub(crate) fn psql(url: &str) -> Command {
    let mut psql = Command::new(newest_psql());
    psql.args(["-XAtqd", url]);
    psql
}

/// The client of the highest version, as the server finds its own binaries.
fn newest_psql() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin/psql")).filter(|path| path.is_file()).max();
    found.unwrap_or_else(|| "psql".into())
}

/// Removes the folder when this process has ended, however it ends: its end of the pipe closes then.
#[expect(clippy::zombie_processes, reason = "it outlives this process")]
fn sweep_after_us(folder: &Path) {
    let script = "cat; for i in 1 2 3 4 5 6 7 8 9; do rm -rf \"$0\" && exit; sleep 1; done";
    let mut broom = Command::new("sh");
    let broom = broom.args(["-c", script]).arg(folder).stdin(Stdio::piped());
    let mut broom = broom.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Never closed by us.
    std::mem::forget(broom.stdin.take());
}
