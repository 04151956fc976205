//! The chain over the audit log: events are linked once, whatever process does it, and whoever changes the
//! database is found. And what the charts show is counted from the log.

use std::sync::Arc;

use cloudsync_idp::domain::audit::{Decision, Event, Keep};
use cloudsync_idp::domain::audit_chain::{ChainBreak, ChainEnd};
use cloudsync_idp::domain::enrolment::EnrolmentList;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::domain::{DAY, HOUR, Millis};
use cloudsync_idp::flow::support::audit_chain::{AuditChain, ChainError};
use cloudsync_idp::keys::{Keys, Sealer};
use cloudsync_idp::store::{AuditFilter, CountedHour, KeptValue, MeasuredHour, Store};

use super::factors::equipped;
use super::{Fresh, NOW, append, event_at, on_both, person};
use crate::support::raw_sql;

on_both!(
    every_event_is_linked_once_by_several_processes,
    links_of_ended_events_are_removed_and_the_rest_still_holds,
    events_are_counted_by_hour_and_cause,
    people_are_listed_by_whether_they_have_a_second_factor,
);

fn keys() -> Keys {
    Keys::new(Arc::new(Sealer::new(&[7; 32]).expect("a key")))
}

async fn write(store: &Store, events: i64) {
    for number in 0..events {
        let cause = Some(format!("cause {number}"));
        let event = Event { cause, ..event_at(NOW + number) };
        append(store, &event).await;
    }
    let shared = Event { keep: Keep::Short, ..Event::new(NOW, Decision::SignInRefused) };
    append(store, &shared).await;
}

async fn every_event_is_linked_once_by_several_processes(store: &Store) {
    let keys = keys();
    let chain = AuditChain { store, keys: &keys, now: NOW };
    assert_eq!(chain.check(None).await.expect("it reads").result.expect("nothing yet").events, 0);
    write(store, 1_300).await;
    assert_eq!(chain.check(None).await.expect("it reads").waiting, 1_300);
    let (one, other, third) = tokio::join!(chain.link_new(), chain.link_all(), chain.link_new());
    for linked in [one, other, third] {
        linked.expect("it links");
    }
    chain.link_new().await.expect("it links the rest");
    let report = chain.check(None).await.expect("it reads");
    assert_eq!((report.result.expect("unchanged").events, report.waiting), (1_300, 0));
    write(store, 3).await;
    assert_eq!(chain.link_new().await.expect("it links"), 3);
    let foreign = Keys::new(Arc::new(Sealer::new(&[8; 32]).expect("a key")));
    let foreign = AuditChain { keys: &foreign, ..chain };
    let report = foreign.check(None).await.expect("it reads");
    assert_eq!(report.result, Err(ChainBreak::ForgedEnd(ChainEnd::Last)), "under another key");
}

async fn links_of_ended_events_are_removed_and_the_rest_still_holds(store: &Store) {
    let keys = keys();
    let chain = AuditChain { store, keys: &keys, now: NOW };
    write(store, 5).await;
    chain.link_new().await.expect("it links");
    let head = chain.head().await.expect("it reads").expect("a head");
    let later = NOW + 401 * DAY;
    append(store, &event_at(later)).await;
    let chain = AuditChain { now: later, ..chain };
    assert_eq!(chain.link_new().await.expect("it links"), 1);
    store.settings().expire(&SessionSettings::default(), later).await.expect("it expires");
    let report = chain.check(Some(head)).await.expect("it reads").result.expect("unchanged");
    assert_eq!((report.events, report.expired), (1, 5));
    chain.remove_ended().await.expect("it removes");
    let report = chain.check(Some(head)).await.expect("it reads").result.expect("unchanged");
    assert_eq!((report.events, report.expired, report.place.seq), (1, 0, 6));
    assert_eq!(chain.link_all().await.expect("it links"), 0);
}

