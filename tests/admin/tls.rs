//! The server's own TLS: served, renewed without a restart, and kept if the new certificate is invalid.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};

use super::process::{Installation, Served, free_port};
use crate::support::browser::{Browser, Page};
use crate::support::lab;
use crate::support::provider::{CLIENT, ldap_settings};
use crate::support::relying_party::RelyingParty;
use crate::support::until;

/// A certificate for localhost, which is its own authority, and its key, both in PEM.
fn certificate() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    (cert.pem(), signing_key.serialize_pem())
}

fn installation() -> (Installation, String) {
    let port = free_port();
    let config = format!(
        "public_url = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
         [tls]\ncertificate = \"cert.pem\"\nprivate_key = \"key.pem\"\n"
    );
    let idp = Installation::with(port, &config);
    let (cert, key) = certificate();
    idp.write("cert.pem", &cert);
    idp.write("key.pem", &key);
    idp.apply(&format!("{CLIENT}{}", ldap_settings(&[lab::ldap()])));
    (idp, cert)
}

/// A browser that trusts this certificate and no other.
fn browser(cert: &str) -> Browser {
    Browser::new(); // installs the provider of cryptography
    let certificate = Certificate::from_pem(cert.as_bytes()).expect("a certificate");
    let http = Client::builder()
        .tls_certs_only([certificate])
        .cookie_store(true)
        .redirect(Policy::none())
        .build()
        .expect("a client");
    Browser { http }
}

/// Whether a new connection meets this certificate.
async fn meets(idp: &Installation, cert: &str) -> bool {
    let url = format!("https://localhost:{}/healthz", idp.port);
    browser(cert).http.get(url).send().await.is_ok()
}

#[tokio::test]
async fn a_sign_in_over_tls_has_secure_cookies_and_strict_transport() {
    let (idp, cert) = installation();
    assert_eq!(idp.run(&["sync"]).status, Some(0));
    let _served = idp.serve();
    let issuer = format!("https://localhost:{}", idp.port);
    let cloudsync = RelyingParty::new(&issuer, "cloudsync", None);
    let browser = browser(&cert);
    let start = browser.open(&cloudsync.authorize(&[]).url).await;
    is_strict(&start, "__Host-cloudsync_login");
    let arrived = browser.sign_in(&cloudsync.authorize(&[]), "alice", &lab::ldap().user_password).await;
    assert!(arrived.parameter("code").is_some(), "{}", arrived.text());
    assert_eq!(arrived.parameter("iss").as_deref(), Some(issuer.as_str()));
    is_strict(&arrived, "__Host-cloudsync_session");
    let silent = browser.follow(&cloudsync.authorize(&[("prompt", "none")]).url).await;
    assert!(silent.parameter("code").is_some(), "the cookie comes back");
}

fn is_strict(page: &Page, cookie: &str) {
    assert!(page.cookie(cookie).is_some(), "{cookie} in {:?}", page.cookies);
    for set in &page.cookies {
        assert!(set.starts_with("__Host-"), "{set}");
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        assert!(!set.contains("Domain"), "{set}");
    }
    assert!(page.headers["strict-transport-security"].starts_with("max-age="));
}

#[tokio::test]
async fn clear_text_is_not_answered_with_a_page() {
    let (idp, _) = installation();
    let _served = idp.serve();
    let plain = Browser::new().http.get(format!("http://localhost:{}/", idp.port)).send().await;
    assert!(plain.is_err(), "{plain:?}");
}

#[tokio::test]
async fn a_new_certificate_is_served_without_a_restart_and_a_broken_one_is_not() {
    let (idp, first) = installation();
    let mut served = idp.serve();
    assert!(meets(&idp, &first).await);

    let second = renewed(&idp);
    served.signal("-HUP");
    until("the new certificate is served", async || meets(&idp, &second).await).await;
    assert!(!meets(&idp, &first).await, "and the old one is not");

    idp.write("cert.pem", "-----BEGIN CERTIFICATE-----\nbroken\n");
    reported(&served, 1).await;
    assert!(meets(&idp, &second).await, "what was good stays");
    idp.write("key.pem", &certificate().1);
    idp.write("cert.pem", &second);
    served.signal("-HUP");
    reported(&served, 2).await;
    assert!(meets(&idp, &second).await, "a key of another certificate");

    let third = renewed(&idp);
    until("noticed without a signal", async || meets(&idp, &third).await).await;
    assert!(served.is_alive());
}

/// Puts another certificate into the files, and returns it.
fn renewed(idp: &Installation) -> String {
    let (cert, key) = certificate();
    idp.write("key.pem", &key);
    idp.write("cert.pem", &cert);
    cert
}

/// Waits until a refused certificate is in the log, at least so many times.
async fn reported(served: &Served, times: usize) {
    served.signal("-HUP");
    let said = async || served.log().matches("the old certificate stays in force").count() >= times;
    until("the broken certificate is reported", said).await;
}
