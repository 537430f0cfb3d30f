//! Bringing files and fetching them, in the words of the stories.

use reqwest::Method;
use serde_json::Value;

use crate::support::form::Form;
use crate::support::{Answer, Person};

impl Person {
    /// Brings one file to a channel, as clients do.
    pub(crate) async fn tries_to_bring(&self, channel: &str, name: &str, bytes: &[u8]) -> Answer {
        let form = Form::default().field("channel_id", channel).field("client_ids", "c1");
        self.sends("/files", form.file("files", name, bytes)).await
    }

    /// The same, and what is told of it.
    pub(crate) async fn brings(&self, channel: &str, name: &str, bytes: &[u8]) -> Value {
        let answer = self.tries_to_bring(channel, name, bytes).await.is(201);
        assert_eq!(answer["client_ids"], serde_json::json!(["c1"]));
        answer["file_infos"][0].clone()
    }

    /// Posts with files.
    pub(crate) async fn posts_files(&self, channel: &str, message: &str, files: &[&Value]) -> Value {
        let ids: Vec<&Value> = files.iter().map(|f| &f["id"]).collect();
        let post = serde_json::json!({"channel_id": channel, "message": message, "file_ids": ids});
        self.post("/posts", post).await.is(201)
    }

    /// The bytes of a path below `/api/v4`, and the answer's head.
    pub(crate) async fn downloads(&self, path: &str, headers: &[(&str, &str)]) -> Download {
        let mut request = self.request(Method::GET, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Download { status, headers, bytes: response.bytes().await.unwrap().to_vec() }
    }
}

/// What came.
pub(crate) struct Download {
    pub(crate) status: u16,
    headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Download {
    /// A header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}
