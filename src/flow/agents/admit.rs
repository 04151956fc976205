//! Whether an agent at the door is let in: it proves by a signature over a fresh random number that it has the key that
//! was enrolled, or enrols its key with a code.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Duration, timeout};

use crate::agent::{Admitted, Incoming, Outgoing, is_signed};
use crate::domain::agent::{
    Bound, Enrolment, FromAgent, FromProvider, Hello, PROTOCOL, Proof, Purpose, RefusedBecause, key_of,
    signed_message,
};
use crate::domain::audit::{Decision, Event, Keep};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::nodes;
use crate::keys::{Label, random_nonce};
use crate::store::{AgentEnrolment, AgentRow, NodeRow, StoreError};

/// How long an agent may take for one message.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why an agent is not let in.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAdmitted {
    /// It is told.
    #[error("{0}")]
    Refused(RefusedBecause),
    /// It is told, and so are the ids of the nodes.
    #[error("it is connected to this node already")]
    Here,
    #[error("the connection was closed")]
    Closed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An agent at the door.
pub(super) struct Door<'a> {
    pub(super) parts: &'a OperationParts,
    pub(super) incoming: &'a mut Incoming,
    pub(super) outgoing: &'a mut Outgoing,
    /// Where it comes from.
    pub(super) address: &'a str,
}

