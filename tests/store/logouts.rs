//! Clients that are told of the end of a session: whatever ends it, each of them once.

use std::slice;

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::evidence::{Evidence, Method};
use cloudsync_idp::domain::grant::Grant;
use cloudsync_idp::domain::secret::Hashed;
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::domain::{DAY, Millis};
use cloudsync_idp::store::{AuditFilter, ExchangeOutcome, NewSettings, Store, WaitingLogout};

use super::{CHECKS, NOW, event, event_at, first_settings, grant, on_both, person, signed_in};

on_both!(
    only_a_session_that_ends_is_told_and_only_to_its_clients,
    each_way_of_ending_tells_the_clients_of_those_sessions,
    a_session_that_has_expired_is_told_when_the_person_is_suspended,
    an_exchange_that_fails_remembers_nothing,
    of_many_nodes_one_takes_a_logout_and_a_crash_gives_it_back,
    a_logout_is_finished_once_with_its_event,
    a_client_that_was_removed_is_forgotten,
    an_erased_person_is_told_of_and_old_rows_are_removed,
);

/// Where clients are told.
const CLIENTS: [&str; 2] = ["cloudsync", "notes"];

async fn alice(store: &Store) -> AccountId {
    first_settings(store).await;
    person(store, 1, "alice").await
}

/// Gives tokens of a session to a client.
async fn given(store: &Store, session: &Session, client_id: &str) {
    let id = format!("{}-{client_id}", session.sid);
    let grant = Grant { client_id: client_id.into(), ..grant(session, &id, None) };
    let written = store.login().exchange_told(&grant, CHECKS, &event()).await.unwrap();
    assert_eq!(written, ExchangeOutcome::Exchanged);
}

/// A session with tokens at both clients.
async fn everywhere(store: &Store, account: &AccountId, number: u8) -> Session {
    let session = signed_in(store, account, number).await;
    for client in CLIENTS {
        given(store, &session, client).await;
    }
    session
}

async fn waiting(store: &Store, client: &str, now: Millis) -> Vec<WaitingLogout> {
    store.identity().waiting_logouts(client, now, 100).await.unwrap()
}

/// The sessions of whose end a client has to be told.
async fn told(store: &Store, client: &str) -> Vec<String> {
    let mut sids: Vec<String> =
        waiting(store, client, NOW + DAY).await.into_iter().map(|logout| logout.sid).collect();
    sids.sort();
    sids
}

/// Removes all that waits.
async fn clear(store: &Store) {
    for client in CLIENTS {
        for logout in waiting(store, client, NOW + DAY).await {
            store.identity().finish_logout(&logout, &event()).await.unwrap();
        }
    }
}

async fn only_a_session_that_ends_is_told_and_only_to_its_clients(store: &Store) {
    let alice = alice(store).await;
    let (first, second) = (everywhere(store, &alice, 1).await, signed_in(store, &alice, 2).await);
    given(store, &second, "notes").await;
    // This client does not want to be told.
    let silent = Grant { client_id: "cloudsync".into(), ..grant(&second, "silent", None) };
    store.login().exchange(&silent, CHECKS, &event()).await.unwrap();
    assert!(told(store, "notes").await.is_empty(), "nothing has ended");
    store.login().end_session(&second.id_hash, &event_at(NOW + 5)).await.unwrap();
    assert!(told(store, "cloudsync").await.is_empty());
    let waits = waiting(store, "notes", NOW + 5).await;
    assert_eq!(waits.len(), 1);
    let one = &waits[0];
    assert_eq!((one.sid.as_str(), &one.account), (second.sid.as_str(), &alice));
    assert_eq!((one.client_id.as_str(), one.ended_at, one.attempts), ("notes", NOW + 5, 0));
    assert!(waiting(store, "notes", NOW + 4).await.is_empty(), "not due before it has happened");
    let mut wakes = store.identity().logout_wake_ups();
    wakes.mark_unchanged();
    store.login().end_session(&first.id_hash, &event_at(NOW + 6)).await.unwrap();
    assert_eq!(told(store, "cloudsync").await, slice::from_ref(&first.sid));
    assert!(wakes.has_changed().unwrap(), "those who tell clients look at once");
    assert_eq!(told(store, "notes").await, [first.sid, second.sid]);
}

async fn each_way_of_ending_tells_the_clients_of_those_sessions(store: &Store) {
    let alice = alice(store).await;
    let (login, identity) = (store.login(), store.identity());
    let sids = |numbers: &[u8]| numbers.iter().map(|number| format!("sid{number}")).collect::<Vec<_>>();
    let kept = everywhere(store, &alice, 1).await;
    everywhere(store, &alice, 2).await;
    let remembered = Session {
        evidence: Evidence { methods: vec![Method::Pwd, Method::Remembered], ..kept.evidence.clone() },
        ..super::session(&alice, 3)
    };
    let issue =
        cloudsync_idp::store::Issue::New { session: remembered.clone(), replaces: None, confirmed_at: None };
    login.issue(issue, None, CHECKS, &alice, &event()).await.unwrap();
    given(store, &remembered, "notes").await;
    let browser = super::factors::browser(&alice, 1);
    assert!(login.remember_browser(&browser).await.unwrap());
    login.forget_browsers(&kept, NOW).await.unwrap();
    assert_eq!(told(store, "notes").await, sids(&[3]), "what a remembered browser has opened");
    clear(store).await;

    identity.end_sessions_of(&alice, Some(&kept), &event_at(NOW)).await.unwrap();
    assert_eq!(told(store, "notes").await, sids(&[2]), "all others");
    assert_eq!(told(store, "cloudsync").await, sids(&[2]));
    clear(store).await;
    login.passwords_changed(&[(alice.clone(), NOW - 1)], NOW).await.unwrap();
    assert!(told(store, "notes").await.is_empty(), "the session has the newest password");
    login.passwords_changed(&[(alice.clone(), NOW + 1)], NOW).await.unwrap();
    assert_eq!(told(store, "notes").await, sids(&[1]), "a newer password");
    clear(store).await;
    identity.end_all_of(&alice, NOW).await.unwrap();
    assert!(told(store, "notes").await.is_empty(), "each is told once");
}

