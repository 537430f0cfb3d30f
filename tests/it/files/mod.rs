//! Files: bringing them, posting them, reading them.

mod bringing;
mod cut;
mod finding;
mod hostile;
mod large_pictures;
mod names;
mod resume;

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::form::Form;
use crate::support::s3::{S3, below};
use crate::support::{Answer, NOBODY, Person, Server, each, eventually, id, inner, number, text};

/// A server with S3, a server with a folder.
async fn both(s3: &S3) -> [Server; 2] {
    let settings = s3.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    [Server::with(&settings).await, Server::start().await]
}

/// Ann and Bob in one channel of Ann's team, Eve outside.
async fn cast(server: &Server) -> ([Person; 3], String, String) {
    let [ann, bob, eve] = server.sign_up_all(["ann", "bob", "eve"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.makes_private_channel(&team, "files").await;
    ann.brings_into_channel(&channel, &bob).await;
    ([ann, bob, eve], team, channel)
}

/// A small picture.
pub(super) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..width * height * 3).map(|i| u8::try_from(i % 251).unwrap()).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    file
}

fn path(file: &Value) -> String {
    format!("/files/{}", id(file))
}

#[tokio::test]
async fn a_file_is_brought_posted_and_read_by_those_who_may() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, bob, eve], _, channel) = cast(&server).await;
        let bytes: Vec<u8> = (0..300_000_u32).map(|i| u8::try_from(i % 253).unwrap()).collect();
        let file = ann.brings(&channel, "numbers.bin", &bytes).await;
        assert_eq!(
            (text(&file, "name"), text(&file, "extension"), number(&file, "size")),
            ("numbers.bin".to_owned(), "bin".to_owned(), 300_000)
        );
        assert_eq!((text(&file, "user_id"), text(&file, "channel_id")), (ann.id.clone(), channel.clone()));
        // Before it is posted it is Ann's alone.
        assert!(ann.downloads(&path(&file), &[]).await.bytes == bytes);
        for other in [&bob, &eve, &server.admin] {
            other.get(&path(&file)).await.refused(403, "api.context.permissions.app_error");
            other
                .get(&format!("{}/info", path(&file)))
                .await
                .refused(403, "api.context.permissions.app_error");
        }
        let mut bobs = bob.listens().await;
        let post = ann.posts_files(&channel, "look", &[&file]).await;
        assert_eq!(post["file_ids"], json!([file["id"]]));
        let heard = bobs.expect("posted").await;
        assert_eq!(
            (text(&heard["data"], "otherFile"), heard["data"].get("image")),
            ("true".to_owned(), None)
        );
        assert_eq!(inner(&heard, "post")["metadata"], post["metadata"]);
        // Event equals refetch, in every list.
        let shown = bob.get(&format!("/posts/{}", id(&post))).await.is(200);
        assert_eq!(shown["metadata"], post["metadata"]);
        assert_eq!(shown["metadata"]["files"][0]["post_id"], post["id"]);
        let list = bob.reads_channel(&channel).await;
        assert_eq!(list["posts"][id(&post)]["metadata"], post["metadata"]);
        let infos = bob.get(&format!("/posts/{}/files/info", id(&post))).await.is(200);
        assert_eq!(infos, post["metadata"]["files"]);
        assert!(bob.downloads(&path(&file), &[]).await.bytes == bytes);
        assert_eq!(bob.get(&format!("{}/info", path(&file))).await.is(200), infos[0]);
        eve.get(&path(&file)).await.refused(403, "api.context.permissions.app_error");
        eve.get(&format!("/files/{NOBODY}")).await.refused(404, "app.file_info.get.app_error");
        let stats = bob.get(&format!("/channels/{channel}/stats")).await.is(200);
        assert_eq!(number(&stats, "files_count"), 1);
        // Who is taken out of the channel reads it no more.
        ann.delete(&format!("/channels/{channel}/members/{}", bob.id)).await.is(200);
        bob.get(&path(&file)).await.refused(403, "api.context.permissions.app_error");
    }
}

