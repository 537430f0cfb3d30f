//! Who may act on whose account, and that what somebody owns is never more than they are. That every operation asks is
//! in `matrix`.

use serde_json::{Value, json};

use crate::roles::changes;
use crate::support::cluster::sql;
use crate::support::{PASSWORD, Person, Server, Socket, id, text, visitor};

const FORBIDDEN: &str = "api.context.permissions.app_error";
const EXCEEDS: &str = "app.bot.exceeds_owner.app_error";
const ADMIN: &str = "system_user system_admin";

async fn gives(server: &Server, who: &str, roles: &str) {
    server.admin.put(&format!("/users/{who}/roles"), json!({"roles": roles})).await.is(200);
}

/// A bot that `owner` made, with a token and these roles.
async fn bot_of(owner: &Person, name: &str, roles: &str) -> Person {
    let bot = text(&owner.post("/bots", json!({"username": name})).await.is(201), "user_id");
    owner.put(&format!("/users/{bot}/roles"), json!({"roles": roles})).await.is(200);
    let token = owner.post(&format!("/users/{bot}/tokens"), json!({"description": "x"})).await.is(200);
    let mut program = visitor(&owner.base).with_token(&text(&token, "token"));
    (program.id, program.name) = (bot, name.to_owned());
    program
}

async fn roles_of(server: &Server, who: &Person) -> String {
    text(&server.admin.get(&format!("/users/{}", who.id)).await.is(200), "roles")
}

#[tokio::test]
async fn nobody_becomes_operator_by_the_account_of_one() {
    let server = Server::start().await;
    let [chief, helper] = server.sign_up_all(["chief", "helper"]).await;
    gives(&server, &chief.id, ADMIN).await;
    gives(&server, &helper.id, "system_user system_user_manager").await;
    // An operator who administrates nothing is more than an administrator all the same.
    let operator = server.sign_up("olga").await;
    let path = format!("/organizations/operators/{}", operator.id);
    server.admin.put(&path, Value::Null).await.is(200);
    for target in [&operator, &server.admin] {
        let path = |rest: &str| format!("/users/{}{rest}", target.id);
        chief.put(&path("/password"), json!({"new_password": "Another-pass1"})).await.refused(403, FORBIDDEN);
        chief.post(&path("/tokens"), json!({"description": "x"})).await.refused(403, FORBIDDEN);
        for who in [&chief, &helper] {
            who.put(&path("/patch"), json!({"email": "evil@example.com"})).await.refused(403, FORBIDDEN);
        }
        chief
            .put(&format!("/organizations/current/admins/{}", target.id), json!({}))
            .await
            .refused(403, FORBIDDEN);
        chief.delete(&format!("/organizations/current/admins/{}", target.id)).await.refused(403, FORBIDDEN);
    }
    // Ending everybody's sessions ends everybody's but theirs, and their tokens are in no list.
    let tokens = operator.clone();
    gives(&server, &operator.id, "system_user system_user_access_token").await;
    tokens.post("/users/me/tokens", json!({"description": "x"})).await.is(200);
    assert_eq!(chief.get("/users/tokens").await.is(200), json!([]));
    assert_eq!(server.admin.get("/users/tokens").await.is(200).as_array().unwrap().len(), 1);
    chief.post("/users/sessions/revoke/all", Value::Null).await.is(200);
    chief.get("/users/me").await.fails(401);
    helper.get("/users/me").await.fails(401);
    operator.get("/users/me").await.is(200);
    // Operators act on operators.
    server.admin.put(&format!("/users/{}/patch", operator.id), json!({"nickname": "o"})).await.is(200);
    server.admin.post("/users/sessions/revoke/all", Value::Null).await.is(200);
    operator.get("/users/me").await.fails(401);
}

