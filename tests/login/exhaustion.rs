//! A signed-in person tries to use up the storage that everybody's sign-ins need.

use cloudsync_idp::domain::secret::Sealed;
use cloudsync_idp::store::AuditFilter;
use cloudsync_idp::volatile::VolatileError;
use reqwest::StatusCode;

use super::{SESSION, right, signed_in, silently};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, RedisLab};
use crate::support::provider::{Provider, Setup, ldap_settings};

/// More than three quarters of the small Redis, at 16 KB each.
const REQUESTS: usize = 300;
/// The limit of one person per minute (`person_codes_per_minute`).
const LIMIT: usize = 60;

async fn small_redis() -> RedisLab {
    tokio::task::spawn_blocking(|| lab::small_redis(3 << 20)).await.expect("Redis runs")
}

async fn provider(volatile: &str) -> Provider {
    let clock = cloudsync_idp::clock::Clock::fixed(1_800_000_000_000);
    let usual = Setup::new(&ldap_settings(&[lab::ldap()]));
    let provider = Provider::start(Setup { volatile: volatile.to_owned(), clock, ..usual }).await;
    provider.sync().await.expect("the first sync");
    provider
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_locks_nobody_out_in_memory() {
    one_session_locks_nobody_out(&provider("").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_locks_nobody_out_on_a_small_redis() {
    let redis = small_redis().await;
    one_session_locks_nobody_out(&provider(&redis.only_url()).await).await;
}

async fn one_session_locks_nobody_out(provider: &Provider) {
    let cloudsync = provider.cloudsync();
    let (browser, _) = signed_in(&cloudsync, "alice").await;
    let long = "x".repeat(4_000);
    let changes = [("nonce", &long[..1_024]), ("state", &long), ("login_hint", &long), ("ui_locales", &long)];
    let asked = cloudsync.authorize(&changes).url;
    let mut given = 1;
    for _ in 0..REQUESTS {
        let page = browser.open(&asked).await;
        match page.parameter("error").as_deref() {
            None => given += usize::from(page.parameter("code").is_some()),
            error => {
                assert_eq!(error, Some("temporarily_unavailable"), "{:?}", page.location);
                assert!(why(&page).contains("too many sign-ins within a minute"), "{}", why(&page));
                assert_eq!(page.parameter("state").as_deref(), Some(long.as_str()));
            }
        }
    }
    assert_eq!(given, LIMIT, "codes of one minute");
    let (_, arrived) = signed_in(&cloudsync, "zoe").await;
    let tokens = cloudsync.exchange(&arrived).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let trail =
        provider.parts.store.login().audit_page(None, 1_000, &AuditFilter::All).await.expect("the trail");
    let rows = |decision: &str| {
        trail.iter().filter(|row| row.decision == decision).map(|row| row.times).collect::<Vec<_>>()
    };
    let uses = i64::try_from(LIMIT - 1).expect("few");
    assert_eq!(
        (rows("session_used"), rows("sign_in_throttled")),
        (vec![uses], vec![1]),
        "one row counts the uses of an hour"
    );
    provider.parts.clock.advance(60_000);
    assert!(browser.open(&asked).await.parameter("code").is_some(), "the next minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_attempts_are_counted_without_room_for_codes_in_memory() {
    counted_without_room_for_codes(&provider("").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_attempts_are_counted_without_room_for_codes_on_a_small_redis() {
    let redis = small_redis().await;
    counted_without_room_for_codes(&provider(&redis.only_url()).await).await;
}

async fn counted_without_room_for_codes(provider: &Provider) {
    let (volatile, now) = (&provider.parts.volatile, provider.parts.now());
    let mut number = 0;
    let full = loop {
        number += 1;
        let value = Sealed(vec![7; if number < 2_000 { 16 << 10 } else { 100 }]);
        if let Err(error) = volatile.put("code", &number.to_string(), value, now + 60_000, now).await {
            break error;
        }
    };
    assert!(matches!(full, VolatileError::Full), "{full:?}");
    let cloudsync = provider.cloudsync();
    let browser = Browser::new();
    let page = browser.sign_in(&cloudsync.authorize(&[]), "zoe", "wrong").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());
    let nonce = "n".repeat(1_024);
    let page = browser.sign_in(&cloudsync.authorize(&[("nonce", &nonce)]), "zoe", right()).await;
    assert_eq!(page.parameter("error").as_deref(), Some("temporarily_unavailable"), "{}", page.text());
    assert!(why(&page).contains("no room for another code"), "{}", why(&page));
    assert!(page.cookies.iter().any(|cookie| cookie.starts_with(SESSION)), "signed in: {:?}", page.cookies);
    let again = silently(&cloudsync, &browser).await;
    assert_eq!(again, "temporarily_unavailable", "the session exists and needs no new sign-in");
}

/// What the client's developer reads.
fn why(page: &Page) -> String {
    page.parameter("error_description").unwrap_or_default()
}
