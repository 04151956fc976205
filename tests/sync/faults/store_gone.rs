//! The store is unavailable for ten seconds, during the first sync and while the directory is watched.

use std::time::Duration;

use cloudsync_idp::jobs;
use cloudsync_idp::store::Store;

use super::{is_whole, with_share};
use crate::support::lab;
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::relay::{Mode, Relay};
use crate::support::rows::AccountRows;
use crate::support::until;
use crate::sync::corp;

/// How long the store is unavailable.
const AWAY: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_of_the_store_the_sync_is_complete() {
    let lab = lab::own_ldap(&[("USERS", "2000")]);
    let directory = with_share(&ldap_settings(&[&lab]), &lab.dn("cn=All Staff,ou=groups"));
    let url = lab::postgres().url();
    let (host, _) = url.split_once('@').and_then(|(_, rest)| rest.split_once(':')).expect("an address");
    let relay = Relay::to(host, 5432).await;
    let over_relay = url.replace(&format!("@{host}:5432"), &format!("@127.0.0.1:{}", relay.port));
    let provider = Provider::start(Setup { store: over_relay, ..Setup::new(&directory) }).await;
    let store = Store::open(&url).await.expect("the store opens");
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));

    until("the sync is under way", async || {
        let state = store.sync().mirror_state(&corp()).await.expect("an answer");
        state.scan.is_some_and(|scan| scan.seen > 0)
    })
    .await;
    away(&relay, &provider).await;
    until("the sync", async || store.sync().last_good_run(&corp()).await.expect("an answer").is_some()).await;
    is_whole(&store, &directory).await;

    relay.set(Mode::Cut);
    let born = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    away(&relay, &provider).await;
    until("a new account", async || {
        store.identity().account_by_email(&born.mail).await.expect("an answer").is_some()
    })
    .await;
    jobs.abort();
    is_whole(&store, &directory).await;
}

async fn away(relay: &Relay, provider: &Provider) {
    relay.set(Mode::Cut);
    tokio::time::sleep(AWAY).await;
    assert!(provider.parts.store.sync().mirror_state(&corp()).await.is_err(), "the store is unavailable");
    relay.set(Mode::Pass);
}
