//! Find the certificate that an administrator may trust: the last one of the chain that a server sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::doctor::facts::Handshake;
use crate::flow::settings::fingerprint;

/// A CA that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub subject: String,
    /// Its SHA-256, as [`fingerprint`] writes it.
    pub fingerprint: String,
    pub pem: String,
}

/// The top of the chain that a server sent. Nothing if it sent only its own certificate, signed by another:
/// the signer's must come from elsewhere.
#[must_use]
pub fn anchor(handshake: &Handshake) -> Option<Anchor> {
    let (certificate, encoded) = (handshake.chain.last()?, handshake.encoded.last()?);
    let is_alone = handshake.chain.len() == 1 || handshake.encoded.len() != handshake.chain.len();
    if is_alone && certificate.subject != certificate.issuer {
        return None;
    }
    let subject = certificate.subject.clone();
    Some(Anchor { subject, fingerprint: fingerprint(encoded), pem: pem(encoded) })
}

/// RFC 7468 section 5.
#[must_use]
pub fn pem(encoded: &[u8]) -> String {
    const LINE: usize = 64;
    let text = STANDARD.encode(encoded);
    let lines: Vec<&str> =
        (0..text.len()).step_by(LINE).filter_map(|at| text.get(at..(at + LINE).min(text.len()))).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::doctor::facts::Certificate;

    fn certificate(subject: &str, issuer: &str) -> Certificate {
        let (subject, issuer) = (subject.to_owned(), issuer.to_owned());
        Certificate { subject, issuer, names: vec![], not_before: 0, not_after: 0, key: String::new() }
    }

    #[test]
    fn a_ca_is_offered_only_where_it_was_sent() {
        let leaf = certificate("CN=dc1", "CN=CA");
        for (chain, offered) in [
            (vec![leaf.clone()], None),
            (vec![leaf.clone(), certificate("CN=CA", "CN=CA")], Some("CN=CA")),
            (vec![leaf, certificate("CN=Sub", "CN=Root")], Some("CN=Sub")),
            (vec![certificate("CN=self", "CN=self")], Some("CN=self")),
            (vec![], None),
        ] {
            let encoded = chain.iter().map(|one| one.subject.clone().into_bytes()).collect();
            let handshake = Handshake { chain, encoded, ..Handshake::default() };
            assert_eq!(anchor(&handshake).map(|anchor| anchor.subject).as_deref(), offered);
        }
    }

    #[test]
    fn a_certificate_is_written_as_other_tools_write_it() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = rcgen::CertificateParams::new(["a".to_owned()]).expect("a name").self_signed(&key);
        let made = made.expect("a certificate");
        assert_eq!(pem(made.der()).replace('\r', ""), made.pem().replace('\r', ""));
        let print = fingerprint(b"");
        assert!(print.starts_with("E3:B0:C4:42:98:FC") && print.len() == 95, "{print}");
    }
}