#[tokio::test]
async fn a_bot_loses_what_its_owner_loses_on_open_sockets_too() {
    let server = Server::start().await;
    let chief = server.sign_up("chief").await;
    gives(&server, &chief.id, ADMIN).await;
    let robot = bot_of(&chief, "robot", ADMIN).await;
    // A bot that a bot owns goes with both.
    let second = bot_of(&robot, "second", ADMIN).await;
    let mut socket = robot.listens().await;
    robot.get("/audits").await.is(200);
    gives(&server, &chief.id, "system_user").await;
    for bot in [&robot, &second] {
        assert_eq!(roles_of(&server, bot).await, "system_user", "{}", bot.name);
        bot.get("/audits").await.refused(403, FORBIDDEN);
        bot.put(&format!("/users/{}/roles", chief.id), json!({"roles": ADMIN})).await.refused(403, FORBIDDEN);
    }
    socket.expect("user_role_updated").await;
    let path = format!("/users/{}/tokens", robot.id);
    let token = chief.post(&path, json!({"description": "y"})).await.is(200);
    chief.with_token(&text(&token, "token")).get("/audits").await.refused(403, FORBIDDEN);
    let log = server.admin.get(&format!("/audits?subject_id={}&action=/api/v4/users/roles", robot.id)).await;
    assert_eq!(log.is(200)[0]["extra_info"], "with its owner");
    // It is given nothing that its owner lacks, and to nobody who is less than it.
    let give = server.admin.put(&format!("/users/{}/roles", robot.id), json!({"roles": ADMIN})).await;
    give.refused(400, EXCEEDS);
    let mine = bot_of(&server.admin, "mine", ADMIN).await;
    server
        .admin
        .post(&format!("/bots/{}/assign/{}", mine.id, chief.id), Value::Null)
        .await
        .refused(400, EXCEEDS);
}

#[tokio::test]
async fn an_owner_who_is_less_than_their_bot_does_nothing_with_it() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let robot = bot_of(&server.admin, "robot", "system_user").await;
    server.admin.post(&format!("/bots/{}/assign/{}", robot.id, ann.id), Value::Null).await.is(200);
    // As an older server may have left it.
    sql(&server.database, "update users set roles = 'system_admin system_user' where username = 'robot'");
    let bot = format!("/bots/{}", robot.id);
    ann.post(&format!("/users/{}/tokens", robot.id), json!({"description": "x"}))
        .await
        .refused(403, FORBIDDEN);
    ann.put(&bot, json!({"description": "x"})).await.refused(403, FORBIDDEN);
    ann.post(&format!("{bot}/enable"), Value::Null).await.refused(403, FORBIDDEN);
    ann.post(&format!("{bot}/disable"), Value::Null).await.refused(403, FORBIDDEN);
    ann.post(&format!("{bot}/assign/{}", ann.id), Value::Null).await.refused(403, FORBIDDEN);
    ann.delete(&format!("/users/{}/image", robot.id)).await.refused(403, FORBIDDEN);
    ann.get(&format!("/users/{}/tokens", robot.id)).await.refused(403, FORBIDDEN);
}

#[tokio::test]
async fn guests_and_those_who_are_off_own_no_bot_that_is_on() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let admin = &server.admin;
    let robot = bot_of(admin, "robot", "system_user").await;
    let assign = |to: &Person| format!("/bots/{}/assign/{}", robot.id, to.id);
    admin.post(&assign(&ann), Value::Null).await.is(200);
    let mut socket: Socket = robot.listens().await;
    admin.post(&format!("/users/{}/demote", ann.id), Value::Null).await.is(200);
    assert_eq!(socket.closes().await.1, "session ended");
    robot.get("/users/me").await.fails(401);
    let enable = format!("/bots/{}/enable", robot.id);
    ann.post(&enable, Value::Null).await.refused(403, FORBIDDEN);
    admin.post(&enable, Value::Null).await.refused(400, EXCEEDS);
    admin.post(&assign(&ann), Value::Null).await.refused(400, EXCEEDS);
    admin.post(&assign(&bob), Value::Null).await.is(200);
    admin.post(&enable, Value::Null).await.is(200);
    // By the command line it goes with its owner as well.
    let done = server.command().args(["user", "deactivate", "bob"]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert_ne!(sql(&server.database, "select delete_at from users where username = 'robot'"), "0");
    admin.post(&enable, Value::Null).await.refused(400, EXCEEDS);
    // Nobody's bots are left behind by who becomes a bot.
    let cid = server.sign_up("cid").await;
    admin.post(&assign(&cid), Value::Null).await.is(200);
    admin.post(&format!("/users/{}/convert_to_bot", cid.id), Value::Null).await.is(200);
    let bot = admin.get(&format!("/bots/{}?include_deleted=true", robot.id)).await.is(200);
    assert_eq!(text(&bot, "owner_id"), admin.id);
}

