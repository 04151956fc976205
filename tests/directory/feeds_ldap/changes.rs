//! Each kind of change, followed live and caught up with later.

use cloudsync_idp::directory::feed::ChangeFeed;
use cloudsync_idp::domain::mirror::Item;

use super::{Follower, PATIENCE, container, group, is_gone, is_reset, lists, person};
use crate::directory::{deadline, dn, ldap, one};
use crate::support::lab::{self, LdapLab, unique};

/// Makes a change and returns what is reported: live, or after a reconnect.
async fn reported(follower: &mut Follower, live: bool, deed: impl FnOnce()) -> Vec<Item> {
    if live {
        // the search is running before anything happens
        assert!(follower.rest().await.expect("an answer").is_empty());
    }
    deed();
    if !live {
        follower.again().await;
    }
    follower.next().await
}

/// Every change that can happen to one person and one group.
async fn life(lab: &LdapLab, live: bool) {
    let mut follower = Follower::of_lab(lab).await;
    let (people, groups) = (lab.dn("ou=people"), lab.dn("ou=groups"));
    let mut born = None;
    let items = reported(&mut follower, live, || born = Some(lab.admin.add_inet_person(&people, "x"))).await;
    let born = born.expect("a person");
    let first = person(&items, &born.account).expect("created");
    assert_eq!((first.entry.email.as_deref(), first.entry.disabled), (Some(born.mail.as_str()), false));
    assert_eq!(
        (first.entry.dn.clone(), first.groups.clone(), first.passes_filter),
        (dn(&born.dn), None, true)
    );
    let id = first.entry.id;

    let items =
        reported(&mut follower, live, || lab.admin.replace(&born.dn, "mail", &["new@example.org"])).await;
    assert_eq!(
        person(&items, &born.account).expect("changed").entry.email.as_deref(),
        Some("new@example.org")
    );

    let lock = || lab.admin.replace(&born.dn, "pwdAccountLockedTime", &["000001010000Z"]);
    let items = reported(&mut follower, live, lock).await;
    assert!(person(&items, &born.account).expect("locked").entry.disabled);

    let name = unique("club");
    let club = format!("cn={name},{groups}");
    let found = || {
        let class = ("objectClass", "groupOfNames");
        lab.admin.add(&club, &[class, ("cn", &name), ("member", &born.dn)]);
    };
    let items = reported(&mut follower, live, found).await;
    let founded = group(&items, &name).expect("founded");
    assert!(lists(&founded, &dn(&born.dn)) && founded.groups.is_none());

    let inner = lab.dn("cn=Sales,ou=groups");
    let items = reported(&mut follower, live, || lab.admin.add_values(&club, "member", &[&inner])).await;
    assert!(lists(&group(&items, &name).expect("a group in it"), &dn(&inner)));

    let renamed = lab.admin.move_to(&born.dn, &format!("uid={}x", born.account), &lab.dn("ou=outside"));
    if !live {
        follower.again().await;
    }
    let wanted = format!("{}x", born.account);
    let items = follower.until(|items| person(items, &wanted).is_some()).await;
    let moved = person(&items, &wanted).expect("moved and renamed");
    assert_eq!((moved.entry.id, moved.entry.dn), (id, dn(&renamed)));
    // refint has changed the group by itself, which shows when it is read
    let read = follower.feed.read(&[founded.id]).await.expect("the group");
    let changed = group(&read, &name).expect("the group");
    assert!(lists(&changed, &dn(&renamed)) && !lists(&changed, &dn(&born.dn)));

    let items = reported(&mut follower, live, || lab.admin.remove_values(&club, "member", &[&renamed])).await;
    assert!(!lists(&group(&items, &name).expect("the group"), &dn(&renamed)));

    let items = reported(&mut follower, live, || lab.admin.delete(&renamed)).await;
    assert!(is_gone(&items, id), "{items:?}");
    let again = || {
        let fields = [("objectClass", "inetOrgPerson"), ("uid", wanted.as_str()), ("cn", "X"), ("sn", "X")];
        lab.admin.add(&renamed, &fields);
    };
    let items = reported(&mut follower, live, again).await;
    assert_ne!(person(&items, &wanted).expect("another person").entry.id, id);
    let items = reported(&mut follower, live, || lab.admin.delete(&club)).await;
    assert!(is_gone(&items, founded.id));
    assert!(follower.rest().await.expect("an answer").is_empty());
}

#[tokio::test]
async fn every_change_is_reported_as_it_happens() {
    life(&lab::own_ldap(&[]), true).await;
}

