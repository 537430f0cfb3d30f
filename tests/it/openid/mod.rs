//! Single sign-on: away to a provider, back, and in; whose account somebody gets, and what is not believed. Those who
//! bring an invitation are in `invited`.

mod invited;

use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::support::cluster::{Cluster, sql};
use crate::support::provider::{CLIENT, Provider, SECRET, Signed};
use crate::support::{Answer, PASSWORD, Person, Server, text, visitor};

const SITE: &str = "https://chat.example.org";

/// A server whose people log in at `provider`, with more settings.
async fn with(provider: &Provider, more: &[(&str, &str)]) -> Server {
    let mut server = empty(provider, more).await;
    server.admin = server.sign_up("admin").await;
    server
}

/// One without any account.
async fn empty(provider: &Provider, more: &[(&str, &str)]) -> Server {
    let mut settings = vec![
        ("SITE__URL", SITE),
        ("OPENID__ISSUER", provider.issuer.as_str()),
        ("OPENID__CLIENT_ID", CLIENT),
        ("OPENID__CLIENT_SECRET", SECRET),
    ];
    settings.extend_from_slice(more);
    Server::empty(Cluster::shared(), &settings).await
}

/// Who somebody is at the provider.
fn ann() -> Value {
    json!({"sub": "4711", "email": "Ann@Example.com", "email_verified": true, "preferred_username": "Ann",
           "given_name": "Ann", "family_name": "Lee"})
}

/// A browser, which keeps what it is given on the way.
struct Browser<'a> {
    server: &'a Server,
    http: reqwest::Client,
    kept: String,
    /// Its proof that somebody in it owns an account that is to sign in so.
    linking: String,
}

/// Where a browser was sent, and with which session.
#[derive(Debug)]
struct Arrived {
    status: u16,
    to: String,
    token: String,
    body: String,
}

impl<'a> Browser<'a> {
    fn of(server: &'a Server) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { server, http, kept: String::new(), linking: String::new() }
    }

