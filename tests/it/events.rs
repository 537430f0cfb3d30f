//! An event equals a refetch: what a socket says of something is what REST says of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::emoji::makes;
use crate::support::form::png;
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
    let gone = inner(&socket.expect("post_deleted").await, "post");
    let changed = bob.get(&format!("/channels/{channel}/posts?since=1")).await.is(200);
    same(&gone, &changed["posts"][id(&made)]);
    for kept in ["id", "user_id", "channel_id", "create_at", "edit_at", "pending_post_id"] {
        assert_eq!(gone[kept], last[kept], "{kept}");
    }
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
        let mut read = bob.get(&path).await.is(200);
        // What only some may know is in no event: whoever may asks for it.
        read["invite_id"] = json!("");
        same(&inner(&socket.expect("update_team").await, "team"), &read);
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

/// Where the thing is read that stands under `key` in an event's data. A key that is not known here fails: it has to be
/// decided, and compared, who may see what of it.
fn read_at(key: &str, thing: &Value) -> Option<String> {
    Some(match key {
        "post" => format!("/posts/{}", id(thing)),
        "channel" => format!("/channels/{}", id(thing)),
        "team" => format!("/teams/{}", id(thing)),
        "user" => format!("/users/{}", id(thing)),
        "role" => format!("/roles/{}", id(thing)),
        "emoji" => format!("/emoji/{}", id(thing)),
        "member" => format!("/teams/{}/members/{}", text(thing, "team_id"), text(thing, "user_id")),
        "channelMember" => {
            format!("/channels/{}/members/{}", text(thing, "channel_id"), text(thing, "user_id"))
        }
        // One of a list, a list of identifiers, and one's own.
        "reaction" | "mentions" | "teammate_ids" | "preferences" | "statuses" => return None,
        other => panic!("where is {other} read? {thing}"),
    })
}

/// What an event shows of a thing is what its hearer reads of it. Of a team an event leaves out what only some may
/// know.
async fn shows_what_is_read(who: &Person, event: &Value) -> usize {
    let mut compared = 0;
    for (key, value) in event["data"].as_object().unwrap() {
        let nested = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let thing = nested.as_ref().unwrap_or(value);
        if !thing.is_object() && !thing.is_array() {
            continue;
        }
        let Some(path) = read_at(key, thing) else { continue };
        let answer = who.get(&path).await;
        assert_eq!(answer.status, 200, "{} hears of {key} and may not read it: {event}", who.name);
        let mut read = answer.json();
        for left_out in ["invite_id", "email"].iter().filter(|_| key == "team") {
            read[*left_out] = json!("");
        }
        for moving in ["last_post_at", "last_root_post_at", "total_msg_count", "total_msg_count_root"] {
            if key == "channel" {
                read[moving] = thing[moving].clone();
            }
        }
        same(thing, &read);
        compared += 1;
    }
    compared
}

/// What is done, that others hear of it: by whom does not matter, but for roles and schemes.
fn deeds([post, team, channel, bob, role, scheme]: [&str; 6]) -> Vec<(&'static str, String, Value)> {
    let roles = json!({"scheme_admin": true, "scheme_user": true});
    vec![
        ("PUT", format!("{post}/patch"), json!({"message": "hello again"})),
        ("PUT", format!("/channels/{channel}/patch"), json!({"header": "head"})),
        (
            "PUT",
            format!("/teams/{team}/patch"),
            json!({"description": "ours", "allowed_domains": "example.com"}),
        ),
        (
            "PUT",
            "/users/me/patch".to_owned(),
            json!({"nickname": "Annie", "notify_props": {"desktop": "all"}}),
        ),
        ("PUT", format!("/teams/{team}/members/{bob}/schemeRoles"), roles.clone()),
        ("PUT", format!("/channels/{channel}/members/{bob}/schemeRoles"), roles),
        ("PUT", format!("/roles/{role}/patch"), json!({"permissions": ["read_channel", "create_post"]})),
        ("POST", format!("/teams/{team}/regenerate_invite_id"), json!({})),
        ("DELETE", post.to_owned(), Value::Null),
        ("PUT", format!("/teams/{team}/scheme"), json!({"scheme_id": scheme})),
        ("POST", "/emoji".to_owned(), Value::Null),
        ("DELETE", format!("/teams/{team}"), Value::Null),
        ("POST", format!("/teams/{team}/restore"), json!({})),
    ]
}

