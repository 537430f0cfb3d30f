//! The supervisor: the tasks that must live as long as the process, each under a name. One that ends (it returns,
//! panics, or gives no sign of life within its bound) is logged and started again after a pause, or ends the process
//! where starting it again would lose something. The health endpoints read from here what is down.
//!
//! A task that is bound to one request or one connection is not registered here: its end is the business of whoever
//! waits for it.

mod back_off;
#[cfg(debug_assertions)]
pub mod faults;
#[cfg(not(debug_assertions))]
mod faults {
    pub(super) async fn struck(_: &'static str, task: impl Future<Output = ()>) {
        task.await;
    }
}
mod part;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use back_off::BackOff;
use part::Part;
pub use part::{PartState, Pulse};

/// How often it is checked whether a part still gives signs of life.
const LOOK: Duration = Duration::from_millis(250);

/// How long a part that is given up may take to let go.
const LETTING_GO: Duration = Duration::from_secs(1);

/// What is registered: the name of a part, and what its silence and its death mean.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    name: &'static str,
    silence: Option<Duration>,
    end: End,
    is_vital: bool,
    faults: Faults,
}

/// The consequence of the death of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Restart,
    EndProcess,
}

/// Where the faults of tests strike: the task, or the actors and threads that it watches, which see to it themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Faults {
    Here,
    Elsewhere,
}

impl Spec {
    /// A task that is started again when it dies.
    pub const fn task(name: &'static str) -> Self {
        Self { name, silence: None, end: End::Restart, is_vital: false, faults: Faults::Here }
    }

    /// A task that watches actors or threads and returns when they are dead. They cannot be started again without
    /// loss, so their death ends the process.
    pub const fn watch(name: &'static str) -> Self {
        Self { name, silence: None, end: End::EndProcess, is_vital: true, faults: Faults::Elsewhere }
    }

    /// The same; the part counts as dead too when it gives no sign of life for `bound`: some seconds at least, since a
    /// part that waits gives one each second.
    pub const fn silent_for(self, bound: Duration) -> Self {
        Self { silence: Some(bound), ..self }
    }

    /// The same; without this part the process is of no use, so that `/livez` tells of its death.
    pub const fn vital(self) -> Self {
        Self { is_vital: true, ..self }
    }
}

/// The health of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartHealth {
    /// Its name.
    pub name: &'static str,
    /// Its state.
    pub state: PartState,
    /// Whether the process is of no use without it.
    pub is_vital: bool,
}

/// The registered parts of the process. Cloning shares them.
#[derive(Clone)]
pub struct Supervisor {
    shared: Arc<Shared>,
}

struct Shared {
    parts: Mutex<Vec<Registered>>,
    /// The part whose death ends the process.
    fatal: watch::Sender<Option<&'static str>>,
    /// Set when the process shuts down: what ends from then on was told to.
    is_stopping: AtomicBool,
}

/// A function that starts a part.
type Start = Arc<dyn Fn(Pulse) -> BoxFuture<'static, ()> + Send + Sync>;

impl Default for Supervisor {
    fn default() -> Self {
        let (fatal, _) = watch::channel(None);
        let is_stopping = AtomicBool::new(false);
        Self { shared: Arc::new(Shared { parts: Mutex::default(), fatal, is_stopping }) }
    }
}

impl Supervisor {
    /// Starts a part and keeps it alive; `start` is called again after each death. Must be called within a runtime.
    pub fn start<F>(&self, spec: Spec, start: impl Fn(Pulse) -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let part = Arc::new(Part::new(spec.name, spec.silence));
        self.parts().push(Registered { part: part.clone(), spec });
        let start: Start = Arc::new(move |pulse| Box::pin(start(pulse)));
        tokio::spawn(keep(self.clone(), spec, part, start));
    }

    /// The health of every part, in the order in which they were started.
    pub fn health(&self) -> Vec<PartHealth> {
        let parts = self.parts();
        let health = |part: &Registered| PartHealth {
            name: part.spec.name,
            state: part.part.state(Instant::now()),
            is_vital: part.spec.is_vital,
        };
        parts.iter().map(health).collect()
    }

    /// Waits for a death that ends the process; the name of the part.
    pub async fn fatal(&self) -> &'static str {
        let mut fatal = self.shared.fatal.subscribe();
        let name = fatal.wait_for(Option::is_some).await.ok().and_then(|name| *name);
        name.unwrap_or("supervisor")
    }

    /// Starts nothing again from here on, because the process shuts down.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
    }

    fn parts(&self) -> MutexGuard<'_, Vec<Registered>> {
        self.shared.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part and what was registered of it.