    /// Asks to change the way in which an account logs in; where that leads.
    async fn switches(&mut self, asked: Value) -> String {
        let url = format!("{}/api/v4/users/login/switch", self.server.base);
        let request = self.http.post(url).header("x-requested-with", "XMLHttpRequest").json(&asked);
        let response = request.send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        for part in ["RCLINK=", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        self.linking = cookie.split(';').next().unwrap().to_owned();
        let link = text(&response.json().await.unwrap(), "follow_link");
        link.strip_prefix(SITE).unwrap().to_owned()
    }

    /// Sets out for the provider; where that is.
    async fn sets_out(&mut self, path: &str) -> String {
        let request = self.http.get(format!("{}{path}", self.server.base)).header("cookie", &self.linking);
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        assert_eq!(status, 302, "{}", response.text().await.unwrap());
        let cookie = headers["set-cookie"].to_str().unwrap().to_owned();
        for part in ["RCSIGNIN=", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        self.kept = cookie.split(';').next().unwrap().to_owned();
        headers["location"].to_str().unwrap().to_owned()
    }

    async fn comes_back(&self, state: &str, code: &str) -> Arrived {
        let url = format!("{}/signup/openid/complete?state={state}&code={code}", self.server.base);
        let response = self.http.get(url).header("cookie", &self.kept).send().await.unwrap();
        let header = |name: &str| {
            let values = response.headers().get_all(name).iter().map(|v| v.to_str().unwrap().to_owned());
            values.collect::<Vec<String>>()
        };
        let session = header("set-cookie").into_iter().find_map(|c| {
            c.strip_prefix("MMAUTHTOKEN=").map(|rest| rest.split(';').next().unwrap().to_owned())
        });
        let (status, to) = (response.status().as_u16(), header("location").pop().unwrap_or_default());
        Arrived { status, to, token: session.unwrap_or_default(), body: response.text().await.unwrap() }
    }
}

/// Signs somebody in.
async fn signs_in(server: &Server, provider: &Provider, who: Value) -> Arrived {
    let mut browser = Browser::of(server);
    let url = browser.sets_out("/oauth/openid/login").await;
    let (state, code) = provider.lets_in(&url, who);
    browser.comes_back(&state, &code).await
}

/// The person of a session.
fn person(server: &Server, arrived: &Arrived) -> Person {
    assert_eq!(arrived.status, 302, "{arrived:?}");
    visitor(&server.base).with_token(&arrived.token)
}

/// Checks that a page says why somebody is not in, and that no session began.
#[track_caller]
fn is_refused(arrived: &Arrived, status: u16, why: &str) {
    assert_eq!((arrived.status, arrived.token.as_str()), (status, ""), "{arrived:?}");
    assert!(arrived.body.contains(why) && arrived.body.contains("<h1>Not signed in</h1>"), "{arrived:?}");
}

async fn logs_in(server: &Server, name: &str) -> Answer {
    visitor(&server.base).post("/users/login", json!({"login_id": name, "password": PASSWORD})).await
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_the_same_one_the_next_time() {
    let provider = Provider::start();
    let server = with(&provider, &[("OPENID__BUTTON_TEXT", "Log in with Acme")]).await;
    let config = visitor(&server.base).get("/config/client?format=old").await.is(200);
    assert_eq!(config["EnableSignUpWithOpenId"], "true");
    assert_eq!(config["OpenIdButtonText"], "Log in with Acme");
    let mut browser = Browser::of(&server);
    let url = browser.sets_out("/oauth/openid/login?redirect_to=%2Fhouse%2Fchannels%2Foff-topic").await;
    assert!(
        url.contains("redirect_uri=https%3A%2F%2Fchat.example.org%2Fsignup%2Fopenid%2Fcomplete"),
        "{url}"
    );
    let (state, code) = provider.lets_in(&url, ann());
    let arrived = browser.comes_back(&state, &code).await;
    assert_eq!(arrived.to, format!("{SITE}/house/channels/off-topic"));
    let me = person(&server, &arrived).get("/users/me").await.is(200);
    assert_eq!((text(&me, "username"), text(&me, "email")), ("ann".into(), "ann@example.com".into()));
    assert_eq!((text(&me, "first_name"), text(&me, "auth_service")), ("Ann".into(), "openid".into()));
    assert_eq!((text(&me, "roles"), &me["email_verified"]), ("system_user".into(), &json!(true)));
    // By the name that never changes: the address may.
    let mut moved = ann();
    moved["email"] = json!("ann@elsewhere.example");
    let again = signs_in(&server, &provider, moved).await;
    assert_eq!(text(&person(&server, &again).get("/users/me").await.is(200), "id"), text(&me, "id"));
    assert_eq!(again.to, format!("{SITE}/"));
    // There is no password to guess, to change or to forget.
    for password in ["", PASSWORD] {
        let login = json!({"login_id": "ann", "password": password});
        assert!(visitor(&server.base).post("/users/login", login).await.status >= 400);
    }
    let change = json!({"current_password": PASSWORD, "new_password": "N3w-Sw0rdfish"});
    let refused = person(&server, &again).put("/users/me/password", change).await;
    refused.refused(400, "api.user.update_password.oauth.app_error");
    visitor(&server.base)
        .post("/users/password/reset/send", json!({"email": "ann@example.com"}))
        .await
        .is(200);
    let email = server.email("no password").await;
    assert!(!email.text.contains("token="), "{email:?}");
}

#[tokio::test]
async fn a_name_that_is_taken_is_counted_up() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    server.sign_up("ann").await;
    let mut other = ann();
    other["email"] = json!("ann.lee@example.com");
    let me = person(&server, &signs_in(&server, &provider, other).await).get("/users/me").await.is(200);
    assert_eq!(text(&me, "username"), "ann2");
}

#[tokio::test]
async fn what_the_provider_did_not_sign_for_us_and_now_is_not_believed() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let why = "not confirmed by the provider";
    for (claim, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!([CLIENT, "another-client"])),
        ("iss", json!("https://evil.example")),
        ("exp", json!(1_700_000_000)),
    ] {
        let mut who = ann();
        who[claim] = value;
        is_refused(&signs_in(&server, &provider, who).await, 401, why);
    }
    for signed in [Signed::ByAnother, Signed::Not, Signed::WithSecret] {
        provider.signs(signed);
        is_refused(&signs_in(&server, &provider, ann()).await, 401, why);
    }
    assert_eq!(sql(&server.database, "select count(*) from users"), "1");
    let noted = "select count(*) from audits where action = '/signup/openid/complete' and outcome = 'fail'";
    assert_eq!(sql(&server.database, noted), "9");
    provider.signs(Signed::Well);
    person(&server, &signs_in(&server, &provider, ann()).await).get("/users/me").await.is(200);
}

