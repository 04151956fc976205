//! Record the connections of agents to the nodes, so that a command and the other nodes see them.

use crate::domain::{DAY, Millis};

use crate::store::SettingsStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::values;

/// The connection of an agent to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentTunnelRow {
    pub agent: String,
    /// The id of the node.
    pub node: String,
    /// The name of the node's machine.
    pub host: String,
    /// The version of the agent's program.
    pub version: String,
    /// Where the agent connects from.
    pub address: String,
    pub since: Millis,
    /// When the node noted it last.
    pub seen_at: Millis,
    pub streams: i64,
    pub bytes_sent: i64,
    pub bytes_received: i64,
    pub rtt_ms: i64,
}

impl SettingsStore<'_> {
    /// Notes the connections of this node at this time: all that it has, and no others.
    pub async fn note_agent_tunnels(
        &self,
        node: &str,
        tunnels: &[AgentTunnelRow],
        now: Millis,
    ) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "DELETE FROM agent_tunnels WHERE node = $1 OR seen_at < $2";
            tx.execute(sql, values![node, now - DAY]).await?;
            for row in tunnels {
                let sql = "INSERT INTO agent_tunnels (agent, node, host, version, address, since, seen_at, streams, \
                     bytes_sent, bytes_received, rtt_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
                let AgentTunnelRow { agent, host, version, address, since, .. } = row;
                let AgentTunnelRow { streams, bytes_sent, bytes_received, rtt_ms, .. } = *row;
                let values = values![
                    agent, node, host, version, address, *since, now, streams, bytes_sent, bytes_received, rtt_ms
                ];
                tx.execute(sql, values).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// The connections that were noted since then.
    pub async fn agent_tunnels(&self, since: Millis) -> Result<Vec<AgentTunnelRow>> {
        let sql = "SELECT agent, node, host, version, address, since, seen_at, streams, bytes_sent, bytes_received, rtt_ms \
             FROM agent_tunnels WHERE seen_at >= $1 ORDER BY agent, host, node";
        self.store.db.rows(sql, values![since]).await?.iter().map(tunnel).collect()
    }
}

fn tunnel(row: &DbRow) -> Result<AgentTunnelRow> {
    let cells = row.of("agent_tunnels", "agent");
    Ok(AgentTunnelRow {
        agent: cells.cell("agent")?,
        node: cells.cell("node")?,
        host: cells.cell("host")?,
        version: cells.cell("version")?,
        address: cells.cell("address")?,
        since: cells.cell("since")?,
        seen_at: cells.cell("seen_at")?,
        streams: cells.cell("streams")?,
        bytes_sent: cells.cell("bytes_sent")?,
        bytes_received: cells.cell("bytes_received")?,
        rtt_ms: cells.cell("rtt_ms")?,
    })
}
