//! The matrix: every operation and every action on a socket, asked by everybody there is. What they are answered stands
//! in `table.txt`, which is the whole of who may do what; a route without a line fails, and a line without a route.

mod closed;
mod house;
mod operator;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use house::{House, PRINCIPALS};

/// The table.
static TABLE: LazyLock<String> = LazyLock::new(|| {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/matrix/table.txt")).unwrap()
});

/// A line of it: what is asked, and what each is answered.
struct Line {
    method: &'static str,
    path: &'static str,
    expected: Vec<u16>,
    /// What is sent with it: a query, or a body.
    with: String,
}

impl Line {
    fn of(line: &'static str) -> Self {
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let expected: Vec<u16> = words.by_ref().take(PRINCIPALS.len()).map(|w| w.parse().unwrap()).collect();
        assert_eq!(expected.len(), PRINCIPALS.len(), "an answer for each: {line}");
        Self { method, path, expected, with: words.collect::<Vec<_>>().join(" ") }
    }

    /// As it would have to stand in the table.
    fn told(&self, got: &[u16]) -> String {
        let got: String = got.iter().map(|status| format!(" {status:>7}")).collect();
        format!("{:6} {:62}{got}  {}", self.method, self.path, self.with)
    }
}

fn lines() -> Vec<Line> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(Line::of).collect()
}

#[test]
fn every_operation_has_a_line_and_every_line_an_operation() {
    let built = rustchat::api::operations().into_iter();
    let built = built.filter_map(|o| Some((o.method, o.path.strip_prefix("/api/v4")?)));
    let actions = rustchat::wire::command::ACTIONS.iter().map(|action| ("SAY", *action));
    // The handshake is what every action begins with.
    let built: BTreeSet<_> = built.filter(|(_, path)| *path != "/websocket").chain(actions).collect();
    let listed: BTreeSet<_> = lines().iter().map(|line| (line.method, line.path)).collect();
    let cases: BTreeSet<_> = lines().into_iter().map(|line| (line.method, line.path, line.with)).collect();
    assert_eq!(lines().len(), cases.len(), "a line stands twice");
    let (missing, dead): (Vec<_>, Vec<_>) =
        (built.difference(&listed).collect(), listed.difference(&built).collect());
    assert!(
        missing.is_empty() && dead.is_empty(),
        "without a line: {missing:?}; without an operation: {dead:?}"
    );
}

#[tokio::test]
async fn where_an_object_is_asked_for_a_list_is_none() {
    let mut house = House::new().await;
    let mut taken = Vec::new();
    // Where the protocol asks for no body it is not read, and the ways to log in are told to everybody.
    let objects = lines().into_iter().filter(|line| line.with.starts_with('{') && line.with != "{}");
    let objects = objects.filter(|line| line.path != "/users/login/type");
    for line in objects.filter(|line| line.method != "SAY") {
        let got = house.asks("operator", (line.method, line.path), "[]").await;
        if !(400..500).contains(&got) {
            taken.push(format!("{} {}: {got}", line.method, line.path));
        }
    }
    assert!(taken.is_empty(), "{}\n", taken.join("\n"));
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let mut house = House::new().await;
    let (lines, mut wrong) = (lines(), Vec::new());
    for line in &lines {
        let mut got = Vec::new();
        for principal in PRINCIPALS {
            got.push(house.asks(principal, (line.method, line.path), &line.with).await);
        }
        if got != line.expected {
            wrong.push(line.told(&got));
        }
    }
    let actions = lines.iter().filter(|line| line.method == "SAY").count();
    println!(
        "matrix: {} operations and {actions} actions, {} principals, {} cases",
        lines.len() - actions,
        PRINCIPALS.len(),
        lines.len() * PRINCIPALS.len(),
    );
    assert!(wrong.is_empty(), "these were answered otherwise than the table says:\n{}\n", wrong.join("\n"));
}
