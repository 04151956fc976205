//! Check the TLS session of a service, and the remaining days of its certificates.

use crate::domain::doctor::facts::{Certificate, Handshake, Reach, TlsProblem};
use crate::domain::doctor::{self, Finding, Severity};
use crate::domain::{Millis, timestamp};

/// Whether chain and name are valid; `None` if it was not tried.
#[must_use]
pub fn handshake(reach: &Reach) -> Option<Finding> {
    let shake = reach.tls.as_ref()?;
    let new = |verdict, what: &str| Finding::new("tls", verdict, what).at(&reach.server);
    let Some(problem) = &shake.problem else {
        let agreed: Vec<&str> =
            [&shake.protocol, &shake.suite].into_iter().filter_map(|one| one.as_deref()).collect();
        let what = "TLS works: chain and host name are valid";
        return Some(new(Severity::Ok, what).seen(format!("{} for {}", agreed.join(", "), reach.tls_name)));
    };
    let (what, evidence, fix) = described(problem, shake, &reach.tls_name);
    Some(new(Severity::Error, what).seen(evidence).fix(fix))
}

fn described(problem: &TlsProblem, shake: &Handshake, name: &str) -> (&'static str, String, &'static str) {
    let own = shake.chain.first();
    match problem {
        TlsProblem::UnknownIssuer => (
            "no trusted CA signed the certificate",
            own.map_or_else(String::new, |own| format!("{}, signed by {}", own.subject, own.issuer)),
            "Set the certificate of the CA that signed it as ca_pem of this service. If a proxy of your company opens TLS \
             connections, it is the proxy's CA.",
        ),
        TlsProblem::WrongName => (
            "the certificate is for another name",
            format!("expected {name}, the certificate has {}", names(own)),
            "Check the name in the address of the service: the certificate shows which names are right.",
        ),
        TlsProblem::Dates(how) => (
            "a certificate of the service is not valid today",
            own.map_or_else(|| how.clone(), dates),
            "The service has to renew its certificate; if the dates are right, correct the clock of this machine.",
        ),
        TlsProblem::NotTls(how) => (
            "the response on this port is not TLS",
            how.clone(),
            "Check the port in the address: https is usually 443.",
        ),
        TlsProblem::OldVersion(how) => (
            "the service supports only TLS versions that are too old",
            how.clone(),
            "The service has to support TLS 1.2 or 1.3: older versions are insecure.",
        ),
        TlsProblem::NoSharedSuite => (
            "the service shares no TLS suite with us",
            "alert handshake_failure".to_owned(),
            "The service has to support TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20.",
        ),
        TlsProblem::Timeout => (
            "the service does not finish the TLS handshake in time",
            String::new(),
            "Check that no firewall or proxy delays the connection.",
        ),
        TlsProblem::Certificate(how) => (
            "the certificate can't be used",
            how.clone(),
            "The service needs a certificate for server authentication, signed with SHA-256 or better.",
        ),
        TlsProblem::HungUp(how) | TlsProblem::Other(how) => (
            "TLS fails",
            how.clone(),
            "Check that a TLS server is on this port, and that no firewall cuts the connection off.",
        ),
    }
}

fn names(own: Option<&Certificate>) -> String {
    own.filter(|own| !own.names.is_empty()).map_or_else(|| "no name".to_owned(), |own| own.names.join(", "))
}

fn dates(own: &Certificate) -> String {
    format!("{}: {} to {}", own.subject, timestamp(own.not_before), timestamp(own.not_after))
}

/// The remaining days of each certificate of the chain. None of them is ours to renew, so a few days left are a warning
/// only.
#[must_use]
pub fn certificates(reach: &Reach, now: Millis) -> Vec<Finding> {
    let ours = |finding: Finding| Finding {
        fix: finding
            .fix
            .map(|_| "The service has to renew it: from that day on nothing is delivered.".to_owned()),
        ..finding
    };
    doctor::certificates(reach, now).into_iter().map(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DAY;

    fn reach(problem: Option<TlsProblem>) -> Reach {
        let own = Certificate {
            subject: "CN=other".into(),
            issuer: "CN=ca".into(),
            names: vec!["other.example.com".into()],
            not_before: 0,
            not_after: 100 * DAY,
            key: "ECDSA".into(),
        };
        Reach {
            server: "scim.example.com:443".into(),
            host: "scim.example.com".into(),
            tls_name: "scim.example.com".into(),
            addresses: Ok(Vec::new()),
            agents: None,
            not_allowed: None,
            connected: Some(Ok(())),
            start_tls: None,
            tls: Some(Handshake {
                protocol: Some("TLSv1.3".into()),
                chain: vec![own],
                problem,
                ..Handshake::default()
            }),
        }
    }

    #[test]
    fn each_failure_has_its_own_text_and_fix() {
        for (problem, what, evidence, fix) in [
            (TlsProblem::UnknownIssuer, "no trusted CA", "signed by CN=ca", "ca_pem"),
            (TlsProblem::WrongName, "another name", "other.example.com", "name in the address"),
            (TlsProblem::Dates("over".into()), "not valid today", "1970-04-11", "renew"),
            (TlsProblem::NotTls("HTTP".into()), "not TLS", "HTTP", "443"),
            (TlsProblem::OldVersion("alert".into()), "too old", "alert", "TLS 1.2"),
            (TlsProblem::NoSharedSuite, "no TLS suite", "handshake_failure", "ECDHE"),
            (TlsProblem::Certificate("ca".into()), "can't be used", "ca", "SHA-256"),
            (TlsProblem::HungUp("reset".into()), "TLS fails", "reset", "firewall"),
        ] {
            let finding = handshake(&reach(Some(problem))).expect("a finding");
            let has =
                |text: &Option<String>, part: &str| text.as_ref().is_some_and(|text| text.contains(part));
            assert_eq!(finding.verdict, Severity::Error);
            assert!(finding.what.contains(what) && has(&finding.evidence, evidence), "{finding:?}");
            assert!(has(&finding.fix, fix), "{finding:?}");
        }
        assert_eq!(handshake(&reach(None)).map(|finding| finding.verdict), Some(Severity::Ok));
        assert_eq!(handshake(&Reach { tls: None, ..reach(None) }), None);
        let soon = certificates(&reach(None), 95 * DAY);
        assert!(soon[0].fix.as_ref().is_some_and(|fix| fix.contains("delivered")), "{soon:?}");
    }
}
