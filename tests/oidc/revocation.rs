//! Revocation (RFC 7009): what a token of each kind ends, and who may end it.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use super::{INVALID_GRANT, MINUTE, NOTES, SCRIPT, SECOND, Stage, error};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::relying_party::{RelyingParty, Tokens};

const DONE: (StatusCode, &Value) = (StatusCode::OK, &Value::Null);
const FORM: &str = "application/x-www-form-urlencoded";

fn answer(tokens: &Tokens) -> (StatusCode, &Value) {
    (tokens.status, &tokens.body)
}

async fn has_ended(stage: &Stage, tokens: &Tokens) -> bool {
    match stage.opens(tokens).await {
        StatusCode::OK => false,
        StatusCode::UNAUTHORIZED => {
            assert_eq!(error(&stage.cloudsync.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
            true
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_token_of_either_kind_ends_its_family_and_nothing_else() {
    let stage = Stage::new().await;
    for kind in ["refresh_token", "access_token"] {
        for hint in ["refresh_token", "access_token", "saml", ""] {
            let (browser, tokens) = stage.signed_in().await;
            let other = stage.sign_in(&Browser::new(), "alice", &[]).await;
            let same_session =
                stage.cloudsync.exchange(&browser.follow(&stage.cloudsync.authorize(&[]).url).await).await;
            let form = [("token", tokens.text(kind)), ("token_type_hint", hint)];
            let revoked = stage.cloudsync.post("/revoke", &form).await;
            assert_eq!(answer(&revoked), DONE, "{kind} {hint}");
            assert!(has_ended(&stage, &tokens).await, "{kind} {hint}");
            assert!(!has_ended(&stage, &other).await, "{kind} {hint}: another browser");
            assert!(!has_ended(&stage, &same_session).await, "{kind} {hint}: another family");
            assert_eq!(stage.ask(&browser, &[("prompt", "none")]).await, "code", "the session stays");
        }
    }
}

#[tokio::test]
async fn an_earlier_refresh_token_ends_the_family_too() {
    let stage = Stage::new().await;
    for wait in [0, MINUTE] {
        let first = stage.tokens().await;
        let second = stage.cloudsync.refresh(first.text("refresh_token")).await;
        let third = stage.cloudsync.refresh(second.text("refresh_token")).await;
        stage.later(wait);
        assert_eq!(answer(&stage.cloudsync.revoke(first.text("refresh_token")).await), DONE);
        assert!(has_ended(&stage, &third).await, "after {wait} ms");
    }
}

#[tokio::test]
async fn what_is_not_a_valid_token_of_the_client_is_answered_alike_and_ends_nothing() {
    let stage = Stage::with(NOTES).await;
    let (browser, tokens) = stage.signed_in().await;
    let notes = stage.notes();
    let foreign = notes.exchange(&browser.follow(&notes.authorize(&[]).url).await).await;
    let (refresh, access) = (tokens.text("refresh_token"), tokens.text("access_token"));
    let (family, secret) = refresh.split_once('.').expect("a family and a secret");
    let tampered = format!("{}AAAA", &access[..access.len() - 4]);
    let strange = [
        ("words", "let-me-in".to_owned()),
        ("a family without a secret", family.to_owned()),
        ("a family and nonsense", format!("{family}.{}", "A".repeat(secret.len()))),
        ("the secret of another family", format!("x.{secret}")),
        ("a broken signature", tampered),
        ("an ID token", tokens.text("id_token").to_owned()),
        ("another client's refresh token", foreign.text("refresh_token").to_owned()),
        ("another client's access token", foreign.text("access_token").to_owned()),
        ("a very long text", "x".repeat(20_000)),
    ];
    for (what, token) in &strange {
        assert_eq!(answer(&stage.cloudsync.revoke(token).await), DONE, "{what}");
    }
    assert!(!has_ended(&stage, &tokens).await);
    assert_eq!(stage.opens(&foreign).await, StatusCode::OK);
    assert_eq!(notes.refresh(foreign.text("refresh_token")).await.status, StatusCode::OK);
    assert!(stage.decided("token_revoked").await.is_empty());
}

#[tokio::test]
async fn an_expired_access_token_ends_nothing() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    stage.later(10 * MINUTE);
    assert_eq!(answer(&stage.cloudsync.revoke(tokens.text("access_token")).await), DONE);
    assert_eq!(stage.cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revocation_is_in_the_audit_log_once() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    for kind in ["refresh_token", "access_token", "refresh_token"] {
        assert_eq!(answer(&stage.cloudsync.revoke(tokens.text(kind)).await), DONE);
    }
    assert_eq!(stage.decided("token_revoked").await, [Some("cloudsync".to_owned())]);
}

#[tokio::test]
async fn a_client_authenticates_as_at_the_token_endpoint_and_failures_count_together() {
    let stage = Stage::new().await;
    let tokens = stage.tokens().await;
    let token = tokens.text("refresh_token");
    let wrong = RelyingParty::new(&stage.provider.url, "cloudsync", Some("guessed"));
    let public = RelyingParty::new(&stage.provider.url, "cloudsync", None);
    let unknown = RelyingParty::new(&stage.provider.url, "nobody", Some("guessed"));
    let refused = (StatusCode::UNAUTHORIZED, "invalid_client");
    assert_eq!(error(&public.revoke(token).await), refused, "an id alone");
    assert_eq!(wrong.revoke(token).await.body, unknown.revoke(token).await.body);
    for _ in 0..29 {
        assert_eq!(error(&wrong.revoke(token).await), refused);
        assert_eq!(error(&wrong.refresh(token).await), refused);
    }
    let throttled = (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
    assert_eq!(error(&wrong.revoke(token).await), throttled);
    assert_eq!(error(&wrong.refresh(token).await), throttled);
    assert!(!has_ended(&stage, &tokens).await);
    let form = [("client_id", "cloudsync"), ("client_secret", "cloudsync-test-secret"), ("token", token)];
    let posted = Client::new().post(stage.at("/revoke")).form(&form).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::OK, "client_secret_post, and right secrets are not throttled");
    assert!(has_ended(&stage, &tokens).await);
}

#[tokio::test]
async fn a_client_without_a_secret_ends_its_own_tokens_by_its_id() {
    let public = r#"
[[clients]]
client_id = "app"
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "none"
"#;
    let stage = Stage::with(public).await;
    let app = RelyingParty::new(&stage.provider.url, "app", None);
    let password = &lab::ldap().user_password;
    let back = Browser::new().sign_in(&app.authorize(&[]), "alice", password).await;
    let tokens = app.exchange(&back).await;
    let others = stage.tokens().await;
    assert_eq!(answer(&app.revoke(others.text("refresh_token")).await), DONE);
    assert!(!has_ended(&stage, &others).await, "another client's");
    assert_eq!(answer(&app.revoke(tokens.text("refresh_token")).await), DONE);
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(error(&app.refresh(tokens.text("refresh_token")).await), INVALID_GRANT);
}

#[tokio::test]
async fn the_token_of_a_client_itself_can_not_be_revoked() {
    let stage = Stage::with(SCRIPT).await;
    let script = stage.script();
    let tokens = script.token(&[("grant_type", "client_credentials")]).await;
    let token = tokens.text("access_token");
    let unsupported = (StatusCode::BAD_REQUEST, "unsupported_token_type");
    assert_eq!(error(&script.revoke(token).await), unsupported);
    assert_eq!(answer(&stage.cloudsync.revoke(token).await), DONE, "another client learns nothing");
    stage.later(10 * MINUTE + SECOND);
    assert_eq!(answer(&script.revoke(token).await), DONE, "it has expired");
}

#[tokio::test]
async fn each_faulty_request_has_its_error_and_nothing_is_kept() {
    let stage = Stage::new().await;
    let many = format!("token=x{}", "&a=1".repeat(65));
    #[rustfmt::skip]
    let table = [
        ("no token", FORM, "token_type_hint=access_token", 400),
        ("an empty token", FORM, "token=", 400),
        ("the token twice", FORM, "token=x&token=x", 400),
        ("the hint twice", FORM, "token=x&token_type_hint=a&token_type_hint=a", 400),
        ("a NUL", FORM, "token=%00", 400),
        ("too many parameters", FORM, &many, 400),
        ("JSON", "application/json", "{\"token\":\"x\"}", 400),
        ("an unknown token", FORM, "token=x", 200),
    ];
    let post = |kind: &str, body: &str| {
        let request =
            Client::new().post(stage.at("/revoke")).header(CONTENT_TYPE, kind).body(body.to_owned());
        request.basic_auth("cloudsync", Some("cloudsync-test-secret"))
    };
    for (what, kind, body, status) in table {
        let page = Page::of(post(kind, body)).await;
        assert_eq!(page.status.as_u16(), status, "{what}: {}", page.body);
        assert_eq!(page.headers["cache-control"], "no-store", "{what}");
        assert_eq!(page.body.contains("invalid_request"), status == 400, "{what}: {}", page.body);
    }
    let address = stage.at("/revoke?token=x&client_id=cloudsync&client_secret=cloudsync-test-secret");
    let in_address = Page::of(Client::new().post(address).header(CONTENT_TYPE, FORM).body("token=x")).await;
    assert_eq!(in_address.status, StatusCode::UNAUTHORIZED, "credentials in the address are not read");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let page = Page::of(Client::new().request(method.clone(), stage.at("/revoke?token=x"))).await;
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}
