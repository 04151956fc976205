//! One agent's connection, from the door to its end.

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::admit::{Door, NotAdmitted, event};
use super::watch::note;
use crate::agent::{Incoming, Outgoing, Tunnel, TunnelEnd};
use crate::domain::audit::Decision;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::store::StoreError;

/// How many may be at the door at once, and how many from one address: anybody can come there.
const MOST: usize = 256;
const MOST_OF_ONE: usize = 16;

/// The addresses of those at the door.
static DOOR: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A place at the door; dropping it makes room.
struct Place(String);

impl Place {
    fn take(address: &str) -> Option<Self> {
        let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
        let own = door.iter().filter(|other| *other == address).count();
        if door.len() >= MOST || own >= MOST_OF_ONE {
            return None;
        }
        door.push(address.to_owned());
        Some(Self(address.to_owned()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = door.iter().position(|address| *address == self.0) {
            door.swap_remove(at);
        }
    }
}

/// Lets an agent in, if it may come in, and carries its streams until its connection ends.
pub async fn serve(parts: OperationParts, mut incoming: Incoming, mut outgoing: Outgoing, address: String) {
    // The agent tries again.
    let Some(place) = Place::take(&address) else { return };
    let mut door =
        Door { parts: &parts, incoming: &mut incoming, outgoing: &mut outgoing, address: &address };
    let admitted = door.admit().await;
    drop(place);
    let admitted = match admitted {
        Ok(admitted) => admitted,
        // It looks for other nodes, again and again.
        Err(NotAdmitted::Here) => return,
        Err(why) => {
            tracing::info!(%why, address, "an agent was not let in");
            return;
        }
    };
    let (name, directory, agent) =
        (admitted.name.clone(), admitted.directory.clone(), admitted.agent.clone());
    let Ok((tunnel, drive)) = Tunnel::begin(admitted, incoming, outgoing).await else { return };
    parts.installation.tunnels().add(tunnel.clone());
    tracing::info!(agent = name, %directory, address, "an agent is connected");
    let (recorded, why) = tokio::join!(record_connected(&parts, &agent, &address), drive.run());
    parts.installation.tunnels().remove(&tunnel);
    tracing::info!(agent = name, %directory, %why, "the connection of an agent has ended");
    for done in [recorded, record_gone(&parts, &agent, &address, why).await] {
        if let Err(error) = done {
            tracing::error!(error = %Causes(&error), "the connection of an agent can't be recorded");
        }
    }
}

/// Ends all connections, since the process stops.
pub fn close_all(parts: &OperationParts) {
    for tunnel in parts.installation.tunnels().all() {
        tunnel.end(TunnelEnd::Stopped);
    }
}

async fn record_connected(parts: &OperationParts, agent: &str, address: &str) -> Result<(), StoreError> {
    if let Some(row) = parts.store.settings().agent(agent).await? {
        let connected = event(parts.now(), &row, Decision::AgentConnected, (address, json!({})));
        parts.store.login().append(&connected).await?;
    }
    note(parts).await
}

async fn record_gone(
    parts: &OperationParts,
    agent: &str,
    address: &str,
    why: TunnelEnd,
) -> Result<(), StoreError> {
    if let Some(row) = parts.store.settings().agent(agent).await? {
        let why = why.to_string();
        let gone = event(parts.now(), &row, Decision::AgentGone, (address, json!({ "why": why })));
        parts.store.settings().note_agent_gone(agent, &why, &gone).await?;
    }
    note(parts).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_all_places() {
        let held: Vec<Place> = (0..MOST_OF_ONE).filter_map(|_| Place::take("192.0.2.1")).collect();
        assert_eq!(held.len(), MOST_OF_ONE);
        assert!(Place::take("192.0.2.1").is_none());
        assert!(Place::take("192.0.2.2").is_some(), "there is room for others");
        drop(held);
        assert!(Place::take("192.0.2.1").is_some());
    }
}
