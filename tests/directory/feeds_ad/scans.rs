//! Full reads of a domain, and reads of single objects: both give the same.

use std::collections::{HashMap, HashSet};

use cloudsync_idp::directory::Directory;
use cloudsync_idp::directory::feed::{ChangeFeed, FeedError};
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::mirror::{Item, Member, Members};
use cloudsync_idp::domain::secret::Plain;

use super::{Follower, Rights, container, everything, group, person, plain};
use crate::directory::{ad_settings, dn, one};
use crate::support::lab::{self, unique};
use crate::support::ranges;

#[tokio::test]
async fn a_full_read_of_a_domain_is_complete_and_in_order() {
    let lab = lab::own_ad(&[("USERS", "5000")]);
    for rights in [Rights::Replica, Rights::Reader, Rights::Nothing] {
        let directory = rights.directory(&lab).await;
        let mut follower = Follower::of(&directory).await;
        let all = everything(&mut follower.feed).await.expect("all of it");
        let place = |item: &Item| match item {
            Item::Container { .. } => 0,
            Item::Group(_) => 1,
            Item::Person(_) => 2,
            Item::Gone(_) => 3,
        };
        assert!(all.iter().map(place).is_sorted(), "{rights:?}");
        let ids: HashSet<EntryId> = all.iter().map(Item::id).collect();
        assert_eq!(ids.len(), all.len());
        assert!(all.iter().filter(|item| place(item) == 2).count() > 5_100);
        for at in ["OU=Staff", "OU=Sales,OU=Staff", "CN=Users", "CN=Builtin"] {
            assert!(container(&all, &lab.dn(at)).is_some(), "{at}");
        }
        assert!(container(&all, &lab.base_dn).is_some());
        for login in ["alice", "user004999", "svc-sync"] {
            assert!(person(&all, login).is_some_and(|person| person.passes_filter), "{login}");
        }
        assert!(person(&all, "DC1$").is_none(), "computers are no people");
        assert!(all.iter().all(|item| item.dn().is_some_and(|place| place.is_within(&dn(&lab.base_dn)))));
    }
}

/// `memberOf` of all objects is the same graph as `member` of all groups.
#[tokio::test]
async fn memberships_are_read_from_the_members() {
    let lab = lab::ad();
    let directory = Rights::Replica.directory(lab).await;
    let mut follower = Follower::of(&directory).await;
    let all = everything(&mut follower.feed).await.expect("all of it");
    let groups: HashMap<String, EntryId> = all.iter().filter_map(named_group).collect();
    let mut by_member: HashSet<(EntryId, Member)> = HashSet::new();
    for item in &all {
        let of = match item {
            Item::Person(person) => person.groups.clone().expect("reported"),
            Item::Group(group) => group.groups.clone().expect("reported"),
            _ => continue,
        };
        by_member.extend(of.iter().map(|group| (groups[&group.key()], Member::by_id(item.id()))));
    }
    let ids: Vec<EntryId> = groups.values().copied().collect();
    let read = follower.feed.read(&ids).await.expect("the groups");
    let known: HashSet<Member> = all.iter().map(|item| Member::by_id(item.id())).collect();
    let mut by_group: HashSet<(EntryId, Member)> = HashSet::new();
    for item in &read {
        let Item::Group(group) = item else { panic!("{item:?}") };
        let Members::All(members) = &group.members else { panic!("{group:?}") };
        by_group.extend(
            members.iter().filter(|member| known.contains(member)).map(|member| (group.id, member.clone())),
        );
    }
    assert!(by_member.len() > 50);
    assert_eq!(by_member, by_group);
}

fn named_group(item: &Item) -> Option<(String, EntryId)> {
    match item {
        Item::Group(group) => Some((group.dn.key(), group.id)),
        _ => None,
    }
}

#[tokio::test]
async fn a_read_by_id_equals_the_full_read() {
    let lab = lab::ad();
    let directory = Rights::Reader.directory(lab).await;
    let mut follower = Follower::of(&directory).await;
    let all = everything(&mut follower.feed).await.expect("all of it");
    let nobody = EntryId(uuid::Uuid::from_u128(7));
    let alice = one(&directory, "alice").await.id;
    let shown = |id: EntryId| all.iter().find(|item| item.id() == id).cloned().expect("shown");
    let club = group(&all, "CloudSync").expect("a group").id;
    let staff = container(&all, &lab.dn("OU=Staff")).expect("a unit");
    let read = follower.feed.read(&[nobody, alice, club, staff]).await.expect("an answer");
    assert_eq!(read.iter().map(Item::id).collect::<Vec<_>>(), [staff, club, alice, nobody]);
    assert_eq!((&read[0], &read[2], &read[3]), (&shown(staff), &shown(alice), &Item::Gone(nobody)));
}

/// Windows returns 1,500 values of a list at once, or fewer if so configured.
#[tokio::test]
async fn lists_that_come_in_parts_are_followed_to_their_end() {
    let lab = lab::ad();
    let person = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
    let groups: Vec<String> = (0..9).map(|_| lab.dn(&format!("CN={},OU=Groups", unique("part")))).collect();
    for group in &groups {
        let name = group[3..].split(',').next().expect("a name").to_owned();
        let fields = [("objectClass", "group"), ("sAMAccountName", &name), ("member", &person.dn)];
        lab.admin.add(group, &fields);
    }
    let direct = Rights::Replica.directory(lab).await;
    let port = ranges::of(&lab.addr, 389, &["member", "memberOf"], 4).await;
    let password = Plain::new(lab.service_password.clone());
    let cut = Directory::new(&plain(ad_settings(lab), port), password).expect("good settings");
    let (mut whole, mut parts) = (Follower::of(&direct).await, Follower::of(&cut).await);

    let all = everything(&mut parts.feed).await.expect("all of it");
    let reported = super::person(&all, &person.account).expect("there").groups.expect("reported");
    let expected: HashSet<_> = groups.iter().map(|group| dn(group)).collect();
    let at_sign_in = one(&cut, &person.account).await.direct_groups;
    for names in [reported, at_sign_in] {
        assert_eq!((names.len(), HashSet::from_iter(names)), (groups.len(), expected.clone()));
    }

    let sales = group(&all, "Sales").expect("a group").id;
    let (read, known) = (parts.feed.read(&[sales]).await, whole.feed.read(&[sales]).await);
    let (read, known) = (read.expect("an answer"), known.expect("an answer"));
    let Item::Group(sales) = &known[0] else { panic!("{known:?}") };
    assert!(matches!(&sales.members, Members::All(members) if members.len() > 14), "{sales:?}");
    assert_eq!(read, known);
}

#[tokio::test]
async fn a_full_read_ends_once_and_begins_on_request() {
    let directory = Rights::Replica.directory(lab::ad()).await;
    let mut follower = Follower::of(&directory).await;
    let unasked = follower.feed.next_page().await;
    assert!(matches!(unasked, Err(FeedError::Directory(_))), "{unasked:?}");
    let first = everything(&mut follower.feed).await.expect("all of it").len();
    assert_eq!(follower.feed.next_page().await.expect("the end"), None);
    assert_eq!(everything(&mut follower.feed).await.expect("all of it").len(), first);
}
