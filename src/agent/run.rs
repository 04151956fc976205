//! The agent's process: a connection to each node of the provider, and again when one is lost.

use std::sync::Arc;

use rustls::ClientConfig;
use tokio::time::sleep_until;

use super::config::AgentConfig;
use super::connect::{self, ConnectError, connect};
use super::connections::Connections;
use super::enter::{EnterError, Entered, Head, Keys};
use super::key::KeyFileError;
use super::reach::Reachable;
use super::{Incoming, Outgoing};
use crate::clock::Clock;
use crate::domain::agent::EnrolmentCode;

/// Why an agent can't run, or is not connected.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(
        "this agent is not enrolled; run it once with --code and the code of: cloudsync-idp agents invite"
    )]
    NotEnrolled,
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("not let in: {0}")]
    Enter(#[from] EnterError),
}

/// Whether the agent has a key already.
pub fn is_enrolled(config: &AgentConfig) -> Result<bool, AgentError> {
    Ok(Keys::read(config)?.is_enrolled())
}

/// Enrols the agent with a code, which is then used up. Returns its name at the provider.
pub async fn enrol(config: &AgentConfig, code: &EnrolmentCode, clock: &Clock) -> Result<String, AgentError> {
    let process = AgentProcess { config, trusted: connect::trust(config)?, clock };
    let (entered, ..) = process.enter(Some(code), Vec::new()).await?;
    Ok(entered.name)
}

/// Serves for ever; with a code, the agent enrols first. Returns only if it can't begin.
pub async fn run(
    config: &AgentConfig,
    code: Option<&EnrolmentCode>,
    clock: &Clock,
) -> Result<(), AgentError> {
    let process = AgentProcess { config, trusted: connect::trust(config)?, clock };
    let mut connections = Connections::new(Arc::new(Reachable::new(config.allowed.clone())));
    if let Some(code) = code {
        let (entered, incoming, outgoing) = process.enter(Some(code), Vec::new()).await?;
        tracing::info!(name = entered.name, provider = config.provider, "enrolled and connected");
        connections.add(entered, incoming, outgoing);
    } else if Keys::read(config)?.is_unknown() {
        return Err(AgentError::NotEnrolled);
    }
    loop {
        let next_try = connections.next_try();
        tokio::select! {
            () = connections.lost() => {}
            () = sleep_until(next_try) => process.try_to_connect(&mut connections).await,
        }
    }
}

/// What each connection needs.
struct AgentProcess<'a> {
    config: &'a AgentConfig,
    trusted: Option<Arc<ClientConfig>>,
    clock: &'a Clock,
}

impl AgentProcess<'_> {
    async fn try_to_connect(&self, connections: &mut Connections) {
        match self.enter(None, connections.nodes()).await {
            Ok((entered, incoming, outgoing)) => {
                tracing::info!(
                    name = entered.name,
                    node = entered.node,
                    provider = self.config.provider,
                    "connected"
                );
                connections.add(entered, incoming, outgoing);
            }
            Err(AgentError::Enter(EnterError::Here(nodes))) => connections.reached_again(nodes),
            Err(error) => {
                tracing::error!(%error, "no connection to the provider");
                let hopeless =
                    matches!(&error, AgentError::Enter(EnterError::Refused(why)) if why.is_final());
                connections.failed(hopeless);
            }
        }
    }

    /// The keys are read each time: whoever enrols the agent anew changes the file.
    async fn enter(
        &self,
        code: Option<&EnrolmentCode>,
        nodes: Vec<String>,
    ) -> Result<(Entered, Incoming, Outgoing), AgentError> {
        let mut keys = Keys::read(self.config)?;
        let (mut incoming, mut outgoing) = connect(self.config, self.trusted.as_ref()).await?;
        let mut head = Head { config: self.config, incoming: &mut incoming, outgoing: &mut outgoing };
        let entered = head.enter(&mut keys, code, nodes, self.clock.now()).await?;
        Ok((entered, incoming, outgoing))
    }
}
