//! A sign-in that meets a revert: nothing that the revert restored is written over.

use cloudsync_idp::domain::account::{Account, AccountId};
use cloudsync_idp::domain::reconcile::{Action, Change};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{Applied, AppliedKind, HeldBack, Loss, Store, Verdicts};
use sqlx::{Connection, PgConnection};

use super::signed_in;
use super::undo::{decision, run, undo};
use super::{
    CHECKS, Fresh, NOW, change, corp, entry, event, first_settings, grant, on_both, person, profile,
};
use crate::support::rows::{Decisions, LogRows};

on_both!(
    a_revert_between_decision_and_writing_wins,
    of_a_paused_person_only_what_lets_nobody_in_is_written,
    what_an_administrator_approved_is_written_while_paused,
    a_confirmation_does_not_undo_what_happened_meanwhile,
    a_held_person_is_not_reported_as_unchanged,
);

async fn account(store: &Store, id: &AccountId) -> Account {
    store.identity().account(id).await.unwrap().expect("there")
}

/// What a sign-in writes for a person with a new name, a Team Share and a new password.
fn renamed(id: &AccountId, name: &str) -> Verdicts {
    let change = Change { profile: Some(profile(name)), ..change(1, "alice") };
    let share = Share { team_share: "Press".into(), group: entry(9) };
    let joined = vec![ShareChange { share, why: "member of CN=g9".into() }];
    Verdicts {
        unless_paused: true,
        batch: vec![decision(1, Action::Update(id.clone(), change))],
        shares: [(entry(1), ShareDiff { joined, left: Vec::new() })].into(),
        renewed: vec![(id.clone(), NOW + 5)],
        ..Verdicts::default()
    }
}

async fn a_revert_between_decision_and_writing_wins(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let changed = Change { profile: Some(profile("alicia")), ..change(1, "alice") };
    let wrong = run(store, vec![decision(1, Action::Update(alice.clone(), changed))]).await;
    let decided = renamed(&alice, "alina");
    undo(store, wrong).await;
    let reverted = account(store, &alice).await;
    assert_eq!(reverted.profile, profile("alice"));
    let changes = store.sync().changes_page(None, 100).await.unwrap().len();
    let applied = store.sync().apply_verdicts(None, &corp(), decided, NOW + 9).await.unwrap();
    assert!(matches!(&applied, Applied::Paused(pause) if pause.why.contains("was reverted")), "{applied:?}");
    let now = account(store, &alice).await;
    assert_eq!(now, Account { password_changed_at: Some(NOW + 5), ..reverted });
    assert!(store.sync().shares_of(&alice).await.unwrap().is_empty());
    assert_eq!(store.sync().changes_page(None, 100).await.unwrap().len(), changes);
}

async fn of_a_paused_person_only_what_lets_nobody_in_is_written(store: &Store) {
    first_settings(store).await;
    let (alice, bob) = (person(store, 1, "alice").await, person(store, 2, "bob").await);
    let session = signed_in(store, &alice, 1).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    store.sync().pause(&corp(), NOW).await.unwrap();
    let mut decided = renamed(&alice, "alicia");
    decided.batch.push(decision(2, Action::Keep(bob.clone())));
    let applied = store.sync().apply_verdicts(None, &corp(), decided, NOW + 9).await.unwrap();
    assert!(matches!(applied, Applied::Paused(_)));
    let now = account(store, &alice).await;
    assert_eq!((now.profile, now.seen_at), (profile("alice"), None), "judged on a live read until then");
    assert!(store.login().session(&session.id_hash).await.unwrap().is_none(), "of the older password");
    let grant = store.login().grant(&grant(&session, "g", Some(1)).id).await.unwrap().expect("there");
    assert_eq!(grant.revoked_at, Some(NOW + 9));
    assert_eq!(account(store, &bob).await.seen_at, Some(NOW), "an account that agrees stays as it is");
}

