//! A row of the log that cannot be read costs its own event and none of those after it: in a room that reads the log,
//! for a client that names its positions, and for one that is resumed.

use serde_json::json;

use crate::log::{hears_posts, square};
use crate::support::cluster::sql;
use crate::support::{Server, Socket, id, number};

/// Every row that says so is written in a way that nobody can read, as by a disk that failed.
const GARBLING: &str = r"
    create function garble() returns trigger language plpgsql as $$
    begin
      if new.frame like '%garble one%' then new.frame := 'nonsense'; end if;
      if new.frame like '%garble two%' then new.frame := left(new.frame, 40); end if;
      return new;
    end $$;
    create trigger garble before insert on events for each row execute function garble()";

#[tokio::test]
async fn an_unreadable_event_is_skipped_and_the_rest_follows() {
    let mut first = Server::start().await;
    first.may_log_errors();
    let [ann, bob] = first.sign_up_all(["ann", "bob"]).await;
    let channel = square(&[ann.clone(), bob.clone()]).await;
    let mut second = first.second_node();
    second.may_log_errors();
    // Without Redis the second node reads the log.
    let (mut here, mut there) = (bob.listens().await, bob.at(&second).listens().await);
    sql(&first.database, GARBLING);
    let mut posted = Vec::new();
    for text in ["one", "garble one", "two", "garble two", "three"] {
        posted.push(id(&ann.posts(&channel, text).await));
    }
    let all = hears_posts(&mut here, 5).await;
    assert_eq!(all.iter().map(|heard| heard.0.clone()).collect::<Vec<_>>(), posted, "as they were handed on");
    let readable = [posted[0].clone(), posted[2].clone(), posted[4].clone()];
    let heard = hears_posts(&mut there, 3).await;
    assert_eq!(heard.iter().map(|heard| heard.0.clone()).collect::<Vec<_>>(), readable);
    assert_eq!(heard.iter().map(|heard| heard.1).collect::<Vec<_>>(), [all[0].1, all[2].1, all[4].1]);
    let live = id(&ann.at(&second).posts(&channel, "goes on").await);
    assert_eq!(hears_posts(&mut there, 1).await[0].0, live);
    hears_posts(&mut here, 1).await;
    assert!(second.said().contains("cannot be read and is skipped"), "{}", second.said());

    // By positions: from before the first of them.
    let before = all[0].1 - 1;
    let answer = there.request("resume", json!({"positions": {format!("c:{channel}"): before}})).await;
    assert_eq!(answer["data"]["resumed"], json!([format!("c:{channel}")]), "{answer}");
    let again = hears_posts(&mut there, 4).await;
    let wanted = [readable.to_vec(), vec![live.clone()]].concat();
    assert_eq!(again.into_iter().map(|heard| heard.0).collect::<Vec<_>>(), wanted);

    // By the connection's name: what was shown is shown again as the log has it, under the same numbers.
    let (name, next) = here.place();
    drop(here);
    let mut here = Socket::come_back(&bob.base, &bob.token, (&name, next - 6)).await;
    let again = hears_posts(&mut here, 4).await;
    assert_eq!(again.into_iter().map(|heard| heard.0).collect::<Vec<_>>(), wanted);
    let last = ann.posts(&channel, "and further").await;
    let heard = here.expect("posted").await;
    assert!(heard["data"]["post"].as_str().unwrap().contains(&id(&last)));
    assert!(number(&heard["broadcast"], "topic_seq") > all[4].1);
    assert_eq!(here.place().0, name, "no hello was said");
    for socket in [&mut here, &mut there] {
        socket.forget();
    }
}
