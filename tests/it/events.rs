//! An event equals a refetch: what a socket says of something is what REST says of it.

use serde_json::{Value, json};

use crate::support::{Person, Server, Socket, id, inner, text};

struct House {
    _server: Server,
    ann: Person,
    bob: Person,
    team: String,
    channel: String,
    /// What bob hears.
    socket: Socket,
}

async fn house() -> House {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let team = ann.makes_team("house").await;
    ann.brings_into_team(&team, &bob).await;
    let channel = ann.makes_channel(&team, "chat").await;
    bob.brings_into_channel(&channel, &bob).await;
    let socket = bob.listens().await;
    House { _server: server, ann, bob, team, channel, socket }
}

/// Both say the same of every field.
#[track_caller]
fn same(heard: &Value, read: &Value) {
    let mut keys: Vec<&String> =
        heard.as_object().unwrap().keys().chain(read.as_object().unwrap().keys()).collect();
    keys.sort();
    keys.dedup();
    assert!(keys.len() > 5, "{heard}");
    for key in keys {
        assert_eq!(heard.get(key), read.get(key), "{key}\nheard {heard}\nread  {read}");
    }
}

#[tokio::test]
async fn a_post_through_its_life() {
    let House { ann, bob, channel, socket, .. } = &mut house().await;
    let made = ann.posts(channel, "hello #one @bob").await;
    let event = socket.expect("posted").await;
    same(&inner(&event, "post"), &bob.reads(&made).await);
    same(&made, &bob.reads(&made).await);
    assert_eq!(serde_json::from_str::<Value>(&text(&event["data"], "mentions")).unwrap(), json!([bob.id]));
    let room = bob.get(&format!("/channels/{channel}")).await.is(200);
    for (told, known) in [
        ("channel_name", "name"),
        ("channel_display_name", "display_name"),
        ("channel_type", "type"),
        ("team_id", "team_id"),
    ] {
        assert_eq!(event["data"][told], room[known], "{told}");
    }
    let edited =
        ann.put(&format!("/posts/{}/patch", id(&made)), json!({"message": "hello #two"})).await.is(200);
    same(&inner(&socket.expect("post_edited").await, "post"), &bob.reads(&made).await);
    same(&edited, &bob.reads(&made).await);
    for pin in ["pin", "unpin"] {
        ann.post(&format!("/posts/{}/{pin}", id(&made)), Value::Null).await.is(200);
        same(&inner(&socket.expect("post_edited").await, "post"), &bob.reads(&made).await);
    }
    let whole = json!({"id": id(&made), "message": "hello", "props": {"a": {"b": [1, null, "c"]}}});
    ann.put(&format!("/posts/{}", id(&made)), whole).await.is(200);
    let last = bob.reads(&made).await;
    assert_eq!(last["props"]["a"]["b"], json!([1, null, "c"]));
    same(&inner(&socket.expect("post_edited").await, "post"), &last);
    ann.delete(&format!("/posts/{}", id(&made))).await.is(200);
    let mut gone = inner(&socket.expect("post_deleted").await, "post");
    for changing in ["delete_at", "update_at"] {
        gone[changing] = last[changing].clone();
    }
    same(&gone, &last);
}

#[tokio::test]
async fn a_reply_and_its_root() {
    let House { ann, bob, channel, socket, .. } = &mut house().await;
    let root = ann.posts(channel, "root").await;
    socket.expect("posted").await;
    let reply = ann.replies(&root, "reply").await;
    let heard = inner(&socket.expect("posted").await, "post");
    same(&heard, &bob.reads(&reply).await);
    assert_eq!(heard["reply_count"], bob.reads(&root).await["reply_count"]);
    let edited =
        ann.put(&format!("/posts/{}/patch", id(&root)), json!({"message": "the root"})).await.is(200);
    same(&inner(&socket.expect("post_edited").await, "post"), &bob.reads(&root).await);
    same(&edited, &bob.reads(&root).await);
}

