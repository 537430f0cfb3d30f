//! The second factor: a code from a phone besides the password, asked for at the door and, where the house demands it,
//! of everybody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::cluster::sql;
use crate::support::socket::{handshake, refusal};
use crate::support::totp::{code, code_of_step, step_now};
use crate::support::{Answer, DEADLINE, PASSWORD, Person, Server, each, eventually, moves_in, text, visitor};

const WANTED: &str = "mfa.validate_token.authenticate.app_error";
const BAD: &str = "api.user.check_user_mfa.bad_code.app_error";
const REQUIRED: &str = "api.context.mfa_required.app_error";

/// Logs in with a password and a code.
async fn logs_in(server: &Server, name: &str, token: &str) -> Answer {
    let login = json!({"login_id": name, "password": PASSWORD, "token": token});
    visitor(&server.base).post("/users/login", login).await
}

/// Sets a second factor up; its secret, and the codes for the case that it is lost.
async fn sets_up(who: &Person) -> (String, Vec<String>) {
    let offer = who.post("/users/me/mfa/generate", Value::Null).await.is(200);
    let secret = text(&offer, "secret");
    let on = json!({"activate": true, "code": code(&secret)});
    let answer = who.put("/users/me/mfa", on).await.is(200);
    assert_eq!(answer["status"], "OK");
    let codes = answer["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|c| c.as_str().unwrap().to_owned()).collect())
}

/// Whether clients are told at an address that it is demanded.
async fn demanded(base: &str) -> String {
    let config = visitor(base).get("/config/client?format=old").await.is(200);
    text(&config, "EnforceMultifactorAuthentication")
}

/// As if the codes used so far had been used long ago: time has gone on.
fn time_goes_on(server: &Server) {
    sql(&server.database, "update second_factors set last_step = last_step - 100");
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_asked_for_at_the_door() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let offer = ann.post("/users/me/mfa/generate", Value::Null).await.is(200);
    let secret = text(&offer, "secret");
    assert_eq!(secret.len(), 32);
    let picture = STANDARD.decode(text(&offer, "qr_code")).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    let on = |code: &str| json!({"activate": true, "code": code});
    ann.put("/users/me/mfa", on("000000")).await.refused(401, BAD);
    ann.put("/users/me/mfa", on("")).await.refused(401, BAD);
    ann.get("/users/me").await.is(200);
    ann.logs_in_again().await;
    let answer = ann.put("/users/me/mfa", on(&code(&secret))).await.is(200);
    assert_eq!(answer["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(ann.get("/users/me").await.is(200)["mfa_active"], true);
    elsewhere.get("/users/me").await.fails(401);
    assert!(server.email("protection of your account").await.text.contains("account ann"));
    logs_in(&server, "ann", "").await.refused(401, WANTED);
    logs_in(&server, "ann", "000000").await.refused(401, BAD);
    // Who does not know the password is not even asked.
    let wrong = json!({"login_id": "ann", "password": "wrong-Password1", "token": code(&secret)});
    let wrong = visitor(&server.base).post("/users/login", wrong).await;
    wrong.refused(401, "api.user.login.invalid_credentials_email_username");
    time_goes_on(&server);
    logs_in(&server, "ann", &code(&secret)).await.is(200);
    let seen = server.admin.get(&format!("/users/{}", ann.id)).await.is(200);
    assert!(seen.get("mfa_active").is_none(), "{seen}");
    let kept =
        "select count(*) from second_factors where encode(secret, 'escape') like '%' || $$KEY$$ || '%'";
    assert_eq!(sql(&server.database, &kept.replace("KEY", &secret)), "0");
    assert_eq!(sql(&server.database, "select octet_length(secret) from second_factors"), "48", "sealed");
}

#[tokio::test]
async fn every_code_works_once_however_many_try() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (secret, recovery) = sets_up(&ann).await;
    // The code that switched it on is used up.
    logs_in(&server, "ann", &code(&secret)).await.refused(401, BAD);
    time_goes_on(&server);
    let now = code(&secret);
    for codes in [&now, &recovery[0]] {
        let answers = join_all((0..5).map(|_| logs_in(&server, "ann", codes))).await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
        for answer in answers.into_iter().filter(|a| a.status != 200) {
            answer.refused(401, BAD);
        }
    }
    // An earlier one is not let in behind a later one.
    logs_in(&server, "ann", &code_of_step(&secret, step_now() - 1)).await.refused(401, BAD);
    logs_in(&server, "ann", &code_of_step(&secret, step_now() + 5)).await.refused(401, BAD);
    // As people type it.
    let typed = recovery[1].to_uppercase().replace('-', " ");
    logs_in(&server, "ann", &typed).await.is(200);
    logs_in(&server, "ann", &recovery[1]).await.refused(401, BAD);
    assert_eq!(sql(&server.database, "select count(*) from recovery_codes"), "8");
}

#[tokio::test]
async fn guessing_codes_ends_soon_though_the_password_is_known() {
    let server = Server::with(&[("AUTH__MAX_LOGIN_ATTEMPTS", "10")]).await;
    let ann = server.sign_up("ann").await;
    let (secret, _) = sets_up(&ann).await;
    time_goes_on(&server);
    for n in 0..10 {
        // Asking to be asked for a code is no guess, and forgives none.
        logs_in(&server, "ann", "").await.refused(401, WANTED);
        logs_in(&server, "ann", &format!("{n:06}")).await.refused(401, BAD);
    }
    let locked = logs_in(&server, "ann", &code(&secret)).await;
    assert!(locked.status == 401 || locked.status == 429, "{locked:?}");
    assert_ne!(locked.reason(), BAD);
    ann.get("/users/me").await.is(200);
}

#[tokio::test]
async fn a_new_phone_replaces_the_old_one_only_when_it_works() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let (old, codes) = sets_up(&ann).await;
    time_goes_on(&server);
    let offer = ann.post("/users/me/mfa/generate", json!({"code": code(&old)})).await.is(200);
    let new = text(&offer, "secret");
    assert_ne!(old, new);
    time_goes_on(&server);
    logs_in(&server, "ann", &code(&new)).await.refused(401, BAD);
    logs_in(&server, "ann", &code(&old)).await.is(200);
    ann.put("/users/me/mfa", json!({"activate": true, "code": code(&new)})).await.is(200);
    time_goes_on(&server);
    logs_in(&server, "ann", &code(&old)).await.refused(401, BAD);
    logs_in(&server, "ann", &codes[0]).await.refused(401, BAD);
    logs_in(&server, "ann", &code(&new)).await.is(200);
}

#[tokio::test]
async fn whoever_found_an_open_browser_replaces_no_second_factor() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let asks = |body: Value| ann.post("/users/me/mfa/generate", body);
    asks(Value::Null).await.is(200);
    let (secret, codes) = sets_up(&ann).await;
    let pending = || sql(&server.database, "select count(pending) from second_factors");
    asks(Value::Null).await.refused(400, "api.context.invalid_body_param.app_error");
    asks(json!({})).await.refused(400, "api.context.invalid_body_param.app_error");
    asks(json!({"code": "123456"})).await.refused(401, BAD);
    // The code that switched it on is used up.
    asks(json!({"code": code(&secret)})).await.refused(401, BAD);
    asks(json!({"password": "wrong-Password1"})).await.fails(400);
    assert_eq!(pending(), "0");
    let on = json!({"activate": true, "code": code(&secret)});
    ann.put("/users/me/mfa", on).await.refused(400, "mfa.activate.bad_token.app_error");
    let tried = server.admin.get("/audits?action=/api/v4/users/mfa").await.is(200);
    assert_eq!(each(&tried, "outcome"), ["fail", "fail", "fail", "success"], "{tried}");
    asks(json!({"code": codes[0]})).await.is(200);
    asks(json!({"code": codes[0]})).await.refused(401, BAD);
    asks(json!({"password": PASSWORD})).await.is(200);
    assert_eq!(pending(), "1");
}

