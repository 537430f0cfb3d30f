//! The database goes away and comes back: requests are told to come again, and do.

use std::time::Duration;

use crate::support::cluster::Cluster;
use crate::support::{Server, eventually, id, inner};

#[tokio::test]
async fn while_the_database_is_away_requests_are_told_to_come_again() {
    let mut cluster = Cluster::start();
    let mut server = Server::on(&cluster, &[]).await;
    server.may_log_errors();
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let before = ann.posts(&town, "before").await;
    let mut socket = ann.listens().await;
    cluster.stop();
    for _ in 0..6 {
        for answer in
            [ann.get(&format!("/channels/{town}/posts")).await, ann.tries_to_post(&town, "during").await]
        {
            assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
            answer.refused(503, "api.context.server_busy.app_error");
        }
    }
    cluster.launch();
    let back = || async { ann.get(&format!("/channels/{town}/posts")).await.status == 200 };
    eventually("the server answers again", Duration::from_secs(15), back).await;
    let after = ann.posts(&town, "after").await;
    let heard = socket.expect_that("posted", |e| e["data"]["post"].as_str().unwrap().contains("after")).await;
    assert_eq!(id(&inner(&heard, "post")), id(&after), "the socket outlived it");
    let listed = ann.reads_channel(&town).await;
    assert_eq!(listed["order"][0], id(&after).as_str());
    assert_eq!(listed["order"][1], id(&before).as_str(), "what was refused was not kept");
    drop(server);
    cluster.stop();
}
