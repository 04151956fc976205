//! Sessions: created only if nothing has changed since the judgement, ended together with their grants.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::account::SuspendedBecause;
use cloudsync_idp::domain::evidence::{Evidence, Generations};
use cloudsync_idp::domain::grant::GrantId;
use cloudsync_idp::domain::reconcile::{Action, Change};
use cloudsync_idp::domain::session::Session;
use cloudsync_idp::domain::settings::SessionSettings;
use cloudsync_idp::store::{
    AuditFilter, EndedCounts, ExchangeOutcome, Issue, IssueOutcome, SpentLogin, Store,
};

use super::{
    CHECKS, NOW, apply, change, event, event_at, first_settings, grant, hash, on_both, person, place,
    session, signed_in,
};

on_both!(
    a_session_is_read_as_it_was_written,
    nothing_is_issued_once_account_or_settings_changed,
    nothing_is_issued_for_a_password_that_was_changed_since,
    the_last_use_of_a_session_never_moves_back,
    a_new_session_replaces_the_browsers_old_one,
    a_new_session_confirms_the_account,
    ending_a_session_revokes_its_grants,
    suspension_ends_every_session,
    a_suspension_comes_before_or_after_an_issue_never_between,
    all_sessions_but_this_one_are_ended,
    a_change_of_password_keeps_the_session_that_made_it,
    an_ended_session_does_not_come_back_with_a_new_password,
    a_login_is_used_up_once,
);

async fn a_session_is_read_as_it_was_written(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let made = signed_in(store, &alice, 1).await;
    assert_eq!(store.login().session(&hash(1)).await.unwrap().as_ref(), Some(&made));
    assert_eq!(store.login().session(&hash(2)).await.unwrap(), None);
    assert_eq!(store.login().sessions_of(&alice).await.unwrap(), [made]);
}

async fn nothing_is_issued_once_account_or_settings_changed(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let expiring = Change { expires_at: Some(NOW), ..change(2, "bob") };
    apply(store, 2, Action::Update(bob.clone(), expiring)).await;
    let before = store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap().len();
    let stale = [
        (&alice, Generations { account: 2, settings: 1 }),
        (&alice, Generations { account: 1, settings: 2 }),
        (&bob, CHECKS),
    ];
    for (number, (account, checks)) in stale.into_iter().enumerate() {
        let number = u8::try_from(number).unwrap();
        let new = Issue::New { session: session(account, number), replaces: None, confirmed_at: None };
        let outcome = store.login().issue(new, None, checks, account, &event()).await.unwrap();
        assert_eq!(outcome, IssueOutcome::Stale, "{checks:?}");
        assert_eq!(store.login().session(&hash(number)).await.unwrap(), None);
    }
    let after = store.login().audit_page(None, 100, &AuditFilter::All).await.unwrap().len();
    assert_eq!(before, after, "no event of what was not done");
}

async fn nothing_is_issued_for_a_password_that_was_changed_since(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let by = |number, set_at| {
        let made = session(&alice, number);
        let evidence = Evidence { password_set_at: set_at, ..made.evidence.clone() };
        Session { evidence, ..made }
    };
    store.login().passwords_changed(&[(alice.clone(), NOW + 10)], NOW).await.unwrap();
    let table = [
        (Some(NOW), IssueOutcome::Stale),
        (None, IssueOutcome::Stale),
        (Some(NOW + 10), IssueOutcome::Issued),
    ];
    for (number, (set_at, expected)) in (1..).zip(table) {
        let new = Issue::New { session: by(number, set_at), replaces: None, confirmed_at: None };
        let outcome = store.login().issue(new, None, CHECKS, &alice, &event()).await.unwrap();
        assert_eq!(outcome, expected, "set at {set_at:?}");
    }
    let living = by(3, Some(NOW + 10));
    for (number, (set_at, _)) in (1..).zip(table) {
        let family = grant(
            &Session { evidence: by(3, set_at).evidence, ..living.clone() },
            &format!("g{number}"),
            None,
        );
        let exchanged = store.login().exchange(&family, CHECKS, &event()).await.unwrap();
        let expected = if number == 3 { ExchangeOutcome::Exchanged } else { ExchangeOutcome::Stale };
        assert_eq!(exchanged, expected, "a code from before, set at {set_at:?}");
    }
}

