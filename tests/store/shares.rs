//! Memberships of Team Shares, the pins of the settings, and erasing an account.

use std::collections::BTreeSet;

use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::account::{AccountId, SuspendedBecause};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::factor::Remembered;
use cloudsync_idp::domain::place::Place;
use cloudsync_idp::domain::reconcile::Action;
use cloudsync_idp::domain::scope::{PinKind, Pins};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{
    AuditFilter, ExchangeOutcome, Issue, IssueOutcome, PurgeOutcome, RunCounts, RunDetails, RunKind,
    RunResult, RunTrigger, ShareSnapshot, Store,
};

use super::{
    CHECKS, NOW, apply, change, corp, entry, event, event_at, first_settings, grant, hash, on_both, person,
    profile, session, signed_in,
};
use crate::support::rows::{Decisions, LogRows};

on_both!(
    a_membership_is_kept_by_the_group_that_created_it,
    an_existing_membership_is_no_change,
    a_revert_restores_and_removes_memberships,
    only_an_active_account_has_team_shares,
    a_pin_follows_its_object_and_raises_the_generation,
    pins_that_the_settings_no_longer_name_are_forgotten,
    an_erased_account_leaves_only_its_trail,
    an_active_account_is_erased_only_on_request,
);

fn share(group: u128, team_share: &str) -> Share {
    Share { team_share: team_share.to_owned(), group: entry(group) }
}

fn share_changes(shares: &[(u128, &str)]) -> Vec<ShareChange> {
    let share_changes = |(group, name): &(u128, &str)| ShareChange {
        share: share(*group, name),
        why: format!("member of CN=g{group}"),
    };
    shares.iter().map(share_changes).collect()
}

async fn write(store: &Store, account: &AccountId, joined: &[(u128, &str)], left: &[(u128, &str)]) -> usize {
    let diff = ShareDiff { joined: share_changes(joined), left: share_changes(left) };
    let changes = async || store.sync().changes_page(Some(account), 1_000).await.unwrap().len();
    let before = changes().await;
    let account = store.identity().account(account).await.unwrap().expect("there");
    store.sync().write_shares(None, vec![(account, diff)], NOW).await.unwrap();
    changes().await - before
}

async fn a_membership_is_kept_by_the_group_that_created_it(store: &Store) {
    let alice = person(store, 1, "alice").await;
    assert_eq!(write(store, &alice, &[(7, "Press"), (8, "Press"), (7, "Art")], &[]).await, 3);
    assert_eq!(store.sync().team_shares(&alice).await.unwrap(), ["Art", "Press"]);
    assert_eq!(write(store, &alice, &[], &[(7, "Press")]).await, 1);
    assert_eq!(store.sync().team_shares(&alice).await.unwrap(), ["Art", "Press"], "by the other group");
    let held = store.sync().shares_by_account(&corp(), std::slice::from_ref(&alice)).await.unwrap();
    assert_eq!(held.get(&alice), Some(&BTreeSet::from([share(7, "Art"), share(8, "Press")])));
    let elsewhere = DirectoryId("elsewhere".into());
    assert!(
        store.sync().shares_by_account(&elsewhere, std::slice::from_ref(&alice)).await.unwrap().is_empty()
    );
    let rows = store.sync().shares_of(&alice).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.since, &row.share)).next(), Some((NOW, &share(7, "Art"))));
}

async fn an_existing_membership_is_no_change(store: &Store) {
    let alice = person(store, 1, "alice").await;
    write(store, &alice, &[(7, "Press")], &[]).await;
    assert_eq!(write(store, &alice, &[(7, "Press")], &[(9, "Art")]).await, 0);
    assert_eq!(write(store, &alice, &[], &[(7, "Press")]).await, 1);
    let changes = store.sync().changes_page(Some(&alice), 10).await.unwrap();
    let kinds: Vec<&str> = changes.iter().map(|change| change.kind.as_str()).collect();
    assert_eq!(kinds, ["share_left", "share_joined", "created"]);
    let snapshot = |text: Option<&str>| -> Option<ShareSnapshot> { serde_json::from_str(text?).ok() };
    let expected = Some(ShareSnapshot { directory: corp(), share: share(7, "Press") });
    assert_eq!(snapshot(changes[0].before.as_deref()), expected);
    assert_eq!(snapshot(Some(&changes[1].after)), expected);
    assert_eq!(changes[1].why.as_deref(), Some("member of CN=g7"));
}

