//! The discovery document: everything in it is true.

use std::collections::BTreeSet;

use cloudsync_idp::flow::settings::Mode;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::{Stage, described_person};
use crate::support::browser::{Browser, Page};
use crate::support::lab;

async fn document(stage: &Stage) -> Value {
    let page = Browser::new().open(&stage.at("/.well-known/openid-configuration")).await;
    assert_eq!(page.headers["content-type"], "application/json");
    assert_eq!(page.headers["access-control-allow-origin"], "*");
    serde_json::from_str(&page.body).expect("JSON")
}

fn words(document: &Value, key: &str) -> Vec<String> {
    let list = document[key].as_array().unwrap_or_else(|| panic!("{key}"));
    list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_endpoint_answers_by_its_methods_and_by_no_other() {
    let stage = Stage::new().await;
    let document = document(&stage).await;
    assert_eq!(document["issuer"], stage.provider.url);
    let table = [
        ("authorization_endpoint", vec![Method::GET, Method::POST]),
        ("token_endpoint", vec![Method::POST]),
        ("revocation_endpoint", vec![Method::POST]),
        ("introspection_endpoint", vec![Method::POST]),
        ("userinfo_endpoint", vec![Method::GET, Method::POST]),
        ("jwks_uri", vec![Method::GET]),
        ("end_session_endpoint", vec![Method::GET, Method::POST]),
    ];
    let endpoints: BTreeSet<&str> = document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|key| key.ends_with("_endpoint") || key.ends_with("_uri"))
        .collect();
    assert_eq!(endpoints, table.iter().map(|(key, _)| *key).collect(), "no other endpoint is announced");
    let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (key, methods) in table {
        let address = document[key].as_str().unwrap();
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let answer = Page::of(http.request(method.clone(), address)).await;
            let refused = answer.status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(refused, !methods.contains(&method), "{method} {key}: {}", answer.status);
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{method} {key}");
            assert!(!answer.status.is_server_error(), "{method} {key}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn every_announced_value_is_accepted() {
    let stage = Stage::new().await;
    let document = document(&stage).await;
    for (key, parameter) in [
        ("response_types_supported", "response_type"),
        ("response_modes_supported", "response_mode"),
        ("prompt_values_supported", "prompt"),
        ("acr_values_supported", "acr_values"),
        ("ui_locales_supported", "ui_locales"),
        ("code_challenge_methods_supported", "code_challenge_method"),
    ] {
        for value in words(&document, key) {
            let outcome = stage.ask(&Browser::new(), &[(parameter, &value)]).await;
            let expected = if value == "none" { "login_required" } else { "page" };
            assert_eq!(outcome, expected, "{parameter}={value}");
        }
    }
    assert_eq!(document["claims_parameter_supported"], json!(true));
    for key in ["request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(document[key], json!(false), "{key}");
    }
    assert_eq!(document["authorization_response_iss_parameter_supported"], json!(true));
    for locale in words(&document, "ui_locales_supported") {
        let page = Browser::new().follow(&stage.cloudsync.authorize(&[("ui_locales", &locale)]).url).await;
        assert!(page.body.contains(&format!("lang=\"{locale}\"")), "{locale}");
    }
}

#[tokio::test]
async fn the_announced_scopes_are_granted_and_the_announced_claims_given() {
    let stage = Stage::new().await;
    let document = document(&stage).await;
    let mut scopes = words(&document, "scopes_supported");
    // One client may not have both `admin` and `offline_access`.
    scopes.retain(|scope| scope != "admin");
    let scopes = scopes.join(" ");
    let group = lab::ldap().dn("cn=Sales,ou=groups");
    let more = format!(
        "[[clients]]\nclient_id = \"cloudsync\"\nscope = {scopes:?}\n\
         [[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = \"Campaigns\"\n"
    );
    stage.provider.apply(&more, Mode::Merge).await.expect("good settings");
    let tokens = stage.sign_in(&Browser::new(), &described_person().account, &[("scope", &scopes)]).await;
    assert_eq!(tokens.text("scope"), scopes);
    let claims = tokens.payload("id_token");
    let given: BTreeSet<String> = claims.as_object().unwrap().keys().cloned().collect();
    assert_eq!(given, words(&document, "claims_supported").into_iter().collect());
    assert!(words(&document, "acr_values_supported").contains(&claims["acr"].as_str().unwrap().to_owned()));
    assert_eq!(words(&document, "subject_types_supported"), ["public"]);

    let other = "[[clients]]\nclient_id = \"cloudsync\"\nscope = \"openid admin\"\n";
    stage.provider.apply(other, Mode::Merge).await.expect("good settings");
    let asked = [("scope", "openid admin")];
    let tokens = stage.sign_in(&Browser::new(), &described_person().account, &asked).await;
    assert_eq!(tokens.text("scope"), "openid admin");
}

#[tokio::test]
async fn each_announced_algorithm_has_a_key_and_no_key_is_without_announcement() {
    let stage = Stage::new().await;
    let document = document(&stage).await;
    let keys: Value =
        reqwest::get(document["jwks_uri"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    let keyed: BTreeSet<String> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap().to_owned()).collect();
    assert_eq!(keyed, words(&document, "id_token_signing_alg_values_supported").into_iter().collect());
}