#[tokio::test]
async fn recovery_codes_are_made_anew_for_a_code() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let (_, codes) = sets_up(&ann).await;
    let path = format!("/users/{}/mfa/recovery_codes", ann.id);
    bob.post(&path, json!({"code": codes[0]})).await.fails(403);
    server.admin.post(&path, json!({"code": codes[0]})).await.fails(403);
    ann.post(&path, json!({"code": "123456"})).await.refused(401, BAD);
    let renewed = ann.post(&path, json!({"code": codes[0]})).await.is(200);
    assert_eq!(renewed["recovery_codes"].as_array().unwrap().len(), 10);
    let tried = server.admin.get("/audits?action=/api/v4/users/mfa/recovery_codes").await.is(200);
    assert_eq!(each(&tried, "outcome"), ["success", "fail"], "{tried}");
    logs_in(&server, "ann", &codes[1]).await.refused(401, BAD);
    logs_in(&server, "ann", renewed["recovery_codes"][0].as_str().unwrap()).await.is(200);
}

#[tokio::test]
async fn its_owner_switches_it_off_and_an_administrator_for_who_lost_it() {
    let server = Server::start().await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    sets_up(&ann).await;
    let (off, on) = (json!({"activate": false}), json!({"activate": true, "code": "123456"}));
    let path = format!("/users/{}/mfa", ann.id);
    for (who, body) in [(&bob, &off), (&bob, &on), (&server.admin, &on)] {
        who.put(&path, body.clone()).await.refused(403, "api.context.permissions.app_error");
    }
    server.admin.post(&format!("{path}/generate"), Value::Null).await.fails(403);
    visitor(&server.base).put(&path, off.clone()).await.fails(401);
    ann.put(&path, json!({"activate": false, "code": "123456"})).await.refused(401, BAD);
    logs_in(&server, "ann", "").await.refused(401, WANTED);
    server.admin.put(&path, off.clone()).await.is(200);
    ann.get("/users/me").await.fails(401);
    let ann = ann.logs_in_again().await;
    let actions = server.admin.get(&format!("/users/{}/audits?per_page=100", ann.id)).await.is(200);
    assert!(each(&actions, "action").iter().filter(|a| a.ends_with("/mfa")).count() >= 2, "{actions}");
    let switched = server.admin.get("/audits?action=/api/v4/users/mfa").await.is(200);
    assert_eq!(each(&switched, "outcome"), ["success", "fail", "success"], "{switched}");
    assert_eq!(each(&switched, "extra_info"), ["deactivated", "", "activated"]);
    sets_up(&ann).await;
    ann.put("/users/me/mfa", off.clone()).await.refused(400, "api.context.invalid_body_param.app_error");
    let by = |password: &str| json!({"activate": false, "password": password});
    ann.put("/users/me/mfa", by("wrong-Password1")).await.fails(400);
    assert_eq!(ann.get("/users/me").await.is(200)["mfa_active"], true);
    ann.put("/users/me/mfa", by(PASSWORD)).await.is(200);
    // What is off stays off, and needs no proof.
    ann.put("/users/me/mfa", off).await.is(200);
    assert!(ann.get("/users/me").await.is(200).get("mfa_active").is_none());
    ann.logs_in_again().await;
}

