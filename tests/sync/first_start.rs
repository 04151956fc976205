//! The first import comes by itself, and again until it has gone well.

use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use cloudsync_idp::store::RunResult;

use super::{Corner, account, corp};
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, Setup, ldap_settings};
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_read_as_soon_as_the_process_is_there_and_watched_from_then_on() {
    let corner = Corner::ldap();
    let provider = corner.provider().await;
    let person = corner.person();
    let jobs = tokio::spawn(jobs::run(provider.parts.clone()));
    until("the first import", async || account(&provider, &person.mail).await.is_some()).await;
    let later = corner.person();
    until("somebody new", async || account(&provider, &later.mail).await.is_some()).await;
    jobs.abort();
    let runs = provider.parts.store.runs_page(None, 100).await.expect("an answer");
    let first = runs.last().expect("a first run");
    assert_eq!(
        (first.trigger.as_str(), first.told.reason.as_deref()),
        ("start", Some("it was never read before"))
    );
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
