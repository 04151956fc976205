//! Check names, addresses and ports.

use super::facts::Reach;
use super::{Finding, Severity};

/// The check of an address that an administrator may not have this server connect to.
pub const NOT_ALLOWED: &str = "address";

/// Whether an agent is connected, of a server that is reached through one.
#[must_use]
pub fn agent(reach: &Reach) -> Option<Finding> {
    let new = |verdict, what: &str| Finding::new("agent", verdict, what).at(&reach.server);
    Some(match reach.agents.as_ref()?.as_slice() {
        [] => new(Severity::Error, "no agent of the directory is connected to this process").fix(
            "Start an agent at the company's network; cloudsync-idp agents list shows which are connected. A command on the \
             terminal has no agents: test the connection in the panel.",
        ),
        agents => new(Severity::Ok, "an agent is connected").seen(agents.join(", ")),
    })
}

/// Whether the host has an address; `None` if agents resolve it.
#[must_use]
pub fn name(reach: &Reach) -> Option<Finding> {
    if reach.agents.is_some() {
        return None;
    }
    let new = |verdict, what: String| Finding::new("name", verdict, what).at(&reach.server);
    Some(match &reach.addresses {
        Ok(addresses) if addresses.as_slice() == [reach.host.as_str()] => {
            new(Severity::Ok, "the server is configured by its address".to_owned())
        }
        Ok(addresses) if addresses.is_empty() => no_address(new, "no A or AAAA record"),
        Ok(addresses) => {
            new(Severity::Ok, format!("{} has an address", reach.host)).seen(addresses.join(", "))
        }
        Err(why) => no_address(new, why),
    })
}

fn no_address(new: impl Fn(Severity, String) -> Finding, why: &str) -> Finding {
    new(Severity::Error, "the server's name has no address".to_owned()).seen(why).fix(
        "Fix the record in DNS, or the host in [[directories]] servers; check that this machine uses \
            the domain's DNS.",
    )
}

/// Whether the port accepts connections; `None` if it was not tried.
#[must_use]
pub fn port(reach: &Reach) -> Option<Finding> {
    let new = |verdict, what: &str| Finding::new("port", verdict, what).at(&reach.server);
    if let Some(why) = &reach.not_allowed {
        return Some(
            Finding::new(NOT_ALLOWED, Severity::Error, "a test may not connect to this address").at(&reach.server).seen(why.to_string()).fix(
                "Use a directory server's own address and port (LDAPS is usually port 636, StartTLS 389), or allow \
                 it with outbound_ports or outbound_networks in [admin].",
            ),
        );
    }
    let by_agent = reach.agents.is_some();
    Some(match reach.connected.as_ref()? {
        Ok(()) if by_agent => new(Severity::Ok, "an agent reaches the server"),
        Err(why) if by_agent => new(Severity::Error, "no agent reaches the server").seen(why).fix(
            "Add the server to servers in the agent's configuration, and check that the agent's machine resolves its name and \
             that no firewall between them blocks the port.",
        ),
        Ok(()) => new(Severity::Ok, "the port accepts connections"),
        Err(why) => new(Severity::Error, "the port does not accept connections").seen(why).fix(
            "Check that the server is running and that no firewall blocks the port: LDAPS is usually port \
             636, StartTLS 389.",
        ),
    })
}

/// Warns about a global catalog port: a global catalog holds only part of each entry's attributes.
#[must_use]
pub fn global_catalog(reach: &Reach) -> Option<Finding> {
    let (_, port) = reach.server.rsplit_once(':')?;
    let instead = match port {
        "3268" => "389",
        "3269" => "636",
        _ => return None,
    };
    let what = format!("port {port} is the global catalog, which lacks end dates and complete groups");
    let finding = Finding::new("global_catalog", Severity::Warning, what).at(&reach.server);
    Some(finding.seen("it lacks accountExpires, pwdLastSet and part of memberOf: nobody could sign in").fix(format!(
        "Set port {instead} for this server in [[directories]] servers; for several domains, configure one \
         directory for each."
    )))
}

