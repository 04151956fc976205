//! Find, import and page through accounts.

use std::task::Poll;

use cloudsync_idp::domain::account::{AccountId, Profile, Status};
use cloudsync_idp::domain::profile::ProfileAttribute;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::store::{AppliedKind, ImportConflict, LeftOut, LoadedAccount, Store};

use super::{NOW, apply, change, corp, entry, event, on_both, person, profile};
use crate::support::rows::AccountRows;

on_both!(
    an_account_is_found_by_each_of_its_names,
    an_import_a_second_time_changes_nothing,
    an_account_with_a_taken_email_address_is_left_out,
    an_import_does_not_change_a_linked_account,
    a_line_without_a_guid_removes_the_mapping,
    two_lines_swap_their_entries,
    a_line_that_is_left_out_keeps_its_mapping,
    a_line_that_takes_the_entry_of_an_account_left_out_is_left_out_too,
    an_interrupted_import_changes_no_mapping,
    accounts_are_paged_by_id,
    a_page_of_a_run_reads_all_accounts_concerned,
    being_seen_ends_nothing,
    a_text_with_a_nul_is_stored_without_it,
);

fn id(text: &str) -> AccountId {
    AccountId(text.into())
}

/// The profile of `alice` with another name.
fn named(name: &str) -> Profile {
    let mut profile = profile("alice");
    profile.attributes.set(ProfileAttribute::Name, Some(name.to_owned()));
    profile
}

async fn an_account_is_found_by_each_of_its_names(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let account = store.identity().account(&alice).await.unwrap().expect("by id");
    assert_eq!(account.profile, profile("alice"));
    assert_eq!(account.link, Some(change(1, "alice").link));
    assert_eq!((account.status, account.generation, account.seen_at), (Status::Active, 1, Some(NOW)));
    assert_eq!(store.identity().account_by_entry(&corp(), entry(1)).await.unwrap().as_ref(), Some(&account));
    assert_eq!(
        store.identity().account_by_email("alice@example.com").await.unwrap().as_ref(),
        Some(&account)
    );
    assert_eq!(store.identity().account(&id("nobody")).await.unwrap(), None);
    assert_eq!(store.identity().account_by_entry(&corp(), entry(2)).await.unwrap(), None);
    assert_eq!(store.identity().count_linked(&corp()).await.unwrap(), 1);
}

async fn an_import_a_second_time_changes_nothing(store: &Store) {
    let file = || vec![(id("a"), profile("alice")), (id("b"), profile("bob"))];
    let first = store.identity().import_accounts(file(), &event(), NOW).await.unwrap();
    assert_eq!((first.created, first.updated, first.unchanged), (2, 0, 0));
    let second = store.identity().import_accounts(file(), &event(), NOW).await.unwrap();
    assert_eq!((second.created, second.updated, second.unchanged), (0, 0, 2));
    let third = vec![(id("a"), named("Alice A."))];
    assert_eq!(store.identity().import_accounts(third, &event(), NOW).await.unwrap().updated, 1);
    let alice = store.identity().account(&id("a")).await.unwrap().expect("there");
    assert_eq!((alice.profile.name(), alice.link), (Some("Alice A."), None));
}

async fn an_account_with_a_taken_email_address_is_left_out(store: &Store) {
    let file = vec![(id("a"), profile("alice")), (id("b"), profile("ALICE")), (id("c"), profile("carol"))];
    let outcome = store.identity().import_accounts(file, &event(), NOW).await.unwrap();
    assert_eq!(outcome.created, 2);
    let conflict =
        ImportConflict { id: id("b"), email: "ALICE@Example.com".into(), why: LeftOut::EmailOf(id("a")) };
    assert_eq!(outcome.conflicts, [conflict]);
}

async fn an_import_does_not_change_a_linked_account(store: &Store) {
    store.identity().import_accounts(vec![(id("a"), profile("alice"))], &event(), NOW).await.unwrap();
    let linked = apply(store, 1, Action::Link(id("a"), change(1, "alice"))).await;
    assert_eq!(linked.kind, AppliedKind::Linked);
    let renamed = vec![(id("a"), named("Other"))];
    assert_eq!(store.identity().import_accounts(renamed, &event(), NOW).await.unwrap().unchanged, 1);
    let alice = store.identity().account(&id("a")).await.unwrap().expect("there");
    assert_eq!(alice.profile.name(), Some("ALICE"));
}

