//! What the panel counts before an admin changes something.

use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::store::{ExchangeOutcome, Store};

use super::factors::equipped;
use super::{
    CHECKS, NOW, apply, change, corp, entry, event, first_settings, grant, on_both, person, signed_in,
};

on_both!(people_without_a_factor_are_counted, living_grants_of_a_client_are_counted);

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
