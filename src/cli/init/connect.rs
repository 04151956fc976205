//! Connect to the directory: find the servers, check their certificate, bind as the service account.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::answers::{answer, confirmed, given_or, required};
use super::{Arguments, password_from};
use crate::cli::{doctor as findings, printable, prompt};
use crate::domain::doctor::facts::{Handshake, Reach, ServiceBind};
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Encryption, Server};
use crate::domain::{doctor, timestamp};
use crate::flow::support::setup::{self, Anchor, NextStep};

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
    let (own, foreign) = setup::proposed(domain, found);
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

fn server(text: &str) -> Result<Server> {
    setup::server(text).map_err(anyhow::Error::msg)
}

/// Tries until there is a TLS session with the first server over which a password may be sent.
async fn connect(directory: &mut Directory, arguments: &Arguments) -> Result<()> {
    // Use the CA file from the first connection: a certificate from a public CA must not pass instead.
    directory.ca_pem = arguments.ca_file.as_deref().map(read_ca).transpose()?;
    // At most three changes: port, CA, name.
    for _ in 0..4 {
        let reach = setup::reach(directory).await.map_err(anyhow::Error::msg)?;
        errln!("\n{}", printable(&reach.server));
        let handshake = reach.tls.clone().unwrap_or_default();
        match setup::next_step(directory, &reach) {
            NextStep::Bind => {
                check_fingerprint(&handshake, arguments)?;
                errln!("  TLS works, and the certificate is valid.");
                return Ok(());
            }
            NextStep::StartTls => {
                errln!("  No answer on port 636; trying StartTLS on port 389.");
                directory.encryption = Encryption::StartTls;
            }
            NextStep::TrustCa(anchor) => directory.ca_pem = Some(trusted(&handshake, anchor, arguments)?),
            NextStep::ChooseName(names) => choose_name(directory, &names)?,
            NextStep::GiveUp => return refused(&reach),
        }
    }
    bail!("no TLS session with the server could be established")
}

fn refused(reach: &Reach) -> Result<()> {
    let mut found: Vec<_> = doctor::agent(reach).into_iter().chain(doctor::name(reach)).collect();
    found.extend(doctor::port(reach));
    found.extend(doctor::start_tls(reach));
    found.extend(doctor::handshake(reach));
    findings::print_findings(&found);
    bail!("{} can't be used; nothing was written", printable(&reach.server))
}

fn choose_name(directory: &mut Directory, names: &[String]) -> Result<()> {
    errln!("  The certificate is for: {}", printable(&names.join(", ")));
    // No default: a man in the middle has a valid certificate too, for another name.
    let name = required(answer("Which of these names is this server's", None)?, "server ADDRESS=NAME")?;
    ensure!(setup::set_tls_name(directory, &name), "the certificate has no such name");
    Ok(())
}

/// Requires that the chain contains the certificate of `--trust`, even if the chain is trusted otherwise.
fn check_fingerprint(handshake: &Handshake, arguments: &Arguments) -> Result<()> {
    let Some(wanted) = &arguments.trust else { return Ok(()) };
    ensure!(
        setup::chain_has(handshake, wanted),
        "no certificate in the chain has the fingerprint of --trust; no password was sent"
    );
    Ok(())
}

/// The CA to trust, as PEM: from the chain after its fingerprint was compared, or from a file.
fn trusted(handshake: &Handshake, anchor: Option<Anchor>, arguments: &Arguments) -> Result<String> {
    show_chain(handshake);
    errln!("  No CA that this machine trusts issued this certificate.");
    match (anchor, &arguments.trust) {
        (Some(anchor), Some(wanted)) => {
            let same = setup::is_fingerprint(&anchor.fingerprint, wanted);
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
    for certificate in setup::sent(handshake) {
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
        errln!("      SHA-256    {}", certificate.fingerprint);
    }
}

/// Reads a certificate, PEM or DER.
fn read_ca(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(setup::ca_pem(&bytes))
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
