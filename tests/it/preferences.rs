//! Preferences: one's own, set and removed, and told to one's other devices.

use serde_json::{Value, json};

use crate::support::{Person, Server, each, inner, text};

const FORBIDDEN: &str = "api.context.permissions.app_error";

fn theme(who: &Person, value: &str) -> Value {
    json!([{"user_id": who.id, "category": "display_settings", "name": "theme", "value": value}])
}

#[tokio::test]
async fn a_preference_is_set_told_and_removed() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let mut elsewhere = ann.logs_in_again().await.listens().await;
    for value in ["dark", "light", "light"] {
        ann.put("/users/me/preferences", theme(&ann, value)).await.is(200);
        let told = inner(&elsewhere.expect("preferences_changed").await, "preferences");
        assert_eq!(each(&told, "value"), [value]);
    }
    let kept = ann.get("/users/me/preferences/display_settings").await.is(200);
    assert_eq!(each(&kept, "value"), ["light"]);
    let one = ann.get("/users/me/preferences/display_settings/name/theme").await.is(200);
    assert_eq!(text(&one, "value"), "light");
    for _ in 0..2 {
        ann.post("/users/me/preferences/delete", theme(&ann, "light")).await.is(200);
        elsewhere.expect("preferences_deleted").await;
    }
    ann.get("/users/me/preferences/display_settings").await.fails(404);
    ann.get("/users/me/preferences/display_settings/name/theme").await.fails(404);
}

#[tokio::test]
async fn nobody_reads_or_sets_anothers() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let mut socket = bob.listens().await;
    ann.put("/users/me/preferences", theme(&ann, "dark")).await.is(200);
    let path = format!("/users/{}/preferences", ann.id);
    for other in [&bob, &server.admin] {
        other.get(&path).await.refused(403, FORBIDDEN);
        other.put(&path, theme(&ann, "mine")).await.refused(403, FORBIDDEN);
        other.post(&format!("{path}/delete"), theme(&ann, "dark")).await.refused(403, FORBIDDEN);
        other.put("/users/me/preferences", theme(&ann, "mine")).await.refused(403, FORBIDDEN);
    }
    let kept = ann.get("/users/me/preferences/display_settings").await.is(200);
    assert_eq!(each(&kept, "value"), ["dark"]);
    bob.makes_mark("own").await;
    let told = inner(&socket.expect("preferences_changed").await, "preferences");
    assert_eq!(each(&told, "name"), ["own"], "only one's own are heard");
}

#[tokio::test]
async fn bad_ones_are_refused_and_none_of_their_company_is_set() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let one = |category: &str, name: &str, value: &str| json!({"user_id": ann.id, "category": category, "name": name, "value": value});
    let (long, longer) = ("x".repeat(100_000), "x".repeat(65));
    for bad in [one("", "n", ""), one(&long, "n", ""), one("c", &longer, ""), one("c", "n", &long)] {
        ann.put("/users/me/preferences", json!([one("good", "company", "1"), bad])).await.fails(400);
    }
    ann.put("/users/me/preferences", json!([])).await.fails(400);
    ann.put("/users/me/preferences", json!({})).await.fails(400);
    let many: Vec<Value> = (0..101).map(|n| one("many", &n.to_string(), "")).collect();
    ann.put("/users/me/preferences", json!(many)).await.fails(400);
    ann.get("/users/me/preferences/good").await.fails(404);
    ann.get("/users/me/preferences/many").await.fails(404);
}
