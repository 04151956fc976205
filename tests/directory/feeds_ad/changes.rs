//! Each kind of change, in each kind of feed.

use cloudsync_idp::directory::feed::ChangeFeed;
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::mirror::{Item, Member, Members};
use cloudsync_idp::domain::shortfall::Shortfall;

use super::{Follower, Rights, container, feed, group, has, is_gone, lost, person};
use crate::directory::{dn, one};
use crate::support::lab::{self, AdLab, unique};

/// Every change that can happen to one person and one group.
async fn life(lab: &AdLab, rights: Rights) {
    let directory = rights.directory(lab).await;
    let (feed, probe) = feed(&directory, None).await;
    assert_eq!((probe.chosen, probe.tells_deletions), (rights.kind(), rights.tells_deletions()), "{probe:?}");
    let lacks: Vec<String> = probe.reasons.iter().map(Shortfall::what).collect();
    assert_eq!(lacks.len(), rights.lacks().len(), "{lacks:?}");
    assert!(lacks.iter().zip(rights.lacks()).all(|(lack, word)| lack.contains(word)), "{lacks:?}");
    let mut follower = Follower::at_now(feed).await;
    let (staff, bulk, groups) = (lab.dn("OU=Staff"), lab.dn("OU=Bulk"), lab.dn("OU=Groups"));

    let born = lab.admin.add_person(&staff, &lab.user_password);
    let first = follower.person(&born.account).await;
    assert_eq!((first.entry.email.as_deref(), first.entry.disabled), (Some(born.mail.as_str()), false));
    let expected = (dn(&born.dn), Some(Vec::new()), true);
    assert_eq!((first.entry.dn.clone(), first.groups.clone(), first.passes_filter), expected);
    let id = first.entry.id;

    lab.admin.replace(&born.dn, "mail", &["new@example.com"]);
    assert_eq!(follower.person(&born.account).await.entry.email.as_deref(), Some("new@example.com"));
    lab.admin.replace(&born.dn, "mail", &[]);
    assert_eq!(follower.person(&born.account).await.entry.email, None);
    lab.admin.replace(&born.dn, "userAccountControl", &["514"]);
    assert!(follower.person(&born.account).await.entry.disabled);

    let renamed = lab.admin.move_to(&born.dn, &format!("CN=Else {}", born.account), &staff);
    let reported = follower.person(&born.account).await;
    assert_eq!((reported.entry.id, reported.entry.dn), (id, dn(&renamed)));
    let moved = lab.admin.move_to(&renamed, &format!("CN=Else {}", born.account), &bulk);
    let reported = follower.person(&born.account).await;
    assert_eq!((reported.entry.id, reported.entry.dn), (id, dn(&moved)));

    let name = unique("club");
    let club = format!("CN={name},{groups}");
    lab.admin.add(&club, &[("objectClass", "group"), ("sAMAccountName", &name), ("member", &moved)]);
    let founded = follower.group(&name).await;
    assert!(has(&founded, id) && founded.security && founded.groups == Some(Vec::new()), "{founded:?}");
    let read = follower.feed.read(&[id]).await.expect("an answer");
    assert_eq!(person(&read, &born.account).expect("there").groups, Some(vec![dn(&club)]));

    in_groups(lab, &mut follower, (id, &moved), (founded.id, &club, &name)).await;
    the_end(lab, &mut follower, rights, (id, &moved), (founded.id, &club)).await;
}

/// Nested, renamed, and left.
async fn in_groups(
    lab: &AdLab,
    follower: &mut Follower,
    (id, place): (EntryId, &str),
    (group_id, club, name): (EntryId, &str, &str),
) {
    let inner_name = unique("inner");
    let inner = lab.dn(&format!("CN={inner_name},OU=Groups"));
    lab.admin.add(&inner, &[("objectClass", "group"), ("sAMAccountName", &inner_name)]);
    let inner_id = follower.group(&inner_name).await.id;
    lab.admin.add_values(club, "member", &[&inner]);
    assert!(has(&follower.group(name).await, inner_id));
    let read = follower.feed.read(&[inner_id, group_id]).await.expect("an answer");
    assert_eq!(group(&read, &inner_name).expect("there").groups, Some(vec![dn(club)]));
    let mut both = [Member::by_id(id), Member::by_id(inner_id)];
    both.sort();
    assert_eq!(group(&read, name).expect("there").members, Members::All(both.to_vec()));

    let renamed = lab.admin.move_to(&inner, &format!("CN={inner_name} II"), &lab.dn("OU=Groups"));
    let reported = follower.group(&inner_name).await;
    assert_eq!(
        (reported.id, reported.dn.clone(), reported.groups.clone()),
        (inner_id, dn(&renamed), Some(vec![dn(club)]))
    );
    lab.admin.remove_values(club, "member", &[place]);
    assert!(lost(&follower.group(name).await, id));
    lab.admin.add_values(club, "member", &[place]);
    assert!(has(&follower.group(name).await, id));
}

