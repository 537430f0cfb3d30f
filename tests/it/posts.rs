//! Posts: made, read, edited, pinned, deleted; threads; pages; search.

use serde_json::{Value, json};

use crate::support::{NOBODY, Person, Server, each, id, inner, number, text, visitor};

const FORBIDDEN: &str = "api.context.permissions.app_error";

/// Ann, the team's admin, and bob share a channel; the stranger does not.
async fn house(server: &Server) -> ([Person; 3], String, String) {
    let people = server.sign_up_all(["ann", "bob", "stranger"]).await;
    let team = people[0].makes_team("house").await;
    people[0].brings_into_team(&team, &people[1]).await;
    let channel = people[0].makes_channel(&team, "chat").await;
    people[1].brings_into_channel(&channel, &people[1]).await;
    (people, team, channel)
}

#[tokio::test]
async fn a_post_is_heard_and_read_by_members_only() {
    let server = Server::start().await;
    let ([ann, bob, stranger], _, channel) = house(&server).await;
    let (mut bobs, mut strangers) = (bob.listens().await, stranger.listens().await);
    let post = ann.posts(&channel, "hello **world** #one #Two").await;
    assert_eq!(text(&post, "hashtags"), "#one #Two");
    let event = bobs.expect("posted").await;
    assert_eq!(id(&inner(&event, "post")), id(&post));
    assert_eq!(text(&event["data"], "sender_name"), "@ann");
    assert_eq!(text(&event["broadcast"], "channel_id"), channel);
    assert_eq!(strangers.heard_by_now(&stranger).await, Vec::<String>::new());
    assert_eq!(bob.reads(&post).await["message"], "hello **world** #one #Two");
    let path = format!("/posts/{}", id(&post));
    stranger.get(&path).await.refused(403, FORBIDDEN);
    stranger.get(&format!("/channels/{channel}/posts")).await.refused(403, FORBIDDEN);
    stranger.tries_to_post(&channel, "let me in").await.refused(403, FORBIDDEN);
    assert_eq!(stranger.post("/posts/ids", json!([id(&post)])).await.is(200), json!([]));
    visitor(&server.base).get(&path).await.fails(401);
    visitor(&server.base).tries_to_post(&channel, "hi").await.fails(401);
}

#[tokio::test]
async fn what_is_no_post_is_refused_and_makes_none() {
    let server = Server::start().await;
    let ([ann, bob, _], team, channel) = house(&server).await;
    let root = ann.posts(&channel, "root").await;
    let reply = bob.replies(&root, "reply").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let before = ann.reads_channel(&channel).await["order"].clone();
    for (body, status, reason) in [
        (
            json!({"channel_id": channel, "message": "x".repeat(16_384)}),
            400,
            "model.post.is_valid.msg.app_error",
        ),
        (
            json!({"channel_id": channel, "message": "x", "root_id": id(&reply)}),
            400,
            "api.post.create_post.root_id.app_error",
        ),
        (
            json!({"channel_id": channel, "message": "x", "root_id": NOBODY}),
            400,
            "api.post.create_post.root_id.app_error",
        ),
        (
            json!({"channel_id": town, "message": "x", "root_id": id(&root)}),
            400,
            "api.post.create_post.root_id.app_error",
        ),
        (json!({"channel_id": NOBODY, "message": "x"}), 403, FORBIDDEN),
        (json!({"message": "x"}), 400, "api.context.invalid_body_param.app_error"),
        (json!({"channel_id": channel, "message": 7}), 400, "api.context.invalid_body_param.app_error"),
        (
            json!({"channel_id": channel, "message": "x", "props": "text"}),
            400,
            "api.context.invalid_body_param.app_error",
        ),
    ] {
        ann.post("/posts", body).await.refused(status, reason);
    }
    assert_eq!(ann.reads_channel(&channel).await["order"], before);
    let longest = "ü".repeat(16_383);
    assert_eq!(text(&ann.posts(&channel, &longest).await, "message").chars().count(), 16_383);
}

