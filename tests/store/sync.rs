//! What a sync run writes: each action reads the account again and reports what it did.

use cloudsync_idp::domain::account::{AccountId, Status, SuspendedBecause};
use cloudsync_idp::domain::history::account_snapshot;
use cloudsync_idp::domain::reconcile::{Action, Change, Conflict};
use cloudsync_idp::store::{AppliedKind, RunCounts, RunDetails, RunKind, RunResult, RunTrigger, Store};

use super::{NOW, apply, change, corp, decided, entry, event, on_both, person, profile};
use crate::support::rows::{AccountRows, Decisions, LogRows};

on_both!(
    a_batch_is_applied_and_recorded,
    an_email_address_taken_in_between_is_a_conflict_and_not_a_failed_batch,
    of_many_new_accounts_only_those_with_a_taken_email_address_are_left_out,
    an_overtaken_decision_changes_nothing,
    a_suspension_by_an_administrator_stays,
    conflicts_keep_their_date_and_go_when_solved,
    a_killed_run_is_closed_as_interrupted,
);

async fn status(store: &Store, id: &AccountId) -> (Status, i64) {
    let account = store.identity().account(id).await.unwrap().expect("there");
    (account.status, account.generation)
}

async fn a_batch_is_applied_and_recorded(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let imported = AccountId("old".into());
    store
        .identity()
        .import_accounts(vec![(imported.clone(), profile("carol"))], &event(), NOW)
        .await
        .unwrap();
    let run = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    let renamed = Change { profile: Some(profile("alicia")), ..change(1, "alice") };
    let batch = vec![
        decided(1, "alicia", Action::Update(alice.clone(), renamed)),
        decided(2, "bob", Action::Suspend(bob.clone(), SuspendedBecause::Disabled, change(2, "bob"))),
        decided(3, "carol", Action::Link(imported.clone(), change(3, "carol"))),
        decided(4, "dora", Action::Create(change(4, "dora"))),
        decided(5, "emil", Action::Ignore),
    ];
    let done = store.sync().apply_actions(run, &corp(), batch, NOW + 1).await.unwrap();
    let mut counts = RunCounts::default();
    done.iter().for_each(|applied| counts.add(applied));
    let expected =
        RunCounts { seen: 5, created: 1, linked: 1, updated: 1, suspended: 1, ..RunCounts::default() };
    assert_eq!(counts, expected);
    store
        .sync()
        .finish_run(run, RunKind::Complete, Ok(counts), &RunDetails::default(), NOW + 2)
        .await
        .unwrap();
    assert_eq!(store.sync().runs_page(None, 10).await.unwrap()[0].result, RunResult::Done(counts));
    let failed = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW + 2).await.unwrap();
    assert_eq!(store.sync().last_good_run(&corp()).await.unwrap().map(|good| good.id), Some(run));
    store
        .sync()
        .finish_run(failed, RunKind::Complete, Err("away".into()), &RunDetails::default(), NOW + 2)
        .await
        .unwrap();
    assert_eq!(store.sync().last_good_run(&corp()).await.unwrap().map(|good| good.id), Some(run));
    assert_eq!(store.identity().account_by_email("alicia@example.com").await.unwrap().unwrap().id, alice);
    let since = NOW + 1;
    assert_eq!(
        status(store, &bob).await,
        (Status::Suspended { because: SuspendedBecause::Disabled, since }, 2)
    );
    assert_eq!(store.identity().account_by_entry(&corp(), entry(3)).await.unwrap().unwrap().id, imported);
    let history = store.sync().changes_page(Some(&bob), 10).await.unwrap();
    let kinds: Vec<_> = history.iter().map(|change| (change.kind.as_str(), change.why.as_deref())).collect();
    assert_eq!(kinds, [("suspended", Some("disabled")), ("created", None)]);
    assert!(history[0].before.as_ref().unwrap().contains("\"status\":\"active\""));
    assert!(history[0].after.contains("\"status\":\"suspended\""));
    assert_eq!(history[0].run, Some(run));
    let again = vec![decided(2, "bob", Action::Reactivate(bob.clone(), change(2, "bob")))];
    store.sync().apply_actions(run, &corp(), again, NOW + 3).await.unwrap();
    assert_eq!(status(store, &bob).await, (Status::Active, 3));
}

