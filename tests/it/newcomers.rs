//! Newcomers hear what follows: whoever takes a seat (in a team, in a channel, by whatever way) hears what was
//! committed after they were let in, and nothing of before, on the socket that they had open all the time.

use serde_json::{Value, json};

use crate::support::{Person, Server, Socket, id, number, text};

/// A team with a past, of which ann hears everything.
struct House {
    server: Server,
    ann: Person,
    team: String,
    /// A public channel and a private one.
    channels: [String; 2],
    anns: Socket,
    rounds: u32,
}

impl House {
    async fn new() -> Self {
        let server = Server::start().await;
        let ann = server.sign_up("ann").await;
        let team = ann.makes_team("house").await;
        ann.put(&format!("/teams/{team}/patch"), json!({"allow_open_invite": true})).await.is(200);
        let channels =
            [ann.makes_channel(&team, "open").await, ann.makes_private_channel(&team, "secret").await];
        let anns = ann.listens().await;
        Self { server, ann, team, channels, anns, rounds: 0 }
    }

    /// What a newcomer must not hear, of the team and of its channels.
    async fn goes_on(&mut self) {
        self.rounds += 1;
        let Self { ann, team, channels, rounds, .. } = self;
        ann.put(&format!("/teams/{team}/patch"), json!({"description": format!("past {rounds}")}))
            .await
            .is(200);
        ann.put("/users/me/patch", json!({"nickname": format!("past {rounds}")})).await.is(200);
        let short = ann.makes_channel(team, &format!("short{rounds}")).await;
        ann.delete(&format!("/channels/{short}")).await.is(200);
        for channel in channels {
            ann.posts(channel, &format!("past {rounds}")).await;
        }
    }

    /// Where each topic stands that ann hears.
    async fn heads(&mut self) -> Value {
        let answer = self.anns.request("resume", json!({"positions": {}})).await;
        answer["data"]["others"].clone()
    }

    /// The team goes on; `who`, let in after `heads`, hears of that, and of no topic anything of before.
    async fn hears_what_follows(&mut self, who: &Person, socket: &mut Socket, heads: &Value) {
        self.rounds += 1;
        let now = format!("now {}", self.rounds);
        self.ann.put(&format!("/teams/{}/patch", self.team), json!({"description": now})).await.is(200);
        let last = socket.expect_that("update_team", |e| text(&e["data"], "team").contains(&now)).await;
        let mut all = socket.all_by_now(who).await;
        all.push(last);
        let mut of_the_team = 0;
        for event in all {
            let broadcast = &event["broadcast"];
            let Some(topic) = broadcast["topic"].as_str() else { continue };
            of_the_team += usize::from(topic.starts_with("t:"));
            if let Some(head) = heads[topic].as_i64() {
                assert!(number(broadcast, "topic_seq") > head, "{} heard the past: {event}", who.name);
            }
        }
        assert_eq!(of_the_team, 1, "{} hears of the team what followed", who.name);
    }
}

/// Somebody new with an open socket.
async fn arrives(house: &mut House, name: &str) -> (Person, Socket, Value) {
    let who = house.server.sign_up(name).await;
    let socket = who.listens().await;
    house.goes_on().await;
    let heads = house.heads().await;
    (who, socket, heads)
}

#[tokio::test]
async fn whoever_comes_into_a_team_hears_nothing_of_its_past() {
    let mut house = House::new().await;
    let (team, ann) = (house.team.clone(), house.ann.clone());
    let invite = text(&ann.get(&format!("/teams/{team}")).await.is(200), "invite_id");
    for way in ["brought", "batch", "alone", "link"] {
        let (who, mut socket, heads) = arrives(&mut house, way).await;
        let member = json!({"team_id": team, "user_id": who.id});
        match way {
            "brought" => ann.brings_into_team(&team, &who).await,
            "batch" => {
                ann.post(&format!("/teams/{team}/members/batch"), json!([member])).await.is(201);
            }
            "alone" => {
                who.post(&format!("/teams/{team}/members"), member).await.is(201);
            }
            _ => {
                who.post(&format!("/teams/members/invite?invite_id={invite}"), Value::Null).await.is(201);
            }
        }
        house.hears_what_follows(&who, &mut socket, &heads).await;
    }
}

