//! The token endpoint: client authentication, and what a client may send.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use super::{INVALID_GRANT, Stage, error};
use crate::support::browser::{Browser, Page};
use crate::support::relying_party::RelyingParty;

/// Clients of every method; one has a secret that needs encoding, one such an id.
const CLIENTS: &str = r#"
[[clients]]
client_id = "basic only"
client_secret = "s:e+c%r&e=t/ü \"x\""
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "client_secret_basic"

[[clients]]
client_id = "post-only"
client_secret = "post-only-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "client_secret_post"

[[clients]]
client_id = "public"
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "none"

[[clients]]
client_id = "online"
client_secret = "online-long-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
grant_types = ["authorization_code"]
"#;

const FORM: &str = "application/x-www-form-urlencoded";
const CODE: &str = "grant_type=authorization_code&code=x&redirect_uri=https://cloudsync.example/callback";

async fn send(stage: &Stage, authorization: Option<&[u8]>, kind: &str, body: &str) -> Page {
    let mut request = Client::new().post(stage.at("/token")).body(body.to_owned());
    if !kind.is_empty() {
        request = request.header(CONTENT_TYPE, kind);
    }
    if let Some(value) = authorization {
        request = request.header(AUTHORIZATION, value);
    }
    Page::of(request).await
}

fn basic(pair: &str) -> Vec<u8> {
    format!("Basic {}", BASE64_STANDARD.encode(pair)).into_bytes()
}