async fn the_end(
    lab: &AdLab,
    follower: &mut Follower,
    rights: Rights,
    (id, place): (EntryId, &str),
    (group_id, club): (EntryId, &str),
) {
    lab.admin.delete(place);
    if rights.tells_deletions() {
        follower.until(|items| is_gone(items, id)).await;
    }
    let account = unique("again");
    lab.admin.add(place, &[("objectClass", "user"), ("sAMAccountName", &account)]);
    let again = follower.person(&account).await;
    assert_eq!(again.entry.dn, dn(place));
    assert_ne!(again.entry.id, id);
    lab.admin.delete(club);
    if rights.tells_deletions() {
        follower.until(|items| is_gone(items, group_id)).await;
    }
    let read = follower.feed.read(&[id, group_id]).await.expect("an answer");
    assert!(is_gone(&read, id) && is_gone(&read, group_id), "a read reports both as gone: {read:?}");
}

#[tokio::test]
async fn every_change_is_reported_to_a_replica() {
    life(&lab::own_ad(&[]), Rights::Replica).await;
}

#[tokio::test]
async fn a_plain_account_gets_all_changes_but_deletions() {
    life(&lab::own_ad(&[]), Rights::Reader).await;
}

#[tokio::test]
async fn every_change_has_a_number() {
    life(&lab::own_ad(&[]), Rights::Tombstones).await;
}

#[tokio::test]
async fn every_change_but_deletions_has_a_number_for_a_plain_reader() {
    life(&lab::own_ad(&[]), Rights::Nothing).await;
}

/// The directory does not report the people below, although each has a new DN.
#[tokio::test]
async fn a_moved_ou_is_reported_by_its_root_only() {
    let lab = lab::own_ad(&[]);
    for rights in [Rights::Replica, Rights::Tombstones] {
        let directory = rights.directory(&lab).await;
        let name = unique("team");
        let old = lab.dn(&format!("OU={name},OU=Staff"));
        lab.admin.add(&old, &[("objectClass", "organizationalUnit")]);
        let child = lab.admin.add_person(&old, &lab.user_password);
        let mut follower = Follower::of(&directory).await;
        let child = one(&directory, &child.account).await.id;
        let new = lab.admin.move_to(&old, &format!("OU={name} II"), &lab.dn("OU=Bulk"));
        let items = follower.until(|items| container(items, &new).is_some()).await;
        assert!(!items.iter().any(|item| item.id() == child), "{rights:?}: its members are not reported");
        let read = follower.feed.read(&[child]).await.expect("the child");
        assert!(read[0].dn().is_some_and(|place| place.is_within(&dn(&new))), "{rights:?}: {read:?}");
    }
}

#[tokio::test]
async fn a_restored_object_is_reported_completely() {
    let lab = lab::own_ad(&[]);
    for rights in [Rights::Replica, Rights::Tombstones] {
        let mut follower = Follower::of(&rights.directory(&lab).await).await;
        let name = unique("phoenix");
        let place = lab.dn(&format!("CN={name},OU=Groups"));
        let alice = lab.admin.dn_of(&lab.base_dn, "alice");
        lab.admin.add(&place, &[("objectClass", "group"), ("sAMAccountName", &name), ("member", &alice)]);
        let id = follower.group(&name).await.id;
        lab.admin.delete(&place);
        follower.until(|items| is_gone(items, id)).await;
        let tombstone = lab.dn(&format!("CN={name}\\0ADEL:{id},CN=Deleted Objects"));
        lab.admin.undelete(&tombstone, &place);
        let back = follower.until(|items| items.iter().any(|item| item.dn() == Some(&dn(&place)))).await;
        let back = group(&back, &name).expect("the group");
        assert_eq!(back.id, id);
        // without a recycle bin its members are lost
        assert!(matches!(&back.members, Members::All(all) if all.is_empty()), "{rights:?}: {back:?}");
    }
}

#[tokio::test]
async fn a_change_in_a_large_group_costs_one_value() {
    let lab = lab::own_ad(&[("USERS", "5000")]);
    let directory = Rights::Replica.directory(&lab).await;
    let everybody = lab.admin.each(&lab.dn("OU=Bulk"), "(objectClass=user)", &[]);
    let names: Vec<&str> = everybody.iter().map(|person| person["dn"][0].as_str()).collect();
    assert_eq!(names.len(), 5_000);
    let crowd = lab.dn("CN=Crowd,OU=Groups");
    lab.admin.add(&crowd, &[("objectClass", "group"), ("sAMAccountName", "Crowd")]);
    let mut follower = Follower::of(&directory).await;
    lab.admin.add_values(&crowd, "member", &names);
    let reported = follower.group("Crowd").await;
    assert!(matches!(&reported.members, Members::Changed { joined, .. } if joined.len() == 5_000));
    lab.admin.remove_values(&crowd, "member", &names[..1]);
    let reported = follower.group("Crowd").await;
    let one = match &reported.members {
        Members::Changed { joined, left } if joined.is_empty() && left.len() == 1 => left[0].clone(),
        other => panic!("{other:?}"),
    };
    let read = follower.feed.read(&[reported.id]).await.expect("all of it");
    let Some(Item::Group(whole)) = read.first() else { panic!("{read:?}") };
    assert!(matches!(&whole.members, Members::All(all) if all.len() == 4_999 && !all.contains(&one)));
}
