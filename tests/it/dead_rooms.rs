//! A room dies while people write: its members are brought into another one, and nothing is lost, doubled or out of
//! order.

use std::time::Duration;

use crate::log::{hears_posts, square};
use crate::support::faults::Faults;
use crate::support::{Server, Socket, id};

const NO_LIMITS: (&str, &str) = ("LIMITS__ENABLED", "false");

#[tokio::test]
async fn a_room_that_dies_under_posting_costs_its_members_nothing() {
    const POSTS: usize = 120;
    let faults = Faults::none();
    let mut server = Server::with(&[faults.setting(), NO_LIMITS]).await;
    server.may_log_errors();
    let people = server.sign_up_all(["ann", "bob", "cid"]).await;
    let channel = square(&people).await;
    let mut sockets = [people[0].listens().await, people[1].listens().await, people[2].listens().await];
    let room = format!("room-c:{channel}");
    let write = async {
        let mut posted = Vec::new();
        for n in 0..POSTS {
            posted.push(id(&people[n % 3].posts(&channel, &format!("number {n}")).await));
        }
        posted
    };
    let strike = async {
        for fault in ["panic", "return", "panic"] {
            faults.strike(&room, fault);
            tokio::time::sleep(Duration::from_millis(120)).await;
            faults.end(&room);
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    };
    let (posted, ()) = tokio::join!(write, strike);
    for (socket, person) in sockets.iter_mut().zip(&people) {
        let heard = hears_posts(socket, POSTS).await;
        let (ids, numbers): (Vec<String>, Vec<i64>) = heard.into_iter().unzip();
        assert_eq!(ids, posted);
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
        assert_eq!(socket.heard_by_now(person).await, Vec::<String>::new());
    }
    let said = server.said();
    assert!(said.contains("a room died and is opened again"), "{said}");
    // Whoever leaves hears no more, in the new room too.
    let [ann, bob, _] = &people;
    bob.delete(&format!("/channels/{channel}/members/{}", bob.id)).await;
    let last = id(&ann.posts(&channel, "the last").await);
    assert_eq!(hears_posts(&mut sockets[0], 1).await[0].0, last);
}

#[tokio::test]
async fn a_last_post_that_nobody_heard_is_heard_without_another() {
    let faults = Faults::none();
    let mut server = Server::with(&[faults.setting()]).await;
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.listens().await;
    ann.posts(&channel, "opens the room").await;
    hears_posts(&mut socket, 1).await;
    let room = format!("room-c:{channel}");
    faults.strike(&room, "return");
    tokio::time::sleep(Duration::from_millis(60)).await;
    let last = id(&ann.posts(&channel, "while it is dead").await);
    faults.end(&room);
    assert_eq!(hears_posts(&mut socket, 1).await[0].0, last);
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn whose_own_topic_loses_its_room_comes_back_and_misses_nothing() {
    let faults = Faults::none();
    let mut server = Server::with(&[faults.setting()]).await;
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut socket = bob.listens().await;
    bob.makes_mark("opens the room").await;
    socket.expect("preferences_changed").await;
    let room = format!("room-u:{}", bob.id);
    faults.strike(&room, "panic");
    let closed = socket.closes().await;
    assert_eq!(closed, (1013, "try again".into()));
    faults.end(&room);
    bob.makes_mark("while he is away").await;
    let post = id(&ann.posts(&channel, "while he is away").await);
    let (name, next) = socket.place();
    let mut socket = Socket::come_back(&bob.base, &bob.token, (&name, next)).await;
    assert_eq!(hears_posts(&mut socket, 1).await[0].0, post);
    socket.expect("preferences_changed").await;
    assert_eq!(socket.place().0, name, "no hello was said");
}
