//! People who are synced because of a group: nested, circular, large, primary, or only a mailing list.

use cloudsync_idp::domain::doctor::Severity;
use cloudsync_idp::flow::support::doctor::examine;

use super::feeds::{TestedFeed, by_changes};
use super::{Corner, account, corp, is_active, suspended, synced};
use crate::support::browser::Browser;
use crate::support::lab::{self, unique};
use crate::support::provider::{Provider, Setup, ldap_settings};

#[tokio::test]
async fn nested_and_circular_groups_are_followed() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let (person, stays, outsider) = (
            corner.person_in(&corner.outside),
            corner.person_in(&corner.outside),
            corner.person_in(&corner.outside),
        );
        let inner = corner.group(&[&person.dn, &stays.dn]);
        let middle = corner.group(&[&inner]);
        let outer = corner.group(&[&middle]);
        corner.admin.add_values(&inner, "member", &[&outer]);
        let provider = corner.provider_of_group(&outer).await;
        let report = synced(&provider).await;
        assert_eq!(report.counts.created, 2, "{:?}", report.counts);
        assert!(is_active(&provider, &person.mail).await && is_active(&provider, &stays.mail).await);
        assert_eq!(account(&provider, &outsider.mail).await, None);
        let tokens = signed_in(&provider, &corner, &person.account).await;
        assert!(tokens, "a synced person can sign in");

        corner.admin.remove_values(&inner, "member", &[&person.dn]);
        assert_eq!(synced(&provider).await.counts.suspended, 1);
        assert!(suspended(&provider, &person.mail).await.is_some());
        corner.admin.add_values(&middle, "member", &[&person.dn]);
        assert_eq!(synced(&provider).await.counts.reactivated, 1, "by another membership");
    }
}

async fn signed_in(provider: &Provider, corner: &Corner, name: &str) -> bool {
    let page = Browser::new().sign_in(&provider.cloudsync().authorize(&[]), name, &corner.password).await;
    page.parameter("code").is_some()
}

/// A global distribution group (MS-ADTS 2.2.12).
fn distribution_group(corner: &Corner, members: &[&str]) -> String {
    let name = unique("list");
    let dn = format!("CN={name},{}", corner.unit);
    let mut attributes =
        vec![("objectClass", "group"), ("sAMAccountName", name.as_str()), ("groupType", "2")];
    attributes.extend(members.iter().map(|member| ("member", *member)));
    corner.admin.add(&dn, &attributes);
    dn
}

#[tokio::test]
async fn the_members_of_a_selected_mailing_list_are_synced_and_can_sign_in() {
    let corner = Corner::ad();
    let (person, nested) = (corner.person_in(&corner.outside), corner.person_in(&corner.outside));
    let security = corner.group(&[&nested.dn]);
    let list = distribution_group(&corner, &[&person.dn, &security]);
    let provider = corner.provider_of_group(&list).await;
    assert_eq!(synced(&provider).await.counts.created, 2);
    for who in [&person, &nested] {
        assert!(signed_in(&provider, &corner, &who.account).await, "{}", who.account);
    }
    corner.admin.remove_values(&list, "member", &[&person.dn]);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
}

#[tokio::test]
async fn the_members_of_a_mailing_list_inside_a_security_group_are_not_synced() {
    let corner = Corner::ad();
    let (listed, member) = (corner.person_in(&corner.outside), corner.person_in(&corner.outside));
    let list = distribution_group(&corner, &[&listed.dn]);
    let group = corner.group(&[&member.dn, &list]);
    let provider = corner.provider_of_group(&group).await;
    assert_eq!(synced(&provider).await.counts.created, 1);
    assert_eq!(account(&provider, &listed.mail).await, None);
    assert!(!signed_in(&provider, &corner, &listed.account).await);
    assert!(signed_in(&provider, &corner, &member.account).await);
}

