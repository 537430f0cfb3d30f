//! Whether the time of a refused login tells that a name is somebody's. The password is wrong each time; names that are
//! somebody's and names that are nobody's take turns on one connection, so that whatever else the machine does meets
//! both. Hashes are small here: what differs beside them shows all the better.

use std::time::{Duration, Instant};

use crate::load::http::Http;
use crate::load::report::{Latencies, Report};
use crate::load::server::Server;
use crate::load::{Bench, Outcome};

/// Accounts whose names are tried, so that no row is hotter than another.
const NAMES: usize = 50;

/// The most by which the middles may differ: of a hundredth nobody makes a fact over a network.
const APART: f64 = 0.02;

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("logins with a wrong password");
    let settings = [
        ("RUSTCHAT__SERVER__BIND", "127.0.0.1:0"),
        ("RUSTCHAT__AUTH__HASH_KIBIBYTES", "512"),
        ("RUSTCHAT__AUTH__MAX_LOGIN_ATTEMPTS", "1000000000"),
    ];
    let server = Server::launch(&bench.cluster, &settings)?;
    let mut http = Http::open(server.address(), "").await?;
    for n in 0..NAMES {
        let account =
            format!(r#"{{"username":"known{n}","email":"known{n}@example.com","password":"Sw0rdfish!x9"}}"#);
        http.expect(201, "POST", "/users", &account).await?;
    }
    let count = bench.options.logins();
    let [known, unknown] = time(&mut http, count).await?;
    tell(report, count, &known, &unknown);
    Ok(())
}

/// Both kinds in turn, whichever comes first.
async fn time(http: &mut Http, count: usize) -> Outcome<[Latencies; 2]> {
    let mut times = [Vec::with_capacity(count), Vec::with_capacity(count)];
    for n in 0..count + NAMES {
        let order = if n % 2 == 0 { [0, 1] } else { [1, 0] };
        for kind in order {
            let name = ["known", "absent"].get(kind).copied().unwrap_or_default();
            let took = refused(http, &format!("{name}{}", n % NAMES)).await?;
            // The first of each name makes the row of its count.
            if let (true, Some(times)) = (n >= NAMES, times.get_mut(kind)) {
                times.push(took);
            }
        }
    }
    Ok(times.map(Latencies::new))
}

async fn refused(http: &mut Http, name: &str) -> Outcome<Duration> {
    let login = format!(r#"{{"login_id":"{name}","password":"wrong-Password1"}}"#);
    let begin = Instant::now();
    http.expect(401, "POST", "/users/login", &login).await?;
    Ok(begin.elapsed())
}

fn tell(report: &mut Report, count: usize, known: &Latencies, unknown: &Latencies) {
    for (what, times) in [("names of accounts", known), ("names that nobody has", unknown)] {
        let points = [1, 10, 25, 50, 75, 90, 99].map(|p| format!("p{p} {:.0}", micros(times.percentile(p))));
        report.fact(format!("{count} {what}"), format!("{} µs", points.join("  ")));
    }
    let (known, unknown) = (micros(known.percentile(50)), micros(unknown.percentile(50)));
    let apart = (known - unknown).abs() / unknown.max(1.0);
    report.aim(
        "middles apart",
        format!("{:.2} %", apart * 100.0),
        format!("< {:.0} %", APART * 100.0),
        apart < APART,
    );
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
