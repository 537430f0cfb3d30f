//! Counts count the living. Several people do what comes to their minds, and each count that they are told equals what
//! the lists show them.

use serde_json::{Value, json};

use crate::support::form::Form;
use crate::support::{Person, Server, id, number, text};

/// Acts of one run. After each of them its channel is counted, and after some everything.
const ACTS: usize = 50;

/// Types of posts that are never unread.
const COMINGS: &[&str] = &[
    "system_join_channel",
    "system_leave_channel",
    "system_add_to_channel",
    "system_join_team",
    "system_add_to_team",
];

/// Numbers that look random, and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

struct House {
    team: String,
    people: Vec<Person>,
    chat: String,
    talk: String,
}

impl House {
    async fn of(server: &Server) -> Self {
        let people = server.sign_up_all(["ann", "bob", "cid", "dan"]).await;
        let team = people[0].makes_team("house").await;
        let chat = people[0].makes_channel(&team, "chat").await;
        for person in &people[1..] {
            people[0].brings_into_team(&team, person).await;
            person.brings_into_channel(&chat, person).await;
        }
        let talk = people[0].talks_to(&people[1]).await;
        Self { team, people: people.to_vec(), chat, talk }
    }

    /// One act of somebody in one of the channels; where, and what it was. Dan comes and goes: nobody names him, since
    /// who is not there is not mentioned.
    async fn act(&self, dice: &mut Dice) -> (&str, String) {
        let channel = if dice.below(4) == 0 { &self.talk } else { &self.chat };
        let who = &self.people[dice.below(if *channel == self.talk { 2 } else { 4 })];
        let posts = living(who, channel).await;
        let Some(posts) = posts else {
            let joined = who.post(&format!("/channels/{channel}/members"), json!({"user_id": who.id})).await;
            return (channel, format!("{} joins: {}", who.name, joined.status));
        };
        let some = (!posts.is_empty()).then(|| &posts[dice.below(posts.len())]);
        let (act, status) = self.perform(who, channel, some, dice).await;
        (channel, format!("{} {act}: {status}", who.name))
    }

    async fn perform(
        &self,
        who: &Person,
        channel: &str,
        some: Option<&Value>,
        dice: &mut Dice,
    ) -> (&'static str, u16) {
        let says = async |message: &str, root: &str| {
            let post = json!({"channel_id": channel, "message": message, "root_id": root});
            who.post("/posts", post).await.status
        };
        let known = some.cloned().unwrap_or_else(|| json!({"id": "", "root_id": ""}));
        let (post, root) = (id(&known), text(&known, "root_id"));
        let thread = if root.is_empty() { &post } else { &root };
        match (dice.below(16), some.is_some()) {
            (0 | 1, _) | (_, false) => ("posts", says("hello", "").await),
            (2, _) => ("mentions", says("hello @bob and @cid", "").await),
            (3, _) => ("mentions all", says("@channel lunch", "").await),
            (4 | 5, _) => ("replies", says("indeed, @ann", thread).await),
            (6, _) => {
                let edit = json!({"message": format!("{} again", text(&known, "message"))});
                ("edits", who.put(&format!("/posts/{post}/patch"), edit).await.status)
            }
            (7 | 8, _) => ("deletes", who.delete(&format!("/posts/{post}")).await.status),
            (9, _) => ("pins", who.post(&format!("/posts/{post}/pin"), json!({})).await.status),
            (10, _) => {
                ("looks", who.post("/channels/members/me/view", json!({"channel_id": channel})).await.status)
            }
            (11 | 12, _) => (
                "marks unread",
                who.post(&format!("/users/me/posts/{post}/set_unread"), json!({})).await.status,
            ),
            (13, _) => {
                let header = json!({"header": format!("soup {}", dice.below(1000))});
                ("changes the header", who.put(&format!("/channels/{channel}/patch"), header).await.status)
            }
            (14, _) => ("brings a file", self.brings(who, channel).await),
            _ if who.name != "dan" => ("posts", says("hello", "").await),
            _ => ("leaves", who.delete(&format!("/channels/{channel}/members/{}", who.id)).await.status),
        }
    }