#[tokio::test]
async fn members_guests_and_administrators_hear_what_they_may_read() {
    let House { _server: server, ann, bob, team, channel, .. } = house().await;
    let (gus, admin) = (server.sign_up("gus").await, server.admin.clone());
    for who in [&gus, &admin] {
        ann.brings_into_team(&team, who).await;
        ann.brings_into_channel(&channel, who).await;
    }
    admin.post(&format!("/users/{}/demote", gus.id), json!({})).await.is(200);
    let roles = json!({"scheme_admin": true, "scheme_user": true});
    ann.put(&format!("/teams/{team}/members/{}/schemeRoles", admin.id), roles).await.is(200);
    let listeners = [&ann, &bob, &gus, &admin];
    let scheme = admin.post("/schemes", json!({"display_name": "x", "scope": "team"})).await.is(201);
    let mut sockets = futures_util::future::join_all(listeners.map(Person::listens)).await;
    let mut walked = BTreeSet::from(["posted".to_owned()]);
    let post = ann.posts(&channel, "hello @all").await;
    for (who, socket) in listeners.iter().zip(&mut sockets) {
        let heard = socket.expect("posted").await;
        assert_eq!(shows_what_is_read(who, &heard).await, 1);
    }
    let post = format!("/posts/{}", id(&post));
    let role = admin.get("/roles/name/channel_guest").await.is(200);
    let (role, scheme) = (id(&role), id(&scheme));
    let deeds = deeds([&post, &team, &channel, &bob.id, &role, &scheme]);
    for (method, path, body) in deeds {
        let doer = if path.starts_with("/roles") || path.ends_with("/scheme") { &admin } else { &ann };
        match path.as_str() {
            "/emoji" => makes(&ann, "gopher", &png(9, 9)).await,
            _ => doer.ask(method.parse().unwrap(), &path, Some(body)).await,
        };
        let mut compared = 0;
        for (who, socket) in listeners.iter().zip(&mut sockets) {
            for event in socket.all_by_now(who).await {
                // Notices of the change, which others may have moved since, are read in their own stories.
                if event["event"] != "post_deleted" {
                    let shown = shows_what_is_read(who, &event).await;
                    compared += shown;
                    walked.extend((shown > 0).then(|| text(&event, "event")));
                }
            }
        }
        assert!(compared > 0 || path.starts_with("/posts"), "{path}: nobody heard of it");
    }
    every_event_was_walked(&walked);
}

/// Events without a body that REST has too, and those whose body has a story of its own.
const OTHERS: &[(&str, &str)] = &[
    ("post_deleted", "what is left of a post, read by `since`: a post through its life"),
    ("post_unread", "the reader's own line: the stories of what is unread"),
    ("ephemeral_message", "kept nowhere"),
    ("reaction_added", "one of a list: a reaction given and taken"),
    ("reaction_removed", "the same"),
    ("channel_created", "identifiers"),
    ("channel_converted", "identifiers"),
    ("channel_deleted", "identifiers"),
    ("channel_restored", "identifiers"),
    ("channel_scheme_updated", "nothing"),
    ("channel_viewed", "identifiers, for the reader alone"),
    ("direct_added", "identifiers"),
    ("group_added", "identifiers"),
    ("user_added", "identifiers"),
    ("user_removed", "identifiers"),
    ("added_to_team", "identifiers"),
    ("leave_team", "identifiers"),
    ("new_user", "identifiers"),
    ("user_role_updated", "names of roles"),
    ("user_activation_status_change", "nothing"),
    ("preferences_changed", "one's own, for oneself alone"),
    ("preferences_deleted", "the same"),
    ("sidebar_category_updated", "nothing"),
    ("typing", "identifiers"),
    ("status_change", "a word"),
    ("statuses_change", "words"),
];

/// Each name that an event has in the source was walked, or stands in the list.
fn every_event_was_walked(walked: &BTreeSet<String>) {
    let source = include_str!("../../src/wire/event.rs");
    let names = source.lines().filter_map(|line| {
        let (variant, name) = line.trim().split_once(" => \"")?;
        (variant.starts_with("Self::") && variant.ends_with(" }")).then(|| name.split('"').next())?
    });
    let all: BTreeSet<&str> = names.collect();
    let known: BTreeSet<&str> =
        walked.iter().map(String::as_str).chain(OTHERS.iter().map(|(name, _)| *name)).collect();
    assert!(all.len() > 35, "{all:?}");
    assert_eq!(all, known, "events that nobody walks, or that are none");
}
