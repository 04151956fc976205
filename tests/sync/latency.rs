//! From a change in the directory to a refused token: the watch sees the change, and the session ends.

use std::time::{Duration, Instant};

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::jobs;
use cloudsync_idp::store::RunTrigger;
use reqwest::StatusCode;

use super::{Subtree, account, corp, is_active, suspended};
use crate::support::browser::Browser;
use crate::support::{measured, until};

/// The documented limit is two seconds, in a release build on an idle machine.
const BOUND: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_person_disabled_in_active_directory_is_out_in_seconds() {
    is_out_in_seconds(&Subtree::ad()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_disabled_in_openldap_is_out_in_seconds() {
    is_out_in_seconds(&Subtree::ldap()).await;
}

async fn is_out_in_seconds(subtree: &Subtree) {
    let provider = subtree.provider().await;
    let (leaver, stays) = (subtree.person(), subtree.person());
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
    until("the first sync", async || account(&provider, &leaver.mail).await.is_some()).await;

    let (cloudsync, browser) = (provider.cloudsync(), Browser::new());
    let arrived = browser.sign_in(&cloudsync.authorize(&[]), &leaver.account, &subtree.password).await;
    let tokens = cloudsync.exchange(&arrived).await;
    let mut tokens = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{:?}", tokens.body);
    let store = &provider.parts.store;
    let sub = account(&provider, &leaver.mail).await.expect("an account").id;
    assert_eq!(store.login().sessions_of(&sub).await.expect("an answer").len(), 1);

    let begun = Instant::now();
    subtree.disable(&leaver);
    loop {
        let next = cloudsync.refresh(tokens.text("refresh_token")).await;
        if next.status != StatusCode::OK {
            assert_eq!((next.status, next.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
            break;
        }
        assert!(begun.elapsed() < BOUND, "still let in after {:?}", begun.elapsed());
        tokens = next;
    }
    let took = begun.elapsed();
    // Its changes take effect before the run is stored as finished.
    until("the watch has seen it", async || {
        let run = store.sync().last_good_run(&corp()).await.expect("an answer");
        run.is_some_and(|run| run.trigger == RunTrigger::Change)
    })
    .await;
    jobs.abort();
    let kind = if subtree.is_ad { "Active Directory" } else { "OpenLDAP" };
    measured(&format!("from disabled in {kind} to a refused refresh: {took:?}"));
    assert!(took < BOUND, "{took:?}");
    assert!(
        store.login().sessions_of(&sub).await.expect("an answer").is_empty(),
        "the session ended with it"
    );
    assert_eq!(suspended(&provider, &leaver.mail).await, Some(SuspendedBecause::Disabled));
    let silent = browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    assert!(is_active(&provider, &stays.mail).await);
}
