//! Link previews and the image proxy: learned after posting, once, told to those in the channel; and nothing inside the
//! network is ever called.

use serde_json::{Value, json};

use crate::support::form::{encoded, gif, png};
use crate::support::site::{MAY_CALL, Site};
use crate::support::{Person, Server, id, inner, number, text};

const NO_PICTURE: &str = "api.image.get.app_error";

const PAGE: &[u8] = b"<html><head><title>no</title><meta property='og:title' content='Ferris &amp; friends'>
    <meta property='og:description' content='A crab.'><meta property='og:site_name' content='Reef'>
    <meta property='og:image' content='/crab.png'></head></html>";

async fn house(server: &Server) -> (Person, String) {
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    (ann, town)
}

/// Posts, and waits for the edit that tells what the link leads to.
async fn previewed(who: &Person, channel: &str, message: &str) -> Value {
    let mut socket = who.listens().await;
    let post = who.posts(channel, message).await;
    let edited = socket.expect_that("post_edited", |e| inner(e, "post")["id"] == post["id"]).await;
    let told = inner(&edited, "post");
    assert_eq!(told, who.reads(&post).await, "what is told is what is read");
    for key in ["update_at", "edit_at", "create_at"] {
        assert_eq!(number(&told, key), number(&post, key), "{key}");
    }
    told["metadata"].clone()
}

/// Where the server hands out the picture of `url`.
fn image_address(url: &str) -> String {
    let query: String = url.bytes().map(|b| format!("%{b:02X}")).collect();
    format!("/image?url={query}")
}

#[tokio::test]
async fn a_page_is_shown_with_its_title_and_picture() {
    let server = Server::with(&MAY_CALL).await;
    let (ann, town) = house(&server).await;
    let site = Site::open().await;
    site.shows("/crab.png", "image/png", &png(60, 40));
    let page = site.shows("/reef", "text/html", PAGE);
    let metadata = previewed(&ann, &town, &format!("look: {page}.")).await;
    let embed = &metadata["embeds"][0];
    assert_eq!((text(embed, "type"), text(embed, "url")), ("opengraph".to_owned(), page.clone()));
    let data = &embed["data"];
    assert_eq!(
        (text(data, "title"), text(data, "site_name")),
        ("Ferris & friends".to_owned(), "Reef".to_owned())
    );
    let picture = site.at("/crab.png");
    assert_eq!(text(&data["images"][0], "url"), picture);
    assert_eq!(
        metadata["images"][&picture],
        json!({"width": 60, "height": 40, "format": "png", "frame_count": 0})
    );
    let again = previewed(&ann, &town, &page).await;
    assert_eq!(again["embeds"], metadata["embeds"]);
    assert_eq!((site.asked("/reef"), site.asked("/crab.png")), (1, 1), "asked once");
    let listed = ann.reads_channel(&town).await;
    let shown = listed["posts"].as_object().unwrap().values().filter(|p| p["metadata"]["embeds"].is_array());
    assert_eq!(shown.count(), 2);
}

#[tokio::test]
async fn pictures_are_told_with_their_size() {
    let server = Server::with(&MAY_CALL).await;
    let (ann, town) = house(&server).await;
    let site = Site::open().await;
    let moving = site.shows("/m.gif", "image/gif", &gif(20, 10, 3));
    let lying = site.shows("/page.png", "image/png", b"<script>alert(1)</script>");
    let metadata = previewed(&ann, &town, &moving).await;
    assert_eq!(text(&metadata["embeds"][0], "type"), "image");
    assert_eq!(
        metadata["images"][&moving],
        json!({"width": 20, "height": 10, "format": "gif", "frame_count": 3})
    );
    let metadata = previewed(&ann, &town, &format!("![crab]({moving})")).await;
    assert!(metadata.get("embeds").is_none() && metadata["images"][&moving].is_object());
    let metadata = previewed(&ann, &town, &lying).await;
    assert_eq!(text(&metadata["embeds"][0], "type"), "link");
}

#[tokio::test]
async fn an_edit_brings_the_preview_of_the_new_link() {
    let server = Server::with(&MAY_CALL).await;
    let (ann, town) = house(&server).await;
    let site = Site::open().await;
    let page = site.shows("/reef", "text/html", PAGE);
    let post = ann.posts(&town, "nothing yet").await;
    let mut socket = ann.listens().await;
    ann.put(&format!("/posts/{}/patch", id(&post)), json!({"message": page})).await.is(200);
    let told = socket.expect_that("post_edited", |e| inner(e, "post")["metadata"]["embeds"].is_array()).await;
    assert_eq!(inner(&told, "post")["metadata"]["embeds"][0]["url"], page.as_str());
}

