//! The servers of a directory: what DNS lists, and what an administrator types.

use crate::directory::probe::announced;
use crate::domain::settings::{Server, Via};

/// The servers that the domain announces in DNS.
pub async fn servers(domain: &str) -> Result<Vec<String>, String> {
    announced(domain).await
}

/// Splits the servers that DNS lists into those to propose and the others. DNS answers can be forged: do not propose a
/// server of another domain.
#[must_use]
pub fn proposed(domain: &str, found: Vec<String>) -> (Vec<String>, Vec<String>) {
    let suffix = format!(".{}", domain.trim_end_matches('.').to_ascii_lowercase());
    found.into_iter().partition(|host| host.to_ascii_lowercase().ends_with(&suffix))
}

/// What follows a server that is reached through an agent.
const VIA_AGENT: &str = " via agent";

/// Reads `HOST`, `HOST:PORT` or `[IPV6]:PORT`, each with or without `=NAME`, and then perhaps ` via agent`.
pub fn server(text: &str) -> Result<Server, String> {
    let (text, via) = match text.trim_end().strip_suffix(VIA_AGENT) {
        Some(text) => (text, Some(Via::Agent)),
        None => (text, None),
    };
    let (address, tls_name) = match text.split_once('=') {
        Some((address, name)) => (address.trim(), Some(name.trim().to_owned())),
        None => (text.trim(), None),
    };
    let bracketed = address.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None if address.matches(':').count() > 1 => (address, None),
        None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return Err(format!("{text:?} is not a server; use HOST, HOST:PORT or ADDRESS=NAME"));
    }
    let port = port.map(str::parse::<u16>).transpose();
    let port = port.map_err(|error| format!("{text:?} has an invalid port: {error}"))?;
    Ok(Server { host: host.to_owned(), port, tls_name, via })
}

/// The servers as [`server`] reads them, one a line.
#[must_use]
pub fn server_lines(servers: &[Server]) -> String {
    let line = |one: &Server| {
        let host = match one.port {
            Some(port) if one.host.contains(':') => format!("[{}]:{port}", one.host.trim_matches(['[', ']'])),
            Some(port) => format!("{}:{port}", one.host),
            None => one.host.clone(),
        };
        let via = if one.via == Some(Via::Agent) { VIA_AGENT } else { "" };
        match &one.tls_name {
            Some(name) => format!("{host}={name}{via}"),
            None => format!("{host}{via}"),
        }
    };
    servers.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_another_domain_is_no_proposal() {
        let found = [
            "dc1.corp.example.com",
            "DC2.Corp.Example.Com",
            "dc.sub.corp.example.com",
            "dc1.evil.example",
            "corp.example.com.evil.example",
            "evilcorp.example.com",
            "corp.example.com",
        ];
        let found: Vec<String> = found.map(str::to_owned).into();
        let (own, foreign) = proposed("Corp.Example.com.", found.clone());
        assert_eq!((own.as_slice(), foreign.as_slice()), (&found[..3], &found[3..]));
    }

    #[test]
    fn servers_are_read_in_every_form() {
        for (text, host, port, name) in [
            ("dc1.example.com", "dc1.example.com", None, None),
            ("dc1.example.com:3269", "dc1.example.com", Some(3269), None),
            ("10.0.0.1=dc1.example.com", "10.0.0.1", None, Some("dc1.example.com")),
            ("10.0.0.1:636 = dc1.example.com", "10.0.0.1", Some(636), Some("dc1.example.com")),
            ("[::1]:636", "::1", Some(636), None),
            ("::1", "::1", None, None),
        ] {
            let read = server(text).expect("a server");
            assert_eq!(
                (read.host.as_str(), read.port, read.tls_name.as_deref()),
                (host, port, name),
                "{text}"
            );
        }
        assert!(server("").is_err() && server("dc1:ldaps").is_err());
        let all = "dc1.example.com\ndc1.example.com:3269\n10.0.0.1:636=dc1.example.com\n[::1]:636\n::1\n\
                   dc2.example.com via agent\n10.0.0.2:636=dc2.example.com via agent";
        let read: Vec<Server> = all.lines().map(|line| server(line).expect("a server")).collect();
        assert_eq!(server_lines(&read), all);
    }
}
