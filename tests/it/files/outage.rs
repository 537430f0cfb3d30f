//! Uploads that are cut off, and a storage that goes away: nothing half-written is served, and people go on talking.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{both, cast, path};
use crate::support::cluster::sql;
use crate::support::s3::{S3, below};
use crate::support::{Person, Server, eventually, number};

/// Begins an upload of a megabyte more than it sends, and hangs up.
fn hangs_up(server: &Server, who: &Person, channel: &str, sent: usize) {
    let address = server.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = sent + 1_000_000;
    let head = format!(
        "POST /api/v4/files?channel_id={channel}&filename=cut.bin HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Bearer {}\r\ncontent-length: {length}\r\n\r\n",
        who.token
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![7; sent]).unwrap();
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_neither_row_nor_bytes() {
    let s3 = S3::start();
    for server in both(&s3).await {
        let ([ann, ..], _, channel) = cast(&server).await;
        ann.brings(&channel, "whole.txt", b"whole").await;
        for sent in [0, 1000, 300_000, 6_000_000] {
            hangs_up(&server, &ann, &channel, sent);
            let noted = || async { sql(&server.database, "select count(*) from files") == "1" };
            eventually("no row is left", Duration::from_secs(10), noted).await;
        }
        ann.brings(&channel, "next.txt", b"and the next one works").await;
        let mut kept = s3.objects();
        below(&server.data().join("files"), &mut kept);
        assert_eq!(kept.len(), 2, "{kept:?}");
        ann.get("/users/me").await.is(200);
        s3.empty();
    }
}

#[tokio::test]
async fn while_the_storage_is_away_people_go_on_talking_and_files_wait() {
    let mut s3 = S3::start();
    let settings = s3.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mut server = Server::with(&settings).await;
    server.may_log_errors();
    let ([ann, bob, _], _, channel) = cast(&server).await;
    let before = ann.brings(&channel, "before.txt", b"before").await;
    ann.posts_files(&channel, "with a file", &[&before]).await;
    let large = vec![7_u8; 12_000_000];
    // It goes away in the middle of an upload.
    let (cut, ()) = futures_util::join!(ann.tries_to_bring(&channel, "large.bin", &large), async {
        let begun = || async { !s3.objects().iter().all(|path| !path.contains("part")) };
        eventually("a part has come", Duration::from_secs(20), begun).await;
        s3.stop();
    });
    cut.fails(503);
    let refused = ann.tries_to_bring(&channel, "small.txt", b"small").await;
    assert!(!refused.header("retry-after").is_empty());
    refused.fails(503);
    bob.get(&path(&before)).await.fails(503);
    let begun = Instant::now();
    for n in 0..20 {
        bob.posts(&channel, &format!("still here {n}")).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "talking is not slower: {:?}", begun.elapsed());
    let list = ann.reads_channel(&channel).await;
    assert!(list["order"].as_array().unwrap().len() > 20);
    s3.launch();
    assert_eq!(bob.downloads(&path(&before), &[]).await.bytes, b"before");
    let after = ann.brings(&channel, "after.bin", &large).await;
    assert_eq!(number(&after, "size"), 12_000_000);
    assert!(ann.downloads(&path(&after), &[]).await.bytes == large);
    assert_eq!(sql(&server.database, "select count(*) from files where is_ready"), "2");
}
