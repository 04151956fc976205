//! Session cookies and their owners: planted, altered and foreign cookies, and people who share a browser.

use reqwest::StatusCode;

use super::{SESSION, assert_ended, assert_refused, at_openldap, right, signed_in, silently};
use crate::support::browser::{Browser, Page};
use crate::support::provider::Provider;
use crate::support::relying_party::{RelyingParty, Tokens};

fn browser_of(provider: &Provider, session: &str) -> Browser {
    Browser::with_cookie(&provider.url, &format!("{SESSION}={session}"))
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_and_hidden_from_scripts() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let browser = Browser::new();
    let begun = browser.open(&cloudsync.authorize(&[]).url).await;
    let page = browser.follow(&begun.absolute(begun.location.as_deref().unwrap())).await;
    assert!(page.cookies.is_empty(), "no session before the login is complete: {:?}", page.cookies);
    assert!(browser.submit(&page, "alice", "").await.cookies.is_empty());
    let arrived = browser.submit(&page, "alice", right()).await;
    for (page, name) in [(&begun, "cloudsync_login"), (&arrived, SESSION)] {
        let value = page.cookie(name).expect(name);
        assert_eq!(value.len(), 43, "256 bits");
        assert_eq!(page.cookies[0], format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/"));
    }
    let device = arrived.cookies.last().expect("the cookie that identifies the browser");
    assert!(device.starts_with("cloudsync_device="), "{device}");
    assert!(device.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=15552000"), "{device}");
}

#[tokio::test]
async fn a_planted_session_is_never_used() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let planted = "A".repeat(43);
    let victim = browser_of(&provider, &planted);
    let arrived = victim.sign_in(&cloudsync.authorize(&[]), "alice", right()).await;
    let first = arrived.cookie(SESSION).expect("a session").to_owned();
    assert_ne!(first, planted);
    assert_eq!(silently(&cloudsync, &browser_of(&provider, &planted)).await, "login_required");

    let again = victim.sign_in(&cloudsync.authorize(&[("prompt", "login")]), "alice", right()).await;
    let second = again.cookie(SESSION).expect("a session").to_owned();
    assert_ne!(second, first, "a new id at each sign-in");
    assert_eq!(silently(&cloudsync, &browser_of(&provider, &first)).await, "login_required");
    assert_eq!(silently(&cloudsync, &browser_of(&provider, &second)).await, "a code");
}

#[tokio::test]
async fn an_altered_session_is_invalid() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (_, arrived) = signed_in(&cloudsync, "alice").await;
    let good = arrived.cookie(SESSION).expect("a session");
    let (head, last) = good.split_at(42);
    let other = if last == "A" { "B" } else { "A" };
    let altered = [
        format!("{head}{other}"),
        head.to_owned(),
        format!("{good}A"),
        good.to_lowercase(),
        good.repeat(100),
        "' OR 1=1 --".to_owned(),
        "../../etc/passwd".to_owned(),
    ];
    for session in altered {
        assert_eq!(
            silently(&cloudsync, &browser_of(&provider, &session)).await,
            "login_required",
            "{session}"
        );
    }
    assert_eq!(silently(&cloudsync, &browser_of(&provider, good)).await, "a code");
}

#[tokio::test]
async fn a_session_is_valid_for_its_own_person_only() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (_, arrived) = signed_in(&cloudsync, "ada").await;
    let ada = cloudsync.exchange(&arrived).await.text("id_token").to_owned();
    let (browser, _) = signed_in(&cloudsync, "alice").await;
    let silent = browser.open(&cloudsync.authorize(&[("prompt", "none"), ("id_token_hint", &ada)]).url).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let asked = cloudsync.authorize(&[("id_token_hint", &ada)]);
    let answer = browser.sign_in(&asked, "alice", right()).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("login_required"));
    assert_eq!((answer.parameter("code"), answer.cookie(SESSION)), (None, None));
    let forged = browser.open(&cloudsync.authorize(&[("id_token_hint", &ada[..ada.len() - 8])]).url).await;
    assert_eq!(forged.parameter("error").as_deref(), Some("invalid_request"));
    assert!(browser.sign_in(&asked, "ada", right()).await.parameter("code").is_some());
}

/// A person's session with tokens, at a shared workstation.
async fn workstation(cloudsync: &RelyingParty) -> (Browser, Tokens, String) {
    let (browser, arrived) = signed_in(cloudsync, "alice").await;
    let session = arrived.cookie(SESSION).expect("a session").to_owned();
    let first = cloudsync.exchange(&arrived).await;
    let tokens = cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!(tokens.status, StatusCode::OK);
    (browser, tokens, session)
}

