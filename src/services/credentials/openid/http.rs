//! How the provider is asked: within a time, and for answers of a bounded size. The operator named the address, so
//! nothing guards it; redirects are not followed.

use std::time::Duration;

use openidconnect::http::{self, Response};
use openidconnect::{HttpRequest, HttpResponse};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 512 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Asking(#[from] reqwest::Error),
    #[error("{0}")]
    Reading(#[from] http::Error),
    #[error("the answer is larger than {MAX_ANSWER} bytes")]
    TooLarge,
}

/// The client with which providers are asked.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()
}

/// Asks.
pub(super) async fn ask(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}
