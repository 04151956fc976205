//! Servers that are killed, frozen and restarted, and a service account with a wrong password.

use std::time::{Duration, Instant};

use cloudsync_idp::directory::{BreakerState, Directory, DirectoryError, Found};
use cloudsync_idp::domain::bind::BindOutcome;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings;

use super::{BUDGET, ad, ad_settings, deadline, ldap_settings, ldaps, name, one, open};
use crate::support::bind;
use crate::support::lab::{self, LdapLab};

/// A directory of two servers with the same people; the first is the test's own to break.
fn pair() -> (LdapLab, Directory) {
    let first = lab::own_ldap(&[]);
    let second = lab::ldap();
    let mut settings = ldap_settings(&first);
    settings.servers.push(ldaps(second));
    let cas =
        [&first.ca_pem_path, &second.ca_pem_path].map(|path| std::fs::read_to_string(path).expect("a CA"));
    settings.ca_pem = Some(cas.concat());
    let directory = open(&first, &settings);
    (first, directory)
}

async fn sign_in(directory: &Directory, login: &str, password: &str) -> Result<BindOutcome, DirectoryError> {
    let end = deadline();
    match directory.find(&name(login), end).await? {
        Found::One(entry) => {
            bind(directory, &entry, &Plain::new(password), end).await.map(|bound| bound.outcome)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_killed_server_is_replaced_at_once() {
    let (first, directory) = pair();
    assert_eq!(sign_in(&directory, "alice", &first.user_password).await, Ok(BindOutcome::Accepted));
    first.kill();
    let before = Instant::now();
    assert_eq!(sign_in(&directory, "alice", &first.user_password).await, Ok(BindOutcome::Accepted));
    assert!(before.elapsed() < Duration::from_secs(1));
    assert_eq!(directory.stats().current, 1);
}

#[tokio::test]
async fn a_frozen_server_delays_one_request_and_not_the_next() {
    let (first, directory) = pair();
    assert_eq!(sign_in(&directory, "alice", &first.user_password).await, Ok(BindOutcome::Accepted));
    first.pause();
    let before = Instant::now();
    assert_eq!(sign_in(&directory, "alice", &first.user_password).await, Ok(BindOutcome::Accepted));
    assert!(before.elapsed() < BUDGET);
    let before = Instant::now();
    assert_eq!(sign_in(&directory, "bob", &first.user_password).await, Ok(BindOutcome::Accepted));
    assert!(before.elapsed() < Duration::from_secs(1));
    let stats = directory.stats();
    assert_eq!(stats.searches.timeouts + stats.binds.timeouts, 1, "one request waited, and the next did not");
    assert_eq!(stats.current, 1);
    first.resume();
}

#[tokio::test]
async fn the_only_server_frozen_is_an_outage_in_time_and_then_it_serves_again() {
    let lab = lab::own_ldap(&[]);
    let directory = open(&lab, &ldap_settings(&lab));
    one(&directory, "alice").await;
    lab.pause();
    for _ in 0..2 {
        let before = Instant::now();
        let answer = sign_in(&directory, "alice", &lab.user_password).await;
        assert!(matches!(&answer, Err(error) if error.is_outage()), "{answer:?}");
        assert!(before.elapsed() < BUDGET);
    }
    assert_eq!(directory.stats().servers[0].1, BreakerState::Open);
    let before = Instant::now();
    assert!(sign_in(&directory, "alice", &lab.user_password).await.is_err());
    assert!(before.elapsed() < Duration::from_millis(100), "an open circuit answers at once");
    lab.resume();
    serves_again(&directory, &lab).await;
}

#[tokio::test]
async fn a_server_that_was_restarted_serves_on_new_connections() {
    let lab = lab::own_ldap(&[]);
    let directory = open(&lab, &ldap_settings(&lab));
    assert_eq!(sign_in(&directory, "alice", &lab.user_password).await, Ok(BindOutcome::Accepted));
    lab.kill();
    lab.restart();
    assert_eq!(
        sign_in(&directory, "alice", &lab.user_password).await,
        Ok(BindOutcome::Accepted),
        "the kept connections were closed, which is seen before anything is sent"
    );
    lab.kill();
    let answer = sign_in(&directory, "alice", &lab.user_password).await;
    assert!(matches!(answer, Err(DirectoryError::Unavailable(_))), "{answer:?}");
    lab.restart();
    serves_again(&directory, &lab).await;
}

/// The longest pause of the circuit breaker plus a margin: by then the server is tried again.
async fn serves_again(directory: &Directory, lab: &LdapLab) {
    let end = Instant::now() + Duration::from_secs(20);
    while sign_in(directory, "alice", &lab.user_password).await != Ok(BindOutcome::Accepted) {
        assert!(Instant::now() < end, "{:?}", directory.stats());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(directory.stats().servers[0].1, BreakerState::Closed);
}

#[tokio::test]
async fn a_frozen_domain_controller_is_an_outage_in_time() {
    let lab = lab::own_ad(&[]);
    let directory = ad(&lab);
    one(&directory, "alice").await;
    lab.pause();
    let before = Instant::now();
    let answer = sign_in(&directory, "alice", &lab.user_password).await;
    assert!(matches!(&answer, Err(error) if error.is_outage()), "{answer:?}");
    assert!(before.elapsed() < BUDGET);
    lab.resume();
}

#[tokio::test]
async fn a_wrong_service_password_is_tried_once() {
    let lab = lab::own_ad(&[]);
    let directory = Directory::new(&ad_settings(&lab), Plain::new("wrong")).expect("good settings");
    let alice = name("alice");
    let finds: Vec<_> = (0..8).map(|_| directory.find(&alice, deadline())).collect();
    for answer in futures_util::future::join_all(finds).await {
        assert!(matches!(answer, Err(DirectoryError::ServiceAccountRefused { code: 49, .. })), "{answer:?}");
    }
    assert_eq!(lab.admin.read(&lab.service_dn, "badPwdCount"), ["1"]);
}

#[tokio::test]
async fn a_request_keeps_its_own_deadline() {
    let lab = lab::own_ldap(&[]);
    let settings = settings::Directory {
        operation_timeout_ms: 60_000,
        connect_timeout_ms: 60_000,
        ..ldap_settings(&lab)
    };
    let directory = open(&lab, &settings);
    one(&directory, "alice").await;
    lab.pause();
    let before = Instant::now();
    let end = tokio::time::Instant::now() + Duration::from_millis(300);
    let answer = directory.find(&name("alice"), end).await;
    assert!(matches!(answer, Err(DirectoryError::Timeout(_))), "{answer:?}");
    assert!(before.elapsed() < Duration::from_secs(1));
    assert_eq!(
        directory.stats().servers[0].1,
        BreakerState::Closed,
        "so little time says nothing of the server"
    );
    lab.resume();
}
