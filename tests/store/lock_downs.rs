//! A person is locked down in one transaction; ordered again, what is not confirmed is repeated.

use cloudsync_idp::domain::account::{AccountId, Status, SuspendedBecause};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::delivery::{Known, Place, RemoteId, Row, Subject, Urgency};
use cloudsync_idp::domain::grant::Grant;
use cloudsync_idp::domain::lock_down::EndedHere;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::domain::{DAY, MINUTE, Millis};
use cloudsync_idp::store::{AuditFilter, DeliveryTarget, LockDownRow, Store, StoredDelivery};

use super::{CHECKS, NOW, apply, change, event, first_settings, grant, hash, on_both, person, signed_in};
use crate::support::desk;

on_both!(
    everything_that_a_person_has_opened_ends_at_once,
    a_second_order_repeats_what_is_not_confirmed,
    each_service_is_asked_before_it_counts_as_told,
    nobody_concludes_what_was_ordered_again,
    it_is_forgotten_with_the_suspension_or_the_account,
);

const TARGET: &str = "service";

async fn alice(store: &Store) -> AccountId {
    first_settings(store).await;
    let target = DeliveryTarget {
        id: TARGET.into(),
        base_url: "https://service.example/scim".into(),
        delivered: String::new(),
    };
    store.delivery().set_targets(&[target], NOW).await.unwrap();
    person(store, 1, "alice").await
}

fn ordered(at: Millis) -> Event {
    Event::new(at, Decision::PersonLockedDown).by(&desk())
}

async fn lock_down(store: &Store, account: &AccountId, at: Millis) -> LockDownRow {
    store.identity().lock_down(account, &ordered(at)).await.unwrap().expect("an account")
}

async fn delivery(store: &Store, account: &AccountId) -> StoredDelivery {
    let person = Subject::Person(account.clone());
    store.delivery().delivery(TARGET, &person).await.unwrap().expect("noted")
}

/// Has a service confirm what is to be delivered.
async fn delivered(store: &Store, account: &AccountId, known: &Known) {
    let stored = delivery(store, account).await;
    let newest = stored.row.wished;
    let done = |row: &mut Row| row.delivered(newest, NOW);
    store.delivery().note_after(TARGET, (&stored.subject, newest), known, done, NOW).await.unwrap();
}

/// Gives tokens to a client that is told, and to one that is not.
async fn signs_in(store: &Store, account: &AccountId) {
    let session = signed_in(store, account, 1).await;
    let told = Grant { client_id: "notes".into(), ..grant(&session, "told", None) };
    store.login().exchange_told(&told, CHECKS, &event()).await.unwrap();
    let silent = Grant { client_id: "silent".into(), ..grant(&session, "silent", None) };
    store.login().exchange(&silent, CHECKS, &event()).await.unwrap();
}

async fn events(store: &Store, decision: Decision) -> Vec<String> {
    let trail = store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap();
    let of = trail.into_iter().filter(|row| row.decision == decision.as_str());
    of.map(|row| row.detail.unwrap_or_default()).collect()
}