#[tokio::test]
async fn whoever_comes_into_a_channel_hears_nothing_of_its_past() {
    let mut house = House::new().await;
    let (team, ann, [open, secret]) = (house.team.clone(), house.ann.clone(), house.channels.clone());
    let (who, mut socket, heads) = arrives(&mut house, "bob").await;
    ann.brings_into_team(&team, &who).await;
    who.brings_into_channel(&open, &who).await;
    ann.brings_into_channel(&secret, &who).await;
    let talk = ann.talks_to(&who).await;
    let cid = house.server.sign_up("cid").await;
    ann.brings_into_team(&team, &cid).await;
    let group = id(&ann.post("/channels/group", json!([who.id, cid.id])).await.is(201));
    for channel in [&open, &secret, &talk, &group] {
        ann.posts(channel, "now").await;
        socket
            .expect_that("posted", |e| {
                e["broadcast"]["channel_id"] == channel.as_str()
                    && text(&e["data"], "post").contains("\"now\"")
            })
            .await;
    }
    house.hears_what_follows(&who, &mut socket, &heads).await;
}

#[tokio::test]
async fn a_guest_who_is_let_in_hears_nothing_of_the_past() {
    let mut house = House::new().await;
    let (team, ann) = (house.team.clone(), house.ann.clone());
    let gus = house.server.sign_up("gus").await;
    house.server.admin.post(&format!("/users/{}/demote", gus.id), json!({})).await.is(200);
    let mut socket = gus.listens().await;
    house.goes_on().await;
    let heads = house.heads().await;
    house.server.admin.brings_into_team(&team, &gus).await;
    ann.brings_into_channel(&house.channels[0], &gus).await;
    house.hears_what_follows(&gus, &mut socket, &heads).await;
}

#[tokio::test]
async fn who_comes_in_on_another_node_or_while_away_hears_nothing_of_the_past() {
    let mut house = House::new().await;
    let (team, ann) = (house.team.clone(), house.ann.clone());
    let there = house.server.second_node();
    let bob = house.server.sign_up("bob").await.at(&there);
    let mut socket = bob.listens().await;
    house.goes_on().await;
    let heads = house.heads().await;
    ann.brings_into_team(&team, &bob).await;
    house.hears_what_follows(&bob, &mut socket, &heads).await;
    // Cut off, then let in, then back: on the same node by the connection's name.
    let cid = house.server.sign_up("cid").await;
    let mut socket = cid.listens().await;
    socket.all_by_now(&cid).await;
    let (name, next) = socket.place();
    drop(socket);
    house.goes_on().await;
    let heads = house.heads().await;
    ann.brings_into_team(&team, &cid).await;
    let mut socket = Socket::come_back(&cid.base, &cid.token, (&name, next)).await;
    house.hears_what_follows(&cid, &mut socket, &heads).await;
    assert_eq!(socket.place().0, name, "no hello was said");
}

#[tokio::test]
async fn who_left_a_team_and_is_brought_back_does_not_go_back_behind_that() {
    let mut house = House::new().await;
    let (team, ann) = (house.team.clone(), house.ann.clone());
    let bob = house.server.sign_up("bob").await;
    ann.brings_into_team(&team, &bob).await;
    let mut socket = bob.listens().await;
    let topic = format!("t:{team}");
    let before = house.heads().await[&topic].as_i64().unwrap();
    bob.delete(&format!("/teams/{team}/members/{}", bob.id)).await.is(200);
    // What he heard of the team before he left is no past to him.
    socket.expect("leave_team").await;
    socket.all_by_now(&bob).await;
    house.goes_on().await;
    let heads = house.heads().await;
    ann.brings_into_team(&team, &bob).await;
    socket.expect("added_to_team").await;
    let answer = socket.request("resume", json!({"positions": {topic.clone(): before}})).await;
    assert!(answer["data"]["too_old"][&topic].is_i64(), "{answer}");
    house.hears_what_follows(&bob, &mut socket, &heads).await;
}

#[tokio::test]
async fn who_becomes_a_user_does_not_go_back_to_what_was_not_for_guests() {
    let mut house = House::new().await;
    let (team, admin) = (house.team.clone(), house.server.admin.clone());
    let gus = house.server.sign_up("gus").await;
    admin.post(&format!("/users/{}/demote", gus.id), json!({})).await.is(200);
    admin.brings_into_team(&team, &gus).await;
    let mut socket = gus.listens().await;
    let topic = format!("t:{team}");
    let before = house.heads().await[&topic].as_i64().unwrap();
    socket.all_by_now(&gus).await;
    let (name, next) = socket.place();
    drop(socket);
    house.goes_on().await;
    admin.post(&format!("/users/{}/promote", gus.id), json!({})).await.is(200);
    let mut socket = Socket::come_back(&gus.base, &gus.token, (&name, next)).await;
    assert_ne!(text(&socket.expect("hello").await["data"], "connection_id"), name);
    let heads = house.heads().await;
    let answer = socket.request("resume", json!({"positions": {topic.clone(): before}})).await;
    assert!(answer["data"]["too_old"][&topic].is_i64(), "{answer}");
    house.hears_what_follows(&gus, &mut socket, &heads).await;
}
