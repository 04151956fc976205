//! A sign-in or refresh writes what a run would write: past the same guard, and not while the sync is paused.

use cloudsync_idp::domain::account::{Account, Status, SuspendedBecause};
use cloudsync_idp::store::{HeldBack, HeldRow, Loss, Verdicts};
use reqwest::StatusCode;

use super::{Subtree, account, corp, is_active, synced};
use crate::support::browser::{Browser, Page};
use crate::support::lab::Person;
use crate::support::provider::Provider;
use crate::support::relying_party::Tokens;
use crate::support::rows::Decisions;

const NEW_PASSWORD: &str = "Another-Long-1!";

async fn signed_in(provider: &Provider, person: &Person, password: &str) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), &person.account, password).await
}

async fn tokens(provider: &Provider, subtree: &Subtree, person: &Person) -> Tokens {
    provider.cloudsync().exchange(&signed_in(provider, person, &subtree.password).await).await
}

async fn held_people(provider: &Provider) -> Vec<HeldRow> {
    provider.parts.store.sync().held_page(&corp(), None, 10).await.expect("the store")
}

async fn name(provider: &Provider, person: &Person) -> Option<String> {
    account(provider, &person.mail).await.expect("an account").profile.name().map(str::to_owned)
}

/// Nearly every sign-in: what the guard holds, conflicts and pauses are not even read.
#[tokio::test]
async fn a_sign_in_of_an_unchanged_person_only_confirms_the_account() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let person = subtree.person();
        synced(&provider).await;
        let before = account(&provider, &person.mail).await.expect("an account");
        assert!(before.password_changed_at.is_some(), "known from the first run on");
        let file = rusqlite::Connection::open(provider.sqlite()).expect("the file opens");
        file.execute_batch("DROP TABLE held; DROP TABLE conflicts; DROP TABLE paused")
            .expect("they are gone");
        let page = signed_in(&provider, &person, &subtree.password).await;
        assert!(page.parameter("code").is_some(), "{}", page.text());
        let after = account(&provider, &person.mail).await.expect("an account");
        assert!(after.seen_at > before.seen_at, "confirmed again");
        assert_eq!(Account { seen_at: before.seen_at, ..after }, before);
    }
}

#[tokio::test]
async fn a_held_person_gets_a_new_name_and_waits_no_longer_than_the_cause() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (person, leavers) = (subtree.person(), [subtree.person(), subtree.person(), subtree.person()]);
    synced(&provider).await;
    let cloudsync = provider.cloudsync();
    let refresh_token = tokens(&provider, &subtree, &person).await.text("refresh_token").to_owned();
    leavers.iter().for_each(|leaver| subtree.disable(leaver));
    assert_eq!(synced(&provider).await.counts.suspended, 3, "as many as the guard always allows");

    subtree.disable(&person);
    let store = &provider.parts.store;
    let known = account(&provider, &person.mail).await.expect("an account");
    store.sync().unconfirm(known, provider.parts.now()).await.expect("the store");
    assert_eq!(cloudsync.refresh(&refresh_token).await.text("error"), "invalid_grant");
    let held = held_people(&provider).await;
    assert_eq!(held.len(), 1);
    assert!(is_active(&provider, &person.mail).await, "the suspension waits");
    assert_eq!(account(&provider, &person.mail).await.expect("an account").seen_at, None);

    subtree.admin.replace(&person.dn, "displayName", &["Nora Neu"]);
    assert_eq!(cloudsync.refresh(&refresh_token).await.text("error"), "invalid_grant");
    assert_eq!(name(&provider, &person).await.as_deref(), Some("Nora Neu"), "the name does not wait");
    assert!(is_active(&provider, &person.mail).await, "the suspension waits");
    assert_eq!(held_people(&provider).await, held, "since then");

    subtree.enable(&person);
    let page = signed_in(&provider, &person, &subtree.password).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
    assert!(held_people(&provider).await.is_empty(), "nothing is due any more");
    assert!(account(&provider, &person.mail).await.expect("an account").seen_at.is_some());
}

/// The guard holds this person.
async fn hold(provider: &Provider, person: &Person, what: Loss) {
    let account = account(provider, &person.mail).await.expect("an account");
    let entry = account.link.expect("a link").entry;
    let held = vec![HeldBack { entry, account: account.id, login_name: person.account.clone(), what }];
    let verdicts = Verdicts { held, ..Verdicts::default() };
    let store = provider.parts.store.sync();
    store.applied(None, &corp(), verdicts, provider.parts.now()).await.expect("the store");
}

/// The groups that a live entry has lost may only be unreadable, and its OU may have been renamed.
#[tokio::test]
async fn a_sign_in_releases_nobody_whose_loss_only_a_run_can_judge() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (member, mover) = (subtree.person(), subtree.person());
    synced(&provider).await;
    hold(&provider, &member, Loss { suspend: None, shares: vec!["Press".into()] }).await;
    let page = signed_in(&provider, &member, &subtree.password).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
    let known = account(&provider, &member.mail).await.expect("an account");
    assert!(
        known.seen_at.is_some(),
        "the person may sign in, so not every refresh has to read the directory"
    );

    hold(&provider, &mover, Loss { suspend: Some(SuspendedBecause::OutOfScope), shares: Vec::new() }).await;
    subtree.move_to(&mover, &subtree.outside);
    let page = signed_in(&provider, &mover, &subtree.password).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());
    let known = account(&provider, &mover.mail).await.expect("an account");
    assert_eq!((known.seen_at, known.status), (None, Status::Active));
    assert_eq!(held_people(&provider).await.len(), 2, "both wait for a run or an administrator");
}

#[tokio::test]
async fn a_new_password_ends_sessions_while_the_sync_is_paused() {
    let subtree = Subtree::ad();
    let provider = subtree.provider().await;
    let person = subtree.person();
    synced(&provider).await;
    let old = tokens(&provider, &subtree, &person).await;
    let before = name(&provider, &person).await;
    provider.parts.store.sync().pause(&corp(), provider.parts.now()).await.expect("the store");
    // A new name has to wait; the end of the sessions has not.
    subtree.admin.replace(&person.dn, "displayName", &["Nora Neu"]);
    subtree.admin.set_ad_password(&person.dn, NEW_PASSWORD);
    let page = signed_in(&provider, &person, NEW_PASSWORD).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
    assert_eq!(name(&provider, &person).await, before, "nothing is written over a revert");
    assert_shut(&provider, &old).await;
}

#[tokio::test]
async fn a_new_password_ends_sessions_in_spite_of_a_conflict_which_is_recorded() {
    let subtree = Subtree::ad();
    let provider = subtree.provider().await;
    let person = subtree.person();
    synced(&provider).await;
    let old = tokens(&provider, &subtree, &person).await;
    subtree.mail(&person, "n/a");
    subtree.admin.set_ad_password(&person.dn, NEW_PASSWORD);
    let page = signed_in(&provider, &person, NEW_PASSWORD).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());
    assert_shut(&provider, &old).await;
    let store = provider.parts.store.sync();
    let conflicts = store.conflicts(&corp()).await.expect("the store");
    assert_eq!(conflicts.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["mail_invalid"]);
    let account = account(&provider, &person.mail).await.expect("an account");
    assert_eq!(account.seen_at, None, "what an earlier session gets is decided by the live entry");
}

async fn assert_shut(provider: &Provider, tokens: &Tokens) {
    let cloudsync = provider.cloudsync();
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(cloudsync.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
}