#[tokio::test]
async fn nobody_posts_in_anothers_name() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = house(&server).await;
    let body = json!({"channel_id": channel, "message": "who am i", "user_id": bob.id, "create_at": 1, "type": "system_join_channel"});
    let answer = ann.post("/posts", body.clone()).await;
    if answer.status == 201 {
        let post = answer.is(201);
        assert_eq!((text(&post, "user_id"), text(&post, "type")), (ann.id.clone(), String::new()));
    } else {
        answer.fails(400);
    }
    let mut plain = body;
    plain["type"] = json!("");
    let post = ann.post("/posts", plain).await.is(201);
    assert_eq!(text(&post, "user_id"), ann.id);
    assert!(number(&post, "create_at") > 1_000_000);
}

#[tokio::test]
async fn a_post_is_edited_by_its_author() {
    let server = Server::start().await;
    let ([ann, bob, stranger], _, channel) = house(&server).await;
    let post = ann.posts(&channel, "hello").await;
    let path = format!("/posts/{}/patch", id(&post));
    for other in [&bob, &stranger] {
        other.put(&path, json!({"message": "not mine"})).await.refused(403, FORBIDDEN);
    }
    assert_eq!(text(&bob.reads(&post).await, "message"), "hello");
    let edited = ann.put(&path, json!({"message": "hello again #two"})).await.is(200);
    assert_eq!(
        (text(&edited, "message"), text(&edited, "hashtags")),
        ("hello again #two".into(), "#two".into())
    );
    assert!(number(&edited, "edit_at") >= number(&edited, "create_at"));
    ann.put(&path, json!({"message": "x".repeat(16_384)}))
        .await
        .refused(400, "model.post.is_valid.msg.app_error");
    let whole = json!({"id": id(&post), "message": "hello thrice", "is_pinned": false});
    let edited = ann.put(&format!("/posts/{}", id(&post)), whole).await.is(200);
    assert_eq!(text(&edited, "message"), "hello thrice");
    ann.put(&format!("/posts/{NOBODY}/patch"), json!({"message": "x"})).await.fails(404);
}

#[tokio::test]
async fn a_post_is_deleted_with_its_thread_and_once() {
    let server = Server::start().await;
    let ([ann, bob, stranger], _, channel) = house(&server).await;
    let mut socket = bob.listens().await;
    let root = ann.posts(&channel, "root").await;
    let reply = bob.replies(&root, "reply").await;
    let path = format!("/posts/{}", id(&root));
    for other in [&bob, &stranger] {
        other.delete(&path).await.refused(403, FORBIDDEN);
    }
    ann.delete(&path).await.is(200);
    let told = inner(&socket.expect("post_deleted").await, "post");
    assert_eq!(id(&told), id(&root));
    ann.delete(&path).await.refused(404, "app.post.get.app_error");
    for post in [&root, &reply] {
        bob.get(&format!("/posts/{}", id(post))).await.refused(404, "app.post.get.app_error");
    }
    let listed = bob.reads_channel(&channel).await;
    assert!(
        !listed.to_string().contains(&id(&root)) && !listed.to_string().contains(&id(&reply)),
        "{listed}"
    );
    let late = json!({"channel_id": channel, "message": "late", "root_id": id(&root)});
    bob.post("/posts", late).await.fails(400);
    // The channel's admin may delete what others wrote.
    let by_bob = bob.posts(&channel, "rude").await;
    ann.delete(&format!("/posts/{}", id(&by_bob))).await.is(200);
}

