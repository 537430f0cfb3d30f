//! Coming back: a client that lost its connection goes on where it was, on the same node by the connection's name, on
//! any node by its positions in the logs. Nothing is lost, doubled or out of order, and where that cannot be, it is
//! said.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::log::{hears_posts, square};
use crate::support::cluster::sql;
use crate::support::{Person, Server, Socket, id, number, text};

/// Many write much within seconds.
const NO_LIMITS: [(&str, &str); 1] = [("LIMITS__ENABLED", "false")];

/// Posts `count` messages, some at a time, and answers their identifiers.
async fn floods(who: &Person, channel: &str, count: usize, message: &str) -> Vec<String> {
    const AT_ONCE: usize = 50;
    let mut posts: Vec<Value> = Vec::new();
    for begun in (0..count).step_by(AT_ONCE) {
        let some = (begun..count.min(begun + AT_ONCE)).map(|_| who.posts(channel, message));
        posts.extend(join_all(some).await);
    }
    posts.iter().map(id).collect()
}

/// The same posts, whatever their order: those of one moment are numbered as the server likes.
#[track_caller]
fn same(heard: &[(String, i64)], posted: &[String]) {
    let mut numbers = heard.windows(2).map(|pair| pair[1].1 - pair[0].1);
    assert!(numbers.all(|step| step == 1), "{:?}", heard.iter().map(|h| h.1).collect::<Vec<_>>());
    let (mut heard, mut posted): (Vec<&String>, Vec<&String>) =
        (heard.iter().map(|h| &h.0).collect(), posted.iter().collect());
    heard.sort();
    posted.sort();
    assert_eq!(heard, posted);
}

async fn comes_back(who: &Person, (name, next): (String, i64)) -> Socket {
    Socket::come_back(&who.base, &who.token, (&name, next)).await
}

#[tokio::test]
async fn a_connection_that_was_cut_goes_on_where_it_was_cut() {
    let server = Server::with(&NO_LIMITS).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut anns = ann.listens().await;
    let mut socket = bob.listens().await;
    let before = floods(&ann, &channel, 3, "before").await;
    same(&hears_posts(&mut socket, 3).await, &before);
    anns.request("user_typing", json!({"channel_id": channel, "parent_id": ""})).await;
    socket.expect("typing").await;
    let place = socket.place();
    drop(socket);
    let during = floods(&ann, &channel, 1100, "during").await;
    let talk = ann.talks_to(&bob).await;
    let secret = id(&ann.posts(&talk, "in a conversation that is new to him").await);
    let mut socket = comes_back(&bob, place.clone()).await;
    let after = ann.posts(&channel, "after").await;
    let heard = socket.expect_that("posted", |e| text(&e["broadcast"], "channel_id") == talk).await;
    assert!(text(&heard["data"], "post").contains(&secret));
    let all = [during, vec![id(&after)]].concat();
    same(&hears_posts(&mut socket, all.len()).await, &all);
    socket.expect("direct_added").await;
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
    assert_eq!(socket.place().0, place.0, "no hello was said");
}

#[tokio::test]
async fn a_thousand_events_are_sent_again_under_their_numbers() {
    let server = Server::with(&NO_LIMITS).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.listens().await;
    let posted = floods(&ann, &channel, 1010, "hello").await;
    let first = hears_posts(&mut socket, 1010).await;
    same(&first, &posted);
    socket.heard_by_now(&bob).await;
    let (name, next) = socket.place();
    drop(socket);
    let more = floods(&ann, &channel, 20, "more").await;
    let mut socket = comes_back(&bob, (name.clone(), next - 1000)).await;
    // A few of the thousand are not posts.
    let mut heard = hears_posts(&mut socket, 900).await;
    while heard.last().unwrap().1 < first.last().unwrap().1 {
        heard.extend(hears_posts(&mut socket, 1).await);
    }
    assert_eq!(heard, first[first.len() - heard.len()..]);
    same(&hears_posts(&mut socket, 20).await, &more);
    assert_eq!(socket.place().0, name);
    // What is older was forgotten: a new connection, and the client fetches.
    let far = socket.place().1 - 1100;
    drop(socket);
    let mut socket = comes_back(&bob, (name.clone(), far)).await;
    assert_ne!(text(&socket.expect("hello").await["data"], "connection_id"), name);
}