#[tokio::test]
async fn only_the_browser_that_set_out_comes_back_once_and_in_time() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let stale = "begun in another browser";
    let (mut anns, mut mallorys) = (Browser::of(&server), Browser::of(&server));
    let (url, her_url) =
        (anns.sets_out("/oauth/openid/login").await, mallorys.sets_out("/login/openid").await);
    let (state, code) = provider.lets_in(&url, ann());
    // A link with Mallory's code, for Ann to follow; and Ann's code in Mallory's hands.
    let (her_state, her_code) = provider.lets_in(&her_url, json!({"sub": "666"}));
    is_refused(&anns.comes_back(&her_state, &her_code).await, 400, stale);
    is_refused(&Browser::of(&server).comes_back(&state, &code).await, 400, stale);
    is_refused(&anns.comes_back("", &code).await, 400, stale);
    is_refused(&mallorys.comes_back(&her_state, &code).await, 401, "not confirmed by the provider");
    let (state, code) = provider.lets_in(&anns.sets_out("/oauth/openid/login").await, ann());
    person(&server, &anns.comes_back(&state, &code).await).get("/users/me").await.is(200);
    is_refused(&anns.comes_back(&state, &code).await, 401, "not confirmed by the provider");
    let (state, code) = provider.lets_in(&anns.sets_out("/oauth/openid/login").await, ann());
    sql(
        &server.database,
        "create or replace function now_ms() returns bigint language sql volatile as
         $$ select (extract(epoch from clock_timestamp()) * 1000)::bigint + 601000 $$",
    );
    is_refused(&anns.comes_back(&state, &code).await, 400, stale);
    let url = format!("{}/signup/openid/complete?error=access_denied%3Cb%3E", server.base);
    let page = anns.http.get(url).send().await.unwrap();
    assert_eq!(page.status(), 403);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(page.contains("(access_denied") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn an_account_with_the_same_address_is_linked_where_both_sides_have_seen_it() {
    let provider = Provider::start();
    let server = with(&provider, &[("OPENID__LINK_BY_EMAIL", "true")]).await;
    let before = server.sign_up("ann").await;
    let taken = "There is an account with this address already";
    // Somebody may have taken the address before its owner came.
    is_refused(&signs_in(&server, &provider, ann()).await, 403, taken);
    server.admin.post(&format!("/users/{}/email/verify/member", before.id), Value::Null).await.is(200);
    let mut unproven = ann();
    unproven["email_verified"] = json!(false);
    is_refused(&signs_in(&server, &provider, unproven).await, 403, "does not confirm an address");
    before.get("/users/me").await.is(200);
    let me = person(&server, &signs_in(&server, &provider, ann()).await).get("/users/me").await.is(200);
    assert_eq!((text(&me, "id"), text(&me, "auth_service")), (before.id.clone(), "openid".into()));
    before.get("/users/me").await.fails(401);
    logs_in(&server, "ann").await.refused(401, "api.user.login.invalid_credentials_email_username");
    assert!(server.email("way of logging in").await.text.contains("account ann"));
    let linked = "select count(*) from audits where action = '/oauth/openid/link'";
    assert_eq!(sql(&server.database, linked), "1");
}

#[tokio::test]
async fn elsewhere_it_is_not() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let before = server.sign_up("ann").await;
    server.admin.post(&format!("/users/{}/email/verify/member", before.id), Value::Null).await.is(200);
    is_refused(
        &signs_in(&server, &provider, ann()).await,
        403,
        "There is an account with this address already",
    );
    logs_in(&server, "ann").await.is(200);
}

