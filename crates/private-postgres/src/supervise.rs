//! The supervising thread: prepares, launches, watches, restarts, stops.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::account::Account;
use super::cluster::{self, Programs};
use super::layout::Layout;
use super::locate::locate;
use super::lock::Lock;
use super::postmaster::Postmaster;
use super::{Options, StartError, orphans};

const READY_POLL: Duration = Duration::from_millis(5);
const WATCH_POLL: Duration = Duration::from_millis(100);

/// The longest wait for readiness. A recovery may take long, and aborting it would only make the next one longer.
const READY_LIMIT: Duration = Duration::from_secs(600);

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A postmaster that ran this long was healthy: its end says nothing about the next one.
const HEALTHY: Duration = Duration::from_secs(60);

/// The resources of a postmaster, held for as long as one may run.
#[derive(Debug)]
pub(super) struct Supervisor {
    layout: Layout,
    programs: Programs,
    max_connections: u32,
    /// Closed when the server asks PostgreSQL to stop.
    stop: Receiver<Infallible>,
    _lock: Lock,
}

impl Supervisor {
    /// Locks the folder, finds the binaries and the account, and initialises the data when it is new.
    pub(super) fn prepare(options: Options, stop: Receiver<Infallible>) -> Result<Self, StartError> {
        let layout = Layout::new(&options.data_dir, options.name)?;
        let lock = Lock::acquire(&layout)?;
        let bin_dir = locate(options.bin_dir.as_deref(), &layout)?;
        let account = Account::choose(&bin_dir.join("postgres"), &layout)?;
        let programs = Programs { bin_dir, account };
        tracing::debug!(bin_dir = %programs.bin_dir.display(), ?account, "how the private PostgreSQL runs");
        cluster::ready(&layout, &programs)?;
        Ok(Self { layout, programs, max_connections: options.max_connections, stop, _lock: lock })
    }

    /// The database's URL, in the form that PostgreSQL clients accept.
    pub(super) fn url(&self) -> String {
        self.layout.url()
    }

    /// Cleans up after an earlier postmaster, starts one and waits until it accepts connections, or until a stop is
    /// requested.
    pub(super) fn launch(&self) -> Result<Postmaster, StartError> {
        orphans::end(&self.layout.data)?;
        orphans::forget_foreign_pid(&self.layout)?;
        let mut postmaster = Postmaster::spawn(&self.layout, &self.programs, self.max_connections)?;
        while !postmaster.is_ready(&self.layout) && !self.stop_asked_within(READY_POLL) {
            if let Some(status) = postmaster.ended() {
                let words = postmaster.last_words(status);
                return Err(StartError::program("postgres", &self.layout.data, &words));
            }
            if postmaster.started().elapsed() > READY_LIMIT {
                postmaster.stop();
                let (data_dir, seconds) = (self.layout.data.clone(), READY_LIMIT.as_secs());
                return Err(StartError::Slow { data_dir, seconds });
            }
        }
        Ok(postmaster)
    }

    /// Restarts the postmaster whenever it dies, until a stop is requested; then ends it.
    pub(super) fn watch(&self, mut postmaster: Postmaster) {
        let mut pause = SHORTEST_PAUSE;
        while !self.stop_asked_within(WATCH_POLL) {
            let Some(status) = postmaster.ended() else { continue };
            tracing::error!(%status, "the private PostgreSQL died and is restarted");
            if postmaster.started().elapsed() > HEALTHY {
                pause = SHORTEST_PAUSE;
            }
            match self.relaunch(&mut pause) {
                Some(next) => postmaster = next,
                None => return,
            }
        }
        postmaster.stop();
    }

    /// Tries to launch until it succeeds; `None` if a stop is requested meanwhile.
    fn relaunch(&self, pause: &mut Duration) -> Option<Postmaster> {
        while !self.stop_asked_within(*pause) {
            *pause = (*pause * 2).min(LONGEST_PAUSE);
            match self.launch() {
                Ok(postmaster) => {
                    tracing::info!("the private PostgreSQL runs again");
                    return Some(postmaster);
                }
                Err(error) => tracing::error!(%error, "the private PostgreSQL did not start again"),
            }
        }
        None
    }

    /// Sleeps; true if a stop is requested meanwhile.
    fn stop_asked_within(&self, pause: Duration) -> bool {
        self.stop.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected)
    }
}
