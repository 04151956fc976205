//! The first sync starts by itself, and is repeated until it has succeeded.

use std::time::{Duration, Instant};

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::HOUR;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use cloudsync_idp::store::{RunResult, RunTrigger};

use super::{Subtree, account, corp};
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, Setup, ldap_settings};
use crate::support::rows::LogRows;
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_read_at_the_start_and_watched_afterwards() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let person = subtree.person();
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
    until("the first sync", async || account(&provider, &person.mail).await.is_some()).await;
    let later = subtree.person();
    until("a new account", async || account(&provider, &later.mail).await.is_some()).await;
    jobs.abort();
    let runs = provider.parts.store.sync().runs_page(None, 100).await.expect("an answer");
    let first = runs.last().expect("a first run");
    assert_eq!(
        (first.trigger, first.details.reason.as_deref()),
        (RunTrigger::Start, Some("it was never read before"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_first_sync_is_repeated() {
    let lab = lab::own_ldap(&[]);
    lab.kill();
    let provider = Provider::start(Setup::new(&ldap_settings(&[&lab]))).await;
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
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
async fn a_directory_added_while_it_runs_is_synced() {
    let subtree = Subtree::ldap();
    let person = subtree.person();
    let provider = Provider::start(Setup::new("")).await;
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
    let settings = format!("{CLIENT}\n{}", subtree.settings(&subtree.unit, ""));
    provider.apply(&settings, Mode::Replace).await.expect("good settings");
    until("the sync", async || account(&provider, &person.mail).await.is_some()).await;
    jobs.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn hourly_means_once_an_hour_even_without_changes() {
    let subtree = Subtree::ldap();
    let (start, hour) = (1_795_000_000_000, HOUR);
    let settings = subtree.settings(&subtree.unit, "") + "\n[directories.sync]\nfrequency = \"hourly\"\n";
    let clock = Clock::fixed(start);
    let provider = Provider::start(Setup { clock: clock.clone(), ..Setup::new(&settings) }).await;
    let first = subtree.person();
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
    until("the first sync", async || account(&provider, &first.mail).await.is_some()).await;
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

    let second = subtree.person();
    clock.advance(hour - 1);
    // Long enough for a watch that ignores its interval to see the change: it looks each second.
    let since = Instant::now();
    until("a while", async || since.elapsed() > Duration::from_millis(2_500)).await;
    assert_eq!(account(&provider, &second.mail).await, None, "the hour is not over");
    clock.advance(1);
    until("the next hour", async || account(&provider, &second.mail).await.is_some()).await;
    jobs.abort();
}