#[tokio::test]
async fn the_body_itself_may_be_the_file() {
    let server = Server::start().await;
    let ([ann, _, eve], _, channel) = cast(&server).await;
    let send = |who: Person, query: String| async move {
        let request = who.request(Method::POST, &format!("/files?{query}")).body("just text");
        Answer::of(request.header("content-type", "application/octet-stream")).await
    };
    let told = send(ann.clone(), format!("channel_id={channel}&filename=a%20b.txt")).await.is(201);
    assert_eq!(told["client_ids"], Value::Null);
    assert_eq!(each(&told["file_infos"], "name"), ["a b.txt"]);
    assert_eq!(text(&told["file_infos"][0], "mime_type"), "text/plain; charset=utf-8");
    send(eve, format!("channel_id={channel}&filename=x"))
        .await
        .refused(403, "api.context.permissions.app_error");
    send(ann.clone(), "filename=x".into()).await.refused(400, "api.context.invalid_body_param.app_error");
    let no_name = send(ann.clone(), format!("channel_id={channel}")).await;
    no_name.refused(400, "api.context.invalid_url_param.app_error");
    assert_eq!(sql(&server.database, "select count(*) from files"), "1");
}

#[tokio::test]
async fn several_come_together_or_not_at_all() {
    let server = Server::start().await;
    let ([ann, _, eve], _, channel) = cast(&server).await;
    let file = |form: Form, n: usize| form.file("files", &format!("{n}.txt"), format!("file {n}").as_bytes());
    // The channel may come last.
    let form = (0..10).fold(Form::default(), file).field("client_ids", "x").field("channel_id", &channel);
    let told = ann.sends("/files", form).await.is(201);
    let names: Vec<String> = (0..10).map(|n| format!("{n}.txt")).collect();
    assert_eq!(each(&told["file_infos"], "name"), names);
    let eleven = (0..11).fold(Form::default().field("channel_id", &channel), file);
    ann.sends("/files", eleven).await.refused(400, "api.file.upload_file.too_many_files.app_error");
    eve.sends("/files", file(Form::default(), 1).field("channel_id", &channel)).await.fails(403);
    ann.sends("/files", file(Form::default(), 1))
        .await
        .refused(400, "api.context.invalid_body_param.app_error");
    ann.sends("/files", file(Form::default().field("channel_id", "junk"), 1)).await.fails(400);
    ann.sends("/files", Form::default().field("channel_id", &channel)).await.fails(400);
    // What was refused left nothing.
    let only_ten = || async { sql(&server.database, "select count(*) from files") == "10" };
    eventually("no rows are left", Duration::from_secs(5), only_ten).await;
    let mut kept = Vec::new();
    let ten_objects = || {
        let mut found = Vec::new();
        below(&server.data().join("files"), &mut found);
        async move { found.len() == 10 }
    };
    eventually("no bytes are left", Duration::from_secs(5), ten_objects).await;
    below(&server.data().join("files"), &mut kept);
    assert!(kept.iter().all(|path| !path.contains(".txt")), "no name of a person is in a path: {kept:?}");
}

#[tokio::test]
async fn only_ones_own_unposted_files_of_the_channel_hang_on_a_post() {
    let server = Server::start().await;
    let ([ann, bob, _], team, channel) = cast(&server).await;
    let file = ann.brings(&channel, "a.txt", b"mine").await;
    let stolen = bob.posts_files(&channel, "mine now", &[&file]).await;
    assert_eq!((stolen.get("file_ids"), &stolen["metadata"]), (None, &json!({})));
    let elsewhere = ann.makes_channel(&team, "elsewhere").await;
    let moved = ann.posts_files(&elsewhere, "elsewhere", &[&file]).await;
    assert_eq!(moved.get("file_ids"), None);
    // Twice at once: one post has it.
    let (twice, once) = ([&file, &file], [&file]);
    let both = futures_util::join!(
        ann.posts_files(&channel, "one", &twice),
        ann.posts_files(&channel, "two", &once)
    );
    let having = [&both.0, &both.1].iter().filter(|p| p.get("file_ids").is_some()).count();
    assert_eq!(having, 1);
    let again = ann.posts_files(&channel, "again", &[&file]).await;
    assert_eq!(again.get("file_ids"), None);
    // The same sending twice makes one post, with its file both times.
    let file = ann.brings(&channel, "b.txt", b"mine").await;
    let post =
        json!({"channel_id": channel, "message": "b", "file_ids": [file["id"]], "pending_post_id": "p1"});
    let first = ann.post("/posts", post.clone()).await.is(201);
    let second = ann.post("/posts", post).await.is(201);
    assert_eq!((&first["id"], &first["metadata"]), (&second["id"], &second["metadata"]));
    assert_eq!(each(&first["metadata"]["files"], "name"), ["b.txt"]);
    let too_many: Vec<&str> = vec![NOBODY; 11];
    let post = json!({"channel_id": channel, "message": "", "file_ids": too_many});
    ann.post("/posts", post).await.refused(400, "model.post.is_valid.file_ids.app_error");
    let post = json!({"channel_id": channel, "message": "", "file_ids": ["../../etc"]});
    ann.post("/posts", post).await.refused(400, "api.context.invalid_body_param.app_error");
}

