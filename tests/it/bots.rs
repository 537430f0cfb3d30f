//! Bots: accounts behind which a program stands.

use serde_json::{Value, json};

use crate::roles::changes;
use crate::support::form::{Form, png};
use crate::support::{NOBODY, PASSWORD, Person, Server, each, id, number, text, visitor};

const FORBIDDEN: &str = "api.context.permissions.app_error";
const MISSING: &str = "store.sql_bot.get.missing.app_error";

async fn makes_bot(server: &Server, name: &str) -> String {
    let new = json!({"username": name, "display_name": "Helper", "description": "helps"});
    text(&server.admin.post("/bots", new).await.is(201), "user_id")
}

/// The bot as the program that speaks for it.
async fn speaks_for(server: &Server, bot: &str, name: &str) -> Person {
    let path = format!("/users/{bot}/tokens");
    let token = server.admin.post(&path, json!({"description": "its own"})).await.is(200);
    let mut program = visitor(&server.base).with_token(&text(&token, "token"));
    (program.id, program.name) = (bot.to_owned(), name.to_owned());
    program
}

#[tokio::test]
async fn a_bot_is_made_by_an_administrator_and_badged_for_everybody() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut hears = ann.listens().await;
    let new = json!({"username": "Helper", "display_name": "The Helper", "description": "helps"});
    ann.post("/bots", new.clone()).await.refused(403, FORBIDDEN);
    let bot = server.admin.post("/bots", new.clone()).await.is(201);
    assert_eq!(
        (
            text(&bot, "username"),
            text(&bot, "display_name"),
            text(&bot, "description"),
            text(&bot, "owner_id")
        ),
        ("helper".into(), "The Helper".into(), "helps".into(), server.admin.id.clone())
    );
    assert_eq!(number(&bot, "delete_at"), 0);
    assert!(hears.heard_by_now(&ann).await.is_empty());
    server.admin.post("/bots", new).await.refused(400, "app.user.save.username_exists.app_error");
    let account = ann.get(&format!("/users/{}", text(&bot, "user_id"))).await.is(200);
    assert_eq!((&account["is_bot"], &account["bot_description"]), (&json!(true), &json!("helps")));
    assert_eq!(text(&account, "email"), "helper@localhost");
    assert!(ann.get("/users/me").await.is(200).get("is_bot").is_none());
    assert_eq!(number(&ann.get("/users/stats").await.is(200), "total_users_count"), 2);
}

#[tokio::test]
async fn a_bot_posts_and_listens_with_its_token_and_its_posts_say_so() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bot = makes_bot(&server, "helper").await;
    let program = speaks_for(&server, &bot, "helper").await;
    let team = server.admin.makes_team("crew").await;
    for who in [&ann, &program] {
        server.admin.brings_into_team(&team, who).await;
    }
    let channel = ann.finds_channel(&team, "town-square").await;
    let mut socket = program.listens().await;
    ann.posts(&channel, "hello @helper").await;
    let heard = socket.expect_that("posted", |e| text(&e["data"], "post").contains("hello @helper")).await;
    assert!(text(&heard["data"], "mentions").contains(&bot), "{heard}");
    let post = program.posts(&channel, "at your service").await;
    assert_eq!(post["props"]["from_bot"], "true");
    assert_eq!(ann.reads(&post).await["props"]["from_bot"], "true");
    let edited =
        program.put(&format!("/posts/{}/patch", id(&post)), json!({"message": "done", "props": {}})).await;
    assert_eq!(edited.is(200)["props"]["from_bot"], "true");
    let forged = json!({"channel_id": channel, "message": "beep", "props": {"from_bot": "true", "x": 1}});
    assert_eq!(ann.post("/posts", forged).await.is(201)["props"], json!({"x": 1}));
    let session = server.admin.get(&format!("/users/{bot}/sessions")).await.is(200);
    assert_eq!(session[0]["props"]["is_bot"], "true");
}

#[tokio::test]
async fn nobody_logs_in_as_a_bot() {
    let server = Server::start().await;
    let bot = makes_bot(&server, "helper").await;
    let change = json!({"new_password": PASSWORD});
    server.admin.put(&format!("/users/{bot}/password"), change).await;
    for name in ["helper", "helper@localhost"] {
        let login = json!({"login_id": name, "password": PASSWORD});
        let answer = visitor(&server.base).post("/users/login", login).await;
        answer.refused(401, "api.user.login.invalid_credentials_email_username");
    }
}