impl Door<'_> {
    /// Lets the agent in, or tells it why not.
    pub(super) async fn admit(&mut self) -> Result<Admitted, NotAdmitted> {
        let mut known = None;
        let admitted = self.decide(&mut known).await;
        let why = match &admitted {
            Ok(_) => return admitted,
            Err(NotAdmitted::Refused(why)) => *why,
            Err(NotAdmitted::Here | NotAdmitted::Closed) => return admitted,
            Err(NotAdmitted::Store(error)) => {
                tracing::error!(error = %Causes(error), "an agent can't be let in: the store does not answer");
                RefusedBecause::Unavailable
            }
        };
        if why != RefusedBecause::Unavailable {
            self.record_refusal(known.as_ref(), why).await?;
        }
        // It has closed the connection already, perhaps.
        let _ = self.send(&FromProvider::Refused { why }).await;
        admitted
    }

    async fn decide(&mut self, known: &mut Option<AgentRow>) -> Result<Admitted, NotAdmitted> {
        let FromAgent::Hello(hello) = self.receive().await? else {
            return refused(RefusedBecause::Malformed);
        };
        if hello.protocol != PROTOCOL {
            return refused(RefusedBecause::Version);
        }
        let Some(agent) = self.parts.store.settings().agent(&hello.agent).await? else {
            return refused(RefusedBecause::Unknown);
        };
        let agent = known.insert(agent);
        if agent.revoked_at.is_some() {
            return refused(RefusedBecause::Revoked);
        }
        let key = asked_key(agent, &hello).map_err(NotAdmitted::Refused)?;
        let nonce = random_nonce();
        let issuer = self.parts.installation.issuer().to_string();
        let challenge = FromProvider::Challenge {
            nonce: hex::encode(nonce),
            issuer: issuer.clone(),
            key: key.as_ref().map(hex::encode),
        };
        self.send(&challenge).await?;
        let FromAgent::Proof(proof) = self.receive().await? else {
            return refused(RefusedBecause::Malformed);
        };
        let bound = Bound {
            issuer: &issuer,
            agent: &agent.id,
            nonce: &nonce,
            targets: &proof.targets,
            new_key: None,
        };
        match (&key, &proof.enrolment) {
            (Some(key), None) => self.connects(agent, key, &proof, &bound).await?,
            (None, Some(enrolment)) => self.enrols(agent, enrolment, &proof, &bound).await?,
            _ => return refused(RefusedBecause::Malformed),
        }
        let node = self.parts.process.node.id().to_owned();
        let nodes = nodes_of(&node, nodes::serving(self.parts).await?);
        if hello.nodes.contains(&node) {
            self.send(&FromProvider::Here { nodes }).await?;
            return Err(NotAdmitted::Here);
        }
        self.send(&FromProvider::Welcome { name: agent.name.clone(), node, nodes }).await?;
        Ok(Admitted {
            agent: agent.id.clone(),
            name: agent.name.clone(),
            directory: agent.directory.clone(),
            version: hello.version,
            address: self.address.to_owned(),
            since: self.parts.now(),
            targets: proof.parsed_targets(),
        })
    }

    async fn enrols(
        &mut self,
        agent: &AgentRow,
        enrolment: &Enrolment,
        proof: &Proof,
        bound: &Bound<'_>,
    ) -> Result<(), NotAdmitted> {
        let key = key_of(&enrolment.public_key).ok_or(NotAdmitted::Refused(RefusedBecause::Malformed))?;
        is_by(&key, Purpose::Enrol, &Bound { new_key: Some(&key), ..*bound }, proof.signed.bytes())?;
        let code = self.parts.keys.sealer.hmac(Label::AgentCode, enrolment.code().expose().as_bytes());
        let event = self.event(agent, Decision::AgentEnrolled, json!({ "targets": proof.targets }));
        let enrolment =
            AgentEnrolment { id: &agent.id, code: &code, public_key: &key, targets: &proof.targets };
        match self.parts.store.settings().enrol_agent(enrolment, &event).await? {
            true => Ok(()),
            false => refused(RefusedBecause::Code),
        }
    }

    async fn connects(
        &mut self,
        agent: &AgentRow,
        key: &[u8],
        proof: &Proof,
        bound: &Bound<'_>,
    ) -> Result<(), NotAdmitted> {
        let next = proof.next.as_ref().and_then(|next| key_of(&next.public_key));
        let next = next.as_ref().map(<[u8; 32]>::as_slice);
        is_by(key, Purpose::Connect, &Bound { new_key: next, ..*bound }, proof.signed.bytes())?;
        if let (Some(next), Some(sent)) = (next, &proof.next) {
            is_by(next, Purpose::Renew, &Bound { new_key: Some(next), ..*bound }, sent.signed.bytes())?;
            let event = self.event(agent, Decision::AgentKeyRenewed, json!({}));
            if !self.parts.store.settings().renew_agent_key(&agent.id, (key, next), &event).await? {
                return refused(RefusedBecause::Key);
            }
        }
        let changed = json!({ "before": agent.targets, "after": proof.targets });
        let event = self.event(agent, Decision::AgentTargetsChanged, changed);
        self.parts.store.settings().note_agent_targets(&agent.id, &proof.targets, &event).await?;
        Ok(())
    }

    fn event(&self, agent: &AgentRow, decision: Decision, detail: Value) -> Event {
        event(self.parts.now(), agent, decision, (self.address, detail))
    }

    /// Anybody can cause it, so many of one kind share a row.
    async fn record_refusal(
        &mut self,
        agent: Option<&AgentRow>,
        why: RefusedBecause,
    ) -> Result<(), StoreError> {
        let event = Event {
            directory: agent.map(|agent| agent.directory.0.clone()),
            subject: agent.map(|agent| agent.id.clone()),
            detail: agent.map(|agent| json!({ "agent": agent.name, "id": agent.id }).to_string()),
            address: Some(self.address.to_owned()),
            cause: Some(why.as_str().to_owned()),
            keep: Keep::Short,
            ..Event::new(self.parts.now(), Decision::AgentRefused)
        };
        self.parts.store.login().append(&event).await
    }

    async fn send(&mut self, message: &FromProvider) -> Result<(), NotAdmitted> {
        match timeout(PATIENCE, self.outgoing.send(Bytes::from(message.to_bytes()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(NotAdmitted::Closed),
        }
    }

    async fn receive(&mut self) -> Result<FromAgent, NotAdmitted> {
        match timeout(PATIENCE, self.incoming.next()).await {
            Ok(Some(Ok(bytes))) => {
                FromAgent::parse(&bytes).map_err(|_| NotAdmitted::Refused(RefusedBecause::Malformed))
            }
            Ok(_) => Err(NotAdmitted::Closed),
            Err(_) => refused(RefusedBecause::Malformed),
        }
    }
}

/// The ids of all nodes. This one has perhaps not been noted yet.
fn nodes_of(own: &str, serving: Vec<NodeRow>) -> Vec<String> {
    let mut nodes: Vec<String> = serving.into_iter().map(|node| node.id).collect();
    if !nodes.iter().any(|node| node == own) {
        nodes.push(own.to_owned());
    }
    nodes
}

fn refused<T>(why: RefusedBecause) -> Result<T, NotAdmitted> {
    Err(NotAdmitted::Refused(why))
}

/// The key by which the agent has to sign; `None`: it enrols.
fn asked_key(agent: &AgentRow, hello: &Hello) -> Result<Option<Vec<u8>>, RefusedBecause> {
    let Some(enrolled) = &agent.public_key else {
        return if hello.keys.is_empty() { Ok(None) } else { Err(RefusedBecause::Key) };
    };
    let has =
        hello.keys.iter().filter_map(|key| key_of(key)).any(|key| key.as_slice() == enrolled.as_slice());
    match (has, hello.keys.is_empty()) {
        (true, _) => Ok(Some(enrolled.clone())),
        // It comes with a code that was used.
        (false, true) => Err(RefusedBecause::Code),
        (false, false) => Err(RefusedBecause::Key),
    }
}

fn is_by(
    key: &[u8],
    purpose: Purpose,
    bound: &Bound<'_>,
    signature: Option<[u8; 64]>,
) -> Result<(), NotAdmitted> {
    let message = signed_message(purpose, bound);
    match signature.is_some_and(|signature| is_signed(key, &message, &signature)) {
        true => Ok(()),
        false => refused(RefusedBecause::Key),
    }
}

/// An event about an agent, with its name in the detail.
pub(super) fn event(
    at: crate::domain::Millis,
    agent: &AgentRow,
    decision: Decision,
    (address, mut detail): (&str, Value),
) -> Event {
    detail["agent"] = agent.name.clone().into();
    detail["id"] = agent.id.clone().into();
    Event {
        directory: Some(agent.directory.0.clone()),
        address: Some(address.to_owned()),
        detail: Some(detail.to_string()),
        ..Event::new(at, decision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::DirectoryId;

    fn agent(public_key: Option<[u8; 32]>) -> AgentRow {
        AgentRow {
            id: "a".into(),
            name: "hq".into(),
            directory: DirectoryId("corp".into()),
            invited_at: 0,
            code_until: 100,
            public_key: public_key.map(|key| key.to_vec()),
            enrolled_at: None,
            key_at: None,
            targets: Vec::new(),
            gone: None,
            revoked_at: None,
        }
    }

    #[test]
    fn the_enrolled_key_is_asked_for_and_no_other() {
        let hello = |keys: &[[u8; 32]]| Hello {
            protocol: PROTOCOL,
            version: "1".into(),
            agent: "a".into(),
            nodes: Vec::new(),
            keys: keys.iter().map(hex::encode).collect(),
        };
        let (one, other) = ([1; 32], [2; 32]);
        let table = [
            (agent(None), hello(&[]), Ok(None)),
            (agent(None), hello(&[one]), Err(RefusedBecause::Key)),
            (agent(Some(one)), hello(&[one]), Ok(Some(one.to_vec()))),
            (agent(Some(one)), hello(&[other, one]), Ok(Some(one.to_vec()))),
            (agent(Some(one)), hello(&[other]), Err(RefusedBecause::Key)),
            (agent(Some(one)), hello(&[]), Err(RefusedBecause::Code)),
        ];
        for (agent, hello, expected) in table {
            assert_eq!(asked_key(&agent, &hello), expected, "{hello:?}");
        }
    }
}
