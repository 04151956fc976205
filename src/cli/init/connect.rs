//! Connect to the directory: find the servers, check their certificate, bind as the service account.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::answers::{answer, confirmed, given_or, required};
use super::{Arguments, password_from};
use crate::cli::{doctor as findings, printable, prompt};
use crate::domain::doctor::facts::{Handshake, Reach, ServiceBind, TlsProblem};
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Encryption, Server};
use crate::domain::{doctor, timestamp};
use crate::flow::support::setup::{self, Anchor};

/// At most this many passwords are tried, because the domain might lock the account.
const TRIES: usize = 2;

/// The directory's settings, as far as the directory reports them, and the service account's password.
pub(super) async fn directory(arguments: &Arguments) -> Result<(Directory, Plain)> {
    let domain = given_or(arguments.domain.clone(), "domain", || {
        errln!("\nWhich domain are the people in?");
        answer("Domain, such as corp.example.com", None)
    })?;
    let servers = servers(&domain, &arguments.servers).await?;
    let mut directory = setup::draft(domain.trim_end_matches('.'), servers);
    connect(&mut directory, arguments).await?;
    directory.service_account = given_or(arguments.service_account.clone(), "service-account", || {
        errln!("\nWhich account reads the directory? Read access is enough (docs/get-started.md).");
        answer("Service account (a DN, or a name such as svc@corp.example.com in Active Directory)", None)
    })?;
    let password = bind(&mut directory, arguments).await?;
    Ok((directory, password))
}

async fn servers(domain: &str, given: &[String]) -> Result<Vec<Server>> {
    if !given.is_empty() {
        return given.iter().map(|text| server(text)).collect();
    }
    let found = match setup::servers(domain).await {
        Ok(found) => found,
        Err(why) => {
            errln!("DNS does not list the servers of {}: {}", printable(domain), printable(&why));
            Vec::new()
        }
    };
    let (own, foreign) = proposed(domain, found);
    if !foreign.is_empty() {
        errln!(
            "DNS also lists servers outside the domain, which are ignored: {}",
            printable(&foreign.join(", "))
        );
    }
    let found = own.join(", ");
    let default = Some(found.as_str()).filter(|found| !found.is_empty());
    if default.is_none() {
        errln!("Type the servers: HOST or HOST:PORT; ADDRESS=NAME if the certificate has another name.");
    }
    let typed = required(confirmed("Servers, in order of preference", default)?, "server")?;
    typed.split(',').map(|text| server(text.trim())).collect()
}

/// Splits the servers that DNS lists into those to propose and the others. DNS answers can be forged: do not propose a
/// server of another domain.
fn proposed(domain: &str, found: Vec<String>) -> (Vec<String>, Vec<String>) {
    let suffix = format!(".{}", domain.trim_end_matches('.').to_ascii_lowercase());
    found.into_iter().partition(|host| host.to_ascii_lowercase().ends_with(&suffix))
}

/// Reads `HOST`, `HOST:PORT` or `[IPV6]:PORT`, each with or without `=NAME`.
fn server(text: &str) -> Result<Server> {
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
    ensure!(!host.is_empty(), "{text:?} is not a server; use HOST, HOST:PORT or ADDRESS=NAME");
    let port =
        port.map(str::parse::<u16>).transpose().with_context(|| format!("{text:?} has an invalid port"))?;
    Ok(Server { host: host.to_owned(), port, tls_name })
}

/// Tries until there is a TLS session with the first server over which a password may be sent.
async fn connect(directory: &mut Directory, arguments: &Arguments) -> Result<()> {
    // Use the CA file from the first connection: a certificate from a public CA must not pass instead.
    directory.ca_pem = arguments.ca_file.as_deref().map(read_ca).transpose()?;
    // At most three changes: port, CA, name.
    for _ in 0..4 {
        let reach = setup::reach(directory).await.map_err(anyhow::Error::msg)?;
        errln!("\n{}", printable(&reach.server));
        let Some(handshake) = reach.tls.as_ref().filter(|_| reach.connected == Some(Ok(()))) else {
            start_tls(directory, &reach)?;
            continue;
        };
        match &handshake.problem {
            None => {
                check_fingerprint(handshake, arguments)?;
                errln!("  TLS works, and the certificate is valid.");
                return Ok(());
            }
            Some(TlsProblem::UnknownIssuer) if directory.ca_pem.is_none() => {
                directory.ca_pem = Some(trusted(handshake, arguments)?);
            }
            Some(TlsProblem::WrongName) => wrong_name(directory, handshake)?,
            Some(_) => return refused(&reach),
        }
    }
    bail!("no TLS session with the server could be established")
}

/// Falls back to StartTLS on port 389 if nothing answers on the LDAPS port.
fn start_tls(directory: &mut Directory, reach: &Reach) -> Result<()> {
    let default_port = directory.servers.first().is_some_and(|server| server.port.is_none());
    if directory.encryption == Encryption::Ldaps && default_port && reach.addresses.is_ok() {
        errln!("  No answer on port 636; trying StartTLS on port 389.");
        directory.encryption = Encryption::StartTls;
        return Ok(());
    }
    refused(reach)
}

