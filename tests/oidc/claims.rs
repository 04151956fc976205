//! Claims by scope, in the ID token and at userinfo, and groups from the real domain.

use serde_json::{Value, json};

use super::{MINUTE, Stage, described_person};
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{Provider, ldap_settings};
use crate::support::relying_party::RelyingParty;
use cloudsync_idp::flow::settings::Mode;

#[tokio::test]
async fn each_scope_shows_its_claims_in_the_id_token_and_at_userinfo() {
    let stage = Stage::new().await;
    let profile = ["family_name", "given_name", "name", "preferred_username", "updated_at"];
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
        let id_token = tokens.payload("id_token");
        let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await.body;
        assert_eq!(personal(&id_token), expected, "{scope}: ID token");
        assert_eq!(personal(&userinfo), expected, "{scope}: userinfo");
        for (name, value) in userinfo.as_object().unwrap() {
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
    let tokens = stage.sign_in(&Browser::new(), "alice", &asked).await;
    assert_eq!(personal(&tokens.payload("id_token")), ["email_verified", "name"]);
    let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await.body;
    assert_eq!(personal(&userinfo), ["email", "groups"]);
    assert!(userinfo["groups"].as_array().is_some_and(|groups| !groups.is_empty()), "{userinfo}");
    let next = stage.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(
        personal(&next.payload("id_token")),
        ["email_verified", "name"],
        "a refresh keeps what was asked for"
    );
    let userinfo = stage.cloudsync.userinfo(next.text("access_token")).await.body;
    assert_eq!(personal(&userinfo), ["email", "groups"]);
    let fields =
        [("grant_type", "refresh_token"), ("refresh_token", next.text("refresh_token")), ("scope", "openid")];
    let less = stage.cloudsync.token(&fields).await;
    assert_eq!(
        personal(&less.payload("id_token")),
        Vec::<String>::new(),
        "a narrowed token shows no more than its scopes"
    );
    assert_eq!(
        personal(&stage.cloudsync.userinfo(less.text("access_token")).await.body),
        Vec::<String>::new()
    );
    let narrow = RelyingParty::new(&stage.provider.url, "narrow", None);
    let back = Browser::new().sign_in(&narrow.authorize(&asked), "alice", &lab::ldap().user_password).await;
    let tokens = narrow.exchange(&back).await;
    assert_eq!(personal(&tokens.payload("id_token")), ["email_verified"], "the client may not have profile");
    assert_eq!(personal(&narrow.userinfo(tokens.text("access_token")).await.body), ["email"]);
}

#[tokio::test]
async fn a_client_may_have_no_claims_of_scopes_in_the_id_token() {
    let stage = Stage::new().await;
    let requested = "[[clients]]\nclient_id = \"cloudsync\"\nid_token_claims = \"requested\"\n";
    stage.provider.apply(requested, Mode::Merge).await.expect("good settings");
    let claims = [("claims", r#"{"id_token":{"given_name":null}}"#)];
    for (changes, expected) in [(&[][..], Vec::<&str>::new()), (&claims[..], vec!["given_name"])] {
        let tokens = stage.sign_in(&Browser::new(), "alice", changes).await;
        assert_eq!(personal(&tokens.payload("id_token")), expected);
        let userinfo = stage.cloudsync.userinfo(tokens.text("access_token")).await.body;
        assert!(userinfo["email"].is_string() && userinfo["name"].is_string(), "{userinfo}");
    }
}

/// The names of the claims about the person, sorted.
fn personal(claims: &Value) -> Vec<String> {
    let protocol = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];
    let names = claims.as_object().unwrap().keys().filter(|name| !protocol.contains(&name.as_str()));
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
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

/// The attributes of the table beside the names: by scope, by name, and only for clients that may have them.
#[tokio::test]
async fn phone_and_employment_are_claims_of_their_scopes_or_by_name() {
    let wide = "[[clients]]\nclient_id = \"wide\"\ntoken_endpoint_auth_method = \"none\"\n\
                redirect_uris = [\"https://cloudsync.example/callback\"]\n\
                scope = \"openid profile phone employment offline_access\"\n";
    let stage = Stage::with(wide).await;
    let (lab, person) = (lab::ldap(), described_person());
    let wide = RelyingParty::new(&stage.provider.url, "wide", None);
    let sign_in = async |client: &RelyingParty, asked: &[(&str, &str)]| {
        let back =
            Browser::new().sign_in(&client.authorize(asked), &person.account, &lab.user_password).await;
        client.exchange(&back).await
    };
    let tokens = sign_in(&wide, &[("scope", "openid profile phone employment offline_access")]).await;
    let expected = [
        ("title", json!("Lead")),
        ("department", json!("Zoë's")),
        ("employeeNumber", json!("0042")),
        ("phone_number", json!("+43 1 234")),
        ("locale", json!("de-AT")),
        ("phone_number_verified", json!(null)),
    ];
    let userinfo = wide.userinfo(tokens.text("access_token")).await.body;
    for claims in [&tokens.payload("id_token"), &userinfo] {
        for (name, value) in &expected {
            assert_eq!(claims[*name], *value, "{name}");
        }
        assert!(claims["updated_at"].as_i64().is_some_and(|at| at > 1_600_000_000), "{claims}");
    }

    lab.admin.replace(&person.dn, "title", &["Head"]);
    stage.later(MINUTE);
    let next = wide.refresh(tokens.text("refresh_token")).await;
    let changed = wide.userinfo(next.text("access_token")).await.body;
    assert_eq!((&changed["title"], &next.payload("id_token")["title"]), (&json!("Head"), &json!("Head")));
    assert!(changed["updated_at"].as_i64() > userinfo["updated_at"].as_i64(), "{changed}");

    let named = json!({"userinfo": {"department": null}, "id_token": {"employeeNumber": null}}).to_string();
    let asked = [("scope", "openid"), ("claims", named.as_str())];
    let tokens = sign_in(&wide, &asked).await;
    assert_eq!(personal(&tokens.payload("id_token")), ["employeeNumber"]);
    assert_eq!(personal(&wide.userinfo(tokens.text("access_token")).await.body), ["department"]);

    let asked = [("scope", "openid email phone employment"), ("claims", named.as_str())];
    let tokens = sign_in(&stage.cloudsync, &asked).await;
    assert_eq!(personal(&tokens.payload("id_token")), ["email", "email_verified"], "its scope has neither");
}
