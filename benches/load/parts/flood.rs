//! Logging in while somebody else floods the door: a hundred logins a second from one address, and right ones from
//! another.

use std::time::{Duration, Instant};

use crate::load::http::Http;
use crate::load::report::{Latencies, Report};
use crate::load::server::Server;
use crate::load::{Bench, Outcome};

/// Logins a second of the flood, and connections that it has.
const RATE: usize = 100;
const CONNECTIONS: usize = 50;

/// The time that a right login may take.
const MOST: Duration = Duration::from_secs(1);

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("right logins beside a flood of wrong ones");
    let settings = [
        ("RUSTCHAT__SERVER__BIND", "127.0.0.1:0"),
        ("RUSTCHAT__LIMITS__ENABLED", "true"),
        ("RUSTCHAT__LIMITS__PASSWORDS_PER_SECOND", "20"),
    ];
    let server = Server::launch(&bench.cluster, &settings)?;
    let mut door = Http::open_from([127, 0, 0, 3], server.address()).await?;
    let account = r#"{"username":"besieged","email":"besieged@example.com","password":"Sw0rdfish!x9"}"#;
    door.expect(201, "POST", "/users", account).await?;
    let quiet = logins(&mut door, bench.options.window()).await?;
    report.fact("alone", quiet.describe());
    let mut flood = Vec::new();
    for n in 0..CONNECTIONS {
        let http = Http::open_from([127, 0, 0, 2], server.address()).await?;
        flood.push(tokio::task::spawn(pour(http, n)));
    }
    let besieged = logins(&mut door, bench.options.window()).await?;
    flood.iter().for_each(tokio::task::JoinHandle::abort);
    let met = besieged.percentile(99) < MOST;
    report.aim(format!("beside {RATE} a second of one address"), besieged.describe(), "p99 < 1 s", met);
    Ok(())
}

/// Right logins, some each second, for a while.
async fn logins(http: &mut Http, window: Duration) -> Outcome<Latencies> {
    let (begin, mut all) = (Instant::now(), Vec::new());
    while begin.elapsed() < window {
        let one = Instant::now();
        http.expect(200, "POST", "/users/login", r#"{"login_id":"besieged","password":"Sw0rdfish!x9"}"#)
            .await?;
        all.push(one.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(Latencies::new(all))
}

/// Wrong logins of one connection, at its part of the rate, until it is cut off.
async fn pour(mut http: Http, connection: usize) {
    let mut turn = tokio::time::interval(Duration::from_secs(1) * CONNECTIONS as u32 / RATE as u32);
    for n in 0_usize.. {
        turn.tick().await;
        let login = format!(r#"{{"login_id":"nobody{connection}x{n}","password":"wrong-Password1"}}"#);
        if http.ask("POST", "/users/login", &login).await.is_err() {
            return;
        }
    }
}
