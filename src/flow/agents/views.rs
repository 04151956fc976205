//! The agents as administrators see them: on the terminal, in the panel and as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Millis, SECOND, timestamp};
use crate::flow::installation::context::OperationParts;
use crate::store::{AgentRow, AgentTunnelRow, StoreError};

/// A connection that was not noted for so long has ended with its node.
const FRESH: Millis = 20 * SECOND;

/// How an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// It has not used its code yet.
    Invited,
    /// It has not used its code in time.
    Expired,
    Connected,
    /// It is enrolled, but not connected.
    Away,
    Revoked,
}

impl AgentState {
    /// The word for the terminal.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Expired => "invitation expired",
            Self::Connected => "connected",
            Self::Away => "not connected",
            Self::Revoked => "revoked",
        }
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentView {
    pub id: String,
    pub name: String,
    pub directory: String,
    pub state: AgentState,
    /// RFC 3339.
    pub invited_at: String,
    pub enrolled_at: Option<String>,
    /// When its key was enrolled or renewed.
    pub key_at: Option<String>,
    pub revoked_at: Option<String>,
    /// What it may reach, by its own list.
    pub targets: Vec<String>,
    /// One for each node that it is connected to.
    pub connections: Vec<AgentTunnelView>,
    /// When and why its last connection ended.
    pub last_gone_at: Option<String>,
    pub last_gone_because: Option<String>,
}

/// The connection of an agent to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentTunnelView {
    /// The machine of the node.
    pub node: String,
    /// The version of the agent's program.
    pub version: String,
    /// True if that is not this provider's version.
    pub other_version: bool,
    /// Where it connects from.
    pub address: String,
    pub since: String,
    pub streams: i64,
    pub bytes_sent: i64,
    pub bytes_received: i64,
    /// The round-trip time, in milliseconds; 0: not measured yet.
    pub rtt_ms: i64,
}

/// All agents, the revoked ones too.
pub async fn list(parts: &OperationParts) -> Result<Vec<AgentView>, StoreError> {
    let now = parts.now();
    let agents = parts.store.settings().agents().await?;
    let tunnels = parts.store.settings().agent_tunnels(now - FRESH).await?;
    Ok(agents.into_iter().map(|agent| view(agent, &tunnels, now)).collect())
}

fn view(agent: AgentRow, tunnels: &[AgentTunnelRow], now: Millis) -> AgentView {
    let own = tunnels.iter().filter(|tunnel| tunnel.agent == agent.id);
    let connections: Vec<AgentTunnelView> = own.map(tunnel_view).collect();
    AgentView {
        state: state(&agent, !connections.is_empty(), now),
        id: agent.id,
        name: agent.name,
        directory: agent.directory.0,
        invited_at: timestamp(agent.invited_at),
        enrolled_at: agent.enrolled_at.map(timestamp),
        key_at: agent.key_at.map(timestamp),
        revoked_at: agent.revoked_at.map(timestamp),
        targets: agent.targets,
        connections,
        last_gone_at: agent.gone.as_ref().map(|(at, _)| timestamp(*at)),
        last_gone_because: agent.gone.map(|(_, why)| why),
    }
}

fn state(agent: &AgentRow, is_connected: bool, now: Millis) -> AgentState {
    match (agent.revoked_at, &agent.public_key) {
        (Some(_), _) => AgentState::Revoked,
        (None, None) if now < agent.code_until => AgentState::Invited,
        (None, None) => AgentState::Expired,
        (None, Some(_)) if is_connected => AgentState::Connected,
        (None, Some(_)) => AgentState::Away,
    }
}

fn tunnel_view(row: &AgentTunnelRow) -> AgentTunnelView {
    AgentTunnelView {
        node: row.host.clone(),
        version: row.version.clone(),
        other_version: row.version != env!("CARGO_PKG_VERSION"),
        address: row.address.clone(),
        since: timestamp(row.since),
        streams: row.streams,
        bytes_sent: row.bytes_sent,
        bytes_received: row.bytes_received,
        rtt_ms: row.rtt_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::DirectoryId;

    #[test]
    fn the_state_follows_from_code_key_and_connections() {
        let agent = |public_key: Option<&[u8]>, revoked_at| AgentRow {
            id: "a".into(),
            name: "hq".into(),
            directory: DirectoryId("corp".into()),
            invited_at: 0,
            code_until: 100,
            public_key: public_key.map(<[u8]>::to_vec),
            enrolled_at: None,
            key_at: None,
            targets: Vec::new(),
            gone: None,
            revoked_at,
        };
        let table = [
            (agent(None, None), false, 99, AgentState::Invited),
            (agent(None, None), false, 100, AgentState::Expired),
            (agent(Some(b"k"), None), false, 100, AgentState::Away),
            (agent(Some(b"k"), None), true, 0, AgentState::Connected),
            (agent(Some(b"k"), Some(7)), true, 0, AgentState::Revoked),
            (agent(None, Some(7)), false, 0, AgentState::Revoked),
        ];
        for (agent, is_connected, now, expected) in table {
            assert_eq!(state(&agent, is_connected, now), expected, "{agent:?} at {now}");
        }
    }
}
