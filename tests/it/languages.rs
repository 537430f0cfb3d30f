//! A PostgreSQL that speaks another language: what is a passing failure is known all the same, and what is a mistake of
//! ours is none.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection;
use rustchat::db::{Bounds, Conn, Plans, Pool};
use rustchat::error::{Error, Kind};
use tempfile::TempDir;

use crate::support::cluster::{psql, sql};
use crate::support::process::signal;

const BOUNDS: Bounds =
    Bounds { statement: Duration::from_secs(2), idle_transaction: Duration::from_secs(30) };

/// A PostgreSQL whose messages are German, where the machine can make that locale; otherwise English.
struct Foreign {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Foreign {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let (data, locales) = (folder.path().join("data"), folder.path().join("locales"));
        fs::create_dir(&locales).unwrap();
        let mut localedef = Command::new("localedef");
        localedef.args(["-i", "de_DE", "-f", "UTF-8"]).arg(locales.join("de_DE.UTF-8"));
        let german = localedef.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        let language = if german { "de_DE.UTF-8" } else { "C" };
        let made = unprivileged(&program("initdb"), &locales)
            .args(["-A", "trust", "-U", "chat", "--no-sync", "--locale=C", "-E", "UTF8", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        let child = unprivileged(&program("postgres"), &locales)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", &format!("lc_messages={language}")])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let host = folder.path().display().to_string().replace('/', "%2F");
        let foreign =
            Self { child, url: format!("postgres:///postgres?host={host}&user=chat"), _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !psql(&foreign.url).args(["-c", "select 1"]).output().unwrap().status.success() {
            assert!(Instant::now() < deadline, "it does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        foreign
    }

    fn pool(&self, size: usize) -> Pool {
        Pool::new(&self.url, size, BOUNDS, Plans::ByCost).unwrap()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // Its own processes end with the first of them.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal(self.child.id(), "QUIT");
        }
        drop(self.child.wait());
    }
}

/// A program that root starts as somebody else, as PostgreSQL demands, and that ends with this process.
fn unprivileged(program: &Path, locales: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "KILL"]).arg(program).env("LOCPATH", locales).current_dir("/");
    command
}

fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .map(|v| v.path().join("bin").join(name))
        .filter(|p| p.is_file())
        .max()
        .unwrap_or_else(|| name.into())
}

/// What the services make of the failure of a statement.
async fn failure(conn: &mut Conn, statement: &str) -> Error {
    Error::from(conn.batch_execute(statement).await.unwrap_err())
}

#[track_caller]
fn passes(error: &Error) {
    assert!(matches!(error.kind, Kind::Unavailable { .. }), "{error}");
}

/// The process of PostgreSQL that serves what sleeps now.
async fn sleeper(url: &str) -> String {
    let asleep = "select pid from pg_stat_activity where wait_event = 'PgSleep'";
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let pid = sql(url, asleep);
        if !pid.is_empty() {
            return pid;
        }
        assert!(Instant::now() < deadline, "nothing sleeps");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn passing_failures_are_known_in_any_language_and_mistakes_are_mistakes() {
    let foreign = Foreign::start();
    let pool = foreign.pool(3);
    let mut conn = pool.get().await.unwrap();
    for mistake in ["select 1/0", "select nothing from nowhere", "do $$ begin raise exception 'no'; end $$"] {
        let error = failure(&mut conn, mistake).await;
        assert_eq!(error.kind, Kind::Internal, "{error}");
    }
    let spoken = failure(&mut conn, "select 1/0").await.detail.unwrap();
    println!("it says: {spoken}");
    // A statement that takes too long.
    passes(&failure(&mut conn, "select pg_sleep(9)").await);
    conn.batch_execute("select 1").await.unwrap();
    // A connection that is ended in the middle of a statement, and one that is ended while it is idle.
    let url = &foreign.url;
    let end = async {
        let pid = sleeper(url).await;
        sql(url, &format!("select pg_terminate_backend({pid})"));
    };
    let (ended, ()) = tokio::join!(failure(&mut conn, "select pg_sleep(1.5)"), end);
    passes(&ended);
    passes(&failure(&mut conn, "select 1").await);
    drop(conn);
    let mut conn = pool.get().await.unwrap();
    conn.batch_execute("select 1").await.unwrap();
    sql(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'chat'",
    );
    passes(&failure(&mut conn, "select 1").await);
}

#[tokio::test]
async fn a_deadlock_passes_in_any_language() {
    let foreign = Foreign::start();
    let pool = foreign.pool(2);
    sql(&foreign.url, "create table t (id int primary key, n int); insert into t values (1, 0), (2, 0)");
    let (mut one, mut two) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    one.batch_execute("begin; update t set n = 1 where id = 1").await.unwrap();
    two.batch_execute("begin; update t set n = 2 where id = 2").await.unwrap();
    let (first, second) = tokio::join!(
        one.batch_execute("update t set n = 1 where id = 2"),
        two.batch_execute("update t set n = 2 where id = 1"),
    );
    let lost: Vec<Error> = [first, second].into_iter().filter_map(Result::err).map(Error::from).collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    passes(&lost[0]);
}

#[tokio::test]
async fn too_many_connections_and_a_server_that_is_gone_pass_in_any_language() {
    let mut foreign = Foreign::start();
    sql(&foreign.url, "create role poor login connection limit 0");
    let poor = foreign.url.replace("user=chat", "user=poor");
    let none = Pool::new(&poor, 1, BOUNDS, Plans::ByCost).unwrap().get().await;
    passes(&none.err().unwrap());
    let pool = foreign.pool(2);
    let mut conn = pool.get().await.unwrap();
    let stop = async {
        sleeper(&foreign.url).await;
        // A fast shutdown: it tells everybody, and ends.
        signal(foreign.child.id(), "INT");
    };
    let (ended, ()) = tokio::join!(failure(&mut conn, "select pg_sleep(1.5)"), stop);
    passes(&ended);
    foreign.child.wait().unwrap();
    passes(&failure(&mut conn, "select 1").await);
    drop(conn);
    passes(&pool.get().await.err().unwrap());
}
