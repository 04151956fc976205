//! Single use holds on both pairs of stores: SQLite and memory, PostgreSQL and Redis.

use cloudsync_idp::clock::Clock;
use reqwest::StatusCode;

use super::{INVALID_GRANT, SECOND, START, Stage, error};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{Setup, ldap_settings};

#[tokio::test]
async fn codes_refresh_tokens_and_sessions_are_single_on_postgresql_and_redis() {
    let stage = Stage::set_up(Setup {
        store: lab::postgres().url(),
        volatile: lab::redis().url(),
        clock: Clock::fixed(START),
        ..Setup::new(&ldap_settings(&[lab::ldap()]))
    })
    .await;
    the_story(&stage).await;
}

#[tokio::test]
async fn codes_refresh_tokens_and_sessions_are_single_on_sqlite_and_in_memory() {
    the_story(&Stage::new().await).await;
}

async fn the_story(stage: &Stage) {
    let all = ("scope", "openid profile email groups offline_access");
    let browser = Browser::new();
    let back = stage.arrive(&browser, "alice", &[all]).await;
    let code = back.parameter("code").expect("a code");
    let exchange = || stage.cloudsync.exchange_code(&code);
    let tries = futures_util::future::join_all((0..8).map(|_| exchange())).await;
    assert!(tries.iter().filter(|tokens| tokens.status == StatusCode::OK).count() <= 1, "{tries:?}");
    for tokens in tries.iter().filter(|tokens| tokens.status == StatusCode::OK) {
        assert_eq!(stage.opens(tokens).await, StatusCode::UNAUTHORIZED);
    }

    let back = browser.follow(&stage.cloudsync.authorize(&[all]).url).await;
    let first = stage.cloudsync.exchange(&back).await;
    let second = stage.cloudsync.refresh(first.text("refresh_token")).await;
    assert_eq!(second.payload("id_token")["groups"], first.payload("id_token")["groups"]);
    let refresh = || stage.cloudsync.refresh(second.text("refresh_token"));
    let tries = futures_util::future::join_all((0..8).map(|_| refresh())).await;
    let next = tries[0].text("refresh_token");
    for tokens in &tries {
        assert_eq!((tokens.status, tokens.text("refresh_token")), (StatusCode::OK, next), "{tokens:?}");
        assert_eq!(stage.opens(tokens).await, StatusCode::OK);
    }
    stage.later(10 * SECOND);
    assert_eq!(error(&refresh().await), INVALID_GRANT, "after the grace it is a replay");
    assert_eq!(error(&stage.cloudsync.refresh(next).await), INVALID_GRANT);

    let tokens = stage.cloudsync.exchange(&browser.follow(&stage.cloudsync.authorize(&[]).url).await).await;
    assert_eq!(stage.opens(&tokens).await, StatusCode::OK);
    let hint = tokens.text("id_token");
    browser.open(&stage.at(&format!("/logout?id_token_hint={hint}"))).await;
    assert_eq!(stage.opens(&tokens).await, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.ask(&browser, &[("prompt", "none")]).await, "login_required");
}
