//! Sync, sign-in and refresh with several nodes' shared PostgreSQL and Redis.

use cloudsync_idp::domain::account::SuspendedBecause;
use reqwest::StatusCode;

use super::{Subtree, account, counts, effects, suspended, synced};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{Provider, Setup};

#[tokio::test(flavor = "multi_thread")]
async fn sync_sign_in_and_refresh_work_on_postgresql_and_redis() {
    let subtree = Subtree::ldap();
    let (store, volatile) = (lab::postgres().url(), lab::redis().url());
    let setup = Setup { store, volatile, ..Setup::new(&subtree.settings(&subtree.unit, "")) };
    let provider = Provider::start(setup).await;
    let (person, _other) = (subtree.person(), subtree.person());
    assert_eq!(effects(&synced(&provider).await), counts(|counts| counts.created = 2));
    assert_eq!(effects(&synced(&provider).await), counts(|counts| counts.kept = 2));

    let (cloudsync, browser) = (provider.cloudsync(), Browser::new());
    let arrived = browser.sign_in(&cloudsync.authorize(&[]), &person.account, &subtree.password).await;
    let first = cloudsync.exchange(&arrived).await;
    let again = cloudsync.exchange_code(&arrived.parameter("code").expect("a code")).await;
    assert_eq!(again.text("error"), "invalid_grant", "a code is valid once");
    assert_eq!(cloudsync.refresh(first.text("refresh_token")).await.status, StatusCode::BAD_REQUEST);

    let silent = browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    let second = cloudsync.exchange(&silent).await;
    let third = cloudsync.refresh(second.text("refresh_token")).await;
    assert_eq!(third.status, StatusCode::OK, "{:?}", third.body);
    let fourth = cloudsync.refresh(third.text("refresh_token")).await;
    assert_eq!(fourth.status, StatusCode::OK, "{:?}", fourth.body);
    let replayed = cloudsync.refresh(second.text("refresh_token")).await;
    assert_eq!(replayed.text("error"), "invalid_grant", "its successor was used");
    assert_eq!(cloudsync.refresh(fourth.text("refresh_token")).await.text("error"), "invalid_grant");

    subtree.move_to(&person, &subtree.outside);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
    assert_eq!(suspended(&provider, &person.mail).await, Some(SuspendedBecause::OutOfScope));
    let sub = account(&provider, &person.mail).await.expect("kept").id;
    assert!(provider.parts.store.login().sessions_of(&sub).await.expect("an answer").is_empty());
}
