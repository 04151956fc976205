//! Ask a directory's servers about themselves, step by step, for the doctor: each step reports how far it
//! came, while a request of the product would only fail.
//!
//! The service account's password is sent to each server once. After one server has refused it, it is not
//! sent to any other: a diagnosis must not lock the account.

mod descriptor;
mod people;
mod reach;
mod rights;
mod session;
mod survey;
mod upkeep;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::time::{Duration, Instant};

pub use crate::dns::announced;
pub use people::{PeoplePage, PersonSeen};
pub use session::ProbeSession;

use super::dialers;
use super::error::DirectoryConfigError;
use crate::agent::Tunnels;
use crate::directory::connection::{Connection, Dialer};
use crate::directory::message::ExtraFilter;
use crate::directory::message::code::{self, sub_code};
use crate::directory::requests::{ServiceAccount, ServiceFault};
use crate::directory::schema::Naming;
use crate::domain::bind::BindRefusal;
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{Certificate, Reach, ServiceBind};
use crate::domain::outbound::AddressRule;
use crate::domain::secret::Plain;
use crate::domain::settings::{self, Encryption};
use crate::tls;

/// An administrator who runs the doctor can wait: slow responses are valid.
const PATIENCE: Duration = Duration::from_secs(10);

/// The servers of one directory, before any connection.
pub struct Probe {
    dialers: Vec<Dialer>,
    roots: RootCertStore,
    authorities: Vec<Certificate>,
    service: ServiceAccount,
    /// A server refused the service account: its password is not sent again.
    refused: AtomicBool,
    /// A server refused it because its name or password is wrong, and has counted that.
    wrong: AtomicBool,
    naming: Naming,
    /// The extra filter of the sync scope.
    extra: Option<ExtraFilter>,
    settings: settings::Directory,
}

impl Probe {
    /// Checks the settings; sends nothing yet.
    pub fn new(settings: &settings::Directory, password: Plain) -> Result<Self, DirectoryConfigError> {
        let not_a_base = || DirectoryConfigError::BaseDn(settings.base_dn.clone());
        let base =
            Dn::parse(&settings.base_dn).ok().filter(|base| base.depth() > 0).ok_or_else(not_a_base)?;
        let roots = match settings.encryption {
            Encryption::UnencryptedLoopbackOnly => RootCertStore::empty(),
            Encryption::Ldaps | Encryption::StartTls => tls::roots(settings.ca_pem.as_deref())?,
        };
        Ok(Self {
            dialers: dialers(settings, &Tunnels::default())?,
            roots,
            authorities: authorities(settings.ca_pem.as_deref().unwrap_or_default()),
            service: ServiceAccount::new(&settings.service_account, password)?,
            refused: AtomicBool::new(false),
            wrong: AtomicBool::new(false),
            naming: Naming::new(settings.schema, settings.email_attribute, base, &settings.netbios_name),
            // an invalid filter is never stored in the settings
            extra: ExtraFilter::parse(&settings.scope.filter).ok(),
            settings: settings.clone(),
        })
    }

    /// A probe that never sends a password, for what needs none.
    pub fn without_account(settings: &settings::Directory) -> Result<Self, DirectoryConfigError> {
        let nobody = settings::Directory { service_account: "CN=nobody".to_owned(), ..settings.clone() };
        let probe = Self::new(&nobody, Plain::new("not sent"))?;
        probe.withhold();
        Ok(probe)
    }

    /// The same probe, with the agents that are connected to this process.
    pub fn through(self, tunnels: &Tunnels) -> Result<Self, DirectoryConfigError> {
        Ok(Self { dialers: dialers(&self.settings, tunnels)?, ..self })
    }

    /// The same probe, but only of servers at addresses that the rule allows. What an agent dials, its own list
    /// limits.
    #[must_use]
    pub fn guarded(self, rule: AddressRule) -> Self {
        let rule = Arc::new(rule);
        let dialers = self.dialers.into_iter().map(|dialer| dialer.guarded(Arc::clone(&rule))).collect();
        Self { dialers, ..self }
    }

