//! Plans: written in batches, read in pages, applied once, deleted after a week.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::history::ChangeKind;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::store::{KEEP_PLANS, PlanId, PlanRow, RunCounts, Store};

use super::{NOW, corp, entry, on_both};

on_both!(
    a_plan_is_written_read_and_applied_once,
    the_losers_of_a_plan_are_listed_once,
    a_plan_is_deleted_after_a_week,
);

fn row(number: u128) -> PlanRow {
    PlanRow {
        entry: entry(number),
        account: None,
        login_name: format!("p{number}"),
        kind: ChangeKind::Created,
        before: None,
        after: "{}".into(),
        why: None,
    }
}

async fn a_plan_is_written_read_and_applied_once(store: &Store) {
    let plan = store.sync().begin_plan(&corp(), 3, 4, NOW).await.unwrap();
    store.sync().extend_plan(plan, 0, &[row(1), row(2)]).await.unwrap();
    store.sync().extend_plan(plan, 2, &[row(3)]).await.unwrap();
    assert!(!store.sync().take_plan(plan, NOW).await.unwrap(), "not while it is being made");
    let counts = RunCounts { created: 3, ..RunCounts::default() };
    store.sync().finish_plan(plan, &counts).await.unwrap();
    let read = store.sync().plan(plan, NOW + 1).await.unwrap().expect("there");
    assert_eq!((read.directory, read.settings_generation, read.mirror_version), (corp(), 3, 4));
    assert_eq!((read.counts, read.applied_at), (Some(counts), None));
    assert_eq!(store.sync().plan_rows(plan, None, 2).await.unwrap(), [(0, row(1)), (1, row(2))]);
    assert_eq!(store.sync().plan_rows(plan, Some(1), 2).await.unwrap(), [(2, row(3))]);
    store.sync().extend_plan(plan, 9, &[row(4)]).await.unwrap();
    let behind = store.sync().plan_rows(plan, Some(2), 2).await.unwrap();
    assert_eq!(behind, [(9, row(4))], "what was erased leaves a gap");
    assert!(store.sync().take_plan(plan, NOW + 5).await.unwrap());
    assert!(!store.sync().take_plan(plan, NOW + 6).await.unwrap(), "once");
    assert_eq!(store.sync().plan(plan, NOW + 6).await.unwrap().unwrap().applied_at, Some(NOW + 5));
    assert_eq!(store.sync().plan(PlanId(99), NOW).await.unwrap(), None);
}

async fn the_losers_of_a_plan_are_listed_once(store: &Store) {
    use ChangeKind::{Created, ShareLeft, Suspended, Updated};
    let plan = store.sync().begin_plan(&corp(), 1, 1, NOW).await.unwrap();
    let other = store.sync().begin_plan(&corp(), 1, 1, NOW).await.unwrap();
    let row = |kind, account: &str| {
        let account = Some(AccountId(account.into())).filter(|id| !id.0.is_empty());
        PlanRow { account, kind, ..row(1) }
    };
    let kinds = [(ShareLeft, "c"), (ShareLeft, "c"), (Suspended, "c"), (Updated, "b"), (Created, "")];
    let mut rows: Vec<PlanRow> = kinds.map(|(kind, account)| row(kind, account)).into();
    rows.push(row(Suspended, "a"));
    store.sync().extend_plan(plan, 0, &rows).await.unwrap();
    store.sync().extend_plan(other, 0, &[row(Suspended, "d")]).await.unwrap();
    let losers = async |after: &str| store.sync().plan_losers(plan, after, 1).await.unwrap();
    assert_eq!(losers("").await, [AccountId("a".into())]);
    assert_eq!(losers("a").await, [AccountId("c".into())], "once, and neither who is updated nor created");
    assert!(losers("c").await.is_empty(), "nor of another plan");
    let left = store.sync().plan_rows_of(plan, Some(ShareLeft), Some(0), 9).await.unwrap();
    assert_eq!(left.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1]);
}

async fn a_plan_is_deleted_after_a_week(store: &Store) {
    let plan = store.sync().begin_plan(&corp(), 1, 1, NOW).await.unwrap();
    store.sync().extend_plan(plan, 0, &[row(1)]).await.unwrap();
    store.sync().finish_plan(plan, &RunCounts::default()).await.unwrap();
    assert!(store.sync().plan(plan, NOW + KEEP_PLANS - 1).await.unwrap().is_some());
    assert_eq!(store.sync().plan(plan, NOW + KEEP_PLANS).await.unwrap(), None);
    let expired = async |at| store.settings().expire(&SessionSettings::default(), at).await.unwrap().plans;
    assert_eq!(expired(NOW + KEEP_PLANS).await, 0, "its number is kept");
    assert!(store.sync().plan_rows(plan, None, 9).await.unwrap().is_empty());
    assert_eq!(store.sync().plan(plan, NOW + KEEP_PLANS).await.unwrap(), None);
    let later = store.sync().begin_plan(&corp(), 1, 1, NOW + KEEP_PLANS).await.unwrap();
    assert!(later.0 > plan.0, "no number is used twice: an approval may name it");
    assert_eq!(expired(NOW + KEEP_PLANS).await, 1);
}
