//! Grants: a code is exchanged once, a refresh token is valid once, and a replay ends the family.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::evidence::Generations;
use cloudsync_idp::domain::grant::{Grant, GrantId};
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::store::{AuditFilter, ExchangeOutcome, RefreshOutcome, Rotation, Store};

use super::{CHECKS, NOW, event, event_at, first_settings, grant, hash, on_both, person, signed_in};

on_both!(
    a_grant_is_read_as_it_was_written,
    a_replayed_code_blocks_the_late_exchange,
    of_many_exchanges_of_one_code_one_is_written,
    an_expired_grant_is_kept_longer_than_any_code,
    revoking_twice_keeps_the_first_time,
    a_grant_ends_once_and_no_refresh_outlives_its_end,
    an_exchange_needs_its_session_and_the_generations_that_were_judged,
    a_refresh_token_is_valid_once,
    the_same_next_token_is_returned_for_ten_seconds,
    a_next_token_by_another_key_is_no_replay,
    all_concurrent_refreshes_of_one_token_get_the_same_next_token,
    a_refresh_keeps_groups_or_replaces_them,
    one_of_many_concurrent_refreshes_gets_the_next_token,
    an_expired_unknown_or_stale_refresh_consumes_nothing,
    a_replayed_code_during_its_exchange_leaves_no_valid_grant,
);

async fn alice(store: &Store) -> (AccountId, Session) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let session = signed_in(store, &alice, 1).await;
    (alice, session)
}

async fn refresh(store: &Store, presented: u8, next: u8, checks: Generations, now: i64) -> RefreshOutcome {
    let turn = Rotation {
        id: &GrantId("g".into()),
        presented: &hash(presented),
        next: &hash(next),
        next_by_other_keys: &[],
        next_expires_at: now + 10_000,
        groups: None,
    };
    store.login().refresh(turn, checks, &event_at(now)).await.unwrap()
}

async fn a_grant_is_read_as_it_was_written(store: &Store) {
    let (_, session) = alice(store).await;
    for given in [grant(&session, "with", Some(1)), grant(&session, "without", None)] {
        assert_eq!(
            store.login().exchange(&given, CHECKS, &event()).await.unwrap(),
            ExchangeOutcome::Exchanged
        );
        assert_eq!(store.login().grant(&given.id).await.unwrap(), Some(given));
    }
    assert_eq!(store.login().grant(&GrantId("unknown".into())).await.unwrap(), None);
}

async fn a_replayed_code_blocks_the_late_exchange(store: &Store) {
    let (_, session) = alice(store).await;
    let given = grant(&session, "g", Some(1));
    store.login().revoke_grant(&given.id, NOW + 5_000, &event()).await.unwrap();
    assert_eq!(store.login().exchange(&given, CHECKS, &event()).await.unwrap(), ExchangeOutcome::Again);
    assert_eq!(store.login().grant(&given.id).await.unwrap(), None);
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW).await, RefreshOutcome::Unknown);
}

async fn of_many_exchanges_of_one_code_one_is_written(store: &Store) {
    let (_, session) = alice(store).await;
    let events = async || store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap().len();
    let before = events().await;
    let tries: Vec<_> = (0..20_u8)
        .map(|number| {
            let (store, given) = (store.clone(), grant(&session, "g", Some(number)));
            tokio::spawn(async move { store.login().exchange(&given, CHECKS, &event()).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for tried in tries {
        outcomes.push(tried.await.unwrap());
    }
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(ExchangeOutcome::Exchanged), count(ExchangeOutcome::Again)), (1, 19), "{outcomes:?}");
    assert_eq!(events().await, before + 1, "one exchange is in the trail");
}

/// If the short-lived state was unavailable, only the grant records that a code was used.
async fn an_expired_grant_is_kept_longer_than_any_code(store: &Store) {
    let (_, session) = alice(store).await;
    let given = grant(&session, "g", None);
    store.login().exchange(&given, CHECKS, &event()).await.unwrap();
    let sessions = SessionSettings { idle_minutes: 600, absolute_hours: 24 };
    store.settings().expire(&sessions, given.expires_at + 10 * MINUTE).await.unwrap();
    assert_eq!(store.login().exchange(&given, CHECKS, &event()).await.unwrap(), ExchangeOutcome::Again);
}

async fn revoking_twice_keeps_the_first_time(store: &Store) {
    let (_, session) = alice(store).await;
    let given = grant(&session, "g", Some(1));
    store.login().exchange(&given, CHECKS, &event()).await.unwrap();
    store.login().revoke_grant(&given.id, NOW + 5_000, &event_at(NOW + 1)).await.unwrap();
    store.login().revoke_grant(&given.id, NOW + 5_000, &event_at(NOW + 2)).await.unwrap();
    let revoked = store.login().grant(&given.id).await.unwrap().unwrap();
    assert_eq!((revoked.revoked_at, revoked.expires_at), (Some(NOW + 1), given.expires_at));
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW).await, RefreshOutcome::Unknown);
}

