//! The log's promises: everything once, in order, on every node, whatever dies meanwhile.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Person, Server, Socket, id, inner, number, text};

/// A team's town square with these people in it, the first of whom made it.
pub(crate) async fn square(people: &[Person]) -> String {
    let team = people[0].makes_team("house").await;
    for person in &people[1..] {
        people[0].brings_into_team(&team, person).await;
    }
    people[0].finds_channel(&team, "town-square").await
}

/// The next posts that a socket hears: each one's identifier and its number in the channel's log.
pub(crate) async fn hears_posts(socket: &mut Socket, count: usize) -> Vec<(String, i64)> {
    let mut heard = Vec::with_capacity(count);
    while heard.len() < count {
        let event = socket.expect("posted").await;
        heard.push((id(&inner(&event, "post")), number(&event["broadcast"], "topic_seq")));
    }
    heard
}

/// A channel's posts, oldest first.
async fn posts(who: &Person, channel: &str) -> Vec<Value> {
    let list = who.reads_channel(channel).await;
    let order = list["order"].as_array().unwrap().iter().rev();
    order.map(|id| list["posts"][id.as_str().unwrap()].clone()).collect()
}

#[tokio::test]
async fn twenty_write_at_once_and_everybody_hears_everything_once_and_in_order() {
    const PEOPLE: usize = 20;
    const EACH: usize = 10;
    let server = Server::start().await;
    let names: Vec<String> = (0..PEOPLE).map(|n| format!("p{n}")).collect();
    let people = join_all(names.iter().map(|name| server.sign_up(name))).await;
    let channel = square(&people).await;
    let total =
        async || number(&people[0].get(&format!("/channels/{channel}")).await.is(200), "total_msg_count");
    let before = total().await;
    let mut sockets = join_all(people.iter().map(Person::listens)).await;
    let write = people.iter().map(|person| async {
        for n in 0..EACH {
            person.posts(&channel, &format!("{} says {n}", person.name)).await;
        }
    });
    let hear = join_all(sockets.iter_mut().map(|socket| hears_posts(socket, PEOPLE * EACH)));
    let (_, heard) = tokio::join!(join_all(write), hear);
    let kept = posts(&people[0], &channel).await;
    assert_eq!(kept.len(), PEOPLE * EACH);
    let order: Vec<String> = kept.iter().map(id).collect();
    for heard in heard {
        let (ids, numbers): (Vec<String>, Vec<i64>) = heard.into_iter().unzip();
        assert_eq!(ids, order);
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    }
    assert!(kept.windows(2).all(|pair| number(&pair[0], "create_at") <= number(&pair[1], "create_at")));
    let own: Vec<&Value> = kept.iter().filter(|p| text(p, "user_id") == people[3].id).collect();
    let said: Vec<String> = own.iter().map(|p| text(p, "message")).collect();
    assert_eq!(
        said,
        (0..EACH).map(|n| format!("p3 says {n}")).collect::<Vec<_>>(),
        "one's own order is kept"
    );
    assert_eq!(total().await - before, (PEOPLE * EACH) as i64);
    for (socket, person) in sockets.iter_mut().zip(&people) {
        assert_eq!(socket.heard_by_now(person).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_same_post_sent_ten_times_to_two_nodes_is_one_post() {
    let first = Server::start().await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let (mut here, mut there) = (bob.listens().await, bob.at(&second).listens().await);
    for round in ["one", "two"] {
        let nodes = [ann.clone(), ann.at(&second)];
        let body = json!({"channel_id": channel, "message": round, "pending_post_id": format!("{}:{round}", ann.id)});
        let sent = (0..10).map(|n| nodes[n % 2].post("/posts", body.clone()));
        let answers: BTreeSet<String> = join_all(sent).await.into_iter().map(|a| id(&a.is(201))).collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let answer = nodes[1].post("/posts", body).await.is(201);
        assert!(answers.contains(&id(&answer)), "sent later, to the other node");
        for socket in [&mut here, &mut there] {
            assert!(answers.contains(&hears_posts(socket, 1).await[0].0));
        }
    }
    let kept = posts(&bob, &channel).await;
    assert_eq!(kept.iter().filter(|p| ["one", "two"].contains(&p["message"].as_str().unwrap())).count(), 2);
    // Another post is heard after both, and nothing between.
    ann.posts(&channel, "last").await;
    for socket in [&mut here, &mut there] {
        assert_eq!(hears_posts(socket, 1).await[0].0, id(posts(&bob, &channel).await.last().unwrap()));
        assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_was_posted_is_answered_again_when_it_could_not_be_posted_any_more() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.makes_channel(&team, "chat").await;
    bob.brings_into_channel(&channel, &bob).await;
    let body = |name: &str| json!({"channel_id": channel, "message": "soup?", "pending_post_id": name});
    let first = id(&bob.post("/posts", body("bob:1")).await.is(201));
    bob.delete(&format!("/channels/{channel}/members/{}", bob.id)).await.is(200);
    bob.post("/posts", body("bob:2")).await.is(403);
    assert_eq!(id(&bob.post("/posts", body("bob:1")).await.is(201)), first);
    // Beside one that is refused, others are posted; and what is sent twice at once is one post.
    let (refused, again, new, twice) = tokio::join!(
        bob.post("/posts", body("bob:3")),
        bob.post("/posts", body("bob:1")),
        ann.post("/posts", body("ann:1")),
        ann.post("/posts", body("ann:1")),
    );
    refused.is(403);
    assert_eq!(id(&again.is(201)), first);
    assert_eq!(id(&new.is(201)), id(&twice.is(201)));
    let said = posts(&ann, &channel).await.into_iter().filter(|p| p["message"] == "soup?");
    assert_eq!(said.count(), 2);
}

#[tokio::test]
async fn what_is_written_on_one_node_is_heard_on_the_other_once_and_in_order() {
    let first = Server::start().await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.at(&second).listens().await;
    let began = Instant::now();
    let first_post = id(&ann.posts(&channel, "hello over there").await);
    assert_eq!(hears_posts(&mut socket, 1).await[0].0, first_post);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let mut written = Vec::new();
    for n in 0..20 {
        let node = if n % 3 == 0 { ann.at(&second) } else { ann.clone() };
        written.push(id(&node.posts(&channel, &format!("number {n}")).await));
    }
    let (heard, numbers): (Vec<String>, Vec<i64>) = hears_posts(&mut socket, 20).await.into_iter().unzip();
    assert_eq!(heard, written);
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn membership_that_changes_on_one_node_counts_on_the_other() {
    let first = Server::start().await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let secret = ann.makes_private_channel(&team, "secret").await;
    let mut bobs = bob.at(&second).listens().await;
    let mut anns = ann.at(&second).listens().await;
    ann.brings_into_channel(&secret, &bob).await;
    ann.posts(&secret, "welcome").await;
    bobs.expect("user_added").await;
    bobs.expect_that("posted", |e| text(&e["data"], "post").contains("welcome")).await;
    ann.delete(&format!("/channels/{secret}/members/{}", bob.id)).await.is(200);
    bobs.expect("user_removed").await;
    bobs.heard_by_now(&bob).await;
    ann.posts(&secret, "he is gone").await;
    anns.expect_that("posted", |e| text(&e["data"], "post").contains("he is gone")).await;
    assert_eq!(bobs.heard_by_now(&bob).await, Vec::<String>::new());
}

/// Writes until the server is gone: what was acknowledged, and what was sent last without an answer.
async fn writes_until_the_end(
    who: &Person,
    channel: &str,
    acknowledged: &std::cell::Cell<usize>,
) -> (Vec<String>, Value) {
    let mut kept = Vec::new();
    for n in 0.. {
        let pending = format!("{}:{n}", who.id);
        let body = json!({"channel_id": channel, "message": format!("{} {n}", who.name), "pending_post_id": pending});
        match who.request(Method::POST, "/posts").json(&body).send().await {
            Ok(answer) if answer.status() == 201 => {
                kept.push(format!("{} {n}", who.name));
                acknowledged.set(acknowledged.get() + 1);
            }
            _ => return (kept, body),
        }
    }
    unreachable!("nobody writes for ever");
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_power_cut() {
    let mut server = Server::start().await;
    let people = server.sign_up_all(["ann", "bob", "cid", "dan"]).await;
    let channel = square(&people).await;
    let mut socket = people[0].listens().await;
    let acknowledged = std::cell::Cell::new(0);
    let cut = async {
        while acknowledged.get() < 60 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill();
    };
    let write = join_all(people.iter().map(|person| writes_until_the_end(person, &channel, &acknowledged)));
    let (written, ()) = tokio::join!(write, cut);
    assert_eq!(socket.closes().await.0, 1006);
    server.restart();
    let [ann, bob, ..] = &people.clone().map(|person| person.at(&server));
    let mut socket = ann.listens().await;
    // Who had no answer asks again with the same name, and makes no second post.
    let mut expected = BTreeSet::new();
    for ((kept, unanswered), person) in written.into_iter().zip(&people) {
        expected.extend(kept);
        expected.insert(text(&unanswered, "message"));
        person.at(&server).post("/posts", unanswered).await.is(201);
    }
    let found = posts(bob, &channel).await;
    let said: Vec<String> = found.iter().filter(|p| p["type"] == "").map(|p| text(p, "message")).collect();
    assert_eq!(said.len(), expected.len());
    assert_eq!(said.into_iter().collect::<BTreeSet<_>>(), expected);
    let last = bob.posts(&channel, "we are back").await;
    let heard = socket.expect_that("posted", |e| text(&e["data"], "post").contains("we are back")).await;
    assert_eq!(id(&inner(&heard, "post")), id(&last));
}
