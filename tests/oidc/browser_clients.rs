//! Clients in a browser or on a person's own machine: CORS, JSON errors, loopback redirect URIs.

use reqwest::header::{HeaderMap, ORIGIN};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use super::Stage;
use crate::support::browser::{Browser, Page};
use crate::support::relying_party::RelyingParty;

const PUBLIC: &str = r#"
[[clients]]
client_id = "in a browser"
redirect_uris = ["https://app.example/callback"]
token_endpoint_auth_method = "none"

[[clients]]
client_id = "on a desk"
redirect_uris = ["http://127.0.0.1/callback"]
token_endpoint_auth_method = "none"
"#;

const APP: &str = "https://app.example";

fn allowed(headers: &HeaderMap) -> Option<&str> {
    assert!(!headers.contains_key("access-control-allow-credentials"), "no cookie opens these endpoints");
    headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn an_app_in_a_browser_may_read_answers_and_other_sites_may_not() {
    let stage = Stage::with(PUBLIC).await;
    for path in ["/token", "/revoke", "/userinfo"] {
        for (origin, expected) in [
            (APP, Some(APP)),
            ("https://evil.example", None),
            ("https://cloudsync.example", None),
            ("null", None),
        ] {
            let preflight = Client::new()
                .request(Method::OPTIONS, stage.at(path))
                .header(ORIGIN, origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type,authorization");
            let answer = preflight.send().await.unwrap();
            assert!(answer.status().is_success(), "{path}");
            assert_eq!(allowed(answer.headers()), expected, "{path} {origin}: preflight");
            if expected.is_some() {
                let headers = answer.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
                assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
            }
            let answer = Client::new().post(stage.at(path)).header(ORIGIN, origin).send().await.unwrap();
            assert!(answer.status().is_client_error());
            assert_eq!(allowed(answer.headers()), expected, "{path} {origin}: an error can be read as well");
        }
    }
    for path in ["/account/security", "/introspect"] {
        let answer = Client::new().get(stage.at(path)).header(ORIGIN, APP).send().await.unwrap();
        assert_eq!(allowed(answer.headers()), None, "{path} is for nobody else");
    }
}

#[tokio::test]
async fn every_error_of_the_endpoints_for_programs_is_json() {
    let stage = Stage::new().await;
    let long = format!("token={}", "x".repeat(70_000));
    let form = "application/x-www-form-urlencoded";
    let table: [(&str, Method, &str, &str, u16, &str); 14] = [
        ("/token", Method::GET, "", "", 405, "invalid_request"),
        ("/token", Method::DELETE, "", "", 405, "invalid_request"),
        ("/userinfo", Method::PUT, "", "", 405, "invalid_request"),
        ("/revoke", Method::GET, "", "", 405, "invalid_request"),
        ("/revoke", Method::POST, form, &long, 413, "invalid_request"),
        ("/revoke", Method::POST, "text/plain", "x", 400, "invalid_request"),
        ("/introspect", Method::GET, "", "", 405, "invalid_request"),
        ("/introspect", Method::POST, form, &long, 413, "invalid_request"),
        ("/introspect", Method::POST, "text/plain", "x", 400, "invalid_request"),
        ("/token", Method::POST, form, &long, 413, "invalid_request"),
        ("/userinfo", Method::POST, form, &long, 413, "invalid_request"),
        ("/token", Method::POST, "text/plain", "x", 400, "invalid_request"),
        ("/userinfo", Method::GET, "", "", 401, "invalid_token"),
        ("/userinfo", Method::POST, form, "access_token=x&access_token=x", 400, "invalid_request"),
    ];
    for (path, method, kind, body, status, error) in table {
        let request = Client::new().request(method.clone(), stage.at(path)).body(body.to_owned());
        let answer = Page::of(request.header("content-type", kind)).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/json", "{method} {path}");
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(body["error"], error, "{method} {path}");
        assert!(body["error_description"].is_string());
        assert_eq!(status == 405, answer.headers.contains_key("allow"), "{method} {path}");
        assert!(status != 401 || answer.headers.contains_key("www-authenticate"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_native_app_signs_in_on_the_port_that_it_was_given() {
    let stage = Stage::with(PUBLIC).await;
    for port in [51_004, 52_117] {
        let mut app = RelyingParty::new(&stage.provider.url, "on a desk", None);
        app.redirect_uri = format!("http://127.0.0.1:{port}/callback");
        let password = &crate::support::lab::ldap().user_password;
        let back = Browser::new().sign_in(&app.authorize(&[]), "alice", password).await;
        assert!(
            back.location.as_deref().unwrap_or_default().starts_with(&app.redirect_uri),
            "{:?}",
            back.location
        );
        let code = back.parameter("code").expect("a code");
        let mut other = RelyingParty::new(&stage.provider.url, "on a desk", None);
        other.redirect_uri = "http://127.0.0.1:9/callback".to_owned();
        assert_eq!(other.exchange_code(&code).await.status, StatusCode::BAD_REQUEST, "another port's code");
        app.exchange(&back).await;
    }
}
