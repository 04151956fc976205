//! The agent's side of the head of a connection: say who it is, answer the challenge, be let in. Keys are written before
//! they are sent: whatever is lost on the way, the agent has the key that the provider has enrolled.

use std::fs;
use std::io;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Duration, timeout};

use super::config::AgentConfig;
use super::key::{AgentKey, KeyFileError};
use super::{Incoming, Outgoing};
use crate::domain::Millis;
use crate::domain::agent::{
    Bound, Enrolment, EnrolmentCode, FromAgent, FromProvider, Hello, NextKey, PROTOCOL, Proof, Purpose,
    RefusedBecause, Signed, is_renewal_due, nonce_of, signed_message,
};

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why the agent was not let in.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    #[error("{}", .0.explained())]
    Refused(RefusedBecause),
    /// Its signature could be used there.
    #[error("the provider says that it is {0}, not the one in the configuration; nothing was signed")]
    AnotherProvider(String),
    #[error("the provider asks for a key that this agent does not have")]
    AnotherKey,
    #[error("the provider does not speak the protocol of agents, version {PROTOCOL}")]
    Garbage,
    /// The ids of all nodes.
    #[error("the agent is connected to this node already")]
    Here(Vec<String>),
    #[error("the connection was closed")]
    Closed,
    #[error("no response in time")]
    Timeout,
    #[error(transparent)]
    Key(#[from] KeyFileError),
}

/// The keys of an agent.
pub(crate) struct Keys {
    current: Option<AgentKey>,
    /// Made, but perhaps not known to the provider yet.
    next: Option<AgentKey>,
}

impl Keys {
    /// Reads the keys.
    pub(crate) fn read(config: &AgentConfig) -> Result<Self, KeyFileError> {
        let current = AgentKey::read(&config.key_file)?;
        Ok(Self { current, next: AgentKey::read(&config.next_key_file())? })
    }

    pub(crate) fn is_enrolled(&self) -> bool {
        self.current.is_some()
    }

    /// There is neither a key nor one that was about to be enrolled.
    pub(crate) fn is_unknown(&self) -> bool {
        self.any().is_none()
    }

    fn public_keys(&self, agent: &str) -> Vec<String> {
        let own = [&self.current, &self.next].into_iter().flatten().filter(|key| key.agent == agent);
        own.map(AgentKey::public).collect()
    }

    fn any(&self) -> Option<&AgentKey> {
        self.current.as_ref().or(self.next.as_ref())
    }

    /// The next key is the key from now on.
    fn promote(&mut self, config: &AgentConfig) -> Result<(), KeyFileError> {
        let failed = |source| KeyFileError::File { path: config.key_file.clone(), source };
        fs::rename(config.next_key_file(), &config.key_file).map_err(failed)?;
        self.current = self.next.take();
        Ok(())
    }
}

/// Who let the agent in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entered {
    /// The agent's name at the provider.
    pub(crate) name: String,
    /// The node that it is connected to.
    pub(crate) node: String,
    /// All nodes of the provider.
    pub(crate) nodes: Vec<String>,
}

/// A connection at its head.
pub(crate) struct Head<'a> {
    pub(crate) config: &'a AgentConfig,
    pub(crate) incoming: &'a mut Incoming,
    pub(crate) outgoing: &'a mut Outgoing,
}

