//! Revert a run: everybody is as before it, and what can't be restored is reported.

use cloudsync_idp::domain::account::{Account, AccountId, Status, SuspendedBecause};
use cloudsync_idp::domain::reconcile::{Action, Change};
use cloudsync_idp::domain::{DAY, MINUTE};
use cloudsync_idp::store::{
    ChangeFilter, ChangeRow, EntryOutcome, RunCounts, RunDetails, RunId, RunKind, RunResult, RunTrigger,
    Store, UNDO_WITHIN, UndoRefused,
};

use super::{
    CHECKS, NOW, change, corp, decided, entry, event, first_settings, grant, on_both, person, profile,
    signed_in,
};
use crate::support::rows::Decisions;

on_both!(
    everybody_is_as_before_the_run,
    email_addresses_that_moved_in_a_run_move_back,
    what_another_account_has_now_is_kept_and_reported,
    later_changes_are_reverted_and_reported,
    a_suspension_by_an_administrator_outlives_a_revert,
    an_interrupted_revert_is_resumed,
    a_revert_can_be_reverted,
    what_can_not_be_reverted_is_refused,
);

async fn account(store: &Store, id: &AccountId) -> Account {
    store.identity().account(id).await.unwrap().expect("there")
}

/// A run with this batch.
pub(super) async fn run(store: &Store, batch: Vec<EntryOutcome>) -> RunId {
    let run = store.sync().begin_run(&corp(), RunTrigger::Change, NOW).await.unwrap();
    store.sync().apply_actions(run, &corp(), batch, NOW).await.unwrap();
    store
        .sync()
        .finish_run(run, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW)
        .await
        .unwrap();
    run
}

pub(super) fn decision(number: u128, action: Action) -> EntryOutcome {
    decided(number, &format!("login{number}"), action)
}

pub(super) async fn undo(store: &Store, run: RunId) -> RunId {
    let undo = store.sync().begin_undo(run, NOW + MINUTE).await.unwrap().expect("it can be reverted");
    while store.sync().undo_batch(undo, run, NOW + MINUTE).await.unwrap() {}
    undo
}

async fn changes_of(store: &Store, undo: RunId) -> Vec<ChangeRow> {
    store
        .sync()
        .changes_of(&ChangeFilter { run: Some(undo), limit: 99, ..ChangeFilter::default() })
        .await
        .unwrap()
}

fn suspend(id: &AccountId, number: u128, name: &str) -> Action {
    Action::Suspend(id.clone(), SuspendedBecause::OutOfScope, change(number, name))
}

async fn everybody_is_as_before_the_run(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let loaded = AccountId("old".into());
    store.identity().import_accounts(vec![(loaded.clone(), profile("carol"))], &event(), NOW).await.unwrap();
    let before = [account(store, &alice).await, account(store, &bob).await, account(store, &loaded).await];
    let renamed =
        Change { profile: Some(profile("alicia")), expires_at: Some(NOW + DAY), ..change(1, "alice") };
    let batch = vec![
        decision(1, Action::Update(alice.clone(), renamed)),
        decision(2, suspend(&bob, 2, "bob")),
        decision(3, Action::Link(loaded.clone(), change(3, "carla"))),
        decision(4, Action::Create(change(4, "dora"))),
    ];
    let run = run(store, batch).await;
    let dora = store.identity().account_by_entry(&corp(), entry(4)).await.unwrap().expect("made").id;
    let session = signed_in(store, &dora, 4).await;
    store.login().exchange(&grant(&session, "g", Some(4)), CHECKS, &event()).await.unwrap();

    let undo = undo(store, run).await;
    for old in before {
        let now = account(store, &old.id).await;
        let profile_changed_at = now.profile_changed_at;
        let same = Account { generation: now.generation, seen_at: None, profile_changed_at, ..old };
        assert_eq!(now, same);
    }
    let because = SuspendedBecause::Undone;
    assert_eq!(account(store, &dora).await.status, Status::Suspended { because, since: NOW + MINUTE });
    assert!(
        store.login().session(&session.id_hash).await.unwrap().is_none(),
        "the sessions of a suspended person end"
    );
    assert_eq!(
        store.sync().paused(&corp()).await.unwrap().map(|pause| pause.why),
        Some(format!("run {} was reverted", run.0))
    );
    let rows = changes_of(store, undo).await;
    let shown: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.why.as_deref())).collect();
    let plain = |kind| (kind, Some("undone"));
    assert_eq!(shown, [plain("updated"), plain("reactivated"), plain("unlinked"), plain("suspended")]);
    let row = store.sync().run(undo).await.unwrap().expect("there");
    assert_eq!(row.trigger, RunTrigger::Undo(run));
    let counts = RunCounts { seen: 4, updated: 2, suspended: 1, reactivated: 1, ..RunCounts::default() };
    assert_eq!((row.result, row.approved), (RunResult::Done(counts), true));
    assert_eq!(
        store.sync().accounts_named("ALICIA").await.unwrap(),
        std::slice::from_ref(&alice),
        "by a name from before the revert"
    );
    let on = apply_reactivation(store, &dora).await;
    assert_eq!(on, Status::Active, "a later sync may reactivate it");
}

async fn apply_reactivation(store: &Store, id: &AccountId) -> Status {
    super::apply(store, 4, Action::Reactivate(id.clone(), change(4, "dora"))).await;
    account(store, id).await.status
}

