//! Groups whose member lists can no longer be read: no account is suspended because of that.

use cloudsync_idp::directory::DirectoryError;
use cloudsync_idp::directory::feed::FeedError;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::SyncError;

use super::feeds::{TestedFeed, by_changes};
use super::{Subtree, changes, is_active, suspended, synced};
use crate::support::lab::{self, LdapLab};
use crate::support::provider::{CLIENT, Provider, Setup};

/// A separate OpenLDAP, because a restart would interrupt other tests.
pub fn own() -> (Subtree, &'static LdapLab) {
    let lab: &'static LdapLab = Box::leak(Box::new(lab::own_ldap(&[])));
    (Subtree::of_ldap(lab), lab)
}

/// The run fails, names the group, and changes nothing.
async fn fails(provider: &Provider, group: &str) {
    let before = changes(provider).await;
    let error = provider.sync().await.expect_err("the members can't be read");
    is_unreadable(&error, group);
    assert_eq!(changes(provider).await, before);
}

fn is_unreadable(error: &SyncError, group: &str) {
    let names_group = matches!(
        error,
        SyncError::Feed(FeedError::Directory(DirectoryError::Unreadable { dn, attribute: "member" }))
            if dn.as_str().eq_ignore_ascii_case(group)
    );
    assert!(names_group, "{error}");
}

#[tokio::test]
async fn hidden_members_of_a_selected_group_fail_the_run_of_openldap() {
    let (subtree, lab) = own();
    let people = [subtree.person_in(&subtree.outside), subtree.person_in(&subtree.outside)];
    let inner = subtree.group(&[&people[0].dn]);
    let outer = subtree.group(&[&inner, &people[1].dn]);
    let provider = subtree.provider_of_group(&outer).await;
    lab.restart_with(&format!("access to dn.exact=\"{outer}\" attrs=member by * none"));
    fails(&provider, &outer).await;
    lab.restart_with("");
    assert_eq!(synced(&provider).await.counts.created, 2);

    lab.restart_with(&format!("access to dn.exact=\"{outer}\" attrs=member by * none"));
    subtree.admin.replace(&outer, "description", &["a change that reports the group again"]);
    for _ in 0..2 {
        fails(&provider, &outer).await;
    }
    lab.restart_with(&format!("access to dn.exact=\"{inner}\" attrs=member by * none"));
    fails(&provider, &inner).await;
    lab.restart_with("");
    synced(&provider).await;
    for person in &people {
        assert!(is_active(&provider, &person.mail).await, "{}", person.account);
    }
}

#[tokio::test]
async fn a_group_selected_after_its_members_were_hidden_is_read_again() {
    let (subtree, lab) = own();
    let person = subtree.person();
    let group = subtree.group(&[&person.dn]);
    let elsewhere = subtree.group(&[&person.dn]);
    lab.restart_with(&format!("access to dn.exact=\"{group}\" attrs=member by * none"));
    let provider = subtree.provider().await;
    assert_eq!(synced(&provider).await.counts.created, 1);

    let by_group = format!("{CLIENT}\n{}", subtree.settings("", &group));
    provider.apply(&by_group, Mode::Replace).await.expect("good settings");
    let before = changes(&provider).await;
    for _ in 0..2 {
        is_unreadable(&by_changes(&provider).await.expect_err("the members can't be read"), &group);
    }
    assert_eq!(changes(&provider).await, before);
    let fixed = format!("{CLIENT}\n{}", subtree.settings("", &elsewhere));
    provider.apply(&fixed, Mode::Replace).await.expect("good settings");
    by_changes(&provider).await.expect("a good run");
    assert!(is_active(&provider, &person.mail).await);
}

/// In a domain the members are also known by `memberOf`: a feed that uses the list reads everybody again.
#[tokio::test]
async fn hidden_members_of_a_selected_group_suspend_nobody_in_a_domain() {
    for feed in [TestedFeed::DirSync, TestedFeed::DirSyncAsAnybody, TestedFeed::UsnChanged] {
        let subtree = feed.subtree();
        let people = [subtree.person_in(&subtree.outside), subtree.person_in(&subtree.outside)];
        let inner = subtree.group(&[&people[0].dn]);
        let outer = subtree.group(&[&inner, &people[1].dn]);
        let provider = Provider::start(Setup::new(&feed.settings(&subtree, "", &outer).await)).await;
        assert_eq!(synced(&provider).await.counts.created, 2);
        subtree.admin.remove_values(&inner, "member", &[&people[0].dn]);
        by_changes(&provider).await.expect("a good run");
        assert!(suspended(&provider, &people[0].mail).await.is_some(), "an empty group is not an error");

        // Read Property of `member`, denied to all authenticated users.
        lab::ad().rule(&outer, "(OD;;RP;bf9679c0-0de6-11d0-a285-00aa003049e2;;AU)");
        subtree.admin.replace(&outer, "description", &["a change that reports the group again"]);
        by_changes(&provider).await.expect("a good run");
        synced(&provider).await;
        assert!(is_active(&provider, &people[1].mail).await, "{feed:?}");
        subtree.admin.remove_values(&outer, "member", &[&people[1].dn]);
        subtree.admin.add_values(&outer, "member", &[&people[0].dn]);
        match feed {
            TestedFeed::UsnChanged => by_changes(&provider).await.expect("a good run"),
            _ => synced(&provider).await,
        };
        assert!(is_active(&provider, &people[0].mail).await);
        assert!(suspended(&provider, &people[1].mail).await.is_some(), "the leaver's own entry shows it");
    }
}
