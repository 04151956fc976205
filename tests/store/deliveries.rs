//! The outbox: wishes, what is ready, and what the sender notes.

use std::collections::{BTreeMap, BTreeSet};

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::delivery::{
    Attribute, Dialect, Failure, Kind, Known, Place, RefusalCause, RemoteId, Row, Stop, Subject, Urgency,
    Values,
};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{
    AuditFilter, DeliveryTarget, FailingTarget, PurgeOutcome, Retried, StoppedTarget, Store, StoredDelivery,
    TargetState, Waiting,
};

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
    who_is_filled_in_waits_with_the_team_shares_behind_others,
    a_refused_member_is_verified_and_delivered_again,
    a_service_is_known_by_its_address_and_filled_by_what_it_gets,
    a_stopped_service_waits_for_an_administrator,
    a_service_that_fails_is_away_once,
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
    deliver(store, &alice, &Known { values, ..at("r1") }).await;
    alice
}

/// Delivers the newest wish.
async fn deliver(store: &Store, subject: &Subject, known: &Known) {
    let newest = stored(store, subject).await.row.wished;
    note(store, (subject, newest), known, |row| row.delivered(newest, NOW)).await;
}

async fn a_person_with_another_id_has_the_team_shares_delivered(store: &Store) {
    let alice = alice(store).await;
    assert_eq!(ready(store, NOW).await, [share("Art"), share("Press")]);
    for name in ["Art", "Press"] {
        deliver(store, &share(name), &at(name)).await;
    }
    let elsewhere = store.delivery().ready("other", 9, NOW).await.unwrap();
    deliver(store, &alice, &at("r1")).await;
    assert_eq!(ready(store, NOW).await, [], "the same id");
    deliver(store, &alice, &at("r2")).await;
    assert_eq!(ready(store, NOW).await, [share("Art"), share("Press")]);
    assert_eq!(store.delivery().ready("other", 9, NOW).await.unwrap(), elsewhere);
}

async fn who_is_filled_in_waits_with_the_team_shares_behind_others(store: &Store) {
    let alice = alice(store).await;
    for name in ["Art", "Press"] {
        deliver(store, &share(name), &at(name)).await;
    }
    wish(store, &alice, Urgency::Fill, NOW + 1).await;
    deliver(store, &alice, &at("r2")).await;
    assert_eq!(stored(store, &share("Art")).await.row.urgency, Urgency::Fill);
    wish(store, &alice, Urgency::Suspend, NOW + 2).await;
    deliver(store, &alice, &at("r3")).await;
    assert_eq!(stored(store, &share("Art")).await.row.urgency, Urgency::Change);
    let ids = |ids: &[&str]| ids.iter().map(|id| RemoteId((*id).into())).collect::<BTreeSet<_>>();
    assert_eq!(store.delivery().members_at(TARGET, "Art").await.unwrap(), ids(&["r3"]));
    assert_eq!(store.delivery().members_at("other", "Art").await.unwrap(), ids(&[]));
    assert!(store.delivery().has_members("Art").await.unwrap());
    assert!(!store.delivery().has_members("Sales").await.unwrap());
    let ours = store.delivery().ours(TARGET, &ids(&["r1", "r3", "Art"])).await.unwrap();
    assert_eq!(ours.into_iter().collect::<BTreeSet<_>>(), ids(&["r3"]), "groups are no users");
    assert_eq!(store.delivery().known_at(TARGET).await.unwrap(), 3);
}

async fn a_refused_member_is_verified_and_delivered_again(store: &Store) {
    let alice = alice(store).await;
    let refused = BTreeSet::from([RemoteId("r1".into()), RemoteId("nobody".into())]);
    let before = stored(store, &alice).await;
    store.delivery().verify(TARGET, &refused, NOW + 1).await.unwrap();
    let after = stored(store, &alice).await;
    assert_eq!(after.known, Known { verify: true, ..before.known });
    assert_eq!((after.row.wished, after.row.is_dirty()), (before.row.wished + 1, true));
}

