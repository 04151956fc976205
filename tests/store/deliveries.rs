//! The outbox: wishes, what is ready, and what the sender notes.

use std::collections::BTreeMap;

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::delivery::{
    Attribute, Failure, Kind, Known, Place, RemoteId, Row, Subject, Urgency, Values,
};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{PurgeOutcome, Store, StoredDelivery, Waiting};

use super::{NOW, on_both};
use crate::support::rows::Decisions;

on_both!(
    a_wish_is_noted_at_every_target_and_forgotten_with_it,
    a_row_does_what_the_rule_says,
    suspensions_are_ready_first_and_people_before_team_shares,
    whoever_is_in_quarantine_waits_except_for_a_suspension,
    a_newer_wish_stays_and_what_was_to_be_verified_still_is,
    an_id_has_one_owner,
    only_an_erased_person_without_a_newer_wish_is_forgotten,
    a_person_with_another_id_has_the_team_shares_delivered,
    an_erased_account_is_erased_at_its_targets_and_leaves_no_values,
);

/// Alice, delivered as `r1`, in two Team Shares.
async fn alice(store: &Store) -> Subject {
    targets(store, &[TARGET, "other"]).await;
    let id = super::person(store, 1, "alice").await;
    let account = store.identity().account(&id).await.unwrap().expect("there");
    let joined = ["Art", "Press"].map(|name| ShareChange {
        share: Share { team_share: name.into(), group: super::entry(7) },
        why: "a member".into(),
    });
    let diff = ShareDiff { joined: joined.into(), left: Vec::new() };
    store.sync().write_shares(None, vec![(account, diff)], NOW).await.unwrap();
    let alice = Subject::Person(id);
    let values = Values::from([(Attribute::UserName, Some("alice@example.com".to_owned()))]);
    wish(store, &alice, Urgency::Change, NOW).await;
    note(store, (&alice, 1), &Known { values, ..at("r1") }, |row| row.delivered(1, NOW)).await;
    alice
}

async fn a_person_with_another_id_has_the_team_shares_delivered(store: &Store) {
    let alice = alice(store).await;
    assert_eq!(ready(store, NOW).await, [share("Art"), share("Press")]);
    for name in ["Art", "Press"] {
        note(store, (&share(name), 1), &at(name), |row| row.delivered(1, NOW)).await;
    }
    note(store, (&alice, 1), &at("r1"), |_| {}).await;
    assert_eq!(ready(store, NOW).await, [], "the same id");
    note(store, (&alice, 1), &at("r2"), |_| {}).await;
    assert_eq!(ready(store, NOW).await, [share("Art"), share("Press")]);
    assert_eq!(store.delivery().ready("other", 9, NOW).await.unwrap().len(), 1, "only alice waits there");
}

async fn an_erased_account_is_erased_at_its_targets_and_leaves_no_values(store: &Store) {
    let alice = alice(store).await;
    let Subject::Person(id) = &alice else { panic!("a person") };
    for name in ["Art", "Press"] {
        note(store, (&share(name), 1), &at(name), |row| row.delivered(1, NOW)).await;
    }
    let outcome = store.identity().purge(id, true, &super::event_at(NOW + 5)).await.unwrap();
    assert!(matches!(outcome, PurgeOutcome::Erased(_)), "{outcome:?}");
    assert_eq!(ready(store, NOW + 5).await, [alice.clone(), share("Art"), share("Press")]);
    let left = stored(store, &alice).await;
    assert_eq!((left.known, left.row.dirty_since), (at("r1"), NOW + 5));
}

const TARGET: &str = "cloudsync";

fn person(number: u8) -> Subject {
    Subject::Person(AccountId(format!("p{number}")))
}

fn share(name: &str) -> Subject {
    Subject::Share(name.into())
}

fn refused() -> Failure {
    Failure::Refused { status: 400, words: "no \"title\", please".into() }
}

fn at(id: &str) -> Known {
    Known { place: Place::At { id: RemoteId(id.into()), etag: None }, ..Known::default() }
}

async fn targets(store: &Store, targets: &[&str]) {
    store.delivery().set_targets(targets, NOW).await.unwrap();
}