fn refused(reach: &Reach) -> Result<()> {
    let mut found = vec![doctor::name(reach)];
    found.extend(doctor::port(reach));
    found.extend(doctor::start_tls(reach));
    found.extend(doctor::handshake(reach));
    findings::print_findings(&found);
    bail!("{} can't be used; nothing was written", printable(&reach.server))
}

fn wrong_name(directory: &mut Directory, handshake: &Handshake) -> Result<()> {
    let names = handshake.chain.first().map(|certificate| certificate.names.clone()).unwrap_or_default();
    errln!("  The certificate is for: {}", printable(&names.join(", ")));
    // No default: a man in the middle has a valid certificate too, for another name.
    let name = required(answer("Which of these names is this server's", None)?, "server ADDRESS=NAME")?;
    if let Some(server) = directory.servers.first_mut() {
        ensure!(server.tls_name.as_ref() != Some(&name), "the certificate has no such name");
        server.tls_name = Some(name);
    }
    Ok(())
}

/// Requires that the chain contains the certificate of `--trust`, even if the chain is trusted otherwise.
fn check_fingerprint(handshake: &Handshake, arguments: &Arguments) -> Result<()> {
    let Some(wanted) = &arguments.trust else { return Ok(()) };
    let is_wanted = |encoded| is_fingerprint(&setup::fingerprint(encoded), wanted);
    ensure!(
        handshake.encoded.iter().any(|encoded| is_wanted(encoded)),
        "no certificate in the chain has the fingerprint of --trust; no password was sent"
    );
    Ok(())
}

fn is_fingerprint(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace([':', ' '], "").to_uppercase();
    plain(one) == plain(other)
}

/// The CA to trust, as PEM: from the chain after its fingerprint was compared, or from a file.
fn trusted(handshake: &Handshake, arguments: &Arguments) -> Result<String> {
    show_chain(handshake);
    errln!("  No CA that this machine trusts issued this certificate.");
    match (setup::anchor(handshake), &arguments.trust) {
        (Some(anchor), Some(wanted)) => {
            let same = is_fingerprint(&anchor.fingerprint, wanted);
            ensure!(same, "the CA certificate that the server sent has another fingerprint than --trust");
            Ok(anchor.pem)
        }
        (Some(anchor), None) => confirm(anchor),
        (None, _) => {
            errln!(
                "  The server does not send its CA's certificate. Export it on the CA: certutil -ca.cert ca.cer"
            );
            let path = required(answer("File with the CA's certificate", None)?, "ca-file")?;
            read_ca(&PathBuf::from(path))
        }
    }
}

fn confirm(anchor: Anchor) -> Result<String> {
    errln!("  Compare the last fingerprint with the one shown on the CA itself, not over this network.");
    let question = format!("Trust {} for this directory?", printable(&anchor.subject));
    match prompt::agrees(&question)? {
        Some(true) => Ok(anchor.pem),
        Some(false) => bail!("no password is sent without a trusted CA; nothing was written"),
        None => bail!("no answer was given; use --ca-file or --trust {}", anchor.fingerprint),
    }
}

fn show_chain(handshake: &Handshake) {
    for (certificate, encoded) in handshake.chain.iter().zip(&handshake.encoded) {
        errln!("  {}", printable(&certificate.subject));
        if !certificate.names.is_empty() {
            errln!("      names      {}", printable(&certificate.names.join(", ")));
        }
        errln!("      issuer     {}", printable(&certificate.issuer));
        errln!(
            "      valid      {} to {}",
            timestamp(certificate.not_before),
            timestamp(certificate.not_after)
        );
        errln!("      SHA-256    {}", setup::fingerprint(encoded));
    }
}

/// Reads a certificate as PEM; DER, as Windows exports it, is converted.
fn read_ca(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => text,
        Ok(text) => setup::pem(text.as_bytes()),
        Err(error) => setup::pem(error.as_bytes()),
    })
}

/// Binds as the service account, and reads the schema, base DN and NetBIOS name.
async fn bind(directory: &mut Directory, arguments: &Arguments) -> Result<Plain> {
    for _ in 0..TRIES {
        let password = match &arguments.password_file {
            Some(path) => password_from(path)?,
            None => match prompt::secret("Its password: ")? {
                Some(password) if !password.is_blank() => password,
                _ => bail!("no answer was given; type the password, or use --password-file"),
            },
        };
        match setup::identify(directory, &password).await.map_err(anyhow::Error::msg)? {
            Ok(identity) => {
                errln!("  The service account can sign in; base DN: {}", printable(&identity.base_dn));
                directory.schema = identity.schema;
                directory.base_dn = identity.base_dn;
                directory.netbios_name = identity.netbios_name.unwrap_or_default();
                return Ok(password);
            }
            Err(failure) => report_bind(directory, &failure)?,
        }
        ensure!(arguments.password_file.is_none(), "the bind was refused; nothing was written");
    }
    bail!("the bind was refused; nothing was written")
}

/// Prints why the bind failed. Only a refused password may be tried again.
fn report_bind(directory: &Directory, bind: &ServiceBind) -> Result<()> {
    let server = directory.servers.first().map_or("", |server| server.host.as_str());
    findings::print_findings(&doctor::bind(server, &directory.service_account, bind, directory.encryption));
    ensure!(matches!(bind, ServiceBind::Refused { .. }), "no bind as the service account was possible");
    Ok(())
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
    }
}