/// Compares the servers that the domain announces (`_ldap._tcp`, RFC 2782) with those in the settings. `Err`:
/// the DNS error.
#[must_use]
pub fn srv(domain: &str, answer: &Result<Vec<String>, String>, configured: &[String]) -> Finding {
    let asked = format!("_ldap._tcp.{domain}");
    let new = |verdict, what: String| Finding::new("srv", verdict, what);
    let announced = match answer {
        Err(why) => return new(Severity::CantTell, format!("no response to {asked}")).seen(why),
        Ok(announced) if announced.is_empty() => {
            return new(Severity::Info, format!("DNS announces no server under {asked}"))
                .seen("only the configured servers are used, so this has no effect");
        }
        Ok(announced) => announced,
    };
    let known =
        |name: &String| configured.iter().any(|own| own.trim_end_matches('.').eq_ignore_ascii_case(name));
    let unknown: Vec<&str> = announced.iter().filter(|name| !known(name)).map(String::as_str).collect();
    if unknown.is_empty() {
        return new(Severity::Ok, "every announced server is configured".to_owned())
            .seen(announced.join(", "));
    }
    let verdict = if configured.len() == 1 { Severity::Warning } else { Severity::Info };
    let what = match configured.len() {
        1 => "only one server is configured, but the domain has more",
        _ => "the domain has servers that are not configured",
    };
    new(verdict, what.to_owned()).seen(format!("{asked}: {}", unknown.join(", "))).fix(
        "Add a second nearby server to [[directories]] servers (include the PDC emulator), so that one \
            server may fail.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(addresses: Result<Vec<String>, String>, connected: Option<Result<(), String>>) -> Reach {
        Reach {
            server: "dc1:636".into(),
            host: "dc1".into(),
            tls_name: "dc1".into(),
            addresses,
            agents: None,
            not_allowed: None,
            connected,
            start_tls: None,
            tls: None,
        }
    }

    #[test]
    fn a_server_behind_an_agent_is_looked_up_and_dialled_there() {
        let by = |agents: &[&str], connected| {
            let agents = Some(agents.iter().map(|name| (*name).to_owned()).collect());
            Reach { agents, ..reach(Ok(vec![]), connected) }
        };
        let none = by(&[], None);
        assert_eq!((agent(&none).map(|finding| finding.verdict), name(&none)), (Some(Severity::Error), None));
        let two = by(&["hq", "branch"], Some(Ok(())));
        assert_eq!(agent(&two).and_then(|finding| finding.evidence).as_deref(), Some("hq, branch"));
        assert_eq!(port(&two).map(|finding| finding.what).as_deref(), Some("an agent reaches the server"));
        let failed = port(&by(&["hq"], Some(Err("x".into())))).expect("a finding");
        assert_eq!((failed.verdict, failed.evidence.as_deref()), (Severity::Error, Some("x")));
        assert_eq!(agent(&reach(Ok(vec![]), None)), None, "a direct one needs no agent");
    }

    #[test]
    fn an_address_that_is_not_allowed_is_not_called_closed() {
        let refused = Some(crate::domain::outbound::AddressRefusal::Port(22));
        let reach = Reach { not_allowed: refused, ..reach(Ok(vec!["10.0.0.1".into()]), None) };
        let finding = port(&reach).expect("a finding");
        assert_eq!(finding.verdict, Severity::Error);
        assert!(finding.evidence.is_some_and(|text| text.contains("port 22")), "{}", finding.what);
    }

    #[test]
    fn a_global_catalog_port_causes_a_warning() {
        let of = |server: &str| {
            let reach = Reach { server: server.into(), ..reach(Ok(vec![]), None) };
            global_catalog(&reach).map(|finding| (finding.verdict, finding.fix.unwrap_or_default()))
        };
        assert_eq!((of("dc1:636"), of("dc1:389")), (None, None));
        for (server, instead) in [("dc1:3268", "389"), ("[::1]:3269", "636")] {
            let (verdict, fix) = of(server).expect("a finding");
            assert!(verdict == Severity::Warning && fix.starts_with(&format!("Set port {instead}")), "{fix}");
        }
    }

    #[test]
    fn a_name_needs_an_address_and_a_port_must_accept_connections() {
        let name_of = |addresses| name(&reach(addresses, None)).expect("a finding").verdict;
        assert_eq!(name_of(Ok(vec!["10.0.0.1".into()])), Severity::Ok);
        assert_eq!(name_of(Ok(vec!["dc1".into()])), Severity::Ok);
        assert_eq!(name_of(Ok(vec![])), Severity::Error);
        assert_eq!(name_of(Err("NXDOMAIN".into())), Severity::Error);
        let port_of = |connected| port(&reach(Ok(vec![]), connected)).map(|finding| finding.verdict);
        assert_eq!(port_of(None), None);
        assert_eq!(port_of(Some(Ok(()))), Some(Severity::Ok));
        assert_eq!(port_of(Some(Err("refused".into()))), Some(Severity::Error));
    }

    #[test]
    fn announced_but_unconfigured_servers_are_listed() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        type Row = (Result<Vec<String>, String>, &'static [&'static str], Severity);
        let table: [Row; 6] = [
            (Err("no answer".into()), &["dc1.x"], Severity::CantTell),
            (Ok(vec![]), &["dc1.x"], Severity::Info),
            (Ok(names(&["DC1.x"])), &["dc1.x"], Severity::Ok),
            (Ok(names(&["dc1.x"])), &["dc1.x."], Severity::Ok),
            (Ok(names(&["dc1.x", "dc2.x"])), &["dc1.x"], Severity::Warning),
            (Ok(names(&["dc1.x", "dc2.x", "dc3.x"])), &["dc1.x", "dc2.x"], Severity::Info),
        ];
        for (answer, configured, expected) in table {
            assert_eq!(srv("x", &answer, &names(configured)).verdict, expected, "{answer:?}");
        }
    }
}
