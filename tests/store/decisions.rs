//! Decisions about held people, runs that are stopped, and the pages of those who wait.

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::guard::SeenHeld;
use cloudsync_idp::domain::reconcile::{Action, Conflict};
use cloudsync_idp::store::{
    Applied, AuditFilter, HeldBack, HeldRow, Loss, Rejection, RunCounts, RunDetails, RunId, RunKind,
    RunTrigger, StopOutcome, Store, Verdicts,
};

use super::{NOW, change, corp, decided, entry, on_both, person};
use crate::support::rows::Decisions;

on_both!(
    a_rejection_lasts_as_long_as_the_loss,
    a_decision_about_another_loss_is_refused,
    an_approval_is_recorded_with_what_it_changes,
    a_stopped_run_is_interrupted_and_its_directory_paused,
    the_reason_of_an_earlier_pause_stays,
    a_revert_is_not_stopped,
    people_with_conflicts_are_read_by_pages,
);

fn decision(at: i64) -> Event {
    Event::new(at, Decision::HeldDecided)
}

async fn hold(store: &Store, what: Loss, at: i64) -> HeldRow {
    let account = store.identity().account_by_entry(&corp(), entry(1)).await.unwrap().expect("there").id;
    let held = vec![HeldBack { entry: entry(1), account, login_name: "alice".into(), what }];
    store.sync().applied(None, &corp(), Verdicts { held, ..Verdicts::default() }, at).await.unwrap();
    store.sync().held_page(&corp(), None, 10).await.unwrap().remove(0)
}

fn disabled() -> Loss {
    Loss { suspend: Some(SuspendedBecause::Disabled), shares: Vec::new() }
}

async fn events(store: &Store) -> usize {
    store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap().len()
}

async fn a_rejection_lasts_as_long_as_the_loss(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let row = hold(store, disabled(), NOW).await;
    assert_eq!((row.what_since, row.rejected.clone()), (NOW, None));
    assert_eq!(store.sync().held_accounts(&[alice]).await.unwrap(), std::slice::from_ref(&row));
    assert!(store.sync().held_accounts(&[]).await.unwrap().is_empty());
    let seen = SeenHeld::from(&row);
    assert!(store.sync().reject_held(&corp(), "anna", &[(seen, decision(NOW + 1))]).await.unwrap() == [true]);
    assert_eq!(store.sync().count_undecided(&corp()).await.unwrap(), 0);
    assert_eq!(store.sync().count_held(&corp()).await.unwrap(), 1);
    let again = hold(store, disabled(), NOW + 2).await;
    let rejected = Some(Rejection { by: "anna".into(), at: NOW + 1 });
    assert_eq!((again.since, again.what_since, again.rejected), (NOW, NOW, rejected));
    let more = Loss { shares: vec!["Sales".into()], ..disabled() };
    let other = hold(store, more, NOW + 3).await;
    assert_eq!((other.since, other.what_since, other.rejected), (NOW, NOW + 3, None), "it is asked again");
    assert_eq!(store.sync().count_undecided(&corp()).await.unwrap(), 1);
}

async fn a_decision_about_another_loss_is_refused(store: &Store) {
    person(store, 1, "alice").await;
    let seen = SeenHeld::from(&hold(store, disabled(), NOW).await);
    let other = Loss { suspend: Some(SuspendedBecause::OutOfScope), shares: Vec::new() };
    hold(store, other, NOW + 1).await;
    let before = events(store).await;
    let reject = async |directory: &DirectoryId, seen| {
        store.sync().reject_held(directory, "anna", &[(seen, decision(NOW + 2))]).await.unwrap()[0]
    };
    assert!(!reject(&corp(), seen).await, "what was seen is not what would be lost");
    let now = SeenHeld { what_since: NOW + 1, ..seen };
    assert!(!reject(&DirectoryId("other".into()), now).await);
    assert!(!reject(&corp(), SeenHeld { entry: entry(2), ..now }).await);
    assert_eq!(events(store).await, before, "nothing is recorded");
    assert!(reject(&corp(), now).await);
    assert_eq!(events(store).await, before + 1);
}

