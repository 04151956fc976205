//! Check the CA certificates of a directory when they are set, so that no sign-in fails by a broken one.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Refuses a text without certificates, one that can't be parsed, and one with a private key, since the text
/// is stored and exported as it is.
pub(super) fn check(pem: &str) -> Result<(), String> {
    if pem.contains("PRIVATE KEY-----") {
        return Err("holds a private key; give the CA's certificate alone".to_owned());
    }
    let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| "is not PEM: a block is cut off or not base64".to_owned())?;
    if certificates.is_empty() {
        return Err("holds no certificate; a block begins with -----BEGIN CERTIFICATE-----".to_owned());
    }
    let mut roots = RootCertStore::empty();
    for (index, certificate) in certificates.into_iter().enumerate() {
        roots
            .add(certificate)
            .map_err(|_| format!("certificate number {} can't be read as X.509", index + 1))?;
    }
    Ok(())
}