async fn wish(store: &Store, subject: &Subject, urgency: Urgency, now: i64) {
    store.delivery().wish(std::slice::from_ref(subject), urgency, now).await.unwrap();
}

async fn ready(store: &Store, now: i64) -> Vec<Subject> {
    let ready = store.delivery().ready(TARGET, 100, now).await.unwrap();
    ready.into_iter().map(|stored| stored.subject).collect()
}

async fn stored(store: &Store, subject: &Subject) -> StoredDelivery {
    store.delivery().delivery(TARGET, subject).await.unwrap().expect("a row")
}

async fn note(store: &Store, wish: (&Subject, u64), known: &Known, change: impl Fn(&mut Row)) {
    store.delivery().note_after(TARGET, wish, known, change, NOW).await.unwrap();
}

async fn a_wish_is_noted_at_every_target_and_forgotten_with_it(store: &Store) {
    wish(store, &person(1), Urgency::Change, NOW).await;
    targets(store, &[TARGET, "other"]).await;
    assert_eq!(ready(store, NOW).await, [], "there was no target");
    let both = [person(1), share("Sales"), person(1)];
    store.delivery().wish(&both, Urgency::Change, NOW).await.unwrap();
    assert_eq!(ready(store, NOW).await, [person(1), share("Sales")]);
    assert_eq!(stored(store, &person(1)).await.row.wished, 1, "the same person twice is one wish");
    assert_eq!(store.delivery().ready("other", 1, NOW).await.unwrap().len(), 1);
    targets(store, &["other", "third"]).await;
    assert_eq!(ready(store, NOW).await, []);
    assert_eq!(store.delivery().ready("other", 9, NOW).await.unwrap().len(), 2);
    targets(store, &[TARGET]).await;
    assert_eq!(ready(store, NOW).await, [], "what was to be delivered was forgotten");
}

/// The statements and `domain::delivery::Row` agree after each step.
async fn a_row_does_what_the_rule_says(store: &Store) {
    targets(store, &[TARGET]).await;
    let one = person(1);
    let mut rule = Row::default();
    let steps = [
        (Some(Urgency::Fill), "wished"),
        (Some(Urgency::Suspend), "wished"),
        (Some(Urgency::Change), "wished"),
        (None, "later"),
        (None, "refused"),
        (Some(Urgency::Fill), "wished"),
        (None, "delivered"),
        (Some(Urgency::Fill), "wished"),
        (Some(Urgency::Change), "wished"),
        (None, "refused"),
        (None, "later"),
        (None, "retry"),
    ];
    for (step, (urgency, what)) in steps.into_iter().enumerate() {
        let now = NOW + i64::try_from(step).unwrap();
        let number = rule.wished;
        let change = |row: &mut Row| match what {
            "later" => row.failed(number, &refused(), now, (0.5, true)),
            "refused" => row.refused(number, &refused(), now),
            "delivered" => row.delivered(number, now),
            _ => row.retry(),
        };
        match urgency {
            Some(urgency) => {
                rule.wish(urgency, now);
                wish(store, &one, urgency, now).await;
            }
            None => {
                change(&mut rule);
                note(store, (&one, number), &Known::default(), change).await;
            }
        }
        assert_eq!(stored(store, &one).await.row, rule, "step {step}: {what}");
        for later in [now, now + 60_000, i64::MAX] {
            assert_eq!(ready(store, later).await.len(), usize::from(rule.is_ready(later)), "step {step}");
        }
    }
}

async fn suspensions_are_ready_first_and_people_before_team_shares(store: &Store) {
    targets(store, &[TARGET]).await;
    for (subject, urgency, since) in [
        (person(1), Urgency::Fill, 1),
        (share("Sales"), Urgency::Change, 1),
        (person(2), Urgency::Change, 3),
        (person(3), Urgency::Change, 2),
        (person(4), Urgency::Suspend, 9),
    ] {
        wish(store, &subject, urgency, NOW + since).await;
    }
    assert_eq!(ready(store, NOW).await, [person(4), person(3), person(2), share("Sales"), person(1)]);
    let counts = store.delivery().waiting(TARGET).await.unwrap();
    assert_eq!(counts, Waiting { waiting: 5, quarantined: 0, oldest: Some(NOW + 1) });
    let empty = store.delivery().waiting("nobody").await.unwrap();
    assert_eq!(empty, Waiting { waiting: 0, quarantined: 0, oldest: None });
}

