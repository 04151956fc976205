//! `init`: from an empty folder to the first sign-in, with typed answers and with options only.

use std::fs;
use std::os::unix::fs::symlink;

use super::process::{Installation, Ran};
use crate::support::browser::Browser;
use crate::support::lab::{self, AdLab, LdapLab};
use crate::support::relying_party::RelyingParty;

const CALLBACK: &str = "https://cloudsync.example/callback";

/// A folder with nothing in it.
fn empty() -> Installation {
    let idp = Installation::new();
    fs::remove_file(idp.path("idp.toml")).expect("a file");
    idp
}

fn answers(idp: &Installation, ad: &AdLab, ou: &str) -> String {
    [
        &format!("http://127.0.0.1:{}", idp.port),
        "corp.example.com",
        &format!("{}={}", ad.addr, ad.host_name),
        &ad.ca_pem_path.display().to_string(),
        &ad.service_dn,
        &ad.service_password,
        ou,
        "",
        "nobody",
        CALLBACK,
        "",
    ]
    .join("\n")
}

#[tokio::test]
async fn from_an_empty_folder_to_the_first_sign_in_in_active_directory() {
    let ad = lab::ad();
    let idp = empty();
    // Nothing is chosen: the list is shown, and nothing is written.
    let looked = idp.run_answered(&["init"], &answers(&idp, ad, "ou=staff,\n"));
    assert_eq!(looked.status, Some(2), "{looked:?}");
    assert!(looked.err.contains("without an OU or a group nobody could sign in"), "{}", looked.err);
    assert!(!idp.path("idp.toml").exists() && !idp.path("settings.toml").exists());
    let staff = looked.err.lines().find(|line| line.ends_with(&format!("people  OU=Staff,{}", ad.base_dn)));
    let number = staff.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
    assert!(number.is_some(), "OU=Staff has a number: {}", looked.err);

    let done = idp.run_answered(&["init"], &answers(&idp, ad, &format!("ou=staff,{}", ad.base_dn)));
    assert_eq!(done.status, Some(0), "{done:?}");
    for text in ["SHA-256", "TLS works", "The service account can sign in", "PASS"] {
        assert!(done.err.contains(text), "{text}: {}", done.err);
    }
    assert!(!format!("{done:?}").contains(&ad.service_password), "the password is shown nowhere");
    let settings = fs::read_to_string(idp.path("settings.toml")).expect("settings");
    assert!(settings.contains(&format!("netbios_name = \"{}\"", ad.netbios_name)), "{settings}");
    let secret = done.out.lines().find_map(|line| line.trim().strip_prefix("client secret:"));
    let secret = secret.expect("a secret").trim().to_owned();
    assert!(!settings.contains(&secret) && !settings.contains(&ad.service_password), "{settings}");
    let file = idp.path("settings.toml").display().to_string();
    let same = idp.run(&["settings", "diff", &file]);
    assert_eq!((same.status, same.out.as_str()), (Some(0), ""), "the file is what is in force: {same:?}");

    let served = idp.serve();
    let cloudsync = RelyingParty::new(&served.url, "cloudsync", Some(&secret));
    let arrived = Browser::new().sign_in(&cloudsync.authorize(&[]), "alice", &ad.user_password).await;
    assert!(!cloudsync.exchange(&arrived).await.text("id_token").is_empty());
}

fn by_options(idp: &Installation, ldap: &LdapLab, password: &str, more: &[&str]) -> Ran {
    let password = idp.write("password", &format!("{password}\n")).display().to_string();
    let server = format!("{}:{}={}", ldap.addr, ldap.tls_port, ldap.host_name);
    let (url, ou) = (format!("http://127.0.0.1:{}", idp.port), format!("ou=people,{}", ldap.base_dn));
    let domain = ldap.base_dn.replace("dc=", "").replace(',', ".");
    let mut arguments = vec!["init", "--domain", &domain, "--server", &server];
    arguments.extend(["--service-account", &ldap.service_dn, "--password-file", &password, "--ou", &ou]);
    arguments.extend(["--public-url", &url, "--redirect-uri", CALLBACK, "--second-factor", "everyone"]);
    arguments.extend(more);
    idp.run(&arguments)
}

