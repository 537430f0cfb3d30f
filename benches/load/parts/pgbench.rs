//! The yardstick: how many one-row transactions the same PostgreSQL commits for 32 clients that do nothing else. Into a
//! table made like that of posts, with the same columns and indexes (and no foreign keys): what a server would reach that
//! commits each post alone and does nothing beside it. And, to see what the machine is capable of, into a table of four
//! columns and one index.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::writers::TEXT;
use crate::load::cluster::program;
use crate::load::report::Report;
use crate::load::{Bench, Failure, Outcome};

const CLIENTS: &str = "32";

const TABLES: &str = "
create table yardstick (
  id bigint generated always as identity primary key, author uuid not null, message text not null,
  create_at timestamptz not null default now());
create table yardstick_posts (like posts including all);
create sequence yardstick_seq;";

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title(format!("one-row transactions of pgbench, {CLIENTS} clients"));
    let Some(pgbench) = program("pgbench") else {
        report.fact("pgbench", "not installed");
        return Ok(());
    };
    bench.cluster.execute(TABLES).await?;
    let plain = format!("insert into yardstick (author, message) values (gen_random_uuid(), '{TEXT}');");
    let rate = measure(bench, &pgbench, &plain)?;
    report.fact("transactions/s, plain table", format!("{rate:.0}"));
    let like_posts = format!(
        "insert into yardstick_posts (id, channel_id, seq, user_id, message, pending_post_id, create_at, update_at, org_id)
         values (gen_random_uuid(), '{nil}', nextval('yardstick_seq'), '{nil}', '{TEXT}', gen_random_uuid(), now_ms(), now_ms(), '{nil}');",
        nil = uuid::Uuid::nil(),
    );
    let rate = measure(bench, &pgbench, &like_posts.replace('\n', " "))?;
    report.fact("transactions/s, table like that of posts", format!("{rate:.0}"));
    report.yardstick = Some(rate);
    bench.cluster.execute("drop table yardstick, yardstick_posts").await
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
