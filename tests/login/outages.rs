//! Sessions and refresh tokens while the directory is unavailable: valid while the cached entry is recent.

use cloudsync_idp::clock::Clock;
use reqwest::StatusCode;

use super::{HOME, at_openldap, right, signed_in, silently};
use crate::support::browser::Browser;
use crate::support::lab::{self, LdapLab};
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::until;

/// Older than a cached entry may be (a minute).
const TOO_OLD: i64 = 61_000;

async fn provider(lab: &LdapLab) -> Provider {
    let clock = Clock::fixed(Clock::System.now());
    let provider = Provider::start(Setup { clock, ..Setup::new(&ldap_settings(&[lab])) }).await;
    provider.sync().await.expect("the first sync");
    provider
}

#[tokio::test]
async fn a_silent_request_gets_temporarily_unavailable() {
    let lab = lab::own_ldap(&[]);
    let provider = provider(&lab).await;
    let cloudsync = provider.cloudsync();
    let (browser, _) = signed_in(&cloudsync, "alice").await;
    lab.kill();
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "the cached entry is recent enough");
    provider.parts.clock.advance(TOO_OLD);
    let page = browser.open(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    assert_eq!(page.parameter("error").as_deref(), Some("temporarily_unavailable"));
    assert_eq!(page.parameter("state").as_deref(), Some("a-state"));
    assert_eq!(page.parameter("iss").as_deref(), Some(provider.url.as_str()));
    let shown = browser.open(&cloudsync.authorize(&[]).url).await;
    assert_eq!(shown.status, StatusCode::SERVICE_UNAVAILABLE, "{}", shown.text());
    assert!(!shown.body.contains("/session/forget"), "an error page has no form: {}", shown.body);
    lab.restart();
    until("the session is valid again", async || silently(&cloudsync, &browser).await == "a code").await;
}

#[tokio::test]
async fn an_outage_uses_up_no_refresh_token() {
    let lab = lab::own_ldap(&[]);
    let provider = provider(&lab).await;
    let cloudsync = provider.cloudsync();
    let (_, arrived) = signed_in(&cloudsync, "alice").await;
    let first = cloudsync.exchange(&arrived).await;
    lab.kill();
    let second = cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "the cached entry is recent enough: {:?}", second.body);
    provider.parts.clock.advance(TOO_OLD);
    for _ in 0..3 {
        let response = cloudsync.refresh(second.text("refresh_token")).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{:?}", response.body);
        assert_eq!(response.text("error"), "temporarily_unavailable");
    }
    lab.restart();
    let third = async || cloudsync.refresh(second.text("refresh_token")).await.status;
    until("the same token works", async || third().await == StatusCode::OK).await;
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_its_family_even_then() {
    let lab = lab::own_ldap(&[]);
    let provider = provider(&lab).await;
    let cloudsync = provider.cloudsync();
    let (_, arrived) = signed_in(&cloudsync, "alice").await;
    let first = cloudsync.exchange(&arrived).await;
    let second = cloudsync.refresh(first.text("refresh_token")).await;
    lab.kill();
    provider.parts.clock.advance(TOO_OLD);
    let replayed = cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!(replayed.text("error"), "invalid_grant", "{:?}", replayed.body);
    let owner = cloudsync.refresh(second.text("refresh_token")).await;
    assert_eq!(owner.text("error"), "invalid_grant", "{:?}", owner.body);
}

#[tokio::test]
async fn a_failing_store_is_reported_to_people_and_clients_in_their_own_format() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (_, arrived) = signed_in(&cloudsync, "alice").await;
    let browser = Browser::new();
    let form = browser.follow(&cloudsync.authorize(&[]).url).await;
    provider.cut_store(&[]);

    let page = browser.submit(&form, "alice", right()).await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", page.text());
    assert!(page.body.contains(HOME), "a link back to the client: {}", page.body);

    let tokens = cloudsync.exchange_code(&arrived.parameter("code").expect("a code")).await;
    assert_eq!(tokens.status, StatusCode::INTERNAL_SERVER_ERROR, "{:?}", tokens.body);
    assert_eq!(tokens.text("error"), "server_error", "RFC 6749 section 5.2: JSON");
}
