//! End the connections of agents that another process has revoked, and note which agents are connected here.

use crate::agent::TunnelEnd;
use crate::flow::installation::context::OperationParts;
use crate::store::{AgentTunnelRow, StoreError};

/// Ends the connections of agents that are revoked. Called every second.
pub async fn end_revoked(parts: &OperationParts) -> Result<(), StoreError> {
    let tunnels = parts.installation.tunnels().all();
    if tunnels.is_empty() {
        return Ok(());
    }
    let agents = parts.store.settings().agents().await?;
    for tunnel in tunnels {
        let may_stay = |id: &str| agents.iter().any(|agent| agent.id == id && agent.revoked_at.is_none());
        if !may_stay(&tunnel.who().agent) {
            tunnel.end(TunnelEnd::Revoked);
        }
    }
    Ok(())
}

/// Notes the connections of this process, with what they have carried. Writes nothing where there are none.
pub async fn note(parts: &OperationParts) -> Result<(), StoreError> {
    let (node, now) = (parts.process.node.id(), parts.now());
    let tunnels = parts.installation.tunnels().all();
    if tunnels.is_empty()
        && !parts.store.settings().agent_tunnels(0).await?.iter().any(|row| row.node == node)
    {
        return Ok(());
    }
    let row = |tunnel: &std::sync::Arc<crate::agent::Tunnel>| {
        let (who, stats) = (tunnel.who(), tunnel.stats());
        AgentTunnelRow {
            agent: who.agent.clone(),
            node: node.to_owned(),
            host: parts.process.startup.host.clone(),
            version: who.version.clone(),
            address: who.address.clone(),
            since: who.since,
            seen_at: now,
            streams: i64::try_from(stats.streams).unwrap_or(i64::MAX),
            bytes_sent: i64::try_from(stats.bytes_sent).unwrap_or(i64::MAX),
            bytes_received: i64::try_from(stats.bytes_received).unwrap_or(i64::MAX),
            rtt_ms: i64::from(stats.rtt_ms),
        }
    };
    let rows: Vec<AgentTunnelRow> = tunnels.iter().map(row).collect();
    parts.store.settings().note_agent_tunnels(node, &rows, now).await
}
