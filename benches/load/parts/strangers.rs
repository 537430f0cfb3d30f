//! Whether the time of a refusal tells that something is another organisation's, rather than nobody's.

use std::time::{Duration, Instant};

use rustchat::wire::UserId;

use super::apart;
use crate::load::http::{Http, header};
use crate::load::report::Report;
use crate::load::stream::text_after;
use crate::load::{Bench, Failure, Outcome};

const ADMIN: &str =
    r#"{"username":"beside","email":"beside@example.com","password":"correct horse battery"}"#;
const LOGIN: &str = r#"{"login_id":"beside","password":"correct horse battery"}"#;

/// Requests before those that count.
const WARM_UP: usize = 50;

pub(crate) async fn run(bench: &Bench, report: &mut Report) -> Outcome<()> {
    report.title("what is another organisation's, and what is not there");
    let mut asker = Http::open(bench.server.address(), bench.house.founder()).await?;
    let theirs = furnished(bench, &mut asker).await?;
    for (path, id) in theirs {
        let times = apart::time(bench.options.timings(), WARM_UP, async |which, _| {
            let id = if which == 0 { id.clone() } else { UserId::new().to_string() };
            refused(&mut asker, &path.replace("{id}", &id)).await
        });
        let names = [format!("{path} of others"), format!("{path} of nothing")];
        apart::tell(report, names.each_ref().map(String::as_str), &times.await?);
    }
    Ok(())
}

/// Another organisation: what there is in it, and the path under which that is asked for.
async fn furnished(bench: &Bench, operator: &mut Http) -> Outcome<Vec<(&'static str, String)>> {
    let new = format!(r#"{{"slug":"beside","name":"Beside","admin":{ADMIN}}}"#);
    operator.expect(201, "POST", "/organizations", &new).await?;
    let mut door = Http::open(bench.server.address(), "").await?.under("/o/beside");
    let login = door.expect(200, "POST", "/users/login", LOGIN).await?;
    let user = id(login.body)?;
    let token = header(login.head, "token").ok_or("a login without token")?.to_owned();
    let mut admin = Http::open(bench.server.address(), &token).await?.under("/o/beside");
    let team = made(&mut admin, "/teams", r#"{"name":"beside","display_name":"Beside","type":"O"}"#).await?;
    let channel = format!(r#"{{"team_id":"{team}","name":"deck","display_name":"Deck","type":"O"}}"#);
    let channel = made(&mut admin, "/channels", &channel).await?;
    let post = format!(r#"{{"channel_id":"{channel}","message":"hello"}}"#);
    let post = made(&mut admin, "/posts", &post).await?;
    let file = made(&mut admin, &format!("/files?channel_id={channel}&filename=a.txt"), "words").await?;
    Ok(vec![
        ("/users/{id}", user),
        ("/teams/{id}", team),
        ("/channels/{id}", channel),
        ("/posts/{id}", post),
        ("/files/{id}/info", file),
    ])
}

async fn made(http: &mut Http, path: &str, new: &str) -> Outcome<String> {
    id(http.expect(201, "POST", path, new).await?.body)
}

fn id(body: &str) -> Outcome<String> {
    Ok(text_after(body, r#""id":""#).ok_or("an answer without id")?.to_owned())
}

async fn refused(http: &mut Http, path: &str) -> Outcome<Duration> {
    let begin = Instant::now();
    let status = http.ask("GET", path, "").await?.status;
    let took = begin.elapsed();
    if matches!(status, 403 | 404) { Ok(took) } else { Err(Failure::from(format!("{path}: {status}"))) }
}
