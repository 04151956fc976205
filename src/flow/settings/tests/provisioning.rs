//! Services that accounts are delivered to, and their tokens.

use std::fs;

use super::{WHOLE, document, plan_in, planned, sealer};
use crate::domain::settings::{DriftMode, Provisioning, WhenGone};
use crate::flow::settings::{Mode, Problems, SettingsPlan, service_tokens};
use crate::keys::Sealer;

const SERVICE: &str = r#"
[[provisioning]]
id = "cloudsync"
client = "cloudsync"
base_url = "https://cloudsync.example.com/scim/v2"
token = "the-first-token"
"#;

fn whole() -> String {
    format!("{WHOLE}{SERVICE}")
}

fn after(current: &str, text: &str) -> SettingsPlan {
    planned(Some(current), text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn change(keys: &str) -> String {
    format!("[[provisioning]]\nid = \"cloudsync\"\n{keys}\n")
}

fn service(plan: &SettingsPlan) -> &Provisioning {
    plan.settings.service("cloudsync").expect("there")
}

fn tokens(plan: &SettingsPlan) -> Vec<String> {
    let tokens = service_tokens(service(plan), sealer()).expect("sealed for it");
    tokens.iter().map(|token| token.expose().to_owned()).collect()
}

#[test]
fn a_service_has_defaults_and_its_token_is_sealed() {
    let plan = planned(None, &whole()).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(!plan.document.contains("the-first-token"));
    assert_eq!(tokens(&plan), ["the-first-token"]);
    let cloudsync = service(&plan);
    assert!(cloudsync.enabled && cloudsync.team_shares && cloudsync.when_gone == WhenGone::Create);
    assert_eq!((cloudsync.drift, cloudsync.drift_at.as_str()), (DriftMode::Fix, "03:30"));
    assert_eq!((cloudsync.members_per_request, cloudsync.reserved_for_suspensions), (100, 20));
    assert_eq!(after(&plan.document, &whole()).document, plan.document, "the same token keeps its text");
    assert_eq!(planned(None, &plan.document).expect("an export is read back").settings, plan.settings);
    let elsewhere = Sealer::new(&[8; 32]).expect("a key");
    assert!(service_tokens(cloudsync, &elsewhere).is_err());
    let renamed = Provisioning { id: "other".into(), ..cloudsync.clone() };
    assert!(service_tokens(&renamed, sealer()).is_err());
}

#[test]
fn a_change_of_token_overlaps() {
    let first = document(&whole());
    let both = after(&first, &change("next_token_env = \"TOKEN_FROM_ENV\""));
    assert_eq!(tokens(&both), ["the-first-token", "the-next-token"]);
    let next = service(&both).next_token.clone().expect("there");
    let moved = change(&format!("token = \"{}\"\nnext_token = \"\"", next.0));
    let moved = after(&both.document, &moved);
    assert_eq!(tokens(&moved), ["the-next-token"]);
    assert_eq!(service(&moved).token.as_ref(), Some(&next), "a token keeps its sealed text");
    let typed = after(&both.document, &change("token = \"the-next-token\"\nnext_token = \"\""));
    assert_eq!(typed.document, moved.document);
}

#[test]
fn a_token_is_sent_nowhere_it_was_not_given_for() {
    let stored = document(&whole());
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["c.example.com".to_owned()]).expect("made");
    fs::write(folder.path().join("ca.pem"), made.cert.pem()).expect("written");
    let within = |text: &str| plan_in(folder.path(), Some(&stored), text, Mode::Merge);
    let elsewhere = [
        "base_url = \"https://evil.example.com/scim/v2\"",
        "base_url = \"https://cloudsync.example.com/scim/v3\"",
        "base_url = \"https://cloudsync.example.com:444/scim/v2\"",
        "ca_file = \"ca.pem\"",
    ];
    for keys in elsewhere {
        let problems = within(&change(keys)).expect_err(keys).to_string();
        assert!(problems.contains("provisioning[cloudsync].token: was given for another"), "{problems}");
        let again = within(&change(&format!("{keys}\ntoken = \"the-first-token\""))).expect("given again");
        assert_eq!(tokens(&again), ["the-first-token"]);
    }
    for keys in ["base_url = \"https://cloudsync.example.com/scim/v2/\"", "proxy = \"http://proxy:3128\""] {
        assert_eq!(tokens(&within(&change(keys)).expect(keys)), ["the-first-token"]);
    }
    let mut changed = service(&planned(None, &stored).expect("an export")).clone();
    changed.base_url = "https://evil.example.com".into();
    assert!(service_tokens(&changed, sealer()).is_err(), "in a document that was changed by hand");
}

#[test]
fn without_tls_a_proxy_reads_the_token_so_another_one_needs_it_again() {
    let local = whole().replace(
        "https://cloudsync.example.com/scim/v2\"",
        "http://localhost:8/scim\"\nprivate_addresses = [\"127.0.0.0/8\"]",
    );
    let problems = planned(Some(&document(&local)), &change("proxy = \"http://proxy:3128\""));
    assert!(problems.is_err_and(|problems| problems.to_string().contains("was given for another")));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let sealed = document(&whole()).replace("id = \"cloudsync\"", "id = \"other\"");
    let cases = [
        (
            "id = \"cloudsync\"",
            "id = \"Cloud\"",
            "id: \"Cloud\" is not allowed; use 1 to 64 of the characters a to z, 0 to 9 and -",
        ),
        ("client = \"cloudsync\"", "client = \"box\"", "client: \"box\" is no client here"),
        (
            "client = \"cloudsync\"",
            "drift_at = \"24:00\"",
            "drift_at: \"24:00\" is not a time of the day; write hh:mm, from 00:00 to 23:59",
        ),
        (
            "client = \"cloudsync\"",
            "drift_zone = \"Mars/Olympus\"",
            "drift_zone: \"Mars/Olympus\" is not a zone of the IANA database",
        ),
        (
            "client = \"cloudsync\"",
            "directories = [\"labs\"]",
            "directories[0]: \"labs\" is no directory here",
        ),
        (
            "client = \"cloudsync\"",
            "attributes = [\"shoe_size\"]",
            "attributes[0]: \"shoe_size\" is not allowed; use one of email, name,",
        ),
        (
            "client = \"cloudsync\"",
            "when_gone = \"panic\"",
            "when_gone: \"panic\" is not allowed; use one of create, report",
        ),
        (
            "client = \"cloudsync\"",
            "members_per_request = 0",
            "members_per_request: 0 is not allowed; use 1 to 10000",
        ),
        (
            "client = \"cloudsync\"",
            "private_addresses = [\"10\"]",
            "private_addresses[0]: \"10\" is not a network; for example 10.0.0.0/8",
        ),
        (
            "client = \"cloudsync\"",
            "proxy = \"proxy:3128\"",
            "proxy: \"proxy:3128\" is no proxy; for example http://proxy.example.com:3128",
        ),
        (
            "client = \"cloudsync\"",
            "proxy = \"http://u:p@proxy\"",
            "proxy: must not carry a user name or password",
        ),
        (
            "client = \"cloudsync\"",
            "ca_pem = \"x\"",
            "ca_pem: holds no certificate; a block begins with -----BEGIN CERTIFICATE-----",
        ),
        ("https://cloudsync.example.com/scim/v2", "", "base_url: is missing; for example"),
        (
            "https://cloudsync.example.com/scim",
            "http://cloudsync.example.com/scim",
            "base_url: \"http://cloudsync.example.com/scim/v2\": plain http is allowed for localhost only; use https",
        ),
        (
            "https://cloudsync.example.com",
            "http://[::1]:8090",
            "base_url: \"http://[::1]:8090/scim/v2\" is on this machine; name it in private_addresses",
        ),
        (
            "scim/v2\"",
            "scim?tenant=1\"",
            "base_url: \"https://cloudsync.example.com/scim?tenant=1\": an address here must not have a query",
        ),
        ("token = \"the-first-token\"", "", "token: is missing; give token_file, token_env or token"),
        ("token = \"the-first-token\"", "token = \"two words\"", "token: is no bearer token"),
        (
            "token = \"the-first-token\"",
            "token = \"a\"\ntoken_env = \"TOKEN_FROM_ENV\"",
            "token_env: give the secret in one way only; `token` is there too",
        ),
        (
            "token = \"the-first-token\"",
            "token = \"\"\ntoken_env = \"TOKEN_FROM_ENV\"",
            "token_env: give the secret in one way only; `token` is there too",
        ),
        (
            "token = \"the-first-token\"",
            "token = \"sealed:v2:hunter2\"",
            "token: this installation can't open that sealed token",
        ),
    ];
    for (old, new, message) in cases {
        let text = format!("{WHOLE}{}", SERVICE.replace(old, new));
        let problems = problems(&text);
        assert!(problems.contains(message) && !problems.contains("hunter2"), "{new}: {problems}");
    }
    assert!(problems(&sealed).contains("can't open that sealed token"));
    let twice = whole() + &SERVICE.replace("id = \"cloudsync\"", "id = \"again\"");
    assert!(problems(&twice).contains("provisioning[again].base_url: is the address of cloudsync too"));
}

fn problems(text: &str) -> String {
    planned(None, text).map_err(|problems: Problems| problems.to_string()).expect_err("wrong")
}
