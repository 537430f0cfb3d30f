//! The set-up of each connection that a client opens.

use std::any::Any;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;

use crate::api::connection::Connections;
use crate::config::{Networks, Settings};
use crate::supervisor::{Spec, Supervisor};

/// The time after which a client that does not acknowledge sent data loses its connection.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);

/// The interval between two sweeps of idle connections.
const ROUND: Duration = Duration::from_secs(2);

/// The callback for each new connection: it ends when its other side is gone, or idles for too long; small messages are
/// sent at once; and connections above the limit of an address are closed. Starts the sweep.
pub(super) fn keep(
    settings: &Settings,
    supervisor: &Supervisor,
) -> impl Fn(&dyn Any, &mut Extensions) + Clone + Send + Sync + 'static {
    let most = if settings.limits.enabled { settings.limits.connections_per_address } else { 0 };
    let connections = Connections::new(most);
    let (watched, proxies) = (connections.clone(), settings.server.trusted_proxies.clone());
    let idle = settings.server.idle_seconds + settings.server.head_seconds;
    let idle = Duration::from_secs(idle.into());
    supervisor.start(Spec::task("idle_connections"), move |_| sweep(watched.clone(), idle));
    move |socket, data| take(socket, data, &connections, &proxies)
}

async fn sweep(connections: Arc<Connections>, idle: Duration) {
    loop {
        tokio::time::sleep(ROUND).await;
        let ended = connections.sweep(idle, Instant::now());
        if ended > 0 {
            tracing::debug!(ended, "connections ended on which nothing was asked");
        }
    }
}

fn take(socket: &dyn Any, data: &mut Extensions, connections: &Arc<Connections>, proxies: &Networks) {
    let plain = socket.downcast_ref::<TcpStream>();
    let inside = || socket.downcast_ref::<TlsStream<TcpStream>>().map(|tls| tls.get_ref().0);
    let Some(stream) = plain.or_else(inside) else { return };
    let socket = SockRef::from(stream);
    let ready = socket
        .set_tcp_user_timeout(Some(TCP_USER_TIMEOUT))
        .and_then(|()| socket.set_tcp_nodelay(true))
        .and_then(|()| socket.try_clone());
    let ours = match ready {
        Ok(ours) => ours,
        Err(error) => return tracing::debug!(%error, "a connection ended before it began"),
    };
    let counted = stream.peer_addr().ok().map(|peer| peer.ip()).filter(|ip| !proxies.contain(*ip));
    match connections.admit(ours, counted) {
        Some(connection) => drop(data.insert(connection)),
        None => {
            tracing::debug!("one connection too many of an address");
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
