//! Whether the time of a refused login tells that a name is somebody's. The password is wrong each time. Hashes are
//! small here: what differs beside them shows all the better.

use std::time::{Duration, Instant};

use super::apart;
use crate::load::http::Http;
use crate::load::report::Report;
use crate::load::server::Server;
use crate::load::{Bench, Outcome};

/// Accounts whose names are tried, so that no row is hotter than another.
const NAMES: usize = 50;

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
    // The first of each name makes the row of its count.
    let times = apart::time(bench.options.timings(), NAMES, async |kind, turn| {
        let name = ["known", "absent"].get(kind).copied().unwrap_or_default();
        refused(&mut http, &format!("{name}{}", turn % NAMES)).await
    });
    apart::tell(report, ["names of accounts", "names that nobody has"], &times.await?);
    Ok(())
}

async fn refused(http: &mut Http, name: &str) -> Outcome<Duration> {
    let login = format!(r#"{{"login_id":"{name}","password":"wrong-Password1"}}"#);
    let begin = Instant::now();
    http.expect(401, "POST", "/users/login", &login).await?;
    Ok(begin.elapsed())
}
