//! Authorization requests that are refused, the recipient of each error, and redirect URIs that look alike.

use reqwest::StatusCode;

use super::{NOTES, Stage};
use crate::support::browser::{Browser, Page};

#[tokio::test]
async fn each_bad_request_gets_the_standard_error_code() {
    let stage = Stage::new().await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    #[rustfmt::skip]
    let table = [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("response_type", "id_token")], "unsupported_response_type"),
        (vec![("response_type", "code id_token")], "unsupported_response_type"),
        (vec![("response_type", "CODE")], "unsupported_response_type"),
        (vec![("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge_method", "")], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("code_challenge_method", "s256")], "invalid_request"),
        (vec![("code_challenge", &challenge[1..])], "invalid_request"),
        (vec![("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")], "invalid_request"),
        (vec![("request", "eyJhbGciOiJub25lIn0.e30.")], "request_not_supported"),
        (vec![("request_uri", "https://cloudsync.example/r")], "request_uri_not_supported"),
        (vec![("registration", "{}")], "registration_not_supported"),
        (vec![("response_mode", "fragment")], "invalid_request"),
        (vec![("response_mode", "query.jwt")], "invalid_request"),
        (vec![("scope", "")], "invalid_scope"),
        (vec![("scope", "profile email")], "invalid_scope"),
        (vec![("scope", "openid \"x\"")], "invalid_scope"),
        (vec![("nonce", "a\0b")], "invalid_request"),
    ];
    for (changes, expected) in table {
        let back = Browser::new().open(&stage.cloudsync.authorize(&changes).url).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{changes:?}");
        let to = back.location.clone().unwrap();
        assert!(to.starts_with("https://cloudsync.example/callback?"), "{to}");
        assert_eq!(back.parameter("error").as_deref(), Some(expected), "{changes:?}");
        assert_eq!(back.parameter("state").as_deref(), Some("a-state"), "{changes:?}");
        assert_eq!(back.parameter("iss"), Some(stage.provider.url.clone()), "{changes:?}");
        assert_eq!(back.parameter("code"), None);
    }
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused_and_an_unknown_one_ignored() {
    let stage = Stage::new().await;
    let good = stage.cloudsync.authorize(&[]).url;
    let table = [
        ("&nonce=b", "invalid_request"),
        ("&scope=openid", "invalid_request"),
        ("&prompt=login&prompt=login", "invalid_request"),
        ("&state=b", "invalid_request"),
        ("&client_id=cloudsync", "400"),
        ("&redirect_uri=https%3A%2F%2Fcloudsync.example%2Fcallback", "400"),
        ("&colour=red&colour=blue", "page"),
        ("&max_age=", "page"),
    ];
    for (more, expected) in table {
        let asked = crate::support::relying_party::Authorization { url: format!("{good}{more}") };
        assert_eq!(stage.outcome(&Browser::new(), &asked).await, expected, "{more}");
    }
}

#[tokio::test]
async fn no_redirect_goes_to_an_unregistered_uri() {
    let stage = Stage::with(NOTES).await;
    #[rustfmt::skip]
    let table = [
        "https://cloudsync.example/callback/",
        "https://cloudsync.example/Callback",
        "https://CLOUDSYNC.example/callback",
        "HTTPS://cloudsync.example/callback",
        "https://cloudsync.example/callback?x=1",
        "https://cloudsync.example/callback?",
        "https://cloudsync.example/callback#x",
        "https://cloudsync.example/callback/../callback",
        "https://cloudsync.example/%63allback",
        "https://cloudsync.example:443/callback",
        "https://cloudsync.example:8443/callback",
        "https://cloudsync.example@evil.example/callback",
        "https://user@cloudsync.example/callback",
        "https://cloudsync.example.evil.example/callback",
        "https://cloudsync.example\\@evil.example/callback",
        "https://cloudsync.example/callback\n",
        " https://cloudsync.example/callback",
        "http://cloudsync.example/callback",
        "//cloudsync.example/callback",
        "/callback",
        "javascript:alert(1)",
        "https://notes.example/callback", // another client's
    ];
    for uri in table {
        for broken in [("state", "a-state"), ("response_type", "nonsense")] {
            let changes = [("redirect_uri", uri), broken];
            refused(&Browser::new().open(&stage.cloudsync.authorize(&changes).url).await, uri);
        }
    }
}

