//! Introspection (RFC 7662): who may ask about which token, and that the answer is what is true now.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::flow::account::suspension;
use cloudsync_idp::flow::settings::Mode;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::{MINUTE, NOTES, SCRIPT, Stage, error};
use crate::support::browser::{Browser, Page};
use crate::support::desk;
use crate::support::provider::{Setup, ldap_settings};
use crate::support::relying_party::{RelyingParty, Tokens};

/// An API, to which nobody signs in.
const API: &str = r#"
[[clients]]
client_id = "api"
client_secret = "api-long-test-secret"
grant_types = []
introspection = true
"#;

const FORM: &str = "application/x-www-form-urlencoded";

fn api(stage: &Stage) -> RelyingParty {
    RelyingParty::new(&stage.provider.url, "api", Some("api-long-test-secret"))
}

/// What a client is told.
async fn said(asker: &RelyingParty, token: &str) -> Value {
    let answer = asker.introspect(token).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.body
}

async fn is_active(asker: &RelyingParty, token: &str) -> bool {
    let said = said(asker, token).await;
    let active = said["active"].as_bool().expect("a boolean");
    assert!(active || said == json!({ "active": false }), "nothing else is said: {said}");
    active
}

/// Which of these tokens are active, by their own client: access token, refresh token.
async fn active(stage: &Stage, tokens: &Tokens) -> (bool, bool) {
    let access = is_active(&stage.cloudsync, tokens.text("access_token")).await;
    assert_eq!(access, stage.opens(tokens).await == StatusCode::OK, "as userinfo says");
    (access, is_active(&stage.cloudsync, tokens.text("refresh_token")).await)
}

#[tokio::test]
async fn a_client_learns_about_its_own_tokens() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let access = said(&stage.cloudsync, tokens.text("access_token")).await;
    let claims = tokens.payload("access_token");
    for same in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "sid", "auth_time", "acr"] {
        assert_eq!(access[same], claims[same], "{same}");
        assert!(!access[same].is_null(), "{same}");
    }
    assert_eq!((&access["active"], &access["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!(access["username"], tokens.payload("id_token")["preferred_username"]);
    for private in ["email", "name", "grant_id", "groups"] {
        assert_eq!(access[private], Value::Null, "{private}");
    }
    let refresh = said(&stage.cloudsync, tokens.text("refresh_token")).await;
    for same in ["iss", "sub", "client_id", "scope", "sid", "auth_time"] {
        assert_eq!(refresh[same], claims[same], "{same}");
    }
    assert_eq!((&refresh["active"], refresh.get("token_type")), (&json!(true), None));
    let few = stage.sign_in(&Browser::new(), "alice", &[("scope", "openid email")]).await;
    let few = said(&stage.cloudsync, few.text("access_token")).await;
    assert_eq!((&few["scope"], few.get("username")), (&json!("openid email"), None));
}

#[tokio::test]
async fn an_api_learns_about_access_tokens_of_every_client_and_other_clients_about_none() {
    let stage = Stage::with(&format!("{API}{NOTES}{SCRIPT}")).await;
    let (browser, tokens) = stage.signed_in().await;
    let (notes, api, script) = (stage.notes(), api(&stage), stage.script());
    let noted = notes.exchange(&browser.follow(&notes.authorize(&[]).url).await).await;
    let scripted = script.token(&[("grant_type", "client_credentials")]).await;
    let parties = [(&stage.cloudsync, &tokens), (&notes, &noted), (&script, &scripted)];
    for (owner, owned) in parties {
        let token = owned.text("access_token");
        let own = said(owner, token).await;
        assert_eq!(own["active"], true, "{own}");
        assert_eq!(said(&api, token).await, own);
        for (other, _) in parties.iter().filter(|(other, _)| other.client_id != owner.client_id) {
            assert!(!is_active(other, token).await, "{} asks about {}", other.client_id, owner.client_id);
        }
    }
    for kind in ["refresh_token", "id_token"] {
        assert!(!is_active(&api, tokens.text(kind)).await, "{kind}: no API takes it");
        assert!(!is_active(&notes, tokens.text(kind)).await, "{kind}");
    }
    assert_eq!(said(&api, scripted.text("access_token")).await["scope"], "admin");
    stage.later(10 * MINUTE);
    assert!(!is_active(&script, scripted.text("access_token")).await, "expired");
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_not_active() {
    let stage = Stage::with(API).await;
    let tokens = stage.tokens().await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let (family, secret) = refresh.split_once('.').expect("a family and a secret");
    let parts: Vec<&str> = access.split('.').collect();
    let strange = [
        "let-me-in".to_owned(),
        family.to_owned(),
        format!("{family}.{}", "A".repeat(secret.len())),
        format!("x.{secret}"),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][..40]),
        format!("{access}.x"),
        tokens.text("id_token").to_owned(),
        "x".repeat(20_000),
    ];
    for token in &strange {
        assert!(!is_active(&stage.cloudsync, token).await, "{token}");
        assert!(!is_active(&api(&stage), token).await, "{token}");
    }
    assert_eq!(active(&stage, &tokens).await, (true, true), "asking ends nothing");
}

#[tokio::test]
async fn whatever_ends_a_token_is_known_at_once() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    assert_eq!(active(&stage, &tokens).await, (true, true));
    stage.later(10 * MINUTE);
    assert_eq!(active(&stage, &tokens).await, (false, true), "the access token has expired");

    let next = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(active(&stage, &tokens).await, (false, false), "the refresh token was exchanged");
    assert_eq!(active(&stage, &next).await, (true, true));
    stage.cloudsync.revoke(next.text("refresh_token")).await;
    assert_eq!(active(&stage, &next).await, (false, false), "the family was revoked");

    let (browser, tokens) = stage.signed_in().await;
    browser.open(&stage.at(&format!("/logout?id_token_hint={}", tokens.text("id_token")))).await;
    assert_eq!(active(&stage, &tokens).await, (false, false), "the person has signed out");

    let unused = stage.tokens().await;
    stage.later(30 * super::DAY);
    assert_eq!(active(&stage, &unused).await, (false, false), "the refresh token was not used for too long");
}

