//! The TypeScript of what a socket sends. `source` reads the types from the Rust sources, as serde writes them; the names
//! of events and which data they have are what the code answers for one sample of each (`samples`). `check` holds the
//! frames of the samples against the description, and the TypeScript compiler holds them against what was printed.
//!
//! `make events` writes the files; without `UPDATE_EVENTS` the test says where they are stale.

mod check;
mod kind;
mod objects;
mod print;
mod samples;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kind::Shapes;
use samples::Sample;

/// The names of events, each with the variants of `Data` that it comes with.
type Events = BTreeMap<String, BTreeSet<String>>;

fn events(samples: &[Sample]) -> Events {
    let mut events = Events::new();
    for sample in samples {
        events.entry(sample.name.clone()).or_default().insert(sample.data.clone());
    }
    events
}

/// What is described: the types, and those that can be reached from the frames of these events.
fn described(events: &Events) -> Shapes {
    let roots = events.values().flatten().map(|data| kind::data(data));
    source::read(&wire()).reachable(roots.chain([kind::BROADCAST.to_owned()]))
}

fn wire() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wire")
}

/// The checked-in file is what is printed now; with `UPDATE_EVENTS` it is written instead.
#[track_caller]
fn fresh(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = checked_in.lines().zip(text.lines()).find(|(old, new)| old != new);
    assert!(checked_in == text, "{} is stale ({differs:?}): write it with `make events`", path.display());
}

#[test]
fn the_files_of_the_web_client_are_fresh() {
    let samples = samples::all();
    let events = events(&samples);
    let shapes = described(&events);
    fresh("web/src/lib/api/events.generated.ts", &print::types(&events, &shapes));
    fresh("web/test/frames.generated.ts", &print::frames(&samples, &shapes));
}

/// A variant that has no sample would be missing in the types, so there is none.
#[test]
fn every_event_has_a_sample() {
    let sampled: BTreeSet<String> = samples::events().iter().map(samples::variant).collect();
    assert_eq!(sampled, source::variants(&wire().join("event.rs"), "Event"));
}

/// Names, presence and kinds are those of real frames, and nothing is described that no frame has shown: what may be
/// absent or null was so in one frame and not in another.
#[test]
fn the_description_is_true() {
    let samples = samples::all();
    let shapes = described(&events(&samples));
    let mut check = check::Check::of(&shapes);
    for sample in &samples {
        check.frame(sample);
    }
    let unproven: Vec<_> = shapes.claims().difference(&check.met).cloned().collect();
    assert!(unproven.is_empty(), "no sample shows {unproven:#?}");
}

#[test]
#[should_panic(expected = "PostData.post")]
fn what_is_described_otherwise_is_found() {
    let samples = samples::all();
    let mut shapes = described(&events(&samples));
    shapes.0.insert("PostData".to_owned(), kind::Shape::fields([("post", kind::Kind::Number)]));
    let edited = samples.iter().find(|sample| sample.name == "post_edited").unwrap();
    check::Check::of(&shapes).frame(edited);
}
