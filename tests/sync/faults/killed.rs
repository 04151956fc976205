//! kill -9 at random moments of an initial sync: the next process continues, and stores nothing twice.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use cloudsync_idp::store::{RunId, RunResult, Store};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{is_whole, with_share};
use crate::admin::process::Installation;
use crate::support::lab::{self, LdapLab};
use crate::support::provider::{CLIENT, ldap_settings};
use crate::support::rows::LogRows;
use crate::support::{count, measured, until};

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_sync_that_is_killed_repeatedly_has_the_same_result() {
    let lab = lab::own_ldap(&[("USERS", if count(0, 1) == 1 { "20000" } else { "2000" })]);
    let settings = with_share(&ldap_settings(&[&lab]), &lab.dn("cn=All Staff,ou=groups"));
    let seed: u64 = rand::rng().random();
    println!("seed of the kill times: {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let takes = undisturbed(&settings).await;
    let (mut killed, wanted) = (0, count(2, 20));
    while killed < wanted {
        let idp = Installation::new();
        idp.apply(&format!("{CLIENT}{settings}"));
        let store = Store::open(&idp.store()).await.expect("the store opens");
        // A sync that finished has no more moments to kill it: the next one starts in a new store.
        while killed < wanted && cut_off(&idp, &store, takes.mul_f64(random.random_range(0.0..0.9))).await {
            killed += 1;
        }
        assert_eq!(idp.run(&["sync"]).status, Some(0));
        is_whole(&store, &settings).await;
        nothing_twice(&store, &lab).await;
    }
    measured(&format!("{killed} times kill -9 in an initial sync that takes {} ms", takes.as_millis()));
}

/// How long an initial sync takes.
async fn undisturbed(settings: &str) -> Duration {
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{settings}"));
    let begun = Instant::now();
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    begun.elapsed()
}

/// Kills a sync this long after its run has begun. False: it finished before.
async fn cut_off(idp: &Installation, store: &Store, after: Duration) -> bool {
    let before = last_run(store).await;
    let mut sync = idp.begin(&["sync"]);
    until("the run has begun", async || last_run(store).await.is_some_and(|run| Some(run) != before)).await;
    tokio::time::sleep(after).await;
    sync.signal("-KILL");
    sync.ended().signal() == Some(9)
}

async fn last_run(store: &Store) -> Option<RunId> {
    store.sync().runs_page(None, 1).await.expect("an answer").first().map(|run| run.id)
}

/// Each account was created once, and got its Team Share once.
async fn nothing_twice(store: &Store, lab: &LdapLab) {
    let rows = store.sync().changes_page(None, 100_000).await.expect("an answer");
    for kind in ["created", "share_joined"] {
        let of_kind: Vec<String> =
            rows.iter().filter(|row| row.kind.as_str() == kind).map(|row| row.account.to_string()).collect();
        let who: BTreeSet<&String> = of_kind.iter().collect();
        assert!(!who.is_empty() && who.len() == of_kind.len(), "{kind}: {} of {}", of_kind.len(), who.len());
    }
    let others = rows.iter().find(|row| !matches!(row.kind.as_str(), "created" | "share_joined"));
    assert!(others.is_none(), "{others:?} at {}", lab.addr);
    let runs = store.sync().runs_page(None, 1).await.expect("an answer");
    assert!(!matches!(runs[0].result, RunResult::Failed(_) | RunResult::Running), "{runs:?}");
}
