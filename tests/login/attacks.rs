//! Attacks by other sites and browsers: forged, stolen and repeated forms, and unregistered addresses.

use futures_util::future::join;
use reqwest::header::ORIGIN;
use reqwest::{StatusCode, Url};

use super::{HOME, SESSION, assert_ended, assert_refused, at_openldap, right, signed_in, silently, stats};
use crate::support::browser::{Browser, Page};

/// Addresses that resemble the client's, and malformed ones.
const FOREIGN: [&str; 14] = [
    "https://evil.example/",
    "https://cloudsync.example.evil.example/callback",
    "https://cloudsync.example@evil.example/callback",
    "https://cloudsync.example/callback/../evil",
    "https://cloudsync.example/callback/",
    "https://cloudsync.example/callback?evil=1",
    "https://cloudsync.example/callback#evil",
    "https://CLOUDSYNC.example/callback",
    "https://cloudsync.example:443/callback",
    "http://cloudsync.example/callback",
    "//evil.example/callback",
    "/logout",
    "javascript:alert('evil')",
    "https://cloudsync.example/callback\r\nLocation: https://evil.example/",
];

fn assert_stays_here(page: &Page, address: &str) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{address}");
    assert_eq!(page.location, None, "{address}");
    assert!(!page.body.contains("evil"), "{address}: {}", page.body);
}

#[tokio::test]
async fn no_redirect_leads_to_an_unregistered_address() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (alice, _) = signed_in(&cloudsync, "alice").await;
    let stranger = Browser::new();
    for foreign in FOREIGN {
        for more in [("prompt", "none"), ("scope", "nonsense"), ("response_mode", "form_post")] {
            let asked = Url::parse(&cloudsync.authorize(&[("redirect_uri", foreign), more]).url).unwrap();
            for browser in [&alice, &stranger] {
                assert_stays_here(&browser.open(asked.as_str()).await, foreign);
            }
            let fields: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let turned = stranger.post(&format!("{}/authorize", provider.url), &fields).await;
            let own = turned.location.clone().unwrap_or_default();
            assert!(own.starts_with("/authorize?"), "{own}");
            assert_stays_here(&stranger.open(&turned.absolute(&own)).await, foreign);
        }
    }
}

#[tokio::test]
async fn an_unknown_client_gets_no_redirect() {
    let provider = at_openldap().await;
    for client in ["", "evil", "CLOUDSYNC", "cloudsync ", "../cloudsync"] {
        let asked = provider.cloudsync().authorize(&[("client_id", client)]);
        assert_stays_here(&Browser::new().open(&asked.url).await, client);
    }
}

