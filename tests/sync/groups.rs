//! People who are synced because of a group: nested, circular, large, primary, or only a mailing list.

use cloudsync_idp::domain::doctor::Severity;
use cloudsync_idp::flow::support::doctor::examine;

use super::feeds::{TestedFeed, by_changes};
use super::{Subtree, account, corp, is_active, suspended, synced};
use crate::support::browser::Browser;
use crate::support::lab::{self, unique};
use crate::support::provider::{Provider, Setup, ldap_settings};

#[tokio::test]
async fn nested_and_circular_groups_are_followed() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let (person, stays, outsider) = (
            subtree.person_in(&subtree.outside),
            subtree.person_in(&subtree.outside),
            subtree.person_in(&subtree.outside),
        );
        let inner = subtree.group(&[&person.dn, &stays.dn]);
        let middle = subtree.group(&[&inner]);
        let outer = subtree.group(&[&middle]);
        subtree.admin.add_values(&inner, "member", &[&outer]);
        let provider = subtree.provider_of_group(&outer).await;
        let report = synced(&provider).await;
        assert_eq!(report.counts.created, 2, "{:?}", report.counts);
        assert!(is_active(&provider, &person.mail).await && is_active(&provider, &stays.mail).await);
        assert_eq!(account(&provider, &outsider.mail).await, None);
        let tokens = signed_in(&provider, &subtree, &person.account).await;
        assert!(tokens, "a synced person can sign in");

        subtree.admin.remove_values(&inner, "member", &[&person.dn]);
        assert_eq!(synced(&provider).await.counts.suspended, 1);
        assert!(suspended(&provider, &person.mail).await.is_some());
        subtree.admin.add_values(&middle, "member", &[&person.dn]);
        assert_eq!(synced(&provider).await.counts.reactivated, 1, "by another membership");
    }
}

async fn signed_in(provider: &Provider, subtree: &Subtree, name: &str) -> bool {
    let page = Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, &subtree.password).await;
    page.parameter("code").is_some()
}

/// A global distribution group (MS-ADTS 2.2.12).
fn distribution_group(subtree: &Subtree, members: &[&str]) -> String {
    let name = unique("list");
    let dn = format!("CN={name},{}", subtree.unit);
    let mut attributes =
        vec![("objectClass", "group"), ("sAMAccountName", name.as_str()), ("groupType", "2")];
    attributes.extend(members.iter().map(|member| ("member", *member)));
    subtree.admin.add(&dn, &attributes);
    dn
}

#[tokio::test]
async fn the_members_of_a_selected_mailing_list_are_synced_and_can_sign_in() {
    let subtree = Subtree::ad();
    let (person, nested) = (subtree.person_in(&subtree.outside), subtree.person_in(&subtree.outside));
    let security = subtree.group(&[&nested.dn]);
    let list = distribution_group(&subtree, &[&person.dn, &security]);
    let provider = subtree.provider_of_group(&list).await;
    assert_eq!(synced(&provider).await.counts.created, 2);
    for who in [&person, &nested] {
        assert!(signed_in(&provider, &subtree, &who.account).await, "{}", who.account);
    }
    subtree.admin.remove_values(&list, "member", &[&person.dn]);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
}

#[tokio::test]
async fn the_members_of_a_mailing_list_inside_a_security_group_are_not_synced() {
    let subtree = Subtree::ad();
    let (listed, member) = (subtree.person_in(&subtree.outside), subtree.person_in(&subtree.outside));
    let list = distribution_group(&subtree, &[&listed.dn]);
    let group = subtree.group(&[&member.dn, &list]);
    let provider = subtree.provider_of_group(&group).await;
    assert_eq!(synced(&provider).await.counts.created, 1);
    assert_eq!(account(&provider, &listed.mail).await, None);
    assert!(!signed_in(&provider, &subtree, &listed.account).await);
    assert!(signed_in(&provider, &subtree, &member.account).await);
}

#[tokio::test]
async fn primary_group_members_are_synced_although_they_are_not_listed() {
    let subtree = Subtree::ad();
    let (person, other) = (subtree.person_in(&subtree.outside), subtree.person_in(&subtree.outside));
    let group = subtree.group(&[&person.dn, &other.dn]);
    let token = subtree.admin.read(&group, "primaryGroupToken").remove(0);
    subtree.admin.replace(&person.dn, "primaryGroupID", &[&token]);
    assert!(!subtree.admin.read(&group, "member").contains(&person.dn), "not listed any more");
    let provider = subtree.provider_of_group(&group).await;
    assert_eq!(synced(&provider).await.counts.created, 2);
    assert!(is_active(&provider, &person.mail).await);
    assert!(signed_in(&provider, &subtree, &person.account).await);
    subtree.admin.replace(&person.dn, "primaryGroupID", &["513"]);
    subtree.admin.remove_values(&group, "member", &[&person.dn]);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
}

