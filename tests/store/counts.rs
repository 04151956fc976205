//! What the panel counts before an admin changes something.

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::enrolment::EnrolmentList;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::store::{Adding, ExchangeOutcome, Store};

use super::factors::{equipped, factor};
use super::{
    CHECKS, NOW, apply, change, corp, entry, event, first_settings, grant, on_both, person, signed_in,
};

on_both!(
    people_without_a_factor_are_counted,
    who_has_a_factor_follows_each_change,
    a_headcount_includes_the_last_write,
    living_grants_of_a_client_are_counted,
);

async fn people_without_a_factor_are_counted(store: &Store) {
    assert_eq!(store.identity().count_people().await.unwrap(), (0, 0));
    equipped(store).await;
    for (number, name) in [(2, "bob"), (3, "carol")] {
        person(store, number, name).await;
    }
    let dave = person(store, 4, "dave").await;
    apply(store, 4, Action::Suspend(dave, SuspendedBecause::OutOfScope, change(4, "dave"))).await;
    assert_eq!(
        store.identity().count_people().await.unwrap(),
        (3, 1),
        "active accounts, and those with a factor"
    );
    let among = async |numbers: &[u128]| {
        let entries: Vec<_> = numbers.iter().map(|number| entry(*number)).collect();
        store.identity().count_without_factor(&corp(), &entries).await.unwrap()
    };
    for (numbers, count) in [(&[][..], 0), (&[1], 0), (&[1, 2], 1), (&[1, 2, 3, 4, 5], 2), (&[4, 5], 0)] {
        assert_eq!(among(numbers).await, count, "{numbers:?}");
    }
}

async fn who_has_a_factor_follows_each_change(store: &Store) {
    equipped(store).await;
    let listed = async |enrolled| {
        store
            .identity()
            .enrolment_page(EnrolmentList { enrolled, ..EnrolmentList::default() }, "", 9, NOW)
            .await
            .unwrap()
    };
    let [alice] = &listed(true).await[..] else { panic!("one has a factor") };
    let alice = alice.account.id.clone();
    let factors = store.identity().factors(&alice).await.unwrap();
    let [first] = &factors[..] else { panic!("one factor") };
    let generation = store.identity().account(&alice).await.unwrap().expect("there").generation;
    let second = factor(&alice, "second");
    store.identity().add_factor(&second, Adding::Another, generation, &[], &event()).await.unwrap();
    assert!(store.identity().remove_factor(&alice, &first.id, true, &event()).await.unwrap());
    assert_eq!(store.identity().count_people().await.unwrap(), (1, 1), "one is left");
    assert!(store.identity().remove_factor(&alice, &second.id, true, &event()).await.unwrap());
    assert_eq!((listed(true).await.len(), listed(false).await.len()), (0, 1), "the last one is removed");
    store.identity().import_factors(&[factor(&alice, "third")], &event()).await.unwrap();
    assert_eq!((listed(true).await.len(), listed(false).await.len()), (1, 0), "imported");
    store.identity().reset_factors(&alice, &event()).await.unwrap();
    assert_eq!((listed(true).await.len(), listed(false).await.len()), (0, 1), "reset");
}

async fn a_headcount_includes_the_last_write(store: &Store) {
    let accounts = async || store.sync().headcount(&corp()).await.unwrap().accounts;
    assert_eq!(accounts().await, 0);
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    assert_eq!(accounts().await, 2, "created");
    apply(store, 2, Action::Suspend(bob.clone(), SuspendedBecause::OutOfScope, change(2, "bob"))).await;
    assert_eq!(accounts().await, 1, "suspended by a sync");
    let suspended = Event::new(NOW, Decision::PersonSuspended);
    store.identity().suspend_here(&alice, &suspended).await.unwrap();
    assert_eq!(accounts().await, 0, "suspended by an administrator");
    store.identity().reactivate(&alice, &Event::new(NOW, Decision::PersonReactivated)).await.unwrap();
    assert_eq!(accounts().await, 1, "active again");
    let erased = Event::new(NOW, Decision::AccountErased);
    store.identity().purge(&alice, true, &erased).await.unwrap();
    assert_eq!(accounts().await, 0, "erased");
}

async fn living_grants_of_a_client_are_counted(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let session = signed_in(store, &alice, 1).await;
    for id in ["a", "b", "c"] {
        let given = grant(&session, id, None);
        assert_eq!(
            store.login().exchange(&given, CHECKS, &event()).await.unwrap(),
            ExchangeOutcome::Exchanged
        );
    }
    let given = grant(&session, "a", None);
    store.login().revoke_grant(&given.id, given.expires_at, &event()).await.unwrap();
    let count = async |client: &str, now| store.login().count_grants(client, now).await.unwrap();
    assert_eq!((count("cloudsync", NOW).await, count("other", NOW).await), (2, 0));
    assert_eq!(count("cloudsync", given.expires_at).await, 0, "expired");
}
