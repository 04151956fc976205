//! What a person has set up belongs to their entry alone: it comes back with the entry, and no other person
//! inherits it.

use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::factor::Remembered;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::store::{
    AddOutcome, Adding, AuditFilter, ChangeFilter, HandOverOutcome, RESETS_FACTORS, RunId, Store,
};

use super::factors::{browser, factor};
use super::undo::{decision, run, undo};
use super::{Fresh, NOW, change, corp, entry, event, hash, on_both, person, profile};

on_both!(
    the_person_of_another_entry_inherits_nothing,
    the_same_person_gets_everything_back,
    a_revert_that_returns_an_account_removes_what_others_set_up,
    factors_imported_before_the_first_link_stay,
);

fn old() -> AccountId {
    AccountId("old".into())
}

async fn loaded(store: &Store) {
    store.identity().import_accounts(vec![(old(), profile("carol"))], &event(), NOW).await.unwrap();
}

/// A run that links the account to this entry.
async fn link(store: &Store, number: u128) -> RunId {
    run(store, vec![decision(number, Action::Link(old(), change(number, "carol")))]).await
}

/// The person sets up a factor, recovery codes, an invitation and a remembered browser.
async fn set_up(store: &Store, id: &str, number: u8) {
    let generation = store.identity().account(&old()).await.unwrap().expect("there").generation;
    let codes: Vec<_> = (1..4).map(|code| hash(100 + 10 * number + code)).collect();
    let added = Event::new(NOW, Decision::FactorAdded);
    let outcome =
        store.identity().add_factor(&factor(&old(), id), Adding::First, generation, &codes, &added).await;
    assert_eq!(outcome.unwrap(), AddOutcome::Added);
    let remembered = Remembered { account_generation: generation, ..browser(&old(), number) };
    assert!(store.login().remember_browser(&remembered).await.unwrap());
    let invited = Event::new(NOW, Decision::InvitationMade);
    store.identity().invite(&old(), &hash(200 + number), NOW + DAY, &invited).await.unwrap();
}

/// The factors, the number of recovery codes, and whether browser and invitation are valid.
async fn has(store: &Store, number: u8) -> (Vec<String>, u32, bool, bool) {
    let factors =
        store.identity().factors(&old()).await.unwrap().into_iter().map(|factor| factor.id.0).collect();
    let codes = store.identity().recovery_codes_left(&old()).await.unwrap();
    let browser = store.login().remembered_browser(&hash(number)).await.unwrap().is_some();
    (factors, codes, browser, store.identity().invited_until(&old(), NOW).await.unwrap().is_some())
}

fn nothing() -> (Vec<String>, u32, bool, bool) {
    (Vec::new(), 0, false, false)
}

async fn resets(store: &Store) -> usize {
    let trail = store.login().audit_page(None, 99, &AuditFilter::Account(old())).await.unwrap();
    trail.iter().filter(|row| row.decision == "factors_reset").count()
}

async fn the_person_of_another_entry_inherits_nothing(store: &Store) {
    loaded(store).await;
    let first = link(store, 3).await;
    set_up(store, "f1", 1).await;
    undo(store, first).await;
    let before = store.identity().linked_before(&[old()]).await.unwrap();
    assert_eq!(before.get(&old()), Some(&(corp(), entry(3))));
    let generation = store.identity().account(&old()).await.unwrap().expect("there").generation;
    let second = link(store, 4).await;
    assert_eq!(has(store, 1).await, nothing());
    assert!(store.identity().account(&old()).await.unwrap().expect("there").generation > generation);
    assert_eq!(resets(store).await, 1);
    let all = ChangeFilter { run: Some(second), limit: 9, ..ChangeFilter::default() };
    let rows = store.sync().changes_of(&all).await.unwrap();
    assert_eq!((rows[0].kind.as_str(), rows[0].why.as_deref()), ("linked", Some(RESETS_FACTORS)));
    assert!(store.identity().linked_before(&[old()]).await.unwrap().is_empty());
}

async fn the_same_person_gets_everything_back(store: &Store) {
    loaded(store).await;
    let first = link(store, 3).await;
    set_up(store, "f1", 1).await;
    let all = (vec!["f1".to_owned()], 3, true, true);
    undo(store, first).await;
    let second = link(store, 3).await;
    assert_eq!((has(store, 1).await, resets(store).await), (all.clone(), 0));
    // Reverting the revert has the same result.
    let undone = undo(store, second).await;
    undo(store, undone).await;
    assert_eq!((has(store, 1).await, resets(store).await), (all, 0));
}