    async fn brings(&self, who: &Person, channel: &str) -> u16 {
        let form = Form::default().field("channel_id", channel).file("files", "notes.txt", b"notes");
        let file = id(&who.sends("/files", form).await.is(201)["file_infos"][0]);
        let post = json!({"channel_id": channel, "message": "a file", "file_ids": [file]});
        who.post("/posts", post).await.status
    }

    /// Every count that somebody is told of a channel, against its lists.
    async fn check(&self, who: &Person, channel: &str, after: &str) -> Option<(i64, i64)> {
        let posts = living(who, channel).await?;
        let told = who.get(&format!("/channels/{channel}/stats")).await.is(200);
        let members = who.get(&format!("/channels/{channel}/members?per_page=200")).await.is(200);
        let pinned = who.get(&format!("/channels/{channel}/pinned")).await.is(200);
        let files: usize = posts.iter().map(|p| p["metadata"]["files"].as_array().map_or(0, Vec::len)).sum();
        let counts =
            ["member_count", "guest_count", "pinnedpost_count", "files_count"].map(|key| number(&told, key));
        let shown = [members.as_array().unwrap().len(), 0, pinned["order"].as_array().unwrap().len(), files];
        assert_eq!(counts, shown.map(|n| n as i64), "{}: stats after {after}", who.name);
        for root in posts.iter().filter(|p| text(p, "root_id").is_empty()) {
            let replies = posts.iter().filter(|p| text(p, "root_id") == id(root)).count() as i64;
            assert_eq!(number(root, "reply_count"), replies, "{}: replies after {after}", who.name);
        }
        Some(unread(who, channel, &posts, after).await)
    }

    async fn check_all(&self, after: &str) {
        for who in &self.people {
            let chat = self.check(who, &self.chat, after).await;
            self.check(who, &self.talk, after).await;
            let team = who.get(&format!("/users/me/teams/{}/unread", self.team)).await.is(200);
            let mut sum = chat.unwrap_or_default();
            for name in ["town-square", "off-topic"] {
                let other = who.get(&format!("/teams/{}/channels/name/{name}", self.team)).await;
                if other.status == 200 {
                    let told = self.check(who, &id(&other.json()), after).await;
                    let (posts, mentions) = told.unwrap_or_default();
                    sum = (sum.0 + posts, sum.1 + mentions);
                }
            }
            assert_eq!(
                (number(&team, "msg_count"), number(&team, "mention_count")),
                sum,
                "{}: team after {after}",
                who.name
            );
        }
    }
}

/// The posts that somebody sees in a channel; none if they are not in it.
async fn living(who: &Person, channel: &str) -> Option<Vec<Value>> {
    who.get(&format!("/channels/{channel}/members/me")).await.status.eq(&200).then_some(())?;
    let page = who.reads_channel(channel).await;
    let order = page["order"].as_array().unwrap();
    assert!(order.len() < 200, "one page has them all");
    Some(order.iter().map(|id| page["posts"][id.as_str().unwrap()].clone()).collect())
}

