//! The parts in their order, and what they share.

mod cluster;
mod house;
mod http;
mod options;
mod parts;
mod process;
mod report;
mod server;
mod shared;
mod socket;
mod statements;
mod stream;
#[expect(
    unsafe_code,
    reason = "limits, ticks and parent-death signals are system calls that std does not offer"
)]
mod sys;

use std::process::ExitCode;

use clap::Parser;

use cluster::Cluster;
use house::House;
use options::{Options, Part};
use report::Report;
use server::Server;

/// What can go wrong here ends the bench, with a sentence.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T> = Result<T, Failure>;

/// What every part is given.
struct Bench {
    options: Options,
    // Ends before the database does: fields are dropped in this order.
    server: Server,
    cluster: Cluster,
    house: House,
}

pub(crate) fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(url) = options.task_node() {
        return parts::tasks::node(url).map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS);
    }
    if !options.is_bench() {
        // `cargo test --all-targets` comes here, and nobody waits for a measurement then.
        eprintln!("load: measures under cargo bench only");
        return ExitCode::SUCCESS;
    }
    match run(options) {
        Ok(report) => {
            println!("{report}");
            if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &Failure) -> ExitCode {
    eprintln!("load: {error}");
    ExitCode::FAILURE
}

fn run(options: Options) -> Outcome<Report> {
    statements::listen()?;
    // The server, which inherits the limit, and the clients each hold one end of every socket.
    let sockets = options.sockets().max(options.returning());
    sys::allow_open_files(u64::try_from(sockets)? + 512)?;
    // Blocks, and wants a thread that lives as long as the database.
    let cluster = Cluster::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(options, cluster))
}

async fn measure(options: Options, cluster: Cluster) -> Outcome<Report> {
    let server = Server::start(&cluster, "127.0.0.1:0")?;
    let house = House::found(&server, &cluster).await?;
    let mut bench = Bench { options, server, cluster, house };
    let mut report = Report::default();
    for part in bench.options.parts() {
        eprintln!("load: {part:?} …");
        match part {
            Part::Pgbench => parts::pgbench::run(&bench, &mut report).await?,
            Part::Posting => parts::posting::run(&bench, &mut report).await?,
            Part::Members => Box::pin(parts::members::run(&mut bench, &mut report)).await?,
            Part::Memory => Box::pin(parts::memory::run(&bench, &mut report)).await?,
            Part::Requests => Box::pin(parts::requests::run(&bench, &mut report)).await?,
            Part::Fanout => Box::pin(parts::fanout::run(&bench, &mut report)).await?,
            Part::Nodes => Box::pin(parts::nodes::run(&mut bench, &mut report)).await?,
            Part::Files => Box::pin(parts::files::run(&bench, &mut report)).await?,
            Part::Joins => Box::pin(parts::joins::run(&bench, &mut report)).await?,
            Part::Reconnect => Box::pin(parts::reconnect::run(&mut bench, &mut report)).await?,
            Part::Crash => Box::pin(parts::crash::run(&mut bench, &mut report)).await?,
            Part::Strangers => Box::pin(parts::strangers::run(&bench, &mut report)).await?,
            Part::Texts => Box::pin(parts::texts::run(&bench, &mut report)).await?,
            Part::People => Box::pin(parts::people::run(&bench, &mut report)).await?,
            Part::Flood => Box::pin(parts::flood::run(&bench, &mut report)).await?,
            Part::Bodies => Box::pin(parts::bodies::run(&bench, &mut report)).await?,
            Part::Tasks => Box::pin(parts::tasks::run(&mut bench, &mut report)).await?,
            Part::Logins => Box::pin(parts::logins::run(&bench, &mut report)).await?,
        }
    }
    Ok(report)
}
