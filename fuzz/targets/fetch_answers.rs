//! The whole exchange with a site that answers whatever the fuzzer makes up: status, headers, redirects, body. It ends
//! with a bounded answer from an allowed address or with an error, and soon. The site is a socket of this process.

#![no_main]

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fetcher::{Addresses, Call, Fetcher, Longer, Lookup, Options};
use libfuzzer_sys::{Corpus, fuzz_target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The most bytes of a body.
const MOST: usize = 64;

/// The exchanges at one port: closed connections keep their pair of ports for a while, and there are some thousands.
const EXCHANGES: u32 = 4000;

thread_local! {
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
}

fuzz_target!(|answer: &[u8]| -> Corpus {
    SITE.with_borrow_mut(|site| {
        site.take_if(|site| site.left == 0);
        site.get_or_insert_with(Site::open).exchange(answer)
    })
});

/// A site at a port of its own, and a client that may call that port alone.
struct Site {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    fetcher: Fetcher,
    left: u32,
}

impl Site {
    fn open() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let ports = address.port().to_string();
        let options = Options { agent: "fuzz", ports: &ports, inner_networks: "127.0.0.1" };
        let fetcher = Fetcher::with_lookup(&options, Arc::new(NoNames)).expect("valid options");
        Self { runtime, listener, address, fetcher, left: EXCHANGES }
    }

    fn exchange(&mut self, answer: &[u8]) -> Corpus {
        if names(answer, self.address.port()) {
            return Corpus::Reject;
        }
        self.left -= 1;
        let url = format!("http://{}/", self.address);
        for longer in [Longer::Cut, Longer::Refuse] {
            let call =
                Call { most_bytes: MOST, longer, time: Duration::from_secs(2), ..Call::get(&url, "*/*") };
            let called = self.runtime.block_on(async {
                tokio::select! {
                    called = self.fetcher.call(call) => called,
                    () = serve(&self.listener, answer) => unreachable!(),
                }
            });
            if let Ok(fetched) = called {
                assert!(fetched.body.len() <= MOST);
                assert_eq!(fetched.url.port(), Some(self.address.port()), "{}", fetched.url);
                assert_eq!(fetched.url.host_str(), Some("127.0.0.1"), "{}", fetched.url);
            }
        }
        Corpus::Keep
    }
}

/// Answers every connection with the same bytes.
async fn serve(listener: &TcpListener, answer: &[u8]) {
    loop {
        let Ok((mut socket, _)) = listener.accept().await else { continue };
        let _request = socket.read(&mut [0; 1024]).await;
        let _sent = socket.write_all(answer).await;
    }
}

/// Whether an answer may name the port, and so another machine with the port that is allowed: nothing leaves this one.
fn names(answer: &[u8], port: u16) -> bool {
    let digits: String = answer.iter().filter(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
    digits.contains(&port.to_string())
}

/// A resolver that knows no name.
struct NoNames;

impl Lookup for NoNames {
    fn lookup(&self, _name: String) -> Addresses {
        Box::pin(async { Err(io::Error::other("no such name")) })
    }
}
