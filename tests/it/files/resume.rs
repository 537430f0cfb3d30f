//! Uploads that are continued: after a pause, a cut, a restart, at another node. And the memory that large ones take.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{both, cast, objects};
use crate::support::cluster::sql;
use crate::support::s3::S3;
use crate::support::{Answer, NOBODY, Person, Server, each, eventually, id, number, text};

/// Bytes that differ from place to place.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from(i * i / 11 % 251).unwrap()).collect()
}

async fn opens(who: &Person, channel: &str, size: usize) -> Value {
    let new = json!({"channel_id": channel, "filename": "../large.bin", "file_size": size});
    who.post("/uploads", new).await.is(201)
}

async fn continues(who: &Person, upload: &Value, bytes: &[u8]) -> Answer {
    let request = who.request(Method::POST, &format!("/uploads/{}", id(upload))).body(bytes.to_vec());
    Answer::of(request.header("content-type", "application/octet-stream")).await
}

async fn offset(who: &Person, upload: &Value) -> usize {
    let upload = who.get(&format!("/uploads/{}", id(upload))).await.is(200);
    usize::try_from(number(&upload, "file_offset")).unwrap()
}

#[tokio::test]
async fn an_upload_is_continued_at_another_node_and_after_a_restart() {
    let s3 = S3::start();
    for mut server in both(&s3).await {
        let ([ann, bob, eve], _, channel) = cast(&server).await;
        let all = bytes(7_000_000);
        let upload = opens(&ann, &channel, all.len()).await;
        assert_eq!(
            (text(&upload, "filename"), text(&upload, "type")),
            ("large.bin".into(), "attachment".into())
        );
        assert_eq!((number(&upload, "file_size"), number(&upload, "file_offset")), (7_000_000, 0));
        assert_eq!(continues(&ann, &upload, &all[..100]).await.status, 204);
        assert_eq!(offset(&ann, &upload).await, 100);
        for other in [&bob, &eve] {
            other.get(&format!("/uploads/{}", id(&upload))).await.refused(404, "app.upload.get.app_error");
            continues(other, &upload, b"x").await.refused(404, "app.upload.get.app_error");
            other.get(&format!("/users/{}/uploads", ann.id)).await.fails(403);
        }
        let node = server.second_node();
        let there = ann.at(&node);
        assert_eq!(continues(&there, &upload, &all[100..6_000_000]).await.status, 204);
        let mine = there.get("/users/me/uploads").await.is(200);
        assert_eq!((each(&mine, "id"), number(&mine[0], "file_offset")), (vec![id(&upload)], 6_000_000));
        drop(node);
        server.kill();
        server.restart();
        let ann = ann.at(&server);
        let more = continues(&ann, &upload, &all[..1_000_001]).await;
        more.refused(400, "api.upload.upload_data.invalid_content_length");
        let file = continues(&ann, &upload, &all[6_000_000..]).await.is(201);
        assert_eq!((text(&file, "name"), number(&file, "size")), ("large.bin".into(), 7_000_000));
        assert!(ann.downloads(&format!("/files/{}", id(&file)), &[]).await.bytes == all);
        let post = ann.posts_files(&channel, "large", &[&file]).await;
        assert_eq!(each(&post["metadata"]["files"], "id"), [id(&file)]);
        continues(&ann, &upload, b"x").await.fails(404);
        assert_eq!(ann.get("/users/me/uploads").await.is(200), json!([]));
        assert_eq!(sql(&server.database, "select bytes from file_usage"), "7000000");
    }
}

#[tokio::test]
async fn what_came_before_a_cut_is_kept_and_one_sends_at_a_time() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let all = bytes(3_000_000);
    let upload = opens(&ann, &channel, all.len()).await;
    let cut = sends_a_part(&server, &ann, &upload, &all[..1_000_000]).await;
    let second = continues(&ann, &upload, b"x").await;
    second.refused(400, "app.upload.upload_data.concurrent.app_error");
    drop(cut);
    let is_kept = || async { offset(&ann, &upload).await > 0 };
    eventually("what came is kept", Duration::from_secs(5), is_kept).await;
    let come = offset(&ann, &upload).await;
    assert!(come <= 1_000_000, "{come}");
    let file = continues(&ann, &upload, &all[come..]).await.is(201);
    assert!(ann.downloads(&format!("/files/{}", id(&file)), &[]).await.bytes == all);
}

#[tokio::test]
async fn a_slow_sender_keeps_an_upload_and_a_dead_node_does_not() {
    let mut server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let all = bytes(3_000_000);
    let upload = opens(&ann, &channel, all.len()).await;
    let _slow = sends_a_part(&server, &ann, &upload, &all[..1_000_000]).await;
    let until = || sql(&server.database, "select taken_until from uploads").parse::<i64>().unwrap();
    let first = until();
    eventually("the sender keeps it", Duration::from_secs(10), || async { until() > first }).await;
    server.kill();
    let left = "select taken_until - now_ms() <= 20000 from uploads";
    server.restart();
    assert_eq!(sql(&server.database, left), "t", "nobody waits for long");
    let ann = ann.at(&server);
    continues(&ann, &upload, &all).await.refused(400, "app.upload.upload_data.concurrent.app_error");
    sql(&server.database, "update uploads set taken_until = taken_until - 20000");
    let file = continues(&ann, &upload, &all).await.is(201);
    assert!(ann.downloads(&format!("/files/{}", id(&file)), &[]).await.bytes == all);
}