async fn an_email_address_taken_in_between_is_a_conflict_and_not_a_failed_batch(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let moved = Change { expires_at: Some(NOW + 99), ..change(2, "alice") };
    let batch = vec![
        decided(3, "eve", Action::Create(change(3, "alice"))),
        decided(2, "bob", Action::Suspend(bob.clone(), SuspendedBecause::Expired, moved)),
        decided(4, "dora", Action::Create(change(4, "dora"))),
    ];
    let done = store.sync().apply_actions(None, &corp(), batch, NOW).await.unwrap();
    let kinds: Vec<_> = done.iter().map(|applied| applied.kind).collect();
    // New accounts come last.
    assert_eq!(kinds, [AppliedKind::Suspended, AppliedKind::Overtaken, AppliedKind::Created]);
    let taken =
        Conflict::MailTaken { email: "alice@Example.com".into(), by: alice.clone(), suspended_since: None };
    assert_eq!(done[0].conflict.as_ref(), Some(&taken));
    assert_eq!(done[1].conflict.as_ref(), Some(&taken));
    let in_conflict = store.identity().account(&bob).await.unwrap().unwrap();
    assert_eq!((in_conflict.profile, in_conflict.expires_at), (profile("bob"), Some(NOW + 99)));
    let named: Vec<_> = store.sync().conflicts(&corp()).await.unwrap();
    assert_eq!(named.len(), 2);
    assert_eq!((named[0].login_name.as_str(), named[0].kind.as_str()), ("bob", "mail_taken"));
    assert_eq!(named[0].taken_by.as_ref(), Some(&alice));
}

async fn of_many_new_accounts_only_those_with_a_taken_email_address_are_left_out(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let mut batch: Vec<_> = (2_u128..302)
        .map(|n| decided(n, &format!("p{n}"), Action::Create(change(n, &format!("p{n}")))))
        .collect();
    batch[150].outcome.action = Action::Create(change(152, "alice"));
    batch[299].outcome.action = Action::Create(change(301, "p2"));
    // Reported last, and yet its old email address is free for another account of the same batch.
    batch[10].outcome.action = Action::Create(change(12, "alice-was"));
    let before = Change { profile: Some(profile("alice-was")), ..change(1, "alice") };
    apply(store, 1, Action::Update(alice.clone(), before)).await;
    apply(store, 500, Action::Create(change(500, "alice"))).await;
    batch.push(decided(1, "alice", Action::Update(alice.clone(), change(1, "alicia"))));
    let done = store.sync().apply_actions(None, &corp(), batch, NOW).await.unwrap();
    let overtaken: Vec<_> = done.iter().filter(|one| one.kind == AppliedKind::Overtaken).collect();
    assert_eq!(overtaken.iter().map(|one| one.entry).collect::<Vec<_>>(), [entry(152), entry(301)]);
    for one in overtaken {
        assert!(matches!(&one.conflict, Some(Conflict::MailTaken { .. })), "{one:?}");
    }
    assert_eq!(done.iter().filter(|one| one.kind == AppliedKind::Created).count(), 298);
    for one in done.iter().filter(|one| one.kind == AppliedKind::Created) {
        let account = store.identity().account_by_entry(&corp(), one.entry).await.unwrap().unwrap();
        assert_eq!(one.account.as_ref(), Some(&account.id));
        let history = store.sync().changes_page(Some(&account.id), 10).await.unwrap();
        assert_eq!(history.iter().map(|change| change.kind.as_str()).collect::<Vec<_>>(), ["created"]);
        assert_eq!(history[0].after, account_snapshot(&account));
    }
}

