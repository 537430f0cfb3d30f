//! One registered part: whether it runs, since when, and when it last gave a sign of life.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a part must have lived after a death before it counts as up: one that dies at each start is down all the
/// time.
const STEADY: Duration = Duration::from_secs(1);

/// How often a part that waits gives a sign of life.
const BEAT: Duration = Duration::from_secs(1);

/// The state of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// It works.
    Up,
    /// It has given no sign of life for half of the time that it may.
    Stuck,
    /// It has died, and is not back yet, or only just.
    Down,
}

impl PartState {
    /// The state's name for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Stuck => "stuck",
            Self::Down => "down",
        }
    }
}

/// A part's life.
pub(super) struct Part {
    name: &'static str,
    silence: Option<Duration>,
    life: Mutex<Life>,
}

struct Life {
    /// Since when it runs; `None` while it does not.
    began: Option<Instant>,
    heard: Instant,
    /// Signs of life so far.
    beats: u64,
    deaths: u64,
}

impl Part {
    /// A part that may be silent for so long, or for ever.
    pub(super) fn new(name: &'static str, silence: Option<Duration>) -> Self {
        let now = Instant::now();
        Self { name, silence, life: Mutex::new(Life { began: Some(now), heard: now, beats: 0, deaths: 0 }) }
    }

    /// Notes that it is started.
    pub(super) fn begins(&self, now: Instant) {
        let mut life = self.life();
        (life.began, life.heard) = (Some(now), now);
    }

    /// Notes that it has died.
    pub(super) fn ends(&self) {
        let mut life = self.life();
        life.began = None;
        life.deaths += 1;
    }

    /// The longest time for which it may be silent.
    pub(super) fn bound(&self) -> Option<Duration> {
        self.silence
    }

    /// The signs of life that it gave so far.
    pub(super) fn beats(&self) -> u64 {
        self.life().beats
    }

    /// Whether it has been silent for half of its bound: that is said before the part is given up.
    fn is_stuck(&self, now: Instant) -> bool {
        self.silence.is_some_and(|bound| now.saturating_duration_since(self.life().heard) > bound / 2)
    }

    pub(super) fn state(&self, now: Instant) -> PartState {
        let (began, deaths) = {
            let life = self.life();
            (life.began, life.deaths)
        };
        match began {
            Some(began) if deaths > 0 && now.saturating_duration_since(began) < STEADY => PartState::Down,
            Some(_) if self.is_stuck(now) => PartState::Stuck,
            Some(_) => PartState::Up,
            None => PartState::Down,
        }
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part's sign of life, which its task gives.
#[derive(Clone)]
pub struct Pulse(Arc<Part>);

impl Pulse {
    pub(super) fn new(part: Arc<Part>) -> Self {
        Self(part)
    }

    /// Gives a sign of life.
    pub fn beat(&self) {
        let mut life = self.0.life();
        life.heard = Instant::now();
        life.beats += 1;
    }

    /// Whether the part has died before: what it had in hand then is lost.
    pub fn is_restart(&self) -> bool {
        self.0.life().deaths > 0
    }

    /// Waits for something that may take any time, such as work to do, and gives signs of life meanwhile. Whatever has
    /// to end within the part's bound is awaited without it.
    pub async fn during<T>(&self, wait: impl Future<Output = T>) -> T {
        let mut wait = pin!(wait);
        loop {
            self.beat();
            tokio::select! {
                biased;
                done = &mut wait => {
                    self.beat();
                    return done;
                }
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }
}

impl std::fmt::Debug for Pulse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pulse").field(&self.0.name).finish()
    }
}