async fn assert_everything_ended(provider: &Provider, tokens: &Tokens, session: &str) {
    let cloudsync = provider.cloudsync();
    assert_eq!(silently(&cloudsync, &browser_of(provider, session)).await, "login_required");
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
    let refreshed = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("error"), "invalid_grant", "{:?}", refreshed.body);
}

async fn not_you(browser: &Browser, page: &Page, changes: &[(&str, &str)]) -> Page {
    let mut fields = page.fields();
    fields.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&page.absolute("/session/forget"), &fields).await
}

#[tokio::test]
async fn not_you_ends_everything_of_the_previous_person() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (browser, tokens, session) = workstation(&cloudsync).await;
    let page = browser.follow(&cloudsync.authorize(&[("prompt", "login")]).url).await;
    assert!(page.text().contains("Signed in as Alice Adams Not you?"), "{}", page.text());

    let forged = not_you(&browser, &page, &[("csrf", "0")]).await;
    assert_ended_or_refused(&forged);
    assert_ended(&not_you(&browser, &page, &[("pending", "0")]).await);
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "nothing has ended yet");

    let answer = not_you(&browser, &page, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.cookie(SESSION), Some(""));
    assert!(answer.cookies[0].contains("Max-Age=0"), "{:?}", answer.cookies);
    let fresh = browser.follow(&answer.absolute(answer.location.as_deref().unwrap())).await;
    assert!(!fresh.text().contains("Alice"), "{}", fresh.text());
    assert_everything_ended(&provider, &tokens, &session).await;
    assert!(browser.submit(&fresh, "ada", right()).await.parameter("code").is_some());
}

fn assert_ended_or_refused(page: &Page) {
    assert!(page.status.is_client_error(), "{}", page.text());
    assert!(page.cookies.is_empty(), "{:?}", page.cookies);
}

#[tokio::test]
async fn signing_in_over_another_session_ends_everything_of_its_person() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (browser, tokens, session) = workstation(&cloudsync).await;
    let page = browser.follow(&cloudsync.authorize(&[("prompt", "login")]).url).await;
    assert_refused(&browser.submit(&page, "nobody", "wrong").await, super::GENERIC);
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "a failed attempt ends nothing");
    let arrived = browser.submit(&page, "ada", right()).await;
    assert_eq!(cloudsync.exchange(&arrived).await.payload("id_token")["name"], "Ada Lind");
    assert_everything_ended(&provider, &tokens, &session).await;
    assert_eq!(silently(&cloudsync, &browser).await, "a code", "Ada's own session continues");
}

#[tokio::test]
async fn signing_in_again_keeps_a_persons_tokens() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let (browser, tokens, session) = workstation(&cloudsync).await;
    browser.sign_in(&cloudsync.authorize(&[("prompt", "login")]), "alice", right()).await;
    assert_eq!(silently(&cloudsync, &browser_of(&provider, &session)).await, "login_required");
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::OK);
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn not_you_is_offered_on_every_page_of_a_known_session() {
    let provider = at_openldap().await;
    let cloudsync = provider.cloudsync();
    let posted = ("response_mode", "form_post");
    for path in ["/nowhere", "/authorize?client_id=nobody", "/login?p=nothing"] {
        let (browser, _) = signed_in(&cloudsync, "alice").await;
        let page = browser.open(&format!("{}{path}", provider.url)).await;
        forgets(&provider, &browser, &page).await;
    }
    let (browser, _) = signed_in(&cloudsync, "alice").await;
    let page = browser.open(&cloudsync.authorize(&[posted]).url).await;
    forgets(&provider, &browser, &page).await;

    let fresh = Browser::new();
    let arrived = fresh.sign_in(&cloudsync.authorize(&[posted]), "alice", right()).await;
    forgets(&provider, &fresh, &arrived).await;
    let stranger = Browser::new().open(&format!("{}/nowhere", provider.url)).await;
    assert!(!stranger.body.contains("/session/forget"), "{}", stranger.body);
}

/// The page's "Not you?" ends the session, and only with its own form token.
async fn forgets(provider: &Provider, browser: &Browser, page: &Page) {
    assert!(page.body.contains("action=\"/session/forget\""), "{}", page.body);
    assert!(page.text().contains("Alice"), "{}", page.text());
    let cloudsync = provider.cloudsync();
    let forget = format!("{}/session/forget", provider.url);
    let forged = browser.post(&forget, &[("csrf", "0")]).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    assert_eq!(silently(&cloudsync, browser).await, "a code");
    let token = page.fields().remove("csrf").expect("a form token");
    let done = browser.post(&forget, &[("csrf", &token)]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert_eq!(silently(&cloudsync, browser).await, "login_required");
}
