//! TLS: the chain and the name are always verified, and StartTLS never falls back to clear text.

use cloudsync_idp::directory::{Directory, DirectoryConfigError, DirectoryError, LdapFault};
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::settings::{self, Encryption, Server};

use super::{deadline, ldap_settings, name, one, open, plain_settings};
use crate::support::lab;
use crate::support::relay;

fn start_tls(host: &str, port: u16) -> settings::Directory {
    let lab = lab::ldap();
    settings::Directory {
        encryption: Encryption::StartTls,
        servers: vec![Server {
            host: host.into(),
            port: Some(port),
            tls_name: Some(lab.host_name.clone()),
            via: None,
        }],
        ..ldap_settings(lab)
    }
}

/// The fault of the only server.
async fn fault(settings: &settings::Directory) -> LdapFault {
    let directory = open(lab::ldap(), settings);
    match directory.find(&name("alice"), deadline()).await {
        Err(DirectoryError::Unavailable(faults)) => faults.into_iter().next().expect("a fault").fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn start_tls_serves() {
    let directory = open(lab::ldap(), &start_tls(&lab::ldap().addr, lab::ldap().port));
    assert_eq!(one(&directory, "alice").await.login_name, "alice");
}

#[tokio::test]
async fn a_server_that_starts_no_tls_is_a_failed_server() {
    let no = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00";
    assert!(matches!(
        fault(&start_tls("127.0.0.1", relay::always_sends(no).await)).await,
        LdapFault::StartTls(_)
    ));
    let yes_in_name_only = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
    let port = relay::always_sends(yes_in_name_only).await;
    assert!(matches!(fault(&start_tls("127.0.0.1", port)).await, LdapFault::Tls(_)));
}

#[tokio::test]
async fn another_name_is_refused() {
    let mut settings = ldap_settings(lab::ldap());
    settings.servers[0].tls_name = Some("other.example.org".into());
    assert!(matches!(fault(&settings).await, LdapFault::Tls(_)));
    settings.servers[0].tls_name = None; // the address, which the certificate does not carry
    assert!(matches!(fault(&settings).await, LdapFault::Tls(_)));
}

#[tokio::test]
async fn another_ca_is_refused() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let other = rcgen::CertificateParams::new(["ca".to_owned()]).expect("names").self_signed(&key);
    let ca_pem = Some(other.expect("a certificate").pem());
    assert!(matches!(
        fault(&settings::Directory { ca_pem, ..ldap_settings(lab::ldap()) }).await,
        LdapFault::Tls(_)
    ));
}

#[tokio::test]
async fn clear_text_is_for_loopback_alone() {
    let lab = lab::ldap();
    let directory = open(lab, &plain_settings(lab, &[(lab.addr.as_str(), lab.port)]));
    assert_eq!(one(&directory, "alice").await.login_name, "alice");
    let refused = Directory::new(&plain_settings(lab, &[("192.0.2.1", 389)]), Plain::new("x"));
    assert!(matches!(refused, Err(DirectoryConfigError::NotLoopback(_))));
}
