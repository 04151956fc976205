//! Claims by scope, in the ID token and at userinfo, and groups from the real domain.

use serde_json::{Map, Value, json};

use super::{MINUTE, Stage};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{Provider, ldap_settings};
use crate::support::relying_party::RelyingParty;
use cloudsync_idp::flow::settings::Mode;

#[tokio::test]
async fn each_scope_shows_its_claims_in_the_id_token_and_at_userinfo() {
    let stage = Stage::new().await;
    let profile = ["family_name", "given_name", "name", "preferred_username"];
    let email = ["email", "email_verified"];
    let table = [
        ("openid", vec![]),
        ("openid profile", profile.to_vec()),
        ("openid email", email.to_vec()),
        ("openid groups", vec!["groups"]),
        (
            "openid profile email groups",
            [&email[..], &profile[..1], &["given_name", "groups"], &profile[2..]].concat(),
        ),
    ];
    for (scope, expected) in table {
        let tokens = stage.sign_in(&Browser::new(), "alice", &[("scope", scope)]).await;
        let id_token = tokens.payload("id_token").as_object().unwrap().clone();
        let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await.body;
        let userinfo = userinfo.as_object().unwrap();
        let names = |map: &Map<String, Value>| {
            let mut names: Vec<String> = map.keys().filter(|name| is_personal(name)).cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(&id_token), expected, "{scope}: ID token");
        assert_eq!(names(userinfo), expected, "{scope}: userinfo");
        for (name, value) in userinfo {
            assert_eq!(Some(value), id_token.get(name), "{scope}: {name}");
        }
    }
}

// OpenID Connect Core section 5.5
#[tokio::test]
async fn a_claim_asked_for_by_name_is_where_it_was_asked_for() {
    let narrow = "[[clients]]\nclient_id = \"narrow\"\ntoken_endpoint_auth_method = \"none\"\n\
                  redirect_uris = [\"https://cloudsync.example/callback\"]\nscope = \"openid email offline_access\"\n";
    let stage = Stage::with(narrow).await;
    let claims = json!({
        "userinfo": {"email": {"essential": true}, "groups": null, "shoe_size": null},
        "id_token": {"name": null, "email_verified": null},
    });
    let asked = [("scope", "openid offline_access"), ("claims", &claims.to_string())];
    let names = |map: &Value| {
        let mut names: Vec<String> =
            map.as_object().unwrap().keys().filter(|name| is_personal(name)).cloned().collect();
        names.sort();
        names
    };
    let tokens = stage.sign_in(&Browser::new(), "alice", &asked).await;
    assert_eq!(names(&tokens.payload("id_token")), ["email_verified", "name"]);
    let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await.body;
    assert_eq!(names(&userinfo), ["email", "groups"]);
    assert!(userinfo["groups"].as_array().is_some_and(|groups| !groups.is_empty()), "{userinfo}");
    let next = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(
        names(&next.payload("id_token")),
        ["email_verified", "name"],
        "a refresh keeps what was asked for"
    );
    let userinfo = stage.cloudsync.userinfo(next.text("access_token")).await.body;
    assert_eq!(names(&userinfo), ["email", "groups"]);
    let fields =
        [("grant_type", "refresh_token"), ("refresh_token", next.text("refresh_token")), ("scope", "openid")];
    let less = stage.cloudsync.token(&fields).await;
    assert_eq!(
        names(&less.payload("id_token")),
        Vec::<String>::new(),
        "a narrowed token shows no more than its scopes"
    );
    assert_eq!(names(&stage.cloudsync.userinfo(less.text("access_token")).await.body), Vec::<String>::new());
    let narrow = RelyingParty::new(&stage.provider.url, "narrow", None);
    let back = Browser::new().sign_in(&narrow.authorize(&asked), "alice", &lab::ldap().user_password).await;
    let tokens = narrow.exchange(&back).await;
    assert_eq!(names(&tokens.payload("id_token")), ["email_verified"], "the client may not have profile");
    assert_eq!(names(&narrow.userinfo(tokens.text("access_token")).await.body), ["email"]);
}

