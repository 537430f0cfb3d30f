//! Guests on another node than the one where members act: with a Redis between the nodes, and with the log alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::House;
use crate::support::redis::Redis;
use crate::support::{Person, Server, Socket, eventually, text};

/// The house of gus, and the node to which he is connected, as are cid, who knows everybody, and bob, who meets him.
struct Scene {
    house: House,
    there: Server,
    gus: Person,
    guest: Socket,
    member: Socket,
    friend: Socket,
}

impl Scene {
    async fn set(settings: &[(&str, &str)]) -> Self {
        let house = House::at(Server::with(settings).await).await;
        let there = house.server.second_node();
        if !settings.is_empty() {
            for node in [&house.server, &there] {
                eventually("the nodes know each other", Duration::from_secs(10), || async {
                    node.said().contains("another node is there")
                })
                .await;
            }
        }
        let gus = house.gus.at(&there);
        let guest = gus.listens().await;
        let (member, friend) = (house.cid.at(&there).listens().await, house.bob.at(&there).listens().await);
        Self { house, there, gus, guest, member, friend }
    }
}

fn nick(name: &str) -> Value {
    json!({"nickname": name})
}

fn is_called(name: &str) -> impl Fn(&Value) -> bool + '_ {
    move |event| event["data"]["user"]["nickname"] == name
}

fn says(words: &str) -> impl Fn(&Value) -> bool + '_ {
    move |event| text(&event["data"], "post").contains(words)
}

/// What happens outside of the guest's channel, among people whom they do not meet.
async fn goes_on_elsewhere(scene: &mut Scene) {
    let House { server, ann, cid, team, .. } = &scene.house;
    ann.put("/users/me/patch", nick("a stranger")).await.is(200);
    server.sign_up("eve").await;
    let open = ann.makes_channel(team, "open").await;
    ann.brings_into_channel(&open, cid).await;
    let post = ann.posts(&open, "among members").await;
    ann.put(&format!("/posts/{}/patch", text(&post, "id")), json!({"message": "still among members"}))
        .await
        .is(200);
    ann.delete(&format!("/channels/{open}")).await.is(200);
    scene.member.expect_that("user_updated", is_called("a stranger")).await;
    scene.member.expect("new_user").await;
    scene.member.expect_that("posted", says("among members")).await;
    scene.member.expect_that("post_edited", says("still among members")).await;
    scene.member.expect("channel_deleted").await;
    assert_eq!(scene.guest.heard_by_now(&scene.gus).await, [""; 0]);
}

/// What happens in the guest's channel, and what is told of those who are in it.
async fn goes_on_around_them(scene: &mut Scene) {
    let House { ann, bob, cid, dan, team, channel, .. } = &scene.house;
    bob.posts(channel, "hello").await;
    scene.guest.expect_that("posted", says("hello")).await;
    bob.put("/users/me/patch", nick("a friend")).await.is(200);
    scene.guest.expect_that("user_updated", is_called("a friend")).await;
    ann.brings_into_team(team, dan).await;
    bob.brings_into_channel(channel, dan).await;
    scene.guest.expect_that("user_added", |e| e["data"]["user_id"] == dan.id.as_str()).await;
    dan.put("/users/me/patch", nick("met")).await.is(200);
    scene.guest.expect_that("user_updated", is_called("met")).await;
    bob.delete(&format!("/channels/{channel}/members/{}", dan.id)).await.is(200);
    scene.guest.expect_that("user_removed", |e| e["data"]["user_id"] == dan.id.as_str()).await;
    dan.put("/users/me/patch", nick("gone")).await.is(200);
    cid.put("/users/me/patch", nick("never met")).await.is(200);
    scene.member.expect_that("user_updated", is_called("gone")).await;
    scene.member.expect_that("user_updated", is_called("never met")).await;
    // The notices of dan's coming and going are the rest.
    assert_eq!(scene.guest.heard_by_now(&scene.gus).await, ["posted", "posted"]);
}

/// Removed from their only channel: told so, and nothing after.
async fn is_removed(scene: &mut Scene) {
    let House { bob, gus, channel, .. } = &scene.house;
    bob.delete(&format!("/channels/{channel}/members/{}", gus.id)).await.is(200);
    scene.guest.expect("user_removed").await;
    scene.gus.get(&format!("/channels/{channel}/posts")).await.fails(403);
    scene.gus.get(&format!("/users/{}", bob.id)).await.fails(404);
    bob.posts(channel, "among friends").await;
    bob.put("/users/me/patch", nick("a friend no more")).await.is(200);
    scene.friend.expect_that("posted", says("among friends")).await;
    scene.member.expect_that("user_updated", is_called("a friend no more")).await;
    assert_eq!(scene.guest.heard_by_now(&scene.gus).await, [""; 0]);
    // Let in again they hear again, on the connection that they have.
    bob.brings_into_channel(channel, gus).await;
    bob.posts(channel, "back again").await;
    scene.guest.expect_that("posted", says("back again")).await;
}

/// Deactivated: their connection ends, and their session with it.
async fn is_deactivated(scene: Scene) {
    let Scene { house, gus, mut guest, there, .. } = scene;
    house.server.admin.put(&format!("/users/{}/active", gus.id), json!({"active": false})).await.is(200);
    assert_eq!(guest.closes().await, (1008, "session ended".into()));
    eventually("the other node refuses them", Duration::from_secs(2), || async {
        gus.get("/users/me").await.status == 401
    })
    .await;
    drop(there);
}

async fn the_story(settings: &[(&str, &str)]) {
    let mut scene = Scene::set(settings).await;
    goes_on_elsewhere(&mut scene).await;
    goes_on_around_them(&mut scene).await;
    is_removed(&mut scene).await;
    is_deactivated(scene).await;
}

#[tokio::test]
async fn a_guest_on_another_node_hears_of_their_channels_and_of_whom_they_meet() {
    the_story(&[]).await;
}

#[tokio::test]
async fn and_so_they_do_where_redis_lies_between() {
    let redis = Redis::start();
    the_story(&[("REDIS__URL", &format!("redis://{}", redis.address))]).await;
}
