//! A provider of single sign-on: it says what it is, has a real key, and checks who comes for a token.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

pub(crate) const CLIENT: &str = "rustchat";
pub(crate) const SECRET: &str = "the-clients-secret";

/// How tokens are signed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Signed {
    Well,
    /// By a key that is not the provider's.
    ByAnother,
    /// Not at all, and saying so.
    Not,
    /// With the secret that it shares with its client.
    WithSecret,
}

/// A provider, until the test ends.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    key: EcdsaKeyPair,
    key_name: u32,
    signed: Signed,
    is_down: bool,
    grants: HashMap<String, Grant>,
    codes: u32,
}

/// What a code is good for, once.
struct Grant {
    subscriptions: Value,
    challenge: String,
    redirect: String,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            key: new_key(),
            key_name: 1,
            signed: Signed::Well,
            is_down: false,
            grants: HashMap::new(),
            codes: 0,
        };
        let inner = Arc::new(Mutex::new(inner));
        let (shared, address) = (inner.clone(), issuer.clone());
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                drop(serve(socket, &shared, &address));
            }
        });
        Self { issuer, inner }
    }

    /// Somebody whom the browser brought to `url` proves who they are: what the browser brings back.
    pub(crate) fn lets_in(&self, url: &str, who: Value) -> (String, String) {
        let asked = query(url.split_once('?').unwrap().1);
        assert!(url.starts_with(&format!("{}/authorize?", self.issuer)), "{url}");
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|s| s == "openid"), "{url}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut subscriptions = json!({
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        });
        subscriptions.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
        let mut inner = self.inner.lock().unwrap();
        inner.codes += 1;
        let code = format!("code-{}", inner.codes);
        let (challenge, redirect) = (asked["code_challenge"].clone(), asked["redirect_uri"].clone());
        inner.grants.insert(code.clone(), Grant { subscriptions, challenge, redirect });
        (asked["state"].clone(), code)
    }

    /// From now on tokens are signed so.
    pub(crate) fn signs(&self, how: Signed) {
        self.inner.lock().unwrap().signed = how;
    }

    /// A new key takes the place of the old.
    pub(crate) fn changes_its_key(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.key = new_key();
        inner.key_name += 1;
    }

    /// From now on it answers nothing sensible, or does again.
    pub(crate) fn is_down(&self, is_down: bool) {
        self.inner.lock().unwrap().is_down = is_down;
    }
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn serve(socket: TcpStream, inner: &Mutex<Inner>, issuer: &str) -> std::io::Result<()> {
    let mut out = socket.try_clone()?;
    let mut input = BufReader::new(socket);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push(line);
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    let path = head[0].split(' ').nth(1).unwrap().to_owned();
    let mut inner = inner.lock().unwrap();
    let (status, answer) = match path.as_str() {
        _ if inner.is_down => (500, json!({"error": "server_error"})),
        "/.well-known/openid-configuration" => (200, about(issuer)),
        "/keys" => (200, keys(&inner)),
        "/token" => token(&mut inner, &head, &String::from_utf8(body).unwrap()),
        _ => (404, json!({})),
    };
    let answer = answer.to_string();
    write!(
        out,
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len(),
    )
}

fn about(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // A careless provider: it names what must not be believed.
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256", "none"],
    })
}

fn keys(inner: &Inner) -> Value {
    let point = inner.key.public_key().as_ref();
    let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..65]));
    let kid = inner.key_name.to_string();
    json!({"keys": [{"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": kid, "x": x, "y": y}]})
}

fn token(inner: &mut Inner, head: &[String], body: &str) -> (u16, Value) {
    let login = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let knows_secret =
        head.iter().any(|line| line.to_lowercase().starts_with("authorization:") && line.ends_with(&login));
    let form = query(body);
    let grant = inner.grants.remove(form.get("code").map_or("", String::as_str));
    let fits = |grant: &Grant| {
        let hashed = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
        form["grant_type"] == "authorization_code"
            && form["redirect_uri"] == grant.redirect
            && BASE64.encode(hashed) == grant.challenge
    };
    match grant.filter(|grant| knows_secret && fits(grant)) {
        Some(grant) => {
            let id_token = sign(inner, &grant.subscriptions);
            (
                200,
                json!({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}),
            )
        }
        None => (400, json!({"error": "invalid_grant"})),
    }
}

fn sign(inner: &Inner, subscriptions: &Value) -> String {
    let kid = inner.key_name.to_string();
    let header = match inner.signed {
        Signed::Well | Signed::ByAnother => json!({"alg": "ES256", "kid": kid}),
        Signed::Not => json!({"alg": "none"}),
        Signed::WithSecret => json!({"alg": "HS256"}),
    };
    let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(subscriptions.to_string()));
    let by = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match inner.signed {
        Signed::Well => by(&inner.key),
        Signed::ByAnother => by(&new_key()),
        Signed::Not => Vec::new(),
        Signed::WithSecret => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{text}.{}", BASE64.encode(signature))
}

fn query(text: &str) -> HashMap<String, String> {
    serde_urlencoded::from_str(text).unwrap()
}
