//! Two nodes, one directory: one syncs, and the other takes over soon after it has died.

use std::time::{Duration, Instant};

use cloudsync_idp::store::{RunTrigger, Store};

use super::{is_whole, with_share};
use crate::admin::process::{Installation, free_port};
use crate::support::lab;
use crate::support::provider::CLIENT;
use crate::support::rows::{AccountRows, LogRows};
use crate::support::subtree::Subtree;
use crate::support::{measured, until};

#[tokio::test(flavor = "multi_thread")]
async fn another_node_takes_over_within_fifteen_seconds() {
    let subtree = Subtree::ldap();
    let person = subtree.person();
    let directory = with_share(&subtree.settings(&subtree.unit, ""), &subtree.group(&[&person.dn]));
    let (url, volatile) = (lab::postgres().url(), lab::redis().url());
    let keys = tempfile::TempDir::new().expect("a folder");
    let node = || {
        let port = free_port();
        let config = format!(
            "public_url = \"http://localhost:8080\"\nlisten = \"127.0.0.1:{port}\"\nstore = {url:?}\n\
             volatile = {volatile:?}\nkeys_dir = {:?}\n",
            keys.path()
        );
        Installation::with(port, &config)
    };
    let (one, other) = (node(), node());
    one.apply(&format!("{CLIENT}{directory}"));
    let store = Store::open(&url).await.expect("the store opens");
    let is_there =
        async |mail: &str| store.identity().account_by_email(mail).await.expect("an answer").is_some();

    let working = one.serve();
    until("the first node has synced", async || is_there(&person.mail).await).await;
    let _waiting = other.serve();
    let second = subtree.person();
    until("a change", async || is_there(&second.mail).await).await;

    let before = store.sync().runs_page(None, 100).await.expect("an answer");
    assert_eq!(
        before.iter().filter(|run| run.trigger == RunTrigger::Start).count(),
        1,
        "only one node syncs: {before:?}"
    );
    working.kill();
    let died = Instant::now();
    let third = subtree.person();
    until("a change after the death", async || is_there(&third.mail).await).await;
    let took = died.elapsed();
    measured(&format!(
        "another node had taken over, and a change was in force, {:.1} s after the death",
        took.as_secs_f64()
    ));
    assert!(took < Duration::from_secs(15), "{took:?}");
    is_whole(&store, &directory).await;
}
