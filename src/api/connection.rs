//! The open connections of clients: the limit for each address, and the end of idle ones.
//!
//! The framework limits the time for the head of a connection's first request, and for a connection that is quite
//! silent. It limits neither the head of a later request nor the unread rest of a body; so a connection on which no
//! request runs for longer than the idle limit is shut down here. WebSockets are watched by their sessions.

use std::collections::HashMap;
use std::net::{IpAddr, Shutdown};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use socket2::Socket;

use crate::services::platform::limits::household;

/// The open connections of this node.
pub struct Connections {
    /// The most connections of one address; 0: no limit.
    per_address: u32,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    of_address: HashMap<IpAddr, u32>,
    watched: Vec<Weak<Connection>>,
}

/// A connection, for as long as it is open.
pub struct Connection {
    all: Arc<Connections>,
    address: Option<IpAddr>,
    life: Mutex<Life>,
}

struct Life {
    /// The socket to shut down; `None` once a WebSocket's session watches the connection.
    socket: Option<Socket>,
    running: u32,
    quiet_since: Instant,
}

/// A request that is being answered.
pub struct Running(Arc<Connection>);

impl Connections {
    /// A registry without any connection.
    pub fn new(per_address: u32) -> Arc<Self> {
        Arc::new(Self { per_address, open: Mutex::default() })
    }

    /// Registers a new connection, counted for its address if there is one; `None` if the address has too many.
    pub fn admit(self: &Arc<Self>, socket: Socket, address: Option<IpAddr>) -> Option<Arc<Connection>> {
        let address = address.map(household);
        let mut open = lock(&self.open);
        if let Some(address) = address {
            let count = open.of_address.entry(address).or_default();
            if self.per_address > 0 && *count >= self.per_address {
                return None;
            }
            *count += 1;
        }
        let life = Life { socket: Some(socket), running: 0, quiet_since: Instant::now() };
        let connection = Arc::new(Connection { all: self.clone(), address, life: Mutex::new(life) });
        open.watched.push(Arc::downgrade(&connection));
        Some(connection)
    }

    /// Shuts down the connections on which no request has run for `idle`; answers their number.
    pub fn sweep(&self, idle: Duration, now: Instant) -> usize {
        let mut watched = std::mem::take(&mut lock(&self.open).watched);
        let mut ended = 0;
        watched.retain(|connection| match connection.upgrade() {
            None => false,
            Some(connection) => match connection.is_over(idle, now) {
                Some(true) => {
                    connection.end();
                    ended += 1;
                    false
                }
                Some(false) => true,
                None => false,
            },
        });
        lock(&self.open).watched.append(&mut watched);
        ended
    }
}

impl Connection {
    /// The connection of a request.
    pub(super) fn of(req: &HttpRequest) -> Option<Arc<Self>> {
        req.conn_data::<Arc<Self>>().cloned()
    }

    /// Counts a request that begins; dropping the result ends it.
    pub(super) fn begin(self: Arc<Self>) -> Running {
        lock(&self.life).running += 1;
        Running(self)
    }

    /// Stops watching the connection: it is a WebSocket's from now on.
    pub(super) fn let_go(&self) {
        lock(&self.life).socket = None;
    }

    /// Whether the connection was idle for too long; `None` if it is not watched here.
    fn is_over(&self, idle: Duration, now: Instant) -> Option<bool> {
        let life = lock(&self.life);
        life.socket.as_ref()?;
        Some(life.running == 0 && now.saturating_duration_since(life.quiet_since) > idle)
    }

    fn end(&self) {
        // A connection that is gone already needs no shutdown.
        let _ = lock(&self.life).socket.take().map(|socket| socket.shutdown(Shutdown::Both));
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut open = lock(&self.all.open);
        if let Some(count) = open.of_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.of_address.remove(&address);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut life = lock(&self.0.life);
        life.running = life.running.saturating_sub(1);
        life.quiet_since = Instant::now();
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Type};

    use super::*;

    fn opened(all: &Arc<Connections>, last: u8) -> Option<Arc<Connection>> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        all.admit(socket, Some(IpAddr::from([10, 0, 0, last])))
    }

    #[test]
    fn an_address_has_only_so_many_and_its_neighbour_as_many() {
        let all = Connections::new(2);
        let (first, _second) = (opened(&all, 1).expect("one"), opened(&all, 1).expect("two"));
        assert!(opened(&all, 1).is_none());
        let _other = opened(&all, 2).expect("somebody else's");
        drop(first);
        let _third = opened(&all, 1).expect("room again");
    }

    #[test]
    fn whoever_idles_is_ended_and_whoever_works_is_not() {
        let all = Connections::new(0);
        let (idle, busy, socket) = (opened(&all, 1), opened(&all, 1), opened(&all, 1));
        let _running = busy.clone().map(Connection::begin);
        socket.iter().for_each(|s| s.let_go());
        let (bound, now) = (Duration::from_secs(60), Instant::now());
        assert_eq!(all.sweep(bound, now + Duration::from_secs(59)), 0);
        assert_eq!(all.sweep(bound, now + Duration::from_secs(61)), 1);
        assert_eq!(all.sweep(bound, now + Duration::from_secs(61)), 0);
        assert!(idle.is_some_and(|c| lock(&c.life).socket.is_none()));
        assert!(busy.is_some_and(|c| lock(&c.life).socket.is_some()));
    }
}
