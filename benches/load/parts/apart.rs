//! Two kinds of requests that their times must not tell apart. They take turns on one connection, so that whatever else
//! the machine does meets both.

use std::time::Duration;

use crate::load::Outcome;
use crate::load::report::{Latencies, Report};

/// The most by which the middles may differ: of a fiftieth nobody makes a fact over a network.
const APART: f64 = 0.02;

/// The times of both kinds, `count` each, after `warm_up` that are not counted. `ask` is told the kind, 0 or 1, and the
/// turn.
pub(super) async fn time(
    count: usize,
    warm_up: usize,
    mut ask: impl AsyncFnMut(usize, usize) -> Outcome<Duration>,
) -> Outcome<[Latencies; 2]> {
    let mut times = [Vec::with_capacity(count), Vec::with_capacity(count)];
    for turn in 0..count + warm_up {
        // Whichever comes first: the second finds caches warm.
        let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
        for kind in order {
            let took = ask(kind, turn).await?;
            if let (true, Some(times)) = (turn >= warm_up, times.get_mut(kind)) {
                times.push(took);
            }
        }
    }
    Ok(times.map(Latencies::new))
}

/// Prints both, and whether they are close enough.
pub(super) fn tell(report: &mut Report, names: [&str; 2], times: &[Latencies; 2]) {
    for (name, times) in names.iter().zip(times) {
        let points = [1, 10, 25, 50, 75, 90, 99].map(|p| format!("p{p} {:.0}", micros(times.percentile(p))));
        report.fact((*name).to_owned(), format!("{} µs", points.join("  ")));
    }
    let [one, other] = times.each_ref().map(|times| micros(times.percentile(50)));
    let apart = (one - other).abs() / other.max(1.0);
    report.aim(
        "  middles apart",
        format!("{:.2} %", apart * 100.0),
        format!("< {:.0} %", APART * 100.0),
        apart < APART,
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