async fn email_addresses_that_moved_in_a_run_move_back(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let batch = vec![
        decision(1, Action::Update(alice.clone(), change(1, "fresh"))),
        decision(2, Action::Update(bob.clone(), change(2, "alice"))),
    ];
    let run = run(store, batch).await;
    let undo = undo(store, run).await;
    assert_eq!(account(store, &alice).await.profile, profile("alice"));
    assert_eq!(account(store, &bob).await.profile, profile("bob"));
    assert!(changes_of(store, undo).await.iter().all(|row| row.why.as_deref() == Some("undone")));
}

async fn what_another_account_has_now_is_kept_and_reported(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let run = run(store, vec![decision(1, Action::Update(alice.clone(), change(1, "fresh")))]).await;
    let newcomer = person(store, 2, "alice").await;
    let undo = undo(store, run).await;
    let now = account(store, &alice).await.profile;
    assert_eq!((now.email, now.login_name), (profile("fresh").email, profile("alice").login_name));
    assert_eq!(account(store, &newcomer).await.profile, profile("alice"));
    let why = changes_of(store, undo).await[0].why.clone().expect("a reason");
    assert!(why.contains("another account has the email address alice@Example.com now"), "{why}");
}

async fn later_changes_are_reverted_and_reported(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let run = run(store, vec![decision(1, suspend(&alice, 1, "alice"))]).await;
    super::apply(store, 1, Action::Reactivate(alice.clone(), change(1, "later"))).await;
    let undo = undo(store, run).await;
    assert_eq!(account(store, &alice).await.profile, profile("alice"));
    let rows = changes_of(store, undo).await;
    assert_eq!(rows[0].why.as_deref(), Some("undone; the account was changed since the run"));
}

async fn a_suspension_by_an_administrator_outlives_a_revert(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let run = run(store, vec![decision(1, Action::Update(alice.clone(), change(1, "alicia")))]).await;
    super::apply(store, 1, Action::Suspend(alice.clone(), SuspendedBecause::Admin, change(1, "alicia")))
        .await;
    let undo = undo(store, run).await;
    let now = account(store, &alice).await;
    assert_eq!(now.profile, profile("alice"));
    assert_eq!(now.status, Status::Suspended { because: SuspendedBecause::Admin, since: NOW });
    let why = changes_of(store, undo).await[0].why.clone().expect("a reason");
    assert!(why.contains("an administrator has suspended the account"), "{why}");
}

async fn an_interrupted_revert_is_resumed(store: &Store) {
    let mut batch = Vec::new();
    for number in 1..=250_u128 {
        let id = person(store, number, &format!("p{number}")).await;
        batch.push(decision(number, suspend(&id, number, &format!("p{number}"))));
    }
    let run = run(store, batch).await;
    let begun = store.sync().begin_undo(run, NOW + 1).await.unwrap().expect("it can be reverted");
    assert!(store.sync().undo_batch(begun, run, NOW + 1).await.unwrap());
    // The process dies; another run closes what was left open, and finds the directory paused.
    store.sync().begin_run(&corp(), RunTrigger::Change, NOW + 2).await.unwrap();
    assert!(store.sync().paused(&corp()).await.unwrap().is_some());
    assert_eq!(undo(store, run).await, begun, "the same revert is resumed");
    let all = ChangeFilter { run: Some(begun), limit: 999, ..ChangeFilter::default() };
    assert_eq!(store.sync().changes_of(&all).await.unwrap().len(), 250, "nothing is reverted twice");
    assert_eq!(store.identity().count_linked(&corp()).await.unwrap(), 250);
}

async fn a_revert_can_be_reverted(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let loaded = AccountId("old".into());
    store.identity().import_accounts(vec![(loaded.clone(), profile("carol"))], &event(), NOW).await.unwrap();
    let batch = vec![
        decision(1, suspend(&alice, 1, "alice")),
        decision(3, Action::Link(loaded.clone(), change(3, "carol"))),
    ];
    let run = run(store, batch).await;
    let linked = account(store, &loaded).await.link.expect("linked");
    let first = undo(store, run).await;
    undo(store, first).await;
    let status = account(store, &alice).await.status;
    assert!(matches!(status, Status::Suspended { because: SuspendedBecause::OutOfScope, .. }), "{status:?}");
    assert_eq!(account(store, &loaded).await.link.map(|link| link.entry), Some(linked.entry));
}

async fn what_can_not_be_reverted_is_refused(store: &Store) {
    let refused = async |run, now| store.sync().begin_undo(run, now).await.unwrap().err();
    assert_eq!(refused(RunId(77), NOW).await, Some(UndoRefused::Unknown));
    let open = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    assert_eq!(refused(open, NOW).await, Some(UndoRefused::Running));
    store
        .sync()
        .finish_run(open, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW)
        .await
        .unwrap();
    assert_eq!(refused(open, NOW + UNDO_WITHIN).await, Some(UndoRefused::TooOld));
    assert_eq!(store.sync().paused(&corp()).await.unwrap(), None, "a refusal pauses nothing");
    let interrupted = store.sync().begin_undo(open, NOW).await.unwrap().expect("it can be reverted");
    store.sync().close_interrupted(&corp(), NOW).await.unwrap();
    assert_eq!(refused(interrupted, NOW).await, Some(UndoRefused::Unfinished(open)));
    let done = undo(store, open).await;
    assert_eq!(done, interrupted);
    assert_eq!(refused(open, NOW).await, Some(UndoRefused::Already(done)));
}
