//! Which feed reads a directory, why not a better one, and how changes that it does not report are found.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::{MINUTE, Millis};
use cloudsync_idp::flow::sync::{self, RunOrder, RunReport};
use cloudsync_idp::store::RunTrigger;
use serde_json::Value;

use super::log::{done, json};
use super::{Subtree, corp, is_active, suspended};
use crate::admin::process::Installation;
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, Setup};
use crate::support::relay;

const DIRSYNC: &str = "1.2.840.113556.1.4.841";
const REPLICATION: &str = "Replicating Directory Changes";
const DELETED: &str = "CN=Deleted Objects";

/// A service account with the rights of every domain user.
fn as_anybody(settings: &str) -> String {
    settings.replace("CN=Svc Sync,", "CN=Svc Reader,")
}

/// Connects to the server through a relay without DirSync.
pub(super) async fn without_dirsync(settings: &str) -> String {
    let lab = lab::ad();
    let port = relay::without(&lab.addr, 389, DIRSYNC).await;
    let server = format!("host = \"{}\", port = 636, tls_name = \"{}\"", lab.addr, lab.host_name);
    assert!(settings.contains(&server), "{settings}");
    settings.replace(&server, &format!("host = \"127.0.0.1\", port = {port}")).replace(
        "schema = \"ActiveDirectory\"",
        "schema = \"ActiveDirectory\"\nencryption = \"unencrypted_loopback_only\"",
    )
}

/// What `sync status`, `sync log` and their JSON say about the feed.
fn feed_of(settings: &str) -> (String, Value) {
    let idp = Installation::new();
    idp.apply(&format!("{CLIENT}{settings}"));
    done(idp.run(&["sync"]));
    let status = done(idp.run(&["sync", "status"]));
    let shown = json(idp.run(&["sync", "status", "--json"]));
    let runs = json(idp.run(&["sync", "log", "--json"]));
    let run = runs["runs"][0]["run"].to_string();
    let logged = done(idp.run(&["sync", "log", "--run", &run]));
    assert_eq!(runs["runs"][0]["feed_lacks"], shown[0]["feed_lacks"], "{runs}");
    for lack in shown[0]["feed_lacks"].as_array().expect("a list") {
        let line =
            format!("({}; {})", lack["what"].as_str().expect("text"), lack["fix"].as_str().expect("text"));
        assert!(status.contains(&line) && logged.contains(&line), "{line}\n{status}\n{logged}");
    }
    (status, shown[0].clone())
}

/// The description and advice of each thing that the feed lacks.
fn lacks(status: &Value) -> Vec<String> {
    let lacks = status["feed_lacks"].as_array().expect("a list");
    lacks.iter().map(|lack| format!("{}; {}", lack["what"], lack["fix"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_of_the_service_account_decide_the_feed_of_a_domain() {
    let subtree = Subtree::ad();
    subtree.person();
    let best = subtree.settings(&subtree.unit, "");
    let usn = without_dirsync(&best).await;
    let table: [(&str, &str, &[&str], bool); 4] = [
        (&best, "DirSync", &[], true),
        (&as_anybody(&best), "DirSync", &[REPLICATION, DELETED], false),
        (&usn, "uSNChanged", &["does not offer"], true),
        (&as_anybody(&usn), "uSNChanged", &["does not offer", DELETED], false),
    ];
    for (settings, feed, expected, tells_deletions) in table {
        let (text, status) = feed_of(settings);
        assert!(text.contains(&format!("feed          {feed}, at ")), "{text}");
        assert_eq!((&status["feed"], &status["tells_deletions"]), (&feed.into(), &tells_deletions.into()));
        let lacks = lacks(&status);
        assert_eq!(lacks.len(), expected.len(), "{lacks:?}");
        assert!(lacks.iter().zip(expected).all(|(lack, word)| lack.contains(word)), "{lacks:?}");
    }
}

#[tokio::test]
async fn the_overlays_of_openldap_decide_its_feed() {
    let subtree = Subtree::ldap();
    subtree.person();
    let (text, status) = feed_of(&subtree.settings(&subtree.unit, ""));
    assert!(text.contains("feed          syncrepl, at "), "{text}");
    assert_eq!(lacks(&status).len(), 0, "{status}");

    let lab = lab::own_ldap(&[("SYNCPROV", "no")]);
    let (text, status) = feed_of(&crate::support::provider::ldap_settings(&[&lab]));
    assert!(text.contains("feed          full scan, at "), "{text}");
    assert!(lacks(&status)[0].contains("syncprov"), "{status}");
}

async fn by_changes(provider: &Provider) -> (RunReport, Option<String>) {
    let current = provider.parts.current();
    let site = current.site(&corp()).expect("the directory of the test");
    let report = sync::run(&provider.parts.sync(), site, &RunOrder::changes(RunTrigger::Schedule))
        .await
        .expect("a good run");
    let run = provider.parts.store.sync().last_good_run(&corp()).await.expect("an answer").expect("a run");
    (report, run.details.reason)
}

/// For any frequency: this feed does not report the deletion of a leaver.
#[tokio::test]
async fn an_unreported_deletion_is_found_within_a_quarter_of_an_hour() {
    const NOW: Millis = 1_770_000_000_000;
    let subtree = Subtree::ad();
    let settings = as_anybody(&subtree.settings(&subtree.unit, ""));
    let (stays, leaves) = (subtree.person(), subtree.person());
    let clock = Clock::fixed(NOW);
    let provider = Provider::start(Setup { clock: clock.clone(), ..Setup::new(&settings) }).await;
    let (first, _) = by_changes(&provider).await;
    assert_eq!(first.counts.created, 2);
    subtree.admin.delete(&leaves.dn);
    clock.advance(14 * MINUTE);
    assert_eq!(by_changes(&provider).await.0.counts.suspended, 0, "the deletion is not reported");
    clock.advance(MINUTE);
    let (found, reason) = by_changes(&provider).await;
    assert_eq!(
        (found.counts.suspended, reason.as_deref()),
        (1, Some("it was due, as deletions are not reported"))
    );
    assert!(suspended(&provider, &leaves.mail).await.is_some() && is_active(&provider, &stays.mail).await);
}
