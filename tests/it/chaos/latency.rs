//! How long posts took from being sent to being heard.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use super::Said;
use super::participants::Listening;
use super::poster::Acknowledged;

/// Milliseconds, sorted.
pub(crate) struct Latencies(Vec<u32>);

impl Latencies {
    /// Of posts that were sent within a time, as [`super::now`] counts.
    pub(crate) fn of(listening: &Listening, acknowledged: &[Acknowledged], within: Range<u32>) -> Self {
        let sent = acknowledged.iter().filter(|post| within.contains(&post.sent));
        let sent = sent.map(|post| (post.said, post.sent));
        let sent: HashMap<Said, u32> = sent.collect();
        let mut all = Vec::new();
        for ears in &listening.ears {
            for heard in ears.lock().unwrap().iter().flat_map(|ear| &ear.heard) {
                all.extend(sent.get(&heard.said).map(|sent| heard.at.saturating_sub(*sent)));
            }
        }
        all.sort_unstable();
        Self(all)
    }

    /// What `percent` of all stay below, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> u32 {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (middle, tail, longest) = (self.percentile(50), self.percentile(99), self.percentile(100));
        write!(f, "p50 {middle} ms, p99 {tail} ms, longest {longest} ms, {} in all", self.count())
    }
}
