//! Sign-in at a provider (OpenID Connect Core 1.0: the code flow, with PKCE). The provider's metadata and keys are
//! fetched once an hour, and again when a token is signed by an unknown key. What an identity may do here is decided in
//! `users`.

mod http;

use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm as Algorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::config::OpenId;
use crate::error::{Error, Kind, Result};

/// How long a provider's metadata is cached.
const FRESH: Duration = Duration::from_secs(60 * 60);

/// Accepted signature algorithms: asymmetric ones, with which only the provider can sign. Others that it lists, `none`
/// and shared secrets among them, are refused.
const SIGNATURES: [Algorithm; 8] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The OpenID Connect provider.
pub struct Provider {
    settings: OpenId,
    http: reqwest::Client,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// The values that the browser which began a sign-in must bring back to finish it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proofs {
    /// The `state` that the provider sends back with the code.
    pub state: String,
    nonce: String,
    verifier: String,
}

/// The identity of an account, as the provider asserts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The provider's identifier of the account, which never changes.
    pub subject: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the provider has verified the address, or the settings trust it.
    pub email_verified: bool,
    /// The preferred user name.
    pub username: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
}

impl Provider {
    /// The provider of the settings; `None` if there is none.
    pub fn new(settings: &OpenId) -> Result<Option<Self>> {
        if !settings.is_on() {
            return Ok(None);
        }
        let http = http::client().map_err(|e| Error::internal(format!("openid: {e}")))?;
        Ok(Some(Self { settings: settings.clone(), http, known: Mutex::new(None) }))
    }

    /// The URL at which a sign-in begins that returns to `redirect`, and the proofs to keep until then.
    pub async fn begin(&self, redirect: &str) -> Result<(String, Proofs)> {
        let client = self.client(redirect, false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.settings.scopes.split_whitespace().filter(|s| *s != "openid");
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes.map(|s| Scope::new(s.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        let proofs = Proofs {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url.into(), proofs))
    }

    /// The identity of the account that came back to `redirect` with `code`.
    pub async fn finish(&self, redirect: &str, code: String, proofs: &Proofs) -> Result<Identity> {
        let client = self.client(redirect, false).await?;
        let ask = |request| http::ask(&self.http, request);
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|e| away(e.to_string()))?;
        let answer = exchange
            .set_pkce_verifier(PkceCodeVerifier::new(proofs.verifier.clone()))
            .request_async(&ask)
            .await
            .map_err(|e| refused(format!("the code: {e}")))?;
        let token = answer.id_token().ok_or_else(|| refused("no id token".to_owned()))?;
        let nonce = Nonce::new(proofs.nonce.clone());
        let checked = match claims(&client, token, &nonce) {
            // The provider's keys change. It just issued this token, so fetching them again cannot be abused.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                claims(&self.client(redirect, true).await?, token, &nonce)
            }
            other => other,
        };
        Ok(self.identity(&checked.map_err(|e| refused(format!("the token: {e}")))?))
    }

    fn identity(&self, claims: &CoreIdTokenClaims) -> Identity {
        let email = claims.email().map(|e| e.as_str().to_owned());
        Identity {
            subject: claims.subject().as_str().to_owned(),
            email_verified: claims.email_verified().unwrap_or(self.settings.trust_email) && email.is_some(),
            email,
            username: claims.preferred_username().map(|n| n.as_str().to_owned()),
            first_name: claims.given_name().and_then(|n| n.get(None)).map(|n| n.as_str().to_owned()),
            last_name: claims.family_name().and_then(|n| n.get(None)).map(|n| n.as_str().to_owned()),
        }
    }

    async fn client(&self, redirect: &str, anew: bool) -> Result<Client> {
        let metadata = self.metadata(anew).await?;
        let secret = &self.settings.client_secret;
        let secret = (!secret.is_empty()).then(|| ClientSecret::new(secret.expose().to_owned()));
        let redirect =
            RedirectUrl::new(redirect.to_owned()).map_err(|e| Error::internal(format!("openid: {e}")))?;
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }

    /// The provider's metadata. Concurrent requests wait for one fetch.
    async fn metadata(&self, anew: bool) -> Result<CoreProviderMetadata> {
        let mut known = self.known.lock().await;
        let fresh = known.as_ref().filter(|(at, _)| !anew && at.elapsed() < FRESH);
        if let Some((_, metadata)) = fresh {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|e| away(e.to_string()))?;
        let ask = |request| http::ask(&self.http, request);
        let found = CoreProviderMetadata::discover_async(issuer, &ask).await;
        let metadata = found.map_err(|e| away(format!("discovery: {e}")))?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}

/// The token's claims, if it is signed by the provider, issued for us and for this sign-in, and not expired.
fn claims(
    client: &Client,
    token: &CoreIdToken,
    nonce: &Nonce,
) -> std::result::Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES);
    token.claims(&verifier, nonce).cloned()
}

/// The error for a provider that does not answer as it should.
fn away(detail: String) -> Error {
    Error {
        message: "The sign-in provider cannot be reached now. Please try again in a moment.".into(),
        ..Error::unavailable(format!("openid: {detail}"))
    }
}

/// The error for a sign-in that the provider does not confirm.
fn refused(detail: String) -> Error {
    let message = "The sign-in was not confirmed by the provider. Please try again.";
    Error {
        detail: Some(format!("openid: {detail}")),
        ..Error::new(Kind::Unauthenticated, "api.user.login_by_oauth.not_available.app_error", message)
    }
}