fn code_of(page: &Page) -> String {
    let body: Value = serde_json::from_str(&page.body).expect("JSON");
    body["error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_faulty_authentication_is_invalid_client_and_answered_in_its_own_scheme() {
    let stage = Stage::with(CLIENTS).await;
    let encoded = "basic+only:s%3Ae%2Bc%25r%26e%3Dt%2F%C3%BC+%22x%22";
    #[rustfmt::skip]
    let table = [
        // the right secret, so that the code is checked
        ("right, encoded", Some(basic(encoded)), "", 400, "invalid_grant"),
        ("right, the id beside it", Some(basic(encoded)), "&client_id=basic+only", 400, "invalid_grant"),
        ("right, in the form", None, "&client_id=post-only&client_secret=post-only-test-secret", 400, "invalid_grant"),
        ("right, no secret at all", None, "&client_id=public", 400, "invalid_grant"),
        ("right, any scheme's case", Some(b"bAsIc Y2xvdWRzeW5jOmNsb3Vkc3luYy10ZXN0LXNlY3JldA==".to_vec()), "", 400, "invalid_grant"),
        ("not encoded", Some(basic("basic only:s:e+c%r&e=t/ü \"x\"")), "", 401, "invalid_client"),
        ("nobody", None, "", 401, "invalid_client"),
        ("a secret without an id", None, "&client_secret=post-only-test-secret", 401, "invalid_client"),
        ("an unknown client", Some(basic("nobody:x")), "", 401, "invalid_client"),
        ("an unknown client, in the form", None, "&client_id=nobody&client_secret=x", 401, "invalid_client"),
        ("an unknown public client", None, "&client_id=nobody", 401, "invalid_client"),
        ("a wrong secret", Some(basic("cloudsync:wrong")), "", 401, "invalid_client"),
        ("no secret", Some(basic("cloudsync:")), "", 401, "invalid_client"),
        ("another's secret", None, "&client_id=post-only&client_secret=cloudsync-test-secret", 401, "invalid_client"),
        ("the stored digest as a secret", None, "&client_id=post-only&client_secret=hmac-sha256:00", 401, "invalid_client"),
        ("a confidential client without a secret", None, "&client_id=cloudsync", 401, "invalid_client"),
        ("basic where post is registered", Some(basic("post-only:post-only-test-secret")), "", 401, "invalid_client"),
        ("post where basic is registered", None, "&client_id=basic+only&client_secret=s%3Ae%2Bc%25r%26e%3Dt%2F%C3%BC+%22x%22", 401, "invalid_client"),
        ("a secret from a public client", Some(basic("public:x")), "", 401, "invalid_client"),
        ("a public client by an empty header", Some(basic("public:")), "", 401, "invalid_client"),
        ("an assertion", None, "&client_id=cloudsync&client_assertion=x&client_assertion_type=y", 401, "invalid_client"),
        ("no colon", Some(basic("cloudsync")), "", 401, "invalid_client"),
        ("no base64", Some(b"Basic ???".to_vec()), "", 401, "invalid_client"),
        ("not UTF-8", Some(b"Basic /zr/".to_vec()), "", 401, "invalid_client"),
        ("nothing behind the scheme", Some(b"Basic".to_vec()), "", 401, "invalid_client"),
        ("another scheme", Some(b"Bearer abc".to_vec()), "", 401, "invalid_client"),
        ("two methods", Some(basic("cloudsync:cloudsync-test-secret")), "&client_id=cloudsync&client_secret=cloudsync-test-secret", 400, "invalid_request"),
        ("two names", Some(basic("cloudsync:cloudsync-test-secret")), "&client_id=public", 400, "invalid_request"),
    ];
    for (what, authorization, more, status, expected) in table {
        let answer = send(&stage, authorization.as_deref(), FORM, &format!("{CODE}{more}")).await;
        assert_eq!((answer.status.as_u16(), code_of(&answer).as_str()), (status, expected), "{what}");
        let challenge = answer.headers.get("www-authenticate").map(|value| value.starts_with("Basic realm="));
        let expected = (status == 401 && authorization.is_some()).then_some(true);
        assert_eq!(challenge, expected, "{what}: {:?}", answer.headers);
        assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
        assert_eq!(answer.headers["content-type"], "application/json", "{what}");
    }
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_read_the_same() {
    let stage = Stage::new().await;
    let unknown = send(&stage, Some(&basic("nobody:x")), FORM, CODE).await;
    let wrong = send(&stage, Some(&basic("cloudsync:x")), FORM, CODE).await;
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
}

#[tokio::test]
async fn each_faulty_request_of_a_known_client_has_its_error() {
    let stage = Stage::with(CLIENTS).await;
    let own = basic("cloudsync:cloudsync-test-secret");
    let online = basic("online:online-long-test-secret");
    let long = format!("{CODE}&code_verifier={}", "a".repeat(129));
    let many = format!("{CODE}{}", "&a=1".repeat(65));
    #[rustfmt::skip]
    let table = [
        ("no grant type", &own, FORM, "code=x", "invalid_request"),
        ("password", &own, FORM, "grant_type=password&username=alice&password=x", "unsupported_grant_type"),
        ("client_credentials", &own, FORM, "grant_type=client_credentials", "unauthorized_client"),
        ("implicit", &own, FORM, "grant_type=implicit", "unsupported_grant_type"),
        ("a grant type that is not the client's", &online, FORM, "grant_type=refresh_token&refresh_token=x", "unauthorized_client"),
        ("no code", &own, FORM, "grant_type=authorization_code&redirect_uri=x", "invalid_request"),
        ("no refresh token", &own, FORM, "grant_type=refresh_token", "invalid_request"),
        ("the code twice", &own, FORM, &format!("{CODE}&code=x"), "invalid_request"),
        ("the grant type twice", &own, FORM, &format!("{CODE}&grant_type=authorization_code"), "invalid_request"),
        ("the verifier twice", &own, FORM, &format!("{CODE}&code_verifier=a&code_verifier=a"), "invalid_request"),
        ("a long verifier", &own, FORM, &long, "invalid_request"),
        ("not UTF-8", &own, FORM, "grant_type=authorization_code&code=%FF&redirect_uri=x", "invalid_request"),
        ("a NUL", &own, FORM, "grant_type=authorization_code&code=%00&redirect_uri=x", "invalid_request"),
        ("too many parameters", &own, FORM, &many, "invalid_request"),
        ("nothing", &own, FORM, "", "invalid_request"),
        ("JSON", &own, "application/json", "{\"grant_type\":\"authorization_code\"}", "invalid_request"),
        ("no type", &own, "", CODE, "invalid_request"),
        ("another type", &own, "multipart/form-data; boundary=x", CODE, "invalid_request"),
        ("a type with a parameter", &own, "application/x-www-form-urlencoded; charset=UTF-8", CODE, "invalid_grant"),
        ("unknown parameters", &own, FORM, &format!("{CODE}&a=1&a=2&resource=x"), "invalid_grant"),
    ];
    for (what, authorization, kind, body, expected) in table {
        let answer = send(&stage, Some(authorization), kind, body).await;
        assert_eq!(
            (answer.status, code_of(&answer).as_str()),
            (StatusCode::BAD_REQUEST, expected),
            "{what}: {}",
            answer.body
        );
        assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
    }
}

#[tokio::test]
async fn credentials_in_the_address_are_not_read() {
    let stage = Stage::new().await;
    let address = stage.at("/token?client_id=cloudsync&client_secret=cloudsync-test-secret");
    let answer = Page::of(Client::new().post(address).header(CONTENT_TYPE, FORM).body(CODE)).await;
    assert_eq!((answer.status, code_of(&answer).as_str()), (StatusCode::UNAUTHORIZED, "invalid_client"));
}

#[tokio::test]
async fn tokens_are_only_posted_for_and_never_kept() {
    let stage = Stage::new().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = Page::of(Client::new().request(method.clone(), stage.at("/token"))).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let code = stage.arrive(&Browser::new(), "alice", &[]).await.parameter("code").unwrap();
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https://cloudsync.example/callback&code_verifier={}",
        crate::support::relying_party::VERIFIER
    );
    let answer = send(&stage, Some(&basic("cloudsync:cloudsync-test-secret")), FORM, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(
        (answer.headers["cache-control"].as_str(), answer.headers["pragma"].as_str()),
        ("no-store", "no-cache")
    );
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &600.into()));
}

#[tokio::test]
async fn the_code_of_one_client_is_nothing_to_another_whatever_it_calls_itself() {
    let stage = Stage::with(CLIENTS).await;
    let code = stage.arrive(&Browser::new(), "alice", &[]).await.parameter("code").unwrap();
    let public = RelyingParty::new(&stage.provider.url, "public", None);
    assert_eq!(error(&public.exchange_code(&code).await), INVALID_GRANT);
    assert_eq!(stage.cloudsync.exchange_code(&code).await.status, StatusCode::OK);
}
