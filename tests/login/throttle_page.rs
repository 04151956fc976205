//! The page after too many attempts, and that the owner of a name gets in meanwhile.

use cloudsync_idp::domain::{MINUTE, SECOND};
use reqwest::StatusCode;

use super::throttles::Scene;
use super::{assert_nothing_gained, right};
use crate::support::browser::{Browser, Page};
use crate::support::provider::Provider;

/// The title after too many attempts.
const TOO_OFTEN: &str = "Too many attempts";
const DEVICE: &str = "cloudsync_device";

async fn opened(provider: &Provider, browser: &Browser) -> Page {
    browser.follow(&provider.cloudsync().authorize(&[("prompt", "login")]).url).await
}

/// A stranger types wrong passwords for this name until they are refused with 429.
async fn attacked(provider: &Provider, name: &str) -> Page {
    let stranger = Browser::new();
    let page = opened(provider, &stranger).await;
    for _ in 0..50 {
        let answer = stranger.submit(&page, name, "wrong").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
    }
    panic!("no attempt was refused");
}

#[tokio::test]
async fn the_page_says_only_when_to_try_again() {
    let scene = Scene::new("memory").await;
    scene.later(15 * SECOND);
    let pages = [attacked(&scene.provider, "alice").await, attacked(&scene.provider, "nobody").await];
    for page in &pages {
        assert_eq!(page.headers["retry-after"], "45");
        assert!(page.text().contains(TOO_OFTEN) && page.text().contains("45 seconds"), "{}", page.text());
        assert_nothing_gained(page);
        assert_eq!(page.cookie(DEVICE), None);
    }
    let [known, unknown] = pages.each_ref().map(|page| page.body.replace(page.attempt_id(), ""));
    assert_eq!(known, unknown, "the page is the same for every name");
}

#[tokio::test]
async fn an_owner_gets_in_while_the_name_is_attacked() {
    let scene = Scene::new("memory").await;
    let provider = &scene.provider;
    provider.sync().await.expect("the first sync");
    let owner = Browser::new();
    let arrived = owner.submit(&opened(provider, &owner).await, "alice", right()).await;
    let line = arrived.cookies.iter().find(|line| line.starts_with(DEVICE)).expect("a cookie");
    for words in ["; Max-Age=15552000", "; HttpOnly", "; SameSite=Lax"] {
        assert!(line.contains(words), "{line}");
    }
    scene.later(MINUTE);
    attacked(provider, "alice").await;
    let stranger = Browser::new();
    let refused = stranger.submit(&opened(provider, &stranger).await, "alice", right()).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "even with the right password");
    for _ in 0..5 {
        let arrived = owner.submit(&opened(provider, &owner).await, "Alice", right()).await;
        assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
    }
    let other = owner.submit(&opened(provider, &owner).await, "alice", "wrong").await;
    assert_eq!(other.status, StatusCode::FORBIDDEN, "a wrong password stays one");
}
