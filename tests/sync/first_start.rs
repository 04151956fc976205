//! The first import comes by itself, and again until it has gone well.

use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use cloudsync_idp::store::RunResult;

use super::{Corner, account, corp, is_active};
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, Setup, ldap_settings};
use crate::support::until;

#[tokio::test]
async fn the_first_start_imports_and_the_second_does_not() {
    let corner = Corner::ldap();
    let provider = corner.provider().await;
    let person = corner.person();
    assert!(jobs::first_import(&provider.parts).await.expect("the store answers"));
    assert!(is_active(&provider, &person.mail).await);
    let later = corner.person();
    assert!(jobs::first_import(&provider.parts).await.expect("the store answers"));
    assert_eq!(account(&provider, &later.mail).await, None, "a later start is no first one");
    let runs = provider.parts.store.runs_page(None, 10).await.expect("an answer");
    assert_eq!(runs.iter().map(|run| run.trigger.as_str()).collect::<Vec<_>>(), ["first start"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_import_that_failed_is_tried_again() {
    let lab = lab::own_ldap(&[]);
    lab.kill();
    let provider = Provider::start(Setup::new(&ldap_settings(&[&lab]))).await;
    let jobs = tokio::spawn(jobs::run(provider.parts.clone()));
    let store = &provider.parts.store;
    until("a failed run", async || {
        let runs = store.runs_page(None, 1).await.expect("an answer");
        runs.first().is_some_and(|run| matches!(run.result, RunResult::Failed(_)))
    })
    .await;
    lab.restart();
    until("a good run", async || store.last_good_run(&corp()).await.expect("an answer").is_some()).await;
    jobs.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_set_while_it_runs_is_imported() {
    let corner = Corner::ldap();
    let person = corner.person();
    let provider = Provider::start(Setup::new("")).await;
    let jobs = tokio::spawn(jobs::run(provider.parts.clone()));
    let settings = format!("{CLIENT}\n{}", corner.settings(&corner.unit, ""));
    provider.apply(&settings, Mode::Replace).await.expect("good settings");
    until("the import", async || account(&provider, &person.mail).await.is_some()).await;
    jobs.abort();
}