async fn events_are_counted_by_hour_and_cause(store: &Store) {
    let start = NOW - NOW % HOUR;
    let refused = |at: Millis, cause: &str, keep| Event {
        cause: Some(cause.to_owned()),
        keep,
        ..Event::new(at, Decision::SignInRefused)
    };
    for event in [
        event_at(start - 1),
        event_at(start),
        event_at(start + HOUR - 1),
        refused(start, "bound", Keep::Short),
        refused(start + 1, "bound", Keep::Short),
        refused(start + HOUR, "in_scope", Keep::Long),
    ] {
        append(store, &event).await;
    }
    let counted = store.login().count_events(start).await.expect("it counts");
    store.login().write_counts(&counted).await.expect("written");
    store.login().write_counts(&counted).await.expect("written again");
    let mut read = store.login().counts_since(start).await.expect("it reads");
    read.sort_by_key(|count| (count.hour, count.decision.clone()));
    let count = |hour, decision: Decision, cause: &str, times| CountedHour {
        hour,
        decision: decision.as_str().to_owned(),
        cause: cause.to_owned(),
        times,
    };
    let expected = [
        count(start, Decision::SignInRefused, "bound", 2),
        count(start, Decision::SignedIn, "", 2),
        count(start + HOUR, Decision::SignInRefused, "in_scope", 1),
    ];
    assert_eq!(read, expected);
    assert_eq!(store.login().newest_count().await.expect("it reads"), Some(start + HOUR));
    let lag = |value| [MeasuredHour { hour: start, label: "corp".into(), value }];
    for (value, kept) in [(5, KeptValue::Highest), (3, KeptValue::Highest)] {
        store.login().measure("lag", kept, &lag(value)).await.expect("written");
    }
    assert_eq!(store.login().measured_since("lag", start).await.expect("it reads"), lag(5));
    store.login().measure("lag", KeptValue::Newest, &lag(3)).await.expect("written");
    assert_eq!(store.login().measured_since("lag", start).await.expect("it reads"), lag(3));
    store.login().expire_hours(start + 1).await.expect("it expires");
    assert!(store.login().measured_since("lag", 0).await.expect("it reads").is_empty());
}

