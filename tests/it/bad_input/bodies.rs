//! Junk in bodies.

use reqwest::Method;
use serde_json::{Value, json};

use super::{House, ask_all, routes, sound};
use crate::support::person::Answer;
use crate::support::{PASSWORD, text};

/// The fields of all bodies.
const FIELDS: &str = "id user_id user_ids team_id channel_id channel_ids prev_channel_id post_id root_id name display_name \
    type header purpose message props file_ids metadata pending_post_id is_pinned username email \
    password nickname locale notify_props timezone login_id token device_id current_password \
    new_password roles active status dnd_end_time emoji text expires_at emoji_name terms is_or_search \
    term privacy scheme_admin scheme_user session_id description allow_open_invite post desktop \
    mark_unread emails channels channelIds";

fn writes() -> impl Iterator<Item = (Method, &'static str)> {
    routes().into_iter().filter(|(method, _)| [Method::POST, Method::PUT].contains(method))
}

/// Those that read no body, or answer everybody the same.
fn reads_no_body(route: &str) -> bool {
    ["/users/logout", "/users/login/type", "/users/sessions/revoke/all", "/teams/members/invite"]
        .contains(&route)
}

#[tokio::test]
async fn broken_json_is_refused_and_nothing_changes() {
    let house = House::new().await;
    let before = house.state();
    for broken in ["", "{", "{\"email\": ", "[1,", "nonsense", "\u{feff}{}", "{\"a\":1}{\"b\":2}"] {
        for (method, route) in writes().filter(|(_, route)| !route.contains('{') && !reads_no_body(route)) {
            let answer = Answer::of(house.server.admin.request(method, route).body(broken)).await;
            assert_eq!(answer.status, 400, "{route} {broken}: {answer:?}");
            answer.reason();
        }
    }
    for broken in [vec![0xff, 0xfe, b'{'], b"{\"username\":\"\xc3\x28\"}".to_vec()] {
        let answer = Answer::of(house.ann.request(Method::POST, "/users").body(broken)).await;
        answer.refused(400, "api.context.invalid_body_param.app_error");
    }
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_fail_nowhere() {
    let house = House::new().await;
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!("x"),
        json!("x".repeat(100_000)),
        json!([]),
        json!([null, 1, "x"]),
        json!({}),
        json!({"a": {"b": []}}),
    ];
    let shapes = values
        .iter()
        .map(|value| FIELDS.split_whitespace().map(|field| (field.to_owned(), value.clone())).collect());
    let mut deep = json!([]);
    (0..100).for_each(|_| deep = json!([deep]));
    let bodies: Vec<Value> =
        shapes.map(Value::Object).chain(values.iter().cloned()).chain([json!([{}]), deep]).collect();
    for (method, route) in writes().filter(|(_, route)| *route != "/users/logout") {
        let path = house.path(route, &[]);
        let asked = bodies.iter().map(|body| (method.clone(), path.clone(), Some(body.clone())));
        for outcome in ask_all(&house.ann, asked).await {
            sound(&outcome);
        }
    }
    house.ann.get("/users/me").await.is(200);
}

