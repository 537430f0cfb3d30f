//! The properties of posts that say who made them. What a session or a token sends of them counts for nothing: a bot's
//! mark is put there by the server, and the other names are for what posts on others' behalf. Clients show a post under
//! the name and the picture that stand there, so whoever could write them could speak as anybody.

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

/// What of `props` somebody may say who posts, with a bot's mark where one does.
pub(super) fn said(mut props: Object, is_bot: bool) -> Object {
    props.retain(|name, _| !RESERVED.contains(&name.as_str()));
    if is_bot {
        props.insert(BADGE.to_owned(), Value::String("true".to_owned()));
    }
    props
}

/// What stands on a post after an edit that sends `props`: a bot's post stays one, and nobody else's becomes one.
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
