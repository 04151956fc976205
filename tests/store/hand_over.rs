//! Hand over an account to another entry.

use cloudsync_idp::domain::account::{AccountId, Link, Status, SuspendedBecause};
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::store::{HandOverOutcome, Store};

use super::{NOW, apply, change, corp, entry, event, on_both, person, profile};
use crate::support::rows::{AccountRows, LogRows};

on_both!(
    what_the_former_person_had_ends,
    an_account_in_use_or_an_entry_with_an_account_is_refused,
    email_keys_of_older_versions_are_updated
);

fn to(number: u128) -> Link {
    Link { directory: corp(), entry: entry(number), sid: None }
}

async fn suspended(store: &Store, number: u128, name: &str) -> AccountId {
    let id = person(store, number, name).await;
    apply(store, number, Action::Suspend(id.clone(), SuspendedBecause::OutOfScope, change(number, name)))
        .await;
    id
}

async fn what_the_former_person_had_ends(store: &Store) {
    let alice = suspended(store, 1, "alice").await;
    let before = store.identity().account(&alice).await.unwrap().expect("there");
    assert_eq!(store.identity().hand_over(&alice, &to(9), &event()).await.unwrap(), HandOverOutcome::Done);
    let after = store.identity().account(&alice).await.unwrap().expect("there");
    assert_eq!(after.link, Some(to(9)));
    assert!(after.generation > before.generation, "no sign-in in progress can finish");
    assert_eq!((after.status, after.seen_at, after.password_changed_at), (before.status, None, None));
    assert_eq!(store.identity().account_by_entry(&corp(), entry(1)).await.unwrap(), None);
    let history = store.sync().changes_page(Some(&alice), 1).await.unwrap();
    assert_eq!((history[0].kind.as_str(), history[0].run), ("handed_over", None));
    assert_eq!(
        store.identity().hand_over(&alice, &to(9), &event()).await.unwrap(),
        HandOverOutcome::EntryHas(alice)
    );
}

async fn an_account_in_use_or_an_entry_with_an_account_is_refused(store: &Store) {
    let alice = person(store, 1, "alice").await;
    assert_eq!(store.identity().hand_over(&alice, &to(9), &event()).await.unwrap(), HandOverOutcome::InUse);
    let bob = suspended(store, 2, "bob").await;
    assert_eq!(
        store.identity().hand_over(&bob, &to(1), &event()).await.unwrap(),
        HandOverOutcome::EntryHas(alice.clone())
    );
    let nobody = AccountId("x".into());
    assert_eq!(
        store.identity().hand_over(&nobody, &to(9), &event()).await.unwrap(),
        HandOverOutcome::Unknown
    );
    let loaded = AccountId("42".into());
    store.identity().import_accounts(vec![(loaded.clone(), profile("carol"))], &event(), NOW).await.unwrap();
    assert_eq!(store.identity().hand_over(&loaded, &to(3), &event()).await.unwrap(), HandOverOutcome::Done);
    let account = store.identity().account(&loaded).await.unwrap().expect("there");
    assert_eq!((account.status, account.link), (Status::Active, Some(to(3))));
    assert_eq!(
        store.identity().account(&alice).await.unwrap().expect("there").link.map(|link| link.entry),
        Some(entry(1))
    );
}

async fn email_keys_of_older_versions_are_updated(store: &Store) {
    let mut odd = profile("zoe");
    odd.email = "zoe@b\u{fc}cher.example".into();
    store.identity().import_accounts(vec![(AccountId("1".into()), odd)], &event(), NOW).await.unwrap();
    let found = store.identity().account_by_email("zoe@xn--bcher-kva.example").await.unwrap();
    assert_eq!(found.map(|account| account.id.0).as_deref(), Some("1"));
    let named = store.sync().accounts_named("ZOE@XN--bcher-kva.example").await.unwrap();
    assert_eq!(named, [AccountId("1".into())]);
}
