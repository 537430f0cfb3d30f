//! A link that a test can cut: whoever connects to the proxy is carried on to the target.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// Bytes that a link takes in at once.
const BUFFER: usize = 64 * 1024;

/// Where a proxy leads.
#[derive(Clone)]
pub(crate) enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Carries everything.
    Whole,
    /// Ends what is open, and whatever is opened.
    Cut,
    /// Takes bytes and holds them back, as a network that drops packets does. Made whole, it delivers them.
    Stalled,
}

/// A proxy on 127.0.0.1. It works in the background until it is dropped.
pub(crate) struct Proxy {
    /// Where it is reached.
    pub(crate) address: SocketAddr,
    link: watch::Sender<Link>,
    work: tokio::task::JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn to(target: Target) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (link, links) = watch::channel(Link::Whole);
        Self {
            address: listener.local_addr().unwrap(),
            link,
            work: tokio::spawn(accept(listener, target, links)),
        }
    }

    pub(crate) fn becomes(&self, link: Link) {
        self.link.send_replace(link);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.work.abort();
    }
}

async fn accept(listener: TcpListener, target: Target, link: watch::Receiver<Link>) {
    while let Ok((near, _)) = listener.accept().await {
        tokio::spawn(carry(near, target.clone(), link.clone()));
    }
}

/// One connection, until an end closes it or the link is cut.
async fn carry(near: TcpStream, target: Target, mut link: watch::Receiver<Link>) -> io::Result<()> {
    let traffic = connect(near, target, link.clone());
    tokio::select! {
        _ = link.wait_for(|link| *link == Link::Cut) => Ok(()),
        end = traffic => end,
    }
}

async fn connect(near: TcpStream, target: Target, link: watch::Receiver<Link>) -> io::Result<()> {
    near.set_nodelay(true)?;
    match target {
        Target::Tcp(address) => {
            let far = TcpStream::connect(address).await?;
            far.set_nodelay(true)?;
            both_ways(near, far, link).await
        }
        Target::Unix(path) => both_ways(near, UnixStream::connect(path).await?, link).await,
    }
}

async fn both_ways(
    near: TcpStream,
    far: impl AsyncRead + AsyncWrite,
    link: watch::Receiver<Link>,
) -> io::Result<()> {
    let ((near_in, near_out), (far_in, far_out)) = (tokio::io::split(near), tokio::io::split(far));
    tokio::try_join!(pump(near_in, far_out, link.clone()), pump(far_in, near_out, link))?;
    Ok(())
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut link: watch::Receiver<Link>,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = from.read(&mut buffer).await?;
        link.wait_for(|link| *link != Link::Stalled).await.map_err(io::Error::other)?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..length]).await?;
    }
}