#[tokio::test]
async fn bots_are_listed_for_administrators_and_their_owners() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let (first, second) = (makes_bot(&server, "first").await, makes_bot(&server, "second").await);
    server.admin.post(&format!("/bots/{first}/assign/{}", ann.id), Value::Null).await.is(200);
    assert_eq!(each(&server.admin.get("/bots").await.is(200), "user_id"), [first.clone(), second.clone()]);
    assert_eq!(
        each(&server.admin.get("/bots?per_page=1&page=1").await.is(200), "user_id"),
        std::slice::from_ref(&second)
    );
    assert_eq!(each(&ann.get("/bots").await.is(200), "user_id"), std::slice::from_ref(&first));
    assert_eq!(bob.get("/bots").await.is(200), json!([]));
    ann.get(&format!("/bots/{first}")).await.is(200);
    for (who, bot) in
        [(&ann, second.as_str()), (&bob, &first), (&server.admin, NOBODY), (&server.admin, &bob.id)]
    {
        who.get(&format!("/bots/{bot}")).await.refused(404, MISSING);
        who.put(&format!("/bots/{bot}"), json!({"description": "mine"})).await.refused(404, MISSING);
        who.post(&format!("/bots/{bot}/disable"), Value::Null).await.refused(404, MISSING);
        who.post(&format!("/bots/{bot}/assign/{}", bob.id), Value::Null).await.refused(404, MISSING);
    }
    let heir = server.admin.post(&format!("/bots/{second}/assign/{first}"), Value::Null).await;
    heir.refused(400, "api.context.invalid_url_param.app_error");
    visitor(&server.base).get("/bots").await.fails(401);
}

#[tokio::test]
async fn an_owner_changes_their_bot_and_makes_its_tokens() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bot = makes_bot(&server, "helper").await;
    server.admin.post(&format!("/bots/{bot}/assign/{}", ann.id), Value::Null).await.is(200);
    let changed =
        ann.put(&format!("/bots/{bot}"), json!({"username": "aide", "description": "aids"})).await.is(200);
    assert_eq!(
        (text(&changed, "username"), text(&changed, "display_name")),
        ("aide".into(), "Helper".into())
    );
    let account = ann.get("/users/username/aide").await.is(200);
    assert_eq!(
        (text(&account, "email"), text(&account, "bot_description")),
        ("aide@localhost".into(), "aids".into())
    );
    let taken = ann.put(&format!("/bots/{bot}"), json!({"username": "ann"})).await;
    taken.refused(400, "app.user.save.username_exists.app_error");
    let long = ann.put(&format!("/bots/{bot}"), json!({"description": "x".repeat(1025)})).await;
    long.refused(400, "model.bot.is_valid.description.app_error");
    let token = ann.post(&format!("/users/{bot}/tokens"), json!({"description": "x"})).await.is(200);
    let program = ann.with_token(&text(&token, "token"));
    assert_eq!(text(&program.get("/users/me").await.is(200), "username"), "aide");
    program.post("/users/me/tokens", json!({"description": "more"})).await.refused(403, FORBIDDEN);
}

