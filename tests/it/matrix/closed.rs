//! Every operation that changes something of a place, asked when the place takes no changes: when a team or a channel
//! is archived, and where members do not post. All are refused. What may still be done stands in a list, with the
//! reason; a new operation stands nowhere, and is asked.

use std::collections::BTreeSet;

use super::house::{First, House, PRINCIPALS, is_question};
use super::{Line, lines};

/// An operation, and why it may be done.
type Exception = (&'static str, &'static str, &'static str);

/// Changes that an archived team or channel takes.
const OF_ARCHIVED: &[Exception] = &[
    ("POST", "/teams/{team_id}/restore", "the way back"),
    ("POST", "/channels/{channel_id}/restore", "the way back"),
    ("DELETE", "/teams/{team_id}", "archiving what is archived changes nothing"),
    ("PUT", "/teams/{team_id}/scheme", "who may what is kept by the organisation's administrators"),
    ("PUT", "/channels/{channel_id}/scheme", "the same"),
    ("POST", "/channels/members/{user_id}/view", "what somebody has read is their own"),
    ("POST", "/channels/members/{user_id}/mark_read", "the same"),
    ("PUT", "/users/{user_id}/teams/{team_id}/read", "the same"),
    ("POST", "/users/{user_id}/posts/{post_id}/set_unread", "the same"),
    ("PUT", "/channels/{channel_id}/members/{user_id}/notify_props", "what somebody hears is their own"),
];

/// Changes that members make in a channel where they do not post.
const OF_QUIET: &[Exception] = &[
    ("DELETE", "/posts/{post_id}", "taking back is no saying, and has its own permission"),
    ("POST", "/reactions", "the same"),
    ("PUT", "/channels/{channel_id}", "the channel's names have their own permission"),
    ("PUT", "/channels/{channel_id}/patch", "the same"),
    ("DELETE", "/channels/{channel_id}", "the same"),
    ("POST", "/channels/{channel_id}/members", "who is in it has its own permission"),
    ("DELETE", "/channels/{channel_id}/members/{user_id}", "the same"),
];

/// Whether an operation changes something that is in `places`.
fn is_change_of(line: &Line, places: &[&str]) -> bool {
    let asks = matches!(line.method, "GET" | "SAY") || is_question(line.path);
    let is_named = |place: &&str| {
        line.path.contains(&format!("{{{place}_id}}")) || line.with.contains(&format!("\"${place}\""))
    };
    !asks && places.iter().any(is_named)
}

/// What was taken though it should not be, of what `asking` may do otherwise to something in `places`.
async fn taken(
    house: &mut House,
    first: &First,
    (places, asking): (&[&str], &[&str]),
    takes: &[Exception],
) -> Vec<String> {
    let takes: BTreeSet<_> = takes.iter().map(|(method, path, _)| (*method, *path)).collect();
    let listed: BTreeSet<_> = lines().iter().map(|line| (line.method, line.path)).collect();
    assert!(takes.is_subset(&listed), "{:?}", takes.difference(&listed));
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for line in lines().iter().filter(|line| is_change_of(line, places)) {
        for (name, expected) in PRINCIPALS.iter().zip(&line.expected) {
            if asking.contains(name) && *expected < 300 && !takes.contains(&(line.method, line.path)) {
                asked += 1;
                let got = house.asks_after(first, name, line).await;
                if !(400..500).contains(&got) {
                    wrong.push(format!("{} {} {} as {name}: {got}", line.method, line.path, line.with));
                }
            }
        }
    }
    assert!(asked > 5, "only {asked} operations change something after {first:?}");
    wrong
}

#[tokio::test]
async fn what_is_archived_takes_no_changes() {
    let mut house = House::new().await;
    let archived = |path| First { method: "DELETE", path, with: String::new() };
    let most = ["tadmin", "operator"].as_slice();
    let (channel, team) = (archived("/channels/{channel_id}"), archived("/teams/{team_id}"));
    let of_channel = (["channel", "post"].as_slice(), most);
    let of_team = (["team", "channel", "post"].as_slice(), most);
    let in_channel = taken(&mut house, &channel, of_channel, OF_ARCHIVED).await;
    let in_team = taken(&mut house, &team, of_team, OF_ARCHIVED).await;
    let wrong = [in_channel, in_team].map(|wrong| wrong.join("\n"));
    assert!(wrong.iter().all(String::is_empty), "of a channel:\n{}\nof a team:\n{}\n", wrong[0], wrong[1]);
}

#[tokio::test]
async fn who_may_not_post_writes_nothing_by_any_other_way() {
    let mut house = House::new().await;
    let with = format!(r#"{{"scheme_id":"{}"}}"#, house.makes_quiet_scheme().await);
    let quiet = First { method: "PUT", path: "/channels/{channel_id}/scheme", with };
    let wrong = taken(&mut house, &quiet, (&["channel", "post"], &["member"]), OF_QUIET).await;
    assert!(wrong.is_empty(), "{}\n", wrong.join("\n"));
}