async fn everything_that_a_person_has_opened_ends_at_once(store: &Store) {
    let alice = alice(store).await;
    signs_in(store, &alice).await;
    let browser = super::factors::browser(&alice, 1);
    assert!(store.login().remember_browser(&browser).await.unwrap());
    store.identity().invite(&alice, &hash(7), NOW + DAY, &event()).await.unwrap();
    let generation = store.identity().account(&alice).await.unwrap().expect("there").generation;

    let row = lock_down(store, &alice, NOW + 1).await;
    let ended = EndedHere {
        sessions: 1,
        refresh_families: 2,
        remembered_browsers: 1,
        panel_sessions: 0,
        help_desk_codes: 1,
    };
    assert_eq!((row.ended, row.times, row.at, row.concluded_at), (ended, 1, NOW + 1, None));
    assert_eq!(row.clients.iter().map(String::as_str).collect::<Vec<_>>(), ["notes", "silent"]);
    assert_eq!(row.by, "command desk@test");
    assert_eq!(store.identity().locked_down(&alice).await.unwrap().as_ref(), Some(&row));

    let account = store.identity().account(&alice).await.unwrap().expect("there");
    assert_eq!(account.status, Status::Suspended { because: SuspendedBecause::Admin, since: NOW + 1 });
    assert!(account.generation > generation, "a sign-in in progress can't finish");
    assert_eq!(store.login().remembered_browser(&browser.id_hash).await.unwrap(), None);
    let used = store.identity().use_invitation(&alice, &hash(7), &event()).await.unwrap();
    assert!(!used, "a code of the help desk is worth nothing");
    assert_eq!(store.identity().waiting_logouts_of(&alice).await.unwrap().len(), 1);
    assert_eq!(delivery(store, &alice).await.row.urgency, Urgency::Suspend);
    let [detail] = &events(store, Decision::PersonLockedDown).await[..] else { panic!("one event") };
    for part in ["suspended (admin)", "remembered browsers", "refresh families", "invitations"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    apply(store, 1, Action::Reactivate(alice.clone(), change(1, "alice"))).await;
    let account = store.identity().account(&alice).await.unwrap().expect("there");
    assert!(matches!(account.status, Status::Suspended { .. }), "no sync reactivates it");
    let nobody = store.identity().lock_down(&AccountId("nobody".into()), &ordered(NOW)).await.unwrap();
    assert_eq!(nobody, None);
}

async fn a_second_order_repeats_what_is_not_confirmed(store: &Store) {
    let alice = alice(store).await;
    signs_in(store, &alice).await;
    let first = lock_down(store, &alice, NOW).await;
    let waiting = store.identity().waiting_logouts_of(&alice).await.unwrap().remove(0);
    assert!(store.identity().take_logout(&waiting, NOW + DAY).await.unwrap());
    assert!(store.identity().waiting_logouts("notes", NOW + MINUTE, 9).await.unwrap().is_empty());
    delivered(store, &alice, &Known::default()).await;
    let event = Event::new(NOW, Decision::LockDownEnded);
    assert!(store.identity().conclude_lock_down(&first, &event).await.unwrap());

    let second = lock_down(store, &alice, NOW + MINUTE).await;
    let expected = LockDownRow { times: 2, concluded_at: None, ..first.clone() };
    assert_eq!(second, expected, "since the first order, with what that has ended");
    let due = store.identity().waiting_logouts("notes", NOW + MINUTE, 9).await.unwrap();
    assert_eq!(due.len(), 1, "it is tried at once");
    let row = delivery(store, &alice).await.row;
    assert!(row.is_dirty() && row.urgency == Urgency::Suspend, "{row:?}");
    let account = store.identity().account(&alice).await.unwrap().expect("there");
    assert_eq!(account.status, Status::Suspended { because: SuspendedBecause::Admin, since: NOW });
    assert_eq!(events(store, Decision::PersonLockedDown).await.len(), 2);
}

async fn each_service_is_asked_before_it_counts_as_told(store: &Store) {
    let alice = alice(store).await;
    let place = Place::At { id: RemoteId("r".into()), etag: None };
    delivered(store, &alice, &Known { place, ..Known::default() }).await;
    assert!(!delivery(store, &alice).await.known.verify);
    lock_down(store, &alice, NOW).await;
    assert!(delivery(store, &alice).await.known.verify, "somebody there may have made the person active");
}

async fn nobody_concludes_what_was_ordered_again(store: &Store) {
    let alice = alice(store).await;
    let bob = person(store, 2, "bob").await;
    let first = lock_down(store, &alice, NOW).await;
    let other = lock_down(store, &bob, NOW).await;
    let open = store.identity().open_lock_downs(None, 1).await.unwrap();
    let place = open.first().map(|row| (row.at, &row.account));
    let rest = store.identity().open_lock_downs(place, 9).await.unwrap();
    let mut found: Vec<_> = open.iter().chain(&rest).map(|row| row.account.clone()).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let mut expected = vec![alice.clone(), bob];
    expected.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(found, expected, "each once, over two pages");

    let second = lock_down(store, &alice, NOW + 1).await;
    let event = Event::new(NOW + 2, Decision::LockDownEnded);
    assert!(!store.identity().conclude_lock_down(&first, &event).await.unwrap(), "ordered again since");
    assert!(store.identity().conclude_lock_down(&second, &event).await.unwrap());
    assert!(!store.identity().conclude_lock_down(&second, &event).await.unwrap(), "once");
    assert_eq!(events(store, Decision::LockDownEnded).await.len(), 1);
    let found = store.identity().locked_down(&alice).await.unwrap().expect("there");
    assert_eq!(found.concluded_at, Some(NOW + 2));
    assert_eq!(store.identity().open_lock_downs(None, 9).await.unwrap(), [other]);
}

async fn it_is_forgotten_with_the_suspension_or_the_account(store: &Store) {
    let alice = alice(store).await;
    let bob = person(store, 2, "bob").await;
    for account in [&alice, &bob] {
        lock_down(store, account, NOW).await;
    }
    store.identity().reactivate(&alice, &event()).await.unwrap();
    assert_eq!(store.identity().locked_down(&alice).await.unwrap(), None);
    let again = lock_down(store, &alice, NOW + 5).await;
    assert_eq!((again.times, again.at), (1, NOW + 5), "a new one");
    store.identity().purge(&bob, true, &event()).await.unwrap();
    assert_eq!(store.identity().locked_down(&bob).await.unwrap(), None);
    assert_eq!(store.identity().open_lock_downs(None, 9).await.unwrap(), [again]);
}
