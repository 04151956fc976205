//! Check the TLS session, and the remaining days of each certificate.

use super::facts::{Certificate, Handshake, Reach, TlsProblem};
use super::{Finding, Severity};
use crate::domain::expiry::WARNINGS;
use crate::domain::{DAY, Millis, timestamp};

/// A certificate with fewer days left causes a warning.
const SOON: Millis = WARNINGS[0];

/// The response to StartTLS; `None` if it was not sent.
#[must_use]
pub fn start_tls(reach: &Reach) -> Option<Finding> {
    let new = |verdict, what: &str| Finding::new("start_tls", verdict, what).at(&reach.server);
    Some(match reach.start_tls.as_ref()? {
        Ok(()) => new(Severity::Ok, "the server supports StartTLS"),
        Err(why) => new(Severity::Error, "the server does not support StartTLS").seen(why).fix(
            "Give the server a certificate for server authentication (a domain controller without one can't start TLS), or \
             set encryption = \"ldaps\" with port 636.",
        ),
    })
}

/// Whether a TLS session was established, and its parameters; `None` if it was not tried.
#[must_use]
pub fn handshake(reach: &Reach) -> Option<Finding> {
    let shake = reach.tls.as_ref()?;
    let Some(problem) = &shake.problem else {
        let agreed = [shake.protocol.as_deref(), shake.suite.as_deref()];
        let what = "TLS works: chain and host name are valid";
        let evidence: Vec<&str> = agreed.into_iter().flatten().collect();
        let carries = format!("{} for {}", evidence.join(", "), reach.tls_name);
        return Some(Finding::new("tls", Severity::Ok, what).at(&reach.server).seen(carries));
    };
    let (what, evidence, fix) = describe(problem, shake, &reach.tls_name);
    Some(Finding::new("tls", Severity::Error, what).at(&reach.server).seen(evidence).fix(fix))
}

/// The suites that the server shares with us; `None` without a session.
#[must_use]
pub fn suites(reach: &Reach) -> Option<Finding> {
    let shake = reach.tls.as_ref().filter(|shake| shake.problem.is_none())?;
    let agreed: Vec<&str> = shake.suite.iter().map(String::as_str).collect();
    let others = shake.shared.iter().map(String::as_str).filter(|suite| !agreed.contains(suite));
    let all: Vec<&str> = agreed.iter().copied().chain(others).collect();
    let what = match all.len() {
        1 => "the server shares one TLS suite with us".to_owned(),
        many => format!("the server shares {many} TLS suites with us"),
    };
    Some(Finding::new("tls_suites", Severity::Ok, what).at(&reach.server).seen(all.join(", ")))
}

fn describe(problem: &TlsProblem, shake: &Handshake, tls_name: &str) -> (&'static str, String, String) {
    let own = shake.chain.first();
    match problem {
        TlsProblem::NoSharedSuite => (
            "the server shares no TLS suite with us",
            "alert handshake_failure; we offer TLS 1.3, and TLS 1.2 with ECDHE and AES-GCM or ChaCha20".to_owned(),
            NO_SUITE.to_owned(),
        ),
        TlsProblem::HungUp(how) => (
            "the server closes the connection at our TLS ClientHello",
            how.clone(),
            format!("If this is port 389, set port = 636 or encryption = \"start_tls\". A domain controller \
                without a certificate closes the connection as well. Otherwise no suite is shared. \
                {NO_SUITE}"),
        ),
        TlsProblem::OldVersion(how) => (
            "the server supports only TLS versions that are too old",
            how.clone(),
            "Enable TLS 1.2 on the server: older versions are insecure and not supported here.".to_owned(),
        ),
        TlsProblem::NotTls(how) => (
            "the response on this port is not TLS",
            how.clone(),
            "LDAPS is usually port 636; on port 389 set encryption = \"start_tls\".".to_owned(),
        ),
        TlsProblem::Dates(how) => (
            "a certificate of the server is not valid today",
            dates(own).unwrap_or_else(|| how.clone()),
            "Renew the certificate; if its dates are right, correct the clock of this machine.".to_owned(),
        ),
        TlsProblem::UnknownIssuer => unknown_issuer(own),
        TlsProblem::WrongName => (
            "the certificate is for another name",
            format!("expected {tls_name}, the certificate has {}", carried(own)),
            "Set tls_name of this server to a name in the certificate, or issue a certificate with this name.".to_owned(),
        ),
        TlsProblem::Certificate(how) => (
            "the certificate can't be used",
            how.clone(),
            "Issue one for server authentication, signed with SHA-256 or better by the CA in ca_file.".to_owned(),
        ),
        TlsProblem::Other(how) => {
            ("TLS fails", how.clone(), "Check the log of the server for this time.".to_owned())
        }
        TlsProblem::Timeout => (
            "the server does not finish the TLS handshake in time",
            "no answer".to_owned(),
            "Check whether the server is overloaded, or raise connect_timeout_ms.".to_owned(),
        ),
    }
}

