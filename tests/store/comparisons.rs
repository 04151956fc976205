//! Comparisons of services, what they correct in the outbox, and the log of deliveries.

use std::collections::BTreeSet;

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::delivery::{
    Action, Attribute, Difference, Drift, Ending, Finding, Kind, Known, LogEntry, Place, RemoteId, Subject,
    Urgency, Values,
};
use cloudsync_idp::domain::secret::Sealed;
use cloudsync_idp::domain::{DAY, Millis};
use cloudsync_idp::store::{
    AttemptNote, AuditFilter, ComparisonRow, ComparisonRun, Correction, DeliveryLogFilter, DeliveryTarget,
    FoundDifference, ListedKeys, ListedResource, Store,
};

use super::{NOW, on_both};

on_both!(
    a_list_is_found_by_each_key_and_removed_with_its_run,
    differences_are_listed_in_their_order,
    a_correction_doubts_what_is_known_unless_there_is_a_newer_wish,
    a_resource_that_was_left_behind_is_learned,
    the_newest_comparison_goes_with_its_service,
    attempts_are_logged_and_expire,
    the_log_forgets_an_erased_person,
    since_when_somebody_is_active_is_the_first_confirmation,
);

const TARGET: &str = "service";

async fn target(store: &Store) {
    let (base_url, delivered) = ("https://example.com/scim".to_owned(), String::new());
    let target = DeliveryTarget { id: TARGET.into(), base_url, delivered };
    store.delivery().set_targets(&[target], NOW).await.expect("written");
}

fn run(name: &str) -> ComparisonRun {
    ComparisonRun { target: TARGET.into(), run: name.into() }
}

fn id(text: &str) -> RemoteId {
    RemoteId(text.into())
}

fn resource(at: &str, external: Option<&str>, name: &str) -> ListedResource {
    ListedResource {
        id: id(at),
        external_id: external.map(str::to_owned),
        name: Some(name.to_owned()),
        content: Sealed(at.as_bytes().to_vec()),
    }
}

fn person(number: u8) -> Subject {
    Subject::Person(AccountId(format!("a{number}")))
}

async fn a_list_is_found_by_each_key_and_removed_with_its_run(store: &Store) {
    let deliveries = store.delivery();
    let (first, other) = (run("first"), run("other"));
    let page = [
        resource("r1", Some("a1"), "Ada"),
        resource("r2", None, "BOB"),
        resource("r3", None, "eve"),
        resource("r3", None, "Eve"),
    ];
    deliveries.add_listed(&first, Kind::User, &page, NOW).await.unwrap();
    deliveries.add_listed(&first, Kind::User, &[resource("r2", None, "bob")], NOW).await.unwrap();
    deliveries.add_listed(&first, Kind::Group, &[resource("r1", None, "Sales")], NOW).await.unwrap();
    deliveries.add_listed(&other, Kind::User, &[resource("r9", Some("a1"), "ada")], NOW).await.unwrap();
    deliveries.analyze_listed().await.unwrap();
    assert_eq!(deliveries.count_listed(&first, Kind::User).await.unwrap(), 3);
    let keys = ListedKeys {
        ids: vec![id("r3"), id("r7")],
        external_ids: vec!["a1".into(), "a2".into()],
        names: vec!["bob".into()],
    };
    let found = deliveries.listed(&first, Kind::User, &keys).await.unwrap();
    let expected =
        [resource("r1", Some("a1"), "Ada"), resource("r2", None, "bob"), resource("r3", None, "Eve")];
    assert_eq!(found, expected);
    assert_eq!(deliveries.listed(&first, Kind::User, &ListedKeys::default()).await.unwrap(), []);
    deliveries.claim_listed(&first, Kind::User, &[id("r1"), id("r3")]).await.unwrap();
    assert_eq!(deliveries.count_unclaimed(&first, Kind::User).await.unwrap(), 1);
    let left = deliveries.unclaimed(&first, Kind::User, None, 9).await.unwrap();
    assert_eq!(left, [resource("r2", None, "bob")]);
    assert_eq!(deliveries.unclaimed(&first, Kind::User, Some(&id("r2")), 9).await.unwrap(), []);
    deliveries.end_comparison(&first).await.unwrap();
    assert_eq!(deliveries.count_listed(&first, Kind::User).await.unwrap(), 0);
    assert_eq!(deliveries.count_listed(&other, Kind::User).await.unwrap(), 1, "another run goes on");
    store.settings().expire(&Default::default(), NOW + DAY).await.unwrap();
    assert_eq!(deliveries.count_listed(&other, Kind::User).await.unwrap(), 0, "of a crash");
}