async fn a_revert_restores_and_removes_memberships(store: &Store) {
    let (alice, bob) = (person(store, 1, "alice").await, person(store, 2, "bob").await);
    for who in [&alice, &bob] {
        write(store, who, &[(7, "Press")], &[]).await;
    }
    let run = store.sync().begin_run(&corp(), RunTrigger::Change, NOW).await.unwrap();
    let diff = ShareDiff { joined: share_changes(&[(8, "Art")]), left: share_changes(&[(7, "Press")]) };
    let mut diffs = Vec::new();
    for who in [&alice, &bob] {
        diffs.push((store.identity().account(who).await.unwrap().expect("there"), diff.clone()));
    }
    store.sync().write_shares(run, diffs, NOW).await.unwrap();
    store
        .sync()
        .finish_run(run, RunKind::Complete, Ok(RunCounts::default()), &RunDetails::default(), NOW)
        .await
        .unwrap();
    assert!(matches!(store.identity().purge(&bob, true, &erased()).await.unwrap(), PurgeOutcome::Erased(_)));
    let undo = store.sync().begin_undo(run, NOW).await.unwrap().expect("it can be reverted");
    while store.sync().undo_batch(undo, run, NOW).await.unwrap() {}
    assert_eq!(store.sync().team_shares(&alice).await.unwrap(), ["Press"]);
    assert!(store.sync().shares_of(&bob).await.unwrap().is_empty(), "an erased account stays erased");
    let RunResult::Done(counts) = store.sync().run(undo).await.unwrap().expect("there").result else {
        panic!("done")
    };
    assert_eq!((counts.shares_joined, counts.shares_left), (1, 1));
}

async fn only_an_active_account_has_team_shares(store: &Store) {
    let alice = person(store, 1, "alice").await;
    write(store, &alice, &[(7, "Press")], &[]).await;
    apply(store, 1, Action::Suspend(alice.clone(), SuspendedBecause::Disabled, change(1, "alice"))).await;
    assert!(store.sync().team_shares(&alice).await.unwrap().is_empty());
    apply(store, 1, Action::Reactivate(alice.clone(), change(1, "alice"))).await;
    assert_eq!(store.sync().team_shares(&alice).await.unwrap(), ["Press"]);
}

fn dn(text: &str) -> Dn {
    Dn::parse(text).expect("a DN")
}

async fn a_pin_follows_its_object_and_raises_the_generation(store: &Store) {
    let generation = async || store.sync().groups_generation(&corp()).await.unwrap();
    let (old, new) = (dn("OU=Staff,DC=x"), dn("OU=People,DC=x"));
    assert_eq!(store.sync().pins(&corp()).await.unwrap(), Pins::default());
    store.sync().pin(&corp(), PinKind::OrganizationalUnit, &old, entry(1), &old).await.unwrap();
    store.sync().pin(&corp(), PinKind::ExcludedUnit, &old, entry(1), &old).await.unwrap();
    let first = generation().await;
    assert!(store.sync().pin_moved(&corp(), entry(1), &new).await.unwrap());
    assert!(!store.sync().pin_moved(&corp(), entry(1), &new).await.unwrap(), "no change");
    assert_eq!(generation().await, first + 1);
    let pins = store.sync().pins(&corp()).await.unwrap();
    for kind in [PinKind::OrganizationalUnit, PinKind::ExcludedUnit] {
        let pin = pins.get(kind, &dn("ou=STAFF,dc=x")).expect("by any spelling");
        assert_eq!((pin.entry, &pin.dn, pin.gone_since), (entry(1), &new, None));
    }
    assert!(store.sync().pin_gone(&corp(), entry(1), NOW).await.unwrap());
    assert!(!store.sync().pin_gone(&corp(), entry(1), NOW + DAY).await.unwrap(), "it is gone since then");
    let pins = store.sync().pins(&corp()).await.unwrap();
    assert_eq!(pins.get(PinKind::OrganizationalUnit, &old).and_then(|pin| pin.gone_since), Some(NOW));
    assert!(store.sync().pin_moved(&corp(), entry(1), &new).await.unwrap(), "it is back");
    assert!(store.sync().pins(&corp()).await.unwrap().iter().all(|pin| pin.gone_since.is_none()));
    assert_eq!(store.sync().pins(&DirectoryId("other".into())).await.unwrap(), Pins::default());
}

