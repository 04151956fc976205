//! The extra filter of the scope: the server evaluates it, and the attributes that it uses are watched.

use cloudsync_idp::directory::feed::ChangeFeed;

use super::{Follower, PATIENCE, Rights, is_reset, person};
use crate::directory::deadline;
use crate::support::lab::{self, unique};

#[tokio::test]
async fn a_change_of_an_attribute_in_the_extra_filter_is_reported() {
    let lab = lab::own_ad(&[]);
    for rights in [Rights::Replica, Rights::Reader, Rights::Tombstones] {
        let directory = rights.directory(&lab).await;
        let filter = Some("(&(department=Sales)(!(employeeType=guest)))");
        let (feed, _) = directory.feed(None, filter, deadline()).await.expect("a feed");
        let mut follower = Follower::at_now(feed).await;
        let born = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
        assert!(!follower.person(&born.account).await.passes_filter);
        lab.admin.replace(&born.dn, "department", &["sales"]);
        assert!(follower.person(&born.account).await.passes_filter, "{rights:?}");
        lab.admin.replace(&born.dn, "employeeType", &["guest"]);
        assert!(!follower.person(&born.account).await.passes_filter);
        let all = super::everything(&mut follower.feed).await.expect("all of it");
        assert!(!person(&all, &born.account).expect("there").passes_filter);
        lab.admin.replace(&born.dn, "employeeType", &[]);
        let all = super::everything(&mut follower.feed).await.expect("all of it");
        assert!(person(&all, &born.account).expect("there").passes_filter);
    }
}

/// `memberOf` changes with the group; no change is reported for the person.
#[tokio::test]
async fn a_filter_by_group_is_evaluated_again_for_people_who_join_or_leave() {
    let lab = lab::own_ad(&[]);
    let name = unique("crew");
    let crew = lab.dn(&format!("CN={name},OU=Groups"));
    lab.admin.add(&crew, &[("objectClass", "group"), ("sAMAccountName", &name)]);
    let born = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
    let directory = Rights::Replica.directory(&lab).await;
    let filter = format!("(memberOf={crew})");
    let (feed, _) = directory.feed(None, Some(&filter), deadline()).await.expect("a feed");
    let mut follower = Follower::at_now(feed).await;
    lab.admin.add_values(&crew, "member", &[&born.dn]);
    assert!(follower.person(&born.account).await.passes_filter);
    lab.admin.remove_values(&crew, "member", &[&born.dn]);
    assert!(!follower.person(&born.account).await.passes_filter);
    lab.admin.add_values(&crew, "member", &[&born.dn]);
    assert!(follower.person(&born.account).await.passes_filter);
    lab.admin.move_to(&crew, &format!("CN={name} II"), &lab.dn("OU=Groups"));
    let reported = follower.feed.changes(&follower.at, PATIENCE).await;
    assert!(is_reset(&reported, "a group has changed"), "its members are not reported: {reported:?}");
}

/// No feed reports which people a change of a group affects when groups are nested, or only their lists are
/// known.
#[tokio::test]
async fn a_filter_by_groups_that_can_not_be_followed_is_a_reset() {
    let lab = lab::own_ad(&[]);
    let name = unique("crew");
    let crew = lab.dn(&format!("CN={name},OU=Groups"));
    lab.admin.add(&crew, &[("objectClass", "group"), ("sAMAccountName", &name)]);
    let born = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
    for (rights, filter) in [
        (Rights::Replica, format!("(memberOf:1.2.840.113556.1.4.1941:={crew})")),
        (Rights::Tombstones, format!("(memberOf={crew})")),
    ] {
        let directory = rights.directory(&lab).await;
        let (feed, _) = directory.feed(None, Some(&filter), deadline()).await.expect("a feed");
        let mut follower = Follower::at_now(feed).await;
        lab.admin.add_values(&crew, "member", &[&born.dn]);
        let reported = follower.feed.changes(&follower.at, PATIENCE).await;
        assert!(is_reset(&reported, "a group has changed"), "{rights:?}: {reported:?}");
        lab.admin.remove_values(&crew, "member", &[&born.dn]);
    }
}

#[tokio::test]
async fn an_invalid_filter_opens_no_feed() {
    let directory = Rights::Replica.directory(lab::ad()).await;
    assert!(directory.feed(None, Some("department=Sales)("), deadline()).await.is_err());
}