async fn an_approval_is_recorded_with_what_it_changes(store: &Store) {
    let alice = person(store, 1, "alice").await;
    hold(store, disabled(), NOW).await;
    let run = store.sync().begin_run(&corp(), RunTrigger::Approval, NOW).await.unwrap();
    let suspend = Action::Suspend(alice.clone(), SuspendedBecause::Disabled, change(1, "alice"));
    let verdicts = |version| Verdicts {
        version,
        batch: vec![decided(1, "alice", suspend.clone())],
        released: vec![entry(1)],
        events: vec![decision(NOW + 1)],
        ..Verdicts::default()
    };
    let before = events(store).await;
    let overtaken = store.sync().apply_verdicts(run, &corp(), verdicts(Some(77)), NOW + 1).await.unwrap();
    assert_eq!((overtaken, events(store).await), (Applied::Overtaken, before), "together or not at all");
    store.sync().applied(run, &corp(), verdicts(None), NOW + 1).await.unwrap();
    assert_eq!(events(store).await, before + 1);
    assert!(!store.sync().is_held(&alice).await.unwrap());
    assert!(store.sync().taken_since(&corp(), 0).await.unwrap().is_empty(), "the guard does not count it");
}

async fn stop(store: &Store, at: i64) -> StopOutcome {
    store.sync().ask_to_stop(&corp(), None, "anna", &Event::new(at, Decision::SyncStopped)).await.unwrap()
}

async fn a_stopped_run_is_interrupted_and_its_directory_paused(store: &Store) {
    assert_eq!(stop(store, NOW).await, StopOutcome::NotRunning);
    assert_eq!((events(store).await, store.sync().paused(&corp()).await.unwrap()), (0, None));
    let run = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    let other = store.sync().begin_run(&DirectoryId("other".into()), RunTrigger::Start, NOW).await.unwrap();
    assert_eq!(store.sync().stopped_by(run).await.unwrap(), None);
    assert_eq!(stop(store, NOW + 1).await, StopOutcome::Asked(run));
    assert_eq!(store.sync().stopped_by(run).await.unwrap().as_deref(), Some("anna"));
    assert_eq!(store.sync().stopped_by(other).await.unwrap(), None);
    let pause = store.sync().paused(&corp()).await.unwrap().expect("paused");
    assert_eq!((pause.why.as_str(), pause.since, events(store).await), ("stopped by anna", NOW + 1, 1));
    let error = Err("interrupted: stopped by anna".to_owned());
    let details = RunDetails::default();
    store.sync().finish_run(run, RunKind::Complete, error, &details, NOW + 2).await.unwrap();
    assert!(store.sync().is_interrupted(&corp()).await.unwrap(), "the next run completes it");
    assert_eq!(stop(store, NOW + 3).await, StopOutcome::NotRunning);
}

async fn the_reason_of_an_earlier_pause_stays(store: &Store) {
    let reverted = store.sync().pause(&corp(), NOW).await.unwrap();
    let run = store.sync().begin_run(&corp(), RunTrigger::Approval, NOW + 1).await.unwrap();
    assert_eq!(stop(store, NOW + 2).await, StopOutcome::Asked(run));
    let pause = store.sync().paused(&corp()).await.unwrap().expect("paused");
    assert_eq!((pause.why, pause.since), (format!("run {} was reverted", reverted.0), NOW));
}

async fn a_revert_is_not_stopped(store: &Store) {
    let run = finished(store).await;
    let undo = store.sync().begin_undo(run, NOW + 1).await.unwrap().expect("it can be reverted");
    assert_eq!(stop(store, NOW + 2).await, StopOutcome::Reverting(undo));
    assert_eq!((store.sync().stopped_by(undo).await.unwrap(), events(store).await), (None, 0));
}

async fn finished(store: &Store) -> RunId {
    let run = store.sync().begin_run(&corp(), RunTrigger::Change, NOW).await.unwrap();
    let done = Ok(RunCounts::default());
    store.sync().finish_run(run, RunKind::Complete, done, &RunDetails::default(), NOW).await.unwrap();
    run
}

async fn people_with_conflicts_are_read_by_pages(store: &Store) {
    // Some have the same login name, so that a page ends between them.
    let names = ["bob", "anna", "anna", "anna", "carol"];
    let batch = names.iter().zip(1..).map(|(name, number)| {
        let mut one = decided(number, name, Action::Ignore);
        one.outcome.conflict = Some(Conflict::NoMail);
        one
    });
    store.sync().apply_actions(None, &corp(), batch.collect(), NOW).await.unwrap();
    let all = store.sync().conflicts(&corp()).await.unwrap();
    assert_eq!((all.len(), store.sync().count_conflicts(&corp()).await.unwrap()), (5, 5));
    for limit in 1..=6 {
        let (mut read, mut after) = (Vec::new(), None::<(String, _)>);
        loop {
            let from = after.as_ref().map(|(name, entry)| (name.as_str(), *entry));
            let page = store.sync().conflicts_page(&corp(), from, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.login_name.clone(), last.entry));
            read.extend(page);
        }
        assert_eq!(read, all, "{limit} at once");
    }
    let other = DirectoryId("other".into());
    assert!(store.sync().conflicts_page(&other, None, 9).await.unwrap().is_empty());
}