#[tokio::test]
async fn an_edit_may_take_files_off_and_hang_others_on() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = cast(&server).await;
    let (one, two) = (ann.brings(&channel, "1.txt", b"1").await, ann.brings(&channel, "2.txt", b"2").await);
    let (three, bobs) =
        (ann.brings(&channel, "3.txt", b"3").await, bob.brings(&channel, "4.txt", b"4").await);
    let post = ann.posts_files(&channel, "", &[&one, &two]).await;
    let mut ears = bob.listens().await;
    let patch = json!({"file_ids": [three["id"], two["id"], bobs["id"]]});
    let edited = ann.put(&format!("/posts/{}/patch", id(&post)), patch).await.is(200);
    assert_eq!(each(&edited["metadata"]["files"], "name"), ["3.txt", "2.txt"]);
    assert!(number(&edited, "edit_at") > 0);
    let heard = ears.expect("post_edited").await;
    assert_eq!(inner(&heard, "post")["metadata"], edited["metadata"]);
    ann.get(&path(&one)).await.fails(404);
    assert_eq!(bob.downloads(&path(&three), &[]).await.bytes, b"3");
    // An edit of the text alone leaves the files.
    let edited = ann.put(&format!("/posts/{}/patch", id(&post)), json!({"message": "x"})).await.is(200);
    assert_eq!(each(&edited["metadata"]["files"], "name"), ["3.txt", "2.txt"]);
}

#[tokio::test]
async fn a_part_is_sent_where_a_part_is_asked_for() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, ..], _, channel) = cast(&server).await;
        let file = ann.brings(&channel, "alphabet.txt", b"abcdefghijklmnopqrstuvwxyz").await;
        let whole = ann.downloads(&path(&file), &[]).await;
        assert_eq!((whole.status, whole.header("content-length").as_str()), (200, "26"));
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert_eq!(whole.header("cache-control"), "private, no-cache");
        let (etag, since) = (whole.header("etag"), whole.header("last-modified"));
        for (range, bytes, said) in [
            ("bytes=0-2", "abc", "bytes 0-2/26"),
            ("bytes=23-", "xyz", "bytes 23-25/26"),
            ("bytes=-2", "yz", "bytes 24-25/26"),
            ("bytes=20-900", "uvwxyz", "bytes 20-25/26"),
        ] {
            let part = ann.downloads(&path(&file), &[("range", range)]).await;
            assert_eq!((part.status, part.bytes.as_slice()), (206, bytes.as_bytes()), "{range}");
            assert_eq!(part.header("content-range"), said);
        }
        let beyond = ann.downloads(&path(&file), &[("range", "bytes=26-")]).await;
        assert_eq!((beyond.status, beyond.header("content-range").as_str()), (416, "bytes */26"));
        for (condition, status) in [(etag.as_str(), 206), (&since, 206), ("\"other\"", 200)] {
            let part = ann.downloads(&path(&file), &[("range", "bytes=0-0"), ("if-range", condition)]).await;
            assert_eq!(part.status, status, "{condition}");
        }
        for known in [etag.as_str(), "\"x\", *", &format!("\"x\", {etag}")] {
            let none = ann.downloads(&path(&file), &[("if-none-match", known)]).await;
            assert_eq!(
                (none.status, none.bytes.len(), none.header("etag")),
                (304, 0, etag.clone()),
                "{known}"
            );
        }
        let packed = ann.downloads(&path(&file), &[("accept-encoding", "gzip")]).await;
        assert_eq!(packed.bytes.len(), 26);
    }
}

