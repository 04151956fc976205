//! What must never look like people who have left: a scope that is gone, an empty answer, a server that dies.

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::SyncError;
use cloudsync_idp::store::{RunResult, RunRow};

use super::{Corner, account, changes, corp, is_active, suspended, synced};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider};
use crate::support::until;

#[tokio::test]
async fn a_selected_unit_that_is_gone_fails_the_run_and_changes_nothing() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        let person = corner.person();
        synced(&provider).await;
        let before = changes(&provider).await;
        let (rdn, base) = corner.unit.split_once(',').expect("a DN");
        let renamed = corner.admin.move_to(&corner.unit, &format!("{rdn}-renamed"), base);
        let error = provider.sync().await.expect_err("the unit is gone");
        assert!(matches!(error, SyncError::ScopeObject(_)), "{error}");
        assert!(error.to_string().contains(&corner.unit), "{error}");
        unchanged(&provider, &person.mail, before).await;
        let refused = sign_in(&provider, &person.account).await;
        assert_eq!(refused.status, reqwest::StatusCode::FORBIDDEN, "{}", refused.text());
        unchanged(&provider, &person.mail, before).await;
        corner.admin.move_to(&renamed, rdn, base);
        let inside = sign_in(&provider, &person.account).await;
        assert!(inside.parameter("code").is_some(), "{}", inside.text());
        assert_eq!(synced(&provider).await.counts.kept, 1, "back again, nothing has happened");
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
    provider.parts.store.runs_page(None, 1).await.expect("an answer").remove(0)
}

#[tokio::test]
async fn a_selected_group_that_is_gone_fails_the_run_and_changes_nothing() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let person = corner.person_in(&corner.outside);
        let group = corner.group(&[&person.dn]);
        let provider = corner.provider_of_group(&group).await;
        synced(&provider).await;
        let before = changes(&provider).await;
        corner.admin.delete(&group);
        let error = provider.sync().await.expect_err("the group is gone");
        assert!(matches!(error, SyncError::ScopeObject(_)), "{error}");
        unchanged(&provider, &person.mail, before).await;
    }
}

#[tokio::test]
async fn a_group_where_a_unit_should_be_is_not_taken_for_one() {
    let corner = Corner::ldap();
    let person = corner.person();
    let group = corner.group(&[&person.dn]);
    for settings in [corner.settings(&group, ""), corner.settings("", &corner.unit)] {
        let provider = Provider::start(crate::support::provider::Setup::new(&settings)).await;
        let error = provider.sync().await.expect_err("of the wrong kind");
        assert!(matches!(error, SyncError::ScopeObject(_)), "{error}");
    }
}

#[tokio::test]
async fn an_empty_scope_is_said_and_suspends_nobody() {
    let corner = Corner::ldap();
    let provider = corner.provider().await;
    let person = corner.person();
    synced(&provider).await;
    let before = changes(&provider).await;
    let nothing = format!("{CLIENT}\n{}", corner.settings("", ""));
    provider.apply(&nothing, Mode::Replace).await.expect("an empty scope may be set");
    assert!(matches!(provider.sync().await, Err(SyncError::NoScope)));
    unchanged(&provider, &person.mail, before).await;
}