#[tokio::test]
async fn every_change_is_reported_as_it_happens_without_a_session_log() {
    life(&lab::own_ldap(&[("SESSLOG", "0")]), true).await;
}

#[tokio::test]
async fn every_change_is_reported_after_a_reconnect() {
    life(&lab::own_ldap(&[]), false).await;
}

#[tokio::test]
async fn a_moved_subtree_is_reported_by_its_root_only() {
    let lab = lab::own_ldap(&[]);
    let (old, new) = (lab.dn("ou=team,ou=people"), lab.dn("ou=crew,ou=outside"));
    lab.admin.add(&old, &[("objectClass", "organizationalUnit"), ("ou", "team")]);
    let child = lab.admin.add_inet_person(&old, "x");
    let mut follower = Follower::of_lab(&lab).await;
    let child = one(&ldap(&lab), &child.account).await.id;
    lab.admin.move_to(&old, "ou=crew", &lab.dn("ou=outside"));
    let items = follower.next().await;
    assert!(container(&items, &new).is_some());
    assert!(!items.iter().any(|item| item.id() == child), "its members are not reported");
    let read = follower.feed.read(&[child]).await.expect("the child");
    assert!(read[0].dn().is_some_and(|place| place.is_within(&dn(&new))));
}

#[tokio::test]
async fn an_entry_of_an_unknown_class_is_read_from_the_server() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    let odd = lab.dn("cn=printer,ou=people");
    lab.admin.add(&odd, &[("objectClass", "device"), ("cn", "printer")]);
    let items = follower.next().await;
    assert!(container(&items, &odd).is_some(), "it may have children one day: {items:?}");
}

#[tokio::test]
async fn the_extra_filter_is_judged_by_the_server_at_each_change() {
    let lab = lab::own_ldap(&[]);
    let filter = "(departmentNumber=Sales)";
    let org = ldap(&lab);
    let (mut feed, _) = org.feed(None, Some(filter), deadline()).await.expect("a feed");
    let at = feed.position().await.expect("a position");
    let born = lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    let mut follower = Follower { directory: org, feed, at };
    let stranger = person(&follower.next().await, &born.account).expect("created");
    assert!(!stranger.passes_filter);
    lab.admin.replace(&born.dn, "departmentNumber", &["Sales"]);
    assert!(person(&follower.next().await, &born.account).expect("changed").passes_filter);
    let read = follower.feed.read(&[stranger.entry.id]).await.expect("an answer");
    assert!(person(&read, &born.account).expect("read").passes_filter);
}

/// People who join or leave the group match now or no longer, and only the group is reported.
#[tokio::test]
async fn a_filter_by_group_makes_a_change_of_a_group_a_full_read() {
    let lab = lab::own_ldap(&[]);
    let club = lab.dn("cn=Sales,ou=groups");
    let (org, filter) = (ldap(&lab), format!("(memberOf={club})"));
    let (mut feed, _) = org.feed(None, Some(&filter), deadline()).await.expect("a feed");
    let at = feed.position().await.expect("a position");
    let mut follower = Follower { directory: org, feed, at };
    let born = lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    assert!(!person(&follower.next().await, &born.account).expect("created").passes_filter);
    lab.admin.add_values(&club, "member", &[&born.dn]);
    let answer = follower.feed.changes(&follower.at, PATIENCE).await;
    assert!(is_reset(&answer), "{:?}", answer.map(|_| "changes"));
    let id = one(&ldap(&lab), &born.account).await.id;
    let read = follower.feed.read(&[id]).await.expect("the person");
    assert!(person(&read, &born.account).expect("read").passes_filter);
}

#[tokio::test]
async fn the_members_of_both_group_classes_are_reported() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    let club = lab.dn("cn=uniques,ou=groups");
    let (alice, bob) = (lab.dn("uid=alice,ou=people"), lab.dn("uid=bob,ou=outside"));
    let with_uid = format!("{bob}#'0101'B");
    let class = ("objectClass", "groupOfUniqueNames");
    lab.admin.add(&club, &[class, ("cn", "uniques"), ("uniqueMember", &alice), ("uniqueMember", &with_uid)]);
    let reported = group(&follower.next().await, "uniques").expect("founded");
    assert!(lists(&reported, &dn(&alice)) && lists(&reported, &dn(&bob)));
    let read = follower.feed.read(&[reported.id]).await.expect("the group");
    assert_eq!(group(&read, "uniques"), Some(reported));
}
