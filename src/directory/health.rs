//! How the directory fares: figures of the pools and breakers, and a fresh look at every server.

use futures_util::future::join_all;
use tokio::time::{Duration, Instant};

use super::Directory;
use super::breaker::BreakerState;
use super::connection::{Connection, root_dse};
use super::error::Fault;
use super::pool::PoolStats;
use super::servers::Server;

/// Figures since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Connections of the service account.
    pub searches: PoolStats,
    /// Connections for binds as people.
    pub binds: PoolStats,
    /// Each server and its breaker, in the order of the settings.
    pub servers: Vec<(String, BreakerState)>,
    /// Which of them is asked first now.
    pub current: usize,
}

impl Stats {
    /// Each server and its breaker in words.
    #[must_use]
    pub fn servers_text(&self) -> String {
        let each = self.servers.iter().map(|(server, state)| format!("{server} {state}"));
        each.collect::<Vec<_>>().join(", ")
    }
}

/// One server, looked at now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHealth {
    /// `host:port`.
    pub server: String,
    /// How long it took to connect and read the root DSE, or what failed.
    pub result: Result<Duration, Fault>,
}

impl Directory {
    /// The figures.
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

    /// Connects anew to every server, all at once, and reads its root DSE. Nobody is bound.
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

async fn look_at(server: &Server, until: Instant) -> Result<(), Fault> {
    let mut connection = Connection::open(&server.dialer, until).await?;
    connection.search(&root_dse(&["supportedLDAPVersion"]), until).await.map(|_| ())
}