/// Before Windows Server 2016, Schannel at TLS 1.2 has no suite with both ECDHE and AES-GCM for RSA
/// certificates.
const NO_SUITE: &str = "Windows Server 2012 R2 with an RSA certificate shares no TLS 1.2 suite with us: give \
                        the server an ECDSA certificate (P-256), or upgrade Windows.";

fn unknown_issuer(own: Option<&Certificate>) -> (&'static str, String, String) {
    let self_signed = own.is_some_and(|own| own.subject == own.issuer);
    let what = match self_signed {
        true => "the certificate is self-signed and not trusted",
        false => "no trusted CA signed the certificate",
    };
    let evidence = own.map_or("no certificate was read".to_owned(), |own| {
        format!("{}, signed by {}", own.subject, own.issuer)
    });
    (
        what,
        evidence,
        "Put the certificate of the CA that signed it into ca_file (or ca_pem); do not disable the check."
            .to_owned(),
    )
}

fn dates(own: Option<&Certificate>) -> Option<String> {
    own.map(|own| format!("{}: {} to {}", own.subject, timestamp(own.not_before), timestamp(own.not_after)))
}

fn carried(own: Option<&Certificate>) -> String {
    match own {
        Some(own) if !own.names.is_empty() => own.names.join(", "),
        _ => "no name".to_owned(),
    }
}

/// The remaining days of each certificate in the chain.
#[must_use]
pub fn certificates(reach: &Reach, now: Millis) -> Vec<Finding> {
    let chain = reach.tls.iter().flat_map(|shake| &shake.chain);
    chain.map(|certificate| dated(certificate, now).at(&reach.server)).collect()
}

/// The remaining days of a CA certificate in the settings.
#[must_use]
pub fn authority(certificate: &Certificate, now: Millis) -> Finding {
    let finding = dated(certificate, now);
    let fix = finding
        .fix
        .as_ref()
        .map(|_| "Add the CA's new certificate to ca_file, next to the old one.".to_owned());
    Finding { check: "authority", fix, ..finding }
}