#[tokio::test]
async fn an_error_names_the_field_and_nothing_changes() {
    let house = House::new().await;
    let [bob, team, channel, post] = [0, 1, 2, 3].map(|n| house.parts[n].1.clone());
    let before = house.state();
    let user = json!({"username": "new", "email": "new@example.com", "password": PASSWORD});
    let team_body = json!({"name": "new", "display_name": "New", "type": "O"});
    let channel_body = json!({"team_id": team, "name": "new", "display_name": "New", "type": "O"});
    let post_body = json!({"channel_id": channel, "message": "new"});
    let reaction = json!({"user_id": house.ann.id, "post_id": post, "emoji_name": "new"});
    let direct = json!({"scheme_admin": true, "scheme_user": true});
    let bad = |valid: &Value, field: &str, value: Value| {
        let mut body = valid.clone();
        body[field] = value;
        (body, field.to_owned())
    };
    let cases = [
        ("/users", bad(&user, "username", json!(1))),
        ("/users", bad(&user, "email", json!({}))),
        ("/users", bad(&user, "nickname", json!(["x"]))),
        ("/users", bad(&user, "nickname", json!("a\u{0}b"))),
        ("/teams", bad(&team_body, "name", json!(1))),
        ("/teams", bad(&team_body, "display_name", json!(false))),
        ("/teams", bad(&team_body, "allow_open_invite", json!("yes"))),
        ("/teams", bad(&team_body, "description", json!("a\u{0}b"))),
        ("/channels", bad(&channel_body, "team_id", json!("nonsense"))),
        ("/channels", bad(&channel_body, "name", json!(1))),
        ("/channels", bad(&channel_body, "header", json!({"a": 1}))),
        ("/channels", bad(&channel_body, "purpose", json!("\u{0}"))),
        ("/posts", bad(&post_body, "channel_id", json!("nonsense"))),
        ("/posts", bad(&post_body, "channel_id", json!(1))),
        ("/posts", bad(&post_body, "message", json!(["x"]))),
        ("/posts", bad(&post_body, "message", json!("a\u{0}b"))),
        ("/posts", bad(&post_body, "root_id", json!("nonsense"))),
        ("/posts", bad(&post_body, "props", json!("x"))),
        ("/reactions", bad(&reaction, "post_id", json!("nonsense"))),
        ("/reactions", bad(&reaction, "user_id", json!(0))),
        ("/reactions", bad(&reaction, "emoji_name", json!(0))),
    ];
    for (path, (body, field)) in cases {
        let answer = house.ann.post(path, body).await;
        let message = text(&answer.json(), "message");
        answer.refused(400, "api.context.invalid_body_param.app_error");
        assert!(message.contains(&field), "{path} {field}: {message}");
    }
    for (path, (body, field)) in [
        (
            format!("/channels/{channel}/members/{bob}/schemeRoles"),
            bad(&direct, "scheme_admin", json!("yes")),
        ),
        (format!("/teams/{team}/members/{bob}/schemeRoles"), bad(&direct, "scheme_user", json!(1))),
        (format!("/channels/{channel}/patch"), bad(&json!({}), "header", json!(1))),
        (format!("/teams/{team}/patch"), bad(&json!({}), "display_name", json!([]))),
        (format!("/posts/{post}/patch"), bad(&json!({}), "message", json!({}))),
        ("/users/me/patch".to_owned(), bad(&json!({}), "nickname", json!(1))),
    ] {
        let answer = house.ann.put(&path, body).await;
        let message = text(&answer.json(), "message");
        answer.refused(400, "api.context.invalid_body_param.app_error");
        assert!(message.contains(&field), "{path} {field}: {message}");
    }
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn names_of_a_hundred_thousand_characters_are_refused() {
    let house = House::new().await;
    let before = house.state();
    let (team, channel, long) = (&house.parts[1].1, &house.parts[2].1, "x".repeat(100_000));
    for (method, path, body) in [
        (Method::POST, "/teams".to_owned(), json!({"name": long, "display_name": "x", "type": "O"})),
        (Method::POST, "/teams".to_owned(), json!({"name": "new", "display_name": long, "type": "O"})),
        (
            Method::POST,
            "/channels".to_owned(),
            json!({"team_id": team, "name": long, "display_name": "x", "type": "O"}),
        ),
        (
            Method::POST,
            "/channels".to_owned(),
            json!({"team_id": team, "name": "new", "display_name": long, "type": "O"}),
        ),
        (Method::POST, "/posts".to_owned(), json!({"channel_id": channel, "message": long})),
        (
            Method::POST,
            "/posts".to_owned(),
            json!({"channel_id": channel, "message": "x", "pending_post_id": long}),
        ),
        (Method::PUT, format!("/channels/{channel}/patch"), json!({"purpose": long})),
        (Method::PUT, format!("/channels/{channel}/patch"), json!({"name": long})),
        (Method::PUT, format!("/teams/{team}/patch"), json!({"description": long})),
        (Method::PUT, "/users/me/patch".to_owned(), json!({"username": long})),
        (Method::PUT, "/users/me/patch".to_owned(), json!({"props": {"k": long}})),
        (Method::PUT, "/users/me/patch".to_owned(), json!({"notify_props": {"k": long}})),
        (Method::PUT, "/users/sessions/device".to_owned(), json!({"device_id": long})),
    ] {
        let answer = house.ann.ask(method, &path, Some(body)).await;
        answer.fails(400);
    }
    assert_eq!(house.state(), before);
}

#[tokio::test]
async fn names_that_nobody_sees_or_that_mislead_are_refused() {
    let house = House::new().await;
    let [team, channel] = [1, 2].map(|n| house.parts[n].1.clone());
    let admin = &house.server.admin;
    let bot = text(&admin.post("/bots", json!({"username": "robot"})).await.is(201), "user_id");
    for name in ["\u{200b}", " ", "Ann\u{202e}nnA", "Ann\nis typing", "\u{3164}"] {
        let user = |field: &str| ("/users/me/patch".to_owned(), field.to_owned());
        let places = [
            user("nickname"),
            user("first_name"),
            user("last_name"),
            user("position"),
            (format!("/teams/{team}/patch"), "display_name".to_owned()),
            (format!("/channels/{channel}/patch"), "display_name".to_owned()),
            (format!("/bots/{bot}"), "display_name".to_owned()),
            ("/organizations/current/patch".to_owned(), "name".to_owned()),
        ];
        for (path, field) in places {
            let answer = admin.put(&path, json!({field.as_str(): name})).await;
            assert_eq!(answer.status, 400, "{path} {field} {name:?}: {answer:?}");
        }
    }
    admin.put("/users/me/patch", json!({"nickname": "", "first_name": "Zoë 👩‍👩‍👧"})).await.is(200);
}

#[tokio::test]
async fn ten_megabytes_are_too_large() {
    let house = House::new().await;
    let before = house.state();
    let channel = &house.parts[2].1;
    let body = json!({"channel_id": channel, "message": "x".repeat(10 * 1024 * 1024)}).to_string();
    for (path, who) in [("/posts", &house.ann), ("/users", &house.ann), ("/teams", &house.server.admin)] {
        let answer = Answer::of(who.request(Method::POST, path).body(body.clone())).await;
        answer.refused(413, "api.context.request_body_too_large.app_error");
    }
    house.ann.get("/users/me").await.is(200);
    assert_eq!(house.state(), before);
    let props = json!({"channel_id": channel, "message": "x", "props": {"k": "x".repeat(800_000)}});
    house.ann.post("/posts", props).await.refused(400, "model.post.is_valid.props.app_error");
}
