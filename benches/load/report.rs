//! What was measured, beside what is aimed at.

use std::fmt;
use std::time::Duration;

#[derive(Default)]
pub(super) struct Report {
    lines: Vec<Line>,
    is_broken: bool,
}

enum Line {
    Title(String),
    Fact { what: String, measured: String, aim: Option<Aim> },
}

struct Aim {
    text: String,
    is_met: bool,
}

impl Report {
    /// Begins a part.
    pub(super) fn title(&mut self, text: impl Into<String>) {
        self.lines.push(Line::Title(text.into()));
    }

    /// A measurement.
    pub(super) fn fact(&mut self, what: impl Into<String>, measured: impl Into<String>) {
        self.lines.push(Line::Fact { what: what.into(), measured: measured.into(), aim: None });
    }

    /// A measurement with an aim.
    pub(super) fn aim(
        &mut self,
        what: impl Into<String>,
        measured: impl Into<String>,
        aim: impl Into<String>,
        is_met: bool,
    ) {
        let aim = Some(Aim { text: aim.into(), is_met });
        self.lines.push(Line::Fact { what: what.into(), measured: measured.into(), aim });
    }

    /// Something that must be so, on every machine.
    pub(super) fn must(&mut self, what: impl Into<String>, measured: impl Into<String>, holds: bool) {
        self.is_broken |= !holds;
        self.aim(what, measured, "always", holds);
    }

    /// Whether nothing was lost, doubled or out of order.
    pub(super) fn is_sound(&self) -> bool {
        !self.is_broken
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            match line {
                Line::Title(text) => writeln!(f, "\n{text}")?,
                Line::Fact { what, measured, aim: None } => writeln!(f, "  {what:<55} {measured:>22}")?,
                Line::Fact { what, measured, aim: Some(aim) } => {
                    let verdict = if aim.is_met { "pass" } else { "MISSED" };
                    writeln!(f, "  {what:<55} {measured:>22}   aim {:<16} {verdict}", aim.text)?;
                }
            }
        }
        Ok(())
    }
}

/// Measured durations, sorted.
pub(super) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(super) fn new(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// The duration that `percent` of all stay below.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }

    /// The middle and the tail.
    pub(super) fn describe(&self) -> String {
        format!("p50 {}  p99 {}", millis(self.percentile(50)), millis(self.percentile(99)))
    }
}

pub(super) fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

/// Seconds of processor time for each of `count`.
pub(super) fn micros_each(seconds: f64, count: usize) -> f64 {
    seconds * 1e6 / (count.max(1) as f64)
}
