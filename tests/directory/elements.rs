//! Servers that announce oversized messages: the connection ends at the announcement, and nothing is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cloudsync_idp::directory::{DirectoryError, LdapFault};
use cloudsync_idp::domain::settings::{self, Server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::{deadline, ldap_settings, name, open};
use crate::support::lab;
use crate::support::relay::swell;

const NAME: &str = "ldap.example.com";

/// A TLS server that responds to its first request with a message of two gigabytes; its port, its CA and the
/// bytes taken.
async fn swelling() -> (u16, String, Arc<AtomicUsize>) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("a CA");
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new([NAME.to_owned()]).expect("a name");
    let own = own.signed_by(&key, &ca).expect("a certificate");
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .expect("a certificate with its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (acceptor, counter) = (acceptor.clone(), counter.clone());
            tokio::spawn(async move {
                let Ok(mut client) = acceptor.accept(client).await else { return };
                let mut request = [0; 4096];
                if client.read(&mut request).await.is_ok_and(|read| read > 0) {
                    swell(&mut client, &counter).await;
                }
            });
        }
    });
    (port, ca.pem(), taken)
}

#[tokio::test]
async fn a_message_of_two_gigabytes_is_not_taken() {
    let (port, ca, taken) = swelling().await;
    let settings = settings::Directory {
        servers: vec![Server {
            host: "127.0.0.1".into(),
            port: Some(port),
            tls_name: Some(NAME.into()),
            via: None,
        }],
        ca_pem: Some(ca),
        operation_timeout_ms: 30_000,
        connect_timeout_ms: 30_000,
        ..ldap_settings(lab::ldap())
    };
    let before = Instant::now();
    let answer = open(lab::ldap(), &settings).find(&name("alice"), deadline()).await;
    let Err(DirectoryError::Unavailable(faults)) = answer else { panic!("{answer:?}") };
    let reported =
        |fault: &LdapFault| matches!(fault, LdapFault::Garbage(text) if text.contains("2147483647 bytes"));
    assert!(faults.iter().any(|met| reported(&met.fault)), "{faults:?}");
    assert!(before.elapsed() < Duration::from_secs(5), "at the announcement: {:?}", before.elapsed());
    let taken = taken.load(Ordering::SeqCst);
    assert!(taken < 16 * 1024 * 1024, "what the sockets hold, and no more: {taken}");
}
