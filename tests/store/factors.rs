//! Second factors: each code is accepted once, also by concurrent requests.

use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::account::{AccountId, SuspendedBecause};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::factor::{Factor, FactorId, FactorKind, Remembered, TotpParameters};
use cloudsync_idp::domain::reconcile::{Action, Change};
use cloudsync_idp::domain::secret::Sealed;
use cloudsync_idp::domain::settings::TotpAlgorithm;
use cloudsync_idp::store::{AddOutcome, Adding, AuditFilter, ExchangeOutcome, Store};

use super::{
    CHECKS, NOW, apply, change, event_at, first_settings, grant, hash, on_both, person, session, signed_in,
};

on_both!(
    a_factor_is_read_as_it_was_written,
    a_step_is_used_up_once_and_never_backwards,
    of_two_nodes_with_one_code_one_wins,
    of_two_first_factors_one_is_stored,
    a_factor_for_a_changed_account_is_not_stored,
    another_factor_keeps_the_recovery_codes_and_a_replacement_replaces_all,
    a_recovery_code_is_used_up_once,
    of_two_nodes_with_one_recovery_code_one_wins,
    removing_the_last_factor_removes_the_recovery_codes,
    an_invitation_is_valid_once_and_for_a_limited_time,
    a_remembered_browser_is_forgotten_with_its_policy,
    a_grace_period_begins_once,
    a_reset_leaves_nothing,
    an_import_keeps_an_existing_factor,
);

pub(super) fn factor(account: &AccountId, id: &str) -> Factor {
    Factor {
        id: FactorId(id.into()),
        account: account.clone(),
        kind: FactorKind::Totp(TotpParameters { algorithm: TotpAlgorithm::Sha256, digits: 8, period: 60 }),
        name: "Télé\u{1f4f1}".into(),
        secret: Sealed(vec![1, 2, 3]),
        last_step: None,
        created_at: NOW,
        used_at: None,
    }
}

fn event(decision: Decision) -> Event {
    Event::new(NOW, decision)
}

async fn add(store: &Store, factor: &Factor, adding: Adding, codes: std::ops::Range<u8>) -> AddOutcome {
    let codes: Vec<_> = codes.map(hash).collect();
    store.identity().add_factor(factor, adding, 1, &codes, &event(Decision::FactorAdded)).await.unwrap()
}

/// An account with one factor and three recovery codes.
pub(super) async fn equipped(store: &Store) -> (AccountId, Factor) {
    let alice = person(store, 1, "alice").await;
    let factor = factor(&alice, "f1");
    assert_eq!(add(store, &factor, Adding::First, 1..4).await, AddOutcome::Added);
    (alice, factor)
}

async fn ids(store: &Store, account: &AccountId) -> Vec<String> {
    store.identity().factors(account).await.unwrap().into_iter().map(|factor| factor.id.0).collect()
}

async fn a_factor_is_read_as_it_was_written(store: &Store) {
    let (alice, made) = equipped(store).await;
    assert_eq!(store.identity().factors(&alice).await.unwrap(), [made]);
    let bob = person(store, 2, "bob").await;
    assert_eq!(store.identity().factors(&bob).await.unwrap(), []);
    let id = FactorId("f1".into());
    assert!(store.identity().rename_factor(&alice, &id, "Phone").await.unwrap());
    assert!(!store.identity().rename_factor(&bob, &id, "Mine").await.unwrap(), "another's");
    assert_eq!(store.identity().factors(&alice).await.unwrap()[0].name, "Phone");
    let trail = store.login().audit_page(None, 9, &AuditFilter::All).await.unwrap();
    assert_eq!(trail[0].decision, "factor_added");
}

async fn a_step_is_used_up_once_and_never_backwards(store: &Store) {
    let (alice, made) = equipped(store).await;
    // The last but one is a clock that was set back by an hour.
    for (step, accepted) in [(100, true), (100, false), (99, false), (101, true), (41, false), (102, true)] {
        assert_eq!(store.identity().use_totp(&made.id, step, NOW + step).await.unwrap(), accepted, "{step}");
    }
    let held = store.identity().factors(&alice).await.unwrap().remove(0);
    assert_eq!((held.last_step, held.used_at), (Some(102), Some(NOW + 102)));
    assert!(!store.identity().use_totp(&FactorId("none".into()), 1, NOW).await.unwrap());
}

