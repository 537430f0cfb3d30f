//! Requests to the provider, limited in time and in the size of answers. The operator set the address, so private
//! networks are not blocked; redirects are not followed.

use std::time::Duration;

use openidconnect::http::{self, Response};
use openidconnect::{HttpRequest, HttpResponse};

/// The time limit of an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes.
const MAX_ANSWER: usize = 512 * 1024;

/// The reason why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Asking(#[from] reqwest::Error),
    #[error("{0}")]
    Reading(#[from] http::Error),
    #[error("the answer is larger than {MAX_ANSWER} bytes")]
    TooLarge,
}

/// The HTTP client for providers.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()
}

/// Sends a request and reads the answer, which fails above the size limit.
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