async fn what_an_administrator_approved_is_written_while_paused(store: &Store) {
    let alice = person(store, 1, "alice").await;
    store.sync().pause(&corp(), NOW).await.unwrap();
    let approved = Verdicts { unless_paused: false, ..renamed(&alice, "alicia") };
    store.sync().applied(None, &corp(), approved, NOW + 9).await.unwrap();
    assert_eq!(account(store, &alice).await.profile, profile("alicia"));
    assert_eq!(store.sync().team_shares(&alice).await.unwrap(), ["Press"]);
}

/// A sign-in that found nothing to change, while a run held the person.
async fn a_confirmation_does_not_undo_what_happened_meanwhile(store: &Store) {
    let alice = person(store, 1, "alice").await;
    store.identity().confirm_seen(&alice, NOW + 3).await.unwrap();
    assert_eq!(account(store, &alice).await.seen_at, Some(NOW + 3));
    store.sync().unconfirm(account(store, &alice).await, NOW + 4).await.unwrap();
    store.identity().confirm_seen(&alice, NOW + 5).await.unwrap();
    assert_eq!(account(store, &alice).await.seen_at, None);
}

async fn a_held_person_is_not_reported_as_unchanged(store: &Store) {
    let (alice, bob) = (person(store, 1, "alice").await, person(store, 2, "bob").await);
    let what = Loss { suspend: None, shares: vec!["Press".into()] };
    let held = HeldBack { entry: entry(1), account: alice.clone(), login_name: "alice".into(), what };
    let batch = vec![decision(1, Action::Keep(alice)), decision(2, Action::Keep(bob))];
    let verdicts = Verdicts { batch, held: vec![held], ..Verdicts::default() };
    let done = store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap();
    assert_eq!(done.iter().map(|one| one.kind).collect::<Vec<_>>(), [AppliedKind::Held, AppliedKind::Kept]);
}

/// The pause is not there yet when the sign-in begins to write, and the revert has the account.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_waits_for_a_revert_changes_nothing_on_postgresql() {
    let fresh = Fresh::postgres().await;
    let alice = person(&fresh.store, 1, "alice").await;
    let mut revert = PgConnection::connect(&fresh.url).await.unwrap();
    let pause = format!("INSERT INTO paused (directory, why, since) VALUES ('corp', 'a test', {NOW})");
    let restore = format!("UPDATE accounts SET login_name = 'restored' WHERE id = '{alice}'");
    for sql in ["BEGIN", &pause, &restore] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut revert).await.unwrap();
    }
    let (store, decided) = (fresh.store.clone(), renamed(&alice, "alicia"));
    let writes =
        tokio::spawn(async move { store.sync().apply_verdicts(None, &corp(), decided, NOW + 9).await });
    let mut own = PgConnection::connect(&fresh.url).await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut own).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    sqlx::raw_sql("COMMIT").execute(&mut revert).await.unwrap();
    assert!(matches!(writes.await.unwrap().unwrap(), Applied::Paused(_)));
    let now = account(&fresh.store, &alice).await;
    assert_eq!(now.profile.login_name.as_deref(), Some("restored"));
    assert_eq!((now.profile.email, now.seen_at), (profile("alice").email, None));
}

/// SQLite has one writer: the sign-in begins when the revert has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_waits_for_a_revert_changes_nothing_on_sqlite() {
    let fresh = Fresh::sqlite().await;
    let alice = person(&fresh.store, 1, "alice").await;
    let path = fresh.url.strip_prefix("sqlite:").expect("a path");
    let revert = rusqlite::Connection::open(path).unwrap();
    revert
        .execute_batch(&format!(
            "BEGIN IMMEDIATE; INSERT INTO paused (directory, why, since) VALUES ('corp', 'a test', {NOW}); \
             UPDATE accounts SET login_name = 'restored' WHERE id = '{alice}'"
        ))
        .unwrap();
    let (store, decided) = (fresh.store.clone(), renamed(&alice, "alicia"));
    let writes =
        tokio::spawn(async move { store.sync().apply_verdicts(None, &corp(), decided, NOW + 9).await });
    tokio::task::yield_now().await;
    revert.execute_batch("COMMIT").unwrap();
    assert!(matches!(writes.await.unwrap().unwrap(), Applied::Paused(_)));
    assert_eq!(account(&fresh.store, &alice).await.profile.login_name.as_deref(), Some("restored"));
}
