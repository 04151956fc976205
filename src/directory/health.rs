//! Report the state of the connection pools and servers.

use super::Directory;
use super::connection::{BreakerState, PoolStats};

/// Counters since the start, and current states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The service account's connections.
    pub searches: PoolStats,
    /// Connections for binds as a person.
    pub binds: PoolStats,
    /// Each server and its circuit breaker, in the order of the settings.
    pub servers: Vec<(String, BreakerState)>,
    /// The index of the server that is tried first now.
    pub current: usize,
}

impl Stats {
    /// Each server and its circuit breaker as text.
    #[must_use]
    pub fn servers_text(&self) -> String {
        let each = self.servers.iter().map(|(server, state)| format!("{server} {state}"));
        each.collect::<Vec<_>>().join(", ")
    }
}

impl Directory {
    /// Counts of requests and states of servers since the start.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let requests = self.requests();
        Stats {
            searches: requests.searches.stats(),
            binds: requests.binds.stats(),
            servers: requests
                .servers
                .iter()
                .map(|server| (server.name.clone(), server.breaker_state()))
                .collect(),
            current: requests.servers.current(),
        }
    }
}