/// RFC 2307: the members are named by `uid`.
fn posix_group(subtree: &Subtree, uids: &[&str]) -> String {
    let name = unique("posix");
    let dn = format!("cn={name},{}", subtree.unit);
    let mut attributes = vec![("objectClass", "posixGroup"), ("cn", name.as_str()), ("gidNumber", "5000")];
    attributes.extend(uids.iter().map(|uid| ("memberUid", *uid)));
    subtree.admin.add(&dn, &attributes);
    dn
}

#[tokio::test]
async fn the_members_of_a_posix_group_are_found_by_uid() {
    for feed in [TestedFeed::SyncRepl, TestedFeed::FullScan] {
        let subtree = feed.subtree();
        let [person, other] = [(); 2].map(|()| subtree.person_in(&subtree.outside));
        let group = posix_group(&subtree, &[&person.account]);
        let provider = Provider::start(Setup::new(&feed.settings(&subtree, "", &group).await)).await;
        assert_eq!(synced(&provider).await.counts.created, 1, "{feed:?}");
        assert!(signed_in(&provider, &subtree, &person.account).await);
        assert!(!signed_in(&provider, &subtree, &other.account).await);

        subtree.admin.add_values(&group, "memberUid", &[&other.account]);
        assert_eq!(by_changes(&provider).await.expect("a good run").counts.created, 1, "{feed:?}");
        subtree.admin.remove_values(&group, "memberUid", &[&person.account]);
        by_changes(&provider).await.expect("a good run");
        assert!(
            suspended(&provider, &person.mail).await.is_some() && is_active(&provider, &other.mail).await
        );
        assert!(!signed_in(&provider, &subtree, &person.account).await);

        // By another of their names, whichever of the two comes first.
        let alias = unique("alias");
        subtree.admin.add_values(&group, "memberUid", &[&alias]);
        by_changes(&provider).await.expect("a good run");
        assert!(suspended(&provider, &person.mail).await.is_some(), "nobody has that name");
        subtree.admin.add_values(&person.dn, "uid", &[&alias]);
        by_changes(&provider).await.expect("a good run");
        assert!(is_active(&provider, &person.mail).await, "{feed:?}");
        assert!(signed_in(&provider, &subtree, &alias).await);
        subtree.admin.delete(&group);
        assert!(by_changes(&provider).await.is_err(), "a selected group that is gone is an alarm");
    }
}

#[tokio::test]
async fn an_entry_that_is_no_group_is_reported_with_its_class() {
    let subtree = Subtree::ldap();
    let role = format!("cn={},{}", unique("role"), subtree.unit);
    subtree.admin.add(&role, &[("objectClass", "organizationalRole")]);
    let stranger = format!("uid={},{}", unique("stranger"), subtree.unit);
    subtree.admin.add(&stranger, &[("objectClass", "account")]);
    let provider = subtree.provider_of_group(&role).await;
    let error = provider.sync().await.expect_err("it is no group");
    let advice = error.advice();
    assert!(advice.contains("organizationalRole") && advice.contains("posixGroup"), "{advice}");
    let examined = examine(&provider.parts.operation(), None).await.expect("an answer");
    let finding = |check: &str| {
        let finding = examined[0].findings.iter().find(|finding| finding.check == check);
        let finding = finding.unwrap_or_else(|| panic!("{check}: {examined:?}"));
        (finding.verdict, format!("{:?} {:?}", finding.evidence, finding.fix))
    };
    let (verdict, words) = finding("scope");
    assert!(verdict == Severity::Error && words.contains("organizationalRole"), "{words}");
    let (verdict, words) = finding("unknown_class");
    assert!(verdict == Severity::Warning && words.contains(&stranger), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_two_thousand_is_read_whole() {
    let lab = lab::own_ldap(&[("USERS", "2000"), ("GROUP", "2000")]);
    let group = lab.dn("cn=g0,ou=groups");
    let settings = ldap_settings(&[&lab])
        .replace(&format!("organizational_units = [{:?}]", lab.dn("ou=people")), "organizational_units = []")
        .replace("groups = []", &format!("groups = [{group:?}]"));
    let provider = Provider::start(Setup::new(&settings)).await;
    let report = synced(&provider).await;
    assert_eq!(report.counts.created, 2000, "{:?}", report.counts);
    assert_eq!(provider.parts.store.identity().count_linked(&corp()).await.expect("an answer"), 2000);
    assert_eq!(synced(&provider).await.counts.suspended, 0);
}
