//! What the guard counts and holds back, and paused directories.

use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::domain::shortfall::Shortfall;
use cloudsync_idp::store::{
    HeldBack, Loss, Pause, PlanId, RunCounts, RunDetails, RunKind, RunResult, RunTrigger, Store, Verdicts,
};

use super::{NOW, change, corp, decided, entry, on_both, person};
use crate::support::rows::{Decisions, LogRows};

on_both!(
    a_loss_is_counted_once_per_person_and_not_when_approved,
    a_person_held_back_keeps_the_date_and_is_not_confirmed,
    a_directory_is_paused_until_it_is_resumed,
    a_repeated_failure_is_one_run,
    a_run_reports_where_it_read,
);

async fn suspend(store: &Store, run: Option<cloudsync_idp::store::RunId>, number: u128, name: &str, at: i64) {
    let account = store.identity().account_by_entry(&corp(), entry(number)).await.unwrap().expect("there").id;
    let action = Action::Suspend(account, SuspendedBecause::Disabled, change(number, name));
    let batch = vec![decided(number, name, action)];
    store.sync().apply_actions(run, &corp(), batch, at).await.unwrap();
}

async fn a_loss_is_counted_once_per_person_and_not_when_approved(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    person(store, 3, "carol").await;
    let run = store.sync().begin_run(&corp(), RunTrigger::Change, NOW).await.unwrap();
    suspend(store, Some(run), 1, "alice", NOW).await;
    let again = vec![decided(1, "alice", Action::Reactivate(alice.clone(), change(1, "alice")))];
    store.sync().apply_actions(run, &corp(), again, NOW + 1).await.unwrap();
    suspend(store, Some(run), 1, "alice", NOW + 2).await;
    store
        .sync()
        .finish_run(run, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW + 3)
        .await
        .unwrap();
    assert_eq!(
        store.sync().taken_since(&corp(), NOW - DAY).await.unwrap(),
        std::slice::from_ref(&alice),
        "once"
    );
    assert_eq!(
        store.sync().people_before(&corp(), &[alice.clone(), bob.clone()]).await.unwrap(),
        3,
        "each once"
    );
    suspend(store, None, 2, "bob", NOW + 4).await;
    assert_eq!(
        store.sync().taken_since(&corp(), NOW - DAY).await.unwrap().len(),
        2,
        "a suspension at a sign-in counts too"
    );
    let approved = store.sync().begin_run(&corp(), RunTrigger::Apply(PlanId(1)), NOW + 5).await.unwrap();
    suspend(store, Some(approved), 3, "carol", NOW + 5).await;
    assert_eq!(store.sync().taken_since(&corp(), NOW - DAY).await.unwrap().len(), 2);
    assert_eq!(store.sync().taken_since(&corp(), NOW + 2).await.unwrap(), [bob], "the window slides");
    let other = DirectoryId("other".into());
    assert!(store.sync().taken_since(&other, NOW - DAY).await.unwrap().is_empty());
    assert!(store.sync().run(approved).await.unwrap().expect("there").approved);
}

async fn a_person_held_back_keeps_the_date_and_is_not_confirmed(store: &Store) {
    let account = person(store, 1, "alice").await;
    let run = store.sync().begin_run(&corp(), RunTrigger::Change, NOW).await.unwrap();
    let what = Loss { suspend: Some(SuspendedBecause::Disabled), shares: vec!["Sales".into()] };
    let login_name = "alice".to_owned();
    let held = HeldBack { entry: entry(1), account: account.clone(), login_name, what };
    let hold = |held: &HeldBack| Verdicts { held: vec![held.clone()], ..Verdicts::default() };
    store.sync().applied(run, &corp(), hold(&held), NOW).await.unwrap();
    assert_eq!(store.identity().account(&account).await.unwrap().unwrap().seen_at, None);
    let more = HeldBack { what: Loss { suspend: None, shares: vec!["A".into(), "B".into()] }, ..held };
    store.sync().applied(None, &corp(), hold(&more), NOW + 9).await.unwrap();
    let rows = store.sync().held_page(&corp(), None, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].since, rows[0].run), (1, NOW, Some(run)));
    assert_eq!(rows[0].person, more);
    assert_eq!(store.sync().held_among(&corp(), &[entry(1), entry(2)]).await.unwrap(), rows);
    assert!(store.sync().held_page(&corp(), Some(entry(1)), 10).await.unwrap().is_empty());
    assert!(store.sync().is_held(&account).await.unwrap());
    assert_eq!(store.sync().count_held(&corp()).await.unwrap(), 1);
    let release = async |released| {
        let verdicts = Verdicts { released: vec![released], ..Verdicts::default() };
        assert!(store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap().is_empty());
    };
    release(entry(2)).await;
    assert!(store.sync().is_held(&account).await.unwrap());
    release(entry(1)).await;
    assert!(!store.sync().is_held(&account).await.unwrap());
}