fn line(account: &str, number: Option<u128>) -> LoadedAccount {
    let entry = number.map(|number| (corp(), entry(number)));
    LoadedAccount { id: id(account), profile: profile(account), entry }
}

/// The accounts that are mapped to the entries 1 to 3.
async fn mapped(store: &Store) -> [Option<String>; 3] {
    let mapped = store.identity().mapped_to(&corp(), &[1, 2, 3].map(entry)).await.unwrap();
    [1, 2, 3].map(|number| mapped.get(&entry(number)).map(|account| account.id.0.clone()))
}

fn names(all: [&str; 3]) -> [Option<String>; 3] {
    all.map(|name| Some(name.to_owned()).filter(|name| !name.is_empty()))
}

async fn a_line_without_a_guid_removes_the_mapping(store: &Store) {
    let file = vec![line("a", Some(1)), line("b", Some(2)), line("c", None)];
    store.identity().import_accounts(file, &event(), NOW).await.unwrap();
    assert_eq!(mapped(store).await, names(["a", "b", ""]));
    let outcome = store
        .identity()
        .import_accounts(vec![line("a", None), line("c", None)], &event(), NOW)
        .await
        .unwrap();
    assert_eq!((outcome.created, outcome.updated, outcome.unchanged), (0, 1, 1));
    assert_eq!(
        mapped(store).await,
        names(["", "b", ""]),
        "an account that is not in the file keeps its mapping"
    );
    assert!(store.identity().mapped_among(&[id("a")]).await.unwrap().is_empty());
    let again = store.identity().import_accounts(vec![line("c", Some(1))], &event(), NOW).await.unwrap();
    assert_eq!((again.updated, again.conflicts.len()), (1, 0), "the entry is free for another account");
}

async fn two_lines_swap_their_entries(store: &Store) {
    let file = |a, b| vec![line("a", a), line("b", b), line("c", Some(3))];
    store.identity().import_accounts(file(Some(1), Some(2)), &event(), NOW).await.unwrap();
    let swapped = store.identity().import_accounts(file(Some(2), Some(1)), &event(), NOW).await.unwrap();
    assert_eq!(swapped.conflicts, []);
    assert_eq!((swapped.updated, swapped.unchanged), (2, 1));
    assert_eq!(mapped(store).await, names(["b", "a", "c"]));
    let again = store.identity().import_accounts(file(Some(2), Some(1)), &event(), NOW).await.unwrap();
    assert_eq!((again.updated, again.unchanged), (0, 3));
    let given_on = store.identity().import_accounts(file(None, Some(2)), &event(), NOW).await.unwrap();
    assert_eq!((given_on.conflicts.len(), given_on.updated), (0, 2));
    assert_eq!(mapped(store).await, names(["", "b", "c"]));
}

async fn a_line_that_is_left_out_keeps_its_mapping(store: &Store) {
    store
        .identity()
        .import_accounts(vec![line("a", Some(1)), line("b", Some(2))], &event(), NOW)
        .await
        .unwrap();
    let taken = |account: &str, number| LoadedAccount { profile: profile("b"), ..line(account, number) };
    let outcome = store.identity().import_accounts(vec![taken("a", None)], &event(), NOW).await.unwrap();
    assert_eq!((outcome.conflicts.len(), outcome.updated), (1, 0));
    assert_eq!(mapped(store).await, names(["a", "b", ""]));
}

/// Each order of the lines: a line may take an entry before or after the line of the account that keeps it.
async fn a_line_that_takes_the_entry_of_an_account_left_out_is_left_out_too(store: &Store) {
    let import = async |file| store.identity().import_accounts(file, &event(), NOW).await.unwrap();
    import(vec![line("a", Some(1)), line("b", Some(2)), line("c", Some(3)), line("x", None)]).await;
    // The address of "a" belongs to "x", so "a" keeps entry 1, "b" entry 2 and "c" entry 3.
    let wrong = LoadedAccount { profile: profile("x"), ..line("a", Some(3)) };
    let mut file = vec![wrong, line("b", Some(1)), line("c", Some(2)), line("d", None)];
    for round in 0..4 {
        let outcome = import(file.clone()).await;
        let mut why: Vec<_> = outcome.conflicts.into_iter().map(|one| (one.id.0, one.why)).collect();
        why.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [
            ("a".to_owned(), LeftOut::EmailOf(id("x"))),
            ("b".to_owned(), LeftOut::EntryOf(id("a"))),
            ("c".to_owned(), LeftOut::EntryOf(id("b"))),
        ];
        assert_eq!(why, expected);
        assert_eq!((outcome.created, outcome.updated), (u64::from(round == 0), 0));
        assert_eq!(mapped(store).await, names(["a", "b", "c"]));
        file.rotate_left(1);
    }
    let outcome = import(vec![line("a", Some(3)), line("b", Some(1)), line("c", Some(2))]).await;
    assert_eq!((outcome.conflicts.len(), outcome.updated), (0, 3), "the corrected file");
    assert_eq!(mapped(store).await, names(["b", "c", "a"]));
}