#[tokio::test]
async fn a_picture_has_a_thumbnail_a_preview_and_a_size_and_nothing_else_has() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, bob, _], _, channel) = cast(&server).await;
        let picture = ann.brings(&channel, "holiday.jpg", &png(400, 300)).await;
        assert_eq!((number(&picture, "width"), number(&picture, "height")), (400, 300));
        assert_eq!(
            (text(&picture, "mime_type"), &picture["has_preview_image"]),
            ("image/png".into(), &json!(true))
        );
        assert!(!text(&picture, "mini_preview").is_empty());
        let mut ears = bob.listens().await;
        ann.posts_files(&channel, "", &[&picture]).await;
        assert_eq!(text(&ears.expect("posted").await["data"], "image"), "true");
        for variant in ["thumbnail", "preview"] {
            let shown = bob.downloads(&format!("{}/{variant}", path(&picture)), &[]).await;
            assert_eq!((shown.status, shown.header("content-type").as_str()), (200, "image/jpeg"));
            assert!(shown.bytes.starts_with(&[0xff, 0xd8, 0xff]), "{variant}");
            let etag = shown.header("etag");
            let known = [("if-none-match", etag.as_str())];
            assert_eq!(bob.downloads(&format!("{}/{variant}", path(&picture)), &known).await.status, 304);
        }
        assert!(
            bob.downloads(&path(&picture), &[]).await.header("content-disposition").starts_with("inline")
        );
        let notes = ann.brings(&channel, "notes.png", b"no picture").await;
        assert_eq!((notes.get("width"), notes.get("has_preview_image")), (None, None));
        let none = ann.get(&format!("{}/thumbnail", path(&notes))).await;
        none.refused(400, "api.file.get_file_thumbnail.no_thumbnail.app_error");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_leaves_nothing() {
    let server = Server::with(&[("FILES__MAX_SIZE", "100000"), ("FILES__QUOTA", "150000")]).await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let too_large = "api.file.upload_file.too_large_detailed.app_error";
    ann.tries_to_bring(&channel, "large.bin", &[7; 100_001]).await.refused(413, too_large);
    ann.tries_to_bring(&channel, "huge.bin", &vec![7; 5_000_000]).await.refused(413, too_large);
    ann.brings(&channel, "fits.bin", &[7; 100_000]).await;
    let full = ann.tries_to_bring(&channel, "more.bin", &[7; 50_001]).await;
    full.refused(413, "api.file.upload_file.quota.app_error");
    // Two at once do not both get the last bytes.
    let sends = || ann.tries_to_bring(&channel, "rest.bin", &[7; 30_000]);
    let (one, two) = futures_util::join!(sends(), sends());
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 413]);
    assert_eq!(sql(&server.database, "select bytes from file_usage"), "130000");
    let two_rows = || async { sql(&server.database, "select count(*) from files") == "2" };
    eventually("no rows are left", Duration::from_secs(5), two_rows).await;
    let config = ann.get("/config/client?format=old").await.is(200);
    assert_eq!(
        (text(&config, "MaxFileSize"), text(&config, "EnableFileAttachments")),
        ("100000".into(), "true".into())
    );
}

#[tokio::test]
async fn an_organisation_has_the_space_that_its_operators_give_it() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let org = text(&server.admin.get("/organizations").await.is(200)["organizations"][0], "id");
    let path = format!("/organizations/{org}/patch");
    server.admin.put(&path, json!({"max_storage_bytes": 1000})).await.is(200);
    ann.brings(&channel, "fits.bin", &[7; 900]).await;
    let full = "api.file.upload_file.quota.app_error";
    ann.tries_to_bring(&channel, "more.bin", &[7; 101]).await.refused(413, full);
    let later = json!({"channel_id": channel, "filename": "later.bin", "file_size": 101});
    ann.post("/uploads", later).await.refused(413, full);
    server.admin.put(&path, json!({"max_storage_bytes": 2000})).await.is(200);
    ann.brings(&channel, "more.bin", &[7; 101]).await;
}

