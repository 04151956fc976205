//! A signing key as it is stored: its states, and its sealed private part.

use crate::domain::Millis;
use crate::domain::client::SigningAlgorithm;
use crate::domain::secret::Sealed;
use crate::domain::signing_key::KeyState;

use super::pair::Pair;
use super::{KeyError, Sealer};

/// The kind under which private parts are sealed.
pub(super) const SEALED_AS: &str = "signing_key";

/// A signing key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    pub alg: SigningAlgorithm,
    pub state: KeyState,
    /// The public part as JSON, for people; the published one is made from the private part.
    pub public_jwk: String,
    pub sealed_private: Sealed,
    pub created_at: Millis,
    pub state_since: Millis,
}

impl KeyRecord {
    /// Generates a key.
    pub fn generate(
        alg: SigningAlgorithm,
        state: KeyState,
        sealer: &Sealer,
        now: Millis,
    ) -> Result<Self, KeyError> {
        let document = Pair::generate(alg)?;
        let pair = Pair::from_pkcs8(alg, &document).ok_or(KeyError::Crypto)?;
        let kid = pair.thumbprint();
        let sealed_private = sealer.seal(SEALED_AS, &kid, &document);
        let public_jwk = pair.public_jwk(alg).to_string();
        Ok(Self { kid, alg, state, public_jwk, sealed_private, created_at: now, state_since: now })
    }

    /// The private part of this key under the current sealing key; `None` if it is already.
    pub fn resealed(kid: &str, private: &Sealed, sealer: &Sealer) -> Result<Option<Sealed>, KeyError> {
        sealer.reseal(SEALED_AS, kid, private)
    }
}