/// Sends the beginning of an upload, until the server takes it, and no more.
async fn sends_a_part(server: &Server, who: &Person, upload: &Value, part: &[u8]) -> TcpStream {
    let address = server.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v4/uploads/{} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n",
        id(upload),
        who.token,
        upload["file_size"]
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(part).unwrap();
    let is_taken =
        || async { sql(&server.database, "select count(*) from uploads where taken_until > 0") == "1" };
    eventually("somebody sends", Duration::from_secs(5), is_taken).await;
    stream
}

#[tokio::test]
async fn bad_uploads_are_refused_and_old_ones_forgotten() {
    let server = Server::with(&[("FILES__MAX_SIZE", "1000"), ("FILES__QUOTA", "1500")]).await;
    let ([ann, _, eve], _, channel) = cast(&server).await;
    let new = |size: i64| json!({"channel_id": channel, "filename": "a", "file_size": size});
    for size in [0, -1] {
        ann.post("/uploads", new(size)).await.refused(400, "api.context.invalid_body_param.app_error");
    }
    ann.post("/uploads", new(1001)).await.refused(413, "api.file.upload_file.too_large_detailed.app_error");
    eve.post("/uploads", new(10)).await.refused(403, "api.context.permissions.app_error");
    ann.get(&format!("/uploads/{NOBODY}")).await.fails(404);
    ann.get("/uploads/junk").await.fails(400);
    // What does not fit any more when it ends leaves nothing.
    let (one, two) = (opens(&ann, &channel, 1000).await, opens(&ann, &channel, 1000).await);
    continues(&ann, &one, &[1; 1000]).await.is(201);
    continues(&ann, &two, &[2; 1000]).await.refused(413, "api.file.upload_file.quota.app_error");
    assert_eq!((objects(server.data()), ann.get("/users/me/uploads").await.is(200)), (1, json!([])));
    let old = opens(&ann, &channel, 100).await;
    assert_eq!(continues(&ann, &old, &[3; 10]).await.status, 204);
    assert_eq!(objects(server.data()), 2);
    sql(&server.database, "update files set create_at = create_at - 86500000 where not is_ready");
    let is_swept = || async {
        sql(&server.database, "update tasks set not_before = 0, leased_until = 0 where kind = 'files'");
        objects(server.data()) == 1
    };
    eventually("the part is gone", Duration::from_secs(10), is_swept).await;
    continues(&ann, &old, &[3; 90]).await.fails(404);
    for _ in 0..20 {
        opens(&ann, &channel, 10).await;
    }
    ann.post("/uploads", new(10)).await.refused(400, "api.upload.create.too_many.app_error");
}

/// Sends `size` bytes as the body of an upload, a piece at a time; the answer's status line.
fn sends(base: &str, who: &Person, channel: &str, size: usize) -> String {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v4/files?channel_id={channel}&filename=huge.bin HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Bearer {}\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n",
        who.token
    );
    stream.write_all(head.as_bytes()).unwrap();
    let piece = bytes(1024 * 1024);
    for _ in 0..size / piece.len() {
        stream.write_all(&piece).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_large_file_takes_little_memory() {
    let s3 = S3::start();
    let mut settings = s3.settings();
    settings.push(("FILES__MAX_SIZE", (1024 * MIB).to_string()));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    for settings in [&settings[..], &settings[settings.len() - 1..]] {
        let server = Server::with(settings).await;
        let ([ann, ..], _, channel) = cast(&server).await;
        ann.brings(&channel, "first.bin", &bytes(MIB)).await;
        let idle = server.memory();
        let (base, who) = (server.base.clone(), ann.clone());
        let sending = std::thread::spawn(move || sends(&base, &who, &channel, 128 * MIB));
        let mut most = idle;
        while !sending.is_finished() {
            most = most.max(server.memory());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(sending.join().unwrap().contains("201"));
        let most = (most - idle) / 1024 / 1024;
        assert!(most < 64, "{most} MiB above idle");
    }
}

#[tokio::test]
async fn many_come_at_once_and_none_is_broken() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, bob, _], _, channel) = cast(&server).await;
        let contents: Vec<Vec<u8>> = (0..24_usize).map(|n| bytes(1_500_000 + n * 77)).collect();
        let bring = |(n, content): (usize, &Vec<u8>)| {
            let (who, channel, content) =
                (if n % 2 == 0 { &ann } else { &bob }, channel.clone(), content.clone());
            async move { (who, who.brings(&channel, &format!("{n}.bin"), &content).await) }
        };
        let brought = futures_util::future::join_all(contents.iter().enumerate().map(bring)).await;
        for ((who, file), content) in brought.iter().zip(&contents) {
            let got = who.downloads(&format!("/files/{}", id(file)), &[]).await;
            assert!(got.status == 200 && &got.bytes == content, "{file}");
        }
    }
}