#[tokio::test]
async fn without_a_known_client_there_is_only_a_page() {
    let stage = Stage::new().await;
    let long = "x".repeat(5_000);
    let table = [
        ("client_id", "nobody", "This app is not registered"),
        ("client_id", "Cloudsync", "This app is not registered"),
        ("client_id", "", "client_id is missing"),
        ("client_id", "a\0b", "client_id contains a NUL"),
        ("client_id", &long, "client_id is too long"),
        ("redirect_uri", "", "redirect_uri is missing"),
        ("redirect_uri", "https://evil.example/", "This return address is not registered"),
    ];
    for (name, value, says) in table {
        let page = Browser::new().open(&stage.cloudsync.authorize(&[(name, value)]).url).await;
        refused(&page, name);
        assert!(page.text().contains(says), "{name}: {}", page.text());
    }
}

fn refused(page: &Page, what: &str) {
    assert_eq!((page.status, &page.location), (StatusCode::BAD_REQUEST, &None), "{what:?}");
    assert!(page.headers["content-type"].starts_with("text/html"), "{what:?}");
    assert!(!page.headers.contains_key("set-cookie"), "{what:?}");
}

#[tokio::test]
async fn unknown_scopes_and_those_the_client_may_not_have_are_left_out() {
    let narrow = r#"
[[clients]]
client_id = "narrow"
client_secret = "narrow-long-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
scope = "openid email"
"#;
    let stage = Stage::with(narrow).await;
    let (browser, tokens) = stage.signed_in().await;
    assert_eq!(tokens.text("scope"), "openid profile email offline_access");
    let party = crate::support::relying_party::RelyingParty::new(
        &stage.provider.url,
        "narrow",
        Some("narrow-long-test-secret"),
    );
    let asked = party.authorize(&[("scope", "openid profile email address offline_access")]);
    let tokens = party.exchange(&browser.follow(&asked.url).await).await;
    assert_eq!(tokens.text("scope"), "openid email");
    assert!(tokens.body.get("refresh_token").is_none());
    assert!(tokens.payload("id_token").get("name").is_none());
}

#[tokio::test]
async fn a_client_that_need_not_use_pkce_may_leave_it_out_and_a_verifier_is_refused_then() {
    let old = r#"
[[clients]]
client_id = "old"
client_secret = "old-long-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
require_pkce = false
"#;
    let stage = Stage::with(old).await;
    let (browser, _) = stage.signed_in().await;
    let party = crate::support::relying_party::RelyingParty::new(
        &stage.provider.url,
        "old",
        Some("old-long-test-secret"),
    );
    let code = async |changes: &[(&str, &str)]| {
        browser.follow(&party.authorize(changes).url).await.parameter("code").unwrap()
    };
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let form = |code: &str| {
        [("grant_type", "authorization_code"), ("redirect_uri", "https://cloudsync.example/callback")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .chain([("code".to_owned(), code.to_owned())])
            .collect::<Vec<_>>()
    };
    let send = async |fields: Vec<(String, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        party.token(&fields).await
    };
    assert_eq!(send(form(&code(&bare).await)).await.status, StatusCode::OK);
    // RFC 9700 section 4.8.2: a stripped challenge is detected by its verifier.
    assert_eq!(super::error(&party.exchange_code(&code(&bare).await).await), super::INVALID_GRANT);
    // A client that sends a challenge although it need not must prove it.
    assert_eq!(super::error(&send(form(&code(&[]).await)).await), super::INVALID_GRANT);
}
