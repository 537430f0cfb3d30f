//! What strangers' texts cost: a page that is nothing but `&`, and posts that are nothing but beginnings of addresses.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use super::people::time;
use crate::load::http::Http;
use crate::load::report::{Report, millis};
use crate::load::server::Server;
use crate::load::stream::text_after;
use crate::load::{Bench, Outcome};

/// Posts of a page that is read.
const POSTS: usize = 200;

/// Settings of a server that may look at a page on this machine.
const MAY_CALL: [(&str, &str); 3] = [
    ("RUSTCHAT__SERVER__BIND", "127.0.0.1:0"),
    ("RUSTCHAT__FETCH__PORTS", ""),
    ("RUSTCHAT__FETCH__INNER_NETWORKS", "127.0.0.1/32"),
];

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("texts that are made to be dear");
    page(bench, report).await?;
    posts(bench, report).await
}

/// A page of 500 KB, and how long others wait meanwhile.
async fn page(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let server = Server::launch(&bench.cluster, &MAY_CALL)?;
    let site = site()?;
    let mut asker = Http::open(server.address(), bench.house.founder()).await?;
    let mut other = Http::open(server.address(), bench.house.founder()).await?;
    let body = format!(r#"{{"url":"http://{site}/"}}"#);
    let begun = Instant::now();
    let waiting = async {
        let mut longest = std::time::Duration::ZERO;
        for _ in 0..50 {
            let begun = Instant::now();
            other.expect(200, "GET", "/users/me", "").await?;
            longest = longest.max(begun.elapsed());
        }
        Outcome::Ok(longest)
    };
    let asking = async {
        asker.expect(200, "POST", "/opengraph", &body).await?;
        Outcome::Ok(begun.elapsed())
    };
    let (took, longest) = tokio::try_join!(asking, waiting)?;
    report.fact("a page of 500 KB of &, until it is shown", millis(took));
    report.fact("  the longest that somebody else waits", millis(longest));
    Ok(())
}

/// Answers every request with the page.
fn site() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        let page = format!("<title>{}</title>", "&".repeat(500_000));
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
                page.len()
            );
            // Whoever is gone needs no page.
            drop(stream.read(&mut request).and_then(|_| stream.write_all((head + &page).as_bytes())));
        }
    });
    Ok(address)
}

async fn posts(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let channel = bench.house.channel(&bench.server, "texts").await?;
    let mut http = Http::open(bench.server.address(), bench.house.founder()).await?;
    let new = format!(r#"{{"channel_id":"{channel}","message":"{}"}}"#, "http:// ".repeat(2047));
    for _ in 0..POSTS {
        http.expect(201, "POST", "/posts", &new).await?;
    }
    let page = format!("/channels/{channel}/posts?per_page={POSTS}");
    let before = bench.server.cpu()?;
    let times = time(&mut http, &page, 10).await?;
    let cpu = (bench.server.cpu()? - before) / 10.0;
    report.fact(format!("a page of {POSTS} posts of `http:// ` × 2047"), times.describe());
    report.fact("  CPU of the server each time", format!("{:.1} ms", cpu * 1e3));
    let new = format!(r#"{{"channel_id":"{channel}","message":"good morning, how is everybody?"}}"#);
    let answer = http.expect(201, "POST", "/posts", &new).await?;
    text_after(answer.body, r#""id":""#).ok_or("a post without id")?;
    Ok(())
}