#[tokio::test]
async fn an_organisation_demands_it_of_its_own_people_at_once() {
    let server = Server::start().await;
    let head = json!({"username": "head", "email": "head@example.com", "password": PASSWORD});
    let new = json!({"slug": "north", "name": "Up north", "admin": head});
    let north = text(&server.admin.post("/organizations", new).await.is(201), "id");
    let base = format!("{}/o/north", server.base);
    let head = visitor(&base).log_in("head").await;
    let [ann, bob] = [moves_in(&base, "ann").await, moves_in(&base, "bob").await];
    sets_up(&ann).await;
    let elsewhere = server.sign_up("ann").await;
    let (mut anns, mut bobs, mut far) = (ann.listens().await, bob.listens().await, elsewhere.listens().await);
    let bot = head.post("/bots", json!({"username": "robot"})).await.is(201);
    let tokens = format!("/users/{}/tokens", text(&bot, "user_id"));
    let token = head.post(&tokens, json!({"description": "x"})).await.is(200);
    let robot = head.with_token(&text(&token, "token"));
    let on = json!({"enforce_second_factor": true});
    let path = "/organizations/current/patch";
    bob.put(path, on.clone()).await.fails(403);
    elsewhere.put(&format!("/organizations/{north}/patch"), on.clone()).await.fails(403);
    head.put(path, json!({"enforce_second_factor": "yes"})).await.fails(400);
    let told = head.put(path, on.clone()).await.is(200);
    assert_eq!(told["enforce_second_factor"], true);
    // Open sockets end; who has a second factor comes back, who has none may set it up and nothing else.
    assert_eq!(anns.closes().await.1, "session ended");
    assert_eq!(bobs.closes().await.1, "session ended");
    for who in [&bob, &head] {
        who.get("/users").await.refused(401, REQUIRED);
        let bearer = format!("Bearer {}", who.token);
        assert_eq!(refusal(handshake(&base, &[("authorization", &bearer)])).await, 401);
        assert_eq!(text(&who.get("/users/me").await.is(200), "username"), who.name);
    }
    ann.get("/users").await.is(200);
    robot.get("/users/me").await.is(200);
    let mut anns = ann.listens().await;
    assert_eq!(anns.request("get_statuses", json!({})).await["status"], "OK");
    ann.put("/users/me/mfa", json!({"activate": false}))
        .await
        .refused(403, "api.user.update_mfa.enforced.app_error");
    sets_up(&bob).await;
    bob.get("/users").await.is(200);
    bob.listens().await;
    sets_up(&head).await;
    assert_eq!((demanded(&base).await.as_str(), demanded(&server.base).await.as_str()), ("true", "false"));
    assert_eq!(
        head.get("/config").await.is(200)["ServiceSettings"]["EnforceMultifactorAuthentication"],
        true
    );
    // Nobody else's is concerned, and asking for it twice disturbs nobody.
    assert_eq!(far.request("get_statuses", json!({})).await["status"], "OK");
    elsewhere.get("/users").await.is(200);
    head.put(path, on).await.is(200);
    assert_eq!(anns.request("get_statuses", json!({})).await["status"], "OK");
    let audits = head.get("/audits").await.is(200);
    assert!(each(&audits, "extra_info").iter().any(|e| e.contains("enforce_second_factor=true")), "{audits}");
}

