//! Cursors that do not fit any more, and servers that stop responding: each is an error, never silence.

use std::time::{Duration, Instant};

use cloudsync_idp::directory::Directory;
use cloudsync_idp::directory::feed::{ChangeFeed, FeedError};
use cloudsync_idp::domain::cursor::{Cursor, FeedKind, Position};
use cloudsync_idp::domain::secret::Plain;
use uuid::Uuid;

use super::{Follower, PATIENCE, Rights, feed, is_reset, person, plain};
use crate::directory::ad_settings;
use crate::support::lab::{self, AdLab};
use crate::support::relay::{Mode, Relay};

/// The same cursor with a part replaced.
fn edited(cursor: &Cursor, edit: impl Fn(&mut Vec<u8>, &mut Uuid, &mut i64)) -> Cursor {
    let mut cursor = cursor.clone();
    match &mut cursor.position {
        Position::DirSync { cookie, invocation_id, usn } => edit(cookie, invocation_id, usn),
        Position::UsnChanged { invocation_id, usn } => edit(&mut Vec::new(), invocation_id, usn),
        other => panic!("{other:?}"),
    }
    cursor
}

#[tokio::test]
async fn an_unreadable_cookie_is_a_reset() {
    let directory = Rights::Replica.directory(lab::ad()).await;
    let good = Follower::of(&directory).await.at;
    let bad = edited(&good, |cookie, _, usn| {
        *cookie = b"garbage".to_vec();
        *usn -= 1;
    });
    let (mut feed, probe) = feed(&directory, Some(&bad)).await;
    assert_eq!(probe.chosen, FeedKind::DirSync, "that is the cookie's fault and not the account's");
    let reported = feed.changes(&bad, Duration::ZERO).await;
    assert!(is_reset(&reported, "cookie"), "{reported:?}");
    assert!(feed.changes(&good, Duration::ZERO).await.is_ok(), "and it continues from a good one");
}

#[tokio::test]
async fn another_database_is_a_reset() {
    for rights in [Rights::Replica, Rights::Tombstones] {
        let directory = rights.directory(lab::ad()).await;
        let good = Follower::of(&directory).await.at;
        let other = edited(&good, |_, invocation_id, _| *invocation_id = Uuid::from_u128(7));
        let (mut feed, _) = feed(&directory, Some(&other)).await;
        let reported = feed.changes(&other, Duration::ZERO).await;
        assert!(is_reset(&reported, "invocationId"), "{reported:?}");
    }
}

/// One address for several domain controllers: the position of one means nothing to another.
#[tokio::test]
async fn another_database_behind_the_same_address_is_noticed_at_once() {
    let (here, there) = (lab::own_ad(&[]), lab::strict_ad());
    let relay = Relay::to(&here.addr, 389).await;
    let settings = plain(ad_settings(&here), relay.port);
    let directory = Directory::new(&settings, Plain::new(here.service_password.clone())).expect("settings");
    let mut follower = Follower::of(&directory).await;
    relay.lead_to(&there.addr, 389);
    // a long read has a separate connection
    follower.feed.begin_scan();
    let page = follower.feed.next_page().await;
    assert!(page.as_ref().is_err_and(|error| error.to_string().contains("another database")), "{page:?}");
    let (mut feed, _) = feed(&directory, Some(&follower.at)).await;
    let reported = feed.changes(&follower.at, Duration::ZERO).await;
    assert!(is_reset(&reported, "invocationId"), "{reported:?}");
}

#[tokio::test]
async fn another_feed_is_a_reset() {
    let directory = Rights::Replica.directory(lab::ad()).await;
    let by_number = Follower::of(&Rights::Tombstones.directory(lab::ad()).await).await.at;
    let (mut feed, _) = feed(&directory, Some(&by_number)).await;
    let reported = feed.changes(&by_number, Duration::ZERO).await;
    assert!(is_reset(&reported, "uSNChanged"), "{reported:?}");
}

/// A restored snapshot: the same database, but without the latest changes.
#[tokio::test]
async fn an_older_state_of_the_same_database_is_a_reset() {
    let lab = lab::own_ad(&[]);
    for rights in [Rights::Replica, Rights::Tombstones] {
        let directory = rights.directory(&lab).await;
        lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
        let at = Follower::of(&directory).await.at;
        lab.put_back();
        let (mut feed, _) = feed(&rights.directory(&lab).await, Some(&at)).await;
        let reported = feed.changes(&at, Duration::ZERO).await;
        assert!(is_reset(&reported, "went back"), "{rights:?}: {reported:?}");
    }
}

#[tokio::test]
async fn more_changes_than_a_full_read_would_cost_are_a_reset() {
    let lab = lab::own_ad(&[("USERS", "5000")]);
    for rights in [Rights::Replica, Rights::Tombstones] {
        let directory = rights.directory(&lab).await;
        let mut follower = Follower::of(&directory).await;
        let ancient = edited(&follower.at, |cookie, _, usn| {
            cookie.clear();
            *usn = 0;
        });
        let reported = follower.feed.changes(&ancient, Duration::ZERO).await;
        assert!(is_reset(&reported, "more than 5000"), "{reported:?}");
        let born = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
        follower.person(&born.account).await;
    }
}

async fn frozen(lab: &AdLab, rights: Rights) {
    let mut follower = Follower::of(&rights.directory(lab).await).await;
    lab.pause();
    let begun = Instant::now();
    let reported = follower.feed.changes(&follower.at, PATIENCE).await;
    assert!(matches!(reported, Err(FeedError::Directory(_))), "{reported:?}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    follower.feed.begin_scan();
    assert!(follower.feed.next_page().await.is_err());
    lab.resume();
    let born = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
    let mut reported = follower.feed.changes(&follower.at, PATIENCE).await;
    while reported.is_err() {
        // the server is paused for a moment after a failure
        tokio::time::sleep(Duration::from_millis(100)).await;
        reported = follower.feed.changes(&follower.at, PATIENCE).await;
    }
    let mut items = follower.taken(reported.expect("an answer").expect("changes"));
    if person(&items, &born.account).is_none() {
        items = follower.until(|items| person(items, &born.account).is_some()).await;
    }
    assert!(person(&items, &born.account).is_some());
}

#[tokio::test]
async fn a_frozen_server_is_an_error_and_then_serves_again() {
    let lab = lab::own_ad(&[]);
    for rights in [Rights::Replica, Rights::Tombstones] {
        frozen(&lab, rights).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error_and_loses_nothing() {
    let lab = lab::own_ad(&[]);
    let relay = Relay::to(&lab.addr, 389).await;
    let settings = plain(ad_settings(&lab), relay.port);
    let directory = Directory::new(&settings, Plain::new(lab.service_password.clone())).expect("settings");
    let mut follower = Follower::of(&directory).await;
    let born = lab.admin.add_person(&lab.dn("OU=Staff"), &lab.user_password);
    for mode in [Mode::Cut, Mode::CutInside, Mode::Garble] {
        relay.set(mode);
        assert!(follower.feed.changes(&follower.at, PATIENCE).await.is_err(), "{mode:?}");
        assert!(super::everything(&mut follower.feed).await.is_err(), "{mode:?}");
    }
    relay.set(Mode::Pass);
    let (feed, _) = loop {
        match directory.feed(Some(&follower.at), None, super::deadline()).await {
            Ok(opened) => break opened,
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    follower.feed = feed;
    assert_eq!(follower.person(&born.account).await.entry.email.as_deref(), Some(born.mail.as_str()));
    assert!(follower.rest().await.expect("an answer").is_empty());
}
