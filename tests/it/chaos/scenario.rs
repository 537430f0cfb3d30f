//! The whole of it: people move in, writers write round by round, each round has its fault, and the judge speaks.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::checker::{Verdict, judge, level};
use super::latency::Latencies;
use super::participants::{Crowd, Listening, Participants};
use super::plan::{PlannedFault, plan};
use super::poster::{Acknowledged, Desk, collect};
use super::{House, now, until};

/// How long a round's posts may take to be acknowledged after its fault is mended.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long everybody may take to be connected when nothing breaks.
const ARRIVAL: Duration = Duration::from_secs(30);

/// The size of the scenario.
#[derive(Debug, Clone)]
pub(crate) struct Size {
    /// Posts that are to be acknowledged.
    pub(crate) posts: usize,
    pub(crate) faults: usize,
    pub(crate) nodes: usize,
    pub(crate) crowd: Crowd,
    /// Posts a second that writers try to keep up.
    pub(crate) per_second: usize,
    /// Milliseconds that a fault may last.
    pub(crate) hold: Range<u64>,
}

/// How it ended, in one line.
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    faults: usize,
    seed: u64,
}

/// Lives through all faults of the plan that the seed gives.
pub(crate) async fn run(size: &Size, seed: u64) -> Outcome {
    let began = Instant::now();
    println!("seed {seed}, {size:?}");
    let mut house = House::start(size.nodes).await;
    let cast = Participants::of(&house, size.crowd).await;
    let listening = cast.listens(&house, seed);
    until("everybody listens", ARRIVAL, || listening.everybody()).await;
    println!(
        "{:7.1} s  {} listeners at {} nodes",
        began.elapsed().as_secs_f64(),
        listening.ears.len(),
        size.nodes
    );

    let desk = Desk::new();
    let mut round =
        Round { desk: desk.clone(), writing: cast.writes(&house, &desk, ""), listening: &listening };
    // The last posts come when everything else is heard: whatever came twice came before them.
    let farewell = size.crowd.writers;
    let share = (size.posts - farewell) / size.faults;
    for (n, stroke) in plan(seed, size.faults, size.nodes, size.hold.clone()).into_iter().enumerate() {
        let posts = if n + 1 == size.faults { size.posts - farewell - n * share } else { share };
        round.runs(posts, size.per_second, began, (n + 1, stroke), &mut house).await;
    }
    level(&house, &cast, &listening).await;
    round.writes(farewell, size.per_second).await;
    level(&house, &cast, &listening).await;
    println!("{:7.1} s  level", began.elapsed().as_secs_f64());
    let acknowledged = collect(&desk, round.writing).await;
    tell(&desk, &listening, &acknowledged);
    let verdict = judge(&house, &cast, &listening, &acknowledged);
    Outcome { verdict, faults: size.faults, seed }
}

/// The posts that go with one fault, and the writers who write them.
struct Round<'a> {
    desk: Arc<Desk>,
    writing: Vec<JoinHandle<Vec<Acknowledged>>>,
    listening: &'a Listening,
}

impl Round<'_> {
    /// Has posts written; the fault comes when a quarter of them is there, and the rest is written during and after it.
    async fn runs(
        &mut self,
        posts: usize,
        per_second: usize,
        began: Instant,
        (n, stroke): (usize, PlannedFault),
        house: &mut House,
    ) {
        let before = self.desk.acknowledged();
        let orders = {
            let desk = self.desk.clone();
            tokio::spawn(async move { desk.orders(posts, per_second).await })
        };
        self.reaches(before + posts / 4).await;
        let begun = self.desk.acknowledged();
        println!("{:7.1} s  fault {n} after {begun} posts: {stroke}", began.elapsed().as_secs_f64());
        house.suffers(stroke).await;
        self.reaches(before + posts).await;
        orders.await.unwrap();
    }

    /// Has posts written while nothing breaks.
    async fn writes(&mut self, posts: usize, per_second: usize) {
        let before = self.desk.acknowledged();
        self.desk.orders(posts, per_second).await;
        self.reaches(before + posts).await;
    }

    async fn reaches(&self, posts: usize) {
        until("posts are acknowledged", PATIENCE, || {
            let given_up = self.writing.iter().any(JoinHandle::is_finished) || self.listening.anybody_gone();
            assert!(!given_up, "a writer or a listener has ended");
            self.desk.acknowledged() >= posts
        })
        .await;
    }
}

/// Prints what is no verdict: how it went.
fn tell(desk: &Desk, listening: &Listening, acknowledged: &[Acknowledged]) {
    println!("attempts to post that failed: {:?}", desk.failures());
    println!("connections that ended: {:?}", listening.audience.ends());
    println!("what was missed was made good: {:?}", listening.audience.comebacks());
    let latencies = Latencies::of(listening, acknowledged, 0..now());
    println!("from sending to hearing, all listeners: {latencies}");
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (faults, seed) = (self.faults, self.seed);
        let Verdict { acknowledged, lost, doubled, misordered, .. } = self.verdict;
        self.verdict.wrongs.iter().try_for_each(|wrong| writeln!(f, "wrong: {wrong}"))?;
        write!(f, "acknowledged {acknowledged}, faults {faults}, ")?;
        write!(f, "lost {lost}, doubled {doubled}, out of order {misordered}, seed {seed}")
    }
}
