//! A server that is killed or paused while it is watched, and paused while it is read.

use cloudsync_idp::flow::sync::SyncError;
use cloudsync_idp::jobs;
use cloudsync_idp::store::RunResult;

use super::{fresh, is_whole, outcome, with_share};
use crate::support::lab;
use crate::support::provider::{Provider, Setup, ad_settings, ldap_settings};
use crate::support::rows::LogRows;
use crate::support::until;
use crate::sync::{account, changes, corp};

/// What a test can do to a server.
struct Server<'a> {
    directory: String,
    born: &'a dyn Fn() -> String,
    pause: &'a dyn Fn(),
    resume: &'a dyn Fn(),
    kill: &'a dyn Fn(),
    restart: &'a dyn Fn(),
}

#[tokio::test(flavor = "multi_thread")]
async fn an_openldap_is_killed_and_paused_while_it_is_watched() {
    let lab = lab::own_ldap(&[]);
    let people = lab.dn("ou=people");
    let server = Server {
        directory: ldap_settings(&[&lab]),
        born: &|| lab.admin.add_inet_person(&people, &lab.user_password).mail,
        pause: &|| lab.pause(),
        resume: &|| lab.resume(),
        kill: &|| lab.kill(),
        restart: &|| lab.restart(),
    };
    killed_and_paused(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_controller_is_killed_and_paused_while_it_is_watched() {
    let lab = lab::own_ad(&[]);
    let staff = lab.dn("OU=Staff");
    let server = Server {
        directory: ad_settings(&lab),
        born: &|| lab.admin.add_person(&staff, &lab.user_password).mail,
        pause: &|| lab.pause(),
        resume: &|| lab.resume(),
        kill: &|| lab.kill(),
        restart: &|| lab.restart(),
    };
    killed_and_paused(&server).await;
}

async fn killed_and_paused(server: &Server<'_>) {
    let provider = Provider::start(Setup::new(&server.directory)).await;
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
    let store = &provider.parts.store;
    until("the sync", async || store.sync().last_good_run(&corp()).await.expect("an answer").is_some()).await;
    comes(&provider, &(server.born)()).await;

    (server.kill)();
    (server.restart)();
    comes(&provider, &(server.born)()).await;

    let before = changes(&provider).await;
    (server.pause)();
    until("a failed run", async || {
        let runs = store.sync().runs_page(None, 1).await.expect("an answer");
        matches!(&runs[0].result, RunResult::Failed(_))
    })
    .await;
    assert_eq!(changes(&provider).await, before);
    (server.resume)();
    comes(&provider, &(server.born)()).await;
    jobs.abort();
    assert_eq!(outcome(store).await, fresh(&server.directory).await);
}

async fn comes(provider: &Provider, mail: &str) {
    until("a new account", async || account(provider, mail).await.is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_mid_page_ends_the_run_and_the_next_one_continues() {
    let lab = lab::own_ldap(&[("USERS", "4000")]);
    let directory = with_share(&ldap_settings(&[&lab]), &lab.dn("cn=All Staff,ou=groups"));
    let provider = Provider::start(Setup::new(&directory)).await;
    let store = &provider.parts.store;
    let ((), result) = tokio::join!(
        async {
            until("a page is written", async || {
                let state = store.sync().mirror_state(&corp()).await.expect("an answer");
                state.scan.is_some_and(|scan| scan.seen > 0)
            })
            .await;
            lab.pause();
        },
        provider.sync(),
    );
    let error = result.expect_err("no more pages come");
    assert!(matches!(error, SyncError::Feed(_)), "{error}");
    assert_eq!(changes(&provider).await, 0, "half a list changes no account: {error}");
    lab.resume();
    until("the next run is a good one", async || provider.sync().await.is_ok()).await;
    is_whole(store, &directory).await;
}
