//! The claim `team_shares`: the mappings of the real domain's groups, in the ID token and at userinfo.

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::team_share::{ShareChange, ShareDiff};
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::lab::{self, AdLab};
use crate::support::provider::Provider;
use crate::support::relying_party::Tokens;
use crate::support::rows::Decisions;

fn mapping(ad: &AdLab, group: &str, team_share: &str) -> String {
    let group = ad.dn(&format!("CN={group},OU=Groups"));
    format!("[[team_shares]]\ndirectory = \"corp\"\ngroup = \"{group}\"\nteam_share = \"{team_share}\"\n")
}

/// Alice is in Sales, Sales is in All Staff; she is not in Finance.
async fn provider(ad: &AdLab) -> Provider {
    let provider = Provider::for_ad(ad).await;
    let mapped = [
        ("Sales", "Campaigns"),
        ("All Staff", "Everybody"),
        ("All Staff", "Campaigns"),
        ("Finance", "Books"),
    ];
    let text: String = mapped.iter().map(|(group, share)| mapping(ad, group, share)).collect();
    provider.apply(&text, Mode::Merge).await.expect("good settings");
    provider
}

async fn tokens(provider: &Provider, name: &str, scope: &str) -> Tokens {
    let asked = provider.cloudsync().authorize(&[("scope", scope)]);
    let back = Browser::new().sign_in(&asked, name, &lab::ad().user_password).await;
    provider.cloudsync().exchange(&back).await
}

async fn claimed_team_shares(provider: &Provider, tokens: &Tokens) -> Value {
    let id_token = tokens.payload("id_token").get("team_shares").cloned().unwrap_or(Value::Null);
    let userinfo = provider.cloudsync().userinfo(tokens.text("access_token")).await;
    assert_eq!(userinfo.status, StatusCode::OK, "{userinfo:?}");
    let there = userinfo.body.get("team_shares").cloned().unwrap_or(Value::Null);
    assert_eq!(there, id_token, "userinfo and ID token say the same");
    id_token
}

#[tokio::test]
async fn team_shares_are_sorted_unique_and_need_their_scope() {
    let provider = provider(lab::ad()).await;
    let team_shares = "[[clients]]\nclient_id = \"cloudsync\"\n\
        scope = \"openid profile email groups team_shares offline_access\"\n";
    provider.apply(team_shares, Mode::Merge).await.expect("good settings");
    let all = json!(["Campaigns", "Everybody"]);
    for (scope, expected) in
        [("openid team_shares", all.clone()), ("openid groups", all), ("openid profile email", Value::Null)]
    {
        let tokens = tokens(&provider, "alice", scope).await;
        assert_eq!(claimed_team_shares(&provider, &tokens).await, expected, "{scope}");
        let groups = tokens.payload("id_token").get("groups").is_some();
        assert_eq!(groups, scope.contains("groups"), "{scope}: names of groups are another scope's");
    }
    let discovery = reqwest::get(format!("{}/.well-known/openid-configuration", provider.url)).await.unwrap();
    let discovery: Value = discovery.json().await.unwrap();
    for list in ["scopes_supported", "claims_supported"] {
        assert!(discovery[list].as_array().unwrap().contains(&json!("team_shares")), "{list}");
    }
}

#[tokio::test]
async fn none_is_an_empty_list_and_nothing_where_no_group_is_mapped() {
    let ad = lab::ad();
    let provider = Provider::for_ad(ad).await;
    let before = tokens(&provider, "alice", "openid groups").await;
    assert_eq!(claimed_team_shares(&provider, &before).await, Value::Null);
    provider.apply(&mapping(ad, "Finance", "Books"), Mode::Merge).await.expect("good settings");
    let after = tokens(&provider, "alice", "openid groups").await;
    assert_eq!(claimed_team_shares(&provider, &after).await, json!([]));
}

#[tokio::test]
async fn a_refresh_updates_team_shares() {
    let ad = lab::ad();
    let provider = provider(ad).await;
    let person = ad.admin.add_person(&ad.dn("OU=Staff"), &ad.user_password);
    let first = tokens(&provider, &person.account, "openid groups offline_access").await;
    assert_eq!(claimed_team_shares(&provider, &first).await, json!([]));
    let finance = ad.dn("CN=Finance,OU=Groups");
    ad.admin.add_values(&finance, "member", &[&person.dn]);
    let joined = provider.cloudsync().refresh(first.text("refresh_token")).await;
    // Finance is in All Staff, as every department is.
    assert_eq!(claimed_team_shares(&provider, &joined).await, json!(["Books", "Campaigns", "Everybody"]));
    ad.admin.remove_values(&finance, "member", &[&person.dn]);
    let account = AccountId(joined.payload("id_token")["sub"].as_str().expect("a sub").to_owned());
    let left = provider.parts.store.sync().shares_of(&account).await.expect("the store").into_iter();
    let left = left.map(|row| ShareChange { share: row.share, why: "a sync took it".to_owned() }).collect();
    let store = &provider.parts.store;
    let account = store.identity().account(&account).await.expect("the store").expect("an account");
    let diff = vec![(account, ShareDiff { joined: Vec::new(), left })];
    store.sync().write_shares(None, diff, provider.parts.now()).await.expect("written");
    let gone = provider.cloudsync().refresh(joined.text("refresh_token")).await;
    assert_eq!(claimed_team_shares(&provider, &gone).await, json!([]));
    ad.admin.delete(&person.dn);
}