async fn pins_that_the_settings_no_longer_name_are_forgotten(store: &Store) {
    let names = ["CN=a,DC=x", "CN=b,DC=x"].map(dn);
    for (number, name) in names.iter().enumerate() {
        store.sync().pin(&corp(), PinKind::Group, name, entry(number as u128), name).await.unwrap();
    }
    let still = [(PinKind::Group, dn("cn=B, dc=x")), (PinKind::TeamShare, names[0].clone())];
    assert!(store.sync().forget_pins(&corp(), &still).await.unwrap());
    assert!(!store.sync().forget_pins(&corp(), &still).await.unwrap());
    let pins = store.sync().pins(&corp()).await.unwrap();
    assert_eq!(pins.iter().map(|pin| pin.entry).collect::<Vec<_>>(), [entry(1)]);
}

fn erased() -> Event {
    Event { account_id: Some("x".into()), ..Event::new(NOW, Decision::AccountErased) }
}

async fn an_erased_account_leaves_only_its_trail(store: &Store) {
    first_settings(store).await;
    let (alice, bob) = (person(store, 1, "alice").await, person(store, 2, "bob").await);
    let session_of_alice = signed_in(store, &alice, 1).await;
    let given = grant(&session_of_alice, "g1", Some(1));
    assert_eq!(
        store.login().exchange(&given, CHECKS, &event_at(NOW)).await.unwrap(),
        ExchangeOutcome::Exchanged
    );
    store.identity().invite(&alice, &hash(8), NOW + DAY, &event()).await.unwrap();
    let browser = Remembered {
        id_hash: hash(1),
        account: alice.clone(),
        policy_generation: 1,
        account_generation: 1,
        password_as_of: NOW,
        created_at: NOW,
        expires_at: NOW + DAY,
        place: Place::default(),
    };
    store.login().remember_browser(&browser).await.unwrap();
    for who in [&alice, &bob] {
        write(store, who, &[(7, "Press")], &[]).await;
    }
    apply(store, 1, Action::Suspend(alice.clone(), SuspendedBecause::OutOfScope, change(1, "alice"))).await;
    let PurgeOutcome::Erased(lines) = store.identity().purge(&alice, false, &erased()).await.unwrap() else {
        panic!("it is suspended");
    };
    let many = |what: &str| lines.iter().find(|(word, _)| *word == what).map(|(_, many)| *many);
    assert_eq!(
        (many("accounts"), many("Team Share memberships"), many("invitations")),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(store.identity().account(&alice).await.unwrap(), None);
    assert!(store.sync().shares_of(&alice).await.unwrap().is_empty());
    assert_eq!(store.login().grant(&given.id).await.unwrap(), None);
    assert_eq!(store.login().remembered_browser(&hash(1)).await.unwrap(), None);
    for change in store.sync().changes_page(Some(&alice), 99).await.unwrap() {
        assert_eq!(
            (change.before, change.after.as_str(), change.why),
            (None, "null", None),
            "{}",
            change.kind
        );
    }
    let trail = store.login().audit_page(None, 1, &AuditFilter::All).await.unwrap();
    assert_eq!((trail[0].decision.as_str(), trail[0].detail.as_deref()), ("account_erased", None));
    assert_eq!(store.identity().purge(&alice, true, &erased()).await.unwrap(), PurgeOutcome::Unknown);
    // its id is never used again: a client may still know the erased person by it
    let lines = vec![(alice.clone(), profile("carol")), (AccountId("new".into()), profile("dave"))];
    let loaded = store.identity().import_accounts(lines, &event(), NOW).await.unwrap();
    assert_eq!((loaded.created, &loaded.erased), (1, &vec![alice.clone()]));
    assert_eq!(store.identity().account(&alice).await.unwrap(), None);
    assert_eq!(store.sync().team_shares(&bob).await.unwrap(), ["Press"], "no other account is affected");
}

async fn an_active_account_is_erased_only_on_request(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let before = store.login().audit_page(None, 99, &AuditFilter::All).await.unwrap().len();
    assert_eq!(store.identity().purge(&alice, false, &erased()).await.unwrap(), PurgeOutcome::Active);
    assert!(store.identity().account(&alice).await.unwrap().is_some());
    assert_eq!(store.login().audit_page(None, 99, &AuditFilter::All).await.unwrap().len(), before);
    assert!(matches!(
        store.identity().purge(&alice, true, &erased()).await.unwrap(),
        PurgeOutcome::Erased(_)
    ));
    let late = Issue::New { session: session(&alice, 3), replaces: None, confirmed_at: None };
    let outcome = store.login().issue(late, None, CHECKS, &alice, &event()).await.unwrap();
    assert_eq!(outcome, IssueOutcome::Stale, "a login in progress is refused");
    let again = person(store, 1, "alice").await;
    assert_ne!(again, alice, "the next sync creates another account");
}
