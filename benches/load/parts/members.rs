//! What a post costs in a small and in a large channel. The two take turns, so that neither has the quieter machine.

use std::time::Duration;

use rustchat::wire::ChannelId;
use tokio::time::sleep;

use super::writers::{Load, TEXT, load, post};
use crate::load::house::Person;
use crate::load::http::Http;
use crate::load::process::Cpu;
use crate::load::report::{Report, micros_each, millis};
use crate::load::{Bench, Outcome, statements};

const SIZES: [usize; 2] = [10, 2000];

/// How often they take turns.
const TURNS: usize = 2;

/// Posts of which the statements are counted.
const COUNTED: usize = 200;

/// How long the database's log and its counters may take to arrive.
const ARRIVAL: Duration = Duration::from_millis(500);

/// Above this the large channel costs more than the small one.
const ALLOWED: f64 = 1.2;

/// A channel and what its posts cost.
struct Place {
    size: usize,
    channel: ChannelId,
    writer: Person,
    posts: usize,
    latencies: Vec<Duration>,
    cpu: Cpu,
    /// Rows that PostgreSQL read and wrote, and statements, a post.
    read: f64,
    written: f64,
    statements: f64,
}

pub(crate) async fn run(bench: &mut Bench, report: &mut Report) -> Outcome<()> {
    let mut places = Vec::new();
    for size in SIZES {
        places.push(Place::make(bench, size).await?);
    }
    for _ in 0..TURNS {
        for place in &mut places {
            Box::pin(place.turn(bench)).await?;
        }
    }
    bench.cluster.execute("alter database rustchat set log_statement = 'all'").await?;
    for place in &mut places {
        Box::pin(count(bench, place)).await?;
    }
    bench.cluster.execute("alter database rustchat reset log_statement").await?;
    bench.server.kill_and_start(&bench.cluster)?;
    report.title("one post at a time, by members of the channel");
    if let [small, large] = places.as_slice() {
        tell(report, small, large);
    }
    Ok(())
}

impl Place {
    async fn make(bench: &Bench, size: usize) -> Outcome<Self> {
        let channel = bench.house.channel(&bench.server, &format!("members-{size}")).await?;
        // The founder is a member already.
        let writer = bench.house.members(&bench.cluster, channel, size - 1).await?.pop().ok_or("nobody")?;
        let (latencies, cpu) = (Vec::new(), Cpu::default());
        Ok(Self { size, channel, writer, posts: 0, latencies, cpu, read: 0.0, written: 0.0, statements: 0.0 })
    }

    async fn turn(&mut self, bench: &Bench) -> Outcome<()> {
        let Load { count: posts, latencies, cpu, .. } =
            load(bench, self.channel, std::slice::from_ref(&self.writer)).await?;
        self.posts += posts;
        self.latencies.push(latencies.percentile(50));
        self.cpu = Cpu { server: self.cpu.server + cpu.server, postgres: self.cpu.postgres + cpu.postgres };
        // The numbers of the pending ids begin anew each time: a person posts each of them once.
        self.writer = bench.house.members(&bench.cluster, self.channel, 1).await?.pop().ok_or("nobody")?;
        Ok(())
    }

    fn latency(&self) -> Duration {
        self.latencies.iter().sum::<Duration>() / u32::try_from(self.latencies.len().max(1)).unwrap_or(1)
    }

    fn cpu_each(&self) -> f64 {
        micros_each(self.cpu.server + self.cpu.postgres, self.posts)
    }
}

/// Counts statements, by having PostgreSQL log them, and rows. New connections take up the setting, and connections
/// that end tell what they have counted, so the server starts anew before and after.
async fn count(bench: &mut Bench, place: &mut Place) -> Outcome<()> {
    bench.server.kill_and_start(&bench.cluster)?;
    let mut http = Http::open(bench.server.address(), &place.writer.token).await?;
    let (mut rows_before, mut statements_before) = (Rows::default(), 0);
    for number in 0..=COUNTED {
        http.expect(201, "POST", "/posts", &post(place.channel, &place.writer, number, TEXT)).await?;
        if number == 0 {
            // The first makes connections and prepares statements.
            sleep(ARRIVAL).await;
            (rows_before, statements_before) = (rows(bench).await?, statements::seen());
        }
    }
    sleep(ARRIVAL).await;
    place.statements = (statements::seen() - statements_before) as f64 / COUNTED as f64;
    bench.server.kill()?;
    sleep(ARRIVAL).await;
    let after = rows(bench).await?;
    place.read = (after.read - rows_before.read) as f64 / COUNTED as f64;
    place.written = (after.written - rows_before.written) as f64 / COUNTED as f64;
    bench.server.kill_and_start(&bench.cluster)
}

/// Rows of our tables.
#[derive(Default)]
struct Rows {
    read: i64,
    written: i64,
}

/// Those that ended connections have read and written so far.
async fn rows(bench: &Bench) -> Outcome<Rows> {
    let sum = |columns| format!("select coalesce(sum({columns}), 0)::bigint as n from pg_stat_user_tables");
    Ok(Rows {
        read: bench.cluster.number(&sum("seq_tup_read + coalesce(idx_tup_fetch, 0)")).await?,
        written: bench.cluster.number(&sum("n_tup_ins + n_tup_upd + n_tup_del")).await?,
    })
}

fn tell(report: &mut Report, small: &Place, large: &Place) {
    let pair = |a: String, b: String| format!("{a} | {b}");
    let each = |a: f64, b: f64| pair(format!("{a:.1}"), format!("{b:.1}"));
    let mut compare = |what: &str, text: String, ratio: f64| {
        report.aim(what, text, format!("within {ALLOWED}×"), ratio <= ALLOWED);
    };
    let ratio = large.latency().as_secs_f64() / small.latency().as_secs_f64();
    compare(
        "median latency",
        format!("{} ({ratio:.2}×)", pair(millis(small.latency()), millis(large.latency()))),
        ratio,
    );
    let ratio = large.cpu_each() / small.cpu_each();
    let cpu = pair(format!("{:.0} µs", small.cpu_each()), format!("{:.0} µs", large.cpu_each()));
    compare("CPU, server and PostgreSQL", format!("{cpu} ({ratio:.2}×)"), ratio);
    compare("statements", each(small.statements, large.statements), large.statements / small.statements);
    compare("rows written", each(small.written, large.written), large.written / small.written);
    report.fact("rows read", each(small.read, large.read));
    report.fact("members", pair(small.size.to_string(), large.size.to_string()));
}
