//! PostgreSQL or Redis is unavailable for ten seconds while people sign in: they see only 503, and each
//! browser continues where it was.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::{join, join_all};
use reqwest::StatusCode;

use super::interrupted::{Scene, blocking, leads_on};
use super::right;
use crate::support::browser::{Browser, Page};
use crate::support::relying_party::{RelyingParty, Tokens};
use crate::support::until;

const AWAY_FOR: Duration = Duration::from_secs(10);
const PEOPLE: [&str; 4] = ["alice", "ada", "ines", "zoe"];

#[derive(Default)]
struct Seen {
    over: AtomicBool,
    rounds: AtomicUsize,
    turned_away: AtomicUsize,
    /// Sign-ins that met the outage and were finished by the same browser.
    finished_after: AtomicUsize,
}

impl Seen {
    /// Follows the page of the outage until the provider works again.
    async fn patient(&self, browser: &Browser, mut page: Page) -> Page {
        while page.status == StatusCode::SERVICE_UNAVAILABLE {
            self.turned_away.fetch_add(1, SeqCst);
            page = browser.follow(&leads_on(&page)).await;
        }
        page
    }

    /// Repeats a token request as long as the response is `temporarily_unavailable`, as a client does.
    async fn tokens(&self, ask: impl AsyncFn() -> Tokens) -> Tokens {
        loop {
            let answer = ask().await;
            if answer.status != StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
            assert_eq!(answer.text("error"), "temporarily_unavailable", "{:?}", answer.body);
            self.turned_away.fetch_add(1, SeqCst);
        }
    }

    /// One person signs in again and again, and never gives up.
    async fn works(&self, cloudsync: &RelyingParty, name: &str) {
        while !self.over.load(SeqCst) {
            let before = self.turned_away.load(SeqCst);
            let browser = Browser::new();
            let code = self.signs_in(&browser, cloudsync, name).await;
            let tokens = self.tokens(async || cloudsync.exchange_code(&code).await).await;
            // Redis came back empty, without the code: the client sends the browser again; nothing is typed.
            let tokens = if tokens.status == StatusCode::BAD_REQUEST {
                assert_eq!(tokens.text("error"), "invalid_grant", "{:?}", tokens.body);
                let page = self.patient(&browser, browser.follow(&cloudsync.authorize(&[]).url).await).await;
                let code = page.parameter("code").expect("still signed in");
                self.tokens(async || cloudsync.exchange_code(&code).await).await
            } else {
                tokens
            };
            assert!(tokens.status.is_success() || self.met_outage(before), "{:?}", tokens.body);
            self.rounds.fetch_add(1, SeqCst);
            if self.met_outage(before) {
                self.finished_after.fetch_add(1, SeqCst);
            }
        }
    }

    fn met_outage(&self, before: usize) -> bool {
        self.turned_away.load(SeqCst) > before
    }

    /// The password is typed once, and once more if it was sent just as the store became unavailable.
    async fn signs_in(&self, browser: &Browser, cloudsync: &RelyingParty, name: &str) -> String {
        let mut page = self.patient(browser, browser.follow(&cloudsync.authorize(&[]).url).await).await;
        for _ in 0..2 {
            let arrived = browser.submit(&page, name, right()).await;
            page = self.patient(browser, arrived).await;
            if let Some(code) = page.parameter("code") {
                return code;
            }
            assert_eq!(page.status, StatusCode::OK, "the form again: {}", page.text());
        }
        panic!("the form a third time: {}", page.text());
    }
}

async fn all_continue_after(scene: &Scene, away: impl AsyncFn(bool)) {
    let (seen, cloudsync) = (Seen::default(), scene.provider.cloudsync());
    let outage = async {
        until("they work", async || seen.rounds.load(SeqCst) > 4).await;
        away(true).await;
        tokio::time::sleep(AWAY_FOR).await;
        assert!(seen.turned_away.load(SeqCst) >= PEOPLE.len(), "each gets a response during the outage");
        away(false).await;
        until("all who met the outage have arrived", async || {
            seen.finished_after.load(SeqCst) >= PEOPLE.len()
        })
        .await;
        seen.over.store(true, SeqCst);
    };
    join(outage, join_all(PEOPLE.map(|name| seen.works(&cloudsync, name)))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_seconds_without_postgresql_all_sign_ins_complete() {
    let scene = Scene::new().await;
    all_continue_after(&scene, async |away| {
        let postgres = scene.postgres.clone();
        blocking(move || if away { postgres.stop() } else { postgres.start_again() }).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_seconds_without_redis_all_sign_ins_complete() {
    let scene = Scene::new().await;
    all_continue_after(&scene, async |away| {
        let redis = scene.redis.clone();
        blocking(move || if away { redis.stop() } else { redis.start_again() }).await;
    })
    .await;
}
