//! Read a certificate for display. Only the TLS library decides whether it is valid.

use std::net::{Ipv4Addr, Ipv6Addr};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::domain::SECOND;
use crate::domain::doctor::facts::Certificate;

/// Parses a certificate; `None` for invalid data (RFC 5280 section 4.1).
#[must_use]
pub fn read(der: &[u8]) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let validity = parsed.validity();
    let millis = |seconds: i64| seconds.saturating_mul(SECOND);
    Some(Certificate {
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        names: names(&parsed),
        not_before: millis(validity.not_before.timestamp()),
        not_after: millis(validity.not_after.timestamp()),
        key: key(&parsed),
    })
}

/// RFC 6125 section 6.4.4: only the alternative names count.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|extension| &extension.value.general_names);
    names.filter_map(name).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(Ipv4Addr::new(*a, *b, *c, *d).to_string()),
            bytes => <[u8; 16]>::try_from(bytes).ok().map(|bytes| Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    }
}

fn key(certificate: &X509Certificate<'_>) -> String {
    match certificate.public_key().algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => "RSA".to_owned(),
        "1.2.840.10045.2.1" => "ECDSA".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_certificate_shows_its_names_and_validity() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let names = ["dc1.example.com".to_owned(), "10.0.0.1".to_owned(), "::1".to_owned()];
        let mut wanted = rcgen::CertificateParams::new(names).expect("names");
        wanted.distinguished_name.push(rcgen::DnType::CommonName, "dc1");
        wanted.not_before = rcgen::date_time_ymd(2026, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(2027, 1, 1);
        let made = wanted.self_signed(&key).expect("a certificate");
        let read = read(made.der()).expect("readable");
        assert_eq!((read.subject.as_str(), read.key.as_str()), ("CN=dc1", "ECDSA"));
        assert_eq!(read.names, ["dc1.example.com", "10.0.0.1", "::1"]);
        assert_eq!((read.not_before, read.not_after), (1_767_225_600_000, 1_798_761_600_000));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_damaged_certificate_does_not_panic(at in 0usize..400, byte: u8) {
            let key = rcgen::KeyPair::generate().expect("a key");
            let made = rcgen::CertificateParams::new(["a".to_owned()]).expect("a name").self_signed(&key);
            let mut der = made.expect("a certificate").der().to_vec();
            if let Some(place) = der.get_mut(at) {
                *place = byte;
            }
            let _ = read(&der);
        }
    }
}
