//! The full read: complete, in order, and each object as it is.

use std::collections::HashSet;

use cloudsync_idp::directory::feed::ChangeFeed;
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::mirror::{Item, Members};

use super::{container, everything, feed, group, lists, person};
use crate::directory::{deadline, dn, ldap, one};
use crate::support::lab;

fn rank(item: &Item) -> u8 {
    match item {
        Item::Container { .. } => 0,
        Item::Group(_) => 1,
        Item::Person(_) => 2,
        Item::Gone(_) => 3,
    }
}

#[tokio::test]
async fn everything_comes_once_and_in_order() {
    let lab = lab::own_ldap(&[("USERS", "2600")]);
    let odd = lab.dn("cn=printer,ou=people");
    lab.admin.add(&odd, &[("objectClass", "device"), ("cn", "printer")]);
    let all = everything(&mut feed(&ldap(&lab), None).await).await.expect("all of it");
    let expected = lab.admin.each(&lab.base_dn, "(objectClass=*)", &["entryUUID"]);
    let expected: HashSet<EntryId> =
        expected.iter().filter_map(|entry| EntryId::from_entry_uuid(entry["entryUUID"].first()?)).collect();
    let reported: HashSet<EntryId> = all.iter().map(Item::id).collect();
    assert_eq!((all.len(), &reported), (expected.len(), &expected));
    assert!(all.is_sorted_by_key(rank));
    for place in [lab.base_dn.clone(), lab.dn("ou=people"), odd] {
        assert!(container(&all, &place).is_some(), "{place}");
    }
    let hugo = person(&all, "hugo").expect("hugo");
    assert!(hugo.entry.disabled && hugo.groups.is_none() && hugo.passes_filter);
    let bulk = group(&all, "g0").expect("a bulk group");
    assert!(matches!(&bulk.members, Members::All(members) if members.len() == 500));
    assert!(lists(&group(&all, "All Staff").expect("a group"), &dn(&lab.dn("cn=Sales,ou=groups"))));
}

#[tokio::test]
async fn a_single_object_is_read_as_in_the_full_read() {
    let lab = lab::ldap();
    let mut feed = feed(&ldap(lab), None).await;
    let all = everything(&mut feed).await.expect("all of it");
    let chosen: Vec<&Item> = all.iter().step_by(7).collect();
    let nobody = EntryId(uuid::Uuid::from_u128(7));
    let ids: Vec<EntryId> = chosen.iter().map(|item| item.id()).chain([nobody]).collect();
    let read = feed.read(&ids).await.expect("an answer");
    assert_eq!(read.last(), Some(&Item::Gone(nobody)));
    let mine: Vec<&Item> = read.iter().filter(|item| item.id() != nobody).collect();
    for item in &chosen {
        assert!(mine.contains(item), "{item:?}");
    }
    assert_eq!(mine.len(), chosen.len());
    assert!(feed.read(&[]).await.expect("nothing").is_empty());
}

#[tokio::test]
async fn the_extra_filter_is_judged_by_the_server() {
    let lab = lab::own_ldap(&[("USERS", "1500")]);
    let filter = "(|(uid=alice)(uid=u000149*))";
    let (mut feed, _) = ldap(&lab).feed(None, Some(filter), deadline()).await.expect("a feed");
    let all = everything(&mut feed).await.expect("all of it");
    let passing: HashSet<&str> = all
        .iter()
        .filter_map(|item| match item {
            Item::Person(person) if person.passes_filter => Some(person.entry.login_name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(passing.len(), 11, "{passing:?}");
    assert!(passing.contains("alice") && passing.contains("u0001499"));
    let (alice, bob) = (one(&ldap(&lab), "alice").await.id, one(&ldap(&lab), "bob").await.id);
    let read = feed.read(&[alice, bob]).await.expect("an answer");
    let passes = |login| person(&read, login).expect("a person").passes_filter;
    assert_eq!((passes("alice"), passes("bob")), (true, false));
}

#[tokio::test]
async fn a_full_read_that_was_not_begun_or_not_finished_is_no_empty_one() {
    let lab = lab::own_ldap(&[("USERS", "3000")]);
    let mut feed = feed(&ldap(&lab), None).await;
    assert!(feed.next_page().await.is_err());
    feed.begin_scan();
    assert!(feed.next_page().await.expect("a page").is_some());
    let all = everything(&mut feed).await.expect("from the beginning again");
    assert!(all.len() > 3_100);
    assert!(feed.next_page().await.expect("it has ended").is_none());
}