async fn people_are_listed_by_whether_they_have_a_second_factor(store: &Store) {
    let (account, _) = equipped(store).await;
    let bob = person(store, 70, "bob").await;
    let amy = person(store, 71, "amy").await;
    let invited = Event::new(NOW, Decision::InvitationMade);
    store.identity().invite(&amy, &super::hash(9), NOW + DAY, &invited).await.expect("invited");
    assert_eq!(store.identity().count_people().await.expect("it counts"), (3, 1));
    let page = async |enrolled, descending, after: &str, limit| {
        let list = EnrolmentList { enrolled, descending };
        store.identity().enrolment_page(list, after, limit, NOW).await.expect("it reads")
    };
    let with = page(true, false, "", 10).await;
    let [row] = with.as_slice() else { panic!("one: {with:?}") };
    assert_eq!((&row.account.id, row.factors), (&account, 1));
    let first = page(false, false, "", 1).await;
    assert_eq!((&first[0].account.id, first[0].invited_until), (&amy, Some(NOW + DAY)));
    let after = first[0].account.profile.email_key();
    let second = page(false, false, &after, 10).await;
    let ids: Vec<_> = second.iter().map(|row| (&row.account.id, row.invited_until)).collect();
    assert_eq!(ids, [(&bob, None)]);
    let last = page(false, true, "", 1).await;
    assert_eq!(last[0].account.id, bob, "the last one is first");
    let rest = page(false, true, &last[0].account.profile.email_key(), 10).await;
    assert_eq!(rest.iter().map(|row| &row.account.id).collect::<Vec<_>>(), [&amy]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_was_seen_before_is_missed_once_an_older_copy_is_put_back() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let (store, keys) = (&fresh.store, keys());
        let chain = AuditChain { store, keys: &keys, now: NOW };
        assert_eq!(chain.head_after(None).await.expect("it reads"), None);
        write(store, 2).await;
        chain.link_new().await.expect("it links");
        let earlier = chain.head_after(None).await.expect("it reads").expect("a head");
        raw_sql(&fresh.url, "CREATE TABLE older AS SELECT * FROM audit_chain_ends").await;
        write(store, 2).await;
        chain.link_new().await.expect("it links");
        let newer = chain.head_after(Some(earlier)).await.expect("it is there").expect("a head");
        assert_eq!((newer.seq, chain.head_after(Some(newer)).await.expect("the same")), (4, Some(newer)));

        let put_back = "DELETE FROM audit_chain WHERE seq > 2; DELETE FROM audit_chain_ends; \
             DELETE FROM audit WHERE bucket IS NULL AND id NOT IN (SELECT event FROM audit_chain); \
             INSERT INTO audit_chain_ends SELECT * FROM older; DROP TABLE older";
        raw_sql(&fresh.url, put_back).await;
        assert!(chain.check(None).await.expect("it reads").result.is_ok(), "the database alone can't say it");
        let is_missed = async || {
            let found = chain.head_after(Some(newer)).await;
            let checked = chain.check(Some(newer)).await.expect("it reads").result;
            matches!(found, Err(ChainError::Broken(ChainBreak::HeadMissing)))
                && checked == Err(ChainBreak::HeadMissing)
        };
        assert!(is_missed().await);
        let later = Event { cause: Some("written later".into()), ..event_at(NOW + 10) };
        for _ in 0..3 {
            append(store, &later).await;
        }
        chain.link_new().await.expect("it links");
        assert!(is_missed().await, "other events take the numbers of those that are gone");
        assert!(chain.head_after(Some(earlier)).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_database_is_found() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let (store, keys) = (&fresh.store, keys());
        write(store, 5).await;
        let chain = AuditChain { store, keys: &keys, now: NOW };
        chain.link_new().await.expect("it links");
        let rows = store.login().audit_page(None, 10, &AuditFilter::All).await.expect("it reads");
        let own: Vec<i64> =
            rows.iter().rev().filter(|row| row.decision == "signed_in").map(|row| row.id).collect();
        let (second, third) = (own[1], own[2]);
        let end = NOW + 3 + 400 * DAY;
        for (attack, repair, found) in [
            (
                format!("UPDATE audit SET cause = 'x' WHERE id = {second}"),
                format!("UPDATE audit SET cause = 'cause 1' WHERE id = {second}"),
                ChainBreak::EventChanged(second),
            ),
            (
                format!("UPDATE audit SET id = 77000 WHERE id = {third}"),
                format!("UPDATE audit SET id = {third} WHERE id = 77000"),
                ChainBreak::EventMissing(third),
            ),
            (
                "UPDATE audit_chain SET kept_until = 0 WHERE seq = 4".to_owned(),
                format!("UPDATE audit_chain SET kept_until = {end} WHERE seq = 4"),
                ChainBreak::LinkChanged { seq: 4, event: own[3] },
            ),
            (
                "UPDATE audit_chain SET seq = 99 WHERE seq = 2".to_owned(),
                "UPDATE audit_chain SET seq = 2 WHERE seq = 99".to_owned(),
                ChainBreak::LinkMissing(2),
            ),
            (
                "UPDATE audit_chain_ends SET name = 'x' WHERE name = 'last'".to_owned(),
                "UPDATE audit_chain_ends SET name = 'last' WHERE name = 'x'".to_owned(),
                ChainBreak::Cut(5),
            ),
            (
                "UPDATE audit_chain_ends SET seq = 4 WHERE name = 'last'".to_owned(),
                "UPDATE audit_chain_ends SET seq = 5 WHERE name = 'last'".to_owned(),
                ChainBreak::ForgedEnd(ChainEnd::Last),
            ),
        ] {
            raw_sql(&fresh.url, &attack).await;
            let report = chain.check(None).await.expect("it reads");
            assert_eq!(report.result, Err(found), "{attack}");
            raw_sql(&fresh.url, &repair).await;
            assert!(chain.check(None).await.expect("it reads").result.is_ok(), "{repair}");
        }
        the_jobs_hide_nothing(&fresh, &chain, third).await;
    }
}

/// Neither the clean-up nor the linking of new events makes a changed chain look whole.
async fn the_jobs_hide_nothing(fresh: &Fresh, chain: &AuditChain<'_>, third: i64) {
    let ends = "UPDATE audit_chain SET kept_until = 0 WHERE seq < 3";
    raw_sql(&fresh.url, &format!("DELETE FROM audit WHERE id > {third}; {ends}")).await;
    let removed = chain.remove_ended().await;
    assert!(matches!(removed, Err(ChainError::Broken(ChainBreak::LinkChanged { .. }))), "{removed:?}");
    raw_sql(&fresh.url, "DELETE FROM audit_chain WHERE seq > 3; UPDATE audit_chain_ends SET seq = 3").await;
    write(&fresh.store, 1).await;
    let linked = chain.link_all().await;
    assert!(matches!(linked, Err(ChainError::Broken(ChainBreak::ForgedEnd(ChainEnd::Last)))), "{linked:?}");
}