async fn an_exchange_needs_its_session_and_the_generations_that_were_judged(store: &Store) {
    let (_, session) = alice(store).await;
    let given = grant(&session, "g", None);
    for checks in [Generations { account: 2, settings: 1 }, Generations { account: 1, settings: 0 }] {
        assert_eq!(store.login().exchange(&given, checks, &event()).await.unwrap(), ExchangeOutcome::Stale);
    }
    let mut elsewhere = given.clone();
    elsewhere.sid = "another".into();
    assert_eq!(store.login().exchange(&elsewhere, CHECKS, &event()).await.unwrap(), ExchangeOutcome::Stale);
    assert_eq!(store.login().exchange(&given, CHECKS, &event()).await.unwrap(), ExchangeOutcome::Exchanged);
}

async fn the_same_next_token_is_returned_for_ten_seconds(store: &Store) {
    let (alice, session) = alice(store).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW).await, RefreshOutcome::Rotated);
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW).await, RefreshOutcome::Again);
    let stale = Generations { account: 1, settings: 9 };
    assert_eq!(refresh(store, 1, 2, stale, NOW + 1).await, RefreshOutcome::Stale);
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW + 9_999).await, RefreshOutcome::Again);
    let family = store.login().grant(&GrantId("g".into())).await.unwrap().unwrap();
    assert_eq!((family.refresh_hash, family.refresh_rotated_at), (Some(hash(2)), Some(NOW)));
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW + 10_000).await, RefreshOutcome::Replayed);
    store.login().exchange(&grant(&session, "ended", Some(1)), CHECKS, &event()).await.unwrap();
    store.identity().end_sessions_of(&alice, None, &event()).await.unwrap();
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW + 1).await, RefreshOutcome::Unknown);
}

async fn a_next_token_by_another_key_is_no_replay(store: &Store) {
    let (_, session) = alice(store).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW).await, RefreshOutcome::Rotated, "by the one node");
    let late = async |others: &[_], now| {
        let turn = Rotation {
            id: &GrantId("g".into()),
            presented: &hash(1),
            next: &hash(7),
            next_by_other_keys: others,
            next_expires_at: now + 10_000,
            groups: None,
        };
        store.login().refresh(turn, CHECKS, &event_at(now)).await.unwrap()
    };
    assert_eq!(late(&[hash(2)], NOW + 1).await, RefreshOutcome::Stale, "the other node reads again");
    assert_eq!(
        refresh(store, 1, 2, CHECKS, NOW + 2).await,
        RefreshOutcome::Again,
        "and finds the next token"
    );
    assert_eq!(late(&[hash(3)], NOW + 3).await, RefreshOutcome::Replayed);
}

async fn all_concurrent_refreshes_of_one_token_get_the_same_next_token(store: &Store) {
    let (_, session) = alice(store).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    // A request that waits for another may have read the clock before it.
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { refresh(&store, 1, 2, CHECKS, NOW + 20 - number).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for tried in tries {
        outcomes.push(tried.await.unwrap());
    }
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(RefreshOutcome::Rotated), count(RefreshOutcome::Again)), (1, 19), "{outcomes:?}");
}

async fn a_refresh_token_is_valid_once(store: &Store) {
    let (_, session) = alice(store).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW + 1).await, RefreshOutcome::Rotated);
    assert_eq!(refresh(store, 2, 3, CHECKS, NOW + 2).await, RefreshOutcome::Rotated);
    let family = store.login().grant(&GrantId("g".into())).await.unwrap().unwrap();
    assert_eq!((family.refresh_hash, family.refresh_expires_at), (Some(hash(3)), NOW + 10_002));
    assert_eq!(refresh(store, 1, 9, CHECKS, NOW + 3).await, RefreshOutcome::Replayed);
    assert_eq!(refresh(store, 3, 4, CHECKS, NOW + 4).await, RefreshOutcome::Unknown, "the family has ended");
    let family = store.login().grant(&GrantId("g".into())).await.unwrap().unwrap();
    assert_eq!((family.revoked_at, family.refresh_hash), (Some(NOW + 3), Some(hash(3))));
    let trail = store.login().audit_page(None, 1, &AuditFilter::All).await.unwrap();
    assert_eq!(trail[0].decision, "refresh_replayed");
}

