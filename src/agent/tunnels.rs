//! The agents that are connected to this process, and the way through them to a server of a directory.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::time::{Duration, Instant};

use super::stream::TunnelStream;
use super::tunnel::{OpenError, Tunnel, TunnelEnd};
use crate::domain::agent::{Open, order};
use crate::domain::entry::DirectoryId;

/// How long one agent may take to open a stream while there are others.
const TURN: Duration = Duration::from_millis(700);

/// The agents that are connected to this process. A clone shares them.
#[derive(Clone, Default)]
pub struct Tunnels {
    all: Arc<RwLock<Vec<Arc<Tunnel>>>>,
}

/// Why a server can't be reached through an agent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialFault {
    #[error("no agent of this directory is connected to this process")]
    NoAgent,
    #[error("no connected agent has {0} on its list")]
    NotListed(String),
    #[error("agent {agent}: {why}")]
    Agent { agent: String, why: OpenError },
    #[error("no response in time")]
    Timeout,
}

impl Tunnels {
    /// Adds a tunnel. An older one of the same agent ends: the agent would not connect again if that worked.
    pub fn add(&self, tunnel: Arc<Tunnel>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| {
            let replaced = other.who().agent == tunnel.who().agent;
            if replaced {
                other.end(TunnelEnd::Replaced);
            }
            !replaced
        });
        all.push(tunnel);
    }

    /// Removes a tunnel that has ended.
    pub fn remove(&self, tunnel: &Arc<Tunnel>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|other| !Arc::ptr_eq(other, tunnel));
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Tunnel>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those of a directory.
    #[must_use]
    pub fn of(&self, directory: &DirectoryId) -> Vec<Arc<Tunnel>> {
        let mut all = self.all();
        all.retain(|tunnel| tunnel.who().directory == *directory && !tunnel.has_ended());
        all
    }

    /// Opens a stream to a server: through the least loaded agent that may reach it, and if that one fails, through the
    /// next. Nothing of the request has been sent to the server then.
    pub(crate) async fn dial(
        &self,
        directory: &DirectoryId,
        (host, port): (&str, u16),
        until: Instant,
    ) -> Result<(String, TunnelStream), DialFault> {
        let tunnels = self.of(directory);
        if tunnels.is_empty() {
            return Err(DialFault::NoAgent);
        }
        let ways: Vec<(&Arc<Tunnel>, Open)> =
            tunnels.iter().filter_map(|tunnel| Some((tunnel, tunnel.way_to(host, port)?))).collect();
        let loads: Vec<_> = ways.iter().map(|(tunnel, _)| tunnel.load()).collect();
        let mut fault = DialFault::NotListed(format!("{host}:{port}"));
        let tries = order(&loads);
        for (tried, at) in tries.iter().enumerate() {
            let (tunnel, open) = &ways[*at];
            let is_last = tried + 1 == tries.len();
            let turn = if is_last { until } else { until.min(Instant::now() + TURN) };
            match tunnel.open(open, turn).await {
                Ok(stream) => return Ok((tunnel.who().name.clone(), stream)),
                Err(why) => fault = DialFault::Agent { agent: tunnel.who().name.clone(), why },
            }
            if Instant::now() >= until {
                return Err(DialFault::Timeout);
            }
        }
        Err(fault)
    }
}

impl fmt::Debug for Tunnels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().iter().map(|tunnel| tunnel.who().name.clone())).finish()
    }
}
