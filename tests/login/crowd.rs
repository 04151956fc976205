//! More strangers than a slow directory can serve: a person in a known browser signs in without waiting for
//! them, and a rejected stranger loses nothing but the typed password.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};

use super::faults::at_ports;
use super::{GENERIC, TOO_MANY, right};
use crate::support::browser::Browser;
use crate::support::lab::{self, LdapLab};
use crate::support::provider::{NO_THROTTLE, Provider, Setup};
use crate::support::relay::{Mode, Relay};
use crate::support::{count, measured, until};

const OWNERS: usize = 5;
/// Names that are guessed too and do not exist.
const OTHERS: usize = 45;
const STRANGERS: usize = 100;
/// The 99th percentile of an owner's wait.
const MOST: Duration = Duration::from_secs(2);

/// A directory whose binds take 200 ms, people who have signed in before, and strangers who try their names.
struct Scene {
    provider: Provider,
    owners: Vec<(String, Browser)>,
    guessed: Vec<String>,
    answered: AtomicUsize,
    turned_away: AtomicUsize,
    over: AtomicBool,
}

impl Scene {
    async fn at(lab: &LdapLab, relay: &Relay) -> Self {
        let add = |_| lab.admin.add_inet_person(&lab.dn("ou=people"), right()).account;
        let guessed: Vec<String> = (0..OWNERS + OTHERS).map(add).collect();
        let policy =
            format!("password_policy = \"{}\"\n[directories.scope]", lab.dn("cn=default,ou=policies"));
        let directory = at_ports(lab, "unencrypted_loopback_only", &[relay.port]);
        let directory = directory.replace("assumed_lockout_threshold = 0\n", "");
        let directory = directory.replace("[directories.scope]", &policy);
        let provider = Provider::start(Setup::new(&format!("{NO_THROTTLE}{directory}"))).await;
        provider.sync().await.expect("the first sync");
        let owners = guessed[..OWNERS].iter().map(|name| (name.clone(), Browser::new())).collect();
        let (answered, turned_away) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let scene = Self { provider, owners, guessed, answered, turned_away, over: AtomicBool::new(false) };
        for owner in 0..OWNERS {
            scene.signs_in(owner).await;
        }
        relay.set(Mode::SlowBinds);
        scene
    }

    /// An owner's sign-in, and how long the password step took.
    async fn signs_in(&self, owner: usize) -> Duration {
        let (name, browser) = &self.owners[owner];
        let page = browser.follow(&self.provider.cloudsync().authorize(&[("prompt", "login")]).url).await;
        let sent = Instant::now();
        let arrived = browser.submit(&page, name, right()).await;
        assert!(arrived.parameter("code").is_some(), "{}: {}", arrived.status, arrived.text());
        sent.elapsed()
    }

    async fn attacks(&self, number: usize) {
        let place = u32::try_from(number).expect("a small number");
        let browser = Browser::at(Ipv4Addr::from(0x7f33_0001_u32 + place));
        let page = browser.follow(&self.provider.cloudsync().authorize(&[]).url).await;
        let name = &self.guessed[number % self.guessed.len()];
        while !self.over.load(SeqCst) {
            let answer = browser.submit(&page, name, &lab::unique("wrong")).await;
            let words = match answer.status.as_u16() {
                403 => GENERIC,
                429 => TOO_MANY,
                503 => "Many people are signing in right now",
                other => panic!("{other}: {}", answer.text()),
            };
            assert!(answer.text().contains(words), "{}", answer.text());
            self.answered.fetch_add(1, SeqCst);
            if answer.status.as_u16() == 503 {
                self.turned_away.fetch_add(1, SeqCst);
                assert!(answer.headers.iter().any(|(name, _)| name == "retry-after"));
                assert!(answer.body.contains(&format!("value=\"{name}\"")), "the page keeps the name");
                assert!(!answer.fields()["pending"].is_empty(), "the login continues");
            }
        }
    }

    async fn sign_in_beside_them(&self) -> Vec<Duration> {
        until("all strangers are guessing", async || self.answered.load(SeqCst) >= STRANGERS).await;
        let each = (0..OWNERS).map(async |owner| {
            let mut times = Vec::new();
            for _ in 0..count(10, 100) {
                times.push(self.signs_in(owner).await);
            }
            times
        });
        let times = join_all(each).await.concat();
        self.over.store(true, SeqCst);
        times
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_do_not_wait_for_the_guesses_of_strangers() {
    let lab = lab::strict_ldap();
    let relay = Relay::to(&lab.addr, lab.port).await;
    let scene = Scene::at(lab, &relay).await;
    let attacks = join_all((0..STRANGERS).map(|number| scene.attacks(number)));
    let (mut times, _) = join(scene.sign_in_beside_them(), attacks).await;
    times.sort();
    let (median, most) = (times[times.len() / 2], times[(times.len() * 99).div_ceil(100) - 1]);
    measured(&format!(
        "{STRANGERS} strangers, binds of 200 ms: {} sign-ins of {OWNERS} owners, median {median:?}, p99 {most:?}; strangers \
         turned away {} times",
        times.len(),
        scene.turned_away.load(SeqCst),
    ));
    assert!(most <= MOST, "{most:?}");
}