async fn of_two_nodes_with_one_code_one_wins(store: &Store) {
    let (_, made) = equipped(store).await;
    for step in 1..40 {
        let tries = (0..4).map(|_| {
            let (store, id) = (store.clone(), made.id.clone());
            tokio::spawn(async move { store.identity().use_totp(&id, step, NOW).await.unwrap() })
        });
        assert_eq!(winners(tries).await, 1, "{step}");
    }
}

async fn winners(tries: impl Iterator<Item = tokio::task::JoinHandle<bool>>) -> usize {
    let tries: Vec<_> = tries.collect();
    let mut won = 0;
    for one in tries {
        won += usize::from(one.await.expect("it answers"));
    }
    won
}

async fn of_two_first_factors_one_is_stored(store: &Store) {
    for number in 1..9 {
        let account = person(store, number, &format!("person{number}")).await;
        let tries = (0..3).map(|index| {
            let (store, factor) = (store.clone(), factor(&account, &format!("f{number}-{index}")));
            tokio::spawn(async move { add(&store, &factor, Adding::First, 1..4).await == AddOutcome::Added })
        });
        assert_eq!(winners(tries).await, 1);
        assert_eq!(ids(store, &account).await.len(), 1);
    }
}

async fn a_factor_for_a_changed_account_is_not_stored(store: &Store) {
    let alice = person(store, 1, "alice").await;
    store.identity().reset_factors(&alice, &event(Decision::FactorsReset)).await.unwrap();
    let bob = person(store, 2, "bob").await;
    apply(store, 2, Action::Suspend(bob.clone(), SuspendedBecause::Admin, change(2, "bob"))).await;
    for account in [alice, bob, AccountId("nobody".into())] {
        assert_eq!(add(store, &factor(&account, "f"), Adding::First, 1..4).await, AddOutcome::Stale);
        assert_eq!(ids(store, &account).await, [""; 0]);
        assert_eq!(store.identity().recovery_codes_left(&account).await.unwrap(), 0);
    }
}

async fn another_factor_keeps_the_recovery_codes_and_a_replacement_replaces_all(store: &Store) {
    let (alice, _) = equipped(store).await;
    assert_eq!(add(store, &factor(&alice, "f2"), Adding::First, 5..9).await, AddOutcome::NotFirst);
    let beside = add(store, &factor(&alice, "f2"), Adding::Another, 5..9).await;
    assert_eq!((beside, ids(store, &alice).await.len()), (AddOutcome::AddedBesideCodes, 2));
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 3);
    assert_eq!(add(store, &factor(&alice, "f3"), Adding::Instead, 5..9).await, AddOutcome::Added);
    assert_eq!(ids(store, &alice).await, ["f3"]);
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 4);
    let used = event(Decision::RecoveryCodeUsed);
    assert_eq!(
        store.identity().use_recovery_code(&alice, &hash(1), &used).await.unwrap(),
        None,
        "an old one"
    );
}

async fn a_recovery_code_is_used_up_once(store: &Store) {
    let (alice, _) = equipped(store).await;
    let bob = person(store, 2, "bob").await;
    let used = event(Decision::RecoveryCodeUsed);
    let spend = async |account: &AccountId, number| {
        store.identity().use_recovery_code(account, &hash(number), &used).await.unwrap()
    };
    assert_eq!(spend(&bob, 1).await, None, "another's");
    assert_eq!(spend(&alice, 1).await, Some(2));
    assert_eq!(spend(&alice, 1).await, None);
    assert_eq!(spend(&alice, 9).await, None);
    assert_eq!((spend(&alice, 3).await, spend(&alice, 2).await), (Some(1), Some(0)));
    let made = event(Decision::RecoveryCodesMade);
    assert!(
        !store.identity().replace_recovery_codes(&alice, 2, &[hash(5)], &made).await.unwrap(),
        "it has changed"
    );
    assert!(store.identity().replace_recovery_codes(&alice, 1, &[hash(5), hash(1)], &made).await.unwrap());
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 2);
}

