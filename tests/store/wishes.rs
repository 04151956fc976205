//! Whoever changes an account or a membership has it delivered, in the same transaction.

use std::slice;

use cloudsync_idp::domain::account::{Account, AccountId, SuspendedBecause};
use cloudsync_idp::domain::delivery::{Row, Subject, Urgency};
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{
    Applied, DeliveryTarget, HandOverOutcome, PurgeOutcome, Store, SuspendOutcome, Verdicts,
};

use super::{NOW, apply, change, corp, decided, entry, event, on_both, person, profile, undo};
use crate::support::rows::Decisions;

on_both!(
    a_sync_or_sign_in_that_changes_an_account_has_it_delivered,
    an_administrators_change_is_delivered,
    imported_accounts_are_delivered,
    a_reverted_run_is_delivered,
    memberships_are_delivered_as_their_team_share,
    what_is_rolled_back_or_only_confirmed_is_not_delivered,
    without_a_service_nothing_is_noted,
);

const TARGET: &str = "cloudsync";

async fn service(store: &Store) {
    let target = DeliveryTarget {
        id: TARGET.into(),
        base_url: "https://cloudsync.example/scim".into(),
        delivered: String::new(),
    };
    store.delivery().set_targets(&[target], NOW).await.unwrap();
}

/// What is to be delivered since the last call, each with its urgency.
async fn news(store: &Store) -> Vec<(Subject, Urgency)> {
    let ready = store.delivery().ready(TARGET, 100, i64::MAX).await.unwrap();
    let mut news = Vec::new();
    for one in ready {
        let newest = one.row.wished;
        let done = |row: &mut Row| row.delivered(newest, NOW);
        store.delivery().note_after(TARGET, (&one.subject, newest), &one.known, done, NOW).await.unwrap();
        news.push((one.subject, one.row.urgency));
    }
    news
}

fn about(id: &AccountId, urgency: Urgency) -> [(Subject, Urgency); 1] {
    [(Subject::Person(id.clone()), urgency)]
}

async fn account(store: &Store, id: &AccountId) -> Account {
    store.identity().account(id).await.unwrap().expect("there")
}

async fn a_sync_or_sign_in_that_changes_an_account_has_it_delivered(store: &Store) {
    service(store).await;
    let alice = person(store, 1, "alice").await;
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
    apply(store, 1, Action::Update(alice.clone(), change(1, "alicia"))).await;
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
    let disabled = SuspendedBecause::Disabled;
    apply(store, 1, Action::Suspend(alice.clone(), disabled, change(1, "alicia"))).await;
    assert_eq!(news(store).await, about(&alice, Urgency::Suspend));
    apply(store, 1, Action::Reactivate(alice.clone(), change(1, "alicia"))).await;
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
}

async fn an_administrators_change_is_delivered(store: &Store) {
    service(store).await;
    let alice = person(store, 1, "alice").await;
    news(store).await;
    assert!(matches!(
        store.identity().suspend_here(&alice, &event()).await.unwrap(),
        SuspendOutcome::Done(_)
    ));
    assert_eq!(news(store).await, about(&alice, Urgency::Suspend));
    let to = change(9, "alice").link;
    assert_eq!(store.identity().hand_over(&alice, &to, &event()).await.unwrap(), HandOverOutcome::Done);
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
    store.identity().reactivate(&alice, &event()).await.unwrap();
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
    let outcome = store.identity().purge(&alice, true, &event()).await.unwrap();
    assert!(matches!(outcome, PurgeOutcome::Erased(_)), "{outcome:?}");
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
}

async fn imported_accounts_are_delivered(store: &Store) {
    service(store).await;
    let id = AccountId("42".into());
    let import = async |name: &str| {
        store.identity().import_accounts(vec![(id.clone(), profile(name))], &event(), NOW).await.unwrap();
    };
    import("carol").await;
    assert_eq!(news(store).await, about(&id, Urgency::Change));
    import("carol").await;
    assert_eq!(news(store).await, [], "nothing was changed");
    import("caroline").await;
    assert_eq!(news(store).await, about(&id, Urgency::Change));
    // Without an entry the history has no directory to name.
    store.identity().suspend_here(&id, &event()).await.unwrap();
    assert_eq!(news(store).await, about(&id, Urgency::Suspend));
    store.identity().reactivate(&id, &event()).await.unwrap();
    assert_eq!(news(store).await, about(&id, Urgency::Change));
    apply(store, 3, Action::Link(id.clone(), change(3, "caroline"))).await;
    assert_eq!(news(store).await, about(&id, Urgency::Change));
}

async fn a_reverted_run_is_delivered(store: &Store) {
    service(store).await;
    let alice = person(store, 1, "alice").await;
    news(store).await;
    let renamed = decided(1, "alice", Action::Update(alice.clone(), change(1, "alicia")));
    let run = undo::run(store, vec![renamed]).await;
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
    undo::undo(store, run).await;
    assert_eq!(account(store, &alice).await.profile.email, profile("alice").email);
    assert_eq!(news(store).await, about(&alice, Urgency::Change));
}

async fn memberships_are_delivered_as_their_team_share(store: &Store) {
    service(store).await;
    let alice = person(store, 1, "alice").await;
    news(store).await;
    let one = |name: &str| ShareChange {
        share: Share { team_share: name.into(), group: entry(7) },
        why: "a member".into(),
    };
    let write = async |diff: ShareDiff| {
        let account = account(store, &alice).await;
        store.sync().write_shares(None, vec![(account, diff)], NOW).await.unwrap();
    };
    let art = (Subject::Share("Art".into()), Urgency::Change);
    write(ShareDiff { joined: [one("Art")].into(), left: Vec::new() }).await;
    assert_eq!(news(store).await, slice::from_ref(&art));
    write(ShareDiff { joined: [one("Art")].into(), left: Vec::new() }).await;
    assert_eq!(news(store).await, [], "it was one already");
    write(ShareDiff { joined: Vec::new(), left: [one("Art")].into() }).await;
    assert_eq!(news(store).await, [art]);
    write(ShareDiff { joined: Vec::new(), left: [one("Art")].into() }).await;
    assert_eq!(news(store).await, []);
}

async fn what_is_rolled_back_or_only_confirmed_is_not_delivered(store: &Store) {
    service(store).await;
    let alice = person(store, 1, "alice").await;
    news(store).await;
    apply(store, 1, Action::Keep(alice.clone())).await;
    store.identity().confirm_seen(&alice, NOW + 1).await.unwrap();
    assert_eq!(news(store).await, []);
    store.sync().pause(&corp(), NOW).await.unwrap();
    let verdicts = Verdicts {
        unless_paused: true,
        batch: vec![decided(1, "alice", Action::Update(alice.clone(), change(1, "alicia")))],
        ..Verdicts::default()
    };
    let applied = store.sync().apply_verdicts(None, &corp(), verdicts, NOW).await.unwrap();
    assert!(matches!(applied, Applied::Paused(_)), "{applied:?}");
    assert_eq!(news(store).await, []);
}

async fn without_a_service_nothing_is_noted(store: &Store) {
    person(store, 1, "alice").await;
    service(store).await;
    assert_eq!(news(store).await, []);
}
