//! Uploads that are cut off, by their sender or by the storage, leave nothing behind.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use super::{both, cast};
use crate::chaos::storage_cut::cut_storage;
use crate::support::cluster::sql;
use crate::support::s3::{S3, below};
use crate::support::{Person, Server, eventually};

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
    let noticed = cut_storage(Duration::from_secs(3)).await;
    println!("{noticed}");
    // Others use the machine meanwhile.
    assert!(noticed.is_good(Duration::from_secs(3)), "{noticed}");
}