#[tokio::test]
async fn the_teams_of_its_owner_hear_what_becomes_of_a_bot() {
    let server = Server::start().await;
    let [ann, stranger] = server.sign_up_all(["ann", "stranger"]).await;
    let team = server.admin.makes_team("crew").await;
    server.admin.brings_into_team(&team, &ann).await;
    let bot = makes_bot(&server, "helper").await;
    let (mut hears, mut stranger_hears) = (ann.listens().await, stranger.listens().await);
    server.admin.post(&format!("/bots/{bot}/disable"), Value::Null).await.is(200);
    let told = hears.expect("user_updated").await;
    assert_eq!(told["data"]["user"]["id"], json!(bot));
    assert!(number(&told["data"]["user"], "delete_at") > 0);
    assert_eq!(stranger_hears.heard_by_now(&stranger).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_bot_that_is_switched_off_is_silent_and_hidden_until_it_is_on_again() {
    let server = Server::start().await;
    let bot = makes_bot(&server, "helper").await;
    let program = speaks_for(&server, &bot, "helper").await;
    let mut socket = program.listens().await;
    let off = server.admin.post(&format!("/bots/{bot}/disable"), Value::Null).await.is(200);
    assert!(number(&off, "delete_at") > 0);
    program.get("/users/me").await.fails(401);
    assert_eq!(socket.closes().await.1, "session ended");
    server.admin.get(&format!("/bots/{bot}")).await.refused(404, MISSING);
    assert_eq!(server.admin.get("/bots").await.is(200), json!([]));
    assert_eq!(server.admin.get(&format!("/bots/{bot}?include_deleted=true")).await.is(200), off);
    assert_eq!(server.admin.get("/bots?include_deleted=true").await.is(200), json!([off]));
    server.admin.post(&format!("/bots/{bot}/disable"), Value::Null).await.is(200);
    let on = server.admin.post(&format!("/bots/{bot}/enable"), Value::Null).await.is(200);
    assert_eq!(number(&on, "delete_at"), 0);
    let back = || async { program.get("/users/me").await.status == 200 };
    crate::support::eventually("the token works again", std::time::Duration::from_secs(3), back).await;
}

#[tokio::test]
async fn a_bot_goes_with_its_owner() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bot = makes_bot(&server, "helper").await;
    server.admin.post(&format!("/bots/{bot}/assign/{}", ann.id), Value::Null).await.is(200);
    let program = speaks_for(&server, &bot, "helper").await;
    program.get("/users/me").await.is(200);
    assert_eq!(server.admin.get("/bots?only_orphaned=true").await.is(200), json!([]));
    server.admin.put(&format!("/users/{}/active", ann.id), json!({"active": false})).await.is(200);
    program.get("/users/me").await.fails(401);
    let orphans = server.admin.get("/bots?only_orphaned=true&include_deleted=true").await.is(200);
    assert_eq!(each(&orphans, "user_id"), std::slice::from_ref(&bot));
    let log =
        server.admin.get(&format!("/audits?subject_id={bot}&action=/api/v4/bots/disable")).await.is(200);
    assert_eq!(each(&log, "extra_info"), ["with its owner"]);
}

#[tokio::test]
async fn a_bot_becomes_a_person_and_a_person_a_bot() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bot = makes_bot(&server, "helper").await;
    let path = format!("/bots/{bot}/convert_to_user");
    let body = json!({"password": PASSWORD, "email": "helen@example.com"});
    ann.post(&path, body.clone()).await.refused(403, FORBIDDEN);
    server.admin.post(&path, json!({})).await.refused(400, "api.context.invalid_body_param.app_error");
    let person = server.admin.post(&path, body.clone()).await.is(200);
    assert!(person.get("is_bot").is_none(), "{person}");
    assert_eq!(text(&person, "email"), "helen@example.com");
    server.admin.post(&path, body).await.refused(404, MISSING);
    let helen = server.admin.log_in("helper").await;
    assert_eq!(helen.id, bot);
    let path = format!("/users/{bot}/convert_to_bot");
    ann.post(&path, Value::Null).await.refused(403, FORBIDDEN);
    let again = server.admin.post(&path, Value::Null).await.is(200);
    assert_eq!((text(&again, "user_id"), text(&again, "owner_id")), (bot.clone(), server.admin.id.clone()));
    helen.get("/users/me").await.fails(401);
    let login = json!({"login_id": "helper", "password": PASSWORD});
    visitor(&server.base).post("/users/login", login).await.fails(401);
    server.admin.post(&path, Value::Null).await.refused(400, "api.context.invalid_url_param.app_error");
    let own = format!("/users/{}/convert_to_bot", server.admin.id);
    server.admin.post(&own, Value::Null).await.refused(400, "api.context.invalid_url_param.app_error");
    let made = server
        .admin
        .post(&format!("/bots/{bot}/convert_to_user?set_system_admin=true"), json!({"password": PASSWORD}))
        .await;
    assert_eq!(text(&made.is(200), "roles"), "system_admin system_user");
}