#[tokio::test]
async fn an_organisation_has_files_as_large_as_its_operators_allow() {
    let server = Server::with(&[("FILES__MAX_SIZE", "100000")]).await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let allow =
        |bytes: i64| server.admin.put("/organizations/current/patch", json!({"max_file_bytes": bytes}));
    let too_large = "api.file.upload_file.too_large_detailed.app_error";
    let begun = |size: u64| json!({"channel_id": channel, "filename": "later.bin", "file_size": size});
    for most in [1000, 200_000] {
        let allowed = allow(most).await.is(200);
        assert_eq!(number(&allowed, "max_file_bytes"), most);
        let most = usize::try_from(most).expect("a size");
        ann.brings(&channel, "fits.bin", &vec![7; most]).await;
        ann.tries_to_bring(&channel, "more.bin", &vec![7; most + 1]).await.refused(413, too_large);
        ann.post("/uploads", begun(most as u64)).await.is(201);
        ann.post("/uploads", begun(most as u64 + 1)).await.refused(413, too_large);
        let config = ann.get("/config/client?format=old").await.is(200);
        assert_eq!(text(&config, "MaxFileSize"), most.to_string());
    }
    allow(0).await.is(200);
    ann.tries_to_bring(&channel, "more.bin", &[7; 100_001]).await.refused(413, too_large);
    for bad in [-1, (50 << 30) + 1] {
        allow(bad).await.refused(400, "api.context.invalid_body_param.app_error");
    }
}

#[tokio::test]
async fn a_deleted_post_takes_its_files_away_and_later_their_bytes() {
    let server = Server::with(&[("FILES__RETENTION_DAYS", "0")]).await;
    let ([ann, bob, _], _, channel) = cast(&server).await;
    let (kept, gone) =
        (ann.brings(&channel, "k.txt", b"k").await, ann.brings(&channel, "g.png", &png(30, 30)).await);
    ann.posts_files(&channel, "kept", &[&kept]).await;
    let post = ann.posts_files(&channel, "gone", &[&gone]).await;
    let reply = json!({"channel_id": channel, "root_id": post["id"], "message": "",
        "file_ids": [bob.brings(&channel, "r.txt", b"r").await["id"]]});
    bob.post("/posts", reply).await.is(201);
    assert_eq!(objects(server.data()), 5);
    ann.delete(&format!("/posts/{}", id(&post))).await.is(200);
    bob.get(&path(&gone)).await.fails(404);
    bob.get(&format!("{}/thumbnail", path(&gone))).await.fails(404);
    let is_swept = || async {
        sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'files'");
        sql(&server.database, "select count(*) from files") == "1" && objects(server.data()) == 1
    };
    eventually("rows and bytes are gone", Duration::from_secs(10), is_swept).await;
    assert_eq!(sql(&server.database, "select bytes from file_usage"), "1");
    assert_eq!(bob.downloads(&path(&kept), &[]).await.bytes, b"k");
}

#[tokio::test]
async fn what_nobody_posts_is_gone_after_a_day() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let (old, new) =
        (ann.brings(&channel, "old.txt", b"1").await, ann.brings(&channel, "new.txt", b"2").await);
    let back = "update files set create_at = create_at - 86500000 where name = 'old.txt'";
    sql(&server.database, back);
    let is_swept = || async {
        sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'files'");
        ann.get(&format!("{}/info", path(&old))).await.status == 404 && objects(server.data()) == 1
    };
    eventually("the old one is gone", Duration::from_secs(10), is_swept).await;
    ann.get(&format!("{}/info", path(&new))).await.is(200);
}

fn objects(data: &Path) -> usize {
    let mut found = Vec::new();
    below(&data.join("files"), &mut found);
    found.len()
}