#[tokio::test]
async fn primary_group_members_are_synced_although_they_are_not_listed() {
    let corner = Corner::ad();
    let (person, other) = (corner.person_in(&corner.outside), corner.person_in(&corner.outside));
    let group = corner.group(&[&person.dn, &other.dn]);
    let token = corner.admin.read(&group, "primaryGroupToken").remove(0);
    corner.admin.replace(&person.dn, "primaryGroupID", &[&token]);
    assert!(!corner.admin.read(&group, "member").contains(&person.dn), "not listed any more");
    let provider = corner.provider_of_group(&group).await;
    assert_eq!(synced(&provider).await.counts.created, 2);
    assert!(is_active(&provider, &person.mail).await);
    assert!(signed_in(&provider, &corner, &person.account).await);
    corner.admin.replace(&person.dn, "primaryGroupID", &["513"]);
    corner.admin.remove_values(&group, "member", &[&person.dn]);
    assert_eq!(synced(&provider).await.counts.suspended, 1);
}

/// RFC 2307: the members are named by `uid`.
fn posix_group(corner: &Corner, uids: &[&str]) -> String {
    let name = unique("posix");
    let dn = format!("cn={name},{}", corner.unit);
    let mut attributes = vec![("objectClass", "posixGroup"), ("cn", name.as_str()), ("gidNumber", "5000")];
    attributes.extend(uids.iter().map(|uid| ("memberUid", *uid)));
    corner.admin.add(&dn, &attributes);
    dn
}

#[tokio::test]
async fn the_members_of_a_posix_group_are_found_by_uid() {
    for feed in [TestedFeed::SyncRepl, TestedFeed::FullScan] {
        let corner = feed.corner();
        let [person, other] = [(); 2].map(|()| corner.person_in(&corner.outside));
        let group = posix_group(&corner, &[&person.account]);
        let provider = Provider::start(Setup::new(&feed.settings(&corner, "", &group).await)).await;
        assert_eq!(synced(&provider).await.counts.created, 1, "{feed:?}");
        assert!(signed_in(&provider, &corner, &person.account).await);
        assert!(!signed_in(&provider, &corner, &other.account).await);

        corner.admin.add_values(&group, "memberUid", &[&other.account]);
        assert_eq!(by_changes(&provider).await.expect("a good run").counts.created, 1, "{feed:?}");
        corner.admin.remove_values(&group, "memberUid", &[&person.account]);
        by_changes(&provider).await.expect("a good run");
        assert!(
            suspended(&provider, &person.mail).await.is_some() && is_active(&provider, &other.mail).await
        );
        assert!(!signed_in(&provider, &corner, &person.account).await);

        // By another of their names, whichever of the two comes first.
        let alias = unique("alias");
        corner.admin.add_values(&group, "memberUid", &[&alias]);
        by_changes(&provider).await.expect("a good run");
        assert!(suspended(&provider, &person.mail).await.is_some(), "nobody has that name");
        corner.admin.add_values(&person.dn, "uid", &[&alias]);
        by_changes(&provider).await.expect("a good run");
        assert!(is_active(&provider, &person.mail).await, "{feed:?}");
        assert!(signed_in(&provider, &corner, &alias).await);
        corner.admin.delete(&group);
        assert!(by_changes(&provider).await.is_err(), "a selected group that is gone is an alarm");
    }
}

#[tokio::test]
async fn an_entry_that_is_no_group_is_reported_with_its_class() {
    let corner = Corner::ldap();
    let role = format!("cn={},{}", unique("role"), corner.unit);
    corner.admin.add(&role, &[("objectClass", "organizationalRole")]);
    let stranger = format!("uid={},{}", unique("stranger"), corner.unit);
    corner.admin.add(&stranger, &[("objectClass", "account")]);
    let provider = corner.provider_of_group(&role).await;
    let error = provider.sync().await.expect_err("it is no group");
    let advice = error.advice();
    assert!(advice.contains("organizationalRole") && advice.contains("posixGroup"), "{advice}");
    let examined = examine(&provider.parts, None).await.expect("an answer");
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