async fn a_directory_is_paused_until_it_is_resumed(store: &Store) {
    assert_eq!(store.sync().paused(&corp()).await.unwrap(), None);
    let run = store.sync().pause(&corp(), NOW).await.unwrap();
    let pause = Pause { why: format!("run {} was reverted", run.0), since: NOW };
    assert_eq!(store.sync().paused(&corp()).await.unwrap(), Some(pause));
    assert_eq!(store.sync().paused(&DirectoryId("other".into())).await.unwrap(), None);
    assert!(store.sync().resume(&corp(), None).await.unwrap());
    assert!(!store.sync().resume(&corp(), None).await.unwrap());
    assert_eq!(store.sync().paused(&corp()).await.unwrap(), None);
}

async fn a_repeated_failure_is_one_run(store: &Store) {
    let details = RunDetails { advice: Some("look at the cable".into()), ..RunDetails::default() };
    for second in 0..3 {
        store.sync().note_failure(&corp(), RunTrigger::Change, "away", &details, NOW + second).await.unwrap();
    }
    store.sync().note_failure(&corp(), RunTrigger::Change, "refused", &details, NOW + 5).await.unwrap();
    store.sync().note_failure(&corp(), RunTrigger::Change, "away", &details, NOW + 6).await.unwrap();
    let runs = store.sync().runs_page(None, 10).await.unwrap();
    let shown: Vec<_> = runs.iter().map(|run| (run.result.clone(), run.times, run.finished_at)).collect();
    let failed = |why: &str| RunResult::Failed(why.to_owned());
    assert_eq!(
        shown,
        [
            (failed("away"), 1, Some(NOW + 6)),
            (failed("refused"), 1, Some(NOW + 5)),
            (failed("away"), 3, Some(NOW + 2))
        ]
    );
    assert_eq!((runs[2].started_at, &runs[2].details), (NOW, &details));
}

async fn a_run_reports_where_it_read(store: &Store) {
    let run = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    let progress = cloudsync_idp::store::RunProgress {
        doing: "reading".into(),
        people: 500,
        at: NOW + 1,
        ..Default::default()
    };
    store.sync().note_progress(run, &progress).await.unwrap();
    assert_eq!(store.sync().run(run).await.unwrap().unwrap().progress, Some(progress));
    let details = RunDetails {
        feed: Some("DirSync".into()),
        server: Some("dc1:636".into()),
        cursor_from: Some("1".into()),
        cursor_to: Some("2".into()),
        reason: Some("never read before".into()),
        advice: None,
        shortfalls: vec![Shortfall::DirSyncRefused("50".into()), Shortfall::DeletionsNotTold],
    };
    store
        .sync()
        .finish_run(
            run,
            RunKind::Complete,
            Ok(RunCounts { held: 2, ..RunCounts::default() }),
            &details,
            NOW + 2,
        )
        .await
        .unwrap();
    let row = store.sync().last_good_run(&corp()).await.unwrap().expect("good");
    assert_eq!((row.id, row.details), (run, details));
    assert_eq!(row.result, RunResult::Done(RunCounts { held: 2, ..RunCounts::default() }));
}
