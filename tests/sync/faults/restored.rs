//! A directory restored from an older state: everything is read, and only the people it has lost are missing.

use cloudsync_idp::flow::sync::{RunOrder, run};
use cloudsync_idp::store::RunTrigger;

use super::{fresh, outcome};
use crate::support::lab;
use crate::support::provider::{Provider, Setup, ad_settings, ldap_settings};
use crate::support::rows::LogRows;
use crate::support::until;
use crate::sync::{corp, synced};

/// Far more than the guard allows (a tenth, in the lab).
const FORGOTTEN: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn an_older_state_of_a_domain_suspends_no_more_than_the_guard_allows() {
    let lab = lab::own_ad(&[]);
    let born = |_| lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password).mail;
    goes_back(&ad_settings(&lab), &born, &|| lab.put_back()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_state_of_an_openldap_suspends_no_more_than_the_guard_allows() {
    let lab = lab::own_ldap(&[]);
    let born = |_| lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password).mail;
    goes_back(&ldap_settings(&[&lab]), &born, &|| lab.put_back()).await;
}

async fn goes_back(directory: &str, born: &dyn Fn(usize) -> String, put_back: &dyn Fn()) {
    let provider = Provider::start(Setup::new(directory)).await;
    synced(&provider).await;
    let before = outcome(&provider.parts.store).await;
    let people: Vec<String> = (0..FORGOTTEN).map(born).collect();
    synced(&provider).await;
    put_back();
    let current = provider.parts.current();
    let site = current.site(&corp()).expect("the directory");
    until("a good run", async || {
        run(&provider.parts.sync(), site, &RunOrder::changes(RunTrigger::Command)).await.is_ok()
    })
    .await;
    let runs = provider.parts.store.sync().runs_page(None, 1).await.expect("an answer");
    assert!(runs[0].details.reason.is_some(), "everything is read, and the log says why: {runs:?}");
    println!("everything was read: {:?}", runs[0].details.reason);

    let (is, should) = (outcome(&provider.parts.store).await, fresh(directory).await);
    assert_eq!(should.in_use, before.in_use, "the older state");
    for (mail, person) in &should.in_use {
        assert_eq!(is.in_use.get(mail), Some(person), "{mail} is in both states");
    }
    assert!(is.suspended.iter().all(|mail| people.contains(mail)), "{:?}", is.suspended);
    let all = before.in_use.len() + FORGOTTEN;
    assert!(is.suspended.len() <= all / 10 + 1, "the guard holds the others: {}", is.suspended.len());
    assert_eq!(is.in_use.len() + is.suspended.len(), all, "no account is lost");
}