async fn of_two_nodes_with_one_recovery_code_one_wins(store: &Store) {
    let (alice, _) = equipped(store).await;
    let tries = (0..6).map(|_| {
        let (store, alice) = (store.clone(), alice.clone());
        let used = event(Decision::RecoveryCodeUsed);
        tokio::spawn(async move {
            store.identity().use_recovery_code(&alice, &hash(2), &used).await.unwrap().is_some()
        })
    });
    assert_eq!(winners(tries).await, 1);
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 2);
}

async fn removing_the_last_factor_removes_the_recovery_codes(store: &Store) {
    let (alice, made) = equipped(store).await;
    let removed = event(Decision::FactorRemoved);
    let remove = async |id: &str, even_last| {
        store.identity().remove_factor(&alice, &FactorId(id.into()), even_last, &removed).await.unwrap()
    };
    add(store, &factor(&alice, "f2"), Adding::Another, 5..9).await;
    assert!(store.login().remember_browser(&browser(&alice, 1)).await.unwrap());
    assert!(!remove("f9", true).await);
    assert!(remove("f2", false).await);
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 3);
    assert!(!remove(&made.id.0, false).await, "the policy requires one");
    assert_eq!(ids(store, &alice).await, ["f1"]);
    assert!(remove(&made.id.0, true).await);
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 0);
    assert_eq!(store.login().remembered_browser(&hash(1)).await.unwrap(), None);
}

async fn an_invitation_is_valid_once_and_for_a_limited_time(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let made = event(Decision::InvitationMade);
    let redeem = async |account: &AccountId, number, at| {
        let event = Event::new(at, Decision::InvitationUsed);
        store.identity().use_invitation(account, &hash(number), &event).await.unwrap()
    };
    store.identity().invite(&alice, &hash(1), NOW + DAY, &made).await.unwrap();
    assert_eq!(store.identity().invited_until(&alice, NOW).await.unwrap(), Some(NOW + DAY));
    assert!(!redeem(&bob, 1, NOW).await, "another's");
    assert!(!redeem(&alice, 2, NOW).await, "wrong");
    assert!(!redeem(&alice, 1, NOW + DAY).await, "too late");
    store.identity().invite(&alice, &hash(2), NOW + DAY, &made).await.unwrap();
    assert!(!redeem(&alice, 1, NOW).await, "a newer one is valid");
    assert!(redeem(&alice, 2, NOW + DAY - 1).await);
    assert!(!redeem(&alice, 2, NOW).await, "once");
    assert_eq!(store.identity().invited_until(&alice, NOW).await.unwrap(), None);
}

pub(super) fn browser(account: &AccountId, number: u8) -> Remembered {
    Remembered {
        id_hash: hash(number),
        account: account.clone(),
        policy_generation: 3,
        account_generation: 1,
        password_as_of: NOW,
        created_at: NOW + i64::from(number),
        expires_at: NOW + DAY,
        place: super::place(number),
    }
}

async fn a_remembered_browser_is_forgotten_with_its_policy(store: &Store) {
    let alice = person(store, 1, "alice").await;
    let changed = Remembered { account_generation: 2, ..browser(&alice, 1) };
    assert!(!store.login().remember_browser(&changed).await.unwrap(), "the account has changed");
    for number in [1, 2] {
        assert!(store.login().remember_browser(&browser(&alice, number)).await.unwrap());
    }
    assert_eq!(store.login().remembered_browser(&hash(1)).await.unwrap(), Some(browser(&alice, 1)));
    let known = async |policy, at| store.login().remembered_browsers(&alice, policy, at).await.unwrap();
    assert_eq!(known(3, NOW).await, [browser(&alice, 2), browser(&alice, 1)]);
    assert_eq!(known(4, NOW).await, []);
    assert_eq!(known(3, NOW + DAY).await, []);
    let newer = Remembered { policy_generation: 4, ..browser(&alice, 3) };
    assert!(store.login().remember_browser(&newer).await.unwrap());
    assert_eq!(store.login().remembered_browser(&hash(1)).await.unwrap(), None, "invalid, so removed");
    let bob = person(store, 2, "bob").await;
    assert!(
        !store.login().forget_browser(&session(&bob, 9), &hash(3), NOW).await.unwrap(),
        "another person's"
    );
    assert!(store.login().forget_browser(&session(&alice, 9), &hash(3), NOW).await.unwrap());
    assert!(!store.login().forget_browser(&session(&alice, 9), &hash(3), NOW).await.unwrap(), "it is gone");
    assert!(store.login().remember_browser(&newer).await.unwrap());
    assert_eq!(known(4, NOW).await.len(), 1);
    store.login().passwords_changed(&[(alice.clone(), NOW + 1)], NOW + 1).await.unwrap();
    assert_eq!(known(4, NOW).await, [], "of an older password");
    assert_eq!(store.login().forget_browsers(&session(&alice, 9), NOW).await.unwrap(), 1);
}