async fn a_session_that_has_expired_is_told_when_the_person_is_suspended(store: &Store) {
    let alice = alice(store).await;
    let session = everywhere(store, &alice, 1).await;
    let settings = SessionSettings::default();
    store.settings().expire(&settings, NOW + 2 * DAY).await.unwrap();
    assert_eq!(store.login().session(&session.id_hash).await.unwrap(), None);
    assert!(told(store, "notes").await.is_empty());
    store.identity().end_all_of(&alice, NOW).await.unwrap();
    assert_eq!(told(store, "notes").await, [session.sid], "the client may still have one of its own");
}

async fn an_exchange_that_fails_remembers_nothing(store: &Store) {
    let alice = alice(store).await;
    let session = signed_in(store, &alice, 1).await;
    let given = grant(&session, "g", None);
    let stale = cloudsync_idp::domain::evidence::Generations { account: 7, ..CHECKS };
    let login = store.login();
    assert_eq!(login.exchange_told(&given, stale, &event()).await.unwrap(), ExchangeOutcome::Stale);
    store.identity().end_all_of(&alice, NOW).await.unwrap();
    assert!(told(store, "cloudsync").await.is_empty());
}

async fn of_many_nodes_one_takes_a_logout_and_a_crash_gives_it_back(store: &Store) {
    let alice = alice(store).await;
    everywhere(store, &alice, 1).await;
    store.identity().end_all_of(&alice, NOW).await.unwrap();
    let logout = waiting(store, "notes", NOW).await.remove(0);
    let tries: Vec<_> = (0..10)
        .map(|_| {
            let (store, logout) = (store.clone(), logout.clone());
            tokio::spawn(async move { store.identity().take_logout(&logout, NOW + 100).await.unwrap() })
        })
        .collect();
    let mut taken = 0;
    for tried in tries {
        taken += usize::from(tried.await.unwrap());
    }
    assert_eq!(taken, 1);
    assert!(waiting(store, "notes", NOW + 99).await.is_empty());
    let again = waiting(store, "notes", NOW + 100).await.remove(0);
    assert_eq!((again.attempts, again.ended_at), (1, NOW));
    assert!(store.identity().take_logout(&again, NOW + 200).await.unwrap());
    store.identity().postpone_logout(&again, NOW + 500).await.unwrap();
    assert!(waiting(store, "notes", NOW + 499).await.is_empty());
    assert_eq!(waiting(store, "notes", NOW + 500).await.remove(0).attempts, 2);
}

async fn a_logout_is_finished_once_with_its_event(store: &Store) {
    let alice = alice(store).await;
    everywhere(store, &alice, 1).await;
    store.identity().end_all_of(&alice, NOW).await.unwrap();
    let logout = waiting(store, "notes", NOW).await.remove(0);
    let event = Event::new(NOW, Decision::BackchannelLogout);
    for _ in 0..2 {
        store.identity().finish_logout(&logout, &event).await.unwrap();
    }
    assert!(told(store, "notes").await.is_empty());
    assert_eq!(told(store, "cloudsync").await.len(), 1);
    let trail = store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap();
    assert_eq!(trail.iter().filter(|row| row.decision == "backchannel_logout").count(), 1);
}

async fn a_client_that_was_removed_is_forgotten(store: &Store) {
    let alice = alice(store).await;
    let first = everywhere(store, &alice, 1).await;
    everywhere(store, &alice, 2).await;
    store.login().end_session(&first.id_hash, &event()).await.unwrap();
    let removed = ["notes".to_owned()];
    let next = NewSettings {
        policy_generation: 0,
        document: "next",
        changed_clients: &removed,
        targets: &[],
        mark: &Hashed([8; 32]),
    };
    store.settings().save_settings(1, next, &event()).await.unwrap();
    assert!(told(store, "notes").await.is_empty());
    store.identity().end_all_of(&alice, NOW).await.unwrap();
    assert!(told(store, "notes").await.is_empty(), "another client with its id is told of nothing");
    assert_eq!(told(store, "cloudsync").await.len(), 2);
}

async fn an_erased_person_is_told_of_and_old_rows_are_removed(store: &Store) {
    let alice = alice(store).await;
    let session = everywhere(store, &alice, 1).await;
    store.identity().purge(&alice, true, &event()).await.unwrap();
    assert_eq!(told(store, "notes").await, [session.sid]);
    let settings = SessionSettings::default();
    store.settings().expire(&settings, NOW + 2 * DAY - 1).await.unwrap();
    assert_eq!(told(store, "notes").await.len(), 1);
    store.settings().expire(&settings, NOW + 2 * DAY).await.unwrap();
    assert!(told(store, "notes").await.is_empty());
}