#[tokio::test]
async fn a_connection_is_resumed_by_its_own_user_only_and_only_if_it_was_there() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut socket = ann.listens().await;
    ann.makes_mark("heard").await;
    socket.expect("preferences_changed").await;
    let (name, next) = socket.place();
    let unknown = "ybndrfg8ejkmcpqxot1uwisza3";
    for (who, place) in [
        (&bob, (name.clone(), next)),
        (&ann, (unknown.to_owned(), next)),
        (&ann, ("nonsense".to_owned(), next)),
        (&ann, (name.clone(), -1)),
    ] {
        let mut fresh = comes_back(who, place.clone()).await;
        let hello = fresh.expect("hello").await;
        assert_ne!(text(&hello["data"], "connection_id"), name, "{} {place:?}", who.name);
    }
    ann.makes_mark("still mine").await;
    socket.expect("preferences_changed").await;
    let place = socket.place();
    drop(socket);
    let mut socket = comes_back(&ann, place.clone()).await;
    ann.makes_mark("mine again").await;
    socket.expect("preferences_changed").await;
    assert_eq!(socket.place().0, name);
    // A login that is over takes its connections with it.
    let place = socket.place();
    ann.post("/users/logout", Value::Null).await.is(200);
    assert_eq!(socket.closes().await, (1008, "session ended".into()));
    let again = ann.logs_in_again().await;
    let mut fresh = comes_back(&again, place).await;
    assert_ne!(text(&fresh.expect("hello").await["data"], "connection_id"), name);
}

#[tokio::test]
async fn a_client_that_comes_back_takes_over_from_a_socket_that_still_looks_alive() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut old = bob.listens().await;
    let place = old.place();
    let unheard = id(&ann.posts(&channel, "sent to the old socket, which does not read").await);
    let mut witness = ann.listens().await;
    witness.heard_by_now(&ann).await;
    let mut socket = comes_back(&bob, place.clone()).await;
    assert_eq!(hears_posts(&mut socket, 1).await[0].0, unheard);
    let next = id(&ann.posts(&channel, "next").await);
    assert_eq!(hears_posts(&mut socket, 1).await[0].0, next);
    assert_eq!(socket.place().0, place.0);
    assert_eq!(old.closes().await, (1008, "replaced".into()));
    // The end of the old one takes nothing from the new one.
    let last = id(&ann.posts(&channel, "last").await);
    assert_eq!(hears_posts(&mut socket, 1).await[0].0, last);
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn who_was_removed_meanwhile_hears_nothing_of_what_followed() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let [lost, found] =
        [ann.makes_private_channel(&team, "lost").await, ann.makes_private_channel(&team, "found").await];
    for channel in [&lost, &found] {
        ann.brings_into_channel(channel, &bob).await;
    }
    let mut socket = bob.listens().await;
    ann.posts(&found, "he is here").await;
    socket.expect("posted").await;
    socket.heard_by_now(&bob).await;
    let place = socket.place();
    drop(socket);
    for channel in [&lost, &found] {
        ann.posts(channel, "for him").await;
        ann.delete(&format!("/channels/{channel}/members/{}", bob.id)).await.is(200);
        ann.posts(channel, "not for him").await;
    }
    ann.brings_into_channel(&found, &bob).await;
    let last = id(&ann.posts(&found, "for him again").await);
    let mut socket = comes_back(&bob, place).await;
    let mut said = Vec::new();
    loop {
        let event = socket.expect("posted").await;
        said.push((text(&event["broadcast"], "channel_id"), text(&event["data"], "post")));
        if said.last().unwrap().1.contains(&last) {
            break;
        }
    }
    assert!(
        said.iter().all(|(channel, post)| *channel == found && !post.contains("not for him")),
        "{said:?}"
    );
    assert!(said.iter().any(|(_, post)| post.contains("\"for him\"")), "{said:?}");
    ann.posts(&lost, "nor this").await;
    let heard = socket.heard_by_now(&bob).await;
    assert!(heard.contains(&"user_removed".to_owned()) && !heard.contains(&"posted".to_owned()), "{heard:?}");
    // By positions it is the same: what was lost is gone, and what was lost and found is fetched afresh.
    let positions = json!({format!("c:{lost}"): 1, format!("c:{found}"): 1});
    let answer = socket.request("resume", json!({"positions": positions})).await;
    assert_eq!(answer["data"]["gone"], json!([format!("c:{lost}")]), "{answer}");
    assert!(answer["data"]["too_old"][format!("c:{found}")].is_i64(), "{answer}");
}

