//! People whose entries exist but cannot be read: a right is missing, and the people have not left.

use cloudsync_idp::domain::reconcile::Conflict;
use cloudsync_idp::flow::sync::plan::{self, ApplyResult};
use cloudsync_idp::flow::sync::sync_person;

use super::feeds::by_changes;
use super::hidden::own;
use super::{Subtree, conflicts_of, corp, is_active, suspended, synced};
use crate::support::browser::Browser;
use crate::support::lab::{self, LdapLab, Person};
use crate::support::provider::Provider;

/// Denies all authenticated users to read `accountExpires`, or everything.
const THE_END: &str = "(OD;;RP;bf967915-0de6-11d0-a285-00aa003049e2;;AU)";
const EVERYTHING: &str = "(D;;RP;;;AU)";

/// Hides, of one person, the attributes that decide; of the other, those that show that it is a person.
fn hide(subtree: &Subtree, lab: Option<&LdapLab>, [part, all]: [&Person; 2]) {
    match lab {
        Some(lab) => lab.restart_with(&format!(
            "access to dn.exact=\"{}\" attrs=uid by * none\naccess to dn.exact=\"{}\" attrs=objectClass by * none",
            part.dn, all.dn
        )),
        None => {
            assert!(subtree.is_ad);
            lab::ad().rule(&part.dn, THE_END);
            lab::ad().rule(&all.dn, EVERYTHING);
        }
    }
}

fn subtrees() -> [(Subtree, Option<&'static LdapLab>); 2] {
    let (ldap, lab) = own();
    [(Subtree::ad(), None), (ldap, Some(lab))]
}

async fn signs_in(provider: &Provider, subtree: &Subtree, person: &Person) {
    let page = Browser::new()
        .sign_in(&provider.cloudsync().authorize(&[]), &person.account, &subtree.password)
        .await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
}

/// Their accounts are older than the mirror, which has never contained them.
#[tokio::test]
async fn a_person_who_was_never_readable_is_not_suspended() {
    for (subtree, lab) in subtrees() {
        let provider = subtree.provider().await;
        let (part, all, leaver, known) =
            (subtree.person(), subtree.person(), subtree.person(), subtree.person());
        for person in [&part, &all, &leaver] {
            signs_in(&provider, &subtree, person).await;
        }
        hide(&subtree, lab, [&part, &all]);
        subtree.admin.delete(&leaver.dn);

        let current = provider.parts.current();
        let site = current.site(&corp()).expect("the directory");
        let planned = plan::make(&provider.parts.sync(), site).await.expect("a plan").plan.id;
        let rows = provider.parts.store.sync().plan_rows(planned, None, 100).await.expect("its rows");
        let rows: Vec<_> = rows.iter().map(|(_, row)| (row.kind.as_str(), row.login_name.as_str())).collect();
        assert_eq!(rows, [("suspended", leaver.account.as_str()), ("created", known.account.as_str())]);

        for _ in 0..2 {
            let report = synced(&provider).await;
            let mut expected = [(part.account.as_str(), "unreadable"), (all.account.as_str(), "unreadable")];
            expected.sort_unstable();
            assert_eq!(conflicts_of(&report), expected);
            let advice = Conflict::Unreadable.advice(report.conflicts[0].entry);
            assert!(advice.contains("Read All Properties"), "what to do: {advice}");
            assert!(is_active(&provider, &part.mail).await && is_active(&provider, &all.mail).await);
            assert!(suspended(&provider, &leaver.mail).await.is_some(), "a deleted person is suspended");
        }
        let done = sync_person(&provider.parts.sync(), site, &all.mail).await.expect("it reads");
        let report = done.expect("the account is known");
        assert_eq!((report.counts.seen, report.counts.conflicts), (1, 1), "{report:?}");
        assert!(is_active(&provider, &all.mail).await);
        let Some(lab) = lab else { continue };
        lab.restart_with("");
        assert!(synced(&provider).await.conflicts.is_empty(), "the right was restored");
        assert!(is_active(&provider, &part.mail).await && is_active(&provider, &all.mail).await);
    }
}

#[tokio::test]
async fn a_person_who_is_no_longer_readable_is_not_suspended() {
    for (subtree, lab) in subtrees() {
        let provider = subtree.provider().await;
        let (part, all, known) = (subtree.person(), subtree.person(), subtree.person());
        assert_eq!(synced(&provider).await.counts.created, 3);
        hide(&subtree, lab, [&part, &all]);
        for person in [&part, &all] {
            subtree.admin.replace(&person.dn, "givenName", &["A change that is reported"]);
        }
        subtree.disable(&known);
        by_changes(&provider).await.expect("a good run");
        for person in [&part, &all] {
            assert!(is_active(&provider, &person.mail).await, "by changes: {}", person.dn);
        }
        synced(&provider).await;
        assert!(suspended(&provider, &known.mail).await.is_some());
        for person in [&part, &all] {
            assert!(is_active(&provider, &person.mail).await, "by a full read: {}", person.dn);
        }
        for person in [&part, &all] {
            subtree.admin.delete(&person.dn);
        }
        synced(&provider).await;
        for person in [&part, &all] {
            assert!(suspended(&provider, &person.mail).await.is_some(), "{}", person.account);
        }
    }
}

/// A plan suspends only the people who are still gone.
#[tokio::test]
async fn a_plan_does_not_suspend_a_person_who_returned_unreadable() {
    let (subtree, lab) = own();
    let provider = subtree.provider().await;
    let (person, _other) = (subtree.person(), subtree.person());
    signs_in(&provider, &subtree, &person).await;
    // As if the entry were deleted.
    lab.restart_with(&format!("access to dn.exact=\"{}\" by * none", person.dn));
    let current = provider.parts.current();
    let site = current.site(&corp()).expect("the directory");
    let planned = plan::make(&provider.parts.sync(), site).await.expect("a plan").plan.id;
    lab.restart_with(&format!("access to dn.exact=\"{}\" attrs=objectClass by * none", person.dn));
    let applied = plan::apply(&provider.parts.sync(), planned).await.expect("an answer");
    assert!(!matches!(applied, ApplyResult::Done(report) if report.counts.suspended > 0));
    assert_eq!(suspended(&provider, &person.mail).await, None);
}
