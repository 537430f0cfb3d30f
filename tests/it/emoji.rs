//! Custom emoji: made of pictures, found by name, shown to all of the organisation, taken out by those who may.

use serde_json::json;

use crate::support::form::{Form, encoded, gif, png};
use crate::support::{Answer, NOBODY, Person, Server, each, id, inner, text};

fn form(creator: &Person, name: &str, picture: &[u8]) -> Form {
    let described = json!({"creator_id": creator.id, "name": name}).to_string();
    Form::default().file("image", "../../x.html", picture).field("emoji", &described)
}

pub(super) async fn makes(who: &Person, name: &str, picture: &[u8]) -> Answer {
    who.sends("/emoji", form(who, name, picture)).await
}

#[tokio::test]
async fn an_emoji_is_made_told_found_and_shown() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut socket = bob.listens().await;
    let made = makes(&ann, "ferris_wave", &png(300, 200)).await.is(201);
    assert_eq!((text(&made, "name"), text(&made, "creator_id")), ("ferris_wave".to_owned(), ann.id.clone()));
    assert_eq!(inner(&socket.expect("emoji_added").await, "emoji"), made);
    let path = format!("/emoji/{}", id(&made));
    for found in [path.as_str(), "/emoji/name/ferris_wave"] {
        assert_eq!(bob.get(found).await.is(200), made);
    }
    let found = [
        bob.get("/emoji?page=0&per_page=10&sort=name").await.is(200),
        bob.post("/emoji/names", json!(["ferris_wave", "nope"])).await.is(200),
        bob.post("/emoji/search", json!({"term": "wave"})).await.is(200),
        bob.get("/emoji/autocomplete?name=ferris").await.is(200),
    ];
    for list in found {
        assert_eq!(list, json!([made]));
    }
    assert_eq!(
        bob.post("/emoji/search", json!({"term": "wave", "prefix_only": true})).await.is(200),
        json!([])
    );
    let (status, headers, file) = bob.fetches(&format!("{path}/image")).await;
    assert_eq!((status, &headers["content-type"]), (200, &"image/png".parse().unwrap()));
    assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let shown = image::load_from_memory(&file).unwrap();
    assert_eq!((shown.width(), shown.height()), (128, 85));
}

/// Posts carry the custom emoji of their text and of the reactions to them.
#[tokio::test]
async fn posts_bring_their_emoji() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let [first, second] =
        [makes(&ann, "ferris", &png(9, 9)).await.is(201), makes(&ann, "gopher", &png(9, 9)).await.is(201)];
    let post = ann.posts(&town, "hello :ferris: :smile: :unknown:").await;
    let reaction = json!({"user_id": ann.id, "post_id": id(&post), "emoji_name": "gopher"});
    ann.post("/reactions", reaction).await.is(200);
    assert_eq!(ann.reads(&post).await["metadata"]["emojis"], json!([first, second]));
    let plain = ann.posts(&town, "at 10:30:15").await;
    assert!(ann.reads(&plain).await["metadata"].get("emojis").is_none());
}

#[tokio::test]
async fn what_moved_still_moves() {
    let server = Server::start().await;
    let made = makes(&server.admin, "party", &gif(60, 40, 7)).await.is(201);
    let (_, headers, file) = server.admin.fetches(&format!("/emoji/{}/image", id(&made))).await;
    assert_eq!(headers["content-type"], "image/gif");
    let frames = image::AnimationDecoder::into_frames(
        image::codecs::gif::GifDecoder::new(std::io::Cursor::new(file)).unwrap(),
    );
    assert_eq!(frames.count(), 7);
}

#[tokio::test]
async fn names_are_plain_free_and_taken_once() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    makes(&ann, "mine", &png(9, 9)).await.is(201);
    makes(&server.admin, "mine", &png(9, 9)).await.refused(400, "api.emoji.create.duplicate.app_error");
    makes(&ann, "smile", &png(9, 9)).await.refused(400, "model.emoji.system_emoji_name.app_error");
    for name in ["", "two words", "../up", "a:b", &"x".repeat(65)] {
        makes(&ann, name, &png(9, 9)).await.refused(400, "model.emoji.name.app_error");
    }
    let of_another = ann.sends("/emoji", form(&server.admin, "theirs", &png(9, 9))).await;
    of_another.refused(403, "api.context.permissions.app_error");
    assert_eq!(each(&ann.get("/emoji").await.is(200), "name"), ["mine"]);
}

#[tokio::test]
async fn what_is_no_small_picture_is_refused() {
    let server = Server::start().await;
    let ann = &server.admin;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let no_pictures: [&[u8]; 4] = [svg, b"<!doctype html><script>1</script>", b"GIF89a", &png(90, 90)[..60]];
    for file in no_pictures {
        makes(ann, "bad", file).await.refused(400, "api.emoji.upload.image.app_error");
    }
    makes(ann, "bad", &vec![7; 600 << 10]).await.refused(413, "api.emoji.create.too_large.app_error");
    let without = Form::default().field("emoji", &json!({"creator_id": ann.id, "name": "a"}).to_string());
    ann.sends("/emoji", without).await.refused(400, "api.emoji.create.no_file.app_error");
    let undescribed = Form::default().file("image", "a.png", &png(9, 9));
    ann.sends("/emoji", undescribed).await.refused(400, "api.context.invalid_body_param.app_error");
    ann.post("/emoji", json!({"name": "a"})).await.refused(400, "api.emoji.create.parse.app_error");
    assert_eq!(ann.get("/emoji").await.is(200), json!([]));
    makes(ann, "good", &encoded(9, 9, image::ImageFormat::WebP)).await.is(201);
}

#[tokio::test]
async fn its_maker_and_administrators_take_it_out() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let made = makes(&ann, "mine", &png(9, 9)).await.is(201);
    let path = format!("/emoji/{}", id(&made));
    bob.delete(&path).await.refused(403, "api.context.permissions.app_error");
    ann.delete(&path).await.is(200);
    ann.delete(&path).await.refused(404, "app.emoji.get.no_result");
    bob.get(&format!("{path}/image")).await.refused(404, "app.emoji.get.no_result");
    bob.get("/emoji/name/mine").await.refused(404, "app.emoji.get_by_name.no_result");
    let made = makes(&ann, "mine", &png(9, 9)).await.is(201);
    server.admin.delete(&format!("/emoji/{}", id(&made))).await.is(200);
    ann.get(&format!("/emoji/{NOBODY}")).await.refused(404, "app.emoji.get.no_result");
}

#[tokio::test]
async fn bad_questions_are_named() {
    let server = Server::start().await;
    let ann = &server.admin;
    ann.get("/emoji?sort=size").await.refused(400, "api.context.invalid_url_param.app_error");
    ann.get("/emoji/autocomplete").await.refused(400, "api.context.invalid_url_param.app_error");
    ann.post("/emoji/search", json!({"term": ""}))
        .await
        .refused(400, "api.context.invalid_body_param.app_error");
    let many: Vec<String> = (0..201).map(|n| format!("e{n}")).collect();
    let many = ann.post("/emoji/names", json!(many)).await;
    many.refused(400, "api.emoji.get_multiple_by_name_too_many.request_error");
    for (term, found) in [("%", 0), ("_", 1)] {
        if found == 1 {
            makes(ann, "a_b", &png(9, 9)).await.is(201);
        }
        let list = ann.post("/emoji/search", json!({"term": term})).await.is(200);
        assert_eq!(list.as_array().unwrap().len(), found, "{term}");
    }
}
