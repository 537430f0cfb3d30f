//! The PostgreSQL of the bench: a private cluster in a temporary folder, as a server that runs alone would start it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text as SqlText};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use private_postgres::{Options, Postgres};
use tempfile::TempDir;

use super::{Outcome, process};

/// Where it lies, which is where builds lie: on a disk, while a temporary folder of the system may be in memory.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// The server's connections, those of pgbench, and ours.
const CONNECTIONS: u32 = 80;

pub(super) struct Cluster {
    // Ends before its folder is removed: fields are dropped in this order.
    postgres: Postgres,
    folder: TempDir,
}

/// One number.
#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// One text.
#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = SqlText)]
    t: String,
}

impl Cluster {
    pub(super) fn start() -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("load").tempdir_in(FOLDER)?;
        // As root, PostgreSQL may run under another account, which must be able to pass through.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
        let data_dir = folder.path().join("postgres");
        let options = Options { name: "rustchat", data_dir, bin_dir: None, max_connections: CONNECTIONS };
        let postgres = private_postgres::start(options)?;
        Ok(Self { postgres, folder })
    }

    pub(super) fn url(&self) -> &str {
        self.postgres.url()
    }

    /// A folder of the bench, for whatever else has to lie somewhere.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) async fn connect(&self) -> Outcome<AsyncPgConnection> {
        Ok(AsyncPgConnection::establish(self.url()).await?)
    }

    /// Runs statements.
    pub(super) async fn execute(&self, sql: &str) -> Outcome<()> {
        Ok(self.connect().await?.batch_execute(sql).await?)
    }

    /// The number that a query answers, which it calls `n`.
    pub(super) async fn number(&self, sql: &str) -> Outcome<i64> {
        let row: Number = diesel::sql_query(sql).get_result(&mut self.connect().await?).await?;
        Ok(row.n)
    }

    /// The texts that a query answers, which it calls `t`.
    pub(super) async fn texts(&self, sql: &str) -> Outcome<Vec<String>> {
        let rows: Vec<Text> = diesel::sql_query(sql).load(&mut self.connect().await?).await?;
        Ok(rows.into_iter().map(|row| row.t).collect())
    }

    /// Seconds of processor time of all its processes.
    pub(super) fn cpu(&self) -> Outcome<f64> {
        let file = fs::read_to_string(self.folder().join("postgres/postmaster.pid"))?;
        let postmaster = file.lines().next().ok_or("an empty postmaster.pid")?.trim().parse()?;
        process::cpu_of_family(postmaster)
    }
}

/// A program of PostgreSQL's: in PATH, or of the highest version installed.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let version = |dir: &Path| dir.file_name().and_then(|v| v.to_str()?.parse::<u32>().ok());
    let installed =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let highest = installed.max_by_key(|dir| version(dir)).map(|dir| dir.join("bin"));
    std::env::split_paths(&path).chain(highest).map(|dir| dir.join(name)).find(|file| file.is_file())
}
