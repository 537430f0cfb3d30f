//! Hostile addresses, by their text, by what their names resolve to, and by the targets of redirects.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A resolver that answers from a list, and each time with the next one.
struct Told(Mutex<VecDeque<Vec<IpAddr>>>);

impl Lookup for Told {
    fn lookup(&self, _: String) -> Addresses {
        let next = self.0.lock().expect("unpoisoned").pop_front();
        Box::pin(async move { next.ok_or_else(|| std::io::Error::other("no such name")) })
    }
}

fn told(answers: &[&[&str]]) -> Arc<dyn Lookup> {
    let ips = |list: &&[&str]| list.iter().map(|ip| ip.parse().expect("an address")).collect();
    Arc::new(Told(Mutex::new(answers.iter().map(ips).collect())))
}

fn fetcher(inner: &str, answers: &[&[&str]]) -> Fetcher {
    let options = Options { agent: "test/1", ports: "", inner_networks: inner };
    Fetcher::with_lookup(&options, told(answers)).expect("rules")
}

/// Answers each connection with the next of `answers`, and counts them.
async fn site(answers: &'static [&'static str]) -> (SocketAddr, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let count = Arc::new(Mutex::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        for answer in answers.iter().cycle() {
            let Ok((mut socket, _)) = listener.accept().await else { return };
            *counted.lock().expect("unpoisoned") += 1;
            let mut head = [0; 4096];
            let _read = socket.read(&mut head).await;
            let _sent = socket.write_all(answer.as_bytes()).await;
        }
    });
    (address, count)
}

/// Addresses that are refused by their text alone.
const HOSTILE: [&str; 62] = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://１２７.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1:22/",
    "http:\\\\127.0.0.1\\",
    "http:/127.0.0.1/",
    "http:127.0.0.1",
    " http://127.0.0.1/ ",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.1.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.7/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://user:word@example.org/",
    "http://example.org@127.0.0.1/",
    "file:///etc/passwd",
    "ftp://example.org/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)",
];

#[test]
fn hostile_addresses_are_refused_by_their_text() {
    let guard = Guard::new("", "").expect("rules");
    for url in HOSTILE {
        assert!(matches!(guard.read(url), Err(FetchError::Refused(_))), "{url} is {:?}", guard.read(url));
    }
    let long = format!("http://example.org/{}", "a".repeat(2048));
    for url in ["", "http://", "//example.org", "example.org", &long] {
        assert!(matches!(guard.read(url), Err(FetchError::Refused(_))), "{url}");
    }
}

#[test]
fn public_addresses_may_be_called() {
    let guard = Guard::new("80, 443", "").expect("rules");
    for url in [
        "https://example.org/a?b=c#d",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]/",
        "http://[64:ff9b::8.8.8.8]/",
        "http://172.32.0.1/",
        "http://bücher.example/",
    ] {
        assert!(guard.read(url).is_ok(), "{url}");
    }
    assert_eq!(guard.read("https://example.org/#d").map(String::from), Ok("https://example.org/".to_owned()));
    assert_eq!(guard.read("http://example.org:8080/").err(), Some(FetchError::Refused("its port")));
}

#[test]
fn settings_are_read_strictly() {
    let refused = |ports, inner| Guard::new(ports, inner).expect_err("refused").to_string();
    assert_eq!(refused("80,x", ""), "x is no port");
    assert_eq!(refused("", "fd00::/8,10.0.0.0/33"), "10.0.0.0/33 is no network");
    let guard = Guard::new("", "10.1.0.0/16, fd00::/8").expect("rules");
    assert!(guard.read("http://10.1.2.3/").is_ok() && guard.read("http://[fd12::1]/").is_ok());
    assert!(guard.read("http://10.2.2.3/").is_err() && guard.read("http://127.0.0.1/").is_err());
}

