//! Secrets from the file, from a file of their own, and from the environment.

use std::fs;

use super::{WHOLE, document, plan_in, planned, sealer};
use crate::domain::entry::DirectoryId;
use crate::flow::settings::{HASHED, Mode, SEALED, SettingsPlan, is_client_secret, parse, service_password};
use crate::keys::Sealer;

const PASSWORD: &str = r#"service_account_password = "reads the directory""#;
const SECRET: &str = r#"client_secret = "cloudsync-demo-secret""#;

fn password_of(plan: &SettingsPlan) -> String {
    service_password(&plan.settings.directories[0], sealer()).expect("sealed for it").expose().to_owned()
}

#[test]
fn nothing_in_clear_text_is_stored() {
    let document = document(WHOLE);
    assert!(!document.contains("reads the directory") && !document.contains("cloudsync-demo-secret"));
    assert!(document.contains(SEALED) && document.contains(HASHED));
}

#[test]
fn a_secret_may_come_from_a_file_whose_line_end_is_no_part_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("password"), "from a file\r\n").expect("written");
    let text = WHOLE.replace(PASSWORD, r#"service_account_password_file = "password""#);
    let plan =
        plan_in(folder.path(), None, &text, Mode::Merge).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(password_of(&plan), "from a file");
}

#[cfg(unix)]
#[test]
fn a_file_that_everybody_can_read_gets_a_warning() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("password");
    fs::write(&path, "from a file").expect("written");
    let text = WHOLE.replace(PASSWORD, r#"service_account_password_file = "password""#);
    for (mode, warnings) in [(0o644, 1), (0o640, 0), (0o600, 0)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        let plan =
            plan_in(folder.path(), None, &text, Mode::Merge).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(plan.warnings.len(), warnings, "{mode:o}");
    }
}

#[test]
fn a_secret_may_come_from_the_environment() {
    let text = WHOLE
        .replace(PASSWORD, r#"service_account_password_env = "SECRET_FROM_ENV""#)
        .replace(SECRET, r#"client_secret_env = "SECRET_FROM_ENV""#);
    let plan = planned(None, &text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(password_of(&plan), "a secret from the environment");
}

#[test]
fn a_new_password_is_sealed_anew_and_a_known_one_is_left_as_it_is() {
    let first = document(WHOLE);
    let same = planned(Some(&first), WHOLE).expect("right");
    assert_eq!(same.document, first);
    let other = planned(Some(&first), &WHOLE.replace("reads the", "knows the")).expect("right");
    assert_eq!(password_of(&other), "knows the directory");
    assert_eq!(other.changed, ["directories[corp]"]);
}

/// The sealed password contains them, so it is longer than any password that somebody types.
#[test]
fn an_export_with_the_certificates_of_a_company_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = rcgen::generate_simple_self_signed(["dc1.example.com".to_owned()]).expect("made").cert.pem();
    fs::write(folder.path().join("ca.pem"), one.repeat(9)).expect("written");
    let text = WHOLE.replace("netbios_name", "ca_file = \"ca.pem\"\nnetbios_name");
    let plan =
        plan_in(folder.path(), None, &text, Mode::Merge).unwrap_or_else(|problems| panic!("{problems}"));
    let again = planned(None, &plan.document).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(again.settings, plan.settings);
    assert_eq!(password_of(&again), "reads the directory");
}

#[test]
fn a_certificate_comes_from_its_file_into_the_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["dc1.example.com".to_owned()]).expect("made");
    fs::write(folder.path().join("ca.pem"), made.cert.pem()).expect("written");
    let text = WHOLE.replace("netbios_name", "ca_file = \"ca.pem\"\nnetbios_name");
    let plan =
        plan_in(folder.path(), None, &text, Mode::Merge).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(plan.settings.directories[0].ca_pem, Some(made.cert.pem()));
    assert_eq!(plan.settings.directories[0].ca_file, None);
    let again = planned(None, &plan.document).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(again.settings, plan.settings);
}

