//! The storage goes away in the middle of an upload and stays away for a while: people go on talking, whoever sends or
//! fetches a file is told to come again, and nothing half-written is ever served.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::support::cluster::sql;
use crate::support::person::Answer;
use crate::support::s3::S3;
use crate::support::{Person, Server, eventually, id};

/// Bytes of the file whose upload is cut, which goes to the storage in parts.
const LARGE: usize = 12_000_000;

/// How long people talk before the storage goes away.
const BESIDE: Duration = Duration::from_secs(2);

/// Between two posts.
const PAUSE: Duration = Duration::from_millis(50);

/// Between two attempts to send a file and to fetch one.
const ATTEMPTS: Duration = Duration::from_millis(500);

/// What people noticed.
pub(crate) struct Noticed {
    away: Duration,
    before: Talk,
    meanwhile: Talk,
    /// By status, of the upload that was cut and of attempts while the storage was away.
    answers: BTreeMap<u16, usize>,
    /// What was there afterwards and should not have been, or the other way round.
    wrong: Vec<String>,
}

/// Posts, and how long the slowest took to its acknowledgement.
struct Talk {
    posts: usize,
    slowest: Duration,
}

/// Takes the storage away for a time.
pub(crate) async fn cut_storage(away: Duration) -> Noticed {
    let mut s3 = S3::start();
    let settings = s3.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mut server = Server::with(&settings).await;
    server.may_log_errors();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.finds_channel(&team, "town-square").await;
    let kept = sends(&ann, &channel, b"before".to_vec()).await.is(201);
    let kept = id(&kept["file_infos"][0]);

    let before = talk(&bob, &channel, BESIDE).await;
    let (cut, ()) = tokio::join!(sends(&ann, &channel, vec![7; LARGE]), async {
        let begun = || async { s3.objects().iter().any(|path| path.contains("part")) };
        eventually("a part has come", Duration::from_secs(20), begun).await;
        s3.stop();
    });
    let (meanwhile, mut answers) =
        tokio::join!(talk(&bob, &channel, away), attempts(&ann, &channel, &kept, away));
    *answers.entry(cut.status).or_default() += 1;
    s3.launch();
    let wrong = afterwards(&server, &ann, &channel, &kept).await;
    Noticed { away, before, meanwhile, answers, wrong }
}

async fn sends(who: &Person, channel: &str, file: Vec<u8>) -> Answer {
    let path = format!("/files?channel_id={channel}&filename=file.bin");
    Answer::of(who.request(Method::POST, &path).body(file)).await
}

/// Talks for a time.
async fn talk(who: &Person, channel: &str, time: Duration) -> Talk {
    let began = Instant::now();
    let mut talk = Talk { posts: 0, slowest: Duration::ZERO };
    while began.elapsed() < time {
        let sent = Instant::now();
        let post = json!({"channel_id": channel, "message": "Has anybody seen the file?"});
        who.post("/posts", post).await.is(201);
        talk.posts += 1;
        talk.slowest = talk.slowest.max(sent.elapsed());
        sleep(PAUSE).await;
    }
    talk
}

/// Sends files and fetches the one that is kept, for a time: how often there was which answer. One that says to come
/// again without saying when counts as no status.
async fn attempts(who: &Person, channel: &str, kept: &str, time: Duration) -> BTreeMap<u16, usize> {
    let began = Instant::now();
    let mut answers = BTreeMap::new();
    while began.elapsed() < time {
        for answer in [sends(who, channel, b"small".to_vec()).await, who.get(&format!("/files/{kept}")).await]
        {
            let status = if answer.header("retry-after").is_empty() { 0 } else { answer.status };
            *answers.entry(status).or_default() += 1;
        }
        sleep(ATTEMPTS).await;
    }
    answers
}

/// What is wrong when the storage is back: the file of before must be whole, another must come through, and of the one
/// that was cut nothing may be known.
async fn afterwards(server: &Server, who: &Person, channel: &str, kept: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let body = who.get(&format!("/files/{kept}")).await.body;
    if body != "before" {
        wrong.push(format!("the file of before: {body}"));
    }
    let after = sends(who, channel, vec![7; LARGE]).await;
    if after.status != 201 {
        wrong.push(format!("a file afterwards: {} {}", after.status, after.body));
    }
    let ready = sql(&server.database, "select count(*) from files where is_ready");
    if ready != "2" {
        wrong.push(format!("{ready} files are ready"));
    }
    wrong
}

impl Noticed {
    /// Whether it was what it should be: no post waited for longer than `within`, and every file was told to wait.
    pub(crate) fn is_good(&self, within: Duration) -> bool {
        let waits = self.answers.keys().eq([&503]);
        waits && self.wrong.is_empty() && self.meanwhile.posts > 0 && self.meanwhile.slowest <= within
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { away, before, meanwhile, answers, wrong } = self;
        writeln!(
            f,
            "the storage was away for {away:?}: answers about files by status {answers:?}, wrong {wrong:?}"
        )?;
        let (posts, slowest) = (meanwhile.posts, meanwhile.slowest);
        write!(
            f,
            "  {posts} posts, the slowest {slowest:.0?}; of {} before, {:.0?}",
            before.posts, before.slowest
        )
    }
}
