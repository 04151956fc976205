//! A directory over LDAP: find people, bind as them, read their groups, and learn of changes.
//!
//! It owns the servers of one `[[directories]]` entry, their state, their connections, and the rules that
//! turn a name into a filter and a response into an [`Entry`]. It never sends a blank password, never binds
//! as the service account for a person, never repeats a bind that may have been sent, never returns one of
//! several matches, and never takes part of a list for the whole. It does not decide who may sign in.

mod ber;
mod connection;
mod error;
pub mod feed;
mod health;
mod message;
mod person;
mod policy;
pub mod probe;
mod requests;
mod schema;
mod search;

use std::sync::Arc;

use tokio::time::Duration;

pub use connection::{BreakerState, PoolStats};
pub use error::{DirectoryConfigError, DirectoryError, LdapFault, ServerFault};
pub use health::Stats;
pub(crate) use message::code::sub_code;
pub use message::{ExtraFilter, NoFilter};
pub use person::{BindPermit, Bound, EntryGroups, Found, ObjectKind, ResolvedObject};
pub use policy::LockoutState;

use crate::agent::Tunnels;
use crate::domain::dn::Dn;
use crate::domain::entry::{DirectoryId, Entry};
use crate::domain::secret::Plain;
use crate::domain::settings::{self, Encryption, Via};
use crate::tls;
use connection::{Dialer, PATIENCE, Pool, Rank, Servers};
use policy::Policies;
use requests::{Requests, ServiceAccount};
use schema::Naming;

/// One directory. Cheap to clone: clones share servers, connections and state.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
    rank: Rank,
}

struct Inner {
    id: DirectoryId,
    naming: Naming,
    requests: Requests,
    /// Passwords are never sent in clear text.
    encrypted: bool,
    policies: Policies,
}

impl Directory {
    /// Checks the settings; sends nothing yet. The CA is `ca_pem` of the settings, or else the system's.
    pub fn new(
        settings: &settings::Directory,
        service_password: Plain,
    ) -> Result<Self, DirectoryConfigError> {
        Self::through(settings, service_password, &Tunnels::default())
    }

    /// The same, with the agents that are connected to this process, for servers that are reached through one.
    pub fn through(
        settings: &settings::Directory,
        service_password: Plain,
        tunnels: &Tunnels,
    ) -> Result<Self, DirectoryConfigError> {
        let not_a_base = || DirectoryConfigError::BaseDn(settings.base_dn.clone());
        let base =
            Dn::parse(&settings.base_dn).ok().filter(|base| base.depth() > 0).ok_or_else(not_a_base)?;
        let service = ServiceAccount::new(&settings.service_account, service_password)?;
        let requests = Requests {
            servers: Servers::new(dialers(settings, tunnels)?),
            searches: Pool::new(settings.search_connections, PATIENCE),
            binds: Pool::new(settings.bind_connections, PATIENCE),
            service,
            connect_timeout: Duration::from_millis(settings.connect_timeout_ms.max(1).into()),
            operation_timeout: Duration::from_millis(settings.operation_timeout_ms.max(1).into()),
        };
        let naming = Naming::new(settings.schema, settings.email_attribute, base, &settings.netbios_name);
        let encrypted = settings.encryption != Encryption::UnencryptedLoopbackOnly;
        let policies = Policies::new(settings)?;
        let id = settings.id.clone();
        let inner = Arc::new(Inner { id, naming, requests, encrypted, policies });
        Ok(Self { inner, rank: Rank::First })
    }

    /// The same directory for sign-ins from unknown browsers: half of the connections, and lower priority.
    #[must_use]
    pub fn for_unknown_browsers(&self) -> Self {
        Self { rank: Rank::Stranger, ..self.clone() }
    }

    /// The directory's key in the settings.
    #[must_use]
    pub fn id(&self) -> &DirectoryId {
        &self.inner.id
    }

    /// The base DN.
    #[must_use]
    pub fn base(&self) -> &Dn {
        &self.naming().base
    }

    /// True for the service account's own entry, which may not sign in.
    #[must_use]
    pub fn is_service_account(&self, entry: &Entry) -> bool {
        let naming = self.naming();
        self.requests().service.is(entry, naming.domain_dns.as_deref(), &naming.netbios)
    }

    /// True when passwords are never sent in clear text.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.inner.encrypted
    }

    fn naming(&self) -> &Naming {
        &self.inner.naming
    }

    fn requests(&self) -> &Requests {
        &self.inner.requests
    }
}

fn dialers(settings: &settings::Directory, tunnels: &Tunnels) -> Result<Vec<Dialer>, DirectoryConfigError> {
    if settings.servers.is_empty() {
        return Err(DirectoryConfigError::NoServer);
    }
    let tls = match settings.encryption {
        Encryption::UnencryptedLoopbackOnly => None,
        Encryption::Ldaps | Encryption::StartTls => Some(tls::client_config(settings.ca_pem.as_deref())?),
    };
    let dialer = |server: &settings::Server| {
        let dialer = Dialer::new(server, settings.encryption, tls.clone())?;
        Ok(match server.via {
            Some(Via::Agent) => dialer.by_agent(&settings.id, tunnels),
            None => dialer,
        })
    };
    settings.servers.iter().map(dialer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Server;

    #[test]
    fn settings_that_can_not_work_are_refused_before_anything_is_sent() {
        let good = settings::Directory {
            base_dn: "DC=example,DC=com".into(),
            encryption: Encryption::UnencryptedLoopbackOnly,
            servers: vec![Server { host: "127.0.0.1".into(), port: None, tls_name: None, via: None }],
            service_account: "CN=Reader,DC=example,DC=com".into(),
            ..settings::Directory::default()
        };
        let new = |settings: &settings::Directory| Directory::new(settings, Plain::new("x")).map(|_| ());
        assert!(new(&good).is_ok());
        let bad_base = |base: &str| new(&settings::Directory { base_dn: base.into(), ..good.clone() });
        for base in ["", " ", "example.com"] {
            assert!(matches!(bad_base(base), Err(DirectoryConfigError::BaseDn(_))), "{base:?}");
        }
        let no_server = settings::Directory { servers: Vec::new(), ..good.clone() };
        assert!(matches!(new(&no_server), Err(DirectoryConfigError::NoServer)));
        let blank = Directory::new(&good, Plain::new("")).map(|_| ());
        assert!(matches!(blank, Err(DirectoryConfigError::BlankServiceAccount)));
    }
}