#[tokio::test]
async fn what_a_role_no_longer_permits_no_bot_of_its_owner_does() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    changes(&server.admin, "system_user_manager", &["create_bot", "read_audits"], &[]).await;
    gives(&server, &ann.id, "system_user system_user_manager").await;
    let robot = bot_of(&server.admin, "robot", "system_user system_read_only_admin").await;
    let manager = server.admin.clone();
    // Its owner has every permission of its role by another one.
    let all = manager.get("/roles/name/system_read_only_admin").await.is(200);
    let names: Vec<&str> =
        all["permissions"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
    changes(&manager, "system_user_manager", &names, &[]).await;
    manager.post(&format!("/bots/{}/assign/{}", robot.id, ann.id), Value::Null).await.is(200);
    robot.get("/audits").await.is(200);
    changes(&manager, "system_user_manager", &[], &["read_audits"]).await;
    robot.get("/audits").await.refused(403, FORBIDDEN);
    assert_eq!(roles_of(&server, &robot).await, "system_user");
}

#[tokio::test]
async fn guests_administrate_nothing_and_members_bring_none() {
    let server = Server::start().await;
    let [ann, gus] = server.sign_up_all(["ann", "gus"]).await;
    let admin = &server.admin;
    admin.post(&format!("/users/{}/demote", gus.id), Value::Null).await.is(200);
    let path = format!("/organizations/current/admins/{}", gus.id);
    admin.put(&path, json!({})).await.refused(400, "api.organization.admin_is_guest.app_error");
    let done = server.command().args(["user", "role", "gus", ADMIN]).output().unwrap();
    assert!(!done.status.success(), "{done:?}");
    assert_eq!(roles_of(&server, &gus).await, "system_guest");
    let team = ann.makes_team("house").await;
    let entry = json!({"team_id": team, "user_id": gus.id});
    let members = format!("/teams/{team}/members");
    ann.post(&members, entry.clone()).await.refused(403, FORBIDDEN);
    ann.post(&format!("{members}/batch"), json!([entry.clone()])).await.refused(403, FORBIDDEN);
    let told = ann.post(&format!("{members}/batch?graceful=true"), json!([entry.clone()])).await.is(201);
    assert_eq!(told[0]["error"]["id"], FORBIDDEN);
    changes(admin, "team_admin", &["invite_guest"], &[]).await;
    ann.post(&members, entry).await.is(201);
}

