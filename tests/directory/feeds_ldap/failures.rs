//! Servers that are killed, frozen, disconnected and limited: each is an error, and never the end of a list.

use std::time::{Duration, Instant};

use cloudsync_idp::directory::Directory;
use cloudsync_idp::directory::feed::{ChangeFeed, FeedError};
use cloudsync_idp::domain::cursor::FeedKind;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings;

use super::{Follower, PATIENCE, everything, feed, is_reset};
use crate::directory::{deadline, ldap, ldap_settings, open, plain_settings};
use crate::support::lab::{self, LdapLab};
use crate::support::relay::{Mode, Relay};

#[tokio::test]
async fn a_server_that_is_killed_in_mid_page_fails_the_read() {
    let lab = lab::own_ldap(&[("USERS", "5000")]);
    let mut feed = feed(&ldap(&lab), None).await;
    feed.begin_scan();
    assert!(feed.next_page().await.expect("a page").is_some());
    lab.kill();
    let mut end = feed.next_page().await;
    while let Ok(Some(_)) = end {
        end = feed.next_page().await;
    }
    assert!(matches!(end, Err(FeedError::Directory(_))), "{end:?}");
    assert!(feed.next_page().await.is_err(), "and it does not end well after that");
    lab.restart();
}

#[tokio::test]
async fn a_server_killed_during_a_stream_is_noticed_and_followed_again() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    assert!(follower.rest().await.expect("an answer").is_empty());
    lab.kill();
    let answer = follower.feed.changes(&follower.at, PATIENCE).await;
    assert!(matches!(answer, Err(FeedError::Directory(_))), "{answer:?}");
    lab.restart();
    follower.again().await;
    lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    // the server's log begins with its start: only the server knows whether it reaches back
    let answer = follower.feed.changes(&follower.at, PATIENCE).await;
    assert!(is_reset(&answer) || matches!(&answer, Ok(Some(_))), "{answer:?}");
}