#[test]
fn a_file_that_is_no_certificate_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["dc1.example.com".to_owned()]).expect("made");
    let with_key = made.cert.pem() + &made.signing_key.serialize_pem();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let cases = [
        ("hello", "holds no certificate; a block begins with -----BEGIN CERTIFICATE-----"),
        (broken, "certificate number 1 can't be read as X.509"),
        ("-----BEGIN CERTIFICATE-----\nAA", "is not PEM: a block is cut off or not base64"),
        (&with_key, "holds a private key; give the CA's certificate alone"),
    ];
    for (content, message) in cases {
        fs::write(folder.path().join("ca.pem"), content).expect("written");
        let text = WHOLE.replace("netbios_name", "ca_file = \"ca.pem\"\nnetbios_name");
        let problems = plan_in(folder.path(), None, &text, Mode::Merge).expect_err("wrong");
        assert_eq!(problems.to_string(), format!("settings.toml:8: directories[corp].ca_pem: {message}"));
    }
}

#[test]
fn no_message_repeats_a_secret() {
    let wrong = [
        WHOLE.replace(SECRET, "client_secret = \"hunter2\""),
        WHOLE.replace(SECRET, "client_secret = 77007700"),
        WHOLE.replace(SECRET, "client_secrets = \"hunter2\""),
        WHOLE.replace(SECRET, "client_secret = \"hunter2"),
        WHOLE.replace(SECRET, "client_secret = hunter2"),
        WHOLE.replace(SECRET, "client_secret_hash = \"hunter2\""),
        WHOLE.replace(PASSWORD, "service_account_password = \"sealed:v2:hunter2\""),
        WHOLE.replace(PASSWORD, "service_account_password = \"hunter2\\u0000\""),
    ];
    for text in wrong {
        let problems = planned(None, &text).expect_err("wrong").to_string();
        assert!(!problems.contains("hunter2") && !problems.contains("7700"), "{problems}");
    }
}

#[test]
fn a_client_is_recognised_by_its_secret_only() {
    let settings = parse(&document(WHOLE)).expect("it was stored");
    let stored = settings.client("cloudsync").expect("there").client_secret_hash.clone().expect("there");
    assert!(is_client_secret(sealer(), "cloudsync", "cloudsync-demo-secret", &stored));
    assert!(!is_client_secret(sealer(), "cloudsync", "cloudsync-demo-secret2", &stored));
    assert!(!is_client_secret(sealer(), "other", "cloudsync-demo-secret", &stored));
    assert!(!is_client_secret(sealer(), "cloudsync", "cloudsync-demo-secret", ""));
}

#[test]
fn a_password_opens_only_here_and_only_for_its_directory() {
    let mut directory = parse(&document(WHOLE)).expect("it was stored").directories.remove(0);
    let elsewhere = Sealer::new(&[8; 32]).expect("a key");
    assert!(service_password(&directory, &elsewhere).is_err());
    directory.id = DirectoryId("other".to_owned());
    assert!(service_password(&directory, sealer()).is_err());
}

#[test]
fn a_password_is_sent_to_no_server_that_it_was_not_given_for() {
    let stored = document(WHOLE);
    let servers = |list: &str| format!("[[directories]]\nid = \"corp\"\nservers = [{list}]\n");
    let first = r#"{ host = "127.0.0.10", port = 636, tls_name = "dc1.corp.example.com" }"#;
    let second = r#"{ host = "127.0.0.11", port = 636, tls_name = "dc2.corp.example.com" }"#;
    let certificate =
        rcgen::generate_simple_self_signed(["dc1.example.com".to_owned()]).expect("made").cert.pem();
    for wrong in [
        servers(&format!("{first}, {second}")),
        servers(&first.replace("dc1", "evil")),
        servers(&first.replace("636", "1636")),
        "[[directories]]\nid = \"corp\"\nencryption = \"unencrypted_loopback_only\"\n".to_owned(),
        format!("[[directories]]\nid = \"corp\"\nca_pem = \"\"\"\n{certificate}\"\"\"\n"),
    ] {
        let problems = planned(Some(&stored), &wrong).expect_err("refused");
        assert!(problems.to_string().contains("give it again"), "{problems}");
    }
    let both = servers(&format!("{first}, {second}")) + PASSWORD + "\n";
    let both = planned(Some(&stored), &both).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(password_of(&both), "reads the directory");
    let fewer =
        planned(Some(&both.document), &servers(second)).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(password_of(&fewer), "reads the directory", "a server less is no other server");
    let mut directory = fewer.settings.directories[0].clone();
    directory.servers[0].host = "evil.example.com".to_owned();
    assert!(service_password(&directory, sealer()).is_err(), "in a document that was changed by hand");
}