/// Names that resolve to inner addresses, and a name that first resolved to an outer one: each is resolved when it is
/// connected to, and filtered there.
#[tokio::test]
async fn names_that_lead_inside_are_not_called() {
    let (site, called) = site(&["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret"]).await;
    for inside in
        ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "fe80::1", "0.0.0.0"]
    {
        let fetcher = fetcher("", &[&[inside]]);
        let url = format!("http://rebinding.example:{}/", site.port());
        let outcome = fetcher.call(Call::get(&url, "*/*")).await;
        assert!(matches!(outcome, Err(FetchError::NoAnswer(_))), "{inside}: {outcome:?}");
    }
    assert_eq!(*called.lock().expect("unpoisoned"), 0);
}

/// The name resolves to an allowed address the first time, and to an inner one when the redirect leads to it again.
#[tokio::test]
async fn a_name_that_changes_its_mind_is_filtered_again() {
    let answer = "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n";
    let (site, called) = site(Box::leak(Box::new([answer]))).await;
    let fetcher = fetcher("127.0.0.1/32", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://rebinding.example:{}/", site.port());
    assert!(matches!(fetcher.call(Call::get(&url, "*/*")).await, Err(FetchError::NoAnswer(_))));
    assert_eq!(*called.lock().expect("unpoisoned"), 1);
}

#[tokio::test]
async fn redirects_are_checked_like_addresses() {
    let leads = [
        "http://127.0.0.2/",
        "http://[::1]/",
        "http://169.254.169.254/",
        "http://2130706434/",
        "file:///etc/passwd",
        "//127.0.0.2/",
        "http://a:b@127.0.0.1/",
    ];
    for to in leads {
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
        let (site, _) = site(Box::leak(Box::new([&*answer.leak()]))).await;
        let outcome = fetcher("127.0.0.1/32", &[]).call(Call::get(&format!("http://{site}/"), "*/*")).await;
        assert!(matches!(outcome, Err(FetchError::Refused(_))), "{to}: {outcome:?}");
    }
    let (site, called) = site(&["HTTP/1.1 302 Found\r\nlocation: /round\r\ncontent-length: 0\r\n\r\n"]).await;
    let outcome = fetcher("127.0.0.1/32", &[]).call(Call::get(&format!("http://{site}/"), "*/*")).await;
    assert_eq!(outcome.err(), Some(FetchError::Unwanted("too many redirects")));
    assert_eq!(*called.lock().expect("unpoisoned"), 4);
    let guard = Guard::new("", "").expect("rules");
    let secure = Url::parse("https://example.org/").expect("an address");
    assert!(guard.follow(&secure, "http://example.org/").is_err());
    assert!(guard.follow(&secure, "https://example.com/").is_ok());
}

#[tokio::test]
async fn answers_are_bounded() {
    let long = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n0123456789";
    let told = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
    let packed = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx";
    let fetcher = fetcher("127.0.0.1/32", &[]);
    let call = |site: SocketAddr| format!("http://{site}/");
    let (url, _) = site(Box::leak(Box::new([long]))).await;
    let url = call(url);
    let cut = Call { most_bytes: 4, longer: Longer::Cut, ..Call::get(&url, "*/*") };
    assert_eq!(fetcher.call(cut.clone()).await.expect("its beginning").body.as_ref(), b"0123");
    let refused = fetcher.call(Call { longer: Longer::Refuse, ..cut.clone() }).await;
    assert_eq!(refused.err(), Some(FetchError::Unwanted("too long")));
    let typed = fetcher.call(Call { wanted: |t| t.starts_with("image/"), ..cut }).await;
    assert_eq!(typed.err(), Some(FetchError::Unwanted("another type")));
    for (answer, why) in [(told, "too long"), (packed, "compressed, which was not asked for")] {
        let (url, _) = site(Box::leak(Box::new([answer]))).await;
        assert_eq!(fetcher.call(Call::get(&call(url), "*/*")).await.err(), Some(FetchError::Unwanted(why)));
    }
}

/// A site that accepts the connection and sends nothing.
#[tokio::test]
async fn time_is_bounded() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let call = Call { time: Duration::from_millis(50), ..Call::get(&url, "*/*") };
    assert_eq!(fetcher("127.0.0.1/32", &[]).call(call).await.err(), Some(FetchError::Slow));
}
