//! What an agent signs. The message names its purpose, the provider, the agent and a fresh number of the provider's, so a
//! signature is of no use at another provider, for another agent, or a second time. It is not bound to the TLS session:
//! a proxy in front of the provider may end that.

/// The bytes of the provider's random number.
pub const NONCE_LEN: usize = 32;

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An enrolled agent connects.
    Connect,
    /// A new agent shows that it has the key that it enrols.
    Enrol,
    /// An enrolled agent shows that it has the key that replaces its key.
    Renew,
}

impl Purpose {
    const fn words(self) -> &'static [u8] {
        match self {
            Self::Connect => b"cloudsync-idp agent, version 1: connect",
            Self::Enrol => b"cloudsync-idp agent, version 1: enrol",
            Self::Renew => b"cloudsync-idp agent, version 1: renew",
        }
    }
}

/// What a signature is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// The provider's public address, as the agent has it in its own configuration.
    pub issuer: &'a str,
    /// The agent's id.
    pub agent: &'a str,
    pub nonce: &'a [u8; NONCE_LEN],
    /// What the agent announces that it may reach.
    pub targets: &'a [String],
    /// The key that is enrolled, or that replaces the agent's key.
    pub new_key: Option<&'a [u8]>,
}

/// The message to sign: each part with its length before it, so that no two lists of parts have the same message.
#[must_use]
pub fn signed_message(purpose: Purpose, bound: &Bound<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    let mut part = |bytes: &[u8]| {
        message.extend((bytes.len() as u64).to_be_bytes());
        message.extend(bytes);
    };
    part(purpose.words());
    part(bound.issuer.as_bytes());
    part(bound.agent.as_bytes());
    part(bound.nonce);
    part(bound.new_key.unwrap_or_default());
    for target in bound.targets {
        part(target.as_bytes());
    }
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        "[ab.:]{0,6}"
    }

    type Parts = (u8, String, String, [u8; 2], Vec<String>, Vec<u8>);

    fn parts() -> impl Strategy<Value = Parts> {
        let key = prop::collection::vec(0u8..3, 0..4);
        (0u8..3, text(), text(), any::<[u8; 2]>(), prop::collection::vec(text(), 0..3), key)
    }

    fn message((purpose, issuer, agent, nonce, targets, key): &Parts) -> Vec<u8> {
        let purpose = [Purpose::Connect, Purpose::Enrol, Purpose::Renew][usize::from(*purpose)];
        let mut whole = [0; NONCE_LEN];
        whole[..2].copy_from_slice(nonce);
        signed_message(purpose, &Bound { issuer, agent, nonce: &whole, targets, new_key: Some(key) })
    }

    proptest! {
        #[test]
        fn two_messages_are_equal_only_if_all_is_equal(one in parts(), other in parts()) {
            prop_assert_eq!(message(&one) == message(&other), one == other);
        }

        #[test]
        fn a_part_that_moves_to_its_neighbour_is_another_message(issuer in "[a-c]{1,5}", agent in "[a-c]{0,5}") {
            let (head, tail) = issuer.split_at(issuer.len() - 1);
            let whole = (0, issuer.clone(), agent.clone(), [0, 0], Vec::new(), Vec::new());
            let moved = (0, head.to_owned(), format!("{tail}{agent}"), [0, 0], Vec::new(), Vec::new());
            prop_assert_ne!(message(&whole), message(&moved));
        }
    }
}
