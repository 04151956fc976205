//! `cloudsync-idp support-bundle`: the bundle contains the status and no secret.

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use super::process::{Installation, free_port};
use crate::support::lab;
use crate::support::provider::{CLIENT, ldap_settings};

const DATABASE: &str = "p@ss of the database";
const CLIENT_SECRET: &str = "cloudsync-test-secret";

/// With passwords in the configuration, and where an administrator or a server may have repeated them.
fn installed() -> Installation {
    let port = free_port();
    let store = lab::postgres().url().replacen("@", ":p%40ss%20of%20the%20database@", 1);
    assert!(store.contains("%40ss"), "{store}");
    let config = format!(
        "public_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\nstore = \"{store}\"\n"
    );
    let idp = Installation::with(port, &config);
    let service = &lab::ldap().service_password;
    let odd = ldap_settings(&[lab::ldap()])
        .replace("name = \"Example Corp\"", &format!("name = \"Corp {service} {DATABASE}\""))
        .replace("ou=people,", &format!("ou={service},ou=people,"));
    idp.apply(&format!("{}{odd}", CLIENT.replace("extension 100", &format!("extension {service}"))));
    idp
}

/// Each secret in every spelling that it may be written in.
fn secrets(idp: &Installation) -> Vec<String> {
    let key = std::fs::read(idp.path("keys/sealing.key")).expect("the key");
    let mut secrets = vec![
        lab::ldap().service_password.clone(),
        lab::ldap().user_password.clone(),
        DATABASE.to_owned(),
        "p%40ss%20of".to_owned(),
        CLIENT_SECRET.to_owned(),
        hex::encode(&key),
        BASE64_STANDARD.encode(&key),
        BASE64_URL_SAFE_NO_PAD.encode(&key),
    ];
    let export = idp.run(&["settings", "export"]).out;
    let stored = export.split('"').filter(|text| text.starts_with("sealed:") || text.starts_with("hmac-"));
    secrets.extend(stored.map(str::to_owned));
    assert_eq!(secrets.len(), 10, "a sealed password and a hashed secret: {export}");
    secrets
}

#[tokio::test]
async fn a_bundle_contains_the_status_and_no_secret() {
    let idp = installed();
    let failed = idp.run(&["sync"]);
    assert_eq!(failed.status, Some(1), "{failed:?}");
    assert!(failed.err.contains(&lab::ldap().service_password), "it stands in an error: {failed:?}");
    let file = idp.path("bundle.json");
    let ran = idp.run(&["support-bundle", &file.display().to_string()]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    let bytes = std::fs::read(&file).expect("the bundle");
    for secret in secrets(&idp) {
        assert!(secret.len() > 8, "{secret}");
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}: {}", String::from_utf8_lossy(&bytes));
    }
    let bundle: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(bundle["version"], env!("CARGO_PKG_VERSION"));
    assert!(bundle["configuration"]["store"].as_str().is_some_and(|store| store.contains("redacted")));
    let settings: Vec<_> = bundle["settings"]["lines"].as_array().expect("lines").iter().collect();
    assert!(settings.contains(&&"service_account_password = \"[redacted]\"".into()), "{settings:?}");
    let directory = &bundle["directories"][0];
    assert_eq!((&directory["id"], &directory["runs"][0]["state"]), (&"corp".into(), &"failed".into()));
    assert!(
        directory["status"]["advice"].is_string() && directory["runs"][0]["error"].is_string(),
        "{directory}"
    );
    let findings = directory["doctor"]["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|finding| finding["check"] == "scope" && finding["verdict"] == "error"));

    let again = idp.run(&["support-bundle", &file.display().to_string()]);
    assert_eq!(again.status, Some(2), "no file is overwritten: {again:?}");
    assert_eq!(std::fs::read(&file).expect("the bundle"), bytes);
    let unknown = idp.run(&["support-bundle", "--directory", "nowhere", "other.json"]);
    assert!(unknown.status == Some(2) && unknown.err.contains("nowhere"), "{unknown:?}");
    assert!(!idp.path("other.json").exists());
}
