//! The yardstick: how many one-row transactions the same PostgreSQL commits for 32 clients that do nothing else.

use std::fs;
use std::process::Command;

use super::writers::TEXT;
use crate::load::cluster::program;
use crate::load::report::Report;
use crate::load::{Bench, Failure, Outcome};

const CLIENTS: &str = "32";
const TABLE: &str = "create table if not exists yardstick (
  id bigint generated always as identity primary key, author uuid not null, message text not null,
  create_at timestamptz not null default now())";

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title(format!("one-row transactions of pgbench, {CLIENTS} clients"));
    let Some(pgbench) = program("pgbench") else {
        report.fact("pgbench", "not installed");
        return Ok(());
    };
    let script = bench.cluster.folder().join("yardstick.sql");
    fs::write(
        &script,
        format!("insert into yardstick (author, message) values (gen_random_uuid(), '{TEXT}');\n"),
    )?;
    let make = bench.cluster.folder().join("table.sql");
    fs::write(&make, format!("{};\n", TABLE.replace('\n', " ")))?;
    let call = |arguments: &[&str]| -> Outcome<String> {
        let output = Command::new(&pgbench).arg("-n").args(arguments).arg(bench.cluster.url()).output()?;
        if output.status.success() {
            return Ok(String::from_utf8(output.stdout)?);
        }
        Err(Failure::from(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr))))
    };
    call(&["-t", "1", "-f", &make.to_string_lossy()])?;
    let seconds = bench.options.window().as_secs().max(1).to_string();
    let output = call(&["-f", &script.to_string_lossy(), "-c", CLIENTS, "-j", "2", "-T", &seconds])?;
    let rate = output.split_once("tps = ").and_then(|(_, rest)| rest.split(' ').next());
    let rate: f64 = rate.ok_or("pgbench told no rate")?.parse()?;
    report.fact("transactions/s", format!("{rate:.0}"));
    report.yardstick = Some(rate);
    Ok(())
}
