//! The groups of one person, as read at sign-in: the same as a feed reports.

use std::collections::HashSet;

use cloudsync_idp::directory::feed::ChangeFeed;
use cloudsync_idp::directory::{BreakerState, Directory, DirectoryError, EntryGroups};
use cloudsync_idp::domain::group::{Group, GroupGraph};
use cloudsync_idp::domain::mirror::{GroupItem, Item, Member, Members};
use cloudsync_idp::domain::settings;

use super::{BUDGET, ad, deadline, dn, ldap, ldap_settings, one, open};
use crate::support::lab;

/// All groups and their nesting, from a full read.
async fn graph(directory: &Directory) -> GroupGraph {
    let (mut feed, _) = directory.feed(None, None, deadline()).await.expect("a feed");
    feed.begin_scan();
    let mut groups: Vec<GroupItem> = Vec::new();
    while let Some(page) = feed.next_page().await.expect("a page") {
        groups.extend(page.into_iter().filter_map(|item| match item {
            Item::Group(group) => Some(*group),
            _ => None,
        }));
    }
    let lists = |parent: &GroupItem, group: &GroupItem| {
        let names = matches!(&parent.members, Members::All(all) if all.contains(&Member::by_dn(&group.dn)));
        names || group.groups.as_ref().is_some_and(|of| of.contains(&parent.dn))
    };
    GroupGraph::new(groups.iter().map(|group| Group {
        id: group.id,
        dn: group.dn.clone(),
        sid: group.sid.clone(),
        name: group.name.clone(),
        security: group.security,
        parents: groups.iter().filter(|parent| lists(parent, group)).map(|parent| parent.id).collect(),
    }))
}

#[tokio::test]
async fn token_groups_hold_what_is_nested_and_the_primary_group() {
    let corp = ad(lab::ad());
    let graph = graph(&corp).await;
    let bob = one(&corp, "bob").await;
    let Ok(EntryGroups::TokenGroups(sids)) = corp.groups_of(&bob, deadline()).await else {
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
async fn the_closure_of_member_of_equals_token_groups() {
    let corp = ad(lab::ad());
    let graph = graph(&corp).await;
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
    assert_eq!(org.groups_of(&bob, deadline()).await, Ok(EntryGroups::Direct(vec![field.clone()])));
    let graph = graph(&org).await;
    let direct = graph.by_dn(&field).expect("the group").id;
    let cloudsync = graph.by_dn(&dn(&lab::ldap().dn("cn=CloudSync,ou=groups"))).expect("the group");
    assert!(graph.closure([direct]).contains(&cloudsync.id));
}

#[tokio::test]
async fn a_person_in_too_many_groups_is_refused_without_a_server_fault() {
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