#[tokio::test]
async fn an_operator_and_the_command_line_set_the_policy_of_an_organisation_too() {
    let server = Server::start().await;
    let new = json!({"slug": "north", "name": "Up north", "enforce_second_factor": true});
    let north = text(&server.admin.post("/organizations", new).await.is(201), "id");
    let base = format!("{}/o/north", server.base);
    let head = moves_in(&base, "head").await;
    head.get("/users").await.refused(401, REQUIRED);
    sets_up(&head).await;
    let set = ["org", "set", "north", "--enforce-second-factor", "false"];
    assert!(server.command().args(set).status().unwrap().success());
    let audits = head.get("/audits").await.is(200);
    let by = "by the command line enforce_second_factor=false";
    assert!(each(&audits, "extra_info").iter().any(|e| e.contains(by)), "{audits}");
    eventually("it is off", DEADLINE, || async { demanded(&base).await == "false" }).await;
    let cid = moves_in(&base, "cid").await;
    cid.get("/users").await.is(200);
    let on = json!({"enforce_second_factor": true});
    server.admin.put(&format!("/organizations/{north}/patch"), on).await.is(200);
    cid.get("/users").await.refused(401, REQUIRED);
}

#[tokio::test]
async fn a_policy_holds_on_every_node() {
    let server = Server::start().await;
    let other = server.second_node();
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    sets_up(&ann).await;
    let (there, mut socket) = (bob.at(&other), bob.at(&other).listens().await);
    there.get("/users").await.is(200);
    let on = json!({"enforce_second_factor": true});
    server.admin.put("/organizations/current/patch", on).await.is(200);
    assert_eq!(socket.closes().await.1, "session ended");
    let refused = || async { there.get("/users").await.status == 401 };
    eventually("the other node asks for it", DEADLINE, refused).await;
    ann.at(&other).get("/users").await.is(200);
}

