//! Stories about roles: who may look at them, who changes what they permit, and that it holds at once.

use serde_json::{Value, json};

use crate::support::{Person, Server, id, text};

const FORBIDDEN: &str = "api.context.permissions.app_error";

async fn role(who: &Person, name: &str) -> Value {
    who.get(&format!("/roles/name/{name}")).await.is(200)
}

/// Grants and withdraws; what the role permits then.
pub(crate) async fn changes(who: &Person, name: &str, grant: &[&str], withdraw: &[&str]) -> Value {
    let role = role(who, name).await;
    let kept = role["permissions"].as_array().unwrap().iter().map(|p| p.as_str().unwrap());
    let wanted: Vec<&str> = kept.filter(|p| !withdraw.contains(p)).chain(grant.iter().copied()).collect();
    who.put(&format!("/roles/{}/patch", text(&role, "id")), json!({"permissions": wanted})).await.is(200)
}

#[tokio::test]
async fn roles_are_seen_by_all_and_changed_by_administrators() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let user = role(&ann, "system_user").await;
    assert_eq!(ann.get(&format!("/roles/{}", text(&user, "id"))).await.is(200), user);
    ann.get("/roles").await.refused(403, FORBIDDEN);
    let all = server.admin.get("/roles").await.is(200);
    assert!(all.as_array().unwrap().contains(&user));
    let patch = format!("/roles/{}/patch", text(&user, "id"));
    ann.put(&patch, json!({"permissions": ["manage_system"]})).await.refused(403, FORBIDDEN);
    server.admin.put(&patch, json!({"permissions": ["rule_the_world"]})).await.fails(400);
    assert_eq!(role(&ann, "system_user").await, user);
    // What is withdrawn is refused at once, and everybody hears of it.
    let mut socket = bob.listens().await;
    let changed = changes(&server.admin, "system_user", &[], &["create_team"]).await;
    let told = socket.expect("role_updated").await;
    assert_eq!(serde_json::from_str::<Value>(&text(&told["data"], "role")).unwrap(), changed);
    assert_eq!(role(&ann, "system_user").await, changed);
    let team = json!({"name": "house", "display_name": "House", "type": "O"});
    ann.post("/teams", team.clone()).await.refused(403, FORBIDDEN);
    // Twice changes nothing.
    changes(&server.admin, "system_user", &[], &["create_team"]).await;
    assert_eq!(socket.heard_by_now(&bob).await, Vec::<String>::new());
    changes(&server.admin, "system_user", &["create_team"], &[]).await;
    ann.post("/teams", team).await.is(201);
}

#[tokio::test]
async fn administrators_keep_everything_and_channels_give_nothing_beyond_channels() {
    let server = Server::start().await;
    let admin = role(&server.admin, "system_admin").await;
    let patch = |role: &Value| format!("/roles/{}/patch", text(role, "id"));
    let reason = "api.roles.patch_roles.not_allowed_permission.error";
    server.admin.put(&patch(&admin), json!({"permissions": ["create_post"]})).await.refused(400, reason);
    let channel = role(&server.admin, "channel_user").await;
    server.admin.put(&patch(&channel), json!({"permissions": ["manage_system"]})).await.fails(400);
    assert_eq!(role(&server.admin, "channel_user").await, channel);
    server.admin.put("/roles/yyyyyyyyyyyyyyyyyyyyyyyyyy/patch", json!({})).await.fails(404);
}

#[tokio::test]
async fn managers_do_what_their_role_says_and_make_no_administrators() {
    let server = Server::start().await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let give = |who: &Person, roles: &str| {
        let (path, body) = (format!("/users/{}/roles", who.id), json!({"roles": roles}));
        let admin = server.admin.clone();
        async move { admin.put(&path, body).await.is(200) }
    };
    give(&ann, "system_user system_manager").await;
    give(&bob, "system_user system_read_only_admin").await;
    let team = cid.makes_team("house").await;
    let secret = cid.makes_private_channel(&team, "secret").await;
    let rename = json!({"display_name": "Home"});
    // A manager sees and changes places, and hears nothing of what is said there.
    ann.put(&format!("/teams/{team}/patch"), rename.clone()).await.is(200);
    ann.get(&format!("/channels/{secret}")).await.is(200);
    ann.get(&format!("/channels/{secret}/posts")).await.refused(403, FORBIDDEN);
    // Who may only look changes nothing.
    bob.get(&format!("/teams/{team}")).await.is(200);
    bob.put(&format!("/teams/{team}/patch"), rename).await.refused(403, FORBIDDEN);
    for manager in [&ann, &bob] {
        let roles = format!("/users/{}/roles", manager.id);
        manager.put(&roles, json!({"roles": "system_user system_admin"})).await.refused(403, FORBIDDEN);
    }
    // One who may give roles gives none that permits more than their own.
    changes(&server.admin, "system_manager", &["manage_roles"], &[]).await;
    let roles = format!("/users/{}/roles", cid.id);
    ann.put(&roles, json!({"roles": "system_user system_admin"})).await.refused(403, FORBIDDEN);
    ann.put(&roles, json!({"roles": "system_user system_read_only_admin"})).await.is(200);
    let admins = format!("/users/{}/roles", server.admin.id);
    ann.put(&admins, json!({"roles": "system_user"})).await.refused(403, FORBIDDEN);
}