#[tokio::test]
async fn a_thread_counts_its_replies() {
    let server = Server::start().await;
    let ([ann, bob, stranger], _, channel) = house(&server).await;
    let root = ann.posts(&channel, "root").await;
    let replies = [bob.replies(&root, "one").await, ann.replies(&root, "two").await];
    assert_eq!(text(&replies[0], "root_id"), id(&root));
    assert_eq!(number(&ann.reads(&root).await, "reply_count"), 2);
    let path = format!("/posts/{}/thread", id(&root));
    let thread = bob.get(&path).await.is(200);
    assert_eq!(thread["order"].as_array().unwrap().len(), 3);
    assert_eq!(text(&thread["posts"][id(&replies[1])], "message"), "two");
    stranger.get(&path).await.refused(403, FORBIDDEN);
    bob.delete(&format!("/posts/{}", id(&replies[0]))).await.is(200);
    assert_eq!(number(&ann.reads(&root).await, "reply_count"), 1);
    assert_eq!(bob.get(&path).await.is(200)["order"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn pins_are_set_once_and_listed() {
    let server = Server::start().await;
    let ([ann, bob, stranger], _, channel) = house(&server).await;
    let post = ann.posts(&channel, "remember").await;
    let mut socket = bob.listens().await;
    let pin = format!("/posts/{}/pin", id(&post));
    stranger.post(&pin, Value::Null).await.refused(403, FORBIDDEN);
    for _ in 0..2 {
        bob.post(&pin, Value::Null).await.is(200);
    }
    assert_eq!(inner(&socket.expect("post_edited").await, "post")["is_pinned"], true);
    let pinned = ann.get(&format!("/channels/{channel}/pinned")).await.is(200);
    assert_eq!(pinned["order"], json!([id(&post)]));
    stranger.get(&format!("/channels/{channel}/pinned")).await.refused(403, FORBIDDEN);
    ann.post(&format!("/posts/{}/unpin", id(&post)), Value::Null).await.is(200);
    let pinned = ann.get(&format!("/channels/{channel}/pinned")).await.is(200);
    assert_eq!(pinned["order"], json!([]));
}

#[tokio::test]
async fn pages_are_complete_and_in_order() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = house(&server).await;
    let mut ids = Vec::new();
    for n in 0..7 {
        ids.insert(0, id(&ann.posts(&channel, &format!("number {n}")).await));
    }
    let list = |query: &str| format!("/channels/{channel}/posts?{query}");
    let page = bob.get(&list("page=0&per_page=3")).await.is(200);
    assert_eq!(page["order"], json!(ids[..3]));
    let page = bob.get(&list("page=1&per_page=3")).await.is(200);
    assert_eq!(page["order"], json!(ids[3..6]));
    let page = bob.get(&list(&format!("before={}&per_page=2", ids[2]))).await.is(200);
    assert_eq!(page["order"], json!(ids[3..5]));
    assert_eq!((text(&page, "next_post_id"), text(&page, "prev_post_id")), (ids[2].clone(), ids[5].clone()));
    let page = bob.get(&list(&format!("after={}&per_page=2", ids[5]))).await.is(200);
    assert_eq!(page["order"], json!(ids[3..5]));
    let first = ann.reads_channel(&channel).await["posts"][&ids[4]].clone();
    ann.put(&format!("/posts/{}/patch", ids[6]), json!({"message": "edited"})).await.is(200);
    let since = bob.get(&list(&format!("since={}", number(&first, "create_at") + 1))).await.is(200);
    let since: Vec<&str> = since["order"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    assert!(since.contains(&ids[6].as_str()), "an edit is news: {since:?}");
    assert!(since.contains(&ids[0].as_str()) && !since.contains(&ids[5].as_str()), "{since:?}");
}

#[tokio::test]
async fn search_finds_what_was_written_where_one_may_read() {
    let server = Server::start().await;
    let ([ann, bob, stranger], team, channel) = house(&server).await;
    let apple = id(&ann.posts(&channel, "green apple pie #fruit").await);
    let pear = id(&bob.posts(&channel, "green pear").await);
    let found = async |who: &Person, terms: &str| {
        let body = json!({"terms": terms, "is_or_search": false});
        let found = who.post(&format!("/teams/{team}/posts/search"), body).await.is(200);
        let order: Vec<String> = serde_json::from_value(found["order"].clone()).unwrap();
        order
    };
    assert_eq!(found(&bob, "green").await, [pear.clone(), apple.clone()]);
    assert_eq!(found(&bob, "GREEN -pear").await, std::slice::from_ref(&apple));
    assert_eq!(found(&bob, "\"apple pie\"").await, std::slice::from_ref(&apple));
    assert_eq!(found(&bob, "\"pie apple\"").await, Vec::<String>::new());
    assert_eq!(found(&bob, "from:bob green").await, std::slice::from_ref(&pear));
    assert_eq!(found(&bob, "in:chat app*").await, std::slice::from_ref(&apple));
    assert_eq!(found(&bob, "#fruit").await, std::slice::from_ref(&apple));
    assert_eq!(found(&bob, "'; drop table posts; --").await, Vec::<String>::new());
    ann.delete(&format!("/posts/{apple}")).await.is(200);
    assert_eq!(found(&bob, "apple").await, Vec::<String>::new());
    let body = json!({"terms": "green", "is_or_search": false});
    stranger.post(&format!("/teams/{team}/posts/search"), body).await.refused(403, FORBIDDEN);
}

#[tokio::test]
async fn an_ephemeral_post_is_for_one_pair_of_eyes_and_kept_nowhere() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = house(&server).await;
    let (mut anns, mut bobs) = (ann.listens().await, bob.listens().await);
    let body = json!({"user_id": bob.id, "post": {"channel_id": channel, "message": "only you"}});
    ann.post("/posts/ephemeral", body.clone()).await.refused(403, FORBIDDEN);
    server.admin.post("/posts/ephemeral", body).await.is(201);
    let told = inner(&bobs.expect("ephemeral_message").await, "post");
    assert_eq!((text(&told, "message"), text(&told, "type")), ("only you".into(), "system_ephemeral".into()));
    assert_eq!(anns.heard_by_now(&ann).await, Vec::<String>::new());
    let listed = bob.reads_channel(&channel).await;
    assert!(!listed.to_string().contains("only you"), "{listed}");
    // Who is not there hears nothing of it, and an archived channel takes nothing.
    let far = json!({"user_id": server.admin.id, "post": {"channel_id": channel, "message": "only you"}});
    server.admin.post("/posts/ephemeral", far).await.refused(400, "api.context.invalid_body_param.app_error");
    ann.delete(&format!("/channels/{channel}")).await.is(200);
    let late = json!({"user_id": bob.id, "post": {"channel_id": channel, "message": "only you"}});
    let refused = server.admin.post("/posts/ephemeral", late).await;
    refused.refused(400, "api.post.create_post.can_not_post_to_deleted.error");
}

#[tokio::test]
async fn saved_posts_are_ones_own() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = house(&server).await;
    let post = id(&ann.posts(&channel, "keep this").await);
    let save = json!([{"user_id": bob.id, "category": "flagged_post", "name": post, "value": "true"}]);
    bob.put("/users/me/preferences", save).await.is(200);
    assert_eq!(bob.get("/users/me/posts/flagged").await.is(200)["order"], json!([post]));
    assert_eq!(ann.get("/users/me/posts/flagged").await.is(200)["order"], json!([]));
    ann.get(&format!("/users/{}/posts/flagged", bob.id)).await.refused(403, FORBIDDEN);
    let found = bob.post("/posts/ids", json!([post])).await.is(200);
    assert_eq!(each(&found, "message"), ["keep this"]);
}

#[tokio::test]
async fn search_terms_are_taken_as_clients_write_them() {
    let server = Server::start().await;
    let ([ann, bob, _], team, channel) = house(&server).await;
    let apple = id(&ann.posts(&channel, "green apple").await);
    let pear = id(&bob.posts(&channel, "green pear").await);
    let talk = ann.talks_to(&bob).await;
    let secret = id(&bob.posts(&talk, "green secret").await);
    let found = async |terms: &str| {
        let body = json!({"terms": terms, "is_or_search": false});
        let found = ann.post(&format!("/teams/{team}/posts/search"), body).await.is(200);
        serde_json::from_value::<Vec<String>>(found["order"].clone()).unwrap()
    };
    let all = [secret.clone(), pear.clone(), apple.clone()];
    for (terms, expected) in [
        ("from: ann green", vec![&apple]),
        ("green from: @bob in: chat", vec![&pear]),
        ("green -from: bob", vec![&apple]),
        ("green in:\"chat\"", vec![&pear, &apple]),
        ("green -in:chat", vec![&secret]),
        ("green in:@bob", vec![&secret]),
        ("green in: @bob", vec![&secret]),
        ("green -in:@bob", vec![&pear, &apple]),
        ("green in:@nobody", vec![]),
        ("green before:2001-01-01", vec![]),
        ("green -before: 2001-01-01", all.iter().collect()),
        ("green -after:2001-01-01", vec![]),
        ("green -on:2001-01-01", all.iter().collect()),
    ] {
        assert_eq!(found(terms).await.iter().collect::<Vec<_>>(), expected, "{terms}");
    }
    let name = text(&ann.get(&format!("/channels/{talk}")).await.is(200), "name");
    assert_eq!(found(&format!("green in:{name}")).await, std::slice::from_ref(&secret));
    // Today, wherever the searcher's day begins.
    let made = number(&ann.get(&format!("/posts/{apple}")).await.is(200), "create_at") / 1000;
    for offset in [-11 * 3600, 0, 13 * 3600] {
        let day = (made + offset) / 86_400;
        for (shift, count) in [(0, 3), (1, 0)] {
            let terms = format!("green on:{}", date(day + shift));
            let body = json!({"terms": terms, "time_zone_offset": offset});
            let found = ann.post("/posts/search", body).await.is(200);
            assert_eq!(found["order"].as_array().unwrap().len(), count, "{terms} at {offset}");
        }
    }
    // Pages.
    let page = async |n: usize| {
        let found =
            ann.post("/posts/search", json!({"terms": "green", "page": n, "per_page": 2})).await.is(200);
        (serde_json::from_value::<Vec<String>>(found["order"].clone()).unwrap(), found["has_next"].clone())
    };
    assert_eq!(page(0).await, (all[..2].to_vec(), json!(true)));
    assert_eq!(page(1).await, (all[2..].to_vec(), json!(false)));
    assert_eq!(page(2).await, (vec![], json!(false)));
}

/// The date of a day that is counted from 1970 on.
fn date(days: i64) -> String {
    let (mut year, mut left) = (1970, days);
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    while left >= 365 + i64::from(leap(year)) {
        left -= 365 + i64::from(leap(year));
        year += 1;
    }
    let months = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for days in months {
        if left < days {
            break;
        }
        left -= days;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", left + 1)
}

/// Properties by which clients show a post as somebody else's.
fn forged() -> Value {
    json!({"from_webhook": "true", "override_username": "The Boss", "override_icon_url": "https://x.example/i.png",
        "override_icon_emoji": "tada", "webhook_display_name": "x", "from_bot": "true", "from_plugin": "true",
        "from_oauth_app": "true", "kept": 1})
}

#[tokio::test]
async fn nobody_speaks_under_another_name() {
    let server = Server::start().await;
    let ([ann, bob, _], team, channel) = house(&server).await;
    let admin = &server.admin;
    ann.brings_into_team(&team, admin).await;
    ann.brings_into_channel(&channel, admin).await;
    let roles = json!({"roles": "system_user system_user_access_token"});
    admin.put(&format!("/users/{}/roles", ann.id), roles).await.is(200);
    let token = ann.post(&format!("/users/{}/tokens", ann.id), json!({"description": "x"})).await.is(200);
    let program = ann.with_token(&text(&token, "token"));
    let kept = json!({"kept": 1});
    for who in [&ann, &program, admin] {
        let said = json!({"channel_id": channel, "message": "do it", "props": forged()});
        let post = who.post("/posts", said).await.is(201);
        assert_eq!(post["props"], kept, "{}", who.name);
        assert_eq!(bob.reads(&post).await["props"], kept);
        let path = format!("/posts/{}", id(&post));
        assert_eq!(
            who.put(&format!("{path}/patch"), json!({"props": forged()})).await.is(200)["props"],
            kept
        );
        let whole = json!({"id": id(&post), "message": "do it now", "props": forged()});
        assert_eq!(who.put(&path, whole).await.is(200)["props"], kept);
    }
    let said =
        json!({"user_id": bob.id, "post": {"channel_id": channel, "message": "psst", "props": forged()}});
    assert_eq!(admin.post("/posts/ephemeral", said).await.is(201)["props"], kept);
}

#[tokio::test]
async fn who_may_not_post_changes_nothing_in_the_channel_either() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = house(&server).await;
    let post = bob.posts(&channel, "said while it was open").await;
    let anns = ann.posts(&channel, "by the channel's administrator").await;
    let file = bob.brings(&channel, "a.txt", b"a").await;
    let path = format!("/posts/{}", id(&post));
    let writes = [
        ("POST", "/posts".to_owned(), json!({"channel_id": channel, "message": "x"})),
        ("POST", "/posts".to_owned(), json!({"channel_id": channel, "message": "x", "root_id": id(&anns)})),
        ("PUT", format!("{path}/patch"), json!({"message": "something else"})),
        ("PUT", format!("{path}/patch"), json!({"props": {"attachments": [{"text": "something else"}]}})),
        ("PUT", format!("{path}/patch"), json!({"is_pinned": true})),
        ("PUT", format!("{path}/patch"), json!({"file_ids": [file["id"]]})),
        ("PUT", path.clone(), json!({"id": id(&post), "message": "something else"})),
        ("POST", format!("{path}/pin"), json!({})),
        ("POST", format!("/posts/{}/pin", id(&anns)), json!({})),
        ("POST", format!("/posts/{}/unpin", id(&anns)), json!({})),
        ("POST", "/uploads".to_owned(), json!({"channel_id": channel, "filename": "b.txt", "file_size": 1})),
    ];
    crate::roles::changes(&server.admin, "channel_user", &[], &["create_post"]).await;
    let before = bob.reads(&post).await;
    let mut socket = ann.listens().await;
    for (method, path, body) in &writes {
        let answer = bob.ask(method.parse().unwrap(), path, Some(body.clone())).await;
        assert_eq!((answer.status, answer.reason().as_str()), (403, FORBIDDEN), "{method} {path} {body}");
    }
    bob.tries_to_bring(&channel, "b.txt", b"b").await.refused(403, FORBIDDEN);
    let typing = json!({"channel_id": channel, "parent_id": ""});
    assert_eq!(bob.listens().await.request("user_typing", typing).await["error"]["status_code"], 403);
    assert_eq!(bob.reads(&post).await, before);
    assert_eq!(socket.heard_by_now(&ann).await, Vec::<String>::new());
    // Who may bring no files hangs none on a post.
    crate::roles::changes(&server.admin, "channel_user", &["create_post"], &["upload_file"]).await;
    let hang = json!({"file_ids": [file["id"]]});
    bob.put(&format!("{path}/patch"), hang.clone()).await.refused(403, FORBIDDEN);
    crate::roles::changes(&server.admin, "channel_user", &["upload_file"], &[]).await;
    bob.put(&format!("{path}/patch"), hang).await.is(200);
}

#[tokio::test]
async fn what_is_archived_stays_as_it_was() {
    let server = Server::start().await;
    let ([ann, bob, _], _, channel) = house(&server).await;
    let post = bob.posts(&channel, "for the archive").await;
    let reaction = json!({"user_id": bob.id, "post_id": id(&post), "emoji_name": "tada"});
    bob.post("/reactions", reaction).await.is(200);
    ann.delete(&format!("/channels/{channel}")).await.is(200);
    let path = format!("/posts/{}", id(&post));
    let reason = "api.post.delete_post.can_not_delete_post_in_deleted.error";
    for who in [&ann, &bob, &server.admin] {
        who.delete(&path).await.refused(400, reason);
    }
    bob.delete(&format!("/users/{}{path}/reactions/tada", bob.id)).await.refused(403, FORBIDDEN);
    ann.post(&format!("/channels/{channel}/restore"), Value::Null).await.is(200);
    assert_eq!(bob.reads(&post).await["metadata"]["reactions"].as_array().unwrap().len(), 1);
    bob.delete(&path).await.is(200);
}