async fn a_service_is_known_by_its_address_and_filled_by_what_it_gets(store: &Store) {
    for number in 1..=3 {
        super::person(store, number, &format!("p{number}")).await;
    }
    let service = target(TARGET);
    let fill = async || {
        let mut rounds = 0;
        while store.delivery().fill(&state(store).await, NOW).await.unwrap() {
            rounds += 1;
            assert!(rounds < 5, "it ends");
        }
        assert_eq!(state(store).await.filled_to, None);
    };
    store.delivery().set_targets(std::slice::from_ref(&service), NOW).await.unwrap();
    assert_eq!(state(store).await.filled_to.as_deref(), Some(""));
    fill().await;
    let all = store.delivery().ready(TARGET, 9, NOW).await.unwrap();
    assert!(all.len() == 3 && all.iter().all(|one| one.row.urgency == Urgency::Fill), "{all:?}");
    for one in &all {
        deliver(store, &one.subject, &at(&one.subject.to_string())).await;
    }
    store.delivery().note_dialect(TARGET, &Dialect { page: 7, ..Dialect::default() }, NOW).await.unwrap();
    store.delivery().set_targets(std::slice::from_ref(&service), NOW + 1).await.unwrap();
    assert_eq!((state(store).await.filled_to, ready(store, NOW).await), (None, vec![]), "the same");
    let stale = state(store).await;
    let more = DeliveryTarget { delivered: "more".into(), ..service.clone() };
    store.delivery().set_targets(&[more], NOW + 2).await.unwrap();
    let stale = TargetState { filled_to: Some(String::new()), ..stale };
    assert!(!store.delivery().fill(&stale, NOW).await.unwrap(), "of settings that are not in force any more");
    fill().await;
    assert_eq!(ready(store, NOW).await.len(), 3);
    assert_eq!(state(store).await.dialect.map(|dialect| dialect.page), Some(7));
    assert_eq!(
        stored(store, &all[0].subject).await.known.id().map(|id| id.0.clone()),
        Some(all[0].subject.to_string())
    );
    let moved = DeliveryTarget { base_url: "https://elsewhere.example".into(), ..service };
    store.delivery().set_targets(&[moved], NOW + 3).await.unwrap();
    assert_eq!((ready(store, NOW).await, state(store).await.dialect), (vec![], None), "another service");
    fill().await;
    assert_eq!(stored(store, &all[0].subject).await.known, Known::default());
}

async fn a_service_that_fails_is_away_once(store: &Store) {
    targets(store, &[TARGET]).await;
    let deliveries = store.delivery();
    let away = async || {
        deliveries.note_away(TARGET, &super::event()).await.unwrap();
        store.login().audit_page(None, 9, &AuditFilter::All).await.unwrap().len()
    };
    assert_eq!((away().await, state(store).await.failing), (0, None));
    deliveries.note_failing(TARGET, "no route", NOW).await.unwrap();
    deliveries.note_failing(TARGET, "500", NOW + 1).await.unwrap();
    let failing = FailingTarget { since: NOW, words: "no route".into(), is_noted: false };
    assert_eq!(state(store).await.failing, Some(failing.clone()), "the first counts");
    assert_eq!((away().await, away().await), (1, 1));
    assert_eq!(state(store).await.failing, Some(FailingTarget { is_noted: true, ..failing }));
    assert!(deliveries.note_well(TARGET).await.unwrap());
    assert!(!deliveries.note_well(TARGET).await.unwrap());
    deliveries.note_failing(TARGET, "500", NOW + 2).await.unwrap();
    assert_eq!(away().await, 2);
}