async fn one_of_many_concurrent_refreshes_gets_the_next_token(store: &Store) {
    let (_, session) = alice(store).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    let tries: Vec<_> = (0..20_u8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { refresh(&store, 1, 100 + number, CHECKS, NOW + 1).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for tried in tries {
        outcomes.push(tried.await.unwrap());
    }
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!(count(RefreshOutcome::Rotated), 1);
    assert_eq!(count(RefreshOutcome::Replayed), 1, "the second one ends the family");
    assert_eq!(count(RefreshOutcome::Unknown), 18);
}

async fn a_grant_ends_once_and_no_refresh_outlives_its_end(store: &Store) {
    let (_, session) = alice(store).await;
    for round in 0..10 {
        let given = Grant { id: GrantId(format!("g{round}")), ..grant(&session, "g", Some(1)) };
        store.login().exchange(&given, CHECKS, &event()).await.unwrap();
        let refreshing = {
            let (store, id) = (store.clone(), given.id.clone());
            tokio::spawn(async move {
                let turn = Rotation {
                    id: &id,
                    presented: &hash(1),
                    next: &hash(2),
                    next_by_other_keys: &[],
                    next_expires_at: NOW + 10_000,
                    groups: None,
                };
                store.login().refresh(turn, CHECKS, &event_at(NOW + 1)).await.unwrap()
            })
        };
        assert!(store.login().end_grant(&given.id, &event_at(NOW + 2)).await.unwrap());
        refreshing.await.unwrap();
        assert!(!store.login().end_grant(&given.id, &event_at(NOW + 3)).await.unwrap(), "it has ended");
        let ended = store.login().grant(&given.id).await.unwrap().unwrap();
        assert_eq!(ended.revoked_at, Some(NOW + 2), "round {round}");
    }
    let expired = Grant { id: GrantId("old".into()), ..grant(&session, "g", None) };
    store.login().exchange(&expired, CHECKS, &event()).await.unwrap();
    let late = event_at(expired.expires_at);
    assert!(!store.login().end_grant(&expired.id, &late).await.unwrap(), "it has expired");
    assert!(!store.login().end_grant(&GrantId("unknown".into()), &event()).await.unwrap());
    let trail = store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap();
    assert_eq!(trail.iter().filter(|row| row.at == NOW + 2).count(), 10, "one event for each");
    assert_eq!(trail.iter().filter(|row| row.at == NOW + 3 || row.at == late.at).count(), 0);
}

async fn an_expired_unknown_or_stale_refresh_consumes_nothing(store: &Store) {
    let (_, session) = alice(store).await;
    store.login().exchange(&grant(&session, "g", Some(1)), CHECKS, &event()).await.unwrap();
    let stale = Generations { account: 1, settings: 9 };
    assert_eq!(refresh(store, 1, 2, stale, NOW).await, RefreshOutcome::Stale);
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW + 10_000).await, RefreshOutcome::Expired);
    assert_eq!(refresh(store, 1, 2, CHECKS, NOW + 9_999).await, RefreshOutcome::Rotated);
    assert_eq!(refresh(store, 2, 3, CHECKS, NOW + 1_000_000).await, RefreshOutcome::Expired);
    let without = grant(&session, "plain", None);
    store.login().exchange(&without, CHECKS, &event()).await.unwrap();
    let turn = Rotation {
        id: &without.id,
        presented: &hash(0),
        next: &hash(1),
        next_by_other_keys: &[],
        next_expires_at: NOW + 10_000,
        groups: None,
    };
    assert_eq!(store.login().refresh(turn, CHECKS, &event()).await.unwrap(), RefreshOutcome::Unknown);
}

async fn a_refresh_keeps_groups_or_replaces_them(store: &Store) {
    let (_, session) = alice(store).await;
    let given = Grant { groups: vec!["Sales".into()], ..grant(&session, "g", Some(0)) };
    store.login().exchange(&given, CHECKS, &event()).await.unwrap();
    let staff = ["Staff".to_owned(), "Größe \"XL\"".to_owned()];
    let table = [(None, &given.groups[..]), (Some(&staff[..]), &staff[..]), (Some(&[]), &[]), (None, &[])];
    for (turn, (groups, expected)) in (0..).zip(table) {
        let rotation = Rotation {
            id: &given.id,
            presented: &hash(turn),
            next: &hash(turn + 1),
            next_by_other_keys: &[],
            next_expires_at: NOW + 10_000,
            groups,
        };
        assert_eq!(store.login().refresh(rotation, CHECKS, &event()).await.unwrap(), RefreshOutcome::Rotated);
        assert_eq!(store.login().grant(&given.id).await.unwrap().unwrap().groups, expected, "turn {turn}");
    }
}

async fn a_replayed_code_during_its_exchange_leaves_no_valid_grant(store: &Store) {
    let (_, session) = alice(store).await;
    for round in 0..10 {
        let given = grant(&session, &format!("g{round}"), None);
        let exchanging = {
            let (store, given) = (store.clone(), given.clone());
            tokio::spawn(async move { store.login().exchange(&given, CHECKS, &event()).await.unwrap() })
        };
        store.login().revoke_grant(&given.id, NOW + 5_000, &event()).await.unwrap();
        exchanging.await.unwrap();
        let left = store.login().grant(&given.id).await.unwrap();
        assert!(left.is_none_or(|grant| grant.revoked_at.is_some()), "round {round}");
    }
}