async fn a_grace_period_begins_once(store: &Store) {
    let alice = person(store, 1, "alice").await;
    assert_eq!(store.identity().factor_asked(&alice, NOW).await.unwrap(), NOW);
    assert_eq!(store.identity().factor_asked(&alice, NOW + DAY).await.unwrap(), NOW);
    store.identity().reset_factors(&alice, &event(Decision::FactorsReset)).await.unwrap();
    let renamed = Change { expires_at: None, ..change(1, "alicia") };
    apply(store, 1, Action::Update(alice.clone(), renamed)).await;
    assert_eq!(store.identity().factor_asked(&alice, NOW + DAY).await.unwrap(), NOW, "not anew");
}

async fn a_reset_leaves_nothing(store: &Store) {
    first_settings(store).await;
    let (alice, _) = equipped(store).await;
    let bob = person(store, 2, "bob").await;
    add(store, &factor(&bob, "f2"), Adding::First, 1..4).await;
    let session = signed_in(store, &alice, 1).await;
    let given = grant(&session, "g1", Some(1));
    assert_eq!(
        store.login().exchange(&given, CHECKS, &event_at(NOW)).await.unwrap(),
        ExchangeOutcome::Exchanged
    );
    store.identity().invite(&alice, &hash(8), NOW + DAY, &event(Decision::InvitationMade)).await.unwrap();
    store.login().remember_browser(&browser(&alice, 1)).await.unwrap();

    store.identity().reset_factors(&alice, &event(Decision::FactorsReset)).await.unwrap();
    assert_eq!(ids(store, &alice).await, [""; 0]);
    assert_eq!(store.identity().recovery_codes_left(&alice).await.unwrap(), 0);
    assert_eq!(store.identity().invited_until(&alice, NOW).await.unwrap(), None);
    assert_eq!(store.login().remembered_browser(&hash(1)).await.unwrap(), None);
    assert_eq!(store.login().session(&hash(1)).await.unwrap(), None);
    assert_eq!(store.login().grant(&given.id).await.unwrap().unwrap().revoked_at, Some(NOW));
    assert_eq!(store.identity().account(&alice).await.unwrap().unwrap().generation, 2);
    assert_eq!(
        store.login().audit_page(None, 1, &AuditFilter::All).await.unwrap()[0].decision,
        "factors_reset"
    );
    assert_eq!(ids(store, &bob).await, ["f2"], "no other account is affected");
    assert_eq!(store.identity().recovery_codes_left(&bob).await.unwrap(), 3);
}

async fn an_import_keeps_an_existing_factor(store: &Store) {
    let (alice, _) = equipped(store).await;
    let bob = person(store, 2, "bob").await;
    let file = [factor(&alice, "f8"), factor(&bob, "f9"), factor(&AccountId("nobody".into()), "f7")];
    let load =
        async || store.identity().import_factors(&file, &event(Decision::FactorsImported)).await.unwrap();
    assert_eq!(load().await, std::slice::from_ref(&bob));
    assert_eq!((ids(store, &alice).await, ids(store, &bob).await), (vec!["f1".into()], vec!["f9".into()]));
    assert_eq!(load().await, []);
}
