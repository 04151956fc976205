//! Check names, addresses and ports.

use crate::domain::doctor::facts::Reach;
use crate::domain::doctor::{Finding, NOT_ALLOWED, Severity};

/// Whether the name has an address.
#[must_use]
pub fn name(reach: &Reach) -> Finding {
    let new = |verdict, what: String| Finding::new("name", verdict, what).at(&reach.server);
    let none = |why: &str| {
        new(Severity::Error, "the name has no address".to_owned())
            .seen(why)
            .fix("Check the name in the address of the service, and that this machine's DNS knows it.")
    };
    match &reach.addresses {
        Ok(addresses) if addresses.as_slice() == [reach.host.as_str()] => {
            new(Severity::Ok, "the address has no name to look up".to_owned())
        }
        Ok(addresses) if addresses.is_empty() => none("no A or AAAA record"),
        Ok(addresses) => {
            new(Severity::Ok, format!("{} has an address", reach.host)).seen(addresses.join(", "))
        }
        Err(why) => none(why),
    }
}

/// Whether the address is allowed and the port accepts connections; `None` if it was not tried.
#[must_use]
pub fn port(reach: &Reach) -> Option<Finding> {
    if let Some(why) = &reach.not_allowed {
        let finding = Finding::new(NOT_ALLOWED, Severity::Error, "requests may not be sent to this address");
        return Some(finding.at(&reach.server).seen(why.to_string()).fix(
            "Check the name: it should lead to a public address. If the service is in your own network, name that in \
             private_addresses.",
        ));
    }
    let new = |verdict, what: &str| Finding::new("port", verdict, what).at(&reach.server);
    Some(match reach.connected.as_ref()? {
        Ok(()) => new(Severity::Ok, "the port accepts connections"),
        Err(why) => new(Severity::Error, "the port does not accept connections").seen(why).fix(
            "Check the port in the address (https is usually 443), that the service runs, and that no firewall blocks \
             the way; if there is a proxy, set `proxy`.",
        ),
    })
}

/// Behind a proxy neither the name nor the certificate is seen apart from a request.
#[must_use]
pub fn proxied(server: &str, proxy: &str) -> Finding {
    Finding::new("proxy", Severity::Info, "the proxy looks up the name and connects").at(server).seen(proxy)
}

/// Without TLS only this machine is spoken to.
#[must_use]
pub fn unencrypted(server: &str) -> Finding {
    Finding::new("tls", Severity::Info, "without TLS, since the service is on this machine").at(server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbound::AddressRefusal;

    fn reach(addresses: Result<Vec<String>, String>) -> Reach {
        Reach {
            server: "scim.example.com:443".into(),
            host: "scim.example.com".into(),
            tls_name: "scim.example.com".into(),
            addresses,
            agents: None,
            not_allowed: None,
            connected: None,
            start_tls: None,
            tls: None,
        }
    }

    #[test]
    fn a_name_needs_an_address_that_is_allowed_and_a_port_that_is_open() {
        let found = || Ok(vec!["192.0.2.1".to_owned()]);
        for (addresses, verdict) in [
            (found(), Severity::Ok),
            (Ok(vec!["scim.example.com".into()]), Severity::Ok),
            (Ok(Vec::new()), Severity::Error),
            (Err("NXDOMAIN".into()), Severity::Error),
        ] {
            assert_eq!(name(&reach(addresses.clone())).verdict, verdict, "{addresses:?}");
        }
        assert_eq!(port(&reach(found())), None);
        for (connected, verdict) in [(Ok(()), Severity::Ok), (Err("refused".into()), Severity::Error)] {
            let reach = Reach { connected: Some(connected), ..reach(found()) };
            assert_eq!(port(&reach).map(|finding| finding.verdict), Some(verdict), "{reach:?}");
        }
        let private = AddressRefusal::Private("10.0.0.1".parse().expect("an address"));
        let refused = port(&Reach { not_allowed: Some(private), ..reach(found()) }).expect("a finding");
        assert_eq!((refused.check, refused.verdict), (NOT_ALLOWED, Severity::Error));
        assert!(refused.fix.is_some_and(|fix| fix.contains("private_addresses")));
    }
}