#[test]
fn a_script_gives_every_answer_as_an_option() {
    let ldap = &lab::own_ldap(&[]);
    let ca = ldap.ca_pem_path.display().to_string();
    let idp = empty();
    let untrusted = by_options(&idp, ldap, &ldap.service_password, &[]);
    assert_eq!(untrusted.status, Some(2), "no password is sent to an untrusted server: {untrusted:?}");
    assert!(untrusted.err.contains("--ca-file") || untrusted.err.contains("--trust"), "{}", untrusted.err);
    let wrong = by_options(&idp, ldap, "not the password", &["--ca-file", &ca]);
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.err.contains("the bind was refused; nothing was written"), "{}", wrong.err);
    assert!(!idp.path("idp.toml").exists() && !idp.path("settings.toml").exists());

    let done = by_options(&idp, ldap, &ldap.service_password, &["--ca-file", &ca, "--json"]);
    assert_eq!(done.status, Some(0), "{done:?}");
    let result: serde_json::Value = serde_json::from_str(&done.out).expect("JSON");
    assert_eq!((&result["client_id"], &result["redirect_uri"]), (&"cloudsync".into(), &CALLBACK.into()));
    assert!(result["client_secret"].as_str().is_some_and(|secret| secret.len() > 40), "{result}");
    let trail = idp.run(&["audit", "list", "--decision", "settings_changed", "--json"]).out;
    assert!(
        trail.contains("command ") && trail.contains("[example].base_dn"),
        "who did it, and what: {trail}"
    );
    let export = idp.run(&["settings", "export"]).out;
    assert!(
        export.contains("schema = \"Rfc2307bis\"") && export.contains("required = \"everyone\""),
        "{export}"
    );
    assert_eq!(idp.run(&["explain", "alice"]).status, Some(0));

    let again = by_options(&idp, ldap, &ldap.service_password, &["--ca-file", &ca]);
    assert!(again.status == Some(2) && again.err.contains("already exists"), "{again:?}");
}

/// No file is overwritten, the CA file is written before anything is stored, and the secret is shown also after an error.
#[test]
fn files_and_settings_that_are_there_stay_as_they_are() {
    let ldap = &lab::own_ldap(&[]);
    let ca = ldap.ca_pem_path.display().to_string();
    let run = |idp: &Installation| by_options(idp, ldap, &ldap.service_password, &["--ca-file", &ca]);
    let idp = empty();
    let another = idp.write("ca.pem", "another CA\n");
    let refused = run(&idp);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.err.contains("ca.pem already exists") && refused.err.contains("--folder"), "{refused:?}");
    assert_eq!(fs::read_to_string(&another).expect("a file"), "another CA\n");
    assert!(!idp.path("settings.toml").exists() && !idp.path("idp.toml").exists());

    // The CA file is written first, so no settings are stored yet. A file with the same content is kept.
    fs::copy(&ca, &another).expect("a file");
    // A dangling link: the file does not exist, and can't be written.
    let nowhere = idp.path("settings.toml");
    symlink("/nowhere/settings.toml", &nowhere).expect("a link");
    let unwritten = run(&idp);
    assert_eq!(unwritten.status, Some(2), "{unwritten:?}");
    let secret = unwritten.out.lines().find_map(|line| line.trim().strip_prefix("client secret:"));
    assert!(secret.is_some_and(|secret| secret.trim().len() > 40), "shown all the same: {unwritten:?}");
    assert!(unwritten.err.contains("settings export"), "{}", unwritten.err);

    fs::remove_file(&nowhere).expect("a link");
    let again = run(&idp);
    assert_eq!(again.status, Some(2), "{again:?}");
    assert!(again.err.contains("the store already has settings"), "{}", again.err);
    assert!(!nowhere.exists() && !again.out.contains("client secret"), "{again:?}");
}

/// An attacker in between may have a valid certificate for another name.
#[test]
fn no_name_of_a_certificate_is_taken_without_an_answer() {
    let ad = lab::ad();
    let idp = empty();
    let answers =
        [&format!("http://127.0.0.1:{}", idp.port), "corp.example.com", &ad.addr, "", ""].join("\n");
    let ca = ad.ca_pem_path.display().to_string();
    let ran = idp.run_answered(&["init", "--ca-file", &ca], &answers);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.err.contains(&format!("The certificate is for: {}", ad.host_name)), "{}", ran.err);
    assert!(ran.err.contains("no answer was given"), "{}", ran.err);
    assert!(!ran.err.contains("The service account can sign in") && !idp.path("idp.toml").exists());
}
