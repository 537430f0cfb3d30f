//! Blank frames: the form in which the log keeps an event that shows a post, once the post is deleted. A blank frame
//! keeps its event name, number and audience, and of the post what [`Post::blank`] leaves. A client that was away
//! learns that a post was there and is deleted, and nothing of its text.

use serde_json::{Map, Value};

use super::{Millis, Post, PostId};

/// The keys of a post that a blank frame keeps. All other keys that clients expect are present and empty.
const KEPT: [&str; 11] = [
    "id",
    "create_at",
    "update_at",
    "edit_at",
    "user_id",
    "channel_id",
    "root_id",
    "type",
    "pending_post_id",
    "reply_count",
    "last_reply_at",
];

/// The keys of `posted` beside the post that reveal something of its text.
const SAID: [&str; 3] = ["mentions", "image", "otherFile"];

impl Post {
    /// The remains of a deleted post that clients may see: its identifiers, times, author and channel.
    pub fn blank(self) -> Self {
        Self {
            is_pinned: false,
            message: String::new(),
            props: Map::new(),
            hashtags: String::new(),
            file_ids: Vec::new(),
            has_reactions: false,
            participants: None,
            metadata: super::PostMetadata::default(),
            ..self
        }
    }
}

/// The blanked row of the log that replaces `row`, if that shows a post for which `deleted` gives a time of deletion.
pub fn blank(row: &str, deleted: impl Fn(PostId) -> Option<Millis>) -> Option<String> {
    let (head, body) = row.split_once('\n')?;
    let frame: Value = serde_json::from_str(&format!("{body}}}")).ok()?;
    let name = frame.get("event")?.as_str()?;
    let mut data = frame.get("data")?.as_object()?.clone();
    let post: Value = serde_json::from_str(data.get("post")?.as_str()?).ok()?;
    let at = deleted(post.get("id")?.as_str()?.parse().ok()?)?;
    data.insert("post".to_owned(), Value::String(left(&post, at).to_string()));
    for key in SAID {
        data.remove(key);
    }
    let (data, broadcast) = (Value::Object(data), frame.get("broadcast")?);
    // In the order of keys of the original: queries that match the beginning of a row still find it.
    Some(format!("{head}\n{{\"event\":\"{name}\",\"data\":{data},\"broadcast\":{broadcast}"))
}

/// The JSON of a post that was deleted at `at`: the kept keys, and the others empty.
fn left(post: &Value, at: Millis) -> Value {
    let kept = KEPT.iter().filter_map(|key| Some(((*key).to_owned(), post.get(*key)?.clone())));
    let mut left: Map<String, Value> = kept.collect();
    left.insert("delete_at".to_owned(), at.into());
    for key in ["message", "hashtags", "original_id"] {
        left.insert(key.to_owned(), Value::String(String::new()));
    }
    for key in ["props", "metadata"] {
        left.insert(key.to_owned(), Value::Object(Map::new()));
    }
    left.insert("is_pinned".to_owned(), Value::Bool(false));
    left.insert("participants".to_owned(), Value::Null);
    Value::Object(left)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::event::PostedIn;
    use crate::wire::{ChannelId, Event, FileId, Frame, PostMetadata, Topic, UserId};

    const WORDS: &str = "the secret recipe";

    fn post() -> Post {
        let text = |words: &str| words.to_owned();
        Post {
            id: PostId::new(),
            create_at: 5,
            update_at: 6,
            edit_at: 6,
            delete_at: 0,
            is_pinned: true,
            user_id: UserId::new(),
            channel_id: ChannelId::new(),
            root_id: Some(PostId::new()),
            original_id: String::new(),
            message: text(WORDS),
            kind: String::new(),
            props: json!({"attachments": [{"text": WORDS}]}).as_object().cloned().unwrap_or_default(),
            hashtags: text("#secret"),
            file_ids: vec![FileId::new()],
            pending_post_id: text("ann:1"),
            has_reactions: true,
            reply_count: 2,
            last_reply_at: 7,
            participants: None,
            metadata: PostMetadata::default(),
        }
    }

    fn posted(post: Post) -> Event {
        let channel = PostedIn {
            kind: crate::wire::ChannelKind::Public,
            display_name: "a\n\"name\"".to_owned(),
            name: "name".to_owned(),
            team_id: None,
        };
        let mentions = vec![UserId::new()];
        Event::Posted {
            post: Box::new(post),
            channel,
            sender_name: "@ann".to_owned(),
            mentions,
            set_online: true,
        }
    }

    /// The data of a row's frame, and its post.
    fn read(row: &str) -> (Value, Value) {
        let (_, body) = row.split_once('\n').expect("a row");
        let frame: Value = serde_json::from_str(&format!("{body}}}")).expect("a frame");
        let post = serde_json::from_str(frame["data"]["post"].as_str().expect("a post")).expect("a post");
        (frame, post)
    }

    #[test]
    fn a_blank_frame_is_that_of_a_blank_post_under_the_same_number() {
        let post = post();
        for event in [posted(post.clone()), Event::PostEdited { post: Box::new(post.clone()) }] {
            let row = event.encode(9, |_| 0).to_row();
            let blank = blank(&row, |id| (id == post.id).then_some(11)).expect("it shows the post");
            assert!(!blank.contains("secret") && !blank.contains("mentions"), "{blank}");
            let (frame, left) = read(&blank);
            let expected = Post { delete_at: 11, ..post.clone().blank() };
            assert_eq!(left, serde_json::to_value(expected).expect("JSON"));
            assert_eq!(frame["broadcast"], read(&row).0["broadcast"]);
            let back = Frame::from_row(Topic::Channel(post.channel_id), 9, &blank).expect("a row of ours");
            assert!(back.body.starts_with(&format!("{{\"event\":\"{}\",", event.name().unwrap_or_default())));
            assert_eq!(super::blank(&blank, |_| Some(11)).as_deref(), Some(blank.as_str()), "twice is once");
        }
    }

    #[test]
    fn what_shows_another_post_or_none_stays() {
        let row = posted(post()).encode(9, |_| 0).to_row();
        assert_eq!(blank(&row, |_| None), None);
        for other in ["", "\n", "\n{\"event\":\"typing\",\"data\":{}", "{\"close\":true}\n"] {
            assert_eq!(blank(other, |_| Some(1)), None, "{other}");
        }
    }
}