#[tokio::test]
async fn a_form_without_its_own_token_is_rejected() {
    let provider = at_openldap().await;
    let asked = provider.cloudsync().authorize(&[]);
    let browser = Browser::new();
    let page = browser.follow(&asked.url).await;
    let token = page.fields()["csrf"].clone();
    let second = browser.follow(&asked.url).await.fields()["csrf"].clone();
    let elsewhere = Browser::new().follow(&asked.url).await.fields()["csrf"].clone();
    assert!(token != second && token != elsewhere);
    let forged = ["", "0", &token[1..], &token.replace(['a', 'b', 'c'], "d"), &second, &elsewhere];
    for csrf in forged {
        let pending = &page.fields()["pending"];
        let fields = [("pending", pending.as_str()), ("csrf", csrf), ("username", "alice")];
        let fields = [fields.as_slice(), &[("password", right())]].concat();
        let answer = browser.post(&page.absolute("/login"), &fields).await;
        assert_refused(&answer, "Please sign in again");
    }
    assert_eq!(stats(&provider).binds.opened, 0, "no password was tried");
    assert!(browser.submit(&page, "alice", right()).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_form_sent_by_another_site_is_rejected() {
    let provider = at_openldap().await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    let mut fields = page.fields();
    fields.extend([("username".into(), "alice".into()), ("password".into(), right().into())]);
    let send = |origin: String| {
        let request = browser.http.post(page.absolute("/login")).header(ORIGIN, origin);
        Page::of(request.form(&fields))
    };
    let port = provider.url.rsplit_once(':').unwrap().1;
    for origin in [
        "https://evil.example",
        "null",
        &format!("{}.evil.example", provider.url),
        &format!("https://127.0.0.1:{port}"),
        &format!("http://localhost:{port}"),
        &format!("{}/", provider.url),
    ] {
        assert_refused(&send(origin.to_owned()).await, "Please sign in again");
    }
    assert!(send(provider.url.clone()).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_login_cannot_be_used_in_another_browser() {
    let provider = at_openldap().await;
    let asked = provider.cloudsync().authorize(&[]);
    let (victim, blank, thief) = (Browser::new(), Browser::new(), Browser::new());
    let page = victim.follow(&asked.url).await;
    thief.follow(&asked.url).await;
    for other in [&blank, &thief] {
        assert_ended(&other.open(&page.url).await);
        // A person who is lured into sending the form is not signed in.
        assert_ended(&other.submit(&page, "alice", right()).await);
        let fields = page.fields();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_ended(&other.post(&page.absolute("/session/forget"), &fields).await);
    }
    assert!(victim.submit(&page, "alice", right()).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_form_sent_again_ends_the_login_and_issues_no_second_code() {
    let provider = at_openldap().await;
    let asked = provider.cloudsync().authorize(&[]);
    let browser = Browser::new();
    let page = browser.follow(&asked.url).await;
    assert!(browser.submit(&page, "alice", right()).await.parameter("code").is_some());
    assert_ended(&browser.submit(&page, "alice", right()).await);
    assert_ended(&browser.open(&page.url).await);
}

#[tokio::test]
async fn a_form_sent_twice_at_once_issues_one_code() {
    let provider = at_openldap().await;
    let browser = Browser::new();
    let page = browser.follow(&provider.cloudsync().authorize(&[]).url).await;
    let send = || browser.submit(&page, "alice", right());
    let (one, other) = join(send(), send()).await;
    let codes = [&one, &other].into_iter().filter(|page| page.parameter("code").is_some()).count();
    assert_eq!(codes, 1, "{one:?} {other:?}");
}

#[tokio::test]
async fn no_page_can_be_framed_scripted_or_cached() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (alice, _) = signed_in(&cloudsync, "alice").await;
    let url = |path: &str| format!("{}{path}", provider.url);
    let stranger = Browser::new();
    let page = stranger.follow(&cloudsync.authorize(&[]).url).await;
    let towards_client = "; form-action 'self' https://cloudsync.example";
    let to_ourselves = "; form-action 'self'";
    let pages = [
        (stranger.open(&url("/")).await, 200, to_ourselves),
        (stranger.open(&url("/nowhere")).await, 404, to_ourselves),
        (stranger.open(&url("/token")).await, 405, to_ourselves),
        (stranger.open(&url("/authorize")).await, 400, to_ourselves),
        (stranger.open(&url("/login?p=x")).await, 400, to_ourselves),
        (stranger.post(&url("/login"), &[("x", &"x".repeat(70_000))]).await, 413, to_ourselves),
        (stranger.submit(&page, "nobody", "wrong").await, 403, towards_client),
        (page, 200, towards_client),
        (alice.follow(&cloudsync.authorize(&[("prompt", "login")]).url).await, 200, towards_client),
        (alice.open(&url("/logout")).await, 200, to_ourselves),
        (stranger.open(&url("/signed-out")).await, 200, to_ourselves),
        (alice.open(&cloudsync.authorize(&[("response_mode", "form_post")]).url).await, 200, towards_client),
    ];
    for (page, status, form_action) in pages {
        assert_eq!(page.status.as_u16(), status, "{}", page.url);
        let policy = &page.headers["content-security-policy"];
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{}: {policy}", page.url);
        }
        assert!(!policy.contains("unsafe") && policy.ends_with(form_action), "{}: {policy}", page.url);
        for (header, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.headers.get(header).map(String::as_str), Some(value), "{}: {header}", page.url);
        }
    }
}

#[tokio::test]
async fn signing_out_redirects_to_registered_addresses_only() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (alice, arrived) = signed_in(&cloudsync, "alice").await;
    let hint = cloudsync.exchange(&arrived).await.text("id_token").to_owned();
    let stranger = Browser::new();
    for foreign in
        FOREIGN.into_iter().chain(["https://cloudsync.example/callback", "https://cloudsync.example"])
    {
        for known in [Some(("client_id", "cloudsync")), Some(("id_token_hint", hint.as_str())), None] {
            let to = Some(("post_logout_redirect_uri", foreign));
            let fields: Vec<_> = to.into_iter().chain(known).collect();
            let asked = Url::parse_with_params(&format!("{}/logout", provider.url), &fields).unwrap();
            for browser in [&alice, &stranger] {
                assert_stays_here(&browser.open(asked.as_str()).await, foreign);
            }
        }
    }
    assert_eq!(silently(&cloudsync, &alice).await, "a code", "nobody was signed out by it");
}

#[tokio::test]
async fn another_site_cannot_sign_a_person_out() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (alice, _) = signed_in(&cloudsync, "alice").await;
    let logout = format!("{}/logout", provider.url);
    let asks = alice.open(&logout).await;
    assert!(asks.text().contains("Do you want to sign out?"), "{}", asks.text());
    let token = asks.body.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    for forged in ["", "0", &token[1..]] {
        let page = alice.post(&logout, &[("confirm", "yes"), ("csrf", forged)]).await;
        assert!(page.text().contains("Do you want to sign out?"), "{}", page.text());
    }
    let fields = [("confirm", "yes"), ("csrf", token)];
    Page::of(alice.http.post(&logout).header(ORIGIN, "https://evil.example").form(&fields)).await;
    assert_eq!(silently(&cloudsync, &alice).await, "a code");
    let gone = alice.post(&logout, &fields).await;
    assert!(gone.text().contains("You are signed out") && !gone.body.contains(HOME), "{}", gone.text());
    assert_eq!(gone.cookie(SESSION), Some(""));
    assert_eq!(silently(&cloudsync, &alice).await, "login_required");
}