    /// The number of servers.
    #[must_use]
    pub fn servers(&self) -> usize {
        self.dialers.len()
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &settings::Directory {
        &self.settings
    }

    /// The DNS name of the domain, if the base DN contains one.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.naming.domain_dns.as_deref()
    }

    /// The base DN that is examined.
    #[must_use]
    pub fn base(&self) -> &Dn {
        &self.naming.base
    }

    /// The CA certificates of the settings.
    #[must_use]
    pub fn authorities(&self) -> &[Certificate] {
        &self.authorities
    }

    /// The host names of the servers in the settings.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.dialers.iter().map(|dialer| dialer.tls_name().to_owned()).collect()
    }

    /// True once a server has refused the service account.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst)
    }

    /// True once a server has said that the name or the password of the service account is wrong: the directory
    /// counts such binds.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.wrong.load(Ordering::SeqCst)
    }

    /// Records that the service account was refused elsewhere.
    pub fn withhold(&self) {
        self.refused.store(true, Ordering::SeqCst);
    }

    /// How far a connection to this server gets. Sends nothing but handshakes.
    pub async fn reach(&self, at: usize) -> Option<Reach> {
        let dialer = self.dialers.get(at)?;
        Some(reach::reach(dialer, self.settings.encryption, &self.roots, self.until()).await)
    }

    /// The name of this server, and the chain of certificates that it sends, valid or not; empty if it sends none.
    pub async fn chain(&self, at: usize) -> Option<(String, Vec<Certificate>)> {
        let dialer = self.dialers.get(at)?;
        let chain = reach::chain(dialer, self.settings.encryption, &self.roots, self.until()).await;
        Some((dialer.name(), chain))
    }

    /// The only bind of the service account at this server, and the session that it opens.
    pub async fn bind(&self, at: usize) -> (ServiceBind, Option<ProbeSession<'_>>) {
        let Some(dialer) = self.dialers.get(at) else {
            return (ServiceBind::Failed("there is no such server".to_owned()), None);
        };
        if self.is_refused() {
            return (ServiceBind::Withheld, None);
        }
        let mut connection = match Connection::open(dialer, self.until()).await {
            Ok(connection) => connection,
            Err(fault) => return (ServiceBind::Failed(fault.to_string()), None),
        };
        match self.service.bind(&mut connection, self.until()).await {
            Ok(()) => (ServiceBind::Bound, Some(ProbeSession::new(self, dialer.name(), connection))),
            Err(ServiceFault::Server(fault)) => (ServiceBind::Failed(fault.to_string()), None),
            Err(ServiceFault::Account { code, text }) => {
                self.withhold();
                let why = why(code, &text);
                if matches!(why, Some(BindRefusal::InvalidCredentials | BindRefusal::NoSuchUser)) {
                    self.wrong.store(true, Ordering::SeqCst);
                }
                (ServiceBind::Refused { code, text, why }, None)
            }
        }
    }

    /// The deadline of one response.
    fn until(&self) -> Instant {
        let configured = Duration::from_millis(self.settings.operation_timeout_ms.into());
        Instant::now() + configured.max(PATIENCE)
    }
}

/// What a refusal says about the account, if anything.
fn why(result: u32, text: &str) -> Option<BindRefusal> {
    match result {
        code::INVALID_CREDENTIALS => {
            Some(sub_code(text).map_or(BindRefusal::InvalidCredentials, BindRefusal::from_sub_code))
        }
        code::NO_SUCH_OBJECT => Some(BindRefusal::NoSuchUser),
        _ => None,
    }
}

/// Parses a certificate; `None` for invalid data (RFC 5280 section 4.1).
#[must_use]
pub fn read_certificate(der: &[u8]) -> Option<Certificate> {
    tls::read_certificate(der)
}

fn authorities(pem: &str) -> Vec<Certificate> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok);
    certificates.filter_map(|der| read_certificate(&der)).collect()
}
