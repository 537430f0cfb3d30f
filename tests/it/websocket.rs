//! The WebSocket itself: who may open one, how they prove themselves, what they may say, and how it ends.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::socket::{handshake, refusal};
use crate::support::{PASSWORD, Server, Socket, text, visitor};

#[tokio::test]
async fn there_are_three_ways_to_prove_oneself() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (bearer, cookie) = (format!("Bearer {}", ann.token), format!("MMAUTHTOKEN={}", ann.token));
    for header in [("authorization", bearer.as_str()), ("cookie", cookie.as_str())] {
        let mut socket = Socket::connect(handshake(&server.base, &[header])).await;
        let hello = socket.expect("hello").await;
        assert_eq!(hello["seq"], 0);
        assert_eq!(text(&hello["data"], "connection_id").len(), 26);
        assert!(!text(&hello["data"], "server_version").is_empty());
        socket.expect_that("status_change", |e| e["data"]["status"] == "online").await;
    }
    let mut socket = Socket::connect(handshake(&server.base, &[])).await;
    let reply = socket.challenge(&ann.token).await;
    assert_eq!(reply, json!({"status": "OK", "seq_reply": 1}));
    assert_eq!(socket.expect("hello").await["seq"], 0, "hello comes before the reply");
    ann.makes_mark("heard").await;
    socket.expect("preferences_changed").await;
}

#[tokio::test]
async fn a_wrong_proof_opens_nothing() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    for header in [("authorization", "Bearer nonsense"), ("cookie", "MMAUTHTOKEN=nonsense")] {
        assert_eq!(refusal(handshake(&server.base, &[header])).await, 401);
    }
    let mut socket = Socket::connect(handshake(&server.base, &[])).await;
    let reply = socket.challenge("nonsense").await;
    assert_eq!((&reply["status"], &reply["error"]["status_code"]), (&json!("FAIL"), &json!(401)));
    assert_eq!(socket.closes().await, (1008, "not authenticated".into()));
    ann.post("/users/logout", Value::Null).await.is(200);
    let mut socket = Socket::connect(handshake(&server.base, &[])).await;
    assert_eq!(socket.challenge(&ann.token).await["status"], "FAIL");
    assert_eq!(
        refusal(handshake(&server.base, &[("authorization", &format!("Bearer {}", ann.token))])).await,
        401
    );
}

#[tokio::test]
async fn whoever_proves_nothing_hears_nothing_and_is_closed_after_five_seconds() {
    let server = Server::start().await;
    let mut socket = Socket::connect(handshake(&server.base, &[])).await;
    let began = Instant::now();
    for action in ["ping", "get_statuses"] {
        let reply = socket.request(action, json!({})).await;
        assert_eq!(reply["error"]["id"], "api.web_socket_router.not_authenticated.app_error");
        assert_eq!(reply["error"]["status_code"], 401);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(socket.closes().await, (1008, "not authenticated in time".into()));
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(4) && waited < Duration::from_secs(8), "{waited:?}");
}

#[tokio::test]
async fn a_foreign_site_may_not_use_its_visitors_cookie() {
    let server = Server::with(&[("SITE__URL", "https://chat.example.org")]).await;
    let ann = server.sign_up("ann").await;
    let cookie = format!("MMAUTHTOKEN={}", ann.token);
    for origin in
        ["https://evil.example", "null", "https://chat.example.org.evil.example", "chat.example.org"]
    {
        let request = handshake(&server.base, &[("cookie", &cookie), ("origin", origin)]);
        assert_eq!(refusal(request).await, 403, "{origin}");
    }
    for origin in ["https://chat.example.org", server.base.as_str()] {
        let mut socket =
            Socket::connect(handshake(&server.base, &[("cookie", &cookie), ("origin", origin)])).await;
        socket.expect("hello").await;
    }
    // Not a handshake at all.
    let plain = visitor(&server.base).get("/websocket").await;
    assert_eq!(plain.status, 400, "{plain:?}");
}

#[tokio::test]
async fn requests_are_answered_by_number() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut socket = ann.listens().await;
    let pong = socket.request("ping", json!({})).await;
    assert_eq!((&pong["status"], &pong["data"]["text"]), (&json!("OK"), &json!("pong")));
    let refused = socket.request("no_such_action", json!({})).await;
    assert_eq!(refused["error"]["id"], "api.web_socket_router.bad_action.app_error");
    for (data, missing) in
        [(json!({}), "nothing"), (json!({"channel_id": "nonsense"}), "no id"), (json!([]), "a list")]
    {
        let refused = socket.request("user_typing", data).await;
        assert_eq!(refused["error"]["id"], "api.websocket_handler.invalid_param.app_error", "{missing}");
    }
    assert_eq!(socket.request("ping", json!({})).await["data"]["text"], "pong", "still there");
}

#[tokio::test]
async fn nonsense_ends_a_socket_with_a_name() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut neighbour = ann.listens().await;
    for (said, code) in [("{", 1007), ("7", 1007), ("\"\"", 1007), ("{\"seq\": \"one\"}", 1007)] {
        let mut socket = ann.listens().await;
        socket.says(said).await;
        assert_eq!(socket.closes().await.0, code, "{said}");
    }
    let mut socket = ann.listens().await;
    socket.says(&"x".repeat(9000)).await;
    assert_eq!(socket.closes().await.0, 1009);
    let mut socket = ann.listens().await;
    socket.says(&json!({"seq": 0, "action": "ping"}).to_string()).await;
    socket.says(&json!({"seq": 1}).to_string()).await;
    ann.makes_mark("fine").await;
    socket.expect("preferences_changed").await;
    assert_eq!(neighbour.heard_by_now(&ann).await, Vec::<String>::new());
}

#[tokio::test]
async fn typing_is_heard_by_the_others_in_the_channel() {
    let server = Server::start().await;
    let [ann, bob, stranger] = server.sign_up_all(["ann", "bob", "stranger"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let town = ann.finds_channel(&team, "town-square").await;
    let (mut anns, mut bobs, mut strangers) =
        (ann.listens().await, bob.listens().await, stranger.listens().await);
    let typing = json!({"channel_id": town, "parent_id": ""});
    assert_eq!(anns.request("user_typing", typing.clone()).await["status"], "OK");
    let heard = bobs.expect("typing").await;
    assert_eq!(
        (text(&heard["data"], "user_id"), text(&heard["broadcast"], "channel_id")),
        (ann.id.clone(), town.clone())
    );
    assert!(heard["broadcast"].get("topic_seq").is_none(), "{heard}");
    assert_eq!(strangers.request("user_typing", typing).await["error"]["status_code"], 403);
    assert_eq!(anns.heard_by_now(&ann).await, Vec::<String>::new());
    assert_eq!(strangers.heard_by_now(&stranger).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_device_of_a_person_hears_everything() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let town = ann.finds_channel(&team, "town-square").await;
    let login = json!({"login_id": "ann", "password": PASSWORD, "deviceId": "phone"});
    let token = visitor(&server.base).post("/users/login", login).await.header("token");
    let (mut desk, mut phone) = (ann.listens().await, Socket::open(&server.base, &token).await);
    ann.posts(&town, "both of me").await;
    let (at_desk, on_phone) = (desk.expect("posted").await, phone.expect("posted").await);
    assert_eq!(at_desk["data"], on_phone["data"]);
    assert_eq!(at_desk["broadcast"], on_phone["broadcast"]);
}