#[tokio::test]
async fn an_empty_answer_while_accounts_are_held_is_a_fault() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let provider = corner.provider().await;
        assert_eq!(
            synced(&provider).await.counts.seen,
            0,
            "an empty unit is no fault before anybody was there"
        );
        let person = corner.person();
        synced(&provider).await;
        let before = changes(&provider).await;
        corner.move_to(&person, &corner.outside);
        let error = provider.sync().await.expect_err("nobody is there");
        assert!(matches!(error, SyncError::Empty { held: 1 }), "{error}");
        unchanged(&provider, &person.mail, before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_in_the_middle_of_a_read_suspends_nobody() {
    let lab = lab::own_ldap(&[("USERS", "4000")]);
    let provider = Provider::for_ldap(&[&lab]).await;
    let held = provider.parts.store.count_linked(&corp()).await.expect("an answer");
    let before = changes(&provider).await;
    let ((), result) = tokio::join!(
        async {
            until("the run has begun", async || {
                matches!(last_run(&provider).await.result, RunResult::Running)
            })
            .await;
            // Frozen first: the read can't come to its end between the look and the kill.
            lab.pause();
            lab.kill();
        },
        provider.sync(),
    );
    let error = result.expect_err("the server is dead");
    assert!(matches!(error, SyncError::Directory(_)), "{error}");
    assert_eq!(provider.parts.store.count_linked(&corp()).await.expect("an answer"), held);
    assert_eq!(changes(&provider).await, before);
    assert!(matches!(last_run(&provider).await.result, RunResult::Failed(_)));

    lab.restart();
    let kept = async || provider.sync().await.is_ok_and(|report| report.counts.kept >= 4000);
    until("the next run is a good one", kept).await;
    assert_eq!(changes(&provider).await, before, "and finds nothing to do");
}

/// The read is cut off when the first page of people has been written, and before the last one has come.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cut_off_half_way_has_given_and_taken_nothing() {
    let lab = lab::own_ldap(&[("USERS", "4000")]);
    let group = lab.dn("cn=movable,ou=groups");
    let alice = lab.dn("uid=alice,ou=people");
    lab.admin.add(&group, &[("objectClass", "groupOfNames"), ("member", &alice)]);
    let provider = Provider::for_ldap(&[&lab]).await;
    let store = &provider.parts.store;
    let (before, groups) =
        (changes(&provider).await, store.groups_generation(&corp()).await.expect("an answer"));
    lab.admin.replace(&alice, "displayName", &["Alice Anew"]);
    lab.admin.replace(&lab.dn("uid=ada,ou=people"), "pwdAccountLockedTime", &["000001010000Z"]);
    lab.admin.move_to(&group, "cn=moved", &lab.dn("ou=groups"));
    let ((), result) = tokio::join!(
        async {
            until("the first page is written", async || changes(&provider).await > before).await;
            lab.pause();
            lab.kill();
        },
        provider.sync(),
    );
    assert!(matches!(result, Err(SyncError::Directory(_))), "{result:?}");
    let alice = account(&provider, "alice@example.org").await.expect("alice");
    assert_eq!(alice.profile.name.as_deref(), Some("Alice Anew"), "what was read is kept");
    assert!(is_active(&provider, "ada@example.org").await, "nobody is suspended by half a list");
    let ada = account(&provider, "ada@example.org").await.expect("ada");
    assert_eq!(ada.seen_at, None, "nor taken for well: a session of hers is judged on a live read");
    assert_eq!(
        store.groups_generation(&corp()).await.expect("an answer"),
        groups,
        "the groups are as they were"
    );

    lab.restart();
    until("the next run is a good one", async || provider.sync().await.is_ok()).await;
    assert_eq!(suspended(&provider, "ada@example.org").await, Some(SuspendedBecause::Disabled));
    assert!(store.groups_generation(&corp()).await.expect("an answer") > groups);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_one_says_that_the_other_is_running() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let (one, other) = tokio::join!(provider.sync(), provider.sync());
    let (good, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert!(good.is_ok(), "{good:?}");
    let refused = refused.expect_err("one at a time");
    assert!(matches!(refused, SyncError::Running), "{refused}");
    assert!(refused.to_string().contains("another sync"), "{refused}");
    synced(&provider).await;
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_taken_over_when_its_lease_is_over() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let (store, now) = (&provider.parts.store, provider.parts.now());
    assert!(store.acquire_lease("sync:corp", "a dead process", now + 500, now).await.expect("an answer"));
    let cut_off = store.begin_run(&corp(), "command", now).await.expect("an answer");
    assert!(matches!(provider.sync().await, Err(SyncError::Running)));
    until("the lease is over", async || provider.sync().await.is_ok()).await;
    let runs = store.runs_page(None, 10).await.expect("an answer");
    let old = runs.iter().find(|run| run.id == cut_off).expect("still listed");
    assert_eq!(old.result, RunResult::Failed("interrupted".into()));
}
