//! Accounts and mirror are consistent.

use cloudsync_idp::domain::mirror::Item;
use cloudsync_idp::domain::reconcile::{Action, Change};
use cloudsync_idp::store::{Applied, PurgeOutcome, Store, Verdicts};

use super::super::{NOW, change, corp, decided, entry, event, on_both, profile};
use super::*;

on_both!(
    a_judged_person_waits_no_more_unless_they_changed_meanwhile,
    accounts_and_judgement_are_one_transaction,
    an_overtaken_judge_writes_no_verdict,
    a_person_who_signed_in_meanwhile_is_no_conflict,
    what_a_page_owes_is_stored_until_it_is_done,
    an_email_address_that_an_account_gives_up_is_judged_again,
    a_person_is_forgotten,
);

async fn a_judged_person_waits_no_more_unless_they_changed_meanwhile(store: &Store) {
    report(store, &[at(1, "CN=a,DC=x"), at(2, "CN=b,DC=x"), at(3, "CN=c,DC=x"), Item::Gone(entry(3))]).await;
    let seen = store.sync().dirty_people(&corp(), None, 10).await.unwrap();
    report(store, &[at(2, "CN=b,OU=other,DC=x")]).await;
    report(store, &[at(3, "CN=c,DC=x"), Item::Gone(entry(3))]).await;
    settle(store, &seen).await;
    assert_eq!(dirty(store).await, these(&[2, 3]));
    let again = store.sync().dirty_people(&corp(), None, 10).await.unwrap();
    settle(store, &again).await;
    assert_eq!(dirty(store).await, these(&[]));
    assert_eq!(known(store, 3).await, None);
    // A late judge, with an old version of the person.
    report(store, &[at(1, "CN=other,DC=x")]).await;
    settle(store, &seen).await;
    assert_eq!(dirty(store).await, these(&[1]));
    let judged = one(store, 1).await.judged(false);
    let verdicts = Verdicts { batch: Vec::new(), judged: vec![judged], ..Verdicts::default() };
    store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap();
    assert_eq!(one(store, 1).await.entitled_before, Some(false));
}

async fn accounts_and_judgement_are_one_transaction(store: &Store) {
    report(store, &[at(1, "CN=a,DC=x")]).await;
    let judged = one(store, 1).await.judged(true);
    let batch = vec![decided(1, "a", Action::Create(change(1, "a")))];
    let verdicts = Verdicts { batch, judged: vec![judged], ..Verdicts::default() };
    store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap();
    assert!(store.identity().account_by_entry(&corp(), entry(1)).await.unwrap().is_some());
    assert_eq!(dirty(store).await, these(&[]));
}

async fn an_overtaken_judge_writes_no_verdict(store: &Store) {
    report(store, &[at(1, "CN=a,DC=x")]).await;
    let version = store.sync().mirror_state(&corp()).await.unwrap().version;
    let verdicts = |version| Verdicts {
        version: Some(version),
        batch: vec![decided(1, "a", Action::Create(change(1, "a")))],
        ..Verdicts::default()
    };
    let late = store.sync().apply_verdicts(None, &corp(), verdicts(version - 1), NOW).await.unwrap();
    assert_eq!(late, Applied::Overtaken);
    assert!(store.identity().account_by_entry(&corp(), entry(1)).await.unwrap().is_none());
    let done = store.sync().applied(None, &corp(), verdicts(version), NOW).await.unwrap();
    assert_eq!(done.len(), 1);
    assert!(store.identity().account_by_entry(&corp(), entry(1)).await.unwrap().is_some());
}

async fn a_person_who_signed_in_meanwhile_is_no_conflict(store: &Store) {
    report(store, &[at(1, "CN=a,DC=x")]).await;
    let judged = one(store, 1).await.judged(true);
    let own = super::super::person(store, 1, "a").await;
    let batch = vec![decided(1, "a", Action::Create(change(1, "a")))];
    let verdicts = Verdicts { batch, judged: vec![judged], ..Verdicts::default() };
    let done = store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap();
    assert_eq!((done[0].account.as_ref(), done[0].conflict.as_ref()), (Some(&own), None));
    assert!(store.sync().conflicts(&corp()).await.unwrap().is_empty());
    assert_eq!(dirty(store).await, these(&[1]), "and waits to be judged again");
}

async fn what_a_page_owes_is_stored_until_it_is_done(store: &Store) {
    report(store, &[with(10, "CN=g,DC=x", &[name("CN=a,DC=x")]), at(1, "CN=a,DC=x")]).await;
    let full_read_due = async || store.sync().mirror_state(&corp()).await.unwrap().full_read_due;
    assert_eq!(full_read_due().await, None);
    report(store, &[at(1, "CN=b,DC=x")]).await;
    assert!(full_read_due().await.is_some(), "the group lists a name that nothing has now");
    let version = store.sync().mirror_state(&corp()).await.unwrap().version;
    assert!(!store.sync().mirror_reread(&corp(), version - 1).await.unwrap());
    assert!(full_read_due().await.is_some());
    assert!(store.sync().mirror_reread(&corp(), version).await.unwrap());
    assert_eq!(full_read_due().await, None);
}

async fn an_email_address_that_an_account_gives_up_is_judged_again(store: &Store) {
    let account = super::super::person(store, 1, "a").await;
    let mut named = person(2, "CN=b,DC=x");
    named.entry.email = Some("A@example.com".into());
    report(store, &[at(1, "CN=new,DC=x"), person_item(named)]).await;
    let waiting = store.sync().dirty_people(&corp(), None, 10).await.unwrap();
    let judged: Vec<SettledPerson> = waiting.iter().map(|person| person.judged(true)).collect();
    let renamed = Change { profile: Some(profile("new")), ..change(1, "a") };
    let batch = vec![decided(1, "a", Action::Update(account, renamed))];
    let verdicts = Verdicts { batch, judged: judged.to_vec(), ..Verdicts::default() };
    store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap();
    assert_eq!(
        dirty(store).await,
        these(&[2]),
        "judged in the same batch, when the address was not free yet"
    );
}

async fn a_person_is_forgotten(store: &Store) {
    let account = super::super::person(store, 1, "a").await;
    report(store, &[with(10, "CN=g,DC=x", &[id(1)]), at(1, "CN=a,DC=x")]).await;
    assert_eq!(groups_of(store, 1).await, [10]);
    let purged = store.identity().purge(&account, true, &event()).await.unwrap();
    assert!(matches!(purged, PurgeOutcome::Erased(_)), "{purged:?}");
    assert_eq!(known(store, 1).await, None);
    report(store, &[at(1, "CN=a,DC=x")]).await;
    assert_eq!(groups_of(store, 1).await, [0_u128; 0]);
}
