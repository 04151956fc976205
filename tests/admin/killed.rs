//! kill -9 repeatedly while eight people sign in and refresh: acknowledged writes are kept, and nothing is valid twice.

use std::collections::HashMap;
use std::time::Duration;

use cloudsync_idp::store::Store;
use rand::RngExt;
use reqwest::StatusCode;

use super::process::{Installation, Served};
use crate::support::browser::{Browser, Page};
use crate::support::provider::{CLIENT, NO_THROTTLE};
use crate::support::relying_party::RelyingParty;
use crate::support::subtree::Subtree;
use crate::support::visitor::{Sent, Visitor};

const PEOPLE: usize = 8;

fn rounds() -> usize {
    if std::env::var("CLOUDSYNC_TEST_COUNTS").is_ok_and(|counts| counts == "full") { 50 } else { 5 }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_kill_at_any_moment() {
    let subtree = Subtree::ldap();
    let names: Vec<String> = (0..PEOPLE).map(|_| subtree.person().account).collect();
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{NO_THROTTLE}{}", subtree.settings(&subtree.unit, "")));
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let people = idp.run(&["accounts", "list"]).out;
    let keys = idp.run(&["keys", "list"]).out;
    let mut served = idp.serve();
    let mut seen = Seen::default();
    for _ in 0..rounds() {
        let visitors = crowd(&served, &names, &subtree.password);
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(20..900))).await;
        served.kill();
        let mut left = Vec::new();
        for visitor in visitors {
            left.push(visitor.await.expect("a visitor notices, and goes home"));
        }
        whole(&idp).await;
        assert_eq!(idp.run(&["accounts", "list"]).out, people);
        assert_eq!(idp.run(&["keys", "list"]).out, keys);
        served = idp.serve();
        for visitor in left {
            check(&idp, &served.cloudsync(), visitor, &mut seen).await;
        }
    }
    assert!(seen.sessions > 0 && seen.refreshed > 0, "the kills came too early to tell anything: {seen:?}");
}

/// What the rounds have come across.
#[derive(Debug, Default)]
struct Seen {
    sessions: usize,
    refreshed: usize,
    lost: usize,
    in_flight: usize,
    /// How often each person has signed in, by name.
    sign_ins: HashMap<String, usize>,
}

/// Eight people, each signing in and refreshing until nobody answers.
fn crowd(served: &Served, names: &[String], password: &str) -> Vec<tokio::task::JoinHandle<Visitor>> {
    let start = |name: &String| {
        let visitor = Visitor::new(served.cloudsync(), name, password);
        tokio::spawn(visitor.run_until_the_server_is_gone())
    };
    names.iter().map(start).collect()
}

/// The file as SQLite sees it, and as the store reads it.
async fn whole(idp: &Installation) {
    let store = idp.store();
    let path = store.strip_prefix("sqlite:").expect("a file");
    {
        let file = rusqlite::Connection::open(path).expect("the file opens");
        let answer: String =
            file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer");
        assert_eq!(answer, "ok");
        let broken = file.prepare("PRAGMA foreign_key_check").expect("it is known").exists([]);
        assert!(!broken.expect("an answer"));
    }
    Store::open(&idp.store()).await.expect("the store opens").ping().await.expect("and answers");
}

async fn check(idp: &Installation, cloudsync: &RelyingParty, visitor: Visitor, seen: &mut Seen) {
    let sign_ins = seen.sign_ins.entry(visitor.name.clone()).or_default();
    *sign_ins += visitor.sign_ins;
    if let Some((browser, page)) = &visitor.under_way {
        seen.in_flight += 1;
        let stored = sessions(idp, &visitor.name).await;
        if !continues(browser, page, &visitor).await {
            assert_eq!(stored, *sign_ins + 1, "only a login that was completed has ended");
        }
        *sign_ins += 1;
    }
    if visitor.has_session {
        seen.sessions += 1;
        let silent = visitor.browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
        assert!(silent.parameter("code").is_some(), "the cookie still works: {:?}", silent.location);
    }
    let Some(Sent { token, answered }) = &visitor.refresh else { return };
    let first = cloudsync.refresh(token).await;
    match first.status {
        StatusCode::OK => seen.refreshed += 1,
        // It may have been used although the response was lost: then it is gone, and not valid twice.
        _ if !answered => seen.lost += 1,
        _ => panic!("a token that was handed out: {:?}", first.body),
    }
    let mut next = first.clone();
    if first.status == StatusCode::OK {
        next = cloudsync.refresh(first.text("refresh_token")).await;
        assert_eq!(next.status, StatusCode::OK, "{:?}", next.body);
    }
    let again = cloudsync.refresh(token).await;
    assert_eq!((again.status, again.text("error")), (StatusCode::BAD_REQUEST, "invalid_grant"));
    if first.status == StatusCode::OK {
        let ended = cloudsync.refresh(next.text("refresh_token")).await;
        assert_eq!(ended.text("error"), "invalid_grant", "a token that came twice ends its family");
    }
}

/// The browser has the state of a login in progress, so it continues with the next process. False if the login
/// had been completed and only the response was lost: then it is spent.
async fn continues(browser: &Browser, page: &Page, visitor: &Visitor) -> bool {
    let page_after = browser.submit(page, &visitor.name, &visitor.password).await;
    if page_after.text().contains("This sign-in has ended") {
        return false;
    }
    assert_eq!(page_after.status, StatusCode::SEE_OTHER, "{}", page_after.text());
    assert!(page_after.parameter("code").is_some(), "{:?}", page_after.location);
    true
}

/// How many sessions a person has: one for each completed login.
async fn sessions(idp: &Installation, name: &str) -> usize {
    let store = Store::open(&idp.store()).await.expect("the store opens");
    let account = store.sync().accounts_named(name).await.expect("an answer").pop().expect("an account");
    store.login().sessions_of(&account).await.expect("an answer").len()
}
