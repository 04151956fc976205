//! Cursors that fit, and cursors that don't: none of the latter leads to silence.

use std::time::Duration;

use cloudsync_idp::directory::feed::ChangeFeed;
use cloudsync_idp::domain::cursor::{Cursor, Position};

use super::{Follower, PATIENCE, feed, is_gone, is_reset, person};
use crate::directory::{ldap, one};
use crate::support::lab;

fn with_cookie(cursor: &Cursor, cookie: &str) -> Cursor {
    Cursor { position: Position::SyncRepl { cookie: cookie.as_bytes().to_vec() }, ..cursor.clone() }
}

#[tokio::test]
async fn an_unknown_or_future_cookie_leads_to_a_full_read() {
    let lab = lab::ldap();
    let mut feed = feed(&ldap(lab), None).await;
    let good = feed.position().await.expect("a position");
    let bad = [
        "",
        "garbage",
        "rid=000",
        "rid=000,csn=garbage",
        "rid=000,csn=20990101000000.000000Z#000000#000#000000",
        "host:389#x#7",
    ];
    for cookie in bad {
        let answer = feed.changes(&with_cookie(&good, cookie), PATIENCE).await;
        assert!(
            is_reset(&answer),
            "{cookie}: {:?}",
            answer.map(|changes| changes.map(|reported| reported.cursor))
        );
    }
    let elsewhere = Cursor { server: "elsewhere:636".into(), ..good.clone() };
    assert!(is_reset(&feed.changes(&elsewhere, PATIENCE).await));
    let other_feed = Cursor { position: Position::FullScan, ..good.clone() };
    assert!(is_reset(&feed.changes(&other_feed, PATIENCE).await));
    assert!(feed.changes(&good, Duration::ZERO).await.is_ok(), "and the right one still does");
}

#[tokio::test]
async fn an_older_cursor_gets_the_later_changes_again() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    let before = follower.at.clone();
    let born = lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    assert!(person(&follower.next().await, &born.account).is_some());
    follower.at = before;
    assert!(person(&follower.next().await, &born.account).is_some(), "it was not kept: once more");
    assert!(follower.rest().await.expect("an answer").is_empty());
}

/// Another node has read further: what this node has received meanwhile is out of date.
#[tokio::test]
async fn a_newer_cursor_gets_no_change_twice() {
    let lab = lab::own_ldap(&[]);
    let (mut one, mut other) = (Follower::of_lab(&lab).await, Follower::of_lab(&lab).await);
    assert!(other.rest().await.expect("an answer").is_empty());
    let born = lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    assert!(person(&one.next().await, &born.account).is_some());
    other.at = one.at.clone();
    assert!(other.rest().await.expect("an answer").is_empty());
    lab.admin.replace(&born.dn, "mail", &["new@example.org"]);
    let reported = person(&other.next().await, &born.account).expect("changed");
    assert_eq!(reported.entry.email.as_deref(), Some("new@example.org"));
}

#[tokio::test]
async fn nothing_is_missed_between_connections() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    let (born, doomed) = {
        let unit = lab.dn("ou=people");
        (lab.admin.add_inet_person(&unit, "x"), lab.admin.add_inet_person(&unit, "x"))
    };
    let id = one(&ldap(&lab), &doomed.account).await.id;
    lab.admin.delete(&doomed.dn);
    follower.again().await;
    let items = follower.next().await;
    assert!(person(&items, &born.account).is_some() && is_gone(&items, id), "{items:?}");
}

#[tokio::test]
async fn a_server_without_a_log_reports_later_changes_but_no_deletions() {
    let lab = lab::own_ldap(&[("SESSLOG", "0")]);
    let mut follower = Follower::of_lab(&lab).await;
    follower.again().await;
    assert!(follower.rest().await.expect("nothing has happened").is_empty());
    lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    follower.again().await;
    let answer = follower.feed.changes(&follower.at, PATIENCE).await;
    assert!(is_reset(&answer), "{answer:?}");
}

#[tokio::test]
async fn a_restarted_server_continues_or_reports_that_it_can_not() {
    let lab = lab::own_ldap(&[]);
    let mut follower = Follower::of_lab(&lab).await;
    let born = lab.admin.add_inet_person(&lab.dn("ou=people"), "x");
    assert!(person(&follower.next().await, &born.account).is_some());
    let id = one(&ldap(&lab), &born.account).await.id;
    lab.kill();
    lab.restart();
    lab.admin.delete(&born.dn);
    follower.again().await;
    // its log begins with its start; if it does not reach back, the deletion must not be missed silently
    match follower.feed.changes(&follower.at, PATIENCE).await {
        Ok(changes) => assert!(is_gone(&changes.expect("a deletion").items, id)),
        answer => assert!(is_reset(&answer), "{:?}", answer.map(|_| "changes")),
    }
}