fn found(subject: Subject, finding: Finding) -> FoundDifference {
    let attributes = BTreeSet::from([Attribute::Email, Attribute::Active]);
    let words = (finding == Finding::Conflict).then(|| "r1 and r2".to_owned());
    let difference =
        Difference { attributes, joining: 2, leaving: 1, words, ..Difference::new(finding, Some(id("r1"))) };
    FoundDifference { subject, name: "Ada".into(), difference, wished: Some(3), learned: Some(id("r1")) }
}

async fn differences_are_listed_in_their_order(store: &Store) {
    let deliveries = store.delivery();
    let this = run("first");
    let all = [
        found(person(2), Finding::Change),
        found(Subject::Share("Art".into()), Finding::Change),
        found(person(1), Finding::Conflict),
        FoundDifference { wished: None, learned: None, ..found(person(1), Finding::Create) },
    ];
    let shuffled: Vec<FoundDifference> = all.iter().rev().cloned().collect();
    deliveries.add_findings(&this, &shuffled, NOW).await.unwrap();
    deliveries.add_findings(&this, &[], NOW).await.unwrap();
    let mut listed = Vec::new();
    for _ in &all {
        let next = deliveries.findings(&this, listed.last(), 1).await.unwrap();
        listed.extend(next);
    }
    assert_eq!(deliveries.findings(&this, listed.last(), 1).await.unwrap(), []);
    assert_eq!(listed, all);
    assert_eq!(deliveries.findings(&run("other"), None, 9).await.unwrap(), []);
    deliveries.end_comparison(&this).await.unwrap();
    assert_eq!(deliveries.findings(&this, None, 9).await.unwrap(), []);
}

fn at(place: &str) -> Known {
    let values = Values::from([(Attribute::Active, Some("true".to_owned()))]);
    Known { values, ..Known::created(id(place), None, Values::new()) }
}

/// Wishes once and delivers.
async fn delivered(store: &Store, subject: &Subject, known: &Known) {
    let deliveries = store.delivery();
    deliveries.wish(std::slice::from_ref(subject), Urgency::Change, NOW).await.unwrap();
    let newest = deliveries.delivery(TARGET, subject).await.unwrap().expect("a row").row.wished;
    let done = deliveries.note_after(TARGET, (subject, newest), known, |row| row.delivered(newest, NOW), NOW);
    assert!(done.await.unwrap());
}

async fn a_correction_doubts_what_is_known_unless_there_is_a_newer_wish(store: &Store) {
    target(store).await;
    let share = Subject::Share("Art".into());
    for subject in [&person(1), &person(2), &person(3), &share] {
        delivered(store, subject, &at(&subject.to_string())).await;
    }
    store.delivery().wish(&[person(2)], Urgency::Change, NOW).await.unwrap();
    let correct =
        |subject: Subject, wished| Correction { subject, wished, learned: None, urgency: Urgency::Suspend };
    let all = [
        correct(share.clone(), Some(1)),
        correct(person(1), Some(1)),
        correct(person(2), Some(1)),
        correct(person(3), Some(7)),
        correct(person(4), None),
        correct(person(1), None),
    ];
    assert_eq!(store.delivery().correct(TARGET, &all, NOW + 1).await.unwrap(), 3);
    let row =
        async |subject: &Subject| store.delivery().delivery(TARGET, subject).await.unwrap().expect("a row");
    let one = row(&person(1)).await;
    assert!(one.row.is_dirty() && one.row.urgency == Urgency::Suspend && one.row.wished == 2);
    assert_eq!(one.known, Known { verify: true, ..at("person a1") });
    assert_eq!(row(&share).await.known, Known { verify: true, members: None, ..at("Team Share Art") });
    assert!(!row(&person(2)).await.known.verify && !row(&person(3)).await.row.is_dirty());
    assert_eq!(row(&person(4)).await.row.wished, 1);
    assert_eq!(store.delivery().correct(TARGET, &all[..2], NOW + 2).await.unwrap(), 0, "they wait already");
}