#[tokio::test]
async fn a_frozen_server_is_noticed_in_time() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    assert!(follower.rest().await.expect("an answer").is_empty());
    lab.pause();
    let before = Instant::now();
    let answer = follower.feed.changes(&follower.at, 3 * PATIENCE).await;
    lab.resume();
    assert!(matches!(answer, Err(FeedError::Directory(_))), "{answer:?}");
    assert!(before.elapsed() < Duration::from_secs(12), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_silent_or_broken_line_is_noticed_in_time() {
    let lab = lab::own_ldap(&[]);
    for mode in [Mode::Mute, Mode::Cut, Mode::CutInside, Mode::Garble] {
        let relay = Relay::to(&lab.addr, lab.port).await;
        let org = open(&lab, &plain_settings(&lab, &[("127.0.0.1", relay.port)]));
        let mut follower = Follower::of(&org).await;
        assert!(follower.rest().await.expect("an answer").is_empty());
        relay.set(mode);
        let before = Instant::now();
        lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
        let answer = follower.feed.changes(&follower.at, 3 * PATIENCE).await;
        assert!(matches!(answer, Err(FeedError::Directory(_))), "{mode:?}: {answer:?}");
        assert!(before.elapsed() < Duration::from_secs(12), "{mode:?}: {:?}", before.elapsed());
    }
}

/// A stream of changes may last for months, and each message is kept until it is complete.
#[tokio::test]
async fn a_change_of_two_gigabytes_ends_the_stream() {
    let lab = lab::ldap();
    let relay = Relay::to(&lab.addr, lab.port).await;
    let org = open(lab, &plain_settings(lab, &[("127.0.0.1", relay.port)]));
    let mut follower = Follower::of(&org).await;
    assert!(follower.rest().await.expect("an answer").is_empty());
    relay.set(Mode::Swell);
    lab.admin.add_inet_person(&lab.dn("ou=outside"), "x");
    let answer = follower.feed.changes(&follower.at, 3 * PATIENCE).await;
    let Err(FeedError::Directory(error)) = answer else { panic!("{answer:?}") };
    assert!(error.to_string().contains("2147483647 bytes"), "{error}");
}

#[tokio::test]
async fn a_read_that_breaks_in_the_middle_is_an_error() {
    let lab = lab::own_ldap(&[("USERS", "5000")]);
    for mode in [Mode::Cut, Mode::CutInside, Mode::Garble] {
        let relay = Relay::to(&lab.addr, lab.port).await;
        let mut feed = feed(&open(&lab, &plain_settings(&lab, &[("127.0.0.1", relay.port)])), None).await;
        feed.begin_scan();
        assert!(feed.next_page().await.expect("the first page").is_some());
        relay.set(mode);
        let mut end = feed.next_page().await;
        while let Ok(Some(_)) = end {
            end = feed.next_page().await;
        }
        assert!(matches!(end, Err(FeedError::Directory(_))), "{mode:?}: {end:?}");
    }
}

#[tokio::test]
async fn a_base_that_is_not_there_or_elsewhere_is_an_error() {
    let lab = lab::own_ldap(&[]);
    let elsewhere = lab.dn("ou=elsewhere");
    refer(&lab, &elsewhere);
    for base_dn in [elsewhere, lab.dn("ou=nowhere")] {
        let org = open(&lab, &settings::Directory { base_dn: base_dn.clone(), ..ldap_settings(&lab) });
        let (mut feed, probe) = org.feed(None, None, deadline()).await.expect("a feed");
        assert_eq!((probe.chosen, probe.reasons.len()), (FeedKind::FullScan, 1), "{probe:?}");
        let read = everything(&mut feed).await;
        assert!(matches!(read, Err(FeedError::Directory(_))), "{base_dn}: {read:?}");
    }
}

/// Entries below this one belong to another server.
fn refer(lab: &LdapLab, dn: &str) {
    let to = format!("ldap://other.example.org/{dn}");
    let classes = [("objectClass", "referral"), ("objectClass", "extensibleObject")];
    lab.admin.add(dn, &[&classes[..], &[("ou", "elsewhere"), ("ref", &to)]].concat());
}

#[tokio::test]
async fn references_to_other_servers_are_not_followed() {
    let lab = lab::own_ldap(&[]);
    let mut feed = feed(&ldap(&lab), None).await;
    let before = everything(&mut feed).await.expect("all of it");
    refer(&lab, &lab.dn("ou=elsewhere"));
    assert_eq!(everything(&mut feed).await.expect("all of it").len(), before.len());
}

#[tokio::test]
async fn a_size_limit_fails_the_read() {
    let lab = lab::own_ldap(&[("USERS", "1200")]);
    let settings =
        settings::Directory { service_account: lab.dn("uid=alice,ou=people"), ..ldap_settings(&lab) };
    let limited = Directory::new(&settings, Plain::new(lab.user_password.clone())).expect("good settings");
    let mut feed = feed(&limited, None).await;
    let read = everything(&mut feed).await;
    assert!(matches!(read, Err(FeedError::Directory(_))), "{read:?}");
}

#[tokio::test]
async fn a_server_that_reports_no_changes_is_read_on_a_schedule() {
    let lab = lab::own_ldap(&[("SYNCPROV", "no")]);
    let org = ldap(&lab);
    let (mut feed, probe) = org.feed(None, None, deadline()).await.expect("a feed");
    assert_eq!((feed.kind(), probe.reasons.len()), (FeedKind::FullScan, 1), "{probe:?}");
    let at = feed.position().await.expect("a position");
    assert!(everything(&mut feed).await.expect("all of it").len() > 100);
    lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    assert!(matches!(feed.changes(&at, Duration::ZERO).await, Ok(None)));
    let reported = Follower::of_lab(lab::ldap()).await.at;
    assert!(is_reset(&feed.changes(&reported, Duration::ZERO).await), "another feed's cursor");
}
