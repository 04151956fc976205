//! The servers of a directory: the order in which they are tried, their features, and their failures.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rand::RngExt;
use tokio::time::Instant;

use super::breaker::{Breaker, BreakerState};
use super::dial::Dialer;
use super::ldap::{Connection, SearchResponse, root_dse};
use crate::directory::error::{LdapFault, ServerFault};
use crate::directory::message::control;
use crate::domain::dn::Dn;

/// The features that a server announces (root DSE, `supportedControl`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) password_policy: bool,
    pub(crate) paging: bool,
    pub(crate) domain_scope: bool,
    pub(crate) sync: bool,
    pub(crate) dirsync: bool,
    pub(crate) extended_dn: bool,
    pub(crate) show_deleted: bool,
}

/// One server and its state.
pub(crate) struct DirectoryServer {
    pub(crate) dialer: Dialer,
    pub(crate) name: String,
    breaker: Mutex<Breaker>,
    features: OnceLock<Features>,
    /// Which domain controller it is (`dsServiceName`).
    identity: OnceLock<Dn>,
}

/// All servers of a directory, in the order of the settings.
pub(crate) struct Servers {
    list: Vec<DirectoryServer>,
    /// The server that served last is tried first as long as it works.
    current: AtomicUsize,
}

impl Servers {
    pub(crate) fn new(dialers: Vec<Dialer>) -> Self {
        Self { list: dialers.into_iter().map(DirectoryServer::new).collect(), current: AtomicUsize::new(0) }
    }

    /// The servers in the order to try: the one that served last, then the others as configured.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = (usize, &DirectoryServer)> {
        let current = self.current.load(Ordering::Relaxed);
        let others = (0..self.list.len()).filter(move |at| *at != current);
        std::iter::once(current).chain(others).filter_map(|at| Some((at, self.list.get(at)?)))
    }

    /// Records that this server has served a request. True when the previous one was another.
    pub(crate) fn served(&self, at: usize) -> bool {
        if let Some(server) = self.list.get(at) {
            server.breaker().succeeded();
        }
        self.current.load(Ordering::Relaxed) != at && self.current.swap(at, Ordering::Relaxed) != at
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &DirectoryServer> {
        self.list.iter()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&DirectoryServer> {
        self.list.get(at)
    }

    /// The index of the server that is tried first.
    pub(crate) fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    /// The features of that server.
    pub(crate) fn current_features(&self) -> Features {
        self.list.get(self.current()).map(DirectoryServer::features).unwrap_or_default()
    }
}

impl DirectoryServer {
    fn new(dialer: Dialer) -> Self {
        Self {
            name: dialer.name(),
            dialer,
            breaker: Mutex::default(),
            features: OnceLock::new(),
            identity: OnceLock::new(),
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server may be used now, or why not.
    pub(crate) fn admit(&self) -> Result<(), LdapFault> {
        let mut breaker = self.breaker();
        if breaker.admit(Instant::now()) {
            Ok(())
        } else {
            Err(LdapFault::CircuitOpen(breaker.last_fault().to_owned()))
        }
    }

    /// Records a success of a request that was meant for this server only.
    pub(crate) fn succeeded(&self) {
        self.breaker().succeeded();
    }

    /// Which domain controller it is, if known.
    pub(crate) fn identity(&self) -> Option<&Dn> {
        self.identity.get()
    }

    /// Records a failed request.
    pub(crate) fn failed(&self, fault: LdapFault) -> ServerFault {
        let jitter = rand::rng().random_range(0.0..1.0);
        self.breaker().failed(Instant::now(), fault.to_string(), jitter);
        tracing::warn!(server = %self.name, %fault, "a directory server failed");
        self.fault(fault)
    }

    /// The fault with the server's name, for a failure that says nothing new about the server.
    pub(crate) fn fault(&self, fault: LdapFault) -> ServerFault {
        ServerFault { server: self.name.clone(), fault }
    }

    pub(crate) fn breaker_state(&self) -> BreakerState {
        self.breaker().state(Instant::now())
    }

    pub(crate) fn features(&self) -> Features {
        self.features.get().copied().unwrap_or_default()
    }

    /// Reads the features of a server once, on a new connection.
    pub(crate) async fn learn_features(
        &self,
        connection: &mut Connection,
        until: Instant,
    ) -> Result<(), LdapFault> {
        if self.features.get().is_none() {
            let wanted = ["supportedControl", "dsServiceName"];
            let answer = connection.search(&root_dse(&wanted), until).await?;
            if let Some(features) = read_features(&answer) {
                let _ = self.features.set(features);
            }
            if let Some(name) = answer.entries.first().and_then(|dse| dse.names("dsServiceName").pop()) {
                let _ = self.identity.set(name);
            }
        }
        Ok(())
    }
}

/// `None` when the root DSE is not visible (yet).
fn read_features(answer: &SearchResponse) -> Option<Features> {
    let entry = answer.entries.first()?;
    let controls: Vec<&str> = entry.texts("supportedControl").collect();
    (!controls.is_empty()).then(|| Features {
        password_policy: controls.contains(&control::PASSWORD_POLICY),
        paging: controls.contains(&control::PAGED_RESULTS),
        domain_scope: controls.contains(&control::DOMAIN_SCOPE),
        sync: controls.contains(&control::SYNC_REQUEST),
        dirsync: controls.contains(&control::DIRSYNC),
        extended_dn: controls.contains(&control::EXTENDED_DN),
        show_deleted: controls.contains(&control::SHOW_DELETED),
    })
}
