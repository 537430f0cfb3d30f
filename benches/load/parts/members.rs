//! What a post costs in a small and in a large channel. The two take turns, so that neither has the quieter machine.

use rustchat::wire::ChannelId;
use std::time::Duration;

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
    /// Rows that PostgreSQL read and wrote.
    read: i64,
    written: i64,
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
    count_statements(bench, &mut places).await?;
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
        Ok(Self { size, channel, writer, posts: 0, latencies, cpu, read: 0, written: 0, statements: 0.0 })
    }

    async fn turn(&mut self, bench: &Bench) -> Outcome<()> {
        let before = rows(bench).await?;
        let load = load(bench, self.channel, std::slice::from_ref(&self.writer)).await?;
        // PostgreSQL's processes tell their counters about once a second.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let after = rows(bench).await?;
        let Load { posts, latencies, cpu, acknowledged, .. } = load;
        // Rows are counted for all posts and told for those of the window.
        let share = |rows: i64| {
            rows * i64::try_from(posts).unwrap_or(0) / i64::try_from(acknowledged.max(1)).unwrap_or(1)
        };
        self.posts += posts;
        self.latencies.push(latencies.percentile(50));
        self.cpu = Cpu { server: self.cpu.server + cpu.server, postgres: self.cpu.postgres + cpu.postgres };
        self.read += share(after.0 - before.0);
        self.written += share(after.1 - before.1);
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

/// Rows of our tables that were read and written so far.
async fn rows(bench: &Bench) -> Outcome<(i64, i64)> {
    let sum = |columns| format!("select coalesce(sum({columns}), 0)::bigint as n from pg_stat_user_tables");
    let read = bench.cluster.number(&sum("seq_tup_read + idx_tup_fetch")).await?;
    let written = bench.cluster.number(&sum("n_tup_ins + n_tup_upd + n_tup_del")).await?;
    Ok((read, written))
}

/// Counts statements by having PostgreSQL log them for a while; the server starts anew before and after, since the
/// setting is taken up by new connections only.
async fn count_statements(bench: &mut Bench, places: &mut [Place]) -> Outcome<()> {
    bench.cluster.execute("alter database rustchat set log_statement = 'all'").await?;
    bench.server.kill_and_start(&bench.cluster)?;
    for place in places {
        let mut http = Http::open(bench.server.address(), &place.writer.token).await?;
        let mut before = 0;
        for number in 0..=COUNTED {
            http.expect(201, "POST", "/posts", &post(place.channel, &place.writer, number, TEXT)).await?;
            if number == 0 {
                // The first makes connections and prepares statements.
                before = seen().await;
            }
        }
        place.statements = (seen().await - before) as f64 / COUNTED as f64;
    }
    bench.cluster.execute("alter database rustchat reset log_statement").await?;
    bench.server.kill_and_start(&bench.cluster)
}

/// The statements so far, when the log has arrived.
async fn seen() -> u64 {
    tokio::time::sleep(Duration::from_millis(300)).await;
    statements::seen()
}

fn tell(report: &mut Report, small: &Place, large: &Place) {
    let pair = |a: String, b: String| format!("{a} | {b}");
    let each = |rows: i64, place: &Place| format!("{:.2}", rows as f64 / place.posts.max(1) as f64);
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
    let statements = pair(format!("{:.1}", small.statements), format!("{:.1}", large.statements));
    compare("statements", statements, large.statements / small.statements);
    report.fact("rows written", pair(each(small.written, small), each(large.written, large)));
    report.fact("rows read", pair(each(small.read, small), each(large.read, large)));
    report.fact("members", pair(small.size.to_string(), large.size.to_string()));
}