async fn a_stopped_service_waits_for_an_administrator(store: &Store) {
    targets(store, &[TARGET]).await;
    let one = person(1);
    wish(store, &one, Urgency::Change, NOW).await;
    note(store, (&one, 1), &Known::default(), |row| row.refused(1, &refused(), NOW)).await;
    let stopped =
        StoppedTarget { why: Stop::Unauthorized, at: NOW, words: "expired".into(), under: "d".into() };
    assert!(store.delivery().stop(TARGET, &stopped, &super::event()).await.unwrap());
    let again = StoppedTarget { why: Stop::Refusing, ..stopped.clone() };
    assert!(!store.delivery().stop(TARGET, &again, &super::event()).await.unwrap());
    assert_eq!((state(store).await.stopped, state(store).await.resumed), (Some(stopped), 0));
    let retried = store.delivery().retry(TARGET, Some(&person(2)), |_| super::event()).await.unwrap();
    assert_eq!(retried, Retried { stopped: Some(Stop::Unauthorized), released: 0 });
    assert_eq!((state(store).await.stopped, state(store).await.resumed), (None, 1));
    let retried = store.delivery().retry(TARGET, Some(&one), |_| super::event()).await.unwrap();
    assert_eq!(retried, Retried { stopped: None, released: 1 });
    assert_eq!(ready(store, NOW).await, [one]);
}

async fn an_erased_account_is_erased_at_its_targets_and_leaves_no_values(store: &Store) {
    let alice = alice(store).await;
    let Subject::Person(id) = &alice else { panic!("a person") };
    for name in ["Art", "Press"] {
        deliver(store, &share(name), &at(name)).await;
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

fn target(id: &str) -> DeliveryTarget {
    DeliveryTarget { id: id.into(), base_url: format!("https://{id}.example/scim"), delivered: String::new() }
}

async fn targets(store: &Store, targets: &[&str]) {
    let targets: Vec<DeliveryTarget> = targets.iter().map(|id| target(id)).collect();
    store.delivery().set_targets(&targets, NOW).await.unwrap();
}

async fn state(store: &Store) -> TargetState {
    store.delivery().target(TARGET).await.unwrap().expect("a service")
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
    let taken = Failure::Conflict("\u{e9}".into());
    note(store, (&person(1), 1), &Known::default(), |row| row.refused(1, &taken, NOW)).await;
    let refusals = store.delivery().refusals(TARGET).await.unwrap();
    assert_eq!(refusals, [(RefusalCause::Taken, 1), (RefusalCause::Invalid, 2)].into());
    assert!(store.delivery().refusals("nobody").await.unwrap().is_empty());
    let retried = store.delivery().retry(TARGET, None, |_| super::event()).await.unwrap();
    assert_eq!(retried, Retried { stopped: None, released: 3 });
    assert_eq!(ready(store, NOW).await.len(), 3);
}

async fn a_newer_wish_stays_and_what_was_to_be_verified_still_is(store: &Store) {
    targets(store, &[TARGET]).await;
    let (one, values) = (person(1), Values::from([]));
    wish(store, &one, Urgency::Change, NOW).await;
    let before = Known { verify: true, values, ..at("r1") };
    assert!(store.delivery().note_before(TARGET, (&one, 1), &before).await.unwrap());
    assert_eq!(stored(store, &one).await.known, before);
    wish(store, &one, Urgency::Suspend, NOW + 1).await;
    assert!(!store.delivery().note_before(TARGET, (&one, 1), &at("r2")).await.unwrap(), "a newer wish");
    assert_eq!(stored(store, &one).await.known, before);
    let after = Known { members: Some(BTreeMap::from([(RemoteId("m\"1".into()), true)])), ..at("r1") };
    note(store, (&one, 1), &after, |row| row.delivered(1, NOW + 2)).await;
    let now = stored(store, &one).await;
    assert_eq!(now.known, Known { verify: true, ..after.clone() });
    assert!(now.row.is_dirty() && now.row.urgency == Urgency::Suspend);
    note(store, (&one, 2), &after, |row| row.delivered(2, NOW + 3)).await;
    let now = stored(store, &one).await;
    assert_eq!((now.known, now.row.is_dirty()), (after, false));
    for (since, expected) in [(NOW + 3, 1), (NOW + 4, 0)] {
        assert_eq!(store.delivery().delivered_since(TARGET, since).await.unwrap(), expected);
    }
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
