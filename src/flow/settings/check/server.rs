//! Check the servers of a directory: whether their names can be reached and verified.

use std::net::IpAddr;

use rustls::pki_types::ServerName;

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use crate::domain::settings::{Directory, Encryption, Server, Via};

/// Checks the servers against the encryption of their connections.
pub(super) fn check(directory: &Directory, place: &SettingPath, report: &mut ProblemReport) {
    let place = place.key("servers");
    if directory.servers.is_empty() {
        report.problem(&place, "at least one server is needed: servers = [{ host = \"dc1.example.com\" }]");
    }
    for (index, server) in directory.servers.iter().enumerate() {
        let place = place.item(index);
        if let Err(message) = dialled(&server.host) {
            report.problem(&place.key("host"), message);
        } else if let Err(message) = protected(directory.encryption, server) {
            report.problem(&place.key("host"), message);
        }
        if server.via == Some(Via::Agent)
            && let Err(message) = tunnelled(directory.encryption, server)
        {
            report.problem(&place.key("via"), message);
        }
        if let Some(name) = &server.tls_name
            && verified(name).is_err()
        {
            let message = format!("{} is not a name that a certificate can contain", quoted(name));
            report.problem(&place.key("tls_name"), message);
        }
    }
}

/// The place of this name in the list of servers.
pub(super) fn named(directory: &Directory, name: &str, place: &SettingPath) -> SettingPath {
    let place = place.key("servers");
    let verified = |server: &Server| server.tls_name.as_deref().unwrap_or(&server.host).trim() == name;
    match directory.servers.iter().position(verified) {
        Some(index) => {
            let key = if directory.servers[index].tls_name.is_some() { "tls_name" } else { "host" };
            place.item(index).key(key)
        }
        None => place,
    }
}

fn dialled(host: &str) -> Result<(), String> {
    if host.contains("://") {
        return Err(format!(
            "{} has a scheme; give the host alone, the scheme follows from `encryption`",
            quoted(host)
        ));
    }
    if let Some((name, port)) = host.rsplit_once(':')
        && host.parse::<IpAddr>().is_err()
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(format!(
            "{} has a port; write host = {} and put the port in `port`",
            quoted(host),
            quoted(name)
        ));
    }
    verified(host).map_err(|()| format!("{} is neither a host name nor an IP address", quoted(host)))
}

fn verified(name: &str) -> Result<(), ()> {
    ServerName::try_from(name).map(|_| ()).map_err(|_| ())
}

/// RFC 4513 section 5.1.3: a simple bind sends the password in the clear, so it needs TLS or this machine.
fn protected(encryption: Encryption, server: &Server) -> Result<(), String> {
    if encryption == Encryption::UnencryptedLoopbackOnly && !is_loopback(&server.host) {
        return Err(format!(
            "{} is not on this machine, and passwords would cross the network in clear text; set encryption to \
             ldaps or start_tls",
            quoted(&server.host)
        ));
    }
    Ok(())
}

/// An agent carries bytes that it can't read, so it can't see to it that StartTLS comes before a password.
fn tunnelled(encryption: Encryption, server: &Server) -> Result<(), &'static str> {
    match encryption {
        Encryption::Ldaps if matches!(server.port, Some(389 | 3268)) => {
            Err("an agent carries LDAPS only, and this is the port of LDAP without TLS; use 636")
        }
        Encryption::Ldaps => Ok(()),
        Encryption::StartTls => Err(
            "an agent carries LDAPS only: it can't read what it carries, so it can't see to it that StartTLS comes \
             first; set encryption = \"ldaps\"",
        ),
        Encryption::UnencryptedLoopbackOnly => Err(
            "an agent carries LDAPS only: passwords would cross the agent's network in clear text; set encryption = \
             \"ldaps\"",
        ),
    }
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}