async fn a_revert_that_returns_an_account_removes_what_others_set_up(store: &Store) {
    loaded(store).await;
    let first = link(store, 3).await;
    let undone = undo(store, first).await;
    let second = link(store, 4).await;
    set_up(store, "f2", 2).await;
    undo(store, second).await;
    let back = undo(store, undone).await;
    let account = store.identity().account(&old()).await.unwrap().expect("there");
    assert_eq!(account.link.map(|link| link.entry), Some(entry(3)));
    assert_eq!((has(store, 2).await, resets(store).await), (nothing(), 2));
    // And so has a hand-over.
    set_up(store, "f3", 3).await;
    undo(store, back).await;
    assert_eq!(
        store.identity().hand_over(&old(), &change(5, "carol").link, &event()).await.unwrap(),
        HandOverOutcome::Done
    );
    assert_eq!(has(store, 3).await, nothing());
    assert!(store.identity().linked_before(&[old()]).await.unwrap().is_empty());
}

async fn factors_imported_before_the_first_link_stay(store: &Store) {
    loaded(store).await;
    let imported = Event::new(NOW, Decision::FactorsImported);
    store.identity().import_factors(&[factor(&old(), "f1")], &imported).await.unwrap();
    link(store, 3).await;
    assert_eq!(has(store, 1).await.0, ["f1"]);
    assert_eq!(resets(store).await, 0);
}

/// Removes the notes and what later versions added, and makes the store one of version 24.
async fn as_version_24(url: &str) {
    const OLDER: &[&str] = &[
        "UPDATE accounts SET linked_before_directory = NULL, linked_before_entry = NULL",
        "ALTER TABLE accounts DROP COLUMN title",
        "ALTER TABLE accounts DROP COLUMN department",
        "ALTER TABLE accounts DROP COLUMN employee_number",
        "ALTER TABLE accounts DROP COLUMN phone_number",
        "ALTER TABLE accounts DROP COLUMN locale",
        "ALTER TABLE accounts DROP COLUMN profile_changed_at",
        "ALTER TABLE mirror_cursors DROP COLUMN attributes",
        "DROP TABLE account_words",
        "DROP TABLE audit_chain",
        "DROP TABLE audit_chain_ends",
        "DROP TABLE audit_checks",
        "DROP TABLE audit_hours",
        "DROP TABLE measured_hours",
        "DROP INDEX audit_by_decision",
        "DROP INDEX audit_by_actor",
        "DROP INDEX accounts_active",
        "DROP INDEX accounts_by_factor",
        "ALTER TABLE invitations DROP COLUMN issuer_role",
        "ALTER TABLE accounts DROP COLUMN has_factor",
        "DROP INDEX mirror_objects_people",
        "DROP INDEX changes_by_kind",
        "DROP TABLE admin_sessions",
        "DROP TABLE admin_drafts",
        "DROP TABLE admin_tasks",
        "DROP TABLE admin_idempotency",
        "DROP TABLE admin_links",
        "DROP TABLE directory_certificates",
        "DROP TABLE approvals",
        "DROP INDEX plan_rows_by_kind",
        "DROP INDEX plan_rows_of_losers",
        "ALTER TABLE sessions DROP COLUMN factor_at",
        "ALTER TABLE audit DROP COLUMN actor",
        "ALTER TABLE audit DROP COLUMN role",
        "ALTER TABLE held DROP COLUMN what_since",
        "ALTER TABLE held DROP COLUMN rejected_by",
        "ALTER TABLE held DROP COLUMN rejected_at",
        "ALTER TABLE runs DROP COLUMN stopped_by",
        "DROP INDEX conflicts_by_name",
        "DROP TABLE deliveries",
        "DROP TABLE delivery_comparisons",
        "DROP TABLE delivery_findings",
        "DROP TABLE delivery_listed",
        "DROP TABLE delivery_log",
        "DROP TABLE delivery_targets",
        "DROP TABLE client_sessions",
        "DROP TABLE logout_deliveries",
        "DROP TABLE lock_downs",
        "DROP TABLE agents",
        "DROP TABLE agent_tunnels",
    ];
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let file = rusqlite::Connection::open(path).expect("the file opens");
            file.execute_batch(&format!("{}; PRAGMA user_version = 24;", OLDER.join("; ")))
                .expect("it is older");
        }
        None => {
            let pool = sqlx::PgPool::connect(url).await.expect("a connection");
            for sql in OLDER.iter().copied().chain(["DELETE FROM _sqlx_migrations WHERE version > 24"]) {
                sqlx::query(sql).execute(&pool).await.expect("it is older");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_notes_the_entries_of_links_that_were_cut_before() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        loaded(&fresh.store).await;
        let stays = person(&fresh.store, 7, "dora").await;
        for number in [3, 4] {
            let run = link(&fresh.store, number).await;
            undo(&fresh.store, run).await;
        }
        as_version_24(&fresh.url).await;
        let upgraded = Store::open(&fresh.url).await.expect("it opens");
        let noted = upgraded.identity().linked_before(&[old(), stays]).await.unwrap();
        assert_eq!(noted.into_iter().collect::<Vec<_>>(), [(old(), (corp(), entry(4)))]);
    }
}