#[tokio::test]
async fn another_node_knows_within_a_second() {
    let first = Server::start().await;
    let second = first.second_node();
    let ann = first.sign_up("ann").await;
    let there = ann.at(&second);
    let team = json!({"name": "house", "display_name": "House", "type": "O"});
    there.get("/users/me").await.is(200);
    changes(&first.admin, "system_user", &[], &["create_team"]).await;
    let refused = || async { there.post("/teams", team.clone()).await.status == 403 };
    crate::support::eventually("create_team is withdrawn", std::time::Duration::from_secs(2), refused).await;
}

/// What administrators decide about posting holds when it is posted: without the permission `@all` calls nobody.
#[tokio::test]
async fn what_a_role_loses_is_refused_where_it_happens() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let town = ann.finds_channel(&team, "town-square").await;
    let mentions = |who: &Person| {
        let (who, path) = (who.clone(), format!("/channels/{town}/members/{}", who.id));
        async move { who.get(&path).await.is(200)["mention_count"].as_i64().unwrap() }
    };
    let mine = bob.posts(&town, "mine").await;
    changes(&server.admin, "channel_user", &[], &["use_channel_mentions"]).await;
    bob.posts(&town, "@all lunch").await;
    assert_eq!(mentions(&ann).await, 0);
    changes(&server.admin, "channel_user", &["use_channel_mentions"], &[]).await;
    bob.posts(&town, "@all lunch").await;
    assert_eq!(mentions(&ann).await, 1);
    let withdrawn = ["create_post", "add_reaction", "edit_post", "delete_post"];
    changes(&server.admin, "channel_user", &[], &withdrawn).await;
    let react = json!({"user_id": bob.id, "post_id": mine["id"], "emoji_name": "smile"});
    let path = format!("/posts/{}", text(&mine, "id"));
    bob.tries_to_post(&town, "more").await.refused(403, FORBIDDEN);
    bob.post("/reactions", react.clone()).await.refused(403, FORBIDDEN);
    bob.put(&format!("{path}/patch"), json!({"message": "yours"})).await.refused(403, FORBIDDEN);
    bob.post(&format!("{path}/pin"), json!({})).await.refused(403, FORBIDDEN);
    bob.delete(&path).await.refused(403, FORBIDDEN);
    // The team's administrator has what the role of a team gives.
    ann.delete(&path).await.is(200);
    ann.tries_to_post(&town, "more").await.refused(403, FORBIDDEN);
    changes(&server.admin, "team_admin", &["create_post"], &[]).await;
    ann.posts(&town, "order").await;
    bob.tries_to_post(&town, "more").await.refused(403, FORBIDDEN);
    let new = json!({"team_id": team, "name": "new", "display_name": "New", "type": "O"});
    changes(&server.admin, "team_user", &[], &["create_public_channel"]).await;
    bob.post("/channels", new).await.refused(403, FORBIDDEN);
    bob.makes_private_channel(&team, "private").await;
}

#[tokio::test]
async fn who_may_not_read_a_channel_reads_it_by_no_other_way() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.makes_private_channel(&team, "quiet").await;
    ann.brings_into_channel(&channel, &bob).await;
    let file = ann.brings(&channel, "orchid.txt", b"orchid").await;
    let post = id(&ann.posts_files(&channel, "orchid", &[&file]).await);
    let saved = json!([{"user_id": bob.id, "category": "flagged_post", "name": post, "value": "true"}]);
    bob.put("/users/me/preferences", saved).await.is(200);
    let react = json!({"user_id": ann.id, "post_id": post, "emoji_name": "smile"});
    ann.post("/reactions", react).await.is(200);
    let search = json!({"terms": "orchid", "is_or_search": false});
    let asked = [
        ("GET", format!("/channels/{channel}/posts"), Value::Null),
        ("GET", format!("/channels/{channel}/posts?since=1"), Value::Null),
        ("GET", format!("/channels/{channel}/pinned"), Value::Null),
        ("GET", format!("/users/me/channels/{channel}/posts/unread"), Value::Null),
        ("GET", format!("/posts/{post}"), Value::Null),
        ("GET", format!("/posts/{post}/thread"), Value::Null),
        ("GET", format!("/posts/{post}/files/info"), Value::Null),
        ("GET", format!("/posts/{post}/reactions"), Value::Null),
        ("GET", format!("/files/{}/info", id(&file)), Value::Null),
        ("GET", "/users/me/posts/flagged".to_owned(), Value::Null),
        ("POST", "/posts/ids".to_owned(), json!([post])),
        ("POST", "/posts/ids/reactions".to_owned(), json!([post])),
        ("POST", "/posts/search".to_owned(), search.clone()),
        ("POST", format!("/teams/{team}/posts/search"), search.clone()),
        ("POST", "/files/search".to_owned(), search.clone()),
        ("POST", format!("/teams/{team}/files/search"), search),
    ];
    let shown = async || {
        let mut shown = Vec::new();
        for (method, path, body) in &asked {
            let body = (!body.is_null()).then(|| body.clone());
            let answer = bob.ask(method.parse().unwrap(), path, body).await;
            let says = answer.json().to_string();
            if answer.status == 200 && (says.contains("orchid") || says.contains("smile")) {
                shown.push(path.clone());
            }
        }
        shown
    };
    assert_eq!(shown().await.len(), asked.len() - 1, "all but the pinned ones, of which there are none");
    changes(&server.admin, "channel_user", &[], &["read_channel_content"]).await;
    assert_eq!(shown().await, Vec::<String>::new());
    changes(&server.admin, "channel_user", &[], &["read_channel"]).await;
    assert_eq!(shown().await, Vec::<String>::new());
}
