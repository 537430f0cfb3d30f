//! What the server can take, measured by anyone: `make bench`.
//!
//! One PostgreSQL in a temporary folder and the release server as a process on it, both on this machine and on no
//! network but 127.0.0.1; everything ends with the bench. The parts, in the order in which they run:
//!
//! | part | what it measures |
//! |---|---|
//! | `pgbench` | one-row transactions on the same PostgreSQL, by turns with posts of 64 writers |
//! | `posting` | posts a second at 1, 16 and 64 writers of one channel; CPU of a post |
//! | `members` | what a post costs in a channel of 10 members and in one of 2,000: time, statements, rows, CPU |
//! | `fanout` | 1,000 sockets in one channel, 20 posts a second: loss, order, latency, CPU, memory |
//! | `nodes` | two nodes and a Redis against one: posts a second, delivery from node to node, CPU of a bridged event |
//! | `joins` | 15,000 connections that join one channel's topic, hear two events and leave: time of each, longest wait for the hub |
//! | `reconnect` | 5,000 sockets that come back at once and resume: how long, and how many statements that takes |
//! | `texts` | a page of 500 KB of `&`, and reading 200 posts of `http:// ` × 2047 |
//! | `people` | lists and completions in an organisation of 20,000 accounts |
//! | `tasks` | transactional tasks, enqueued and done by two nodes, one of which is killed: tasks a second, each once |
//! | `crash` | `kill -9` under load, start again: is every acknowledged post there, once? |
//! | `flood` | right logins beside a hundred wrong ones a second from another address: latency |
//! | `bodies` | 30 gzip bombs at once and 300 bodies that never end: memory, and how long they stay |
//!
//! ```text
//! cargo bench --bench load                     # everything, some six minutes
//! cargo bench --bench load -- --quick          # a short round, to see that it works
//! cargo bench --bench load -- fanout --sockets 5000 --seconds 60
//! ```
//!
//! The clients share the machine with what they measure, so they are lean: raw HTTP and WebSocket on one thread. A
//! missed aim is printed and is no failure, since machines differ; a post that is lost, doubled or out of order is.

#[path = "load/mod.rs"]
mod load;

fn main() -> std::process::ExitCode {
    load::main()
}
