//! Pictures of people and icons of teams: set, seen, told, cached, taken away; and what hostile files cost.

use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::json;

use crate::support::form::{Form, encoded, png};
use crate::support::{Answer, Person, Server, inner, number};

const FORBIDDEN: &str = "api.context.permissions.app_error";
const NO_PICTURE: &str = "api.user.upload_profile_user.decode.app_error";

async fn sets(who: &Person, whose: &str, file: &[u8]) -> Answer {
    who.sends(&format!("/users/{whose}/image"), Form::default().file("image", "me.exe", file)).await
}

/// Width and height, and whether its middle is red.
fn seen(file: &[u8]) -> (u32, u32, bool) {
    let image = image::load_from_memory(file).unwrap().to_rgb8();
    let (width, height) = image.dimensions();
    (width, height, image.get_pixel(width / 4, height / 2).0[0] > 120)
}

#[tokio::test]
async fn people_show_themselves_and_those_who_know_them_are_told() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    ann.talks_to(&bob).await;
    let mut socket = bob.listens().await;
    let path = format!("/users/{}/image", ann.id);
    let (_, drawn_headers, drawn) = bob.fetches(&path).await;
    sets(&ann, "me", &encoded(400, 300, image::ImageFormat::Jpeg)).await.is(200);
    let told = socket.expect("user_updated").await["data"]["user"].clone();
    let stamp = number(&told, "last_picture_update");
    let refetched = bob.get(&format!("/users/{}", ann.id)).await.is(200);
    assert_eq!((number(&refetched, "last_picture_update"), stamp > 0), (stamp, true));
    let (status, headers, file) = bob.fetches(&path).await;
    assert_eq!((status, seen(&file)), (200, (128, 128, true)));
    assert_eq!(
        (&headers["content-type"], &headers["cache-control"]),
        (&"image/png".parse().unwrap(), &"max-age=300, private".parse().unwrap())
    );
    assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
    assert_ne!(headers["etag"], drawn_headers["etag"]);
    let again = bob.request(Method::GET, &path).header(IF_NONE_MATCH, &headers["etag"]).send().await.unwrap();
    assert_eq!(again.status().as_u16(), 304);
    assert_eq!(bob.fetches(&format!("{path}/default")).await.2, drawn);
    ann.delete(&path).await.is(200);
    // Taken away: the time says so by being negative.
    assert!(number(&socket.expect("user_updated").await["data"]["user"], "last_picture_update") <= -stamp);
    assert_eq!(bob.fetches(&path).await.2, drawn);
    ann.delete(&path).await.is(200);
}

#[tokio::test]
async fn only_oneself_and_administrators_change_a_picture() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    sets(&bob, &ann.id, &png(40, 40)).await.refused(403, FORBIDDEN);
    bob.delete(&format!("/users/{}/image", ann.id)).await.refused(403, FORBIDDEN);
    sets(&server.admin, &ann.id, &png(40, 40)).await.is(200);
    assert_eq!(seen(&ann.fetches("/users/me/image").await.2), (40, 40, true));
}

#[tokio::test]
async fn what_is_no_picture_changes_nothing() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let html: &[u8] = b"<!doctype html><script>alert(document.domain)</script>";
    let svg: &[u8] = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let polyglot = [b"GIF89a", html].concat();
    for file in [html, svg, b"%PDF-1.7", b"PK\x03\x04zip", &polyglot, &png(90, 90)[..50]] {
        sets(&ann, "me", file).await.refused(400, NO_PICTURE);
    }
    let path = "/users/me/image";
    ann.sends(path, Form::default()).await.refused(400, "api.user.upload_profile_user.no_file.app_error");
    let two = Form::default().file("image", "a", &png(9, 9)).file("image", "b", &png(9, 9));
    ann.sends(path, two).await.refused(400, "api.user.upload_profile_user.array.app_error");
    ann.post(path, json!({})).await.refused(400, "api.user.upload_profile_user.parse.app_error");
    let huge = Form::default().file("image", "a", &vec![0; 17 << 20]);
    ann.sends(path, huge).await.refused(413, "api.user.upload_profile_user.too_large.app_error");
    assert!(ann.get("/users/me").await.is(200).get("last_picture_update").is_none());
}

/// What follows the end of a picture, and what its camera noted, is not in what others get.
#[tokio::test]
async fn nothing_that_was_hidden_comes_out() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut file = encoded(60, 60, image::ImageFormat::Jpeg);
    file.splice(2..2, *b"\xff\xfe\x00\x10GPS 48.85 2.29");
    file.extend(b"<script>alert(1)</script>");
    sets(&ann, "me", &file).await.is(200);
    let (_, _, shown) = ann.fetches("/users/me/image").await;
    assert!(!shown.windows(4).any(|w| w == b"GPS " || w == b"<scr"));
}

#[tokio::test]
async fn a_team_has_an_icon_for_those_who_see_the_team() {
    let server = Server::start().await;
    let [ann, bob, stranger] = server.sign_up_all(["ann", "bob", "stranger"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let path = format!("/teams/{team}/image");
    bob.get(&path).await.refused(404, "api.team.get_team_icon.read_file.app_error");
    let icon = || Form::default().file("image", "i.png", &png(300, 300));
    bob.sends(&path, icon()).await.refused(403, FORBIDDEN);
    let mut socket = bob.listens().await;
    ann.sends(&path, icon()).await.is(200);
    let told = inner(&socket.expect("update_team").await, "team");
    let team_seen = bob.get(&format!("/teams/{team}")).await.is(200);
    assert_eq!(number(&told, "last_team_icon_update"), number(&team_seen, "last_team_icon_update"));
    let (status, _, file) = bob.fetches(&path).await;
    assert_eq!((status, seen(&file)), (200, (128, 128, true)));
    stranger.get(&path).await.refused(403, FORBIDDEN);
    let bad = Form::default().file("image", "i.png", b"<svg/>");
    ann.sends(&path, bad).await.refused(400, "api.team.set_team_icon.decode.app_error");
    bob.delete(&path).await.refused(403, FORBIDDEN);
    for _ in 0..2 {
        ann.delete(&path).await.is(200);
    }
    bob.get(&path).await.refused(404, "api.team.get_team_icon.read_file.app_error");
}

/// A PNG of 35 million pixels in some 140 KB, one that says that it has four thousand million, and a GIF like it: each
/// is refused at once, and the server does not grow.
#[tokio::test]
async fn pixel_floods_cost_nothing() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    sets(&ann, "me", &png(64, 64)).await.is(200);
    let before = server.peak();
    let flood = flood(7000, 5000);
    let mut lying = png(8, 8);
    lying.splice(16..24, [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let begun = Instant::now();
    for file in [
        &flood[..],
        &lying,
        b"GIF89a\xff\xff\xff\xff\x00\x00\x00\x2c\x00\x00\x00\x00\xff\xff\xff\xff\x00\x08",
    ] {
        sets(&ann, "me", file).await.refused(400, NO_PICTURE);
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(server.peak() < before + (48 << 20), "{before} and now {}", server.peak());
}

fn flood(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    let line = vec![0; width as usize * 4];
    for _ in 0..height {
        std::io::Write::write_all(&mut stream, &line).unwrap();
    }
    stream.finish().unwrap();
    drop(writer);
    file
}
