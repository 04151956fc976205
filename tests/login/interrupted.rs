//! An outage of PostgreSQL or Redis: nobody sees a short one; a long one is reported, then people continue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cloudsync_idp::jobs;
use cloudsync_idp::store::AuditFilter;
use reqwest::StatusCode;

use super::{right, silently};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{self, PostgresLab, RedisLab};
use crate::support::provider::{NO_THROTTLE, Provider, Setup, ldap_settings};
use crate::support::relying_party::RelyingParty;
use crate::support::until;

/// How long a request waits for a store to return.
const WAITED_FOR: Duration = Duration::from_secs(3);

pub struct Scene {
    pub postgres: Arc<PostgresLab>,
    pub redis: Arc<RedisLab>,
    pub provider: Provider,
}

impl Scene {
    pub async fn new() -> Self {
        let (postgres, redis) =
            blocking(|| (Arc::new(lab::own_postgres()), Arc::new(lab::own_redis()))).await;
        let (store, volatile) = (postgres.url(), redis.url());
        let settings = format!("{}{NO_THROTTLE}", ldap_settings(&[lab::patient_ldap()]));
        let provider = Provider::start(Setup { store, volatile, ..Setup::new(&settings) }).await;
        provider.sync().await.expect("the first sync");
        tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
        Self { postgres, redis, provider }
    }
}

pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("no panic")
}

/// One person signs in again and again; responses with a status of 500 or more are collected.
async fn works(
    cloudsync: Arc<RelyingParty>,
    name: &'static str,
    ends: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut failed = Vec::new();
    while !ends.load(Ordering::SeqCst) {
        let browser = Browser::new();
        let form = browser.follow(&cloudsync.authorize(&[]).url).await;
        let arrived = browser.submit(&form, name, right()).await;
        let mut seen = vec![form.status, arrived.status];
        if let Some(code) = arrived.parameter("code") {
            let tokens = cloudsync.exchange_code(&code).await;
            let next = cloudsync.refresh(tokens.text("refresh_token")).await;
            let claims = cloudsync.userinfo(next.text("access_token")).await;
            let again = browser.open(&cloudsync.authorize(&[("prompt", "none")]).url).await;
            seen.extend([tokens.status, next.status, claims.status, again.status]);
            if matches!(again.parameter("error").as_deref(), Some("server_error" | "temporarily_unavailable"))
            {
                failed.push(format!("{:?}", again.location));
            }
            rounds.fetch_add(1, Ordering::SeqCst);
        }
        failed.extend(seen.iter().filter(|status| status.is_server_error()).map(|_| format!("{seen:?}")));
    }
    failed
}