#[tokio::test]
async fn the_tokens_of_a_suspended_person_are_not_active_while_suspended_or_afterwards() {
    let stage = Stage::with(API).await;
    let tokens = stage.tokens().await;
    let id = AccountId(tokens.payload("id_token")["sub"].as_str().unwrap().to_owned());
    let parts = stage.provider.parts.login();
    let account = async || parts.store.identity().account(&id).await.unwrap().unwrap();
    suspension::suspend(&parts, &account().await, &desk()).await.expect("suspended");
    assert_eq!(active(&stage, &tokens).await, (false, false));
    assert!(!is_active(&api(&stage), tokens.text("access_token")).await);
    suspension::reactivate(&parts, &account().await, &desk()).await.expect("reactivated");
    assert_eq!(active(&stage, &tokens).await, (false, false), "they have ended");
}

#[tokio::test]
async fn the_settings_of_the_client_count_as_they_are_now() {
    let stage = Stage::with(API).await;
    let tokens = stage.tokens().await;
    let all = said(&stage.cloudsync, tokens.text("access_token")).await;
    assert_eq!(all["scope"], "openid profile email offline_access");
    let narrower = "[[clients]]\nclient_id = \"cloudsync\"\nscope = \"openid email\"\n";
    stage.provider.apply(narrower, Mode::Merge).await.expect("good settings");
    let less = said(&api(&stage), tokens.text("access_token")).await;
    assert_eq!((&less["scope"], less.get("username")), (&json!("openid email"), None));
    assert_eq!(active(&stage, &tokens).await, (true, false), "it would not be refreshed");

    let wider = "[[clients]]\nclient_id = \"cloudsync\"\nscope = \"openid profile offline_access\"\n";
    stage.provider.apply(wider, Mode::Merge).await.expect("good settings");
    let token = tokens.text("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", "profile")];
    let profile = stage.cloudsync.token(&form).await;
    assert_eq!(profile.text("scope"), "profile", "{:?}", profile.body);
    assert!(is_active(&api(&stage), profile.text("access_token")).await);
    stage.provider.apply(narrower, Mode::Merge).await.expect("good settings");
    assert!(!is_active(&api(&stage), profile.text("access_token")).await, "nothing of its scope is left");

    let usual = Setup::new(&ldap_settings(&[crate::support::lab::ldap()]));
    let without = usual.settings.replace("\"cloudsync\"", "\"another\"");
    stage.provider.apply(&format!("{without}{API}"), Mode::Replace).await.expect("good settings");
    assert!(!is_active(&api(&stage), tokens.text("access_token")).await, "the client was removed");
}

#[tokio::test]
async fn only_an_authenticated_client_with_a_secret_may_ask() {
    let public = r#"
[[clients]]
client_id = "app"
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "none"
"#;
    let stage = Stage::with(&format!("{API}{public}")).await;
    let tokens = stage.tokens().await;
    let token = tokens.text("access_token");
    let refused = (StatusCode::UNAUTHORIZED, "invalid_client");
    for (id, secret) in
        [("app", None), ("api", None), ("api", Some("")), ("api", Some("guessed")), ("nobody", Some("x"))]
    {
        let asker = RelyingParty::new(&stage.provider.url, id, secret);
        assert_eq!(error(&asker.introspect(token).await), refused, "{id} {secret:?}");
    }
    let bearer = Client::new().post(stage.at("/introspect")).bearer_auth(token).form(&[("token", token)]);
    assert_eq!(Page::of(bearer).await.status, StatusCode::UNAUTHORIZED, "a token does not authenticate");
    let wrong = RelyingParty::new(&stage.provider.url, "api", Some("guessed"));
    for _ in 0..60 {
        wrong.introspect(token).await;
    }
    assert_eq!(error(&wrong.introspect(token).await).0, StatusCode::TOO_MANY_REQUESTS);
    assert!(is_active(&api(&stage), token).await, "a right secret is never throttled");
}

#[tokio::test]
async fn each_faulty_request_has_its_error_and_no_answer_is_kept() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let good = format!("token={}&token_type_hint=refresh_token", tokens.text("access_token"));
    #[rustfmt::skip]
    let table = [
        ("a token with a wrong hint", FORM, good.as_str(), 200),
        ("no token", FORM, "token_type_hint=access_token", 400),
        ("the token twice", FORM, "token=x&token=x", 400),
        ("the hint twice", FORM, "token=x&token_type_hint=a&token_type_hint=a", 400),
        ("a NUL", FORM, "token=%00", 400),
        ("JSON", "application/json", "{\"token\":\"x\"}", 400),
    ];
    for (what, kind, body, status) in table {
        let request =
            Client::new().post(stage.at("/introspect")).header(CONTENT_TYPE, kind).body(body.to_owned());
        let page = Page::of(request.basic_auth("cloudsync", Some("cloudsync-test-secret"))).await;
        assert_eq!(page.status.as_u16(), status, "{what}: {}", page.body);
        assert_eq!(page.headers["cache-control"], "no-store", "{what}");
        assert_eq!(page.headers["content-type"], "application/json", "{what}");
        assert_eq!(page.body.contains("\"active\":true"), status == 200, "{what}: {}", page.body);
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Client::new().request(method.clone(), stage.at(&format!("/introspect?{good}")));
        let page = Page::of(request.basic_auth("cloudsync", Some("cloudsync-test-secret"))).await;
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}