#[tokio::test]
async fn a_manager_makes_bots_people_and_people_bots_but_nobody_who_is_more_than_they_are() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let admin = server.admin.clone();
    let roles = |who: &str, roles: &str| {
        let (path, body) = (format!("/users/{who}/roles"), json!({"roles": roles}));
        let admin = admin.clone();
        async move { admin.put(&path, body).await.is(200) }
    };
    roles(&ann.id, "system_user system_user_manager").await;
    let [bot, chief] = [makes_bot(&server, "helper").await, makes_bot(&server, "chief").await];
    roles(&chief, "system_admin system_user").await;
    let body = json!({"password": PASSWORD, "email": "helen@example.com"});
    let to_user = |bot: &str| format!("/bots/{bot}/convert_to_user");
    let to_bot = |user: &str| format!("/users/{user}/convert_to_bot");
    ann.post(&to_user(&bot), body.clone()).await.refused(404, MISSING);
    ann.post(&to_bot(&bob.id), Value::Null).await.refused(403, FORBIDDEN);
    changes(&admin, "system_user_manager", &["manage_others_bots", "create_bot"], &[]).await;
    bob.post(&to_user(&bot), body.clone()).await.refused(403, FORBIDDEN);
    // Who manages a bot can become it: not one that is more than they are.
    ann.post(&to_user(&chief), body.clone()).await.refused(403, FORBIDDEN);
    ann.post(&format!("/bots/{chief}/assign/{}", ann.id), Value::Null).await.refused(403, FORBIDDEN);
    ann.put(&format!("/bots/{chief}"), json!({"description": "mine"})).await.refused(403, FORBIDDEN);
    ann.post(&format!("{}?set_system_admin=true", to_user(&bot)), body.clone()).await.refused(403, FORBIDDEN);
    ann.post(&to_bot(&admin.id), Value::Null).await.refused(403, FORBIDDEN);
    // A person takes one of the organisation's places.
    let limit = |most: i64| admin.put("/organizations/current/patch", json!({"max_users": most}));
    limit(3).await.is(200);
    let full = ann.post(&to_user(&bot), body.clone()).await;
    full.refused(400, "api.user.create_user.user_limits.exceeded");
    ann.get(&format!("/users/{bot}")).await.is(200);
    limit(0).await.is(200);
    ann.post(&to_user(&bot), body).await.is(200);
    assert_eq!(ann.log_in("helper").await.id, bot);
    let made = ann.post(&to_bot(&bob.id), Value::Null).await.is(200);
    assert_eq!(text(&made, "owner_id"), ann.id);
    bob.get("/users/me").await.fails(401);
}

#[tokio::test]
async fn a_bot_looks_as_its_owner_and_whoever_manages_bots_decide() {
    let server = Server::start().await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let bot = makes_bot(&server, "helper").await;
    server.admin.post(&format!("/bots/{bot}/assign/{}", ann.id), Value::Null).await.is(200);
    let path = format!("/users/{bot}/image");
    let picture = || Form::default().file("image", "a.png", &png(20, 20));
    let stamp = async || number(&bob.get(&format!("/users/{bot}")).await.is(200), "last_picture_update");
    bob.sends(&path, picture()).await.refused(403, FORBIDDEN);
    ann.sends(&path, picture()).await.is(200);
    assert!(stamp().await > 0);
    bob.delete(&path).await.refused(403, FORBIDDEN);
    ann.delete(&path).await.is(200);
    assert!(stamp().await < 0);
    // The bot itself, with its token.
    let program = speaks_for(&server, &bot, "helper").await;
    program.sends("/users/me/image", picture()).await.is(200);
    // Whoever manages others' bots, as long as those are no more than they are; their permission is not about people.
    let roles = json!({"roles": "system_user system_user_access_token"});
    server.admin.put(&format!("/users/{}/roles", cid.id), roles).await.is(200);
    cid.sends(&path, picture()).await.refused(403, FORBIDDEN);
    changes(&server.admin, "system_user_access_token", &["manage_others_bots"], &[]).await;
    cid.sends(&path, picture()).await.is(200);
    cid.delete(&path).await.is(200);
    cid.sends(&format!("/users/{}/image", bob.id), picture()).await.refused(403, FORBIDDEN);
    let (chief, roles) = (makes_bot(&server, "chief").await, json!({"roles": "system_admin system_user"}));
    server.admin.put(&format!("/users/{chief}/roles"), roles).await.is(200);
    cid.sends(&format!("/users/{chief}/image"), picture()).await.refused(403, FORBIDDEN);
    // Who may edit others, people too.
    changes(&server.admin, "system_user_access_token", &["edit_other_users"], &["manage_others_bots"]).await;
    cid.sends(&format!("/users/{}/image", bob.id), picture()).await.is(200);
    cid.sends(&format!("/users/{}/image", server.admin.id), picture()).await.refused(403, FORBIDDEN);
    cid.sends(&format!("/users/{NOBODY}/image"), picture()).await.fails(404);
}
