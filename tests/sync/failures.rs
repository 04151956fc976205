//! Failures that must not look like people who have left: a deleted scope, an empty response, a dead server.

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::{self, RunOrder, SyncError};
use cloudsync_idp::store::{RunResult, RunRow, RunTrigger};

use super::{Subtree, account, changes, corp, is_active, suspended, synced};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider};
use crate::support::rows::LogRows;
use crate::support::until;

#[tokio::test]
async fn a_renamed_ou_stays_selected_and_a_deleted_one_fails_the_run() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let person = subtree.person();
        synced(&provider).await;
        let before = changes(&provider).await;
        let (rdn, base) = subtree.unit.split_once(',').expect("a DN");
        let renamed = subtree.admin.move_to(&subtree.unit, &format!("{rdn}-renamed"), base);
        assert_eq!(synced(&provider).await.counts.kept, 1, "it is the same OU");
        let inside = sign_in(&provider, &person.account).await;
        assert!(inside.parameter("code").is_some(), "{}", inside.text());
        assert_eq!(changes(&provider).await, before);

        let name = person.dn.split_once(',').expect("a DN").0;
        subtree.admin.move_to(&format!("{name},{renamed}"), name, &subtree.outside);
        subtree.admin.delete(&renamed);
        let error = provider.sync().await.expect_err("the unit is gone");
        assert!(matches!(error, SyncError::ScopeObject(_)), "{error}");
        assert!(error.to_string().contains(&subtree.unit), "{error}");
        unchanged(&provider, &person.mail, before).await;
        let refused = sign_in(&provider, &person.account).await;
        assert_eq!(refused.status, reqwest::StatusCode::FORBIDDEN, "{}", refused.text());
        unchanged(&provider, &person.mail, before).await;
    }
}

async fn sign_in(provider: &Provider, name: &str) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, &lab::ad().user_password).await
}

async fn unchanged(provider: &Provider, mail: &str, changes_before: usize) {
    assert!(is_active(provider, mail).await);
    assert_eq!(changes(provider).await, changes_before);
    assert!(matches!(last_run(provider).await.result, RunResult::Failed(_)));
}

async fn last_run(provider: &Provider) -> RunRow {
    provider.parts.store.sync().runs_page(None, 1).await.expect("an answer").remove(0)
}

#[tokio::test]
async fn a_deleted_group_fails_the_run_and_changes_nothing() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let person = subtree.person_in(&subtree.outside);
        let group = subtree.group(&[&person.dn]);
        let provider = subtree.provider_of_group(&group).await;
        synced(&provider).await;
        let before = changes(&provider).await;
        subtree.admin.delete(&group);
        let error = provider.sync().await.expect_err("the group is gone");
        assert!(matches!(error, SyncError::ScopeObject(_)), "{error}");
        unchanged(&provider, &person.mail, before).await;
    }
}

#[tokio::test]
async fn an_entry_of_the_wrong_kind_in_the_scope_fails_the_run() {
    let subtree = Subtree::ldap();
    let person = subtree.person();
    let group = subtree.group(&[&person.dn]);
    for settings in [subtree.settings(&group, ""), subtree.settings("", &subtree.unit)] {
        let provider = Provider::start(crate::support::provider::Setup::new(&settings)).await;
        let error = provider.sync().await.expect_err("of the wrong kind");
        assert!(matches!(error, SyncError::ScopeClass { .. }), "{error}");
        assert!(error.advice().contains("in [directories.scope]") || error.advice().contains("posixGroup"));
    }
}

#[tokio::test]
async fn an_empty_scope_is_reported_and_suspends_nobody() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let person = subtree.person();
    synced(&provider).await;
    let before = changes(&provider).await;
    let nothing = format!("{CLIENT}\n{}", subtree.settings("", ""));
    provider.apply(&nothing, Mode::Replace).await.expect("an empty scope may be set");
    assert!(matches!(provider.sync().await, Err(SyncError::NoScope)));
    unchanged(&provider, &person.mail, before).await;
}