async fn a_resource_that_was_left_behind_is_learned(store: &Store) {
    target(store).await;
    delivered(store, &person(1), &Known::default()).await;
    let learned = Some(id("r7"));
    let one = Correction { subject: person(1), wished: Some(1), learned, urgency: Urgency::Suspend };
    assert_eq!(store.delivery().correct(TARGET, &[one], NOW).await.unwrap(), 1);
    let stored = store.delivery().delivery(TARGET, &person(1)).await.unwrap().expect("a row");
    assert_eq!(stored.known.place, Place::At { id: id("r7"), etag: None });
    let owner = store.delivery().delivered_as(TARGET, Kind::User, &id("r7")).await.unwrap();
    assert_eq!(owner, Some(person(1)));
    let owners = store.delivery().owners(TARGET, Kind::User, &[id("r7"), id("r8")]).await.unwrap();
    assert_eq!(owners.into_iter().collect::<Vec<_>>(), [(id("r7"), person(1))]);
    assert_eq!(store.delivery().erased_page(TARGET, None, 9).await.unwrap().len(), 1, "it has no account");
}

async fn the_newest_comparison_goes_with_its_service(store: &Store) {
    let deliveries = store.delivery();
    let mut drift = Drift { same: 7, ..Drift::default() };
    drift.findings.insert(Finding::Gone, 2);
    let first =
        ComparisonRow { begun_at: NOW, ended_at: NOW + 5, fixed: 2, drift: Some(drift), failed: None };
    let event = Event::new(NOW, Decision::DeliveryCompared);
    deliveries.note_comparison(TARGET, &first, None).await.unwrap();
    assert_eq!(deliveries.comparison(TARGET).await.unwrap(), None, "there is no such service");
    target(store).await;
    deliveries.note_comparison(TARGET, &first, Some(&event)).await.unwrap();
    assert_eq!(deliveries.comparison(TARGET).await.unwrap().as_ref(), Some(&first));
    let failed = ComparisonRow { begun_at: NOW + 9, drift: None, failed: Some("401".into()), ..first };
    deliveries.note_comparison(TARGET, &failed, None).await.unwrap();
    assert_eq!(deliveries.comparison(TARGET).await.unwrap(), Some(failed));
    let trail = store.login().audit_page(None, 9, &AuditFilter::All).await.unwrap();
    assert_eq!(trail.len(), 1);
    deliveries.set_targets(&[], NOW).await.unwrap();
    assert_eq!(deliveries.comparison(TARGET).await.unwrap(), None);
}

fn entry(action: Action) -> LogEntry {
    let attributes = BTreeSet::from([Attribute::Email]);
    LogEntry { action, attributes, joined: 3, left: 1, ending: Ending::Done, words: Some("words".into()) }
}