#[tokio::test]
async fn an_address_opens_a_team_when_it_is_proven() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let new = json!({"name": "crew", "display_name": "x", "type": "O", "allow_open_invite": true,
                     "allowed_domains": "example.com"});
    let team = ann.post("/teams", new).await.is(201);
    let (invite, team) = (text(&team, "invite_id"), id(&team));
    let unproven = "api.team.join_user_to_team.unverified_email.app_error";
    let entry = json!({"team_id": team, "user_id": bob.id});
    let members = format!("/teams/{team}/members");
    for who in [&bob, &ann, &server.admin] {
        who.post(&members, entry.clone()).await.refused(400, unproven);
    }
    bob.post(&format!("/teams/members/invite?invite_id={invite}"), json!({})).await.refused(400, unproven);
    visitor(&server.base).post("/users/email/verify/send", json!({"email": "bob@example.com"})).await.is(200);
    let token = server.email("Confirm").await.token();
    visitor(&server.base).post("/users/email/verify", json!({"token": token})).await.is(200);
    bob.post(&members, entry.clone()).await.is(201);
    // A new address is no proof of the old one; who is in stays.
    bob.put("/users/me/patch", json!({"email": "bobby@example.com", "password": PASSWORD})).await.is(200);
    bob.get(&format!("/teams/{team}")).await.is(200);
    bob.delete(&format!("{members}/{}", bob.id)).await.is(200);
    bob.post(&members, entry).await.refused(400, unproven);
    // Who signs up by the team's link comes in with the address, and logs in when it is proven.
    let cid = json!({"username": "cid", "email": "cid@example.com", "password": PASSWORD});
    let stranger = visitor(&server.base);
    stranger.post(&format!("/users?iid={invite}"), cid).await.is(201);
    let login = json!({"login_id": "cid", "password": PASSWORD});
    stranger.post("/users/login", login.clone()).await.refused(401, "api.user.login.not_verified.app_error");
    let cid = id(&server.admin.get("/users/username/cid").await.is(200));
    server.admin.post(&format!("/users/{cid}/email/verify/member"), Value::Null).await.is(200);
    stranger.post("/users/login", login).await.is(200);
}

#[tokio::test]
async fn an_archived_team_takes_nothing_until_it_is_back() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.makes_channel(&team, "lobby").await;
    ann.brings_into_channel(&channel, &bob).await;
    let post = id(&ann.posts(&channel, "before").await);
    let search = json!({"terms": "before", "is_or_search": false});
    assert_eq!(ann.post("/posts/search", search.clone()).await.is(200)["order"], json!([post]));
    ann.delete(&format!("/teams/{team}")).await.is(200);
    let said = json!({"channel_id": channel, "message": "after"});
    let archived = "api.post.create_post.can_not_post_to_deleted.error";
    ann.post("/posts", said.clone()).await.refused(400, archived);
    let reply = json!({"channel_id": channel, "message": "after", "root_id": post});
    ann.post("/posts", reply).await.refused(400, archived);
    ann.put(&format!("/posts/{post}/patch"), json!({"message": "x"})).await.fails(400);
    ann.post(&format!("/posts/{post}/pin"), json!({})).await.fails(400);
    let smile = json!({"user_id": ann.id, "post_id": post, "emoji_name": "smile"});
    ann.post("/reactions", smile.clone()).await.fails(403);
    let upload = json!({"channel_id": channel, "filename": "a.txt", "file_size": 3});
    ann.post("/uploads", upload.clone()).await.fails(403);
    ann.put(&format!("/channels/{channel}/patch"), json!({"header": "x"})).await.fails(400);
    ann.put(&format!("/channels/{channel}/privacy"), json!({"privacy": "P"})).await.fails(400);
    ann.delete(&format!("/channels/{channel}")).await.fails(400);
    let brought = json!({"user_id": ann.id});
    ann.post(&format!("/channels/{channel}/members"), brought).await.fails(400);
    ann.delete(&format!("/channels/{channel}/members/{}", bob.id))
        .await
        .refused(400, "api.channel.remove_user_from_channel.deleted.app_error");
    ann.post("/channels", json!({"team_id": team, "name": "new", "display_name": "n", "type": "O"}))
        .await
        .fails(404);
    // What was written stays to be read, and who leaves says nothing more there.
    assert_eq!(ann.post("/posts/search", search).await.is(200)["order"], json!([]));
    let said_before = ann.reads_channel(&channel).await;
    bob.delete(&format!("/channels/{channel}/members/{}", bob.id)).await.is(200);
    assert_eq!(ann.reads_channel(&channel).await["order"], said_before["order"]);
    ann.get(&format!("/channels/{channel}/posts")).await.is(200);
    ann.post(&format!("/teams/{team}/restore"), json!({})).await.is(200);
    ann.post("/posts", said).await.is(201);
    ann.post("/reactions", smile).await.is(200);
    ann.post("/uploads", upload).await.is(201);
}

