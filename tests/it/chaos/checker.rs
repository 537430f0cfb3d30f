//! The judge: what was acknowledged, the rows in the database and what every listener holds must be the same posts,
//! each once, in the same order.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use rustchat::wire::{ChannelId, PostId};
use uuid::Uuid;

use super::House;
use super::ear::Heard;
use super::participants::{Listening, Participants};
use super::poster::Acknowledged;
use super::{Said, until};

/// How long listeners may take to be level with the database when nothing breaks any more.
const REST: Duration = Duration::from_secs(60);

/// What the judge found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    pub(crate) misordered: usize,
    /// Whatever else must not be.
    pub(crate) wrongs: Vec<String>,
}

/// A post in the database.
struct Row {
    id: Uuid,
    said: Said,
}

/// Waits until every listener holds as many posts as there are.
pub(crate) async fn level(house: &House, cast: &Participants, listening: &Listening) {
    let counts: Vec<usize> = rows(house, cast).iter().map(Vec::len).collect();
    until("every listener is level with the database", REST, || {
        assert!(!listening.anybody_gone(), "a listener has ended");
        listening.is_level(&counts)
    })
    .await;
}

/// Judges what is left when everything is at rest.
pub(crate) fn judge(
    house: &House,
    cast: &Participants,
    listening: &Listening,
    acknowledged: &[Acknowledged],
) -> Verdict {
    let rows = rows(house, cast);
    let mut verdict = Verdict { acknowledged: acknowledged.len(), ..Verdict::default() };
    verdict.wrongs = listening.audience.wrongs();
    verdict.wrongs.extend(house.panics());
    verdict.compares_rows(&rows, acknowledged);
    let places: Vec<HashMap<Said, usize>> = rows.iter().map(|rows| places(rows)).collect();
    for ears in &listening.ears {
        for ear in ears.lock().unwrap().iter() {
            verdict.compares_heard(&places[ear.channel], &ear.heard);
        }
    }
    verdict
}

impl Verdict {
    pub(crate) fn is_good(&self) -> bool {
        self.lost + self.doubled + self.misordered + self.wrongs.len() == 0
    }

    fn compares_rows(&mut self, rows: &[Vec<Row>], acknowledged: &[Acknowledged]) {
        let mut kept: HashMap<Said, (usize, Uuid)> = HashMap::new();
        for (channel, rows) in rows.iter().enumerate() {
            let twice = rows.iter().filter(|row| kept.insert(row.said, (channel, row.id)).is_some()).count();
            self.doubled += twice;
            self.misordered += misplaced_by_writers(rows);
        }
        for post in acknowledged {
            let id = post.id.parse::<PostId>().unwrap().0;
            match kept.remove(&post.said) {
                None => self.lost += 1,
                Some(found) if found == (post.channel, id) => {}
                Some(found) => self.wrongs.push(format!("{post:?} was acknowledged, and {found:?} is kept")),
            }
        }
        self.wrongs.extend(kept.keys().map(|said| format!("{said:?} is kept, and was never acknowledged")));
    }

    fn compares_heard(&mut self, places: &HashMap<Said, usize>, heard: &[Heard]) {
        let distinct: HashSet<Said> = heard.iter().map(|heard| heard.said).collect();
        self.doubled += heard.len() - distinct.len();
        self.lost += places.keys().filter(|said| !distinct.contains(said)).count();
        let known: Vec<usize> = heard.iter().filter_map(|heard| places.get(&heard.said).copied()).collect();
        self.misordered += falls(&known);
        if known.len() < heard.len() {
            self.wrongs.push(format!("{} posts were heard that are not kept", heard.len() - known.len()));
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, lost, doubled, misordered, wrongs } = self;
        for wrong in wrongs {
            writeln!(f, "wrong: {wrong}")?;
        }
        write!(f, "acknowledged {acknowledged}, lost {lost}, doubled {doubled}, out of order {misordered}")
    }
}

fn places(rows: &[Row]) -> HashMap<Said, usize> {
    rows.iter().enumerate().map(|(place, row)| (row.said, place)).collect()
}

/// How often something stands after what it should stand before.
fn falls<T: PartialOrd>(list: &[T]) -> usize {
    list.windows(2).filter(|pair| pair[0] > pair[1]).count()
}

/// Who sends a post when the one before is acknowledged must find them in that order.
fn misplaced_by_writers(rows: &[Row]) -> usize {
    let mut numbers: HashMap<u16, Vec<u32>> = HashMap::new();
    for row in rows {
        numbers.entry(row.said.writer).or_default().push(row.said.number);
    }
    numbers.values().map(|numbers| falls(numbers)).sum()
}

/// The posts of each channel, in its order.
fn rows(house: &House, cast: &Participants) -> Vec<Vec<Row>> {
    let listed = house
        .sql("select channel_id, id, left(message, 40) from posts where kind = '' order by channel_id, seq");
    let ids: Vec<Uuid> = cast.places.iter().map(|place| place.id.parse::<ChannelId>().unwrap().0).collect();
    let mut rows: Vec<Vec<Row>> = ids.iter().map(|_| Vec::new()).collect();
    for line in listed.lines() {
        let [channel, id, message] = line.splitn(3, '|').collect::<Vec<_>>().try_into().unwrap();
        let channel: Uuid = channel.parse().unwrap();
        let channel = ids.iter().position(|id| *id == channel).unwrap();
        rows[channel].push(Row { id: id.parse().unwrap(), said: Said::within(message).unwrap() });
    }
    rows
}

#[test]
fn every_way_of_being_wrong_is_found() {
    let said = |number| Said { writer: 7, number };
    let places = (0..4).map(|place| (said(place as u32), place)).collect();
    let judged = |heard: &[u32]| {
        let heard: Vec<Heard> = heard.iter().map(|number| Heard { said: said(*number), at: 0 }).collect();
        let mut verdict = Verdict::default();
        verdict.compares_heard(&places, &heard);
        (verdict.lost, verdict.doubled, verdict.misordered, verdict.wrongs.len())
    };
    assert_eq!(judged(&[0, 1, 2, 3]), (0, 0, 0, 0));
    assert_eq!(judged(&[0, 2, 3]), (1, 0, 0, 0));
    assert_eq!(judged(&[0, 1, 1, 2, 3]), (0, 1, 0, 0));
    assert_eq!(judged(&[0, 2, 1, 3]), (0, 0, 1, 0));
    assert_eq!(judged(&[0, 1, 2, 3, 4]), (0, 0, 0, 1), "heard, and never kept");
    assert_eq!(judged(&[]), (4, 0, 0, 0));
}