#[tokio::test]
async fn a_reaction_given_and_taken() {
    let House { ann, bob, channel, socket, .. } = &mut house().await;
    let post = ann.posts(channel, "good news").await;
    let given = json!({"user_id": ann.id, "post_id": id(&post), "emoji_name": "tada"});
    let given = ann.post("/reactions", given).await.is(200);
    let heard = inner(&socket.expect("reaction_added").await, "reaction");
    let read = bob.get(&format!("/posts/{}/reactions", id(&post))).await.is(200);
    same(&heard, &read[0]);
    same(&given, &read[0]);
    same(&heard, &bob.reads(&post).await["metadata"]["reactions"][0]);
    ann.put(&format!("/posts/{}/patch", id(&post)), json!({"message": "better news"})).await.is(200);
    same(&inner(&socket.expect("post_edited").await, "post"), &bob.reads(&post).await);
    ann.delete(&format!("/users/me/posts/{}/reactions/tada", id(&post))).await.is(200);
    let taken = inner(&socket.expect("reaction_removed").await, "reaction");
    assert_eq!((&taken["emoji_name"], &taken["user_id"]), (&heard["emoji_name"], &heard["user_id"]));
}

#[tokio::test]
async fn a_channel_that_changes() {
    let House { ann, bob, channel, socket, .. } = &mut house().await;
    let path = format!("/channels/{channel}");
    // Its notices come after the event, in the same change: they have moved its counters since.
    let moving = ["last_post_at", "last_root_post_at", "total_msg_count", "total_msg_count_root"];
    let steady = |mut channel: Value| {
        moving.iter().for_each(|key| channel[key] = Value::Null);
        channel
    };
    for change in [
        json!({"header": "head"}),
        json!({"purpose": "talk"}),
        json!({"display_name": "Chat 2", "name": "chat-2"}),
    ] {
        let changed = ann.put(&format!("{path}/patch"), change).await.is(200);
        let read = steady(bob.get(&path).await.is(200));
        same(&steady(inner(&socket.expect("channel_updated").await, "channel")), &read);
        same(&steady(changed), &read);
    }
    ann.put(&format!("{path}/privacy"), json!({"privacy": "P"})).await.is(200);
    let heard = inner(&socket.expect("channel_updated").await, "channel");
    same(&steady(heard), &steady(bob.get(&path).await.is(200)));
}

#[tokio::test]
async fn a_team_that_changes() {
    let House { ann, bob, team, socket, .. } = &mut house().await;
    let path = format!("/teams/{team}");
    for change in
        [json!({"display_name": "The House"}), json!({"description": "ours", "allow_open_invite": true})]
    {
        ann.put(&format!("{path}/patch"), change).await.is(200);
        same(&inner(&socket.expect("update_team").await, "team"), &bob.get(&path).await.is(200));
    }
}

#[tokio::test]
async fn an_account_that_changes() {
    let House { ann, bob, socket, .. } = &mut house().await;
    let mut own = ann.listens().await;
    let change = json!({"nickname": "Annie", "first_name": "Ann", "position": "Engineer", "notify_props": {"desktop": "all"}});
    let changed = ann.put("/users/me/patch", change).await.is(200);
    let heard = socket.expect("user_updated").await["data"]["user"].clone();
    same(&heard, &bob.get(&format!("/users/{}", ann.id)).await.is(200));
    let heard = own.expect("user_updated").await["data"]["user"].clone();
    same(&heard, &ann.get("/users/me").await.is(200));
    same(&changed, &heard);
    let told: Vec<String> = own.heard_by_now(ann).await;
    assert!(!told.contains(&"user_updated".to_owned()), "told once");
}

#[tokio::test]
async fn a_member_whose_role_or_settings_change() {
    let House { ann, bob, team, channel, socket, .. } = &mut house().await;
    let roles = json!({"scheme_admin": true, "scheme_user": true});
    ann.put(&format!("/teams/{team}/members/{}/schemeRoles", bob.id), roles.clone()).await.is(200);
    let read = bob.get(&format!("/teams/{team}/members/{}", bob.id)).await.is(200);
    same(&inner(&socket.expect("memberrole_updated").await, "member"), &read);
    ann.put(&format!("/channels/{channel}/members/{}/schemeRoles", bob.id), roles).await.is(200);
    let me = format!("/channels/{channel}/members/me");
    same(
        &inner(&socket.expect("channel_member_updated").await, "channelMember"),
        &bob.get(&me).await.is(200),
    );
    let quiet =
        json!({"user_id": bob.id, "channel_id": channel, "desktop": "none", "mark_unread": "mention"});
    bob.put(&format!("/channels/{channel}/members/{}/notify_props", bob.id), quiet).await.is(200);
    let read = bob.get(&me).await.is(200);
    assert_eq!(read["notify_props"]["desktop"], "none");
    same(&inner(&socket.expect("channel_member_updated").await, "channelMember"), &read);
}
