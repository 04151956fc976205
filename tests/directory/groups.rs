//! Groups: of one person, of all, and their members.

use std::collections::HashSet;

use cloudsync_idp::directory::{BreakerState, DirectoryError, Memberships};
use cloudsync_idp::domain::settings;

use super::{BUDGET, ad, deadline, dn, ldap, ldap_settings, one, open};
use crate::support::lab;

#[tokio::test]
async fn token_groups_hold_what_is_nested_and_the_primary_group() {
    let corp = ad(lab::ad());
    let graph = corp.groups().await.expect("the groups");
    let bob = one(&corp, "bob").await;
    let Ok(Memberships::TokenGroups(sids)) = corp.groups_of(&bob, deadline()).await else {
        panic!("token groups")
    };
    let names: HashSet<&str> =
        sids.iter().filter_map(|sid| graph.by_sid(sid)).map(|group| group.name.as_str()).collect();
    for name in ["Field Consultants", "CloudSync Partners", "CloudSync", "Domain Users"] {
        assert!(names.contains(name), "{name} is missing in {names:?}");
    }
    assert!(!names.contains("CloudSync Admins"));
}

#[tokio::test]
async fn one_closure_says_the_same_as_token_groups() {
    let corp = ad(lab::ad());
    let graph = corp.groups().await.expect("the groups");
    let bob = one(&corp, "bob").await;
    let direct = bob.direct_groups.iter().filter_map(|group| graph.by_dn(group)).map(|group| group.id);
    let cloudsync = graph.by_dn(&dn(&lab::ad().dn("CN=CloudSync,OU=Groups"))).expect("the group");
    assert!(graph.closure(direct).contains(&cloudsync.id));
    assert!(cloudsync.security && cloudsync.sid.is_some());
    let newsletter = graph.by_dn(&dn(&lab::ad().dn("CN=Newsletter,OU=Groups"))).expect("the group");
    assert!(!newsletter.security, "a distribution group");
}

#[tokio::test]
async fn unreadable_token_groups_are_a_fault_and_not_no_groups() {
    let lab = lab::ad();
    let corp = ad(lab);
    let person = lab.admin.add_person(&lab.dn("OU=Outside"), &lab.user_password);
    let entry = one(&corp, &person.account).await;
    lab.admin.delete(&person.dn);
    let groups = corp.groups_of(&entry, deadline()).await;
    assert_eq!(groups, Err(DirectoryError::TokenGroupsUnreadable(entry.dn)));
}

#[tokio::test]
async fn openldap_lists_direct_groups_and_their_nesting() {
    let org = ldap(lab::ldap());
    let bob = one(&org, "bob").await;
    let field = dn(&lab::ldap().dn("cn=Field Consultants,ou=groups"));
    assert_eq!(org.groups_of(&bob, deadline()).await, Ok(Memberships::Direct(vec![field.clone()])));
    let graph = org.groups().await.expect("the groups");
    let direct = graph.by_dn(&field).expect("the group").id;
    let cloudsync = graph.by_dn(&dn(&lab::ldap().dn("cn=CloudSync,ou=groups"))).expect("the group");
    assert!(graph.closure([direct]).contains(&cloudsync.id));
}

#[tokio::test]
async fn a_long_list_of_members_is_followed_to_its_end() {
    let lab = lab::ad();
    let sales = dn(&lab.dn("CN=Sales,OU=Groups"));
    let all = lab.admin.read(sales.as_str(), "member").len();
    let corp = ad(lab);
    let (mut members, mut seen, mut pages) = (corp.members(&sales).by(7), HashSet::new(), 0);
    while let Some(page) = members.next().await.expect("a page") {
        assert!(page.len() <= 7);
        seen.extend(page);
        pages += 1;
    }
    assert!(all > 14 && pages >= 3, "{all} members in {pages} pages");
    assert_eq!(seen.len(), all);
}

#[tokio::test]
async fn an_empty_group_has_no_members_and_a_missing_one_is_an_error() {
    let lab = lab::ad();
    let empty = lab.dn("CN=Empty,OU=Groups");
    lab.admin.add(&empty, &[("objectClass", "group"), ("sAMAccountName", "Empty")]);
    let corp = ad(lab);
    let mut members = corp.members(&dn(&empty));
    assert_eq!(members.next().await, Ok(Some(Vec::new())));
    assert_eq!(members.next().await, Ok(None));
    assert!(corp.members(&dn(&lab.dn("CN=Missing,OU=Groups"))).next().await.is_err());
}

#[tokio::test]
async fn a_person_in_too_many_groups_is_refused_and_no_server_is_blamed() {
    let lab = lab::own_ldap(&[]);
    let alice = lab.dn("uid=alice,ou=people");
    let group = |number: u32| {
        let name = format!("cn=many{number},{}", lab.dn("ou=groups"));
        let class = "changetype: add\nobjectClass: groupOfUniqueNames";
        format!("dn: {name}\n{class}\nuniqueMember: {alice}\n\n")
    };
    for first in (0..10_001).step_by(500) {
        lab.admin.apply(&(first..first + 500).map(group).collect::<String>());
    }
    let patient = settings::Directory { operation_timeout_ms: 20_000, ..ldap_settings(&lab) };
    let org = open(&lab, &patient);
    let (alice, bob) = (one(&org, "alice").await, one(&org, "bob").await);
    for _ in 0..3 {
        let refused = org.groups_of(&alice, deadline() + BUDGET * 4).await;
        assert!(matches!(refused, Err(DirectoryError::Refused { code: 4, .. })), "{refused:?}");
    }
    assert!(org.stats().servers.iter().all(|(_, state)| *state == BreakerState::Closed), "{:?}", org.stats());
    assert!(org.groups_of(&bob, deadline()).await.is_ok(), "others are served");
}
