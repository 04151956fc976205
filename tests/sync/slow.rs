//! A very long initial sync leaves a warning and a support bundle.

use std::os::unix::fs::PermissionsExt;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::{MINUTE, Millis, SECOND};
use cloudsync_idp::flow::sync::history::sync_status;
use cloudsync_idp::flow::sync::{self, RunOrder, SyncError};
use cloudsync_idp::store::RunTrigger;
use serde_json::Value;

use super::corp;
use crate::support::lab;
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::until;

const NOW: Millis = 1_770_000_000_000;

async fn is_slow(provider: &Provider) -> bool {
    let standing = sync_status(&provider.parts.store, &corp()).await.expect("an answer");
    standing.slow_for(provider.parts.now()).is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_very_long_initial_sync_leaves_a_support_bundle() {
    let lab = lab::own_ldap(&[("USERS", "20000")]);
    let clock = Clock::fixed(NOW);
    let setup = Setup { clock: clock.clone(), ..Setup::new(&ldap_settings(&[&lab])) };
    let provider = Provider::start(setup).await;
    let (parts, store) = (provider.parts.sync(), &provider.parts.store);
    let run = tokio::spawn(async move {
        let current = parts.current();
        let site = current.site(&corp()).expect("the directory of the test");
        // A run may end because the server does not respond; the next one continues with what was read.
        loop {
            let ended = sync::run(&parts, site, &RunOrder::changes(RunTrigger::Command)).await;
            if !matches!(ended, Err(SyncError::Feed(_))) {
                return ended;
            }
        }
    });
    until("it reads", async || store.sync().mirror_state(&corp()).await.expect("an answer").scan.is_some())
        .await;
    lab.pause();
    clock.advance(30 * MINUTE);
    assert!(!is_slow(&provider).await, "not yet");
    assert_eq!(store.sync().bundle_of(&corp()).await.expect("an answer"), None);
    clock.advance(SECOND);
    assert!(is_slow(&provider).await);
    until("a bundle", async || store.sync().bundle_of(&corp()).await.expect("an answer").is_some()).await;
    lab.resume();

    let found = store.sync().bundle_of(&corp()).await.expect("an answer").expect("a bundle");
    let (path, _) = found.place.split_once(" on ").expect("where, and on which machine");
    let bundle = std::fs::read_to_string(path).expect("the file");
    assert_eq!(std::fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o600);
    assert!(!bundle.contains(&lab.service_password));
    let bundle: Value = serde_json::from_str(&bundle).expect("JSON");
    assert!(bundle["why"].as_str().is_some_and(|why| why.contains("corp") && why.contains("30 minutes")));
    let directory = &bundle["directories"][0];
    assert_eq!(
        (&directory["runs"][0]["state"], &directory["status"]["feed"]),
        (&"running".into(), &"syncrepl".into())
    );
    assert!(
        directory["status"]["scan"]["seen"].is_u64() && directory["doctor"]["findings"].is_array(),
        "{directory}"
    );

    run.await.expect("no panic").expect("it finished nevertheless");
    assert!(store.identity().count_linked(&corp()).await.expect("an answer") > 20_000);
    assert!(!is_slow(&provider).await, "the initial sync is over");
}