impl Head<'_> {
    /// Enters; with a code, the agent enrols. `connected` are the nodes that it is connected to already.
    pub(crate) async fn enter(
        &mut self,
        keys: &mut Keys,
        code: Option<&EnrolmentCode>,
        connected: Vec<String>,
        now: Millis,
    ) -> Result<Entered, EnterError> {
        let agent = match (code, keys.any()) {
            (Some(code), _) => code.agent.clone(),
            (None, Some(key)) => key.agent.clone(),
            (None, None) => return Err(EnterError::Refused(RefusedBecause::Unknown)),
        };
        let known = if code.is_some() { Vec::new() } else { keys.public_keys(&agent) };
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.send(&FromAgent::Hello(Hello {
            protocol: PROTOCOL,
            version,
            agent: agent.clone(),
            keys: known,
            nodes: connected,
        }))
        .await?;
        let (nonce, asked) = match self.receive().await? {
            FromProvider::Challenge { issuer, .. } if issuer != self.config.provider => {
                return Err(EnterError::AnotherProvider(issuer.chars().take(200).collect()));
            }
            FromProvider::Challenge { nonce, key, .. } => (nonce_of(&nonce).ok_or(EnterError::Garbage)?, key),
            FromProvider::Refused { why } => return Err(EnterError::Refused(why)),
            FromProvider::Welcome { .. } | FromProvider::Here { .. } => return Err(EnterError::Garbage),
        };
        let challenge = Challenge { agent: &agent, nonce: &nonce };
        let proof = match (code, asked) {
            (Some(code), None) => self.enrolment(keys, code, &challenge, now)?,
            (None, Some(asked)) => self.signed(keys, &asked, &challenge, now)?,
            _ => return Err(EnterError::Garbage),
        };
        self.send(&FromAgent::Proof(proof)).await?;
        match self.receive().await? {
            FromProvider::Welcome { name, node, nodes } => {
                if keys.next.is_some() {
                    keys.promote(self.config)?;
                }
                Ok(Entered { name, node, nodes })
            }
            FromProvider::Here { nodes } => {
                if keys.next.is_some() {
                    keys.promote(self.config)?;
                }
                Err(EnterError::Here(nodes))
            }
            FromProvider::Refused { why } => Err(EnterError::Refused(why)),
            FromProvider::Challenge { .. } => Err(EnterError::Garbage),
        }
    }

    fn enrolment(
        &self,
        keys: &mut Keys,
        code: &EnrolmentCode,
        challenge: &Challenge<'_>,
        now: Millis,
    ) -> Result<Proof, EnterError> {
        // The key of an attempt whose answer was lost may be the enrolled one.
        let key = match keys.next.take().filter(|key| key.agent == code.agent) {
            Some(key) => key,
            None => AgentKey::make(&code.agent, now)?,
        };
        key.write(&self.config.next_key_file())?;
        let targets = self.targets();
        let message = challenge.message(self.config, Purpose::Enrol, &targets, Some(&key));
        let signed = Signed { signature: key.sign(&message) };
        let enrolment = Some(Enrolment::new(&code.secret, key.public()));
        keys.next = Some(key);
        Ok(Proof { signed, targets, enrolment, next: None })
    }

    fn signed(
        &self,
        keys: &mut Keys,
        asked: &str,
        challenge: &Challenge<'_>,
        now: Millis,
    ) -> Result<Proof, EnterError> {
        let is_asked = |key: &Option<AgentKey>| key.as_ref().is_some_and(|key| key.public() == asked);
        if is_asked(&keys.next) {
            // The provider has taken it over, but the answer was lost.
            keys.promote(self.config)?;
        }
        let due = keys.current.as_ref().is_some_and(|key| is_renewal_due(key.made_at, now));
        if due && keys.next.is_none() {
            let next = AgentKey::make(challenge.agent, now)?;
            next.write(&self.config.next_key_file())?;
            keys.next = Some(next);
        }
        let key = keys.current.as_ref().filter(|key| key.public() == asked).ok_or(EnterError::AnotherKey)?;
        let (targets, next) = (self.targets(), keys.next.as_ref());
        let message = challenge.message(self.config, Purpose::Connect, &targets, next);
        let signed = Signed { signature: key.sign(&message) };
        let next = next.map(|next| {
            let message = challenge.message(self.config, Purpose::Renew, &targets, Some(next));
            NextKey { public_key: next.public(), signed: Signed { signature: next.sign(&message) } }
        });
        Ok(Proof { signed, targets, enrolment: None, next })
    }

    fn targets(&self) -> Vec<String> {
        self.config.allowed.targets.iter().map(ToString::to_string).collect()
    }

    async fn send(&mut self, message: &FromAgent) -> Result<(), EnterError> {
        let sent = timeout(PATIENCE, self.outgoing.send(Bytes::from(message.to_bytes()))).await;
        sent.map_err(|_| EnterError::Timeout)?.map_err(closed)
    }

    async fn receive(&mut self) -> Result<FromProvider, EnterError> {
        let message = timeout(PATIENCE, self.incoming.next()).await.map_err(|_| EnterError::Timeout)?;
        let bytes = message.ok_or(EnterError::Closed)?.map_err(closed)?;
        FromProvider::parse(&bytes).map_err(|_| EnterError::Garbage)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn closed(_: io::Error) -> EnterError {
    EnterError::Closed
}

/// A challenge of the provider.
struct Challenge<'a> {
    agent: &'a str,
    nonce: &'a [u8; 32],
}

impl Challenge<'_> {
    /// Bound to the provider of the configuration, whatever the provider says of itself.
    fn message(
        &self,
        config: &AgentConfig,
        purpose: Purpose,
        targets: &[String],
        new_key: Option<&AgentKey>,
    ) -> Vec<u8> {
        let new_key = new_key.map(AgentKey::public_bytes);
        let Self { agent, nonce } = *self;
        signed_message(purpose, &Bound { issuer: &config.provider, agent, nonce, targets, new_key })
    }
}
