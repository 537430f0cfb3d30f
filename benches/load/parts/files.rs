//! Large files: one of a gibibyte up and down, with the memory that it takes, and many at once, on the folder and on an
//! S3 server. Every byte is compared by its hash.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rustchat::wire::ChannelId;
use sha2::{Digest, Sha256};

use crate::load::house::Person;
use crate::load::report::Report;
use crate::load::server::Server;
use crate::load::shared::s3::S3;
use crate::load::stream::{Stream, text_after};
use crate::load::{Bench, Outcome};

const PIECE: usize = 1024 * 1024;
const LARGE: usize = 1024 * PIECE;

/// Files that come at once, and the bytes of each.
const MANY: usize = 200;
const EACH: usize = 5_000_000;

/// People who send them.
const SENDERS: usize = 20;

/// Memory above idle that one large file may take.
const MOST: u64 = 64 * 1024 * 1024;

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let channel = bench.house.channel(&bench.server, "files").await?;
    let people = bench.house.members(&bench.cluster, channel, SENDERS).await?;
    let s3 = S3::start();
    let mut settings: Vec<(String, String)> = vec![
        ("RUSTCHAT__FILES__MAX_SIZE".into(), (2 * LARGE).to_string()),
        ("RUSTCHAT__SERVER__BIND".into(), "127.0.0.1:0".into()),
    ];
    for kind in ["folder", "S3"] {
        if kind == "S3" {
            settings.extend(s3.settings().into_iter().map(|(k, v)| (format!("RUSTCHAT__{k}"), v)));
        }
        let borrowed: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let server = Server::launch(&bench.cluster, &borrowed)?;
        report.title(format!("files in the {kind}"));
        let sender = people.first().ok_or("nobody to send")?;
        large(&server, sender, channel, report).await?;
        many(&server, &people, channel, report).await?;
    }
    Ok(())
}

async fn large(server: &Server, who: &Person, channel: ChannelId, report: &mut Report) -> Outcome<()> {
    let idle = server.memory()?;
    let begun = Instant::now();
    let watched = watched(server, upload(server, who, channel, 1, LARGE)).await?;
    let (file, sent) = watched.0?;
    tell(report, "1 GiB up", begun.elapsed(), watched.1.saturating_sub(idle));
    let begun = Instant::now();
    let watched = self::watched(server, download(server, who, &file)).await?;
    tell(report, "1 GiB down", begun.elapsed(), watched.1.saturating_sub(idle));
    report.must("  what came down is what went up", "", watched.0? == sent);
    Ok(())
}

fn tell(report: &mut Report, what: &str, took: Duration, memory: u64) {
    report.fact(format!("{what}, seconds"), format!("{:.1}", took.as_secs_f64()));
    let mib = format!("{} MiB", memory / 1024 / 1024);
    report.aim("  server's memory above idle", mib, "< 64 MiB", memory < MOST);
}

async fn many(server: &Server, people: &[Person], channel: ChannelId, report: &mut Report) -> Outcome<()> {
    let begun = Instant::now();
    let senders = people.iter().cycle().take(MANY).enumerate();
    let sent = join_all(senders.map(|(n, who)| upload(server, who, channel, n, EACH))).await;
    let took = begun.elapsed();
    let mut broken = 0;
    for (outcome, who) in sent.into_iter().zip(people.iter().cycle()) {
        let is_whole = match outcome {
            Ok((file, hash)) => download(server, who, &file).await? == hash,
            Err(_) => false,
        };
        broken += usize::from(!is_whole);
    }
    report.fact(format!("{MANY} files of 5 MB at once, seconds"), format!("{:.1}", took.as_secs_f64()));
    report.must("  refused or broken", broken.to_string(), broken == 0);
    Ok(())
}

/// What came of it, and the most memory that the server had meanwhile.
async fn watched<T>(server: &Server, work: impl Future<Output = T>) -> Outcome<(T, u64)> {
    tokio::pin!(work);
    let mut most = server.memory()?;
    let mut look = tokio::time::interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            done = &mut work => return Ok((done, most)),
            _ = look.tick() => most = most.max(server.memory()?),
        }
    }
}

/// Sends a file that differs from others by `seed`; its identifier and its hash.
async fn upload(
    server: &Server,
    who: &Person,
    channel: ChannelId,
    seed: usize,
    size: usize,
) -> Outcome<(String, String)> {
    let mut stream = Stream::open(server.address()).await?;
    let head = format!(
        "POST /api/v4/files?channel_id={channel}&filename={seed}.bin HTTP/1.1\r\nHost: bench\r\n\
         Authorization: Bearer {}\r\nContent-Length: {size}\r\n\r\n",
        who.token
    );
    stream.write(head.as_bytes()).await?;
    let piece: Vec<u8> = (0..PIECE).map(|i| u8::try_from((i * i + seed) % 251).unwrap_or(0)).collect();
    let mut hash = Sha256::new();
    let mut left = size;
    while left > 0 {
        let part = piece.get(..left.min(PIECE)).unwrap_or_default();
        hash.update(part);
        stream.write(part).await?;
        left -= part.len();
    }
    loop {
        let answer = String::from_utf8_lossy(stream.unread()).into_owned();
        if let Some(id) = text_after(&answer, r#""id":""#) {
            let is_made = answer.starts_with("HTTP/1.1 201");
            return if is_made { Ok((id.to_owned(), hex(hash))) } else { Err(answer.into()) };
        }
        stream.fill().await?;
    }
}

/// Fetches a file; its hash.
async fn download(server: &Server, who: &Person, file: &str) -> Outcome<String> {
    let mut stream = Stream::open(server.address()).await?;
    let head = format!(
        "GET /api/v4/files/{file} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n",
        who.token
    );
    stream.write(head.as_bytes()).await?;
    let mut left = loop {
        let unread = stream.unread();
        if let Some(end) = unread.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(unread.get(..end).unwrap_or_default()).into_owned();
            let length = crate::load::http::header(&head, "content-length").and_then(|v| v.parse().ok());
            stream.consume(end + 4);
            break length.ok_or_else(|| io::Error::other("a file of unknown length"))?;
        }
        stream.fill().await?;
    };
    let mut hash = Sha256::new();
    while left > 0 {
        let came = stream.unread().len().min(left);
        hash.update(stream.unread().get(..came).unwrap_or_default());
        stream.consume(came);
        left -= came;
        if left > 0 {
            stream.fill().await?;
        }
    }
    Ok(hex(hash))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
