//! Bodies that are made to harm: small ones that would become large, and ones that never end. What they cost the server
//! in memory, and how long they stay.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;

use crate::load::report::{Latencies, Report};
use crate::load::server::Server;
use crate::load::stream::Stream;
use crate::load::{Bench, Outcome};

/// Bombs at once, and what each would become.
const BOMBS: usize = 30;
const MEGABYTES: usize = 512;

/// Bodies that were begun.
const BEGUN: usize = 300;

/// The memory that bombs may cost altogether.
const MOST: u64 = 64 << 20;

/// As the settings have it, and a little.
const STAYS: Duration = Duration::from_secs(33);

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("bodies that are made to harm");
    let server = Server::launch(&bench.cluster, &[("RUSTCHAT__SERVER__BIND", "127.0.0.1:0")])?;
    let (before, packed) = (server.memory()?, bomb()?);
    report.fact("a bomb, on the wire", format!("{} kB", packed.len() / 1000));
    join_all((0..BOMBS).map(|_| throw(&server, &packed))).await;
    let (after, peak) = (server.memory()?, server.peak()?);
    report.fact("memory before", megabytes(before));
    report.fact(format!("memory after {BOMBS} bombs at once"), megabytes(after));
    report.aim("  at most, meanwhile", megabytes(peak), "+ 64 MB", peak < before + MOST);
    let stayed = join_all((0..BEGUN).map(|_| begin(&server))).await;
    let stayed = Latencies::new(stayed.into_iter().collect::<Outcome<_>>()?);
    let longest = stayed.percentile(100);
    report.aim(
        format!("{BEGUN} bodies that never end stay"),
        format!("{:.1} to {:.1} s", stayed.percentile(0).as_secs_f64(), longest.as_secs_f64()),
        "< 33 s",
        longest < STAYS,
    );
    Ok(())
}

fn bomb() -> Outcome<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..MEGABYTES {
        gzip.write_all(&[b' '; 1 << 20])?;
    }
    Ok(gzip.finish()?)
}

/// Sends a bomb and waits for the end of the connection: who is refused may be cut off while sending.
async fn throw(server: &Server, packed: &[u8]) {
    let head = head(&format!("Content-Encoding: gzip\r\nContent-Length: {}", packed.len()));
    if let Ok(mut stream) = Stream::open(server.address()).await
        && stream.write(head.as_bytes()).await.is_ok()
        && stream.write(packed).await.is_ok()
    {
        let _ = stream.fill().await;
    }
}

/// Sends the beginning of a body; how long the connection stays.
async fn begin(server: &Server) -> Outcome<Duration> {
    let mut stream = Stream::open(server.address()).await?;
    stream.write(format!("{}{{\"login_id\":", head("Content-Length: 100")).as_bytes()).await?;
    let begun = Instant::now();
    while stream.fill().await.is_ok() {}
    Ok(begun.elapsed())
}

fn head(framing: &str) -> String {
    format!(
        "POST /api/v4/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}