/// A topic and its number of an event.
fn position(event: &Value) -> (String, i64) {
    (text(&event["broadcast"], "topic"), number(&event["broadcast"], "topic_seq"))
}

#[tokio::test]
async fn a_client_goes_on_at_its_positions_on_another_node_however_far_behind() {
    const MISSED: usize = 2000;
    let first = Server::with(&NO_LIMITS).await;
    let second = first.second_node();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.listens().await;
    ann.posts(&channel, "known").await;
    let (topic, known) = position(&socket.expect("posted").await);
    assert_eq!(topic, format!("c:{channel}"));
    drop(socket);
    let missed = floods(&ann, &channel, MISSED, "missed").await;
    let mut socket = bob.at(&second).listens().await;
    let early = ann.at(&second).posts(&channel, "heard at once, and again in its place").await;
    socket.expect("posted").await;
    let answer = socket.request("resume", json!({"positions": {topic.clone(): known}})).await;
    let data = &answer["data"];
    assert_eq!(
        (&data["resumed"], &data["too_old"], &data["gone"]),
        (&json!([topic]), &json!({}), &json!([]))
    );
    let others: Vec<&str> = data["others"].as_object().unwrap().keys().map(|k| &k[..2]).collect();
    assert!(others.contains(&"u:") && others.contains(&"t:") && others.contains(&"c:"), "{answer}");
    // The answer is a line: what was heard of the topic before is heard again after it.
    socket.forget();
    let live = ann.posts(&channel, "while it catches up").await;
    let heard = hears_posts(&mut socket, MISSED + 2).await;
    assert_eq!(heard[0].1, known + 1);
    assert_eq!([&heard[MISSED].0, &heard[MISSED + 1].0], [&id(&early), &id(&live)]);
    same(&heard, &[missed, vec![id(&early), id(&live)]].concat());
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
    // Twice is as good as once, also with nothing to tell.
    let head = heard.last().unwrap().1;
    for at in [head - 2, head] {
        let answer = socket.request("resume", json!({"positions": {topic.clone(): at}})).await;
        assert_eq!(answer["data"]["resumed"], json!([topic]), "{answer}");
        let again = hears_posts(&mut socket, (head - at) as usize).await;
        assert_eq!(again.iter().map(|h| h.1).collect::<Vec<_>>(), (at + 1..=head).collect::<Vec<_>>());
    }
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_log_has_no_more_is_said_and_never_left_out() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let quiet = ann
        .makes_private_channel(
            &text(&ann.get(&format!("/channels/{channel}")).await.is(200), "team_id"),
            "quiet",
        )
        .await;
    let mut socket = bob.listens().await;
    let mut positions = Vec::new();
    for n in 0..4 {
        ann.posts(&channel, &format!("number {n}")).await;
        positions.push(position(&socket.expect("posted").await));
    }
    let topic = positions[0].0.clone();
    let uuid = sql(
        &server.database,
        &format!("select topic from events where frame like '%\"topic\":\"{topic}\"%' limit 1"),
    );
    let gone = positions[1].1;
    sql(&server.database, &format!("delete from events where topic = '{}' and seq <= {gone}", uuid.trim()));
    let mut resume = async |at: i64| {
        socket.forget();
        let positions = json!({topic.clone(): at, format!("c:{quiet}"): 0});
        socket.request("resume", json!({"positions": positions})).await["data"].take()
    };
    let head = positions[3].1;
    for at in [0, gone - 1, head + 1] {
        let answer = resume(at).await;
        assert_eq!(answer["too_old"], json!({topic.clone(): head}), "{at}: {answer}");
        assert_eq!((&answer["resumed"], &answer["gone"]), (&json!([]), &json!([format!("c:{quiet}")])));
    }
    let answer = resume(gone).await;
    assert_eq!(answer["resumed"], json!([topic]), "{answer}");
    let heard = hears_posts(&mut socket, 2).await;
    assert_eq!(heard.iter().map(|h| h.1).collect::<Vec<_>>(), [head - 1, head]);
    for nonsense in [
        json!({}),
        json!({"positions": []}),
        json!({"positions": {"x": 1}}),
        json!({"positions": {topic: -1}}),
    ] {
        let refused = socket.request("resume", nonsense).await;
        assert_eq!(refused["error"]["id"], "api.websocket_handler.invalid_param.app_error", "{refused}");
    }
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn who_does_not_read_is_closed_as_slow_and_comes_back_to_all_of_it() {
    let server = Server::with(&NO_LIMITS).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut stuck = bob.listens().await;
    let mut neighbour = bob.listens().await;
    // The kernel's buffers take some, the mailbox a little more, and then nothing moves.
    let long = "x".repeat(16_000);
    let mut posted = Vec::new();
    while !server.said().contains("close=Slow") {
        let some = floods(&ann, &channel, 50, &long).await;
        let heard = hears_posts(&mut neighbour, some.len()).await;
        same(&heard, &some);
        posted.extend(heard.into_iter().map(|(post, _)| post));
        assert!(posted.len() < 10_000, "it is never ended");
    }
    let mut got = 0;
    while stuck.heard_posted().await {
        got += 1;
    }
    // On a machine that is slow too, the kernel gives up first.
    let ended = stuck.closes().await;
    assert!([(1008, "slow".to_owned()), (1006, String::new())].contains(&ended), "{ended:?}");
    assert!(got < posted.len());
    let mut socket = comes_back(&bob, stuck.place()).await;
    let rest = hears_posts(&mut socket, posted.len() - got).await;
    assert_eq!(rest.into_iter().map(|(post, _)| post).collect::<Vec<_>>(), posted[got..]);
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_burst_closes_nobody_who_reads() {
    const BURST: i64 = 3000;
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut sockets = join_all((0..10).map(|_| bob.listens())).await;
    ann.posts(&channel, "the first of many").await;
    let heard = join_all(sockets.iter_mut().map(|socket| socket.expect("posted"))).await;
    let (topic, known) = position(&heard[0]);
    // As if another node had written while nothing told of it: the room finds them all at once.
    sql(
        &server.database,
        &format!(
            "with told as (
               insert into events (topic, seq, frame)
               select topic, seq + n, replace(frame, '\"topic_seq\":' || seq, '\"topic_seq\":' || seq + n)
               from events, generate_series(1, {BURST}) n
               where seq = {known} and frame like '%\"topic\":\"{topic}\"%' returning topic)
             update topics set seq = seq + {BURST} where id = (select topic from told limit 1)"
        ),
    );
    let count = BURST as usize;
    for heard in join_all(sockets.iter_mut().map(|socket| hears_posts(socket, count))).await {
        let numbers: Vec<i64> = heard.into_iter().map(|(_, number)| number).collect();
        assert_eq!(numbers, (known + 1..=known + BURST).collect::<Vec<_>>());
    }
    ann.posts(&channel, "the last").await;
    for heard in join_all(sockets.iter_mut().map(|socket| hears_posts(socket, 1))).await {
        assert_eq!(heard[0].1, known + BURST + 1);
    }
    assert!(!server.said().contains("close="), "nobody was ended");
}
