//! The first import comes by itself, and again until it has gone well.

use std::time::{Duration, Instant};

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::HOUR;
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
    let runs = provider.parts.store.sync().runs_page(None, 100).await.expect("an answer");
    let first = runs.last().expect("a first run");
    assert_eq!(
        (first.trigger.as_str(), first.details.reason.as_deref()),
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
        let runs = store.sync().runs_page(None, 1).await.expect("an answer");
        runs.first().is_some_and(|run| matches!(run.result, RunResult::Failed(_)))
    })
    .await;
    lab.restart();
    until("a good run", async || store.sync().last_good_run(&corp()).await.expect("an answer").is_some())
        .await;
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

#[tokio::test(flavor = "multi_thread")]
async fn by_the_hour_is_once_an_hour_also_when_there_was_nothing_to_do() {
    let corner = Corner::ldap();
    let (start, hour) = (1_795_000_000_000, HOUR);
    let settings = corner.settings(&corner.unit, "") + "\n[directories.sync]\nfrequency = \"hourly\"\n";
    let clock = Clock::fixed(start);
    let provider = Provider::start(Setup { clock: clock.clone(), ..Setup::new(&settings) }).await;
    let first = corner.person();
    let jobs = tokio::spawn(jobs::run(provider.parts.clone()));
    until("the first import", async || account(&provider, &first.mail).await.is_some()).await;
    let caught_up = async |at| {
        let store = &provider.parts.store;
        until("the round", async || {
            store.sync().mirror_state(&corp()).await.expect("an answer").caught_up_at == Some(at)
        })
        .await;
    };
    caught_up(start).await;
    clock.advance(hour);
    caught_up(start + hour).await;

    let second = corner.person();
    clock.advance(hour - 1);
    // As long as a watch that did not keep to its time would take to see them: they are looked for each second.
    let since = Instant::now();
    until("a while", async || since.elapsed() > Duration::from_millis(2_500)).await;
    assert_eq!(account(&provider, &second.mail).await, None, "it is not time");
    clock.advance(1);
    until("the next hour", async || account(&provider, &second.mail).await.is_some()).await;
    jobs.abort();
}