#[tokio::test]
async fn a_closed_house_makes_no_accounts_and_who_is_switched_off_stays_out() {
    let provider = Provider::start();
    let server = with(&provider, &[("AUTH__OPEN_SIGNUP", "false"), ("OPENID__LINK_BY_EMAIL", "true")]).await;
    is_refused(&signs_in(&server, &provider, ann()).await, 403, "You have no account here");
    assert_eq!(sql(&server.database, "select count(*) from users"), "1");
    let new = json!({"username": "ann", "email": "ann@example.com", "password": PASSWORD});
    let id = text(&server.admin.post("/users", new).await.is(201), "id");
    server.admin.post(&format!("/users/{id}/email/verify/member"), Value::Null).await.is(200);
    person(&server, &signs_in(&server, &provider, ann()).await).get("/users/me").await.is(200);
    server.admin.put(&format!("/users/{id}/active"), json!({"active": false})).await.is(200);
    is_refused(&signs_in(&server, &provider, ann()).await, 401, "deactivated");
}

#[tokio::test]
async fn a_provider_may_change_its_key_and_be_away_for_a_while() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    provider.is_down(true);
    let page =
        Browser::of(&server).http.get(format!("{}/oauth/openid/login", server.base)).send().await.unwrap();
    assert_eq!(page.status(), 503);
    assert!(page.text().await.unwrap().contains("cannot be reached"));
    provider.is_down(false);
    person(&server, &signs_in(&server, &provider, ann()).await).get("/users/me").await.is(200);
    provider.changes_its_key();
    person(&server, &signs_in(&server, &provider, ann()).await).get("/users/me").await.is(200);
    // What it said of itself is remembered; without it, nobody is let in all the same.
    let mut browser = Browser::of(&server);
    provider.is_down(true);
    let (state, code) = provider.lets_in(&browser.sets_out("/oauth/openid/login").await, ann());
    assert!(browser.comes_back(&state, &code).await.status >= 400);
}

#[tokio::test]
async fn people_change_to_single_sign_on_and_back() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let [before, bob] = server.sign_up_all(["ann", "bob"]).await;
    let asked = |password: &str| json!({"current_service": "email", "new_service": "openid", "email": "ann@example.com", "password": password});
    let stranger = visitor(&server.base);
    stranger.post("/users/login/switch", asked("wrong-Password1")).await.fails(401);
    // It is somebody else at the provider, with another address: the password was proof enough.
    let who = json!({"sub": "0815", "email": "lee@work.example", "email_verified": true});
    let mut browser = Browser::of(&server);
    let path = browser.switches(asked(PASSWORD)).await;
    let (state, code) = provider.lets_in(&browser.sets_out(&path).await, who.clone());
    let ann = person(&server, &browser.comes_back(&state, &code).await);
    let me = ann.get("/users/me").await.is(200);
    assert_eq!((text(&me, "id"), text(&me, "email")), (before.id.clone(), "ann@example.com".into()));
    before.get("/users/me").await.fails(401);
    // Nobody else can have the same identity.
    let mut asks = asked(PASSWORD);
    asks["email"] = json!("bob@example.com");
    let mut browser = Browser::of(&server);
    let path = browser.switches(asks).await;
    let (state, code) = provider.lets_in(&browser.sets_out(&path).await, who);
    is_refused(&browser.comes_back(&state, &code).await, 403, "");
    bob.get("/users/me").await.is(200);
    let back = json!({"current_service": "openid", "new_service": "email", "email": "ann@example.com", "new_password": PASSWORD});
    stranger.post("/users/login/switch", back.clone()).await.fails(401);
    bob.post("/users/login/switch", back.clone()).await.fails(400);
    ann.post("/users/login/switch", back).await.is(200);
    logs_in(&server, "ann").await.is(200);
    let saml = json!({"current_service": "email", "new_service": "saml"});
    stranger.post("/users/login/switch", saml).await.fails(501);
}