async fn the_last_use_of_a_session_never_moves_back(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    signed_in(store, &alice, 1).await;
    let used = |used_at| Issue::Existing { id_hash: hash(1), used_at, place: place(7) };
    for (at, expected) in [(NOW + 10, NOW + 10), (NOW + 5, NOW + 10)] {
        let outcome = store.login().issue(used(at), None, CHECKS, &alice, &event()).await.unwrap();
        assert_eq!(outcome, IssueOutcome::Issued);
        let session = store.login().session(&hash(1)).await.unwrap().unwrap();
        assert_eq!((session.used_at, session.place), (expected, place(7)));
    }
    let foreign = store.login().issue(used(NOW + 20), None, CHECKS, &bob, &event()).await.unwrap();
    assert_eq!(foreign, IssueOutcome::Stale, "another account's session");
    let stale = Generations { account: 9, settings: 1 };
    assert_eq!(
        store.login().issue(used(NOW + 20), None, stale, &alice, &event()).await.unwrap(),
        IssueOutcome::Stale
    );
}

async fn a_new_session_replaces_the_browsers_old_one(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    signed_in(store, &alice, 1).await;
    let new = Issue::New { session: session(&alice, 2), replaces: Some(hash(1)), confirmed_at: None };
    assert_eq!(store.login().issue(new, None, CHECKS, &alice, &event()).await.unwrap(), IssueOutcome::Issued);
    let left: Vec<_> =
        store.login().sessions_of(&alice).await.unwrap().into_iter().map(|one| one.sid).collect();
    assert_eq!(left, ["sid2"]);
    let stale = Issue::New { session: session(&alice, 3), replaces: Some(hash(2)), confirmed_at: None };
    let checks = Generations { account: 2, settings: 1 };
    assert_eq!(
        store.login().issue(stale, None, checks, &alice, &event()).await.unwrap(),
        IssueOutcome::Stale
    );
    assert!(store.login().session(&hash(2)).await.unwrap().is_some(), "a refused issue ends nothing");
}

async fn a_new_session_confirms_the_account(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let issue = async |number, at, checks| {
        let new = Issue::New { session: session(&alice, number), replaces: None, confirmed_at: at };
        store.login().issue(new, None, checks, &alice, &event()).await.unwrap()
    };
    let seen_at = async || store.identity().account(&alice).await.unwrap().expect("an account").seen_at;
    for (number, at, seen) in [(1, Some(NOW + 5), NOW + 5), (2, Some(NOW + 3), NOW + 5), (3, None, NOW + 5)] {
        assert_eq!(issue(number, at, CHECKS).await, IssueOutcome::Issued);
        assert_eq!(seen_at().await, Some(seen), "{at:?}");
    }
    let changed = Generations { account: 9, settings: 1 };
    assert_eq!(issue(4, Some(NOW + 9), changed).await, IssueOutcome::Stale);
    assert_eq!(seen_at().await, Some(NOW + 5), "with the session or not at all");
}

async fn ending_a_session_revokes_its_grants(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let session = signed_in(store, &alice, 1).await;
    let given = grant(&session, "g1", Some(1));
    assert_eq!(store.login().exchange(&given, CHECKS, &event()).await.unwrap(), ExchangeOutcome::Exchanged);
    assert!(store.login().end_session(&hash(1), &event_at(NOW + 7)).await.unwrap());
    assert!(!store.login().end_session(&hash(1), &event_at(NOW + 8)).await.unwrap());
    assert_eq!(store.login().session(&hash(1)).await.unwrap(), None);
    assert_eq!(store.login().grant(&given.id).await.unwrap().unwrap().revoked_at, Some(NOW + 7));
    let late = grant(&session, "g2", None);
    assert_eq!(store.login().exchange(&late, CHECKS, &event()).await.unwrap(), ExchangeOutcome::Stale);
}

async fn suspension_ends_every_session(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let bob = person(store, 2, "bob").await;
    let session = signed_in(store, &alice, 1).await;
    signed_in(store, &alice, 2).await;
    signed_in(store, &bob, 3).await;
    let given = grant(&session, "g1", Some(1));
    store.login().exchange(&given, CHECKS, &event()).await.unwrap();
    apply(store, 1, Action::Suspend(alice.clone(), SuspendedBecause::Disabled, change(1, "alice"))).await;
    assert!(store.login().sessions_of(&alice).await.unwrap().is_empty());
    assert_eq!(store.login().sessions_of(&bob).await.unwrap().len(), 1);
    assert_eq!(store.login().grant(&given.id).await.unwrap().unwrap().revoked_at, Some(NOW));
    let again = Issue::New { session: super::session(&alice, 4), replaces: None, confirmed_at: None };
    assert_eq!(
        store.login().issue(again, None, CHECKS, &alice, &event()).await.unwrap(),
        IssueOutcome::Stale
    );
}