async fn whoever_is_in_quarantine_waits_except_for_a_suspension(store: &Store) {
    targets(store, &[TARGET]).await;
    for (subject, urgency) in
        [(person(1), Urgency::Change), (person(2), Urgency::Suspend), (share("A"), Urgency::Change)]
    {
        wish(store, &subject, urgency, NOW).await;
        note(store, (&subject, 1), &Known::default(), |row| row.refused(1, &refused(), NOW)).await;
    }
    assert_eq!(ready(store, NOW).await, []);
    assert_eq!(ready(store, NOW + 3_600_000).await, [person(2)]);
    let mut page = store.delivery().quarantined(TARGET, None, 2).await.unwrap();
    page.extend(store.delivery().quarantined(TARGET, Some(&person(2)), 2).await.unwrap());
    let subjects: Vec<&Subject> = page.iter().map(|stored| &stored.subject).collect();
    assert_eq!(subjects, [&person(1), &person(2), &share("A")]);
    let words = page[0].row.quarantine.as_ref().map(|why| why.words.as_str());
    assert_eq!(words, Some("400: no \"title\", please"));
    assert_eq!(store.delivery().retry_all(TARGET).await.unwrap(), 3);
    assert_eq!(ready(store, NOW).await.len(), 3);
}

async fn a_newer_wish_stays_and_what_was_to_be_verified_still_is(store: &Store) {
    targets(store, &[TARGET]).await;
    let (one, values) = (person(1), Values::from([]));
    wish(store, &one, Urgency::Change, NOW).await;
    let before = Known { verify: true, values, ..at("r1") };
    store.delivery().note_before(TARGET, &one, &before).await.unwrap();
    assert_eq!(stored(store, &one).await.known, before);
    wish(store, &one, Urgency::Suspend, NOW + 1).await;
    let after = Known { members: Some(BTreeMap::from([(RemoteId("m\"1".into()), true)])), ..at("r1") };
    note(store, (&one, 1), &after, |row| row.delivered(1, NOW + 2)).await;
    let now = stored(store, &one).await;
    assert_eq!(now.known, Known { verify: true, ..after.clone() });
    assert!(now.row.is_dirty() && now.row.urgency == Urgency::Suspend);
    note(store, (&one, 2), &after, |row| row.delivered(2, NOW + 3)).await;
    let now = stored(store, &one).await;
    assert_eq!((now.known, now.row.is_dirty()), (after, false));
}

async fn an_id_has_one_owner(store: &Store) {
    targets(store, &[TARGET]).await;
    let owner = async |kind, id: &str| {
        store.delivery().delivered_as(TARGET, kind, &RemoteId(id.into())).await.unwrap()
    };
    for (subject, id) in [(person(1), "r1"), (share("Sales"), "r1"), (person(2), "r2")] {
        wish(store, &subject, Urgency::Change, NOW).await;
        note(store, (&subject, 1), &at(id), |row| row.delivered(1, NOW)).await;
    }
    assert_eq!(owner(Kind::User, "r1").await, Some(person(1)));
    assert_eq!(owner(Kind::Group, "r1").await, Some(share("Sales")));
    note(store, (&person(2), 1), &Known::default(), |_| {}).await;
    assert_eq!(owner(Kind::User, "r2").await, None);
}

async fn only_an_erased_person_without_a_newer_wish_is_forgotten(store: &Store) {
    targets(store, &[TARGET]).await;
    let one = person(1);
    wish(store, &one, Urgency::Change, NOW).await;
    wish(store, &one, Urgency::Change, NOW).await;
    store.delivery().forget(TARGET, &one, 1).await.unwrap();
    assert_eq!(stored(store, &one).await.row.wished, 2);
    store.delivery().forget(TARGET, &one, 2).await.unwrap();
    assert_eq!(store.delivery().delivery(TARGET, &one).await.unwrap(), None);
    note(store, (&one, 2), &at("r1"), |row| row.delivered(2, NOW)).await;
    assert_eq!(store.delivery().delivery(TARGET, &one).await.unwrap(), None, "a row that is gone stays gone");
}