/// Restarts something while people sign in, until one restart is fast enough: no request may fail then.
async fn no_request_fails<F: Future<Output = ()>>(scene: &Scene, what: &str, restart: impl Fn() -> F) {
    for _ in 0..5 {
        let cloudsync = Arc::new(scene.provider.cloudsync());
        let (ends, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let people = ["alice", "ada", "ines", "zoe"];
        let working =
            people.map(|name| tokio::spawn(works(cloudsync.clone(), name, ends.clone(), rounds.clone())));
        until("they work", async || rounds.load(Ordering::SeqCst) > 4).await;
        let began = Instant::now();
        restart().await;
        let took = began.elapsed();
        let before = rounds.load(Ordering::SeqCst);
        until("they work again", async || rounds.load(Ordering::SeqCst) > before + 4).await;
        ends.store(true, Ordering::SeqCst);
        let mut failed = Vec::new();
        for person in working {
            failed.extend(person.await.expect("no panic"));
        }
        // Somewhat less than the wait, because requests that began before the end must be waited for as well.
        if took < WAITED_FOR - Duration::from_millis(500) {
            assert!(failed.is_empty(), "{what} was unavailable for {took:?}: {failed:?}");
            return;
        }
    }
    panic!("{what} was never restarted within {WAITED_FOR:?}: this machine is too busy");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_for_a_store_that_restarts() {
    let scene = Scene::new().await;
    no_request_fails(&scene, "PostgreSQL", || async {
        let postgres = scene.postgres.clone();
        blocking(move || {
            postgres.stop();
            postgres.start_again()
        })
        .await;
    })
    .await;
    no_request_fails(&scene, "Redis", || async {
        let redis = scene.redis.clone();
        blocking(move || {
            redis.stop();
            redis.start_again()
        })
        .await;
    })
    .await;
}

/// The page of an outage, without anything that was typed. Returns where the browser goes by itself.
pub fn leads_on(page: &Page) -> String {
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert!(page.headers.contains_key("retry-after"), "{:?}", page.headers);
    assert!(page.cookies.is_empty(), "the browser keeps its cookies: {:?}", page.cookies);
    let (seconds, url) = page.headers["refresh"].split_once("; url=").expect("a page to continue at");
    assert!((4..10).contains(&seconds.parse::<u32>().expect("seconds")), "{seconds}");
    assert!(!page.body.contains(right()) && !url.contains(right()), "{url}: {}", page.body);
    page.absolute(url)
}

/// Signs in at the page that the browser was sent to.
async fn continues_at(browser: &Browser, url: &str) {
    let form = browser.follow(url).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text());
    let arrived = browser.submit(&form, "alice", right()).await;
    assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_postgresql_is_reported_and_sign_ins_continue_afterwards() {
    let scene = Scene::new().await;
    let (provider, cloudsync) = (&scene.provider, scene.provider.cloudsync());
    let (known, arrived) = super::signed_in(&cloudsync, "alice").await;
    let tokens = cloudsync.exchange(&arrived).await;
    let browser = Browser::new();
    let form = browser.follow(&cloudsync.authorize(&[]).url).await;
    let postgres = scene.postgres.clone();
    blocking(move || postgres.stop()).await;

    let (posted, silent, refreshed, claims, opened) = tokio::join!(
        browser.submit(&form, "alice", right()),
        silently(&cloudsync, &known),
        cloudsync.refresh(tokens.text("refresh_token")),
        cloudsync.userinfo(tokens.text("access_token")),
        async { known.open(&cloudsync.authorize(&[]).url).await },
    );
    let at_login = leads_on(&posted);
    assert!(at_login.contains("/login?p="), "{at_login}");
    assert_eq!(silent, "temporarily_unavailable");
    assert_eq!(refreshed.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refreshed.text("error"), "temporarily_unavailable", "{:?}", refreshed.body);
    assert_eq!(claims.status, StatusCode::SERVICE_UNAVAILABLE);
    let at_authorize = leads_on(&opened);
    let refused = browser.submit(&form, "alice", "wrong-and-secret").await;
    assert!(!refused.status.is_success(), "{}", refused.text());

    let postgres = scene.postgres.clone();
    blocking(move || postgres.start_again()).await;
    let form = browser.follow(&at_login).await;
    assert!(form.body.contains("value=\"alice\""), "the page keeps the name: {}", form.body);
    continues_at(&browser, &at_login).await;
    let back = known.follow(&at_authorize).await;
    assert!(back.parameter("code").is_some(), "still signed in: {}", back.text());
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.status, StatusCode::OK, "not consumed");
    for id in [posted.attempt_id(), refused.attempt_id()] {
        let filter = AuditFilter::Attempt(id.to_owned());
        let written =
            async || provider.parts.store.login().audit_page(None, 9, &filter).await.expect("it reads").len();
        until("the event of the attempt", async || written().await == 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn during_an_outage_of_redis_a_sign_in_waits_at_its_page() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let browser = Browser::new();
    let form = browser.follow(&cloudsync.authorize(&[]).url).await;
    let redis = scene.redis.clone();
    blocking(move || redis.stop()).await;
    let began = Instant::now();
    let page = browser.submit(&form, "alice", right()).await;
    assert!(began.elapsed() >= WAITED_FOR, "{:?}", began.elapsed());
    let url = leads_on(&page);
    assert_eq!(leads_on(&browser.open(&url).await), url, "the page keeps its address");
    let redis = scene.redis.clone();
    blocking(move || redis.start_again()).await;
    continues_at(&browser, &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_could_not_be_exchanged_stays_valid_for_one_exchange() {
    let scene = Scene::new().await;
    let cloudsync = scene.provider.cloudsync();
    let (_, arrived) = super::signed_in(&cloudsync, "alice").await;
    let code = arrived.parameter("code").expect("a code");
    let postgres = scene.postgres.clone();
    blocking(move || postgres.stop()).await;
    for _ in 0..2 {
        let response = cloudsync.exchange_code(&code).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{:?}", response.body);
        assert_eq!(response.text("error"), "temporarily_unavailable");
    }
    let postgres = scene.postgres.clone();
    blocking(move || postgres.start_again()).await;
    let tokens = cloudsync.exchange_code(&code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::OK);
    let replayed = cloudsync.exchange_code(&code).await;
    assert_eq!(replayed.text("error"), "invalid_grant", "{:?}", replayed.body);
    let ended = cloudsync.userinfo(tokens.text("access_token")).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED, "the code was sent twice");
}