/// Nothing of these is called, neither for a preview nor for a picture, although the site would answer.
#[tokio::test]
async fn addresses_inside_are_never_called() {
    let server = Server::with(&[("FETCH__PORTS", "")]).await;
    let (ann, town) = house(&server).await;
    let site = Site::open().await;
    let port =
        site.shows("/", "image/png", &png(9, 9)).rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    let mut socket = ann.listens().await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "localhost.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "0",
        "a:b@127.0.0.1",
    ] {
        let inside = format!("http://{host}:{port}/");
        ann.posts(&town, &inside).await;
        let refused = ann.get(&image_address(&inside)).await;
        assert!(matches!(refused.status, 400 | 404), "{inside}: {}", refused.status);
        assert_eq!(refused.reason(), NO_PICTURE, "{inside}");
        let seen = ann.post("/opengraph", json!({"url": inside})).await;
        assert!(seen.status == 400 || seen.json() == json!({"url": inside}), "{inside}: {}", seen.body);
    }
    assert_eq!(site.asked_at_all(), 0);
    assert!(!socket.heard_by_now(&ann).await.contains(&"post_edited".to_owned()));
}

#[tokio::test]
async fn redirects_do_not_lead_inside() {
    let server = Server::with(&MAY_CALL).await;
    let (ann, town) = house(&server).await;
    let site = Site::open().await;
    let good = site.shows("/good", "text/html", PAGE);
    let inside = site.leads("/in", &site.at("/secret").replace("127.0.0.1", "127.0.0.2"));
    let round = site.leads("/round", "/round");
    let onwards = site.leads("/on", "/good");
    for url in [&inside, &round] {
        assert_eq!(ann.post("/opengraph", json!({"url": url})).await.is(200), json!({"url": url}));
        ann.get(&image_address(url)).await.refused(404, NO_PICTURE);
    }
    assert_eq!((site.asked("/secret"), site.asked("/round") <= 8), (0, true));
    assert_eq!(previewed(&ann, &town, &onwards).await["embeds"][0]["data"]["title"], "Ferris & friends");
    assert_eq!(ann.post("/opengraph", json!({"url": good})).await.is(200)["title"], "Ferris & friends");
}

#[tokio::test]
async fn pictures_of_other_sites_come_through_the_server() {
    let server = Server::with(&MAY_CALL).await;
    let (ann, _) = house(&server).await;
    let site = Site::open().await;
    let file = encoded(30, 20, image::ImageFormat::Jpeg);
    let picture = site.shows("/p", "text/html", &file);
    for _ in 0..2 {
        let (status, headers, body) = ann.fetches(&image_address(&picture)).await;
        assert_eq!((status, &headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
        assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(body, file);
    }
    assert_eq!(site.asked("/p"), 1, "kept");
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let others = [
        site.shows("/svg", "image/svg+xml", svg),
        site.shows("/html", "image/png", b"<!doctype html><script>alert(1)</script>"),
        site.shows("/huge", "image/png", &vec![0; 11 << 20]),
        site.at("/missing"),
    ];
    for other in others {
        ann.get(&image_address(&other)).await.refused(404, NO_PICTURE);
    }
    ann.get("/image").await.refused(400, "api.context.invalid_url_param.app_error");
    let visitor = crate::support::visitor(&server.base);
    visitor.get(&image_address(&picture)).await.refused(401, "api.context.session_expired.app_error");
}

#[tokio::test]
async fn both_can_be_switched_off() {
    let [ports, inner_networks] = MAY_CALL;
    let off = [ports, inner_networks, ("FETCH__PREVIEWS", "false"), ("FETCH__IMAGE_PROXY", "false")];
    let server = Server::with(&off).await;
    let (ann, town) = house(&server).await;
    let site = Site::open().await;
    let page = site.shows("/reef", "text/html", PAGE);
    ann.posts(&town, &page).await;
    ann.post("/opengraph", json!({"url": page}))
        .await
        .refused(501, "api.post.link_preview_disabled.app_error");
    ann.get(&image_address(&page)).await.refused(404, NO_PICTURE);
    assert_eq!(site.asked_at_all(), 0);
    let config = ann.get("/config/client?format=old").await.is(200);
    assert_eq!(
        (text(&config, "HasImageProxy"), text(&config, "EnableLinkPreviews")),
        ("false".to_owned(), "false".to_owned())
    );
}

/// What programs attach to a message is announced, as clients need it.
#[tokio::test]
async fn attachments_of_a_message_are_announced() {
    let server = Server::start().await;
    let (ann, town) = house(&server).await;
    let attached = json!({"channel_id": town, "message": "", "props": {"attachments": [{"text": "built"}]}});
    let post = ann.post("/posts", attached).await.is(201);
    assert_eq!(ann.reads(&post).await["metadata"]["embeds"], json!([{"type": "message_attachment"}]));
}