async fn an_overtaken_decision_changes_nothing(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let twice = apply(store, 1, Action::Create(change(1, "other"))).await;
    assert_eq!(
        (twice.kind, twice.account.as_ref(), twice.conflict),
        (AppliedKind::Overtaken, Some(&alice), None)
    );
    let foreign =
        apply(store, 9, Action::Suspend(alice.clone(), SuspendedBecause::Disabled, change(9, "alice"))).await;
    assert_eq!(foreign.kind, AppliedKind::Overtaken, "the account is another entry's");
    let link = apply(store, 9, Action::Link(alice.clone(), change(9, "alice"))).await;
    assert_eq!(link.kind, AppliedKind::Overtaken, "it is linked already");
    let nobody = apply(store, 9, Action::Update(AccountId("x".into()), change(9, "x"))).await;
    assert_eq!(nobody.kind, AppliedKind::Overtaken);
    assert_eq!(status(store, &alice).await, (Status::Active, 1));
}

async fn a_suspension_by_an_administrator_stays(store: &Store) {
    let alice = person(store, 1, "alice").await;
    apply(store, 1, Action::Suspend(alice.clone(), SuspendedBecause::Admin, change(1, "alice"))).await;
    let twice = Action::Suspend(alice.clone(), SuspendedBecause::Disabled, change(1, "alice"));
    assert_eq!(apply(store, 1, twice).await.kind, AppliedKind::Updated);
    let on = apply(store, 1, Action::Reactivate(alice.clone(), change(1, "alice"))).await;
    assert_eq!(on.kind, AppliedKind::Overtaken);
    let because = SuspendedBecause::Admin;
    assert_eq!(status(store, &alice).await, (Status::Suspended { because, since: NOW }, 2));
}

async fn conflicts_keep_their_date_and_go_when_solved(store: &Store) {
    let apply = async |run, number: u128, conflict: Option<Conflict>, now| {
        let mut one = decided(number, &format!("p{number}"), Action::Ignore);
        one.outcome.conflict = conflict;
        store.sync().apply_actions(run, &corp(), vec![one], now).await.unwrap();
    };
    let since = async |number: u128| {
        let rows = store.sync().conflicts(&corp()).await.unwrap();
        rows.into_iter().find(|row| row.entry == entry(number)).map(|row| row.since)
    };
    let first = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    let shared = Conflict::MailShared { email: "x@example.com".into() };
    apply(Some(first), 1, Some(Conflict::NoMail), NOW + 1).await;
    apply(Some(first), 2, Some(shared.clone()), NOW + 1).await;
    store
        .sync()
        .finish_run(first, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW + 2)
        .await
        .unwrap();
    let second = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW + 10).await.unwrap();
    apply(Some(second), 1, Some(Conflict::NoMail), NOW + 11).await;
    apply(Some(second), 2, None, NOW + 11).await;
    store
        .sync()
        .finish_run(second, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW + 12)
        .await
        .unwrap();
    assert_eq!((since(1).await, since(2).await), (Some(NOW + 1), None));
    apply(None, 1, Some(shared), NOW + 20).await;
    assert_eq!(since(1).await, Some(NOW + 20), "another reason, another date");
}

async fn a_killed_run_is_closed_as_interrupted(store: &Store) {
    let killed = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    assert!(!store.sync().is_interrupted(&corp()).await.unwrap(), "it may still be running");
    store.sync().close_interrupted(&corp(), NOW + 5).await.unwrap();
    assert!(store.sync().is_interrupted(&corp()).await.unwrap());
    let next = store.sync().begin_run(&corp(), RunTrigger::Command, NOW + 5).await.unwrap();
    store
        .sync()
        .finish_run(
            next,
            RunKind::Complete,
            Err("the directory went away".into()),
            &RunDetails::default(),
            NOW + 6,
        )
        .await
        .unwrap();
    assert!(!store.sync().is_interrupted(&corp()).await.unwrap());
    let runs = store.sync().runs_page(None, 10).await.unwrap();
    assert_eq!((runs[0].id, runs[0].trigger), (next, RunTrigger::Command));
    assert_eq!(runs[0].result, RunResult::Failed("the directory went away".into()));
    assert_eq!(runs[1].result, RunResult::Failed("interrupted".into()));
    assert_eq!(runs[1].finished_at, Some(NOW + 5));
    assert_eq!(store.sync().runs_page(Some(next), 10).await.unwrap()[0].id, killed);
}