async fn a_suspension_comes_before_or_after_an_issue_never_between(store: &Store) {
    first_settings(store).await;
    for round in 0..10_u8 {
        let number = u128::from(round) + 1;
        let account = person(store, number, &format!("p{round}")).await;
        let issuing = {
            let (store, account) = (store.clone(), account.clone());
            let new = Issue::New { session: session(&account, round), replaces: None, confirmed_at: None };
            tokio::spawn(
                async move { store.login().issue(new, None, CHECKS, &account, &event()).await.unwrap() },
            )
        };
        let suspend = Action::Suspend(
            account.clone(),
            SuspendedBecause::Disabled,
            change(number, &format!("p{round}")),
        );
        apply(store, number, suspend).await;
        issuing.await.unwrap();
        assert!(store.login().sessions_of(&account).await.unwrap().is_empty(), "round {round}");
    }
}

async fn all_sessions_but_this_one_are_ended(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let second = signed_in(store, &alice, 2).await;
    let gone = signed_in(store, &alice, 3).await;
    store.login().exchange(&grant(&gone, "g3", None), CHECKS, &event()).await.unwrap();
    // a session that is replaced or expires leaves its grants
    let first = session(&alice, 1);
    let issue = Issue::New { session: first.clone(), replaces: Some(gone.id_hash), confirmed_at: None };
    assert_eq!(
        store.login().issue(issue, None, CHECKS, &alice, &event()).await.unwrap(),
        IssueOutcome::Issued
    );
    for (session, id) in [(&first, "g1"), (&second, "g2")] {
        store.login().exchange(&grant(session, id, None), CHECKS, &event()).await.unwrap();
    }
    assert_eq!(store.login().count_grants_of(&alice, None, NOW).await.unwrap(), 3);
    assert_eq!(store.login().count_grants_of(&alice, Some(&second), NOW).await.unwrap(), 2);
    let ended = store.identity().end_sessions_of(&alice, Some(&second), &event()).await.unwrap();
    assert_eq!(ended, EndedCounts { sessions: 1, grants: 2 });
    // the remaining session moves to the new generation, in which no other sign-in in progress can finish
    let along = |evidence: &Evidence| Evidence { account_generation: 2, ..evidence.clone() };
    let second = Session { evidence: along(&second.evidence), ..second };
    assert_eq!(store.identity().account(&alice).await.unwrap().unwrap().generation, 2);
    assert_eq!(store.login().sessions_of(&alice).await.unwrap(), std::slice::from_ref(&second));
    let kept = store.login().grant(&grant(&second, "g2", None).id).await.unwrap().unwrap();
    assert_eq!(kept.evidence, second.evidence);
    let late = Issue::New { session: session(&alice, 7), replaces: None, confirmed_at: None };
    assert_eq!(store.login().issue(late, None, CHECKS, &alice, &event()).await.unwrap(), IssueOutcome::Stale);
    assert!(store.login().grant(&grant(&first, "g1", None).id).await.unwrap().unwrap().revoked_at.is_some());
    assert!(store.login().grant(&grant(&second, "g2", None).id).await.unwrap().unwrap().revoked_at.is_none());
    assert!(store.login().grant(&grant(&gone, "g3", None).id).await.unwrap().unwrap().revoked_at.is_some());
    let ended = store.identity().end_sessions_of(&alice, None, &event()).await.unwrap();
    assert_eq!(ended, EndedCounts { sessions: 1, grants: 1 });
    assert_eq!(store.login().count_grants_of(&alice, None, NOW).await.unwrap(), 0);
}

/// The same session with another id and this time of the password.
fn renewed(session: &Session, set_at: Option<i64>) -> Session {
    let evidence = Evidence { password_set_at: set_at, ..session.evidence.clone() };
    Session { id_hash: hash(9), evidence, ..session.clone() }
}

