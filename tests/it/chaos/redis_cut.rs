//! Redis is away for a while, and nobody has to know: no post fails, nodes go on to hear each other, and nobody is made
//! to connect or to fetch again.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::sleep;

use super::checker::{Verdict, judge, level};
use super::latency::Latencies;
use super::participants::{Crowd, Participants};
use super::poster::{Desk, collect};
use super::{House, now, until};
use crate::support::proxy::Link;

const CROWD: Crowd = Crowd { channels: 2, people: 10, devices: 2, writers: 4 };

/// Posts a second: as many as a few people write, so that what is measured is the way between nodes.
const PER_SECOND: usize = 20;

/// How long people write before Redis goes away and after it is back.
const BESIDE: Duration = Duration::from_secs(2);

/// How long anything else may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What people noticed.
pub(crate) struct Noticed {
    away: Duration,
    failures: BTreeMap<String, usize>,
    ends: BTreeMap<String, usize>,
    latencies: Latencies,
    verdict: Verdict,
}

/// Cuts all links to Redis for a time.
pub(crate) async fn cut_redis(away: Duration) -> Noticed {
    let house = House::start(2).await;
    let cast = Participants::of(&house, CROWD).await;
    let listening = cast.listens(&house, 1);
    until("everybody listens", PATIENCE, || listening.everybody()).await;
    let desk = Desk::new();
    let writing = cast.writes(&house, &desk, "");

    let posts = PER_SECOND * (away + 2 * BESIDE).as_secs() as usize;
    let began = now();
    let orders = desk.orders(posts, PER_SECOND);
    let cut = async {
        sleep(BESIDE).await;
        house.redis_links(Link::Cut);
        sleep(away).await;
        house.redis_links(Link::Whole);
    };
    tokio::join!(orders, cut);
    until("all is acknowledged", PATIENCE, || desk.acknowledged() == posts).await;
    level(&house, &cast, &listening).await;
    let acknowledged = collect(&desk, writing).await;
    Noticed {
        away,
        failures: desk.failures(),
        ends: listening.audience.ends(),
        latencies: Latencies::of(&listening, &acknowledged, began..now()),
        verdict: judge(&house, &cast, &listening, &acknowledged),
    }
}

impl Noticed {
    /// Whether it was nothing: no post was heard later than `within` after it was sent, the machine's own delays
    /// included.
    pub(crate) fn is_good(&self, within: Duration) -> bool {
        let nothing_failed = self.failures.is_empty() && self.ends.is_empty() && self.verdict.is_good();
        nothing_failed
            && self.latencies.count() > 0
            && u128::from(self.latencies.percentile(100)) <= within.as_millis()
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { away, failures, ends, latencies, verdict } = self;
        writeln!(f, "Redis was away for {away:?}: from sending to hearing, at all nodes: {latencies}")?;
        write!(f, "  attempts to post that failed {failures:?}, connections that ended {ends:?}, {verdict}")
    }
}
