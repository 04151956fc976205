//! Connect from a host name to a TLS session, each step on its own.

use rustls::RootCertStore;
use tokio::time::{Instant, timeout_at};

use crate::agent::ByteStream;
use crate::directory::connection::{Dialer, start_tls};
use crate::directory::error::LdapFault;
use crate::domain::doctor::facts::{Certificate, Handshake, Reach, TlsProblem};
use crate::domain::settings::Encryption;
use crate::tls;

/// Goes as far as possible and closes the connection.
pub(super) async fn reach(
    dialer: &Dialer,
    encryption: Encryption,
    roots: &RootCertStore,
    until: Instant,
) -> Reach {
    let mut reach = Reach {
        server: dialer.name(),
        host: dialer.host().to_owned(),
        tls_name: dialer.tls_name().to_owned(),
        agents: dialer.agents(),
        addresses: match dialer.agents() {
            Some(_) => Ok(Vec::new()),
            None => addresses(dialer, until).await,
        },
        not_allowed: None,
        connected: None,
        start_tls: None,
        tls: None,
    };
    let is_found = match &reach.agents {
        Some(agents) => !agents.is_empty(),
        None => reach.addresses.as_ref().is_ok_and(|addresses| !addresses.is_empty()),
    };
    if is_found {
        go_on(&mut reach, dialer, encryption, roots, until).await;
    }
    reach
}

async fn addresses(dialer: &Dialer, until: Instant) -> Result<Vec<String>, String> {
    let found = timeout_at(until, dialer.addresses()).await.unwrap_or(Err(LdapFault::Timeout));
    let mut addresses: Vec<String> =
        found.map_err(|fault| fault.to_string())?.iter().map(|address| address.ip().to_string()).collect();
    addresses.dedup();
    Ok(addresses)
}

async fn go_on(
    reach: &mut Reach,
    dialer: &Dialer,
    encryption: Encryption,
    roots: &RootCertStore,
    until: Instant,
) {
    let mut stream = match timeout_at(until, dialer.connect(until)).await.unwrap_or(Err(LdapFault::Timeout)) {
        Ok(stream) => stream,
        Err(LdapFault::NotAllowed(refusal)) => {
            reach.not_allowed = Some(refusal);
            return;
        }
        Err(fault) => {
            reach.connected = Some(Err(fault.to_string()));
            return;
        }
    };
    reach.connected = Some(Ok(()));
    if encryption == Encryption::StartTls {
        let asked =
            timeout_at(until, start_tls::request(&mut stream)).await.unwrap_or(Err(LdapFault::Timeout));
        reach.start_tls = Some(asked.map_err(|fault| fault.to_string()));
    }
    if encryption != Encryption::UnencryptedLoopbackOnly && !matches!(reach.start_tls, Some(Err(_))) {
        let mut shake = shaken(&mut stream, dialer.tls_name(), roots, until).await;
        if shake.problem.is_none() {
            shake.shared = shared(dialer, encryption, roots, until).await;
        }
        reach.tls = Some(shake);
    }
}

/// The chain that a server sends; nothing else is asked.
pub(super) async fn chain(
    dialer: &Dialer,
    encryption: Encryption,
    roots: &RootCertStore,
    until: Instant,
) -> Vec<Certificate> {
    if encryption == Encryption::UnencryptedLoopbackOnly {
        return Vec::new();
    }
    let sent = async {
        let mut stream = dialer.connect(until).await.ok()?;
        if encryption == Encryption::StartTls {
            start_tls::request(&mut stream).await.ok()?;
        }
        Some(shaken(&mut stream, dialer.tls_name(), roots, until).await.chain)
    };
    timeout_at(until, sent).await.ok().flatten().unwrap_or_default()
}

/// The suites that the server accepts when each is offered alone.
async fn shared(
    dialer: &Dialer,
    encryption: Encryption,
    roots: &RootCertStore,
    until: Instant,
) -> Vec<String> {
    let mut shared = Vec::new();
    for suite in tls::suites() {
        let tried = async {
            let mut stream = dialer.connect(until).await.ok()?;
            if encryption == Encryption::StartTls {
                start_tls::request(&mut stream).await.ok()?;
            }
            let offer = std::slice::from_ref(suite);
            let shake = tls::handshake(&mut stream, dialer.tls_name(), roots.clone(), offer).await;
            shake.problem.is_none().then(|| tls::name_of(*suite))?
        };
        shared.extend(timeout_at(until, tried).await.ok().flatten());
    }
    shared
}

async fn shaken(
    stream: &mut Box<dyn ByteStream>,
    name: &str,
    roots: &RootCertStore,
    until: Instant,
) -> Handshake {
    let in_time = timeout_at(until, tls::handshake(stream, name, roots.clone(), tls::suites())).await;
    in_time.unwrap_or(Handshake { problem: Some(TlsProblem::Timeout), ..Handshake::default() })
}