#[tokio::test]
async fn a_bot_operates_no_longer_than_its_owner_and_a_guest_never() {
    let server = Server::start().await;
    let [ann, gus] = server.sign_up_all(["ann", "gus"]).await;
    let admin = &server.admin;
    let operator = |who: &str| format!("/organizations/operators/{who}");
    // Of an owner who is none, a bot becomes no operator.
    gives(&server, &ann.id, ADMIN).await;
    let bot = bot_of(&ann, "robot", ADMIN).await;
    admin.put(&operator(&bot.id), Value::Null).await.refused(400, EXCEEDS);
    admin.put(&operator(&ann.id), Value::Null).await.is(200);
    admin.put(&operator(&bot.id), Value::Null).await.is(200);
    bot.get("/organizations").await.is(200);
    // Nor does one that operates come to such an owner.
    let assign = format!("/bots/{}/assign/{}", bot.id, gus.id);
    gives(&server, &gus.id, ADMIN).await;
    admin.post(&assign, Value::Null).await.refused(400, EXCEEDS);
    admin.delete(&operator(&ann.id)).await.is(200);
    bot.get("/organizations").await.refused(403, FORBIDDEN);
    bot.put(&operator(&ann.id), Value::Null).await.refused(403, FORBIDDEN);
    admin.post(&assign, Value::Null).await.is(200);
    // A guest operates nothing, and an operator is no guest.
    admin.post(&format!("/users/{}/demote", admin.id), Value::Null).await.fails(400);
    gives(&server, &gus.id, "system_user").await;
    admin.post(&format!("/users/{}/demote", gus.id), Value::Null).await.is(200);
    admin
        .put(&operator(&gus.id), Value::Null)
        .await
        .refused(400, "api.organization.admin_is_guest.app_error");
    // Whoever is switched off looks after nothing: the last one who does stays.
    admin.put(&operator(&ann.id), Value::Null).await.is(200);
    admin.put(&format!("/users/{}/active", ann.id), json!({"active": false})).await.is(200);
    admin.delete(&operator(&admin.id)).await.refused(400, "api.organization.last_operator.app_error");
}

#[tokio::test]
async fn the_last_operator_does_not_switch_themselves_off() {
    let server = Server::start().await;
    let (ann, admin) = (server.sign_up("ann").await, &server.admin);
    gives(&server, &ann.id, ADMIN).await;
    let last = "api.organization.last_operator.app_error";
    let off = json!({"active": false});
    // There is another administrator, who operates nothing.
    admin.put(&format!("/users/{}/active", admin.id), off.clone()).await.refused(400, last);
    admin.put(&format!("/organizations/operators/{}", ann.id), Value::Null).await.is(200);
    admin.put(&format!("/users/{}/active", admin.id), off.clone()).await.is(200);
    ann.put(&format!("/users/{}/active", ann.id), off).await.fails(400);
}

#[tokio::test]
async fn a_bot_makes_its_owner_none_of_its_own() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    for who in [&ann, &bob] {
        gives(&server, &who.id, ADMIN).await;
        server.admin.put(&format!("/organizations/operators/{}", who.id), Value::Null).await.is(200);
    }
    let bot = bot_of(&ann, "robot", ADMIN).await;
    server.admin.put(&format!("/organizations/operators/{}", bot.id), Value::Null).await.is(200);
    let convert = |who: &Person| format!("/users/{}/convert_to_bot", who.id);
    bot.post(&convert(&ann), json!({})).await.refused(403, FORBIDDEN);
    // Two who do it to each other at once leave a person who operates.
    server.admin.put(&format!("/users/{}/active", server.admin.id), json!({"active": false})).await.is(200);
    let (to_ann, to_bob) = (convert(&ann), convert(&bob));
    let (one, other) = tokio::join!(ann.post(&to_bob, json!({})), bob.post(&to_ann, json!({})));
    assert!(one.status == 200 || other.status == 200, "{one:?} {other:?}");
    let people = "select count(*) from operators o join users u on u.id = o.user_id
        where u.bot_description is null and u.delete_at = 0";
    assert_eq!(sql(&server.database, people), "1");
}
