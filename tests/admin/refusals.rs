//! `serve` refuses to start with one sentence that says how to fix it.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::process::{Installation, free_port};

fn refused(idp: &Installation, expected: &[&str]) {
    let ran = idp.run(&["serve"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    for words in expected {
        assert!(ran.err.contains(words), "{words:?} in {:?}", ran.err);
    }
    let said: Vec<_> = ran.err.lines().filter(|line| line.starts_with("cloudsync-idp: ")).collect();
    assert_eq!(said.len(), 1, "said once: {}", ran.err);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn a_sealing_key_that_others_can_read() {
    let idp = Installation::new();
    assert_eq!(idp.run(&["keys", "list"]).status, Some(0));
    let key = idp.path("keys/sealing.key");
    for mode in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&key, PermissionsExt::from_mode(mode)).expect("ours");
        refused(&idp, &["can be read by others", "chmod 600", &key.display().to_string()]);
    }
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("ours");
    std::fs::write(&key, "short").expect("ours");
    refused(&idp, &["is no sealing key", "restore it from a backup"]);
}

#[test]
fn a_sealing_key_that_is_not_the_stores() {
    let idp = Installation::new();
    assert_eq!(idp.run(&["keys", "list"]).status, Some(0));
    std::fs::remove_file(idp.path("keys/sealing.key")).expect("ours");
    refused(
        &idp,
        &["the signing keys can't be read", "which is not in keys_dir", "copy its file from a node"],
    );
}

#[test]
fn no_password_is_accepted_in_clear_text() {
    let port = free_port();
    for (config, expected) in [
        ("public_url = \"http://idp.example.com\"", "plain http is for localhost only"),
        (
            "public_url = \"https://idp.example.com\"",
            "set [tls] certificate and private_key, or name the proxy",
        ),
        ("public_url = \"http://localhost:8080\"\nlisten = \"0.0.0.0:0\"", "Listen on 127.0.0.1"),
        ("public_url = \"https://x.example\"\n[tls]\ncertificate = \"x.pem\"", "tls.private_key is missing"),
    ] {
        refused(&Installation::with(port, config), &[expected]);
    }
}

#[test]
fn a_certificate_that_can_not_be_read() {
    let port = free_port();
    let config = format!(
        "public_url = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
         [tls]\ncertificate = \"cert.pem\"\nprivate_key = \"key.pem\"\n"
    );
    let idp = Installation::with(port, &config);
    refused(&idp, &["cert.pem"]);
    idp.write("cert.pem", "nonsense");
    refused(&idp, &["cert.pem contains no certificate", "PEM"]);
    let good = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    idp.write("cert.pem", &good.cert.pem());
    refused(&idp, &["key.pem"]);
    idp.write("key.pem", &good.cert.pem());
    refused(&idp, &["key.pem contains no private key", "PEM"]);
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    idp.write("key.pem", &other.signing_key.serialize_pem());
    refused(&idp, &["cert.pem and ", "key.pem do not belong together"]);
}

#[test]
fn a_port_that_is_taken() {
    let idp = Installation::new();
    let _other = TcpListener::bind(("127.0.0.1", idp.port)).expect("free until now");
    refused(&idp, &[&format!("can't listen on 127.0.0.1:{}; another process may use it", idp.port)]);
}

#[test]
fn a_configuration_that_is_not_right() {
    let port = free_port();
    let local = format!("public_url = \"http://127.0.0.1:{port}\"\n");
    for (line, expected) in [
        (
            "store = \"mysql://root:hunter2@db/idp\"",
            "idp.toml:2: store: is not allowed; use sqlite:PATH or postgres://",
        ),
        ("store = \"sqlite:/nowhere/at/all/idp.db\"", "the store can't be opened"),
        ("store = \"postgres://idp:hunter2@127.0.0.1:1/idp\"", "the store can't be opened"),
        ("volatile = \"redis://:hunter2@127.0.0.1:1\"", "the short-lived state can't be opened"),
        ("lisen = \"127.0.0.1:1\"", "there is no such key; the keys are"),
    ] {
        let idp = Installation::with(port, &format!("{local}{line}\n"));
        refused(&idp, &[expected]);
        assert!(!idp.run(&["serve"]).err.contains("hunter2"), "{line}");
    }
}

#[test]
fn a_configuration_file_that_is_missing_is_named() {
    let idp = Installation::new();
    std::fs::remove_file(idp.path("idp.toml")).expect("ours");
    refused(&idp, &["can't read the configuration", "idp.toml"]);
}
