//! The properties of posts that name the author. Values from a session or a token are ignored: the server sets a bot's
//! mark, and the other names are for integrations that post on others' behalf. Clients show a post under the name and
//! the picture of these properties, so anybody who could write them could impersonate others.

use serde_json::Value;

use crate::wire::Object;

/// The mark of a post that a bot wrote.
const BADGE: &str = "from_bot";

/// Properties that only the server sets.
const RESERVED: [&str; 13] = [
    BADGE,
    "from_webhook",
    "from_plugin",
    "from_oauth_app",
    "override_username",
    "override_icon_url",
    "override_icon_emoji",
    "webhook_display_name",
    "overwrite_props",
    "remote_id",
    "deleteBy",
    "oauth_app_id",
    "integration_id",
];

/// The part of `props` that a sender may set, with the mark of a bot if the sender is one.
pub(super) fn said(mut props: Object, is_bot: bool) -> Object {
    props.retain(|name, _| !RESERVED.contains(&name.as_str()));
    if is_bot {
        props.insert(BADGE.to_owned(), Value::String("true".to_owned()));
    }
    props
}

/// The properties of a post after an edit that sends `props`: a bot's post keeps its mark, and no other post gets one.
pub(super) fn edited(props: Object, before: &Value) -> Object {
    said(props, before.get(BADGE).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn nobody_says_who_they_are_by_properties() {
        let forged: Object = RESERVED.iter().map(|name| ((*name).to_owned(), json!("true"))).collect();
        assert_eq!(said(forged.clone(), false), Object::new());
        assert_eq!(said(forged.clone(), true), object(json!({"from_bot": "true"})));
        let own = object(json!({"attachments": [], "From_Webhook": "shown by nobody"}));
        assert_eq!(said(own.clone(), false), own);
        assert_eq!(edited(forged.clone(), &json!({"from_webhook": "true"})), Object::new());
        assert_eq!(edited(Object::new(), &json!({"from_bot": "true"})), object(json!({"from_bot": "true"})));
    }
}