struct Registered {
    part: Arc<Part>,
    spec: Spec,
}

/// Runs a part for as long as the process lives.
async fn keep(supervisor: Supervisor, spec: Spec, part: Arc<Part>, start: Start) {
    let mut back_off = BackOff::default();
    loop {
        let began = Instant::now();
        part.begins(began);
        let why = end_of(tokio::spawn(run(spec, Pulse::new(part.clone()), start.clone())), &part).await;
        if supervisor.shared.is_stopping.load(Ordering::Relaxed) {
            return;
        }
        part.ends();
        if spec.end == End::EndProcess {
            tracing::error!(part = spec.name, why, "a part of the server died, which ends the process");
            supervisor.shared.fatal.send_replace(Some(spec.name));
            return;
        }
        let pause = back_off.next(began.elapsed());
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::error!(part = spec.name, why, pause_ms, "a part of the server died and is started again");
        tokio::time::sleep(pause).await;
    }
}

/// Waits for the end of a part's task, or gives it up when it is silent for too long. Answers the cause of death. Only
/// time in which this process runs counts as silence: one that was stopped and goes on is not dead.
async fn end_of(mut task: JoinHandle<()>, part: &Part) -> &'static str {
    let (mut beats, mut silence) = (part.beats(), Duration::ZERO);
    loop {
        tokio::select! {
            ended = &mut task => return match ended {
                Ok(()) => "returned",
                Err(error) if error.is_panic() => "panicked",
                Err(_) => "cancelled",
            },
            () = tokio::time::sleep(LOOK) => {}
        }
        let before = std::mem::replace(&mut beats, part.beats());
        silence = if before == beats { silence + LOOK } else { Duration::ZERO };
        if part.bound().is_some_and(|bound| silence > bound) {
            task.abort();
            // One that does not let go is stuck in code that never waits: there is nothing more to do about it.
            let _gone = tokio::time::timeout(LETTING_GO, &mut task).await;
            return "silent";
        }
    }
}

async fn run(spec: Spec, pulse: Pulse, start: Start) {
    match spec.faults {
        Faults::Here => faults::struck(spec.name, start(pulse)).await,
        Faults::Elsewhere => start(pulse).await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::time::{sleep, timeout};

    use super::*;

    const SOON: Duration = Duration::from_secs(15);

    fn state(supervisor: &Supervisor, name: &str) -> PartState {
        let health = supervisor.health();
        health.iter().find(|part| part.name == name).map(|part| part.state).unwrap()
    }

    async fn becomes(supervisor: &Supervisor, name: &str, wanted: PartState) {
        let reached = async {
            while state(supervisor, name) != wanted {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, reached).await.unwrap_or_else(|_| panic!("{name} does not become {wanted:?}"));
    }

    #[tokio::test]
    async fn what_returns_or_panics_is_down_and_is_started_again() {
        let supervisor = Supervisor::default();
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = starts.clone();
        supervisor.start(Spec::task("part"), move |pulse| {
            let started = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert_eq!(pulse.is_restart(), started > 0);
                match started {
                    0 => {}
                    1 => panic!("as the test wants it"),
                    _ => std::future::pending().await,
                }
            }
        });
        assert_eq!(state(&supervisor, "part"), PartState::Up);
        becomes(&supervisor, "part", PartState::Down).await;
        becomes(&supervisor, "part", PartState::Up).await;
        assert_eq!(starts.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn what_gives_no_sign_of_life_is_stuck_and_is_started_again() {
        let supervisor = Supervisor::default();
        let spec = Spec::task("part").silent_for(Duration::from_secs(3));
        supervisor.start(spec, |pulse| async move {
            if pulse.is_restart() {
                let () = pulse.during(std::future::pending()).await;
            }
            std::future::pending().await
        });
        becomes(&supervisor, "part", PartState::Stuck).await;
        becomes(&supervisor, "part", PartState::Up).await;
    }

    #[tokio::test]
    async fn the_death_of_what_is_watched_ends_the_process() {
        let supervisor = Supervisor::default();
        supervisor.start(Spec::task("mortal"), |_| async {});
        supervisor.start(Spec::watch("hub"), |_| async {});
        assert_eq!(timeout(SOON, supervisor.fatal()).await, Ok("hub"));
        assert_eq!(state(&supervisor, "hub"), PartState::Down);
    }
}