#[tokio::test]
async fn an_empty_response_is_an_error_if_there_are_accounts() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let first = synced(&provider).await;
        assert_eq!(first.counts.created, 0, "an empty unit is no fault before anybody was there");
        let person = subtree.person();
        synced(&provider).await;
        let before = changes(&provider).await;
        subtree.move_to(&person, &subtree.outside);
        let error = provider.sync().await.expect_err("the OU is empty");
        assert!(matches!(error, SyncError::Empty { linked: 1 }), "{error}");
        let error = provider.sync().await.expect_err("it is still empty");
        assert!(matches!(error, SyncError::Empty { linked: 1 }), "{error}");
        unchanged(&provider, &person.mail, before).await;
        let parts = &provider.parts.sync();
        let site = parts.current().site(&corp()).expect("the directory").clone();
        let plan = sync::plan::make(parts, &site).await.expect("a plan").plan;
        assert!(provider.sync().await.is_err(), "a plan alone changes nothing");
        sync::plan::apply(parts, plan.id).await.expect("it is applied");
        assert!(!is_active(&provider, &person.mail).await, "an administrator applied it");
        synced(&provider).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_during_a_read_suspends_nobody() {
    let lab = lab::own_ldap(&[("USERS", "4000")]);
    let provider = Provider::for_ldap(&[&lab]).await;
    let held = provider.parts.store.identity().count_linked(&corp()).await.expect("an answer");
    let before = changes(&provider).await;
    let ((), result) = tokio::join!(
        async {
            until("the run has begun", async || {
                matches!(last_run(&provider).await.result, RunResult::Running)
            })
            .await;
            // Paused first, so that the read cannot finish before the kill.
            lab.pause();
            lab.kill();
        },
        provider.sync(),
    );
    let error = result.expect_err("the server is dead");
    assert!(matches!(error, SyncError::Feed(_)), "{error}");
    assert_eq!(provider.parts.store.identity().count_linked(&corp()).await.expect("an answer"), held);
    assert_eq!(changes(&provider).await, before);
    assert!(matches!(last_run(&provider).await.result, RunResult::Failed(_)));

    lab.restart();
    let kept = async || provider.sync().await.is_ok_and(|report| report.counts.kept >= 4000);
    until("the next run is a good one", kept).await;
    assert_eq!(changes(&provider).await, before, "it has nothing to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_changes_no_account_and_is_continued() {
    let lab = lab::own_ldap(&[("USERS", "4000")]);
    let group = lab.dn("cn=movable,ou=groups");
    let alice = lab.dn("uid=alice,ou=people");
    lab.admin.add(&group, &[("objectClass", "groupOfNames"), ("member", &alice)]);
    let provider = Provider::for_ldap(&[&lab]).await;
    let store = &provider.parts.store;
    let (before, groups) =
        (changes(&provider).await, store.sync().groups_generation(&corp()).await.expect("an answer"));
    lab.admin.replace(&alice, "displayName", &["Alice Anew"]);
    lab.admin.replace(&lab.dn("uid=ada,ou=people"), "pwdAccountLockedTime", &["000001010000Z"]);
    lab.admin.move_to(&group, "cn=moved", &lab.dn("ou=groups"));
    let state = async || store.sync().mirror_state(&corp()).await.expect("an answer");
    let ((), result) = tokio::join!(
        async {
            until("a page is written", async || state().await.scan.is_some_and(|scan| scan.seen > 0)).await;
            lab.pause();
            lab.kill();
        },
        provider.sync(),
    );
    assert!(matches!(result, Err(SyncError::Feed(_))), "{result:?}");
    assert_eq!(changes(&provider).await, before, "half a list changes no account");
    assert!(is_active(&provider, "ada@example.org").await);
    let known = store.sync().groups_generation(&corp()).await.expect("an answer");
    assert_eq!(known, groups, "the groups are as they were");
    let cut_off = state().await.scan.expect("a scan that was cut off");

    lab.restart();
    until("the next run is a good one", async || provider.sync().await.is_ok()).await;
    assert_eq!(suspended(&provider, "ada@example.org").await, Some(SuspendedBecause::Disabled));
    let alice = account(&provider, "alice@example.org").await.expect("alice");
    assert_eq!(alice.profile.name(), Some("Alice Anew"));
    assert!(store.sync().groups_generation(&corp()).await.expect("an answer") > groups);
    assert!(cut_off.seen < 4000 && state().await.scan.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_simultaneous_runs_one_waits_for_the_other() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let before = changes(&provider).await;
    let (one, other) = tokio::join!(provider.sync(), provider.sync());
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    let runs = provider.parts.store.sync().runs_page(None, 2).await.expect("an answer");
    assert!(runs[1].finished_at <= Some(runs[0].started_at), "one after the other: {runs:?}");
    assert_eq!(changes(&provider).await, before);
}

#[tokio::test]
async fn an_interrupted_run_is_taken_over_when_its_lease_ends() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let (store, now) = (&provider.parts.store, provider.parts.now());
    assert!(
        store
            .settings()
            .acquire_lease("sync:corp", "a dead process", now + 500, now)
            .await
            .expect("an answer")
    );
    let cut_off = store.sync().begin_run(&corp(), RunTrigger::Command, now).await.expect("an answer");
    until("the lease is over", async || provider.sync().await.is_ok()).await;
    let runs = store.sync().runs_page(None, 10).await.expect("an answer");
    let old = runs.iter().find(|run| run.id == cut_off).expect("still listed");
    assert_eq!(old.result, RunResult::Failed("interrupted".into()));
}

#[tokio::test]
async fn a_run_that_was_killed_at_its_end_is_completed_by_the_next() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let store = &provider.parts.store;
    let current = provider.parts.current();
    let sync = async || {
        let site = current.site(&corp()).expect("the directory of the test");
        sync::run(&provider.parts.sync(), site, &RunOrder::changes(RunTrigger::Command))
            .await
            .expect("a good run");
    };
    sync().await;
    let killed =
        store.sync().begin_run(&corp(), RunTrigger::Command, provider.parts.now()).await.expect("an answer");
    sync().await;
    let runs = store.sync().runs_page(None, 2).await.expect("an answer");
    assert!(matches!(runs[0].result, RunResult::Done(_)), "{runs:?}");
    assert_eq!((runs[1].id, &runs[1].result), (killed, &RunResult::Failed("interrupted".into())));
    let imported = store.sync().completed_at(&corp()).await.expect("an answer");
    assert_eq!(imported, Some(runs[0].started_at));
    sync().await;
    assert_eq!(
        store.sync().runs_page(None, 1).await.expect("an answer")[0].id,
        runs[0].id,
        "no run for nothing"
    );
}