/// What is unread: in all that tells it, and as the list shows it behind the line.
async fn unread(who: &Person, channel: &str, posts: &[Value], after: &str) -> (i64, i64) {
    let member = who.get(&format!("/channels/{channel}/members/me")).await.is(200);
    let told = who.get(&format!("/users/me/channels/{channel}/unread")).await.is(200);
    let total = who.get(&format!("/channels/{channel}")).await.is(200);
    let is_talk = text(&total, "type") == "D";
    let line = number(&member, "last_viewed_at");
    let behind = || posts.iter().filter(|p| number(p, "create_at") > line);
    let counted = behind().filter(|p| !COMINGS.contains(&text(p, "type").as_str()));
    let named = |p: &&Value| {
        let message = text(p, "message");
        let by_name = message.contains(&format!("@{}", who.name)) || message.contains("@channel");
        let is_said = text(p, "type").is_empty() && (is_talk || by_name);
        // Whoever is brought in is named by the notice of that.
        let brought =
            text(p, "type") == "system_add_to_channel" && p["props"]["addedUserId"] == who.id.as_str();
        text(p, "user_id") != who.id && (is_said || brought)
    };
    let is_root = |p: &&Value| text(p, "root_id").is_empty();
    let shown = [
        counted.clone().count(),
        counted.filter(is_root).count(),
        behind().filter(named).count(),
        behind().filter(named).filter(is_root).count(),
    ];
    let shown = shown.map(|n| n as i64);
    let keys = ["msg_count", "msg_count_root", "mention_count", "mention_count_root"];
    assert_eq!(keys.map(|key| number(&told, key)), shown, "{}: unread after {after}", who.name);
    let difference = |all: &str, seen: &str| number(&total, all) - number(&member, seen);
    let by_member = [
        difference("total_msg_count", "msg_count"),
        difference("total_msg_count_root", "msg_count_root"),
        number(&member, "mention_count"),
        number(&member, "mention_count_root"),
    ];
    assert_eq!(by_member, shown, "{}: the member's own after {after}", who.name);
    (shown[0], shown[2])
}

#[tokio::test]
async fn every_count_equals_what_the_lists_show() {
    let server = Server::with(&[("LIMITS__ENABLED", "false")]).await;
    let house = House::of(&server).await;
    house.check_all("the beginning").await;
    let mut acts = Vec::new();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for n in 1..=ACTS {
        let (channel, act) = house.act(&mut dice).await;
        acts.push(act);
        for who in &house.people {
            house.check(who, channel, &acts.join("\n")).await;
        }
        if n % 10 == 0 {
            house.check_all(&acts.join("\n")).await;
        }
    }
    assert!(acts.iter().filter(|act| act.contains(": 2")).count() > ACTS / 2, "{acts:#?}");
    house.people[0].delete(&format!("/channels/{}", house.chat)).await;
    let team = house.people[1].get(&format!("/users/me/teams/{}/unread", house.team)).await.is(200);
    assert!(number(&team, "msg_count") >= 0);
}

#[tokio::test]
async fn a_deleted_post_is_unread_for_nobody() {
    let server = Server::start().await;
    let house = House::of(&server).await;
    let [ann, bob] = [&house.people[0], &house.people[1]];
    for person in &house.people {
        person.post("/channels/members/me/view", json!({"channel_id": house.chat})).await.is(200);
    }
    let first = ann.posts(&house.chat, "first").await;
    let root = ann.posts(&house.chat, "@bob second").await;
    ann.replies(&root, "@channel third").await;
    let last = ann.posts(&house.chat, "fourth").await;
    let counts = async |who: &Person| {
        let told = who.get(&format!("/users/me/channels/{}/unread", house.chat)).await.is(200);
        (number(&told, "msg_count"), number(&told, "mention_count"))
    };
    assert_eq!(counts(bob).await, (4, 2));
    // With its thread.
    ann.delete(&format!("/posts/{}", id(&root))).await.is(200);
    assert_eq!(counts(bob).await, (2, 0));
    // Whoever marks unread before a deleted post does not count it.
    bob.post("/channels/members/me/view", json!({"channel_id": house.chat})).await.is(200);
    assert_eq!(counts(bob).await, (0, 0));
    bob.post(&format!("/users/me/posts/{}/set_unread", id(&first)), json!({})).await.is(200);
    assert_eq!(counts(bob).await, (2, 0));
    ann.delete(&format!("/posts/{}", id(&last))).await.is(200);
    assert_eq!(counts(bob).await, (1, 0));
    ann.posts(&house.chat, "fifth").await;
    assert_eq!(counts(bob).await, (2, 0));
}
