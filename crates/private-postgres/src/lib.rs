//! A private PostgreSQL: the database of a server for which none is configured.
//!
//! [`start`] finds installed binaries, initialises the data folder when it is new, and answers once connections are
//! accepted; from then on one thread owns the postmaster, restarts it when it dies, and ends it with the process. It
//! listens on one socket in a folder of mode 700, on no network, and keeps fsync on.
//!
//! There is deliberately no client here: callers that need a connection open [`Postgres::url`]. Nothing is downloaded,
//! and no other cluster of the machine is touched. Which program this is for, and which setting of it mends an error,
//! is not known here either.
//!
//! Reading order: this file, `supervise`, `postmaster`, then `cluster` (folders, initdb), `account` (the user it runs
//! as), `orphans` (leftovers of an earlier server), `layout` and [`socket`] (where all lies), `locate`, `lock`,
//! [`parse`] (what PostgreSQL says), `error`; `sys` holds all `unsafe`.

mod account;
mod cluster;
mod error;
mod layout;
mod locate;
mod lock;
mod orphans;
pub mod parse;
mod postmaster;
pub mod socket;
mod supervise;
#[expect(unsafe_code, reason = "accounts, namespaces and signals need system calls that std does not offer")]
mod sys;

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

pub use error::StartError;
use supervise::Supervisor;

/// The configuration of the private PostgreSQL.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the superuser, of the database and of the cluster: lowercase letters, digits and underscores. Data that
    /// was initialised under one name is not served under another.
    pub name: &'static str,
    /// The data folder, such as `data/postgres`. A lock file and the socket folder are created beside it.
    pub data_dir: PathBuf,
    /// The folder of `postgres` and `initdb`; without one, `PATH` and `/usr/lib/postgresql` are searched.
    pub bin_dir: Option<PathBuf>,
    /// The most connections that it accepts at once.
    pub max_connections: u32,
}

/// A private PostgreSQL that runs until this value is stopped or dropped, or the process ends.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    /// Nothing is ever sent: dropping it is the request to stop.
    stop: Option<Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the private PostgreSQL and waits until it accepts connections.
///
/// Blocks for some hundred milliseconds, longer at the first start and after a crash: call it before the async runtime.
pub fn start(options: Options) -> Result<Postgres, StartError> {
    let (stop, stopped) = mpsc::channel();
    let (report, outcome) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("postgres".to_owned())
        .spawn(move || run(options, stopped, &report))
        .map_err(StartError::Thread)?;
    let died = |_closed| Err(StartError::Thread(io::Error::other("it panicked")));
    let url = outcome.recv().unwrap_or_else(died)?;
    Ok(Postgres { url, stop: Some(stop), thread: Some(thread) })
}

/// The URL of the private PostgreSQL with these options, if another process runs it.
pub fn running(options: &Options) -> Result<Option<String>, StartError> {
    let layout = layout::Layout::new(&options.data_dir, options.name)?;
    match lock::Lock::acquire(&layout) {
        Ok(_ours) => Ok(None),
        Err(StartError::InUse { .. }) => Ok(Some(layout.url())),
        Err(error) => Err(error),
    }
}

/// As root, switches this process to the account that owns the folder `dir`; otherwise, or where that is root too, does
/// nothing. To be called before there are other threads.
pub fn become_owner(dir: &Path, uid: u32, gid: u32) -> Result<(), StartError> {
    if sys::effective_ids().uid != 0 || uid == 0 {
        return Ok(());
    }
    sys::become_account(sys::Ids { uid, gid }).map_err(|source| StartError::folder(dir, source))
}

/// The main function of the supervising thread. It spawns every process itself, because the kernel ties a child's
/// parent-death signal to the thread that spawned it.
fn run(options: Options, stop: Receiver<Infallible>, report: &Sender<Result<String, StartError>>) {
    let started = Supervisor::prepare(options, stop).and_then(|supervisor| {
        let postmaster = supervisor.launch()?;
        Ok((supervisor, postmaster))
    });
    let _ = match started {
        Ok((supervisor, postmaster)) => {
            let asker = report.send(Ok(supervisor.url()));
            supervisor.watch(postmaster);
            asker
        }
        Err(error) => report.send(Err(error)),
    };
}

impl Postgres {
    /// The database's URL, in the form that PostgreSQL clients accept: `postgres://<name>@/<name>?host=<folder>`, with
    /// the folder of the socket.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the connections, writes a checkpoint and returns when the postmaster is gone, usually within 0.2 s.
    ///
    /// Blocks; a postmaster that does not end within 5 s is killed, which costs the next start a recovery.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that supervises the private PostgreSQL panicked");
        }
    }
}
