//! Bodies of requests: bounded in bytes whatever they are encoded in, and in time however they are read. So are the
//! heads before them, and the connections.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::person::Answer;
use crate::support::{NOBODY, Person, Server, eventually, visitor};

const ENCODED: &str = "api.context.content_encoding.app_error";

const LATE: &str = "api.context.request_timeout.app_error";

/// What takes a body, below `/api/v4`, with an identifier that nobody has where one is asked for.
fn operations() -> Vec<(Method, String)> {
    let built = rustchat::api::operations().into_iter().filter(|o| o.method != "GET");
    // These end the session, or the account, without a body.
    let ends = |path: &str| ["logout", "revoke", "mote", "convert_to"].iter().any(|word| path.contains(word));
    let built = built.filter(move |o| !ends(o.path));
    let below = built.filter_map(|o| Some((o.method, o.path.strip_prefix("/api/v4")?)));
    let filled = |path: &str| {
        let parts = path.split('/').map(|part| match part {
            "{user_id}" => "me",
            part if part.starts_with('{') => NOBODY,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    };
    below.map(|(method, path)| (method.parse().unwrap(), filled(path))).collect()
}

/// So many zeros, a thousandth of that on the wire.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..megabytes {
        gzip.write_all(&[b' '; 1 << 20]).unwrap();
    }
    gzip.finish().unwrap()
}

/// A connection on which `words` were said.
async fn says(base: &str, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream
}

/// All that is heard until the server ends the connection, which must be within this time.
async fn last_words(mut stream: TcpStream, within: Duration) -> String {
    let mut heard = Vec::new();
    let end = timeout(within, stream.read_to_end(&mut heard)).await;
    let heard = String::from_utf8_lossy(&heard).into_owned();
    drop(end.unwrap_or_else(|_| panic!("still open: {heard}")));
    heard
}

/// A request whose body has only begun, of a known length or in chunks.
fn half(who: &Person, method: &Method, path: &str, kind: &str, framing: &str) -> String {
    let begun = if framing.starts_with("Content-Length") { "{\"a\":" } else { "5\r\n{\"a\":\r\n" };
    format!(
        "{method} /api/v4{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\n{framing}\r\n\r\n{begun}",
        who.token
    )
}

#[tokio::test]
async fn no_operation_takes_a_body_in_an_encoding() {
    let server = Server::start().await;
    let packed = bomb(1);
    for (method, path) in operations() {
        for who in [&server.admin, &visitor(&server.base)] {
            let request = who.request(method.clone(), &path).header("content-encoding", "gzip");
            let answer =
                Answer::of(request.header("content-type", "application/json").body(packed.clone())).await;
            answer.refused(415, ENCODED);
        }
    }
    let plain = server.admin.request(Method::POST, "/users/ids").header("content-encoding", "identity");
    Answer::of(plain.json(&json!([server.admin.id]))).await.is(200);
}

#[tokio::test]
async fn bombs_cost_no_memory() {
    let server = Server::start().await;
    let (packed, before) = (bomb(512), server.peak());
    join_all((0..30).map(|_| {
        let request = visitor(&server.base).request(Method::POST, "/users/login").body(packed.clone());
        let request = request.header("content-encoding", "gzip").header("content-type", "application/json");
        // The connection of one that is refused may be closed while it still sends.
        async move { drop(request.send().await) }
    }))
    .await;
    let grown = server.peak() - before;
    assert!(grown < 100 << 20, "{} MiB more", grown >> 20);
    server.admin.get("/users/me").await.is(200);
}

#[tokio::test]
async fn a_half_sent_body_ends_in_time_for_every_operation() {
    let server = Server::with(&[("SERVER__BODY_SECONDS", "1"), ("FILES__PUBLIC_LINKS", "true")]).await;
    let team = server.admin.makes_team("house").await;
    let mut begun = Vec::new();
    for (method, path) in operations() {
        for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
            for kind in ["application/json", "multipart/form-data; boundary=x"] {
                begun.push((method.clone(), path.clone(), kind, framing));
            }
        }
    }
    for (method, path, kind) in [
        (Method::POST, format!("/teams/{team}/image"), "multipart/form-data; boundary=x"),
        (Method::POST, "/files?filename=a.txt".to_owned(), "text/plain"),
    ] {
        begun.push((method, path, kind, "Content-Length: 100"));
    }
    let mut late = 0;
    for some in begun.chunks(60) {
        let ends = join_all(some.iter().map(|(method, path, kind, framing)| {
            let words = half(&server.admin, method, path, kind, framing);
            let base = server.base.clone();
            async move { last_words(says(&base, &words).await, Duration::from_secs(8)).await }
        }));
        for ((method, path, ..), heard) in some.iter().zip(ends.await) {
            assert!(heard.starts_with("HTTP/1.1 "), "{method} {path}: {heard}");
            late += usize::from(heard.starts_with("HTTP/1.1 408"));
        }
    }
    assert!(late > 100, "{late}");
}

