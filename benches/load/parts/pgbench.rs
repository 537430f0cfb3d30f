//! The yardstick: how many one-row transactions the same PostgreSQL commits for 32 clients that do nothing else.
//!
//! Judged is what the server posts for 64 writers against rows of a table made like that of posts, with the same
//! columns and indexes and without its foreign keys: what a server would reach that commits each post alone, and
//! neither answers anybody nor keeps a log beside it. Both by turns, since the speed of a machine changes from minute
//! to minute. A table of four columns and one index tells what the machine is capable of.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::writers::{TEXT, compare, load};
use crate::load::cluster::program;
use crate::load::report::Report;
use crate::load::{Bench, Failure, Outcome};

const CLIENTS: &str = "32";
const WRITERS: usize = 64;
const TURNS: usize = 4;

const TABLES: &str = "
create table yardstick (
  id bigint generated always as identity primary key, author uuid not null, message text not null,
  create_at timestamptz not null default now());
create table yardstick_posts (like posts including all);
create sequence yardstick_seq owned by yardstick_posts.seq;";

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report
        .title(format!("one-row transactions of pgbench, {CLIENTS} clients, and posts of {WRITERS} writers"));
    let Some(pgbench) = program("pgbench") else {
        report.fact("pgbench", "not installed");
        return Ok(());
    };
    bench.cluster.execute(TABLES).await?;
    let rate = measure(bench, &pgbench, &into_plain())?;
    report.fact("transactions/s, plain table", format!("{rate:.0}"));
    by_turns(bench, report, &pgbench).await?;
    bench.cluster.execute("drop table yardstick, yardstick_posts").await
}

async fn by_turns(bench: &Bench, report: &mut Report, pgbench: &Path) -> Outcome<()> {
    let (mut theirs, mut ours, mut channels, mut acknowledged) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for turn in 0..TURNS {
        theirs.push(measure(bench, pgbench, &into_posts())?);
        // In a channel of its own, with writers of its own: what is sent twice is no second post.
        let channel = bench.house.channel(&bench.server, &format!("yardstick-{turn}")).await?;
        let writers = bench.house.members(&bench.cluster, channel, WRITERS).await?;
        let load = Box::pin(load(bench, channel, &writers)).await?;
        ours.push(load.rate());
        channels.push(channel);
        acknowledged += load.acknowledged;
    }
    report.fact("transactions/s, table like that of posts: each turn", each(&theirs));
    report.fact(format!("posts/s, writers: {WRITERS}: each turn"), each(&ours));
    let (theirs, ours) = (mean(&theirs), mean(&ours));
    report.aim("posts/s, mean", format!("{ours:.0}"), format!("> {theirs:.0} (pgbench)"), ours > theirs);
    compare(bench, report, &channels, acknowledged).await
}

fn each(rates: &[f64]) -> String {
    let rates: Vec<_> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
    rates.join(" ")
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len().max(1) as f64
}

fn into_plain() -> String {
    format!("insert into yardstick (author, message) values (gen_random_uuid(), '{TEXT}');")
}

fn into_posts() -> String {
    let nil = uuid::Uuid::nil();
    format!(
        "insert into yardstick_posts \
           (id, channel_id, seq, user_id, message, pending_post_id, create_at, update_at, org_id) \
         values (gen_random_uuid(), '{nil}', nextval('yardstick_seq'), '{nil}', '{TEXT}', gen_random_uuid(), \
           now_ms(), now_ms(), '{nil}');"
    )
}

/// Transactions a second of a script of one statement.
fn measure(bench: &Bench, pgbench: &Path, script: &str) -> Outcome<f64> {
    let file = bench.cluster.folder().join("yardstick.sql");
    fs::write(&file, script)?;
    let seconds = bench.options.window().as_secs().max(1).to_string();
    let output = Command::new(pgbench)
        .args(["-n", "-c", CLIENTS, "-j", "2", "-T", &seconds, "-f"])
        .arg(&file)
        .arg(bench.cluster.url())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.split_once("tps = ").and_then(|(_, rest)| rest.split(' ').next());
    match rate.filter(|_| output.status.success()) {
        Some(rate) => Ok(rate.parse()?),
        None => Err(Failure::from(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)))),
    }
}