/// An import that is interrupted at any point has changed nothing, or everything during the commit.
async fn an_interrupted_import_changes_no_mapping(store: &Store) {
    let file = |a, b| vec![line("a", Some(a)), line("b", Some(b))];
    store.identity().import_accounts(file(1, 2), &event(), NOW).await.unwrap();
    for polls in 1.. {
        let event = event();
        let identity = store.identity();
        let mut import = std::pin::pin!(identity.import_accounts(file(2, 1), &event, NOW));
        let mut left = polls;
        let cut_off = std::future::poll_fn(|context| match left {
            0 => Poll::Ready(None),
            _ => {
                left -= 1;
                import.as_mut().poll(context).map(Some)
            }
        });
        match cut_off.await {
            None if mapped(store).await == names(["b", "a", ""]) => {
                assert!(polls > 5, "it was interrupted at many points: {polls}");
                break;
            }
            None => assert_eq!(mapped(store).await, names(["a", "b", ""]), "after {polls} steps"),
            Some(outcome) => {
                assert_eq!(outcome.unwrap().updated, 2);
                assert!(polls > 5, "it was interrupted at many points: {polls}");
                break;
            }
        }
    }
    assert_eq!(mapped(store).await, names(["b", "a", ""]));
}

async fn accounts_are_paged_by_id(store: &Store) {
    let file = (0..25).map(|number| (id(&format!("id{number:02}")), profile(&format!("p{number}"))));
    store.identity().import_accounts(file.collect(), &event(), NOW).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let page = store.identity().accounts_page(seen.last(), 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|account| account.id));
    }
    let expected: Vec<_> = (0..25).map(|number| id(&format!("id{number:02}"))).collect();
    assert_eq!(seen, expected);
}

async fn a_page_of_a_run_reads_all_accounts_concerned(store: &Store) {
    for (number, name) in [(1, "alice"), (2, "bob"), (3, "carol")] {
        person(store, number, name).await;
    }
    let entries: Vec<_> = (1..=500).filter(|number| *number != 2).map(entry).collect();
    let emails: Vec<_> = ["bob@example.com", "nobody@example.com"].map(String::from).into();
    let found = store.identity().accounts_for(&corp(), &entries, &emails).await.unwrap();
    let names = |accounts: Vec<cloudsync_idp::domain::account::Account>| {
        let mut names: Vec<_> =
            accounts.into_iter().filter_map(|account| account.profile.login_name).collect();
        names.sort();
        names
    };
    assert_eq!(names(found.linked), ["alice", "carol"]);
    assert_eq!(names(found.email_owners), ["bob"]);
    let found = store.identity().accounts_for(&corp(), &[], &[]).await.unwrap();
    assert!(found.linked.is_empty() && found.email_owners.is_empty());
}

async fn being_seen_ends_nothing(store: &Store) {
    let alice = person(store, 1, "alice").await;
    store.identity().confirm_seen(&alice, NOW + 5).await.unwrap();
    store.identity().confirm_seen(&alice, NOW + 3).await.unwrap();
    let account = store.identity().account(&alice).await.unwrap().expect("there");
    assert_eq!((account.seen_at, account.generation), (Some(NOW + 5), 1));
}

async fn a_text_with_a_nul_is_stored_without_it(store: &Store) {
    let odd = named("A\0B");
    store.identity().import_accounts(vec![(id("a"), odd)], &event(), NOW).await.unwrap();
    let account = store.identity().account(&id("a")).await.unwrap().expect("there");
    assert_eq!(account.profile.name(), Some("A\u{fffd}B"));
}