#[tokio::test]
async fn where_it_is_demanded_a_session_without_it_may_only_set_it_up() {
    let server = Server::with(&[("AUTH__ENFORCE_SECOND_FACTOR", "true")]).await;
    let [ann, bob] = server.sign_up_all(["ann", "bob"]).await;
    let config = visitor(&server.base).get("/config/client?format=old").await.is(200);
    assert_eq!(config["EnableMultifactorAuthentication"], "true");
    assert_eq!(config["EnforceMultifactorAuthentication"], "true");
    let others = format!("/users/{}", bob.id);
    for path in ["/users", "/users/me/teams", "/users/me/sessions", others.as_str()] {
        ann.get(path).await.refused(401, REQUIRED);
    }
    ann.post("/teams", json!({"name": "house", "display_name": "h", "type": "O"}))
        .await
        .refused(401, REQUIRED);
    assert_eq!(
        refusal(handshake(&server.base, &[("authorization", &format!("Bearer {}", ann.token))])).await,
        401
    );
    assert_eq!(text(&ann.get("/users/me").await.is(200), "username"), "ann");
    sets_up(&ann).await;
    ann.get("/users").await.is(200);
    let mut socket = ann.listens().await;
    assert_eq!(socket.request("get_statuses", json!({})).await["status"], "OK");
    let off = ann.put("/users/me/mfa", json!({"activate": false})).await;
    off.refused(403, "api.user.update_mfa.enforced.app_error");
    // Whose second factor an administrator takes away is out, on the socket too, and must set up another.
    sets_up(&server.admin).await;
    server.admin.put(&format!("/users/{}/mfa", ann.id), json!({"activate": false})).await.is(200);
    assert_eq!(socket.closes().await.1, "session ended");
    ann.logs_in_again().await.get("/users").await.refused(401, REQUIRED);
    // Who has none can leave, too.
    bob.post("/users/logout", Value::Null).await.is(200);
    bob.get("/users/me").await.refused(401, "api.context.session_expired.app_error");
}

#[tokio::test]
async fn who_lacks_what_is_demanded_takes_nobody_elses() {
    let server = Server::with(&[("AUTH__ENFORCE_SECOND_FACTOR", "true")]).await;
    let [evil, vic] = server.sign_up_all(["evil", "vic"]).await;
    sets_up(&server.admin).await;
    for who in [&evil, &vic] {
        let roles = json!({"roles": "system_user system_admin"});
        server.admin.put(&format!("/users/{}/roles", who.id), roles).await.is(200);
    }
    sets_up(&vic).await;
    let path = format!("/users/{}/mfa", vic.id);
    evil.put(&path, json!({"activate": false})).await.refused(401, REQUIRED);
    assert_eq!(vic.get("/users/me").await.is(200)["mfa_active"], true);
    sets_up(&evil).await;
    evil.put(&path, json!({"activate": false})).await.is(200);
}

#[tokio::test]
async fn without_one_there_is_nothing_to_switch_off_or_to_recover() {
    let server = Server::with(&[("AUTH__MAX_LOGIN_ATTEMPTS", "10")]).await;
    let ann = server.sign_up("ann").await;
    let elsewhere = ann.logs_in_again().await;
    let recover = async || ann.post("/users/me/mfa/recovery_codes", json!({"code": "123456"})).await;
    recover().await.refused(400, "mfa.recovery_codes.inactive.app_error");
    assert_eq!(sql(&server.database, "select count(*) from recovery_codes"), "0");
    for who in [&ann, &server.admin] {
        who.put(&format!("/users/{}/mfa", ann.id), json!({"activate": false})).await.is(200);
    }
    elsewhere.get("/users/me").await.is(200);
    assert_eq!(
        sql(
            &server.database,
            "select count(*) from tasks where kind = 'mail' and payload::text like '%protection%'"
        ),
        "0"
    );
    // Nothing of this forgives a wrong password.
    let guess = json!({"current_password": "wrong-Password1", "new_password": "Another-passw0rd"});
    let mut locked = false;
    for _ in 0..12 {
        let answer = ann.put("/users/me/password", guess.clone()).await;
        locked = locked || answer.reason() != "api.user.update_password.incorrect.app_error";
        recover().await.fails(400);
    }
    assert!(locked, "twelve wrong passwords");
}

#[tokio::test]
async fn a_bot_has_none() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    sets_up(&ann).await;
    server.admin.post(&format!("/users/{}/convert_to_bot", ann.id), Value::Null).await.is(200);
    let kept = "select (select count(*) from second_factors) + (select count(*) from recovery_codes)
        + (select count(*) from users where mfa_active)";
    assert_eq!(sql(&server.database, kept), "0");
    let token = server.admin.post(&format!("/users/{}/tokens", ann.id), json!({"description": "x"})).await;
    let robot = ann.with_token(&text(&token.is(200), "token"));
    let refused = robot.post("/users/me/mfa/generate", Value::Null).await;
    refused.refused(400, "api.user.activate_mfa.email_and_ldap_only.app_error");
}