async fn attempts_are_logged_and_expire(store: &Store) {
    target(store).await;
    let deliveries = store.delivery();
    let share = Subject::Share("Art".into());
    for (number, subject) in [person(1), share.clone(), person(1)].iter().enumerate() {
        let now = NOW + Millis::try_from(number).expect("small");
        deliveries.log(TARGET, subject, &entry(Action::Changed), now).await.unwrap();
    }
    deliveries.log("other", &person(1), &entry(Action::Created), NOW + 3).await.unwrap();
    let page = async |filter: DeliveryLogFilter| deliveries.log_page(&filter, 9).await.unwrap();
    let all = page(DeliveryLogFilter::default()).await;
    assert_eq!(all.iter().map(|row| row.at - NOW).collect::<Vec<_>>(), [3, 2, 1, 0], "the newest first");
    assert_eq!((all[0].target.as_str(), &all[0].entry), ("other", &entry(Action::Created)));
    let target = || Some(TARGET.to_owned());
    for (filter, expected) in [
        (DeliveryLogFilter { target: target(), ..Default::default() }, vec![2, 1, 0]),
        (DeliveryLogFilter { subject: Some(person(1)), ..Default::default() }, vec![3, 2, 0]),
        (DeliveryLogFilter { subject: Some(person(1)), target: target(), before: None }, vec![2, 0]),
        (DeliveryLogFilter { before: Some(all[1].id), ..Default::default() }, vec![1, 0]),
        (DeliveryLogFilter { subject: Some(share), ..Default::default() }, vec![1]),
    ] {
        let rows: Vec<Millis> = page(filter.clone()).await.iter().map(|row| row.at - NOW).collect();
        assert_eq!(rows, expected, "{filter:?}");
    }
    assert_eq!(store.settings().expire_deliveries(3).await.unwrap(), 1);
    store.settings().expire(&Default::default(), NOW + 90 * DAY + 2).await.unwrap();
    assert_eq!(page(DeliveryLogFilter::default()).await.len(), 1, "the others are too old");
}

async fn the_log_forgets_an_erased_person(store: &Store) {
    target(store).await;
    let id = super::person(store, 1, "alice").await;
    let alice = Subject::Person(id.clone());
    let deliveries = store.delivery();
    let newest = deliveries.delivery(TARGET, &alice).await.unwrap().expect("a row").row.wished;
    let (known, log) = (at("r1"), entry(Action::Created));
    let note = AttemptNote { log: Some(&log), ..AttemptNote::unlogged(&known) };
    deliveries
        .note_attempt(TARGET, (&alice, newest), note, |row| row.delivered(newest, NOW), NOW)
        .await
        .unwrap();
    let overtaken = AttemptNote { log_if_overtaken: Some(&log), ..AttemptNote::unlogged(&known) };
    deliveries.note_attempt(TARGET, (&alice, newest), overtaken, |_| {}, NOW).await.unwrap();
    let rows = async || deliveries.log_page(&DeliveryLogFilter::default(), 9).await.unwrap().len();
    assert_eq!(rows().await, 1, "it was not overtaken");
    deliveries.wish(std::slice::from_ref(&alice), Urgency::Change, NOW).await.unwrap();
    assert!(!deliveries.note_attempt(TARGET, (&alice, newest), overtaken, |_| {}, NOW).await.unwrap());
    assert_eq!(rows().await, 2);
    let event = Event::new(NOW, Decision::AccountErased);
    store.identity().purge(&id, true, &event).await.unwrap();
    assert_eq!(rows().await, 0);
}

async fn since_when_somebody_is_active_is_the_first_confirmation(store: &Store) {
    target(store).await;
    let alice = person(1);
    let deliveries = store.delivery();
    deliveries.wish(std::slice::from_ref(&alice), Urgency::Change, NOW).await.unwrap();
    let active = |active: Option<bool>| {
        let values = active.map(|active| (Attribute::Active, Some(active.to_string())));
        Known { values: values.into_iter().collect(), ..at("r1") }
    };
    let lost = Known { place: Place::Lost, ..Known::default() };
    for (now, known, expected) in [
        (1, active(Some(true)), (Some(true), Some(1))),
        (2, active(Some(true)), (Some(true), Some(1))),
        // A request that may have changed it is on its way.
        (3, active(None), (Some(true), Some(1))),
        (4, active(Some(true)), (Some(true), Some(1))),
        (5, active(Some(false)), (Some(false), Some(5))),
        (6, lost, (None, None)),
        (7, active(Some(true)), (Some(true), Some(7))),
    ] {
        deliveries.note_after(TARGET, (&alice, 1), &known, |_| {}, now).await.unwrap();
        let state = deliveries.state(TARGET, &alice).await.unwrap().expect("a row");
        assert_eq!((state.active, state.active_since), expected, "at {now}");
    }
    assert_eq!(deliveries.state(TARGET, &person(2)).await.unwrap(), None);
}
