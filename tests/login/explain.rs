//! What an administrator is told of the people of the domain: the first gate that is shut for each of them.

use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::gates::{Gate, Judgement, Verdict};
use cloudsync_idp::flow::explain::explain;

use super::right;
use crate::support::lab;
use crate::support::provider::Provider;

async fn explained(provider: &Provider, name: &str) -> Judgement {
    let current = provider.parts.current();
    let site = current.site(&DirectoryId("corp".into())).expect("the directory of the test");
    explain(&provider.parts, site, name).await.expect("an answer")
}

#[tokio::test]
async fn everybody_has_the_true_reason_first() {
    let provider = Provider::for_ad(lab::ad()).await;
    let table = [
        ("alice", None),
        ("CORP\\alice", None),
        ("alice@example.com", None),
        ("bob", None),
        ("ada", None),
        ("zoe", None),
        ("carol", Some(Gate::InScope)),
        ("dora", Some(Gate::Enabled)),
        ("emil", Some(Gate::NotExpired)),
        ("fred", Some(Gate::PasswordUsable)),
        ("gina", Some(Gate::PasswordUsable)),
        ("hugo", Some(Gate::NotLocked)),
        ("jan", Some(Gate::MailPresent)),
        ("nobody", Some(Gate::Found)),
        ("*", Some(Gate::Found)),
        ("", Some(Gate::Found)),
    ];
    for (name, gate) in table {
        let judgement = explained(&provider, name).await;
        assert_eq!(judgement.refusal(), gate, "{name}: {judgement:?}");
        assert!(judgement.passed().is_none(), "an explanation opens no door");
        let bound = judgement.gates().iter().find(|judged| judged.gate == Gate::Bound);
        assert_eq!(bound.map(|judged| judged.verdict), Some(Verdict::NotTried), "{name}");
    }
}

#[tokio::test]
async fn a_mail_that_somebody_else_has_is_named_with_its_owner() {
    let ad = lab::ad();
    let [person, owner] = [(); 2].map(|()| ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right()));
    let provider = Provider::for_ad(ad).await;
    ad.admin.replace(&person.dn, "mail", &[&owner.mail]);
    let before = provider.parts.store.account_by_email(&person.mail).await.expect("the store");
    let judgement = explained(&provider, &person.account).await;
    assert_eq!(judgement.refusal(), Some(Gate::MailMatches), "{judgement:?}");
    let owner = provider.parts.store.account_by_email(&owner.mail).await.expect("the store").expect("Alice");
    let gates = serde_json::to_string(&judgement).expect("plain data");
    assert!(gates.contains(&owner.id.0) && gates.contains(&person.mail), "{gates}");
    let after = provider.parts.store.account_by_email(&person.mail).await.expect("the store");
    assert!(before.is_some() && before == after, "nothing was written");
}

#[tokio::test]
async fn a_newcomer_is_judged_as_if_imported_already() {
    let ad = lab::ad();
    let provider = Provider::for_ad(ad).await;
    let person = ad.admin.add_person(&ad.dn("OU=Sales,OU=Staff"), right());
    let judgement = explained(&provider, &person.account).await;
    assert_eq!(judgement.refusal(), None, "{judgement:?}");
    let written = provider.parts.store.account_by_email(&person.mail).await.expect("the store");
    assert_eq!(written, None, "nothing was written");
}
