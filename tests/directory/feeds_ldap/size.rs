//! The costs of large groups and of many people.

use std::time::{Duration, Instant};

use cloudsync_idp::directory::feed::ChangeFeed;
use cloudsync_idp::domain::mirror::{Item, Members};

use super::{Follower, feed, group};
use crate::directory::{dn, ldap};
use crate::support::lab;
use crate::support::{count, measured};

/// Adds one member to a group of this size.
async fn one_change_in_a_group_of(size: usize) -> Duration {
    let number = size.to_string();
    let lab = lab::own_ldap(&[("USERS", &number), ("GROUP", &number)]);
    let mut follower = Follower::of_lab(&lab).await;
    assert!(follower.rest().await.expect("an answer").is_empty());
    let club = lab.dn("cn=g0,ou=groups");
    lab.admin.add_values(&club, "member", &[&lab.dn("uid=alice,ou=people")]);
    let before = Instant::now();
    let items = follower.next().await;
    let took = before.elapsed();
    let club = group(&items, "g0").expect("the group");
    assert!(matches!(&club.members, Members::All(all) if all.len() == size + 1));
    let read = follower.feed.read(&[club.id]).await.expect("the group");
    assert_eq!(read, [Item::Group(Box::new(club))]);
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_in_a_large_group_is_reported_soon() {
    for size in [5_000, 50_000] {
        let took = one_change_in_a_group_of(size).await;
        measured(&format!("one member more in an OpenLDAP group of {size}: reported after {took:?}"));
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

/// Many changes of one large group are reported as one, and not kept one by one in memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_with_many_changes_is_reported_once() {
    let lab = lab::own_ldap(&[("USERS", "20000"), ("GROUP", "20000")]);
    let mut follower = Follower::of_lab(&lab).await;
    assert!(follower.rest().await.expect("an answer").is_empty());
    let club = lab.dn("cn=g0,ou=groups");
    let newcomers: Vec<String> = (0..60).map(|n| lab.dn(&format!("uid=newcomer{n},ou=people"))).collect();
    for newcomer in &newcomers {
        lab.admin.add_values(&club, "member", &[newcomer]);
    }
    let last = dn(newcomers.last().expect("some"));
    let items =
        follower.until(|items| group(items, "g0").is_some_and(|club| super::lists(&club, &last))).await;
    assert!(items.len() < newcomers.len() / 2, "{} items", items.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_people_are_read_page_by_page() {
    let people = count(20_000, 100_000);
    let lab = lab::own_ldap(&[("USERS", &people.to_string())]);
    let mut feed = feed(&ldap(&lab), None).await;
    let (before, mut read) = (Instant::now(), 0);
    feed.begin_scan();
    while let Some(page) = feed.next_page().await.expect("a page") {
        assert!(page.len() <= 1_000);
        read += page.iter().filter(|item| matches!(item, Item::Person(_))).count();
    }
    let rate = read as f64 / before.elapsed().as_secs_f64();
    measured(&format!("{read} people of OpenLDAP read at {rate:.0} a second"));
    assert!(read > people);
}
