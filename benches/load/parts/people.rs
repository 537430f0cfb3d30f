//! Lists of accounts in an organisation of 20,000: who is not in a channel, not in a team, and whom a name may mean.

use std::time::Instant;

use crate::load::http::Http;
use crate::load::report::{Latencies, Report};
use crate::load::stream::text_after;
use crate::load::{Bench, Outcome};

/// Accounts, all of them in the team and in one channel.
const PEOPLE: usize = 20_000;

/// Times that each is asked.
const TIMES: usize = 20;

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title(format!("lists of {PEOPLE} accounts"));
    let channel = bench.house.channel(&bench.server, "people").await?;
    bench.house.members(&bench.cluster, channel, PEOPLE).await?;
    let mut http = Http::open(bench.server.address(), bench.house.founder()).await?;
    let found = http.expect(200, "GET", &format!("/channels/{channel}"), "").await?;
    let team = text_after(found.body, r#""team_id":""#).ok_or("a channel without team")?.to_owned();
    for (what, path) in [
        ("not in the channel", format!("/users?in_team={team}&not_in_channel={channel}&per_page=100")),
        ("not in the team", format!("/users?not_in_team={team}&per_page=100")),
        ("in the channel", format!("/users?in_channel={channel}&per_page=100")),
        ("`@` typed in the channel", completion(&team, &channel.to_string(), "")),
        ("`@member-1` typed in the channel", completion(&team, &channel.to_string(), "member-1")),
        ("`@nobody` typed in the channel", completion(&team, &channel.to_string(), "nobody")),
    ] {
        report.fact(what, time(&mut http, &path, TIMES).await?.describe());
    }
    Ok(())
}

fn completion(team: &str, channel: &str, name: &str) -> String {
    format!("/users/autocomplete?in_team={team}&in_channel={channel}&name={name}&limit=25")
}

/// How long it takes until `path` is answered.
pub(super) async fn time(http: &mut Http, path: &str, times: usize) -> Outcome<Latencies> {
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let begun = Instant::now();
        http.expect(200, "GET", path, "").await?;
        took.push(begun.elapsed());
    }
    Ok(Latencies::new(took))
}