async fn a_change_of_password_keeps_the_session_that_made_it(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let mine = signed_in(store, &alice, 1).await;
    let other = signed_in(store, &alice, 2).await;
    store.login().exchange(&grant(&other, "g", Some(1)), CHECKS, &event()).await.unwrap();
    let new = renewed(&mine, Some(NOW + 10));
    assert!(
        store
            .identity()
            .own_password_changed(&new, &mine.id_hash, CHECKS, &event_at(NOW + 11))
            .await
            .unwrap()
    );
    assert_eq!(store.login().sessions_of(&alice).await.unwrap(), std::slice::from_ref(&new));
    assert!(store.login().grant(&GrantId("g".into())).await.unwrap().unwrap().revoked_at.is_some());
    let known = store.identity().account(&alice).await.unwrap().unwrap().password_changed_at;
    assert_eq!(known, Some(NOW + 10));

    // The sync saw the next new password before we did, and has ended the session because of it.
    store.login().passwords_changed(&[(alice.clone(), NOW + 20)], NOW + 20).await.unwrap();
    assert!(store.login().sessions_of(&alice).await.unwrap().is_empty());
    let next = Session { id_hash: hash(8), ..renewed(&new, Some(NOW + 20)) };
    let stale = store
        .identity()
        .own_password_changed(&next, &new.id_hash, CHECKS, &event_at(NOW + 21))
        .await
        .unwrap();
    assert!(!stale, "each change raises the generation");
    let checks = Generations { account: 3, ..CHECKS };
    assert!(
        store
            .identity()
            .own_password_changed(&next, &new.id_hash, checks, &event_at(NOW + 21))
            .await
            .unwrap()
    );
    assert_eq!(store.login().sessions_of(&alice).await.unwrap(), [next]);
}

async fn an_ended_session_does_not_come_back_with_a_new_password(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let mine = signed_in(store, &alice, 1).await;
    let stale = Generations { account: 9, settings: 1 };
    let new = renewed(&mine, None);
    assert!(!store.identity().own_password_changed(&new, &mine.id_hash, stale, &event()).await.unwrap());
    assert!(store.login().sessions_of(&alice).await.unwrap().is_empty(), "the password is new in any case");

    let bob = person(store, 2, "bob").await;
    let mine = signed_in(store, &bob, 2).await;
    store.login().end_session(&mine.id_hash, &event()).await.unwrap();
    for (account, set_at) in [(1, None), (2, Some(NOW + 10))] {
        let (new, checks) = (renewed(&mine, set_at), Generations { account, ..CHECKS });
        assert!(!store.identity().own_password_changed(&new, &mine.id_hash, checks, &event()).await.unwrap());
    }
    assert!(store.login().sessions_of(&bob).await.unwrap().is_empty());
}

async fn a_login_is_used_up_once(store: &Store) {
    first_settings(store).await;
    let alice = person(store, 1, "alice").await;
    let login = SpentLogin { serial: "one", expires_at: NOW + MINUTE };
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let (store, account) = (store.clone(), alice.clone());
            let new = Issue::New { session: session(&account, number), replaces: None, confirmed_at: None };
            tokio::spawn(async move {
                store.login().issue(new, Some(login), CHECKS, &account, &event()).await.unwrap()
            })
        })
        .collect();
    let mut issued = 0;
    for tried in tries {
        issued += usize::from(tried.await.unwrap() == IssueOutcome::Issued);
    }
    assert_eq!((issued, store.login().sessions_of(&alice).await.unwrap().len()), (1, 1));
    assert!(!store.login().spend_login(login).await.unwrap(), "and permanently");
    // a login that failed is not used up
    let other = SpentLogin { serial: "other", ..login };
    let new = || Issue::New { session: session(&alice, 50), replaces: None, confirmed_at: None };
    let stale = Generations { account: 9, settings: 1 };
    assert_eq!(
        store.login().issue(new(), Some(other), stale, &alice, &event()).await.unwrap(),
        IssueOutcome::Stale
    );
    assert_eq!(
        store.login().issue(new(), Some(other), CHECKS, &alice, &event()).await.unwrap(),
        IssueOutcome::Issued
    );
    let settings = SessionSettings { idle_minutes: 60, absolute_hours: 24 };
    assert_eq!(store.settings().expire(&settings, NOW + 2 * MINUTE).await.unwrap().logins, 2);
}
