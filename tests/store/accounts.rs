//! Accounts: finding them, importing them, paging.

use cloudsync_idp::domain::account::{AccountId, Profile, Status};
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::store::{AppliedKind, ImportConflict, LeftOut, Store};

use super::{NOW, apply, change, corp, entry, event, on_both, person, profile};

on_both!(
    an_account_is_found_by_each_of_its_names,
    an_import_a_second_time_changes_nothing,
    a_mail_that_another_account_has_is_left_out,
    a_linked_account_is_no_more_the_files_to_change,
    accounts_are_paged_by_id,
    a_page_of_a_run_reads_all_that_bears_on_it,
    being_seen_ends_nothing,
    a_text_with_a_nul_is_kept_without_it,
);

fn id(text: &str) -> AccountId {
    AccountId(text.into())
}

async fn an_account_is_found_by_each_of_its_names(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let account = store.account(&alice).await.unwrap().expect("by id");
    assert_eq!(account.profile, profile("alice"));
    assert_eq!(account.link, Some(change(1, "alice").link));
    assert_eq!((account.status, account.generation, account.seen_at), (Status::Active, 1, Some(NOW)));
    assert_eq!(store.account_by_entry(&corp(), entry(1)).await.unwrap().as_ref(), Some(&account));
    assert_eq!(store.account_by_email("alice@example.com").await.unwrap().as_ref(), Some(&account));
    assert_eq!(store.account(&id("nobody")).await.unwrap(), None);
    assert_eq!(store.account_by_entry(&corp(), entry(2)).await.unwrap(), None);
    assert_eq!(store.count_linked(&corp()).await.unwrap(), 1);
}

async fn an_import_a_second_time_changes_nothing(store: &Store) {
    let file = || vec![(id("a"), profile("alice")), (id("b"), profile("bob"))];
    let first = store.import_accounts(file(), &event(), NOW).await.unwrap();
    assert_eq!((first.created, first.updated, first.unchanged), (2, 0, 0));
    let second = store.import_accounts(file(), &event(), NOW).await.unwrap();
    assert_eq!((second.created, second.updated, second.unchanged), (0, 0, 2));
    let third = vec![(id("a"), Profile { name: Some("Alice A.".into()), ..profile("alice") })];
    assert_eq!(store.import_accounts(third, &event(), NOW).await.unwrap().updated, 1);
    let alice = store.account(&id("a")).await.unwrap().expect("there");
    assert_eq!((alice.profile.name.as_deref(), alice.link), (Some("Alice A."), None));
}

async fn a_mail_that_another_account_has_is_left_out(store: &Store) {
    let file = vec![(id("a"), profile("alice")), (id("b"), profile("ALICE")), (id("c"), profile("carol"))];
    let outcome = store.import_accounts(file, &event(), NOW).await.unwrap();
    assert_eq!(outcome.created, 2);
    let conflict =
        ImportConflict { id: id("b"), email: "ALICE@Example.com".into(), why: LeftOut::EmailOf(id("a")) };
    assert_eq!(outcome.conflicts, [conflict]);
}

async fn a_linked_account_is_no_more_the_files_to_change(store: &Store) {
    store.import_accounts(vec![(id("a"), profile("alice"))], &event(), NOW).await.unwrap();
    let linked = apply(store, 1, Action::Link(id("a"), change(1, "alice"))).await;
    assert_eq!(linked.kind, AppliedKind::Linked);
    let renamed = vec![(id("a"), Profile { name: Some("Other".into()), ..profile("alice") })];
    assert_eq!(store.import_accounts(renamed, &event(), NOW).await.unwrap().unchanged, 1);
    let alice = store.account(&id("a")).await.unwrap().expect("there");
    assert_eq!(alice.profile.name.as_deref(), Some("ALICE"));
}

async fn accounts_are_paged_by_id(store: &Store) {
    let file = (0..25).map(|number| (id(&format!("id{number:02}")), profile(&format!("p{number}"))));
    store.import_accounts(file.collect(), &event(), NOW).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let page = store.accounts_page(seen.last(), 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|account| account.id));
    }
    let expected: Vec<_> = (0..25).map(|number| id(&format!("id{number:02}"))).collect();
    assert_eq!(seen, expected);
}

async fn a_page_of_a_run_reads_all_that_bears_on_it(store: &Store) {
    for (number, name) in [(1, "alice"), (2, "bob"), (3, "carol")] {
        person(store, number, name).await;
    }
    let entries: Vec<_> = (1..=500).filter(|number| *number != 2).map(entry).collect();
    let mails: Vec<_> = ["bob@example.com", "nobody@example.com"].map(String::from).into();
    let (linked, owners) = store.held_for(&corp(), &entries, &mails).await.unwrap();
    let names = |accounts: Vec<cloudsync_idp::domain::account::Account>| {
        let mut names: Vec<_> =
            accounts.into_iter().filter_map(|account| account.profile.login_name).collect();
        names.sort();
        names
    };
    assert_eq!(names(linked), ["alice", "carol"]);
    assert_eq!(names(owners), ["bob"]);
    let (linked, owners) = store.held_for(&corp(), &[], &[]).await.unwrap();
    assert!(linked.is_empty() && owners.is_empty());
}

async fn being_seen_ends_nothing(store: &Store) {
    let alice = person(store, 1, "alice").await;
    store.confirm_seen(&alice, NOW + 5).await.unwrap();
    store.confirm_seen(&alice, NOW + 3).await.unwrap();
    let account = store.account(&alice).await.unwrap().expect("there");
    assert_eq!((account.seen_at, account.generation), (Some(NOW + 5), 1));
}

async fn a_text_with_a_nul_is_kept_without_it(store: &Store) {
    let odd = Profile { name: Some("A\0B".into()), ..profile("alice") };
    store.import_accounts(vec![(id("a"), odd)], &event(), NOW).await.unwrap();
    let account = store.account(&id("a")).await.unwrap().expect("there");
    assert_eq!(account.profile.name.as_deref(), Some("A\u{fffd}B"));
}
