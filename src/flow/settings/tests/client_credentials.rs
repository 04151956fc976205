//! OAuth 2 client credentials of a service, in place of a bearer token.

use super::{WHOLE, document, planned, sealer};
use crate::domain::settings::{OAuthAuthMethod, Provisioning};
use crate::flow::settings::{SettingsPlan, check_service, service_client_secret, service_tokens};

const SERVICE: &str = r#"
[[provisioning]]
id = "cloudsync"
base_url = "https://cloudsync.example.com/scim/v2"
oauth_token_endpoint = "https://login.example.com/token?tenant=1"
oauth_client_id = "idp"
oauth_client_secret = "the client secret"
oauth_scope = "users groups"
"#;

fn whole() -> String {
    format!("{WHOLE}{SERVICE}")
}

fn change(keys: &str) -> String {
    format!("[[provisioning]]\nid = \"cloudsync\"\n{keys}\n")
}

fn service(plan: &SettingsPlan) -> &Provisioning {
    plan.settings.service("cloudsync").expect("there")
}

fn secret(plan: &SettingsPlan) -> Option<String> {
    let secret = service_client_secret(service(plan), sealer()).expect("sealed for it");
    secret.map(|secret| secret.expose().to_owned())
}

#[test]
fn a_client_secret_is_sealed_and_keeps_its_sealed_text() {
    let plan = planned(None, &whole()).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(!plan.document.contains("the client secret"));
    assert_eq!(secret(&plan).as_deref(), Some("the client secret"));
    assert_eq!(service(&plan).oauth_auth_method, OAuthAuthMethod::ClientSecretBasic);
    assert_eq!(service_tokens(service(&plan), sealer()).expect("none").len(), 0);
    let again = planned(Some(&plan.document), &whole()).expect("the same");
    assert_eq!(again.document, plan.document, "the same secret keeps its text");
    assert_eq!(planned(None, &plan.document).expect("an export is read back").settings, plan.settings);
    assert!(check_service(service(&plan)).is_ok());
    let renamed = Provisioning { id: "other".into(), ..service(&plan).clone() };
    assert!(service_client_secret(&renamed, sealer()).is_err());
}

/// The access tokens that it gives are sent to the service, so its address counts as much as the token endpoint's.
#[test]
fn a_client_secret_is_sent_nowhere_it_was_not_given_for_and_nor_are_its_tokens() {
    let stored = document(&whole());
    for keys in [
        "oauth_token_endpoint = \"https://evil.example.com/token\"",
        "base_url = \"https://evil.example.com/scim/v2\"",
    ] {
        let problems = planned(Some(&stored), &change(keys)).expect_err(keys).to_string();
        let expected = "provisioning[cloudsync].oauth_client_secret: was given for another";
        assert!(problems.contains(expected), "{problems}");
        let again = format!("{keys}\noauth_client_secret = \"the client secret\"");
        let again = planned(Some(&stored), &change(&again)).expect("given again");
        assert_eq!(secret(&again).as_deref(), Some("the client secret"));
    }
    for keys in
        ["oauth_scope = \"users\"", "oauth_auth_method = \"client_secret_post\"", "oauth_client_id = \"b\""]
    {
        planned(Some(&stored), &change(keys)).expect(keys);
    }
    let as_token = whole().replace("oauth_client_secret = \"the client secret\"", "");
    let plan = planned(None, &whole()).expect("good settings");
    let sealed = service(&plan).oauth_client_secret.clone().expect("sealed");
    let as_token = as_token + &format!("token = {:?}\n", sealed.0);
    let problems = planned(None, &as_token).expect_err("another kind of secret").to_string();
    assert!(problems.contains("token: this installation can't open that sealed token"), "{problems}");
}

#[test]
fn a_service_goes_from_a_token_to_client_credentials_and_back() {
    let token = whole().replace(SERVICE, "")
        + "[[provisioning]]\nid = \"cloudsync\"\nbase_url = \"https://cloudsync.example.com/scim/v2\"\ntoken = \"t\"\n";
    let both = SERVICE.replace("base_url", "token = \"\"\nbase_url");
    let there = planned(Some(&document(&token)), &both).expect("client credentials");
    assert_eq!((secret(&there).is_some(), &service(&there).token), (true, &None));
    let back = "token = \"t\"\noauth_token_endpoint = \"\"\noauth_client_id = \"\"\noauth_client_secret = \"\"\n\
                oauth_scope = \"\"";
    let back = planned(Some(&there.document), &change(back)).expect("a token");
    assert!(!service(&back).names_oauth() && secret(&back).is_none());
}

#[test]
fn what_is_missing_or_too_much_is_said() {
    let endpoint = "oauth_token_endpoint = \"https://login.example.com/token?tenant=1\"";
    for (old, new, message) in [
        ("oauth_client_id = \"idp\"", "", "oauth_client_id: is missing: client credentials need it"),
        (
            "oauth_client_secret = \"the client secret\"",
            "",
            "oauth_client_secret: is missing: client credentials need it; give oauth_client_secret_file",
        ),
        (endpoint, "", "oauth_token_endpoint: is missing: client credentials need it; for example"),
        (
            endpoint,
            "oauth_token_endpoint = \"http://login.example.com/token\"",
            "plain http is allowed for localhost only",
        ),
        (
            endpoint,
            "oauth_token_endpoint = \"http://localhost:8080/token\"",
            "is on this machine; name it in private_addresses",
        ),
        (endpoint, "oauth_token_endpoint = \"https://login.example.com/#a\"", "must not have a fragment"),
        (
            "oauth_scope = \"users groups\"",
            "token = \"t\"",
            "oauth_token_endpoint: give a bearer token or OAuth 2 client credentials, not both",
        ),
        (
            "oauth_scope = \"users groups\"",
            "next_token = \"t\"",
            "oauth_token_endpoint: give a bearer token or OAuth 2 client credentials, not both",
        ),
        ("users groups", "users  groups", "oauth_scope: \"users  groups\": a scope is words"),
        ("the client secret", "the client söcret", "oauth_client_secret: is no client secret"),
        (
            "oauth_scope = \"users groups\"",
            "oauth_client_secret_env = \"SECRET_FROM_ENV\"",
            "give the secret in one way only; `oauth_client_secret` is there too",
        ),
        (
            "oauth_scope = \"users groups\"",
            "oauth_auth_method = \"none\"",
            "oauth_auth_method: \"none\" is not allowed; use one of client_secret_basic, client_secret_post",
        ),
        (
            "\"the client secret\"",
            "\"sealed:v2:hunter2\"",
            "oauth_client_secret: this installation can't open that sealed client secret",
        ),
    ] {
        let text = format!("{WHOLE}{}", SERVICE.replace(old, new));
        let problems = planned(None, &text).expect_err(new).to_string();
        assert!(problems.contains(message) && !problems.contains("hunter2"), "{new}: {problems}");
    }
}
