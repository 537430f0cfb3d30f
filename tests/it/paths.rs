//! Parts of a path arrive as they were meant, however they are encoded.

use reqwest::Method;
use serde_json::json;

use crate::emoji::makes;
use crate::support::form::png;
use crate::support::{Server, each, id, text};

/// Every byte but letters and digits as `%XX`, and the first one too.
fn encoded(part: &str) -> String {
    let encode = |(place, byte): (usize, u8)| {
        let plain = place > 0 && byte.is_ascii_alphanumeric();
        if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    part.bytes().enumerate().map(encode).collect()
}

#[tokio::test]
async fn every_kind_of_part_may_be_encoded() {
    let server = Server::start().await;
    let ann = server.sign_up("ann.lee").await;
    let team = ann.makes_team("our-house").await;
    let channel = ann.makes_channel(&team, "side-room").await;
    makes(&ann, "x+y", &png(9, 9)).await.is(201);
    let me = ann.get("/users/me").await.is(200);
    let preference = json!([{"user_id": ann.id, "category": "a/b", "name": "c+d%41", "value": "e"}]);
    ann.put("/users/me/preferences", preference).await.is(200);
    let roles = ann.post("/roles/names", json!(["system_user"])).await.is(200);
    for (path, key, value) in [
        (format!("/users/{}", encoded(&ann.id)), "id", ann.id.clone()),
        (format!("/users/{}", encoded("me")), "id", ann.id.clone()),
        (format!("/users/username/{}", encoded("ann.lee")), "id", ann.id.clone()),
        (format!("/users/email/{}", encoded(&text(&me, "email"))), "id", ann.id.clone()),
        (format!("/teams/{}", encoded(&team)), "id", team.clone()),
        (format!("/teams/name/{}", encoded("our-house")), "id", team.clone()),
        (format!("/channels/{}", encoded(&channel)), "id", channel.clone()),
        (format!("/teams/{team}/channels/name/{}", encoded("side-room")), "id", channel.clone()),
        (format!("/teams/name/our-house/channels/name/{}", encoded("side-room")), "id", channel.clone()),
        (format!("/emoji/name/{}", encoded("x+y")), "name", "x+y".to_owned()),
        (format!("/roles/name/{}", encoded("system_user")), "id", id(&roles[0])),
        (format!("/roles/{}", encoded(&id(&roles[0]))), "name", "system_user".to_owned()),
        (
            format!("/users/me/preferences/{}/name/{}", encoded("a/b"), encoded("c+d%41")),
            "value",
            "e".to_owned(),
        ),
    ] {
        let found = ann.get(&path).await.is(200);
        assert_eq!(text(&found, key), value, "{path}");
    }
    let listed = ann.get(&format!("/users/me/preferences/{}", encoded("a/b"))).await.is(200);
    assert_eq!(each(&listed, "value"), ["e"]);
    server.admin.get(&format!("/organizations/{}", encoded("current"))).await.is(200);
    ann.get(&format!("/users/{}", encoded("nobody/me"))).await.fails(404);
}

#[tokio::test]
async fn a_reaction_is_taken_back_by_clients_that_encode() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let post = ann.posts(&town, "hi").await;
    for name in ["+1", "thumbsup", "+1_dark_skin_tone", "flag-de", "man-gesturing-ok"] {
        let new = json!({"user_id": ann.id, "post_id": id(&post), "emoji_name": name});
        ann.post("/reactions", new).await.is(200);
        let path = format!("/users/me/posts/{}/reactions/{}", id(&post), encoded(name));
        ann.ask(Method::DELETE, &path, None).await.is(200);
        assert_eq!(ann.get(&format!("/posts/{}/reactions", id(&post))).await.is(200), json!([]), "{name}");
    }
}
