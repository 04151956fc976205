//! Revoke an agent: it is never let in again, and its connections end on every node within two seconds.

use serde_json::json;

use super::AgentsError;
use crate::agent::TunnelEnd;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::flow::installation::context::OperationParts;
use crate::store::AgentRow;

/// Revokes the agent with this id or name, invited or enrolled. Returns it as it was.
pub async fn revoke(parts: &OperationParts, named: &str, by: &Actor) -> Result<AgentRow, AgentsError> {
    let unknown = || AgentsError::Unknown(named.chars().take(100).collect());
    let mut agents = parts.store.settings().agents().await?;
    agents.retain(|agent| agent.revoked_at.is_none());
    let by_id = agents.iter().position(|agent| agent.id == named);
    let at = by_id.or_else(|| agents.iter().position(|agent| agent.name == named)).ok_or_else(unknown)?;
    let agent = agents.swap_remove(at);
    let event = Event {
        directory: Some(agent.directory.0.clone()),
        detail: Some(json!({ "agent": agent.name, "id": agent.id }).to_string()),
        ..Event::new(parts.now(), Decision::AgentRevoked).by(by)
    };
    if !parts.store.settings().revoke_agent(&agent.id, &event).await? {
        return Err(unknown());
    }
    // Those of this process at once; other processes look every second.
    for tunnel in parts.installation.tunnels().all() {
        if tunnel.who().agent == agent.id {
            tunnel.end(TunnelEnd::Revoked);
        }
    }
    Ok(agent)
}
