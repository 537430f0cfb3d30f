//! Finding files by name and by what is written in them, and giving them to people without an account.

use std::time::Duration;

use serde_json::{Value, json};

use super::{cast, path, png};
use crate::support::cluster::sql;
use crate::support::s3::S3;
use crate::support::{Person, Server, eventually, id, text, visitor};

/// A PDF of one page with one line.
fn pdf(line: &str) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 50 700 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (n, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).as_bytes());
    }
    let end =
        format!("xref\n0 6\n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", file.len());
    file.extend(end.as_bytes());
    file
}

async fn finds(who: &Person, team: &str, terms: &str) -> Vec<String> {
    let found = who.post(&format!("/teams/{team}/files/search"), json!({"terms": terms})).await.is(200);
    let name = |id: &Value| text(&found["file_infos"][id.as_str().unwrap()], "name");
    found["order"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn files_are_found_by_name_and_by_what_is_written_in_them() {
    let server = Server::start().await;
    let ([ann, bob, eve], team, channel) = cast(&server).await;
    let here = ann.brings(&channel, "quarterly-report_2026.txt", b"the otters are doing well").await;
    let picture = ann.brings(&channel, "otter.png", &png(20, 20)).await;
    let document = bob.brings(&channel, "minutes.pdf", &pdf("Decision about badgers")).await;
    let unposted = ann.brings(&channel, "secret-otter.txt", b"not posted").await;
    ann.posts_files(&channel, "one", &[&here]).await;
    ann.posts_files(&channel, "two", &[&picture]).await;
    bob.posts_files(&channel, "three", &[&document]).await;
    for (terms, names) in [
        ("report", vec!["quarterly-report_2026.txt"]),
        ("quarterly-report_2026.txt", vec!["quarterly-report_2026.txt"]),
        ("otters", vec!["quarterly-report_2026.txt"]),
        ("\"are doing\"", vec!["quarterly-report_2026.txt"]),
        ("ott*", vec!["otter.png", "quarterly-report_2026.txt"]),
        ("ott* ext:png", vec!["otter.png"]),
        ("ott* -ext:png", vec!["quarterly-report_2026.txt"]),
        ("from:bob", vec!["minutes.pdf"]),
        ("in:files ext:txt", vec!["quarterly-report_2026.txt"]),
        ("minutes -report", vec!["minutes.pdf"]),
        ("before:2020-01-01 otter", vec![]),
        ("nonsense", vec![]),
    ] {
        assert_eq!(finds(&ann, &team, terms).await, names, "{terms}");
        assert_eq!(finds(&bob, &team, terms).await, names, "{terms}");
    }
    let read = || async { finds(&ann, &team, "badgers").await == ["minutes.pdf"] };
    eventually("the document is read", Duration::from_secs(20), read).await;
    let everywhere = eve.post("/files/search", json!({"terms": "otter"})).await.is(200);
    assert_eq!(everywhere["order"], json!([]));
    let mine = ann.post("/files/search", json!({"terms": "otter"})).await.is(200);
    assert_eq!(mine["order"], json!([picture["id"]]));
    eve.post(&format!("/teams/{team}/files/search"), json!({"terms": "otter"})).await.fails(403);
    ann.post("/files/search", json!({"terms": ""}))
        .await
        .refused(400, "api.context.invalid_body_param.app_error");
    // Who leaves the channel finds nothing of it any more.
    ann.delete(&format!("/channels/{channel}/members/{}", bob.id)).await.is(200);
    assert_eq!(finds(&bob, &team, "ott*").await, Vec::<String>::new());
    ann.get(&path(&unposted)).await;
}

#[tokio::test]
async fn documents_that_are_made_to_harm_are_found_by_their_names() {
    let server = Server::start().await;
    let ([ann, ..], team, channel) = cast(&server).await;
    let deep = [b"%PDF-1.4\n1 0 obj\n".to_vec(), b"[".repeat(200_000), b"\nendobj\n".to_vec()].concat();
    let mut endless = pdf("loop");
    let kids = endless.windows(5).position(|w| w == b"3 0 R").unwrap();
    endless[kids] = b'2';
    let mut huge = pdf("huge");
    let length = huge.windows(8).position(|w| w == b"/Length ").unwrap();
    huge[length + 8] = b'9';
    for (name, bytes) in
        [("deep.pdf", deep), ("endless.pdf", endless), ("huge.pdf", huge), ("cut.pdf", b"%PDF-".to_vec())]
    {
        let file = ann.brings(&channel, name, &bytes).await;
        ann.posts_files(&channel, name, &[&file]).await;
        assert_eq!(finds(&ann, &team, name).await, [name]);
    }
    let read =
        || async { sql(&server.database, "select count(*) from tasks where kind = 'document'") == "0" };
    eventually("each was tried", Duration::from_secs(60), read).await;
    ann.posts(&channel, "and the server goes on").await;
}

#[tokio::test]
async fn public_links_are_for_everybody_until_they_are_ended() {
    let server = Server::with(&[("FILES__PUBLIC_LINKS", "true")]).await;
    let ([ann, bob, eve], _, channel) = cast(&server).await;
    let file = ann.brings(&channel, "public.txt", b"for everybody").await;
    let link = format!("{}/link", path(&file));
    ann.get(&link).await.refused(400, "api.file.get_public_link.no_post.app_error");
    ann.posts_files(&channel, "", &[&file]).await;
    eve.get(&link).await.fails(403);
    let address = text(&bob.get(&link).await.is(200), "link");
    assert_eq!(address, text(&ann.get(&link).await.is(200), "link"));
    let lured = bob.request(reqwest::Method::GET, &link).header("x-forwarded-host", "evil.example");
    let lured = lured.header("x-forwarded-proto", "https").header("forwarded", "host=evil.example");
    assert_eq!(text(&crate::support::Answer::of(lured).await.is(200), "link"), address);
    let (_, at) = address.split_once("/api/v4").unwrap();
    let stranger = visitor(&server.base);
    let got = stranger.downloads(at, &[]).await;
    assert_eq!((got.status, got.bytes.as_slice()), (200, &b"for everybody"[..]));
    assert!(got.header("content-disposition").starts_with("attachment"));
    let invalid = "api.file.get_file.public_invalid.app_error";
    for forged in [&at[..at.len() - 1], &format!("{at}x"), &format!("/files/{}/public", id(&file))] {
        stranger.get(forged).await.refused(400, invalid);
    }
    let other = ann.brings(&channel, "other.txt", b"not public").await;
    let (_, digest) = at.split_once("h=").unwrap();
    stranger.get(&format!("/files/{}/public?h={digest}", id(&other))).await.refused(400, invalid);
    bob.delete(&link).await.fails(403);
    ann.delete(&link).await.is(200);
    stranger.get(at).await.refused(400, invalid);
    let again = text(&ann.get(&link).await.is(200), "link");
    assert_ne!(again, address);
    let noted = "select count(*) from audits where action = '/api/v4/files/link'";
    assert_eq!(sql(&server.database, noted), "5");
}

#[tokio::test]
async fn public_links_are_off_unless_they_are_allowed() {
    let server = Server::start().await;
    let ([ann, ..], _, channel) = cast(&server).await;
    let file = ann.brings(&channel, "a.txt", b"a").await;
    ann.posts_files(&channel, "", &[&file]).await;
    let off = "api.file.get_public_link.disabled.app_error";
    ann.get(&format!("{}/link", path(&file))).await.refused(501, off);
    visitor(&server.base).get(&format!("{}/public?h=x", path(&file))).await.refused(501, off);
    let config = ann.get("/config/client?format=old").await.is(200);
    assert_eq!(text(&config, "EnablePublicLink"), "false");
}

#[tokio::test]
async fn a_download_may_be_sent_to_the_bucket_itself() {
    let s3 = S3::start();
    let mut settings = s3.settings();
    settings.push(("FILES__REDIRECT_SECONDS", "60".to_owned()));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let server = Server::with(&settings).await;
    let ([ann, _, eve], _, channel) = cast(&server).await;
    let file = ann.brings(&channel, "a.txt", b"from the bucket").await;
    // The client follows, and does not tell the bucket who it is.
    let got = ann.downloads(&path(&file), &[]).await;
    assert_eq!((got.status, got.bytes.as_slice()), (200, &b"from the bucket"[..]));
    assert!(got.header("content-disposition").starts_with("attachment"), "as we say, from there");
    assert_eq!(
        (got.header("content-type").as_str(), got.header("x-request-id").len()),
        ("text/plain; charset=utf-8", 0)
    );
    eve.get(&path(&file)).await.fails(403);
}
