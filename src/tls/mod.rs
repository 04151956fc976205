//! The TLS configuration of connections to directories and services: an own CA or the system's, chain and name
//! always verified, TLS 1.2 or newer. For the doctor and for tests, a handshake whose certificates are recorded.

mod certificate;
mod handshake;

use std::sync::{Arc, LazyLock};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

pub use self::certificate::read as read_certificate;
pub(crate) use self::handshake::{handshake, name_of, suites};

/// Why the trusted CAs can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UnusableCertificates(String);

/// Builds the configuration with an explicit crypto provider, so that nothing depends on a process-wide
/// default.
pub(crate) fn client_config(ca_pem: Option<&str>) -> Result<Arc<ClientConfig>, UnusableCertificates> {
    let roots = roots(ca_pem)?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| unusable(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The trusted CAs: those of the settings, or else the system's.
pub(crate) fn roots(ca_pem: Option<&str>) -> Result<RootCertStore, UnusableCertificates> {
    match ca_pem {
        Some(pem) => own_roots(pem),
        None => system_roots(),
    }
}

fn own_roots(pem: &str) -> Result<RootCertStore, UnusableCertificates> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() { Err(unusable(&"no certificate in the PEM text")) } else { Ok(roots) }
}

/// Read once per process: there are more than a hundred of them, and every check of settings uses them.
fn system_roots() -> Result<RootCertStore, UnusableCertificates> {
    static SYSTEM: LazyLock<RootCertStore> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    });
    if SYSTEM.is_empty() {
        Err(unusable(&"the system has no CA certificates: set ca_file"))
    } else {
        Ok(SYSTEM.clone())
    }
}

fn unusable(why: &dyn std::fmt::Display) -> UnusableCertificates {
    UnusableCertificates(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A CA certificate that is not in use.
    fn ca() -> String {
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = rcgen::CertificateParams::new(["ca".to_owned()]).expect("names").self_signed(&key);
        certificate.expect("a certificate").pem()
    }

    #[test]
    fn a_text_without_certificates_is_refused() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(client_config(Some(pem)).is_err(), "{pem:?}");
        }
    }

    #[test]
    fn own_certificates_are_taken() {
        assert!(client_config(Some(&ca())).is_ok());
    }
}
