//! What a connection without a password showed, and which setting would help: the port, the CA, or the name
//! in the certificate.

use super::anchor::{Anchor, anchor, pem};
use crate::domain::Millis;
use crate::domain::doctor::facts::{Certificate, Handshake, Reach, TlsProblem};
use crate::domain::settings::{Directory, Encryption};
use crate::flow::settings::fingerprint;

/// What to do after a connection without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// TLS works and the certificate is valid: a password may be sent.
    Bind,
    /// Nothing answers on port 636, and no port was given: try StartTLS on port 389.
    StartTls,
    /// No CA that this machine trusts issued the certificate. The CA's certificate, if the server sent it.
    TrustCa(Option<Anchor>),
    /// The certificate is valid for these names only.
    ChooseName(Vec<String>),
    /// No setting would help.
    GiveUp,
}

/// What the connection to the first server of these settings calls for.
#[must_use]
pub fn next_step(directory: &Directory, reach: &Reach) -> NextStep {
    let Some(handshake) = reach.tls.as_ref().filter(|_| reach.connected == Some(Ok(()))) else {
        let has_default_port = directory.servers.first().is_some_and(|server| server.port.is_none());
        let may_fall_back = directory.encryption == Encryption::Ldaps && has_default_port;
        return if may_fall_back && reach.addresses.is_ok() { NextStep::StartTls } else { NextStep::GiveUp };
    };
    match &handshake.problem {
        None => NextStep::Bind,
        Some(TlsProblem::UnknownIssuer) if directory.ca_pem.is_none() => NextStep::TrustCa(anchor(handshake)),
        Some(TlsProblem::WrongName) => NextStep::ChooseName(names(handshake)),
        Some(_) => NextStep::GiveUp,
    }
}

fn names(handshake: &Handshake) -> Vec<String> {
    handshake.chain.first().map(|certificate| certificate.names.clone()).unwrap_or_default()
}

/// Sets the name that the first server's certificate must contain. False if it already is that name, which
/// the certificate does not contain.
#[must_use]
pub fn set_tls_name(directory: &mut Directory, name: &str) -> bool {
    match directory.servers.first_mut() {
        Some(server) if server.tls_name.as_deref() == Some(name) => false,
        Some(server) => {
            server.tls_name = Some(name.to_owned());
            true
        }
        None => true,
    }
}

/// Compares fingerprints as tools write them: with colons, spaces or neither, in either case.
#[must_use]
pub fn is_fingerprint(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace([':', ' '], "").to_uppercase();
    plain(one) == plain(other)
}

/// A certificate that a server has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCertificate {
    pub subject: String,
    pub names: Vec<String>,
    pub issuer: String,
    pub not_before: Millis,
    pub not_after: Millis,
    /// SHA-256, as [`fingerprint`] writes it.
    pub fingerprint: String,
}

/// The certificates that a server has sent, its own first.
#[must_use]
pub fn sent(handshake: &Handshake) -> Vec<SentCertificate> {
    let one = |(certificate, encoded): (&Certificate, &Vec<u8>)| SentCertificate {
        subject: certificate.subject.clone(),
        names: certificate.names.clone(),
        issuer: certificate.issuer.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        fingerprint: fingerprint(encoded),
    };
    handshake.chain.iter().zip(&handshake.encoded).map(one).collect()
}

/// True if the chain contains the certificate with this fingerprint.
#[must_use]
pub fn chain_has(handshake: &Handshake, wanted: &str) -> bool {
    handshake.encoded.iter().any(|encoded| is_fingerprint(&fingerprint(encoded), wanted))
}

/// A certificate as PEM; DER, as Windows exports it, is converted.
#[must_use]
pub fn ca_pem(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => text.to_owned(),
        _ => pem(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Server;

    fn directory(port: Option<u16>, encryption: Encryption) -> Directory {
        let server = Server { host: "dc1.x".to_owned(), port, tls_name: None, via: None };
        Directory { servers: vec![server], encryption, ..Directory::default() }
    }

    fn reach(connected: Option<Result<(), String>>, problem: Option<TlsProblem>) -> Reach {
        let own = Certificate {
            subject: "CN=dc1".to_owned(),
            issuer: "CN=CA".to_owned(),
            names: vec!["dc1.other".to_owned()],
            not_before: 0,
            not_after: 0,
            key: String::new(),
        };
        let (chain, encoded) = (vec![own], vec![b"own".to_vec()]);
        let handshake = Handshake { problem, chain, encoded, ..Handshake::default() };
        Reach {
            server: "dc1.x:636".to_owned(),
            host: "dc1.x".to_owned(),
            tls_name: "dc1.x".to_owned(),
            addresses: Ok(vec!["10.0.0.1".to_owned()]),
            agents: None,
            not_allowed: None,
            tls: (connected == Some(Ok(()))).then_some(handshake),
            connected,
            start_tls: None,
        }
    }

    #[test]
    fn each_failure_calls_for_its_setting() {
        let plain = directory(None, Encryption::Ldaps);
        let with_ca = Directory { ca_pem: Some("PEM".to_owned()), ..plain.clone() };
        let closed = || Some(Err("refused".to_owned()));
        let open = |problem| reach(Some(Ok(())), problem);
        let names = || NextStep::ChooseName(vec!["dc1.other".to_owned()]);
        for (settings, seen, expected) in [
            (&plain, open(None), NextStep::Bind),
            (&plain, open(Some(TlsProblem::UnknownIssuer)), NextStep::TrustCa(None)),
            // With a CA of their own, no other is offered.
            (&with_ca, open(Some(TlsProblem::UnknownIssuer)), NextStep::GiveUp),
            (&plain, open(Some(TlsProblem::WrongName)), names()),
            (&plain, open(Some(TlsProblem::Timeout)), NextStep::GiveUp),
            (&plain, reach(closed(), None), NextStep::StartTls),
            (&directory(Some(636), Encryption::Ldaps), reach(closed(), None), NextStep::GiveUp),
            (&directory(None, Encryption::StartTls), reach(closed(), None), NextStep::GiveUp),
        ] {
            assert_eq!(next_step(settings, &seen), expected, "{seen:?}");
        }
        let nowhere = Reach { addresses: Err("NXDOMAIN".to_owned()), ..reach(None, None) };
        assert_eq!(next_step(&plain, &nowhere), NextStep::GiveUp);
    }

    #[test]
    fn a_name_is_set_once() {
        let mut directory = directory(None, Encryption::Ldaps);
        assert!(set_tls_name(&mut directory, "dc1.other"));
        assert!(!set_tls_name(&mut directory, "dc1.other"));
    }

    #[test]
    fn fingerprints_are_compared_as_tools_write_them() {
        assert!(is_fingerprint("AB:CD", "ab cd") && is_fingerprint("ABCD", "ab:cd"));
        assert!(!is_fingerprint("AB:CD", "AB:CE") && !is_fingerprint("AB:CD", ""));
        let seen = reach(Some(Ok(())), None);
        let handshake = seen.tls.expect("a handshake");
        assert!(
            chain_has(&handshake, &fingerprint(b"own")) && !chain_has(&handshake, &fingerprint(b"other"))
        );
    }

    #[test]
    fn der_becomes_pem_and_pem_stays_as_it_is() {
        let text = pem(b"\x30\x82\xff");
        assert_eq!(ca_pem(b"\x30\x82\xff"), text);
        assert_eq!(ca_pem(text.as_bytes()), text);
    }
}
