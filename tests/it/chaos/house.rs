//! What runs: nodes of the real program at fixed addresses, one PostgreSQL, one Redis, and between each node and each
//! of the two a link that can be cut.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

use super::plan::{Fault, PlannedFault};
use super::until;
use crate::support::cluster::{Cluster, sql};
use crate::support::process::free_port;
use crate::support::proxy::{Link, Proxy, Target};
use crate::support::redis::Redis;
use crate::support::{Person, Server};

/// Signs the access tokens of all nodes.
const SECRET: &str = "the secret of nodes that listen on 127.0.0.1 only";

/// Connections to PostgreSQL of each node.
const CONNECTIONS: &str = "8";

/// How long nodes may take to find each other through Redis.
const ACQUAINTANCE: Duration = Duration::from_secs(10);

/// How long a node may take to stop when it is told to.
const FAREWELL: Duration = Duration::from_secs(20);

/// The nodes and what they stand on. All of it ends when this value is dropped.
pub(crate) struct House {
    // Nodes end before what they stand on: fields are dropped in this order.
    nodes: Vec<Node>,
    redis: Redis,
    cluster: Cluster,
    database: String,
}

struct Node {
    server: Server,
    to_postgres: Proxy,
    to_redis: Proxy,
}

impl Node {
    /// Whether it has heard of another one.
    fn knows(&self) -> bool {
        self.server.said().contains("another node is there")
    }
}

impl House {
    pub(crate) async fn start(nodes: usize) -> Self {
        let (cluster, redis) = (Cluster::start(), Redis::start());
        let database = cluster.copy();
        let data = Arc::new(TempDir::new().unwrap());
        let mut house = Self { nodes: Vec::new(), redis, cluster, database };
        for _ in 0..nodes {
            let node = house.node(data.clone()).await;
            house.nodes.push(node);
        }
        until("the nodes know each other", ACQUAINTANCE, || {
            house.nodes.iter().all(|node| nodes == 1 || node.knows())
        })
        .await;
        house
    }

    async fn node(&self, data: Arc<TempDir>) -> Node {
        let to_postgres = Proxy::to(Target::Unix(self.cluster.socket())).await;
        let to_redis = Proxy::to(Target::Tcp(self.redis.address)).await;
        let (_, name) = self.database.split_once("@/").unwrap();
        let (name, _) = name.split_once('?').unwrap();
        let settings = [
            ("SERVER__BIND", format!("127.0.0.1:{}", free_port())),
            ("DATABASE__URL", format!("postgres://rustchat@{}/{name}", to_postgres.address)),
            ("DATABASE__CONNECTIONS", CONNECTIONS.to_owned()),
            ("REDIS__URL", format!("redis://{}", to_redis.address)),
            ("AUTH__SECRET", SECRET.to_owned()),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value)).to_vec();
        let mut server = Server::launch(self.database.clone(), settings, data);
        server.may_log_errors();
        Node { server, to_postgres, to_redis }
    }

    /// The first node, while nothing has happened to it.
    pub(crate) fn server(&self) -> &Server {
        &self.nodes[0].server
    }

    /// Somebody at every node.
    pub(crate) fn doors(&self, person: &Person) -> Vec<Person> {
        self.nodes.iter().map(|node| person.at(&node.server)).collect()
    }

    /// Asks the database itself.
    pub(crate) fn sql(&self, statement: &str) -> String {
        sql(&self.database, statement)
    }

    /// What the nodes logged with a panic in it.
    pub(crate) fn panics(&self) -> Vec<String> {
        let said = self.nodes.iter().map(|node| node.server.said());
        said.flat_map(|said| {
            said.lines().filter(|l| l.contains("panicked")).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
    }

    /// What happens to the links of all nodes to Redis.
    pub(crate) fn redis_links(&self, link: Link) {
        self.nodes.iter().for_each(|node| node.to_redis.becomes(link));
    }

    /// Breaks something, and mends it.
    pub(crate) async fn suffers(&mut self, PlannedFault { fault, node, hold }: PlannedFault) {
        let Node { server, to_postgres, to_redis } = &mut self.nodes[node];
        match fault {
            Fault::NodeKilled => {
                server.kill();
                sleep(hold).await;
                server.restart();
            }
            Fault::NodeRestarted => {
                server.terminate();
                server.ended(FAREWELL).await;
                server.restart();
            }
            Fault::NodeStopped => {
                server.signal("STOP");
                sleep(hold).await;
                server.signal("CONT");
            }
            Fault::RedisKilled => {
                self.redis.kill();
                sleep(hold).await;
                self.redis.restart();
            }
            Fault::RedisCutForAll => {
                self.redis_links(Link::Cut);
                sleep(hold).await;
                self.redis_links(Link::Whole);
            }
            Fault::RedisCut => broken(to_redis, Link::Cut, hold).await,
            Fault::RedisStalled => broken(to_redis, Link::Stalled, hold).await,
            Fault::PostgresCut => broken(to_postgres, Link::Cut, hold).await,
            Fault::PostgresStalled => broken(to_postgres, Link::Stalled, hold).await,
            Fault::BackendKilled => self.cluster.kill_backend(),
            Fault::PostgresCrashed => self.cluster.crash(),
        }
    }
}

async fn broken(proxy: &Proxy, link: Link, hold: Duration) {
    proxy.becomes(link);
    sleep(hold).await;
    proxy.becomes(Link::Whole);
}
