//! Every operation that changes something of a team, its channel or its post, asked by those who may when it is archived.
//! All are refused. What may still be done stands in a list, with the reason; a new operation stands nowhere, and is asked.

use std::collections::BTreeSet;

use super::house::{House, PRINCIPALS, is_question};
use super::{Line, lines};

/// What an archived place takes.
const TAKES: &[(&str, &str, &str)] = &[
    ("POST", "/teams/{team_id}/restore", "the way back"),
    ("POST", "/channels/{channel_id}/restore", "the way back"),
    ("DELETE", "/teams/{team_id}", "archiving what is archived changes nothing"),
    ("DELETE", "/teams/{team_id}/members/{user_id}", "who leaves, or has to, goes also from there"),
    ("DELETE", "/channels/{channel_id}/members/{user_id}", "the same"),
    ("PUT", "/teams/{team_id}/scheme", "who may what is kept by the organisation's administrators"),
    ("PUT", "/channels/{channel_id}/scheme", "the same"),
    ("POST", "/channels/members/{user_id}/view", "what somebody has read is their own"),
    ("POST", "/channels/members/{user_id}/mark_read", "the same"),
    ("PUT", "/users/{user_id}/teams/{team_id}/read", "the same"),
    ("POST", "/users/{user_id}/posts/{post_id}/set_unread", "the same"),
    ("PUT", "/channels/{channel_id}/members/{user_id}/notify_props", "what somebody hears is their own"),
];

/// Who asks: whoever may do most in a team, and in a deployment.
const ASKING: [&str; 2] = ["tadmin", "operator"];

/// Whether an operation changes something that is in `places`.
fn is_change_of(line: &Line, places: &[&str]) -> bool {
    let asks = matches!(line.method, "GET" | "SAY") || is_question(line.path);
    let is_named = |place: &&str| {
        line.path.contains(&format!("{{{place}_id}}")) || line.with.contains(&format!("\"${place}\""))
    };
    !asks && places.iter().any(is_named)
}

/// What somebody was answered who is refused nothing.
async fn taken(house: &mut House, place: &str, named: &[&str]) -> Vec<String> {
    let takes: BTreeSet<_> = TAKES.iter().map(|(method, path, _)| (*method, *path)).collect();
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for line in lines().iter().filter(|line| is_change_of(line, named)) {
        for (name, expected) in PRINCIPALS.iter().zip(&line.expected) {
            let may = ASKING.contains(name) && *expected < 300 && !takes.contains(&(line.method, line.path));
            if may {
                asked += 1;
                let got = house.asks_of_archived(place, name, (line.method, line.path), &line.with).await;
                if !(400..500).contains(&got) {
                    wrong.push(format!("{} {} {} as {name}: {got}", line.method, line.path, line.with));
                }
            }
        }
    }
    assert!(asked > 20, "only {asked} operations change something of {place}");
    wrong
}

#[tokio::test]
async fn what_is_archived_takes_no_changes() {
    let mut house = House::new().await;
    let in_channel = taken(&mut house, "/channels/{channel_id}", &["channel", "post"]).await;
    let in_team = taken(&mut house, "/teams/{team_id}", &["team", "channel", "post"]).await;
    let wrong = [in_channel, in_team].map(|wrong| wrong.join("\n"));
    assert!(wrong.iter().all(String::is_empty), "of a channel:\n{}\nof a team:\n{}\n", wrong[0], wrong[1]);
    let listed: BTreeSet<_> = lines().iter().map(|line| (line.method, line.path)).collect();
    let dead: Vec<_> = TAKES.iter().filter(|(method, path, _)| !listed.contains(&(*method, *path))).collect();
    assert!(dead.is_empty(), "{dead:?}");
}