fn dated(certificate: &Certificate, now: Millis) -> Finding {
    let left = (certificate.not_after - now).div_euclid(DAY);
    let name = match certificate.names.first() {
        Some(name) => format!("the certificate for {name}"),
        None => format!("the certificate of {}", certificate.subject),
    };
    let (verdict, what) = match left {
        _ if now < certificate.not_before => (Severity::Error, format!("{name} is not valid yet")),
        _ if now > certificate.not_after => (Severity::Error, format!("{name} has expired")),
        ..SOON => (Severity::Warning, format!("{name} has {left} days left")),
        _ => (Severity::Ok, format!("{name} has {left} days left")),
    };
    let (from, to) = (timestamp(certificate.not_before), timestamp(certificate.not_after));
    let evidence = format!("{} key, {from} to {to}, signed by {}", certificate.key, certificate.issuer);
    let finding = Finding::new("certificate", verdict, what).seen(evidence);
    if verdict == Severity::Ok {
        finding
    } else {
        finding.fix("Renew it: from that day on nobody can sign in by this server.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(subject: &str, issuer: &str, days: Millis) -> Certificate {
        Certificate {
            subject: subject.into(),
            issuer: issuer.into(),
            names: vec!["dc1.x".into()],
            not_before: 0,
            not_after: days * DAY,
            key: "RSA".into(),
        }
    }

    fn reach(chain: Vec<Certificate>, problem: Option<TlsProblem>) -> Reach {
        let (protocol, suite) = (Some("TLSv1.3".into()), Some("TLS13_AES_256_GCM_SHA384".into()));
        Reach {
            server: "dc1:636".into(),
            host: "dc1".into(),
            tls_name: "dc2.x".into(),
            addresses: Ok(vec![]),
            agents: None,
            not_allowed: None,
            connected: Some(Ok(())),
            start_tls: None,
            tls: Some(Handshake {
                protocol,
                suite,
                shared: vec!["TLS_ECDHE_A".into()],
                chain,
                encoded: vec![],
                problem,
            }),
        }
    }

    #[test]
    fn each_failure_has_its_own_text_and_fix() {
        let own = certificate("CN=dc1", "CN=dc1", 100);
        let table = [
            (TlsProblem::NoSharedSuite, "shares no TLS suite", "handshake_failure", "ECDSA"),
            (TlsProblem::HungUp("reset".into()), "closes the connection", "reset", "ECDSA"),
            (TlsProblem::OldVersion("protocol_version".into()), "too old", "protocol_version", "TLS 1.2"),
            (TlsProblem::NotTls("HTTP".into()), "not TLS", "HTTP", "start_tls"),
            (TlsProblem::Dates("over".into()), "not valid today", "1970-04-11", "Renew"),
            (TlsProblem::UnknownIssuer, "self-signed", "signed by CN=dc1", "ca_file"),
            (TlsProblem::WrongName, "another name", "expected dc2.x, the certificate has dc1.x", "tls_name"),
            (TlsProblem::Timeout, "in time", "no answer", "connect_timeout_ms"),
        ];
        for (problem, what, evidence, fix) in table {
            let finding = handshake(&reach(vec![own.clone()], Some(problem))).expect("a finding");
            assert_eq!(finding.verdict, Severity::Error);
            assert!(finding.what.contains(what), "{finding:?}");
            assert!(finding.evidence.as_ref().is_some_and(|text| text.contains(evidence)), "{finding:?}");
            assert!(finding.fix.as_ref().is_some_and(|text| text.contains(fix)), "{finding:?}");
        }
        assert_eq!(suites(&reach(Vec::new(), Some(TlsProblem::Timeout))), None);
        let good = handshake(&reach(vec![own.clone()], None)).expect("a finding");
        assert_eq!(good.verdict, Severity::Ok);
        let shared = suites(&reach(vec![own], None)).expect("a finding");
        assert_eq!(shared.evidence.as_deref(), Some("TLS13_AES_256_GCM_SHA384, TLS_ECDHE_A"));
        assert!(shared.verdict == Severity::Ok && shared.what.contains("2 TLS suites"), "{shared:?}");
    }

    #[test]
    fn days_are_counted_to_the_end() {
        let table = [
            (100 * DAY + 1, Severity::Error),
            (100 * DAY, Severity::Warning),
            (71 * DAY, Severity::Warning),
            (70 * DAY, Severity::Ok),
            (-1, Severity::Error),
        ];
        for (now, expected) in table {
            let chain = vec![certificate("CN=dc1", "CN=ca", 100)];
            let findings = certificates(&reach(chain, None), now);
            assert_eq!(findings.first().map(|finding| finding.verdict), Some(expected), "{now}");
            assert_eq!(authority(&certificate("CN=ca", "CN=ca", 100), now).verdict, expected);
        }
    }
}
