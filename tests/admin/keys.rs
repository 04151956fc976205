//! `keys list` and `keys rotate`, and a running server that takes over what a command has changed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::process::{Installation, Served};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::until;

/// By key id: algorithm and state.
fn listed(text: &str) -> BTreeMap<String, (String, String)> {
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    text.lines().map(fields).map(|of| (of[0].clone(), (of[1].clone(), of[2].clone()))).collect()
}

#[test]
fn the_first_start_makes_keys_and_a_rotation_puts_the_next_in_force() {
    let idp = Installation::new();
    let before = listed(&idp.run(&["keys", "list"]).out);
    assert!(!before.is_empty());
    let ran = idp.run(&["keys", "rotate"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let after = listed(&ran.out);
    for (kid, (alg, state)) in &before {
        let expected = if state == "current" { "retired" } else { "current" };
        assert_eq!(after.get(kid), Some(&(alg.clone(), expected.to_owned())), "{kid}");
    }
    assert_eq!(listed(&idp.run(&["keys", "list"]).out), after);
    let longest = ran.out.split_whitespace().map(str::len).max();
    assert_eq!(
        longest,
        before.keys().map(String::len).max(),
        "nothing is as long as a private key: {}",
        ran.out
    );
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(idp.path(name)).expect("it is there").permissions().mode() & 0o777
    };
    assert_eq!((mode("keys/sealing.key"), mode("keys"), mode("idp.db")), (0o600, 0o700, 0o600));
}

async fn published(served: &Served) -> Vec<String> {
    let keys: Value =
        serde_json::from_str(&Browser::new().open(&format!("{}/jwks", served.url)).await.body).expect("JSON");
    keys["keys"].as_array().expect("a list").iter().map(|key| key["kid"].to_string()).collect()
}

#[tokio::test]
async fn a_running_server_takes_over_keys_and_settings_within_seconds() {
    let idp = Installation::of(lab::ldap());
    let served = idp.serve();
    let before = published(&served).await;
    assert_eq!(idp.run(&["keys", "rotate"]).status, Some(0));
    until("the new keys are published", async || published(&served).await.len() > before.len()).await;
    let after = published(&served).await;
    assert!(before.iter().all(|kid| after.contains(kid)), "old tokens can still be verified");

    let asked = served.cloudsync().authorize(&[("client_id", "another")]);
    let unknown = Browser::new().follow(&asked.url).await;
    assert_eq!(unknown.status, reqwest::StatusCode::BAD_REQUEST);
    idp.apply(
        "[[clients]]\nclient_id = \"another\"\nclient_secret = \"another-secret-of-32-characters!!\"\n\
               redirect_uris = [\"https://cloudsync.example/callback\"]\n",
    );
    until("the new client is known", async || {
        Browser::new().follow(&asked.url).await.status == reqwest::StatusCode::OK
    })
    .await;
    assert!(served.log().contains("settings reloaded"));
}

#[tokio::test]
async fn a_revoked_key_is_gone_at_once_with_all_that_it_signed() {
    let idp = Installation::of(lab::ldap());
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let served = idp.serve();
    let cloudsync = served.cloudsync();
    let arrived =
        Browser::new().sign_in(&cloudsync.authorize(&[]), "alice", &lab::ldap().user_password).await;
    let tokens = cloudsync.exchange(&arrived).await;
    let opens = async || cloudsync.userinfo(tokens.text("access_token")).await.status;
    assert_eq!(opens().await, reqwest::StatusCode::OK);
    let before = listed(&idp.run(&["keys", "list"]).out);
    let current = before.iter().filter(|(_, (_, state))| state == "current");
    for (kid, (alg, _)) in current {
        let ran = idp.run(&["keys", "revoke", kid]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let after = listed(&ran.out);
        assert!(!after.contains_key(kid), "{kid} is gone");
        let states: Vec<_> =
            after.values().filter(|(of, _)| of == alg).map(|(_, state)| state.as_str()).collect();
        assert!(states.contains(&"current") && states.contains(&"next"), "{alg}: {states:?}");
    }
    until("its tokens are refused", async || opens().await == reqwest::StatusCode::UNAUTHORIZED).await;
    let renewed = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(
        renewed.status,
        reqwest::StatusCode::OK,
        "the person need not sign in again: {:?}",
        renewed.body
    );
    let unknown = idp.run(&["keys", "revoke", "nonsense"]);
    assert!(unknown.status == Some(2) && unknown.err.contains("there is no key nonsense"), "{unknown:?}");
}
