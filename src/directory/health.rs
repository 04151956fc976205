//! Report the state of the connection pools and servers, and check every server.

use futures_util::future::join_all;
use tokio::time::{Duration, Instant};

use super::Directory;
use super::error::LdapFault;
use crate::directory::connection::{BreakerState, Connection, DirectoryServer, PoolStats, root_dse};

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

/// The result of checking one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHealth {
    /// `host:port`.
    pub server: String,
    /// The time to connect and read the root DSE, or the fault.
    pub result: Result<Duration, LdapFault>,
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

    /// Opens a new connection to every server at once and reads its root DSE, without a bind.
    pub async fn probe(&self) -> Vec<ServerHealth> {
        let requests = self.requests();
        let patience = requests.connect_timeout + requests.operation_timeout;
        join_all(requests.servers.iter().map(|server| async move {
            let since = Instant::now();
            let result = look_at(server, since + patience).await.map(|()| since.elapsed());
            ServerHealth { server: server.name.clone(), result }
        }))
        .await
    }
}

async fn look_at(server: &DirectoryServer, until: Instant) -> Result<(), LdapFault> {
    let mut connection = Connection::open(&server.dialer, until).await?;
    connection.search(&root_dse(&["supportedLDAPVersion"]), until).await.map(|_| ())
}
