//! The audit trail does not grow with the number of wrong passwords.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::admin::{Actor, LetIn, Role};
use cloudsync_idp::domain::audit::{Decision, Event, Keep};
use cloudsync_idp::domain::{HOUR, Millis};
use cloudsync_idp::store::{AuditFilter, AuditRow, Store};

use super::{NOW, append, on_both};

on_both!(
    refusals_of_one_kind_share_a_row_that_each_number_finds,
    the_newest_numbers_are_kept,
    the_oldest_events_that_anybody_can_cause_are_removed_first,
    who_has_let_a_person_in_is_known,
);

async fn who_has_let_a_person_in_is_known(store: &Store) {
    let (bob, by) = (AccountId("bob".into()), Actor::person(AccountId("ada".into()), Role::Owner));
    let event = |at, decision| Event::new(at, decision).about(&bob, None).by(&by);
    let deeds = [
        Decision::FactorsReset,
        Decision::InvitationMade,
        Decision::PersonReactivated,
        Decision::AccountHandedOver,
        // These let nobody in.
        Decision::PersonSuspended,
        Decision::SessionsEnded,
    ];
    for (at, decision) in (NOW..).zip(deeds) {
        append(store, &event(at, decision)).await;
    }
    let of_carol = event(NOW, Decision::FactorsReset).about(&AccountId("carol".into()), None);
    let of_the_directory = Event { actor: None, ..event(NOW, Decision::FactorsReset) };
    for event in [of_carol, of_the_directory] {
        append(store, &event).await;
    }
    let mut found = store.login().let_in(&bob, NOW).await.expect("it reads");
    found.sort_by_key(|one| one.at);
    let expected = [1, 2, 3].map(|later| LetIn { by: by.to_string(), at: NOW + later });
    assert_eq!(found, expected, "after that time");
}

/// A wrong password, as the sign-in reports it.
fn refusal(number: usize, at: Millis, subject: &str) -> Event {
    Event {
        at,
        attempt_id: Some(format!("AAAAA-{number:05}")),
        address: Some("192.0.2.1".to_owned()),
        cause: Some("bound".to_owned()),
        detail: Some(format!("{{\"entry\":{subject:?},\"bind\":\"{number:x}\"}}")),
        subject: Some(subject.to_owned()),
        keep: Keep::Short,
        ..Event::new(at, Decision::SignInRefused)
    }
}

async fn of(store: &Store, number: usize) -> Vec<AuditRow> {
    let filter = AuditFilter::Attempt(format!("AAAAA-{number:05}"));
    store.login().audit_page(None, 10, &filter).await.expect("it reads")
}

async fn refusals_of_one_kind_share_a_row_that_each_number_finds(store: &Store) {
    let start = NOW - NOW % HOUR;
    for number in 0..60 {
        append(store, &refusal(number, start + number as Millis, "CN=Alice")).await;
    }
    append(store, &refusal(60, start, "CN=Bob")).await;
    append(store, &refusal(61, start + HOUR, "CN=Alice")).await;
    store
        .login()
        .append(&Event { keep: Keep::Long, ..refusal(62, start, "CN=Alice") })
        .await
        .expect("written");
    let all = store.login().audit_page(None, 100, &AuditFilter::All).await.expect("it reads");
    assert_eq!(all.len(), 4, "{all:?}");
    for number in 0..60 {
        let rows = of(store, number).await;
        assert_eq!(rows.len(), 1, "{number}");
        assert_eq!((rows[0].times, rows[0].last_at), (60, Some(start + 59)));
        assert_eq!(rows[0].detail.as_deref(), Some("{\"entry\":\"CN=Alice\",\"bind\":\"3b\"}"), "the latest");
    }
    assert_eq!((of(store, 60).await[0].times, of(store, 62).await[0].times), (1, 1));
    let pattern = AuditFilter::Attempt("%".to_owned());
    assert!(store.login().audit_page(None, 10, &pattern).await.expect("it reads").is_empty());
}

async fn the_newest_numbers_are_kept(store: &Store) {
    for number in 0..1_203 {
        append(store, &refusal(number, NOW + number as Millis, "CN=Alice")).await;
    }
    assert_eq!(store.settings().expire_attempts(1_203).await.expect("removed"), 0);
    assert_eq!(store.settings().expire_attempts(3).await.expect("removed"), 1_200);
    for (number, found) in [(0, 1), (1, 0), (1_199, 0), (1_200, 1), (1_202, 1)] {
        assert_eq!(of(store, number).await.len(), found, "{number}: the first one is in the row itself");
    }
}

async fn the_oldest_events_that_anybody_can_cause_are_removed_first(store: &Store) {
    append(store, &Event::new(NOW, Decision::SettingsChanged)).await;
    for number in 0..1_203 {
        append(store, &refusal(number, NOW, &format!("CN=Person {number}"))).await;
    }
    assert_eq!(store.settings().expire_buckets(2_000).await.expect("removed"), 0);
    assert_eq!(store.settings().expire_buckets(3).await.expect("removed"), 1_200);
    let left = store.login().audit_page(None, 10, &AuditFilter::All).await.expect("it reads");
    let ids: Vec<_> = left.iter().map(|row| row.attempt_id.as_deref().unwrap_or("a change")).collect();
    assert_eq!(ids, ["AAAAA-01202", "AAAAA-01201", "AAAAA-01200", "a change"]);
}