#[tokio::test]
async fn readers_of_all_kinds_say_that_it_took_too_long() {
    let server = Server::with(&[("SERVER__BODY_SECONDS", "1")]).await;
    let team = server.admin.makes_team("house").await;
    let (json, form) = ("application/json", "multipart/form-data; boundary=x");
    for (path, kind) in [
        ("/users/login".to_owned(), json),
        ("/users".to_owned(), json),
        ("/posts".to_owned(), json),
        ("/emoji".to_owned(), form),
        ("/users/me/image".to_owned(), form),
        (format!("/teams/{team}/image"), form),
    ] {
        let words = half(&server.admin, &Method::POST, &path, kind, "Content-Length: 100");
        let heard = last_words(says(&server.base, &words).await, Duration::from_secs(8)).await;
        assert!(heard.starts_with("HTTP/1.1 408") && heard.contains(LATE), "{path}: {heard}");
    }
}

/// A byte from time to time is not enough: a small body has a time for all of it.
#[tokio::test]
async fn a_body_that_drips_ends_in_time() {
    let server = Server::with(&[("SERVER__BODY_SECONDS", "2")]).await;
    let words = half(&server.admin, &Method::POST, "/posts", "application/json", "Content-Length: 1000");
    let mut stream = says(&server.base, &words).await;
    let begun = Instant::now();
    let drip = async {
        while begun.elapsed() < Duration::from_secs(8) && stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    drip.await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_hold_its_connection() {
    let server = Server::start().await;
    for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        for (method, path) in
            [(Method::POST, "/nonsense"), (Method::GET, "/users/me"), (Method::PUT, "/users/me")]
        {
            let words = half(&visitor(&server.base), &method, path, "application/json", framing);
            let heard = last_words(says(&server.base, &words).await, Duration::from_secs(8)).await;
            assert!(heard.starts_with("HTTP/1.1 4"), "{method} {path} {framing}: {heard}");
        }
    }
}

/// Also of a connection's second request.
#[tokio::test]
async fn a_head_that_is_never_finished_ends_its_connection() {
    let server = Server::with(&[("SERVER__HEAD_SECONDS", "1"), ("SERVER__IDLE_SECONDS", "1")]).await;
    let ping = "GET /api/v4/system/ping HTTP/1.1\r\nHost: x\r\n";
    let first = last_words(says(&server.base, ping).await, Duration::from_secs(6)).await;
    assert!(first.starts_with("HTTP/1.1 408"), "{first}");
    let second =
        last_words(says(&server.base, &format!("{ping}\r\n{ping}")).await, Duration::from_secs(12)).await;
    assert!(second.starts_with("HTTP/1.1 200"), "{second}");
}

#[tokio::test]
async fn an_address_has_only_so_many_connections() {
    let limits = [("LIMITS__ENABLED", "true"), ("LIMITS__CONNECTIONS_PER_ADDRESS", "20")];
    let server = Server::with(&limits).await;
    let ping = "GET /api/v4/system/ping HTTP/1.1\r\nHost: x\r\n\r\n";
    let open =
        join_all((0..30).map(|_| TcpStream::connect(server.base.strip_prefix("http://").unwrap()))).await;
    let mut answered = 0;
    let mut kept = Vec::new();
    for stream in open {
        let (mut stream, mut buffer) = (stream.unwrap(), [0; 64]);
        drop(stream.write_all(ping.as_bytes()).await);
        let read = timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap();
        answered += usize::from(read.is_ok_and(|length| length > 0));
        kept.push(stream);
    }
    assert!((10..=20).contains(&answered), "{answered}");
    let neighbour = crate::support::person::visitor_from(&server.base, 2);
    neighbour.get("/system/ping").await.is(200);
    drop(kept);
    let room = || async { visitor(&server.base).request(Method::GET, "/system/ping").send().await.is_ok() };
    eventually("there is room again", Duration::from_secs(5), room).await;
}
