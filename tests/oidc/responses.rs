//! How responses are sent: `state` and `iss`, query and form, and a POST that becomes a GET.

use reqwest::StatusCode;
use reqwest::header::ORIGIN;

use super::Stage;
use crate::support::browser::{Browser, Page};
use crate::support::relying_party::Authorization;

#[tokio::test]
async fn state_comes_back_as_it_went() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    let long = "ü%&=+# ".repeat(500);
    for state in
        ["a b&c=d%20+#?", "übergroß ✓ 🦀", "\"<script>'", "\r\nLocation: https://evil.example", &long]
    {
        for (name, value) in [("prompt", "none"), ("response_type", "nonsense"), ("max_age", "x")] {
            let asked = stage.cloudsync.authorize(&[("state", state), (name, value)]);
            let back = browser.open(&asked.url).await;
            assert_eq!(back.parameter("state").as_deref(), Some(state), "{name}");
        }
    }
    let back = browser.open(&stage.cloudsync.authorize(&[("state", "")]).url).await;
    assert_eq!((back.parameter("state"), back.parameter("code").is_some()), (None, true));
}

#[tokio::test]
async fn a_redirect_uri_keeps_the_query_that_it_is_registered_with() {
    let tenant = r#"
[[clients]]
client_id = "tenant"
client_secret = "tenant-test-secret"
redirect_uris = ["https://tenant.example/cb?tenant=1%2F2"]
"#;
    let stage = Stage::with(tenant).await;
    let (browser, _) = stage.signed_in().await;
    let changes = [("client_id", "tenant"), ("redirect_uri", "https://tenant.example/cb?tenant=1%2F2")];
    let back = browser.open(&stage.cloudsync.authorize(&changes).url).await;
    assert!(back.location.unwrap().starts_with("https://tenant.example/cb?tenant=1%2F2&code="));
}

#[tokio::test]
async fn form_post_is_a_page_with_a_button_that_may_only_post_to_the_client() {
    let stage = Stage::new().await;
    let browser = Browser::new();
    let state = "\"><script>";
    let page = stage.arrive(&browser, "alice", &[("response_mode", "form_post"), ("state", state)]).await;
    assert_eq!((page.status, &page.location), (StatusCode::OK, &None));
    assert!(page.body.contains("action=\"https://cloudsync.example/callback\""), "{}", page.body);
    assert!(page.body.contains("<button"), "works without scripts");
    assert_eq!(page.headers["cache-control"], "no-store");
    let policy = &page.headers["content-security-policy"];
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(policy.ends_with("form-action 'self' https://cloudsync.example"), "{policy}");
    assert!(!page.body.contains(state), "escaped");
    let fields = unescaped(&page);
    assert_eq!(fields["state"], state);
    assert_eq!(fields["iss"], stage.provider.url);
    let tokens = stage.cloudsync.exchange_code(&fields["code"]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
}

#[tokio::test]
async fn an_error_travels_by_form_too() {
    let stage = Stage::new().await;
    for (change, error) in
        [(("prompt", "none"), "login_required"), (("response_type", "token"), "unsupported_response_type")]
    {
        let asked = stage.cloudsync.authorize(&[("response_mode", "form_post"), change]);
        let page = Browser::new().open(&asked.url).await;
        let fields = unescaped(&page);
        assert_eq!(fields["error"], error, "{}", page.body);
        assert_eq!((fields["state"].as_str(), &fields["iss"]), ("a-state", &stage.provider.url));
        assert!(!fields.contains_key("code"));
        assert!(!page.text().contains("You are signed in"), "nobody is: {}", page.text());
    }
}

#[tokio::test]
async fn a_post_to_authorize_becomes_a_get_that_has_the_cookies() {
    let stage = Stage::new().await;
    let (known, _) = stage.signed_in().await;
    let asked = reqwest::Url::parse(&stage.cloudsync.authorize(&[("state", "ü +&")]).url).unwrap();
    let form: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
    // From another site: without our cookies.
    let foreign =
        Browser::new().http.post(stage.at("/authorize")).header(ORIGIN, "https://cloudsync.example");
    let page = Page::of(foreign.form(&form)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let next = page.absolute(page.location.as_deref().unwrap());
    assert!(next.starts_with(&stage.at("/authorize?")), "{next}");
    assert!(!page.headers.contains_key("set-cookie"), "nothing began yet");
    let back = known.open(&next).await;
    assert_eq!(back.parameter("state").as_deref(), Some("ü +&"));
    assert!(back.parameter("code").is_some());
    assert_eq!(stage.outcome(&Browser::new(), &Authorization { url: next }).await, "page");
}

#[tokio::test]
async fn a_posted_body_that_is_no_form_is_refused() {
    let stage = Stage::new().await;
    for body in [&b"client_id=a b"[..], b"a=\xff", b"a=1\r\nLocation: https://evil.example"] {
        let page = Page::of(Browser::new().http.post(stage.at("/authorize")).body(body.to_vec())).await;
        assert_eq!((page.status, page.location), (StatusCode::BAD_REQUEST, None));
    }
}

/// The hidden fields of the form-post page.
fn unescaped(page: &Page) -> std::collections::BTreeMap<String, String> {
    let plain = |text: String| {
        let text = text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<");
        text.replace("&#62;", ">").replace("&#38;", "&")
    };
    page.fields().into_iter().map(|(name, value)| (name, plain(value))).collect()
}
