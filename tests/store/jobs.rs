//! Scheduled work: leases, cleaning up, the audit trail.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::audit::{Decision, Event, Keep};
use cloudsync_idp::domain::factor::Remembered;
use cloudsync_idp::domain::place::Place;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::domain::{DAY, HOUR, MINUTE};
use cloudsync_idp::store::{
    AuditFilter, Expired, Issue, IssueOutcome, RunCounts, RunDetails, RunKind, RunTrigger, Store,
};

use super::{CHECKS, NOW, append, corp, event, first_settings, grant, hash, on_both, person, signed_in};

on_both!(
    a_lease_has_one_holder,
    only_expired_rows_are_removed,
    events_that_anybody_can_cause_are_kept_for_a_month,
    the_trail_is_paged_and_filtered,
);

async fn a_lease_has_one_holder(store: &Store) {
    let acquire = async |holder: &str, until, now| {
        store.settings().acquire_lease("sync", holder, until, now).await.unwrap()
    };
    assert!(acquire("one", NOW + 10, NOW).await);
    assert!(!acquire("two", NOW + 10, NOW).await);
    assert!(acquire("one", NOW + 20, NOW + 5).await, "its holder extends it");
    assert!(!acquire("two", NOW + 30, NOW + 19).await);
    assert!(acquire("two", NOW + 30, NOW + 20).await, "it has expired");
    store.settings().release_lease("sync", "one").await.unwrap();
    assert!(!acquire("one", NOW + 40, NOW + 21).await, "another holder's lease can't be released");
    store.settings().release_lease("sync", "two").await.unwrap();
    assert!(acquire("one", NOW + 40, NOW + 21).await);
}

async fn only_expired_rows_are_removed(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let idle = signed_in(store, &alice, 1).await;
    signed_in(store, &alice, 2).await;
    store.login().exchange(&grant(&idle, "g", Some(1)), CHECKS, &event()).await.unwrap();
    let run = store.sync().begin_run(&corp(), RunTrigger::Schedule, NOW).await.unwrap();
    store
        .sync()
        .finish_run(run, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW)
        .await
        .unwrap();
    let invitation = Event::new(NOW, Decision::InvitationMade);
    store.identity().invite(&alice, &hash(7), NOW + 2 * DAY, &invitation).await.unwrap();
    let browser = Remembered {
        id_hash: hash(8),
        account: alice.clone(),
        policy_generation: 1,
        account_generation: 1,
        password_as_of: NOW,
        created_at: NOW,
        expires_at: NOW + 3 * DAY,
        place: Place::default(),
    };
    assert!(store.login().remember_browser(&browser).await.unwrap());
    let settings = SessionSettings { idle_minutes: 60, absolute_hours: 24 };
    let early = store.settings().expire(&settings, NOW + HOUR - 1).await.unwrap();
    assert_eq!(early, Expired { grants: 1, ..Expired::default() });
    let used = Issue::Existing { id_hash: hash(2), used_at: NOW + 30 * MINUTE, place: Place::default() };
    assert_eq!(
        store.login().issue(used, None, CHECKS, &alice, &event()).await.unwrap(),
        IssueOutcome::Issued
    );
    let first = store.settings().expire(&settings, NOW + HOUR).await.unwrap();
    assert_eq!(first, Expired { sessions: 1, ..Expired::default() });
    assert!(store.login().session(&hash(2)).await.unwrap().is_some());
    let two_days = store.settings().expire(&settings, NOW + 2 * DAY).await.unwrap();
    assert_eq!(two_days, Expired { sessions: 1, invitations: 1, ..Expired::default() });
    assert!(store.login().remembered_browser(&hash(8)).await.unwrap().is_some());
    let three_days = store.settings().expire(&settings, NOW + 3 * DAY).await.unwrap();
    assert_eq!(three_days, Expired { browsers: 1, ..Expired::default() });
    let kept = |days: i64| vec![(corp(), days * DAY)];
    let young = store.settings().expire_log(&kept(300), NOW + 200 * DAY).await.unwrap();
    assert_eq!(young, Expired::default(), "as long as the settings say");
    let undoable = store.settings().expire_log(&kept(1), NOW + 29 * DAY).await.unwrap();
    assert_eq!(undoable, Expired::default(), "what can be reverted is kept");
    let last = store.settings().expire_log(&kept(90), NOW + 91 * DAY).await.unwrap();
    assert_eq!(last, Expired { runs: 1, changes: 1, ..Expired::default() });
    let kept = store.login().audit_page(None, 99, &AuditFilter::All).await.unwrap().len() as u64;
    let year = store.settings().expire(&settings, NOW + 400 * DAY - 1).await.unwrap();
    assert_eq!(year, Expired::default(), "the trail is kept for longer than the rest");
    let over = store.settings().expire(&settings, NOW + 401 * DAY).await.unwrap();
    assert_eq!(over, Expired { events: kept, ..Expired::default() });
    assert!(store.identity().account(&alice).await.unwrap().is_some(), "accounts stay");
}

async fn events_that_anybody_can_cause_are_kept_for_a_month(store: &Store) {
    for (keep, address) in [(Keep::Long, "192.0.2.1"), (Keep::Short, "192.0.2.1"), (Keep::Short, "192.0.2.2")]
    {
        let address = Some(address.to_owned());
        let event = Event { keep, address, ..Event::new(NOW, Decision::SignInRefused) };
        append(store, &event).await;
    }
    let settings = SessionSettings { idle_minutes: 60, absolute_hours: 24 };
    let month = store.settings().expire(&settings, NOW + 30 * DAY - 1).await.unwrap();
    assert_eq!(month, Expired::default());
    let over = store.settings().expire(&settings, NOW + 30 * DAY).await.unwrap();
    assert_eq!(over, Expired { events: 2, ..Expired::default() });
    assert_eq!(store.login().audit_page(None, 99, &AuditFilter::All).await.unwrap().len(), 1);
    let year = store.settings().expire(&settings, NOW + 400 * DAY).await.unwrap();
    assert_eq!(year, Expired { events: 1, ..Expired::default() });
}

async fn the_trail_is_paged_and_filtered(store: &Store) {
    for number in 0..12 {
        let event = Event {
            attempt_id: Some(format!("attempt{}", number % 3)),
            account_id: (number % 2 == 0).then(|| "a".to_owned()),
            detail: Some("{}".into()),
            ..Event::new(NOW + number, Decision::SignInRefused)
        };
        append(store, &event).await;
    }
    let first = store.login().audit_page(None, 5, &AuditFilter::All).await.unwrap();
    let times: Vec<_> = first.iter().map(|row| row.at - NOW).collect();
    assert_eq!(times, [11, 10, 9, 8, 7]);
    let next = store.login().audit_page(Some(first[4].id), 5, &AuditFilter::All).await.unwrap();
    assert_eq!(next[0].at, NOW + 6);
    let attempt = store.login().audit_page(None, 99, &AuditFilter::Attempt("attempt1".into())).await.unwrap();
    assert_eq!(attempt.len(), 4);
    let account =
        store.login().audit_page(None, 99, &AuditFilter::Account(AccountId("a".into()))).await.unwrap();
    assert_eq!(account.len(), 6);
    assert_eq!(account[0].decision, "sign_in_refused");
}