#[tokio::test]
async fn a_link_that_is_handed_on_links_nobody() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let [mallory, victim] = server.sign_up_all(["mallory", "victim"]).await;
    let asked = json!({"current_service": "email", "new_service": "openid", "email": "mallory@example.com", "password": PASSWORD});
    let mut hers = Browser::of(&server);
    let path = hers.switches(asked.clone()).await;
    let refused = async |request: reqwest::RequestBuilder| {
        let page = request.send().await.unwrap();
        assert_eq!(page.status(), 400);
        assert!(page.text().await.unwrap().contains("begun in another browser"));
    };
    // In another browser there is no proof; in that of somebody who is logged in, proof of another is none.
    let theirs = Browser::of(&server);
    let url = format!("{}{path}", server.base);
    refused(theirs.http.get(&url)).await;
    let cookies = format!("{}; MMAUTHTOKEN={}", hers.linking, victim.token);
    refused(theirs.http.get(&url).header("cookie", cookies)).await;
    // A form on another site sends no such header, and then the browser keeps nothing.
    let form = theirs.http.post(format!("{}/api/v4/users/login/switch", server.base)).body(asked.to_string());
    assert!(form.send().await.unwrap().headers().get("set-cookie").is_none());
    mallory.get("/users/me").await.is(200);
    let who = json!({"sub": "0815", "email": "m@work.example", "email_verified": true});
    let (state, code) = provider.lets_in(&hers.sets_out(&path).await, who);
    let linked = person(&server, &hers.comes_back(&state, &code).await).get("/users/me").await.is(200);
    assert_eq!(text(&linked, "id"), mallory.id);
}

#[tokio::test]
async fn a_phone_app_takes_its_session_with_it_and_no_other_address_does() {
    let provider = Provider::start();
    let server = with(&provider, &[]).await;
    let mut browser = Browser::of(&server);
    let url = browser.sets_out("/oauth/openid/mobile_login?redirect_to=mmauth%3A%2F%2Fcallback").await;
    let (state, code) = provider.lets_in(&url, ann());
    let arrived = browser.comes_back(&state, &code).await;
    let token = arrived.to.strip_prefix("mmauth://callback?MMAUTHTOKEN=").unwrap().split('&').next().unwrap();
    let app = visitor(&server.base).with_token(token);
    assert_eq!(text(&app.get("/users/me").await.is(200), "username"), "ann");
    assert_eq!(arrived.token, "", "the browser itself is not logged in");
    for evil in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "mmauth%3A%2F%2Fevil"] {
        let mut browser = Browser::of(&server);
        let url = browser.sets_out(&format!("/oauth/openid/login?redirect_to={evil}")).await;
        let (state, code) = provider.lets_in(&url, ann());
        assert_eq!(browser.comes_back(&state, &code).await.to, format!("{SITE}/"));
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_single_sign_on() {
    let server = Server::start().await;
    let config = visitor(&server.base).get("/config/client?format=old").await.is(200);
    assert_eq!(config["EnableSignUpWithOpenId"], "false");
    let browser = Browser::of(&server);
    for path in ["/oauth/openid/login", "/signup/openid/complete?code=x&state=y"] {
        let page = browser.http.get(format!("{}{path}", server.base)).send().await.unwrap();
        assert_eq!(page.status(), 501, "{path}");
        assert!(page.text().await.unwrap().contains("not configured"));
    }
}

#[tokio::test]
async fn the_first_account_is_not_made_by_the_provider_through_a_proxy() {
    let provider = Provider::start();
    let server = empty(&provider, &[("SITE__URL", "https://localhost:8065")]).await;
    let mut browser = Browser::of(&server);
    let url = browser.sets_out("/oauth/openid/login").await;
    let (state, code) = provider.lets_in(&url, ann());
    let proxy = reqwest::header::HeaderMap::from_iter([(
        reqwest::header::HeaderName::from_static("x-forwarded-for"),
        reqwest::header::HeaderValue::from_static("192.0.2.7"),
    )]);
    browser.http =
        reqwest::Client::builder().redirect(Policy::none()).default_headers(proxy).build().unwrap();
    let arrived = browser.comes_back(&state, &code).await;
    assert_eq!((arrived.status, arrived.token.as_str()), (403, ""), "{arrived:?}");
    assert_eq!(sql(&server.database, "select count(*) from users"), "0");
}