#[tokio::test]
async fn a_client_may_have_no_claims_of_scopes_in_the_id_token() {
    let stage = Stage::new().await;
    let requested = "[[clients]]\nclient_id = \"cloudsync\"\nid_token_claims = \"requested\"\n";
    stage.provider.apply(requested, Mode::Merge).await.expect("good settings");
    let claims = [("claims", r#"{"id_token":{"given_name":null}}"#)];
    for (changes, expected) in [(&[][..], Vec::<&str>::new()), (&claims[..], vec!["given_name"])] {
        let tokens = stage.sign_in(&Browser::new(), "alice", changes).await;
        let id_token = tokens.payload("id_token");
        let personal: Vec<&String> =
            id_token.as_object().unwrap().keys().filter(|name| is_personal(name)).collect();
        assert_eq!(personal, expected);
        let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await.body;
        assert!(userinfo["email"].is_string() && userinfo["name"].is_string(), "{userinfo}");
    }
}

fn is_personal(name: &str) -> bool {
    let protocol = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];
    !protocol.contains(&name)
}

#[tokio::test]
async fn a_person_is_described_as_the_directory_has_it() {
    let stage = Stage::new().await;
    let claims = stage.signed_in_as("zoe").await.1.payload("id_token");
    let table = [
        ("name", json!("O'Brien, Zoë (Ops)")),
        ("given_name", json!("Zoë")),
        ("family_name", json!("O'Brien")),
        ("preferred_username", json!("zoe")),
        ("email", json!("zoe@example.org")),
        ("email_verified", json!(true)),
        ("amr", json!(["pwd"])),
        ("aud", json!("cloudsync")),
        ("iss", json!(stage.provider.url)),
    ];
    for (name, expected) in table {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert!(claims["acr"].is_string() && claims["sid"].is_string());
}

#[tokio::test]
async fn an_email_is_verified_only_where_the_administrator_says_so() {
    let stage = Stage::new().await;
    let theirs = ldap_settings(&[lab::ldap()])
        .replace("email_written_by_admins_only = true", "email_written_by_admins_only = false");
    stage.provider.apply(&theirs, Mode::Merge).await.expect("good settings");
    let tokens = stage.tokens().await;
    assert_eq!(tokens.payload("id_token")["email_verified"], json!(false));
    let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await;
    assert_eq!(userinfo.body["email_verified"], json!(false));
}

#[tokio::test]
async fn groups_of_the_domain_are_claimed_and_updated() {
    let ad = lab::ad();
    let provider = Provider::for_ad(ad).await;
    let cloudsync = provider.cloudsync();
    let asked = cloudsync.authorize(&[("scope", "openid groups offline_access")]);
    let back = Browser::new().sign_in(&asked, "alice", &ad.user_password).await;
    let tokens = cloudsync.exchange(&back).await;
    let groups = tokens.payload("id_token")["groups"].clone();
    let named = |name: &str| groups.as_array().is_some_and(|groups| groups.contains(&json!(name)));
    assert!(named("Sales") && named("Newsletter"), "{groups}");
    assert_eq!(cloudsync.userinfo(tokens.text("access_token")).await.body["groups"], groups);
    let again = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(again.payload("id_token")["groups"], groups);
    assert_eq!(cloudsync.userinfo(again.text("access_token")).await.body["groups"], groups);
}

#[tokio::test]
async fn a_refresh_updates_groups_in_the_id_token_and_at_userinfo() {
    let ad = lab::ad();
    let person = ad.admin.add_person(&ad.dn("OU=Staff"), &ad.user_password);
    let newsletter = ad.dn("CN=Newsletter,OU=Groups");
    let provider = Provider::for_ad(ad).await;
    let cloudsync = provider.cloudsync();
    let asked = cloudsync.authorize(&[("scope", "openid groups offline_access")]);
    let back = Browser::new().sign_in(&asked, &person.account, &ad.user_password).await;
    let mut tokens = cloudsync.exchange(&back).await;
    let in_it = |groups: &Value| groups.as_array().unwrap().contains(&json!("Newsletter"));
    assert!(!in_it(&tokens.payload("id_token")["groups"]));
    for (joined, change) in [(true, "add"), (false, "remove")] {
        match change {
            "add" => ad.admin.add_values(&newsletter, "member", &[&person.dn]),
            _ => ad.admin.remove_values(&newsletter, "member", &[&person.dn]),
        }
        tokens = cloudsync.refresh(tokens.text("refresh_token")).await;
        assert_eq!(in_it(&tokens.payload("id_token")["groups"]), joined, "ID token, {change}");
        let userinfo = cloudsync.userinfo(tokens.text("access_token")).await;
        assert_eq!(in_it(&userinfo.body["groups"]), joined, "userinfo, {change}");
    }
    ad.admin.delete(&person.dn);
}

#[tokio::test]
async fn a_changed_name_appears_with_the_next_refresh() {
    let stage = Stage::new().await;
    let lab = lab::ldap();
    let person = lab.admin.add_inet_person(&lab.dn("ou=people"), &lab.user_password);
    let (_, tokens) = stage.signed_in_as(&person.account).await;
    lab.admin.replace(&person.dn, "displayName", &["Renamed, Person"]);
    stage.later(MINUTE);
    let next = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(next.payload("id_token")["name"], "Renamed, Person", "{:?}", next.body);
    let userinfo = stage.cloudsync.userinfo(next.text("access_token")).await;
    assert_eq!(userinfo.body["name"], "Renamed, Person");
}
