//! The messages at the head of an agent's connection, one WebSocket message each, as JSON: the agent says who it is, the
//! provider challenges it, the agent proves that it has the key, the provider lets it in. HTTP/2 follows. Fields that
//! a later version adds are ignored.

use serde::{Deserialize, Serialize};

use super::allow_list::{MOST_TARGETS, Target};
use super::signature::NONCE_LEN;
use crate::domain::secret::Plain;
use crate::domain::words;

/// The version of the protocol. A provider refuses agents of another one.
pub const PROTOCOL: u32 = 1;
/// No message is longer.
pub const LONGEST_MESSAGE: usize = 64 * 1024;

const LONGEST_VERSION: usize = 40;
const LONGEST_ID: usize = 64;
const MOST_KEYS: usize = 2;
const MOST_NODES: usize = 64;

/// A message of the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum FromAgent {
    Hello(Hello),
    Proof(Proof),
}

/// A message of the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum FromProvider {
    Challenge {
        /// Hexadecimal.
        nonce: String,
        /// The provider's public address. The agent compares it with its own configuration.
        issuer: String,
        /// Which of its keys the agent signs with: the public key in hexadecimal. None: it enrols.
        key: Option<String>,
    },
    Welcome {
        /// The agent's name.
        name: String,
        /// The id of this node.
        node: String,
        /// The ids of all nodes, to each of which an agent keeps a connection.
        nodes: Vec<String>,
    },
    /// The agent has a connection to this node already, and may have reached another one next time.
    Here {
        nodes: Vec<String>,
    },
    Refused {
        why: RefusedBecause,
    },
}

/// The first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The version of the program.
    pub version: String,
    /// The agent's id.
    pub agent: String,
    /// The public keys that it has, in hexadecimal; none if it enrols.
    pub keys: Vec<String>,
    /// The ids of the nodes to which it has connections.
    #[serde(default)]
    pub nodes: Vec<String>,
}

/// The answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    #[serde(flatten)]
    pub signed: Signed,
    /// What the agent may reach, as it announces it.
    pub targets: Vec<String>,
    /// Of an agent that enrols: the secret of its code, and its key.
    pub enrolment: Option<Enrolment>,
    /// The key that replaces the agent's key from now on.
    pub next: Option<NextKey>,
}

/// A signature in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub signature: String,
}

/// What an agent sends when it enrols.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    code: String,
    /// Hexadecimal.
    pub public_key: String,
}

impl Enrolment {
    /// With the secret of the code.
    #[must_use]
    pub fn new(code: &Plain, public_key: String) -> Self {
        Self { code: code.expose().to_owned(), public_key }
    }

    /// The secret of the code.
    #[must_use]
    pub fn code(&self) -> Plain {
        Plain::new(self.code.clone())
    }
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

/// A new key, and its signature over the same challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextKey {
    /// Hexadecimal.
    pub public_key: String,
    #[serde(flatten)]
    pub signed: Signed,
}

words! {
    /// Why a provider lets an agent not in.
    pub enum RefusedBecause {
        /// The provider does not know the agent: it was never invited, or the invitation was replaced.
        Unknown = "unknown",
        /// An administrator has revoked it.
        Revoked = "revoked",
        /// The code is wrong, was used, or has expired.
        Code = "code",
        /// The agent does not have the key that was enrolled, or the signature is wrong.
        Key = "key",
        /// Its version does not fit the provider's.
        Version = "version",
        /// A message can't be read, or came too late.
        Malformed = "malformed",
        /// The provider can't decide now.
        Unavailable = "unavailable",
    }
}

impl RefusedBecause {
    /// The refusal in words, for whoever installs the agent.
    #[must_use]
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Unknown => {
                "the provider does not know this agent; invite it again: cloudsync-idp agents invite"
            }
            Self::Revoked => "an administrator has revoked this agent",
            Self::Code => {
                "the code is wrong, was used already, or is older than an hour; invite the agent again"
            }
            Self::Key => "the provider has enrolled another key; invite the agent again",
            Self::Version => "the version of this agent does not fit the provider's; update it",
            Self::Malformed => "the provider can't read what this agent sends; update it",
            Self::Unavailable => "the provider can't decide now; the agent tries again",
        }
    }

    /// True if trying again at once is of no use.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Unavailable)
    }
}

/// Why a message can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("the message is longer than {LONGEST_MESSAGE} bytes")]
    TooLong,
    #[error("the message is not JSON of this protocol")]
    NotJson,
    #[error("{0} can't be read")]
    Field(&'static str),
}

impl FromAgent {
    /// Reads a message and checks each field. Signatures are verified elsewhere.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let message: Self = read(bytes)?;
        let checked = match &message {
            Self::Hello(hello) => hello.check(),
            Self::Proof(proof) => proof.check(),
        };
        checked.map_err(MessageError::Field).map(|()| message)
    }

    /// The bytes to send.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl FromProvider {
    /// Reads a message.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        read(bytes)
    }

    /// The bytes to send.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Hello {
    fn check(&self) -> Result<(), &'static str> {
        let version = &self.version;
        if version.len() > LONGEST_VERSION || !version.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("version");
        }
        if self.agent.is_empty() || self.agent.len() > LONGEST_ID || !self.agent.is_ascii() {
            return Err("agent");
        }
        if self.nodes.len() > MOST_NODES || self.nodes.iter().any(|node| node.len() > LONGEST_ID) {
            return Err("nodes");
        }
        (self.keys.len() <= MOST_KEYS && self.keys.iter().all(|key| bytes_of::<32>(key).is_some()))
            .then_some(())
            .ok_or("keys")
    }
}

impl Proof {
    fn check(&self) -> Result<(), &'static str> {
        if self.targets.len() > MOST_TARGETS
            || self.targets.iter().any(|text| Target::announced(text).is_err())
        {
            return Err("targets");
        }
        let next = self.next.as_ref();
        let keys = [self.enrolment.as_ref().map(|one| &one.public_key), next.map(|next| &next.public_key)];
        if keys.into_iter().flatten().any(|key| bytes_of::<32>(key).is_none()) {
            return Err("public_key");
        }
        let signatures = [Some(&self.signed), next.map(|next| &next.signed)];
        let is_one = |signed: &Signed| bytes_of::<64>(&signed.signature).is_some();
        signatures.into_iter().flatten().all(is_one).then_some(()).ok_or("signature")
    }

    /// What the agent announces.
    #[must_use]
    pub fn parsed_targets(&self) -> Vec<Target> {
        self.targets.iter().filter_map(|text| Target::announced(text).ok()).collect()
    }
}

impl Signed {
    /// The bytes of the signature.
    #[must_use]
    pub fn bytes(&self) -> Option<[u8; 64]> {
        bytes_of(&self.signature)
    }
}

/// The nonce of a challenge.
#[must_use]
pub fn nonce_of(text: &str) -> Option<[u8; NONCE_LEN]> {
    bytes_of(text)
}

/// The bytes of a public key.
#[must_use]
pub fn key_of(text: &str) -> Option<[u8; 32]> {
    bytes_of(text)
}

fn bytes_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}

fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, MessageError> {
    if bytes.len() > LONGEST_MESSAGE {
        return Err(MessageError::TooLong);
    }
    serde_json::from_slice(bytes).map_err(|_| MessageError::NotJson)
}

#[cfg(test)]
mod tests;
