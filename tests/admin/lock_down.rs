//! `serve` tells clients and services of a lock-down that a command has ordered.

use serde_json::Value;

use super::process::{Installation, Ran};
use crate::support::browser::Browser;
use crate::support::lab::Person;
use crate::support::logout_server::{LogoutServer, told_at};
use crate::support::provider::CLIENT;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::subtree::Subtree;
use crate::support::until;

fn service(target: &ScimTarget) -> String {
    format!(
        "[[provisioning]]\nid = \"service\"\nbase_url = {:?}\nprivate_addresses = [\"127.0.0.0/8\"]\ntoken = {:?}\n",
        target.base, target.token
    )
}

async fn active(target: &ScimTarget, person: &Person) -> Option<bool> {
    let list = target.get("Users").await.body;
    let users = list["Resources"].as_array().cloned().unwrap_or_default();
    let user = users.into_iter().find(|user| user["userName"] == person.mail.as_str())?;
    user["active"].as_bool()
}

/// Runs a command while this process answers what the server sends.
fn run(idp: &Installation, words: &[&str]) -> Ran {
    tokio::task::block_in_place(|| idp.run(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_locks_a_person_down_and_shows_each_answer() {
    let (subtree, stand_in) = (Subtree::ldap(), StandIn::start().await);
    let (client, address) = LogoutServer::start(503).await;
    let person = subtree.person();
    let idp = Installation::new();
    let directory = subtree.settings(&subtree.unit, "");
    idp.apply(&format!("{CLIENT}{directory}{}", service(&stand_in.target)));
    idp.apply(&told_at("cloudsync", &address));
    assert_eq!(run(&idp, &["sync"]).status, Some(0));
    let served = idp.serve();
    let browser = Browser::new();
    let asked = served.cloudsync().authorize(&[]);
    let arrived = browser.sign_in(&asked, &person.account, &subtree.password).await;
    let tokens = served.cloudsync().exchange(&arrived).await;
    until("at the service", async || active(&stand_in.target, &person).await == Some(true)).await;

    let asks = run(&idp, &["lock-down", &person.account]);
    assert!(asks.status == Some(2) && asks.err.contains("--yes"), "it asks: {asks:?}");
    let unknown = run(&idp, &["lock-down", "nobody-has-this-name", "--yes"]);
    assert_eq!(unknown.status, Some(2), "{unknown:?}");
    assert_eq!(active(&stand_in.target, &person).await, Some(true));

    let ran = run(&idp, &["lock-down", &person.account, "--yes", "--wait", "3"]);
    assert_eq!(ran.status, Some(3), "the client does not confirm it: {ran:?}");
    for line in
        ["suspended here", "1 sessions, 1 refresh families", "client cloudsync: still waiting", "best effort"]
    {
        assert!(ran.out.contains(line), "{line}: {ran:?}");
    }
    until("inactive", async || active(&stand_in.target, &person).await == Some(false)).await;
    assert!(!client.tokens().is_empty(), "`serve` has told it");
    let refreshed = served.cloudsync().refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("error"), "invalid_grant");

    client.answers(200);
    let ran = run(&idp, &["lock-down", &person.account, "--yes"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    for line in [
        "client cloudsync: has confirmed that the sessions have ended (status 200)",
        "service service: has confirmed that the person is inactive",
    ] {
        assert!(ran.out.contains(line), "{line}: {ran:?}");
    }
    let ran = run(&idp, &["lock-down", &person.account, "--yes", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let states = [&document["clients"][0]["state"], &document["services"][0]["state"], &document["state"]];
    assert!(ran.status == Some(0) && states.iter().all(|state| **state == "confirmed"), "{document}");
    assert_eq!((&document["sessions"], &document["times"]), (&1.into(), &3.into()), "{document}");
    let shown = run(&idp, &["accounts", "show", &person.account]);
    assert!(shown.out.contains("locked down"), "{shown:?}");
}
